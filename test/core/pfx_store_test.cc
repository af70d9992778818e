#include <openssl/err.h>
#include <openssl/evp.h>

#include "core/legacy_context.h"
#include "simulation/base64.h"
#include "stores.h"

using stores::chained;
using stores::check_is;
using stores::open;
using stores::pem;
using stores::pfx;
using stores::PfxShape;
using stores::problem_of;
using stores::rsa_identity;

namespace {

// openssl pkcs12 -export -legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-3DES -macalg sha1, EC P-256,
// subject CN=old, password "secret".
constexpr const char* rc2_40_pfx =
    "MIIDcgIBAzCCAzgGCSqGSIb3DQEHAaCCAykEggMlMIIDITCCAhcGCSqGSIb3DQEHBqCCAggwggIEAgEAMIIB/QYJKoZIhvcN"
    "AQcBMBwGCiqGSIb3DQEMAQYwDgQIE1UH4MFcCEcCAggAgIIB0FOe+UtX9GAutUrL193QsJLI5QWpZgBWalOdtQeKxBDS6BXZ"
    "LNPggYUrtIJlM5Ocd8/ZwdKmp6kP4vF0oxqqY6x4yCFjZH/TAQK6AwcXtyczBSR3o08BRntFnGjkskbGZ7hFZ7h+RpS8r0NM"
    "AfluDmr+jNc+QvOjSXNnSbBCtxQX/mHgLSxU568cic83feVS4aGjKaHudb2ZnPeNtm46eCnq9HIsd5cGviBWMZ0NnuNUN81o"
    "a+pf6RfER9XJJKoqthoT3SEjHOybisV0Q763n8EvnE14mRUK2DAx86chCuCQqMFqBLoMPfZA4YodOSjD2HDkqfXKld4FcILu"
    "pD3zJ2QDjOalT37DuuYB+4Ef9F4z4W2/2/m8Lk83so/W9sZFMrJb7MVfPSh1jZUvSO2l4nU8JoFmM48UDB3lncBoOposlXnU"
    "dVXW6H4gNRB87a9qgummct914n3bvQ6JwCn9S2PEFMi9z+sL8J6ZgWZFyQhDIuMLnr5hSHrF9iGQRgo5W3TI6L6Qe3OzWzmD"
    "qdsc/FTxUNkKysLOQjUAo2NXz9anNlEODiVki2v26HUzUcI3PF9ulSS42GjzwgY0LWbCkWrR4bnOmU/ulsirx6AfCyNFMIIB"
    "AgYJKoZIhvcNAQcBoIH0BIHxMIHuMIHrBgsqhkiG9w0BDAoBAqCBtDCBsTAcBgoqhkiG9w0BDAEDMA4ECKhLWapWmsKXAgII"
    "AASBkAPw+wB2CwlHk4EckCa0nB9Oz1MkghBrP+9QUNDF9vHl1GuGLOfmbgMxL2soKgEzvkLDfE3Lu33vdcepRLtpnJiGpi7P"
    "j6CdDywOj7W6MbKYL2Q+1LhCMHQ3aTcfIS9Ov6Hffwb4BQ5cdiGgAd4pq+YjPZSGllEyPa1fh/AkJBWxyofKu8MBMUS7HapX"
    "5kq4/TElMCMGCSqGSIb3DQEJFTEWBBSg+E38bl9OFsqLWjT9XUKsOo7xODAxMCEwCQYFKw4DAhoFAAQUI4k7KMdOag0QyJyK"
    "pkiIS7xovXAECFDdlV27hAKeAgIIAA==";

}  // namespace

TEST_CASE("PFX: key, certificate and chain, under old and new algorithms") {
  for (const Identity* identity : {&rsa_identity(), &chained()}) {
    check_is(open(pfx(*identity), "secret"), *identity);
    check_is(open(pfx(*identity), "secret", StoreFormat::pfx), *identity);
    PfxShape triple_des;
    triple_des.key_algorithm = triple_des.certificate_algorithm = NID_pbe_WithSHA1And3_Key_TripleDES_CBC;
    check_is(open(pfx(*identity, triple_des), "secret"), *identity);
    PfxShape unencrypted;
    unencrypted.key_algorithm = unencrypted.certificate_algorithm = -1;
    check_is(open(pfx(*identity, unencrypted), "secret"), *identity);
    PfxShape without_mac;
    without_mac.mac_iterations = -1;
    check_is(open(pfx(*identity, without_mac), "secret"), *identity);
    PfxShape international;
    international.password = "pässwörd €";
    check_is(open(pfx(*identity, international), "pässwörd €"), *identity);
  }
}

TEST_CASE("PFX: no password and an empty one are the same to us") {
  PfxShape none;
  none.password = nullptr;
  check_is(open(pfx(rsa_identity(), none)), rsa_identity());
  PfxShape empty;
  empty.password = "";
  check_is(open(pfx(rsa_identity(), empty)), rsa_identity());
  CHECK(problem_of(pfx(rsa_identity(), empty), "x") == StoreProblem::wrong_password);
}

TEST_CASE("PFX: a wrong password is told from a damaged file") {
  const std::string good = pfx(rsa_identity());
  CHECK(problem_of(good, "wrong") == StoreProblem::wrong_password);
  CHECK(problem_of(good, "") == StoreProblem::wrong_password);
  CHECK(problem_of(good, std::string("secret\0more", 11)) == StoreProblem::wrong_password);
  PfxShape without_mac;
  without_mac.mac_iterations = -1;
  CHECK(problem_of(pfx(rsa_identity(), without_mac), "wrong") == StoreProblem::wrong_password);
  for (std::size_t size = 0; size < good.size(); size += 37) {
    CHECK(problem_of(good.substr(0, size), "secret") == StoreProblem::unreadable);
    CHECK(problem_of(good.substr(0, size), "secret", StoreFormat::pfx) == StoreProblem::unreadable);
  }
  CHECK(problem_of("text", "", StoreFormat::pfx) == StoreProblem::unreadable);
  CHECK(problem_of(pem(rsa_identity().certificate.get()), "", StoreFormat::pfx) == StoreProblem::unreadable);
}

TEST_CASE("PFX: whatever bit of it flips, the store opens or is refused") {
  const std::string good = pfx(simulation::plain_identity());
  for (std::size_t i = 0; i < good.size(); i += 3) {
    std::string damaged = good;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
    try {
      open(damaged, "secret");
    } catch (const StoreError& error) {
      CHECK(std::string(error.what()).size() > 10);
    }
  }
}

TEST_CASE("PFX: certificates alone") {
  const auto entries = open(pfx(chained(), {}, false), "secret");
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].certificate == chained().certificate_der());
  CHECK(entries[0].private_key.empty());
  CHECK(entries[0].chain == chained().chain_ders());
}

TEST_CASE("PFX of old Windows (RC2-40) opens with the legacy provider, else the error names it") {
  const Bytes bytes = simulation::from_base64(rc2_40_pfx);
  const std::string store(bytes.begin(), bytes.end());
  if (dtls::LegacyContext().available()) {
    const auto entries = open(store, "secret");
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].subject == "CN=old");
    // The old algorithms stay away from everything else.
    CHECK(EVP_CIPHER_fetch(nullptr, "RC2-40-CBC", nullptr) == nullptr);
    ERR_clear_error();
    CHECK_FALSE(entries[0].private_key.empty());
  } else {
    std::string text;
    CHECK(problem_of(store, "secret", StoreFormat::pfx, &text) == StoreProblem::unreadable);
    CHECK(text.find("legacy provider") != std::string::npos);
  }
  CHECK(problem_of(store, "wrong") == StoreProblem::wrong_password);
}
