// What a machine must have before the project can be built, how to see it, and which package brings it.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { lockedApt } from "./lock.mjs";
import { capture, Failure, root, step } from "./run.mjs";

/** The LLVM release of the formatter and the fuzzers. Another release formats differently. */
export const llvm = 22;

const cxx = process.env.CXX || "c++";

async function answers(command, args, accept = () => true) {
  try {
    const { code, output } = await capture(command, args);
    return code === 0 && accept(output);
  } catch {
    return false;
  }
}

/** Does this C++ condition on a header hold? Only the preprocessor runs. */
async function preprocesses(source) {
  const prefix = process.env.OPENSSL_DTLS_OPENSSL_ROOT;
  const roots = prefix ? [prefix] : ["/opt/homebrew/opt/openssl@3", "/usr/local/opt/openssl@3"];
  const includes = [...roots, "/opt/homebrew"].map((dir) => `-I${join(dir, "include")}`);
  try {
    const { code } = await capture(cxx, ["-E", "-x", "c++", ...includes, "-"], { input: source });
    return code === 0;
  } catch {
    return false;
  }
}

const hasHeader = (header) => preprocesses(`#if !__has_include(<${header}>)\n#error missing\n#endif\n`);

const atLeast = (text, ...wanted) => {
  const found = (/(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number);
  return found.length > 0 && (found[0] - wanted[0] || found[1] - wanted[1]) >= 0;
};

const uvBesideNode = () =>
  [
    resolve(process.execPath, "../../include/node"),
    join(process.env.npm_config_nodedir ?? "", "include/node"),
  ]
    .map((dir) => join(dir, "uv.h"))
    .some((file) => existsSync(file));

const llvmTool = (name) => answers(`${name}-${llvm}`, ["--version"]);

const table = {
  compiler: {
    name: "a C++17 compiler",
    found: () => answers(cxx, ["--version"]),
    packages: { debian: "g++", fedora: "gcc-c++", alpine: "g++", homebrew: "gcc" },
  },
  cCompiler: {
    name: "a C compiler",
    found: () => answers(process.env.CC || "cc", ["--version"]),
    packages: { debian: "gcc", fedora: "gcc", alpine: "gcc musl-dev", homebrew: "gcc" },
  },
  make: {
    name: "ninja or make",
    found: async () => (await answers("ninja", ["--version"])) || (await answers("make", ["--version"])),
    packages: { debian: "ninja-build", fedora: "ninja-build", alpine: "samurai", homebrew: "ninja" },
  },
  cmake: {
    name: "CMake 3.18 or later",
    found: () => answers("cmake", ["--version"], (text) => atLeast(text, 3, 18)),
    packages: { debian: "cmake", fedora: "cmake", alpine: "cmake", homebrew: "cmake" },
  },
  openssl: {
    name: "the headers of OpenSSL 3.0 or later",
    found: () =>
      preprocesses("#include <openssl/opensslv.h>\n#if OPENSSL_VERSION_MAJOR < 3\n#error old\n#endif\n"),
    packages: {
      debian: "libssl-dev",
      fedora: "openssl-devel",
      alpine: "openssl-dev openssl-libs-static",
      homebrew: "openssl@3",
    },
  },
  uv: {
    name: "the headers of libuv (they come with most Node.js packages)",
    found: async () => uvBesideNode() || (await hasHeader("uv.h")),
    packages: { debian: "libuv1-dev", fedora: "libuv-devel", alpine: "libuv-dev", homebrew: "libuv" },
  },
  opensslMake: {
    name: "make, for OpenSSL's own build",
    found: () => answers("make", ["--version"]),
    packages: { debian: "make", fedora: "make", alpine: "make", homebrew: "make" },
  },
  perl: {
    name: "Perl with its standard modules, for OpenSSL's own build",
    found: () => answers("perl", ["-MFindBin", "-MIPC::Cmd", "-MFile::Compare", "-e1"]),
    packages: { debian: "perl", fedora: "perl", alpine: "perl", homebrew: "perl" },
  },
  dpkgSource: {
    name: "dpkg-source",
    found: () => answers("dpkg-source", ["--version"]),
    packages: { debian: "dpkg-dev" },
  },
  opensslCommand: {
    name: "the openssl command",
    found: () => answers("openssl", ["version"], (text) => /^OpenSSL [3-9]/.test(text)),
    packages: { debian: "openssl", fedora: "openssl", alpine: "openssl", homebrew: "openssl@3" },
  },
  doctest: {
    name: "doctest (C++ test framework)",
    found: () => hasHeader("doctest/doctest.h"),
    packages: { debian: "doctest-dev", fedora: "doctest-devel", alpine: "doctest", homebrew: "doctest" },
  },
  gnutls: {
    name: "the headers of GnuTLS, and pkg-config",
    found: () => answers("pkg-config", ["--exists", "gnutls"]),
    packages: {
      debian: "libgnutls28-dev pkg-config",
      fedora: "gnutls-devel pkgconf",
      alpine: "gnutls-dev pkgconf",
      homebrew: "gnutls pkgconf",
    },
  },
  gnutlsCli: {
    name: "gnutls-cli",
    found: () => answers("gnutls-cli", ["--version"]),
    packages: { debian: "gnutls-bin", fedora: "gnutls-utils", alpine: "gnutls-utils", homebrew: "gnutls" },
  },
  tshark: {
    name: "tshark",
    found: () => answers("tshark", ["--version"]),
    packages: { debian: "tshark", fedora: "wireshark-cli", alpine: "tshark", homebrew: "wireshark" },
  },
  jdk: {
    name: "a JDK, 17 or later",
    found: () => answers("javac", ["-version"], (text) => Number(/^javac (\d+)/m.exec(text)?.[1]) >= 17),
    packages: {
      debian: "default-jdk-headless",
      fedora: "java-latest-openjdk-devel",
      alpine: "openjdk17-jdk",
      homebrew: "openjdk",
    },
  },
  clangFormat: {
    name: `clang-format ${llvm}`,
    found: () => llvmTool("clang-format"),
    packages: {
      debian: `clang-format-${llvm}`,
      fedora: "clang-tools-extra",
      alpine: `clang${llvm}-extra-tools`,
      homebrew: "clang-format",
    },
  },
  clang: {
    name: `clang ${llvm} with libFuzzer`,
    found: async () =>
      (await llvmTool("clang++")) &&
      (await answers(`clang++-${llvm}`, ["-print-runtime-dir"], (dir) => existsSync(dir.trim()))),
    packages: {
      debian: `clang-${llvm} libclang-rt-${llvm}-dev`,
      fedora: "clang compiler-rt",
      alpine: `clang${llvm} compiler-rt`,
      homebrew: "llvm",
    },
  },
};

// Peers that only tests need. Where they are missing and can't be installed by us, those tests are skipped, except
// in CI; a JDK is too large to be installed unasked.
const peers = [
  ...(process.env.CI || isDebianRoot() ? ["gnutls", "gnutlsCli", "tshark"] : []),
  ...(process.env.CI ? ["jdk"] : []),
];

export const needs = {
  build: ["compiler", "make", "cmake", "openssl", "uv"],
  start: ["compiler", "make", "cmake", "openssl", "uv", "opensslCommand"],
  // cCompiler to perl: a test runs scripts/build-openssl.mjs over a small source tree of its own.
  test: [
    ...["compiler", "make", "cmake", "openssl", "uv", "opensslCommand", "doctest"],
    ...["cCompiler", "opensslMake", "perl"],
    ...peers,
  ],
  openssl: ["cCompiler", "opensslMake", "perl"],
  opensslFromDebian: ["cCompiler", "opensslMake", "perl", "dpkgSource"],
  format: ["clangFormat"],
  fuzz: ["clang", "make", "cmake", "openssl"],
};

// Without a compiler every header counts as missing too; installing what is there already does no harm.
async function missingOf(names) {
  const found = await Promise.all(names.map((name) => table[name].found()));
  return names.filter((_, index) => !found[index]);
}

function isDebianRoot() {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return false;
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return false;
  }
}

async function aptInstall(names) {
  const packages = names.flatMap((name) => table[name].packages.debian.split(" "));
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const hint = (error) =>
    new Failure(`${error.message}\n\nThe project needs these packages: ${packages.join(" ")}`);
  try {
    await step("apt-get update", "apt-get", ["update", "-qq"], { env });
    const install = ["install", "-y", "-qq", "--no-install-recommends", ...packages];
    await step(`installing ${packages.join(" ")}`, "apt-get", install, { env, cwd: root });
  } catch (error) {
    throw hint(error);
  }
}

function explain(names) {
  const packages = (system) =>
    [...new Set(names.map((name) => table[name].packages[system]).filter(Boolean))].join(" ");
  return [
    "This machine lacks:",
    ...names.map((name) => `  - ${table[name].name}`),
    "Install them and try again:",
    `  Debian, Ubuntu:  apt-get install ${packages("debian")}`,
    `  Fedora:          dnf install ${packages("fedora")}`,
    `  Alpine:          apk add ${packages("alpine")}`,
    `  Homebrew:        brew install ${packages("homebrew")}`,
  ].join("\n");
}

/** Makes sure that the named tools exist: installs them where we may, else says all that is missing. */
export async function ensure(wanted) {
  // The one that we build ourselves brings its headers.
  const ownOpenssl = process.env.OPENSSL_DTLS_OPENSSL === "source" && !process.env.OPENSSL_DTLS_OPENSSL_ROOT;
  const names = wanted.filter((name) => name !== "openssl" || !ownOpenssl);
  let missing = await missingOf(names);
  if (missing.length > 0 && isDebianRoot()) {
    missing = await lockedApt(async () => {
      const still = await missingOf(names);
      if (still.length > 0) await aptInstall(still);
      return missingOf(names);
    });
  }
  if (missing.length > 0) throw new Failure(explain(missing));
}
