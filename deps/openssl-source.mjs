// The OpenSSL that scripts/build-openssl.mjs builds: versions, hashes and options, all in this file.

/** What releases are built with. */
export const releaseLine = "3.5";

/**
 * By line: the Debian suites that carry it, the oldest version taken from Debian and from upstream, and the
 * SHA-256 of the .dsc files seen so far. A newer version of Debian's is taken on apt's signature check alone.
 *
 * Both floors are the first versions without CVE-2026-54874.
 */
export const lines = {
  3.5: {
    debian: {
      suites: { main: "trixie", security: "trixie-security" },
      from: "3.5.7-1~deb13u2",
      dsc: {
        "3.5.7-1~deb13u2": "25904642004d30c5c3da4642a72a7d09f8d9eb6e5ce62dab53c0371114faf8f2",
        "3.5.7-1~deb13u3": "9cdb0d9daf0773ca5c0f3f5ea1fc59b1106a99e005a5c048948b826e8d3b47e1",
      },
    },
    upstream: { from: "3.5.8" },
  },
  // Not shipped: tried, so that the code is ready for it.
  "4.0": {
    debian: {
      suites: { main: "experimental" },
      from: "4.0.2-1",
      dsc: {
        "4.0.2-1": "8e9ad392230018f1172b8a3ba299ea389d8b5ddafc6128ed8d8321d04eee0dda",
        "4.0.3-1": "922cc3b01ce3c7be21fe6e1ea5e178ff505c2adb68fee609eb90fa3166fefa31",
      },
    },
    upstream: { from: "4.0.2" },
  },
};

/** Versions at which a reader would stumble, and why they are refused. */
export const refused = {
  "3.5.7":
    "As released it has CVE-2026-54874: buffered records of a future epoch fill the server's memory during a " +
    "handshake. Take 3.5.8 or later, or Debian's source package of 3.5.7, which is patched",
};

// no-module builds the legacy provider in: old PFX files need it. no-http stays away, for it drops OCSP, and so
// does no-dsa.
const left = `
  no-shared no-tests no-apps no-docs no-module no-engine no-quic no-ssl3 no-ssl3-method no-comp no-dso
  no-autoload-config no-atexit no-ui-console no-deprecated no-cmp no-ct no-ts no-srp no-gost no-sm2 no-sm3 no-sm4
  no-md4 no-mdc2 no-whirlpool no-blake2 no-siphash no-siv no-slh-dsa no-ml-dsa no-ml-kem no-ec2m no-sctp
  no-rfc3779 no-multiblock no-ssl-trace no-cast no-bf
`;

// Hidden, for Node exports an OpenSSL too. A section for each function lets the addon's linker drop the unused.
const flags = `
  -fPIC -fvisibility=hidden -ffunction-sections -fdata-sections
  -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
`;

// P-256 by 64-bit arithmetic: twice as fast where there is no assembly for it. Needs a 128-bit integer type.
const wide = ["x64", "arm64", "riscv64"];

/** The arguments of OpenSSL's Configure. The directory is where certificates lie on most systems. */
export function configureArguments(arch = process.arch) {
  const words = (text) => text.trim().split(/\s+/);
  return [
    ...["--prefix=/usr", "--libdir=lib", "--openssldir=/etc/ssl"],
    ...words(left),
    ...(wide.includes(arch) ? ["enable-ec_nistp_64_gcc_128"] : []),
    ...words(flags),
  ];
}
