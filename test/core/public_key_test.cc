#include "core/public_key.h"

#include <doctest/doctest.h>
#include <openssl/err.h>

#include "core/store_contents.h"
#include "simulation/base64.h"
#include "simulation/identity.h"

using dtls::ByteView;
using simulation::Bytes;
using simulation::from_base64;

namespace {

struct Known {
  const char* algorithm;
  int bits;
  const char* private_key;  // PKCS#8
  const char* ssh;          // by ssh-keygen of OpenSSH 9.2
};

constexpr Known known_keys[] = {
    {"1.2.840.113549.1.1.1", 1024,
     "MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAN92rfMqs6LzYYr1ICCbZVqilsD2KfIVUEUt5d4lC4hrPjIc"
     "B2LnIEhCJ/1aoealZ67etCzQ1SgEx1O+Dz+Wpbt/cLAShnDlg5TB4S2A00l1RpMPUynOoaAO/BZnkUCKjtJwMiswlicZ2Cil"
     "LwmiH5Rln7D97MyOpyM3Q6cg2h4zAgMBAAECgYApE7jQHUZeKt0AXSTluYr9CSwrFlUJkg9qWBCMMEUZc5VAQtS8wn21qquN"
     "L+7Y5gjUJU37evvj2lUFuMc2yit2nvlWzkO5UXNQ6eIU8FMts9arRgaI7NsiWh1sHCO9a/EjdxFy9fGAv+uAAkdCExJHa7qK"
     "1/jCr+qUvgthnxrDiQJBAPNTO1tIsGtryUt/LubfsMsXEpUTvA7jTF9e7In7AdH5EHux+qNSxwbCJrWtnDXjx1lbJq4V24cj"
     "2ziltOpXWJUCQQDrGpeCuJCpFa7rV+z/ZaUjY2Rpol7H1qdihfmSyisXuyYv+0p39fJJm8HZl067Cu+/yhXD7/XL1jpGZa7W"
     "+8GnAkEAvCF7QC3ocXXKEjxImCsVt0CklmzGt0AYuZhcDKbtFlqa2viWEBcdWOVeJpQPtj7hz/3A31J5BHi9s4OzaIiWLQJA"
     "XZRaFlgsjIDq/RYkaYwl7S4Uu887dsPEIH0/V+RMvsdpbdPSUml9JTtwL5IAbobt4yMnArSy243L6FV1AHF5JQJAJ66pE+ca"
     "EIgtS0KGoIE8COU3sBI3AN0Rq+v3+GzDMk7u36yd2RLAjyUSJF2MfpEbBf91Z9vUK4G7dwgTMNweww==",
     "AAAAB3NzaC1yc2EAAAADAQABAAAAgQDfdq3zKrOi82GK9SAgm2VaopbA9inyFVBFLeXeJQuIaz4yHAdi5yBIQif9WqHmpWeu"
     "3rQs0NUoBMdTvg8/lqW7f3CwEoZw5YOUweEtgNNJdUaTD1MpzqGgDvwWZ5FAio7ScDIrMJYnGdgopS8Joh+UZZ+w/ezMjqcj"
     "N0OnINoeMw=="},
    {"1.2.840.10040.4.1", 1024,
     "MIIBWwIBADCCATMGByqGSM44BAEwggEmAoGBANhckM+HtOrSoLzV3K9idMS/QKx9raqtNLcOt+4tZlthgS90p0y+1g8ge24F"
     "5Y/1/6Byf3MMHs59bmf0jzZ5j8L775kpglJqk2qqOl7v5tNxPJ/jHyi1dGVroIAqEUKBUBI1jc7Kf1tSIIXwbjEmOKJt8ftZ"
     "RoSZAESrp0m/vs6lAh0A4bRbnJ6CNyWBtZgwjfTW/wp29dcUwHFe7K+tuQKBgFJVsBfq5bC09bi3NS7570q572Esl9WSjKe2"
     "kHUas02tA7RM4gr/FA1pWCQeDyAneswUMxzBhMh/LKUmHfFFzBKro4TZLv8SlYIzc+1aEp9VEqPc0p+A4VRc9XHyeezSkt8J"
     "T7djVYXlbNTj3GB3gVe5PFRlEk+sTgytYfwC3b92BB8CHQDAeov+qzhSGVJutgfX+QWtzonfcSC571QRZWMJ",
     "AAAAB3NzaC1kc3MAAACBANhckM+HtOrSoLzV3K9idMS/QKx9raqtNLcOt+4tZlthgS90p0y+1g8ge24F5Y/1/6Byf3MMHs59"
     "bmf0jzZ5j8L775kpglJqk2qqOl7v5tNxPJ/jHyi1dGVroIAqEUKBUBI1jc7Kf1tSIIXwbjEmOKJt8ftZRoSZAESrp0m/vs6l"
     "AAAAHQDhtFucnoI3JYG1mDCN9Nb/Cnb11xTAcV7sr625AAAAgFJVsBfq5bC09bi3NS7570q572Esl9WSjKe2kHUas02tA7RM"
     "4gr/FA1pWCQeDyAneswUMxzBhMh/LKUmHfFFzBKro4TZLv8SlYIzc+1aEp9VEqPc0p+A4VRc9XHyeezSkt8JT7djVYXlbNTj"
     "3GB3gVe5PFRlEk+sTgytYfwC3b92AAAAgQCWtDnuz1JNyNwjo4V1ZMtiGqtXayzuxWsh5YPEazhBkINFxlg5x1BthOUFNKkt"
     "/3ijJy5+NIYpU8J5/LwEesyY+P3TCioBNLYT1QevNjj8PJk/Csqq7DiG3eBIpyecBfi/vx+yP4fvxbCc03sNrBqIr5WmsMnc"
     "m0af6lxfpCXguA=="},
    {"1.2.840.10045.2.1", 256,
     "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4+8G5VSaYb8+nEkTjPgJg1Q78bfF6ouLc024LP1DqLGhRANC"
     "AARxUeT4uYOlpEEtPchaLkwXdF40SSBkH3uFoWhJCtv6s4ACSLZVvEjtX2cNvSCeV1qCqkzYxixVaFny3Ua0AUlo",
     "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHFR5Pi5g6WkQS09yFouTBd0XjRJIGQfe4WhaEkK2/qz"
     "gAJItlW8SO1fZw29IJ5XWoKqTNjGLFVoWfLdRrQBSWg="},
    {"1.2.840.10045.2.1", 384,
     "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAowxPcoSBSMnl5sFh7ZaPTXVsS9tVU77gKx0jkz8GvsNr1jCuZ"
     "oK679xp2EksFiM2hZANiAAQZq6uUx9t31UwHgkyTdHpRl9QkjkMhuONeyprebo9E166dtUvS+ANWDO54fXCQcnNZCBD3rKnz"
     "Xn8vddwI01f4e3gnrHU2GCkyIgua2kS4AqxgUjOw9wbD9qnUvkNeVZ4=",
     "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBBmrq5TH23fVTAeCTJN0elGX1CSOQyG4417Kmt5uj0TX"
     "rp21S9L4A1YM7nh9cJByc1kIEPesqfNefy913AjTV/h7eCesdTYYKTIiC5raRLgCrGBSM7D3BsP2qdS+Q15Vng=="},
    {"1.2.840.10045.2.1", 521,
     "MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIBQaYxL0Lt+0fRpVmVquX0QCgDajeH3GkzWCKPUbw1pRmo3NtG"
     "tSdPszci5S8WV/BGhbiVkbpvJ7OYZYBWjVgBMhGhgYkDgYYABAD2zUpdEChqFeD3+eHF+7W2SqDxTj+6sOGKi9ZeEYZuRqWP"
     "qvuejkuv6c/w1FKDxR+NZZCW2bT4gCup6ifacpP8IwEP0vKUTv6mKWAtHy3+L+EFefx7ofglWjQe2xeLfoHx2iaZg++SI5hW"
     "opTrOkWfiOBux7NLxfawl8kWYteDuvtFYA==",
     "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAD2zUpdEChqFeD3+eHF+7W2SqDxTj+6sOGKi9ZeEYZu"
     "RqWPqvuejkuv6c/w1FKDxR+NZZCW2bT4gCup6ifacpP8IwEP0vKUTv6mKWAtHy3+L+EFefx7ofglWjQe2xeLfoHx2iaZg++S"
     "I5hWopTrOkWfiOBux7NLxfawl8kWYteDuvtFYA=="},
    {"1.3.101.112", 256, "MC4CAQAwBQYDK2VwBCIEIJc4BUVr2yI+L1ji+wJi92jQIHJBuW2lfUocxeuYbWWg",
     "AAAAC3NzaC1lZDI1NTE5AAAAIBChtvpvOw3Q+VfyqSpKlHuVoSzyO7aod1XTC+ny2dqJ"},
};

}  // namespace

TEST_CASE("a key tells its algorithm, its size and what SSH calls it") {
  for (const Known& known : known_keys) {
    const auto description = dtls::describe_key(from_base64(known.private_key));
    REQUIRE(description);
    CHECK(description->public_key.algorithm == known.algorithm);
    CHECK(description->public_key.bits == known.bits);
    CHECK(description->ssh == from_base64(known.ssh));
    const Bytes& spki = description->public_key.der;
    const std::uint8_t* at = spki.data();
    const dtls::EvpPkeyPtr read(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
    CHECK(EVP_PKEY_eq(read.get(), dtls::decode_key(from_base64(known.private_key)).get()) == 1);
  }
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a key that SSH does not have has no SSH form") {
  const dtls::EvpPkeyPtr secp256k1(EVP_EC_gen("secp256k1"));
  const dtls::EvpPkeyPtr x25519(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  for (EVP_PKEY* const key : {secp256k1.get(), x25519.get()}) {
    const auto description = dtls::describe_key(dtls::pkcs8_der(key).view());
    REQUIRE(description);
    CHECK(description->ssh.empty());
    CHECK_FALSE(description->public_key.der.empty());
  }
  const dtls::EvpPkeyPtr ed448(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448"));
  CHECK(dtls::describe_key(dtls::pkcs8_der(ed448.get()).view())->ssh.size() == 4 + 9 + 4 + 57);
}

TEST_CASE("what is no key is not described") {
  CHECK_FALSE(dtls::describe_key({}));
  CHECK_FALSE(dtls::describe_key(simulation::plain_identity().certificate_der()));
  const Bytes key = simulation::plain_identity().key_der();
  for (std::size_t size = 0; size < key.size(); ++size) {
    CHECK_FALSE(dtls::describe_key(ByteView(key).sub(0, size)));
  }
  CHECK(ERR_peek_error() == 0);
}
