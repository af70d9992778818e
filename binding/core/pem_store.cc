#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <iterator>
#include <string>

#include "core/certificate.h"
#include "core/legacy_context.h"
#include "core/store_contents.h"

namespace dtls {

namespace {

// Frees and wipes what PEM_read_bio allocated.
struct PemBlock {
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long length = 0;

  PemBlock() = default;
  PemBlock(const PemBlock&) = delete;
  PemBlock& operator=(const PemBlock&) = delete;
  ~PemBlock() {
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, allocated);
  }
  // False at the end of the text.
  bool read(BIO* bio) {
    if (PEM_read_bio(bio, &name, &header, &data, &length) != 1) {
      return false;
    }
    allocated = static_cast<std::size_t>(length);
    return true;
  }
  bool is(const char* label) const { return std::strcmp(name, label) == 0; }
  bool ends_with(const char* label) const {
    const std::size_t size = std::strlen(name);
    const std::size_t tail = std::strlen(label);
    return size >= tail && std::strcmp(name + (size - tail), label) == 0;
  }
  ByteView bytes() const { return {data, static_cast<std::size_t>(length)}; }

 private:
  std::size_t allocated = 0;  // decrypting shortens `length`
};

using CipherPtr = std::unique_ptr<EVP_CIPHER, OpenSslDeleter<EVP_CIPHER_free>>;

int give_password(char* to, int size, int, void* from) {
  const ByteView& password = *static_cast<const ByteView*>(from);
  if (password.empty() || password.size() > static_cast<std::size_t>(size)) {
    return -1;
  }
  std::copy(password.begin(), password.end(), to);
  return static_cast<int>(password.size());
}

// The traditional encryption (DEK-Info, RFC 1421). It has no integrity check: a wrong password shows in the
// padding, or, once in 256 times, in what comes out.
void decrypt_in_place(PemBlock& block, ByteView password) {
  EVP_CIPHER_INFO cipher;
  if (PEM_get_EVP_CIPHER_INFO(block.header, &cipher) != 1) {
    throw StoreError(
        StoreProblem::unreadable,
        "the private key is encrypted in a way that this OpenSSL does not know: " + take_openssl_reason());
  }
  if (cipher.cipher == nullptr) {
    return;
  }
  const auto decrypted = [&] {
    return PEM_do_header(&cipher, block.data, &block.length, give_password, &password) == 1;
  };
  if (decrypted()) {
    return;
  }
  if (password.empty()) {
    ERR_clear_error();
    throw StoreError(StoreProblem::wrong_password, "the private key is encrypted and no password is given");
  }
  if (take_unsupported_algorithm()) {
    const LegacyContext legacy;
    if (!legacy.available()) {
      throw key_needs_legacy();
    }
    const CipherPtr old(EVP_CIPHER_fetch(legacy.get(), EVP_CIPHER_get0_name(cipher.cipher), nullptr));
    if (!old) {
      ERR_clear_error();
      throw StoreError(StoreProblem::unreadable,
                       "the private key is encrypted with an algorithm that this OpenSSL does not have");
    }
    cipher.cipher = old.get();
    if (decrypted()) {
      return;
    }
    ERR_clear_error();
  }
  throw StoreError(StoreProblem::wrong_password, "the password of the private key is wrong");
}

SecretBytes read_key(PemBlock& block, ByteView password) {
  const bool encrypted = block.header[0] != '\0';
  if (encrypted) {
    decrypt_in_place(block, password);
  }
  SecretBytes key = read_der_key(block.bytes(), password);
  if (!key.empty()) {
    return key;
  }
  if (encrypted) {
    throw StoreError(StoreProblem::wrong_password, "the password of the private key is wrong");
  }
  throw StoreError(StoreProblem::unreadable, std::string("the block \"") + block.name +
                                                 "\" holds no private key that OpenSSL can read");
}

void append_pkcs7(StoreContents& to, const PemBlock& block) {
  std::optional<StoreContents> message = read_pkcs7(block.bytes());
  if (!message) {
    throw StoreError(StoreProblem::unreadable,
                     std::string("the block \"") + block.name + "\" holds no PKCS#7");
  }
  std::move(message->certificates.begin(), message->certificates.end(), std::back_inserter(to.certificates));
}

void append_certificate(StoreContents& to, const PemBlock& block) {
  const unsigned char* at = block.data;
  const bool trusted = block.is(PEM_STRING_X509_TRUSTED);
  const X509Ptr certificate(trusted ? d2i_X509_AUX(nullptr, &at, block.length)
                                    : d2i_X509(nullptr, &at, block.length));
  if (certificate) {
    to.certificates.push_back(certificate_der(certificate.get()));
    return;
  }
  const std::string reason = take_openssl_reason();
  // The certification authority of Windows writes chains as PKCS#7 under this label.
  if (read_pkcs7(block.bytes())) {
    append_pkcs7(to, block);
    return;
  }
  throw StoreError(StoreProblem::unreadable,
                   std::string("the block \"") + block.name + "\" holds no certificate: " + reason);
}

}  // namespace

StoreContents read_pem(ByteView bytes, ByteView password, bool wants_keys) {
  // A byte order mark would hide the first block.
  if (bytes.size() >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf) {
    bytes = bytes.from(3);
  }
  const BioPtr bio(bytes.size() <= INT_MAX ? BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))
                                           : nullptr);
  if (!bio) {
    throw StoreError(StoreProblem::unreadable, "the store is too large");
  }

  StoreContents contents;
  bool has_openssh_key = false;
  for (;;) {
    PemBlock block;
    if (!block.read(bio.get())) {
      break;
    }
    if (block.is(PEM_STRING_X509) || block.is(PEM_STRING_X509_OLD) || block.is(PEM_STRING_X509_TRUSTED)) {
      append_certificate(contents, block);
    } else if (block.is(PEM_STRING_PKCS7) || block.is(PEM_STRING_PKCS7_SIGNED) || block.is(PEM_STRING_CMS)) {
      append_pkcs7(contents, block);
    } else if (block.is("OPENSSH PRIVATE KEY")) {
      has_openssh_key = true;
    } else if (wants_keys && block.ends_with("PRIVATE KEY")) {
      contents.private_keys.push_back(read_key(block, password));
    }
  }
  const unsigned long end = ERR_peek_last_error();
  if (ERR_GET_LIB(end) != ERR_LIB_PEM || ERR_GET_REASON(end) != PEM_R_NO_START_LINE) {
    throw StoreError(StoreProblem::unreadable, "a PEM block is damaged: " + take_openssl_reason());
  }
  ERR_clear_error();
  if (contents.certificates.empty() && contents.private_keys.empty()) {
    throw StoreError(StoreProblem::unreadable,
                     has_openssh_key
                         ? "the key is in OpenSSH's own format; convert it with \"ssh-keygen -p -m PKCS8\""
                         : "there is no PEM block with a certificate or a private key");
  }
  return contents;
}

}  // namespace dtls
