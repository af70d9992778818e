// What stands in one container of certificates and keys, before it is sorted into entries.
#pragma once

#include <optional>
#include <vector>

#include "core/bytes.h"
#include "core/key_store.h"
#include "core/openssl_ptr.h"

namespace dtls {

struct StoreContents {
  std::vector<std::vector<std::uint8_t>> certificates;  // DER, in the order of the store
  std::vector<SecretBytes> private_keys;                // PKCS#8 DER
};

// All blocks of a PEM text, PKCS#7 ones among them; those that are neither certificates nor private keys are
// passed over, keys too unless they are wanted. Throws StoreError.
StoreContents read_pem(ByteView bytes, ByteView password, bool wants_keys);

// Nothing if the bytes are no PFX (PKCS#12). Throws StoreError for one that can't be opened.
std::optional<StoreContents> read_pfx(ByteView bytes, ByteView password);

// The certificates of a PKCS#7 message in DER or BER; nothing if the bytes are none.
std::optional<StoreContents> read_pkcs7(ByteView bytes);

// A bare DER key: PKCS#8, encrypted PKCS#8, PKCS#1 or SEC1; empty if it is none of them. Throws StoreError.
SecretBytes read_der_key(ByteView bytes, ByteView password);

// PKCS8_decrypt under either of our contexts. Throws StoreError.
Pkcs8InfoPtr decrypt_pkcs8(const X509_SIG* encrypted, ByteView password);

// What to tell of a key that only LegacyContext could decrypt, where there is none.
StoreError key_needs_legacy();

// Empties OpenSSL's error queue and tells whether it names an algorithm that this OpenSSL doesn't have.
bool take_unsupported_algorithm();

SecretBytes pkcs8_der(const PKCS8_PRIV_KEY_INFO* key);
SecretBytes pkcs8_der(const EVP_PKEY* key);
// Null for what is no private key that OpenSSL knows.
EvpPkeyPtr decode_key(ByteView pkcs8);

}  // namespace dtls
