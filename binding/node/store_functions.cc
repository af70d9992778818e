#include "node/store_functions.h"

#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "core/certificate.h"
#include "core/certificate_chain.h"
#include "core/distinguished_name.h"
#include "core/key_store.h"
#include "core/legacy_context.h"
#include "node/arguments.h"
#include "node/errors.h"

namespace dtls {

namespace {

Napi::Uint8Array copy_of(Napi::Env env, ByteView bytes) {
  Napi::Uint8Array array = Napi::Uint8Array::New(env, bytes.size());
  if (!bytes.empty()) {
    std::memcpy(array.Data(), bytes.data(), bytes.size());
  }
  return array;
}

// Straight into memory that is wiped: a std::string would leave copies behind.
SecretBytes password_of(const Napi::Value& value) {
  if (!value.IsString()) {
    throw Napi::TypeError::New(value.Env(), "password must be a string");
  }
  std::size_t size = 0;
  napi_status status = napi_get_value_string_utf8(value.Env(), value, nullptr, 0, &size);
  std::vector<std::uint8_t> bytes(size + 1);
  if (status == napi_ok) {
    auto* text = reinterpret_cast<char*>(bytes.data());
    status = napi_get_value_string_utf8(value.Env(), value, text, bytes.size(), &size);
  }
  if (status != napi_ok) {
    throw Napi::Error::New(value.Env(), "password cannot be read");
  }
  bytes.resize(size);  // without the terminator
  return SecretBytes(std::move(bytes));
}

Napi::Object entry_object(Napi::Env env, const StoreEntry& entry) {
  Napi::Array chain = Napi::Array::New(env, entry.chain.size());
  for (std::uint32_t i = 0; i < entry.chain.size(); ++i) {
    chain[i] = copy_of(env, entry.chain[i]);
  }
  Napi::Object object = Napi::Object::New(env);
  object["subject"] = Napi::String::New(env, entry.subject);
  object["certificate"] = copy_of(env, entry.certificate);
  object["privateKey"] = copy_of(env, entry.private_key.view());
  object["chain"] = chain;
  return object;
}

Napi::Array list_of_texts(Napi::Env env, const std::vector<std::string>& texts) {
  Napi::Array list = Napi::Array::New(env, texts.size());
  for (std::uint32_t i = 0; i < texts.size(); ++i) {
    list[i] = Napi::String::New(env, texts[i]);
  }
  return list;
}

Napi::Value seconds(Napi::Env env, std::optional<std::int64_t> time) {
  return time ? Napi::Number::New(env, static_cast<double>(*time)) : env.Undefined();
}

Napi::Object public_key_object(Napi::Env env, const PublicKeyDescription& description) {
  Napi::Object object = Napi::Object::New(env);
  object["algorithm"] = Napi::String::New(env, description.algorithm);
  object["bits"] = Napi::Number::New(env, description.bits);
  object["der"] = copy_of(env, description.der);
  return object;
}

Napi::Value open_store_function(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const SecretBytes password = password_of(info[1]);
  const double format = arguments::integer(info[2], "format", 0, static_cast<double>(StoreFormat::pkcs7));
  std::vector<std::vector<std::uint8_t>> more;
  if (!info[3].IsUndefined()) {
    more = arguments::list_of_bytes(info[3], "more");
  }
  // Last: no getter may run, and detach it, between here and its use.
  const ByteView bytes = arguments::bytes(info[0], "bytes");
  try {
    const std::vector<StoreEntry> entries =
        open_store(bytes, password.view(), static_cast<StoreFormat>(static_cast<std::int32_t>(format)), more);
    Napi::Array array = Napi::Array::New(env, entries.size());
    for (std::uint32_t i = 0; i < entries.size(); ++i) {
      array[i] = entry_object(env, entries[i]);
    }
    return array;
  } catch (const StoreError& error) {
    const bool password_wrong = error.problem == StoreProblem::wrong_password;
    throw problem(env, password_wrong ? "wrongPassword" : "unreadable", error.what());
  }
}

Napi::Value legacy_algorithms_function(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), LegacyContext().available());
}

Napi::Value describe_certificate_function(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const X509Ptr certificate = read_certificate(arguments::bytes(info[0], "der"));
  if (!certificate) {
    throw problem(env, "certificate", "this is no X.509 certificate");
  }
  const CertificateDescription description = describe_certificate(certificate.get());
  Napi::Object object = Napi::Object::New(env);
  object["subject"] = Napi::String::New(env, description.subject);
  object["issuer"] = Napi::String::New(env, description.issuer);
  object["selfSigned"] = Napi::Boolean::New(env, description.self_signed);
  object["version"] = Napi::Number::New(env, description.version);
  object["serialNumber"] = Napi::String::New(env, description.serial_number);
  object["notBefore"] = seconds(env, description.not_before);
  object["notAfter"] = seconds(env, description.not_after);
  object["signatureAlgorithm"] = Napi::String::New(env, description.signature_algorithm);
  object["publicKey"] = public_key_object(env, description.public_key);
  object["keyUsage"] = Napi::Number::New(env, description.key_usage);
  object["extendedKeyUsage"] = list_of_texts(env, description.extended_key_usage);
  object["alternativeNames"] = list_of_texts(env, description.alternative_names);
  return object;
}

Napi::Value certificate_names_function(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const X509Ptr certificate = read_certificate(arguments::bytes(info[0], "der"));
  if (!certificate) {
    throw problem(env, "certificate", "this is no X.509 certificate");
  }
  Napi::Object object = Napi::Object::New(env);
  object["subject"] = Napi::String::New(env, distinguished_name(X509_get_subject_name(certificate.get())));
  object["issuer"] = Napi::String::New(env, distinguished_name(X509_get_issuer_name(certificate.get())));
  return object;
}

Napi::Value chain_above_function(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::vector<X509Ptr> certificates;
  for (const std::vector<std::uint8_t>& der : arguments::list_of_bytes(info[0], "certificates")) {
    certificates.push_back(read_certificate(der));
    if (!certificates.back()) {
      throw problem(env, "certificate", "this is no X.509 certificate");
    }
  }
  const std::vector<std::size_t> above =
      certificates.empty() ? std::vector<std::size_t>() : chain_above(certificates, 0);
  Napi::Array indices = Napi::Array::New(env, above.size());
  for (std::uint32_t i = 0; i < above.size(); ++i) {
    indices[i] = Napi::Number::New(env, static_cast<double>(above[i]));
  }
  return indices;
}

Napi::Value describe_key_function(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::optional<KeyDescription> description = describe_key(arguments::bytes(info[0], "privateKey"));
  if (!description) {
    throw problem(env, "certificate", "this is no private key");
  }
  Napi::Object object = public_key_object(env, description->public_key);
  object["ssh"] = copy_of(env, description->ssh);
  return object;
}

}  // namespace

void add_store_functions(Napi::Env env, Napi::Object& exports) {
  exports["openStore"] = Napi::Function::New<open_store_function>(env, "openStore");
  exports["legacyAlgorithms"] = Napi::Function::New<legacy_algorithms_function>(env, "legacyAlgorithms");
  exports["describeCertificate"] =
      Napi::Function::New<describe_certificate_function>(env, "describeCertificate");
  exports["certificateNames"] = Napi::Function::New<certificate_names_function>(env, "certificateNames");
  exports["chainAbove"] = Napi::Function::New<chain_above_function>(env, "chainAbove");
  exports["describeKey"] = Napi::Function::New<describe_key_function>(env, "describeKey");
}

}  // namespace dtls
