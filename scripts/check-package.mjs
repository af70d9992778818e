// What a user gets from the registry: prebuild, pack, install into an empty directory without scripts, use it.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildTypeScript } from "./build.mjs";
import { Failure, main, npm, root, step } from "./lib/run.mjs";
import { prebuild, prebuildNeeds, releaseOpenssl } from "./prebuild.mjs";
import { setup } from "./setup.mjs";

const exportsWanted = ["napi_register_module_v1", "node_api_module_get_api_version_v1"];
const packed = [
  ...["dist/index.js", "dist/index.d.ts", "src/index.ts", "CMakeLists.txt", "binding/exports.map"],
  ...["dist/ipworks/index.js", "dist/ipworks/index.d.ts", "src/ipworks/index.ts"],
];
const neverPacked = /^(test|fuzz|bench|scripts|node_modules|out|build)\/|\.tsbuildinfo$|\.log$/;

const useAsModule = `
import assert from "node:assert/strict";
import { DTLSError, DTLSServer } from "openssl-dtls";
import * as lib from "openssl-dtls/ipworks";
const server = new DTLSServer();
assert.throws(() => server.StartListening(), (error) => error.code === 404);
await assert.rejects(new lib.dtlsserver().startListening(), (error) => error.code === 404);
assert.equal(lib.DTLSError, DTLSError);
`;
const useByRequire = `
const { DTLSServer } = require("openssl-dtls");
if (typeof DTLSServer !== "function") throw new Error("require() gave no DTLSServer");
const lib = require("openssl-dtls/ipworks");
if (new lib.dtlsserver().getLocalPort() !== 0) throw new Error("require() gave no dtlsserver");
`;
const useTyped = `
import { DTLSServer } from "openssl-dtls";
import { Certificate, dtlsserver } from "openssl-dtls/ipworks";
const server: DTLSServer = new DTLSServer();
server.StartListening();
const spelled: dtlsserver = new dtlsserver();
spelled.setSSLCert(new Certificate());
const port: number = spelled.getLocalPort();
const level: string = await spelled.config("LogLevel");
spelled.on("DataIn", (e) => spelled.sendText(e.connectionId, e.datagram + level, (err) => err?.code === port));
spelled.on("ConnectionRequest", (e) => {
  e.accept = false;
  // @ts-expect-error read-only
  e.port = 0;
});
// @ts-expect-error read-only
spelled.setListening(true);
`;
const typedConfig = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    module: "NodeNext",
    target: "ES2022",
    typeRoots: [join(root, "node_modules", "@types")],
    types: ["node"],
  },
  files: ["typed.ts"],
};

async function pack() {
  const out = join(root, "out", "package");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const [command, ...args] = npm();
  await step("npm pack", command, [...args, "pack", "--pack-destination", out, "--loglevel=error"]);
  const tarball = join(out, readdirSync(out)[0]);
  const files = (await step("listing the package", "tar", ["-tzf", tarball]))
    .trim()
    .split("\n")
    .map((name) => name.replace(/^package\//, ""));
  const absent = packed.filter((name) => !files.includes(name));
  const unwanted = files.filter((name) => neverPacked.test(name));
  if (absent.length + unwanted.length > 0) {
    throw new Failure(`package: missing [${absent.join(", ")}], unwanted [${unwanted.join(", ")}]`);
  }
  console.log(`package: ${files.length} files`);
  return tarball;
}

async function checkExports(addon) {
  if (process.platform !== "linux") return;
  const output = await step("nm", "nm", ["-D", "--defined-only", addon]);
  const found = output
    .trim()
    .split("\n")
    .map((line) => line.split(/\s+/).at(-1));
  const extra = found.filter((name) => !exportsWanted.includes(name));
  const absent = exportsWanted.filter((name) => !found.includes(name));
  if (extra.length + absent.length > 0) {
    throw new Failure(`exports of ${addon}: extra [${extra.join(", ")}], missing [${absent.join(", ")}]`);
  }
  console.log(`exports: ${found.join(", ")}`);
}

const mb = (bytes) => (bytes.length / 1e6).toFixed(2);

/** The OpenSSL in it is the release's, and nothing in it tells where it was built. */
async function checkOpenssl(addon) {
  const report = `
    const module = { exports: {} };
    process.dlopen(module, process.argv[1]);
    console.log(module.exports.opensslVersion());
  `;
  const version = (await step("asking the addon", process.execPath, ["-e", report, addon])).trim();
  const release = await releaseOpenssl();
  if (release && !version.startsWith(`OpenSSL ${/^[\d.]+/.exec(release.version)[0]}`)) {
    throw new Failure(`the packed addon runs ${version}, not ${release.version}`);
  }
  const bytes = readFileSync(addon);
  if (bytes.includes(root)) throw new Failure(`the packed addon holds the builder's directory, ${root}`);
  console.log(`addon: ${version}, ${mb(bytes)} MB, ${mb(gzipSync(bytes))} MB gzipped`);
}

async function use(tarball) {
  const dir = mkdtempSync(join(tmpdir(), "openssl-dtls-"));
  try {
    writeFileSync(join(dir, "package.json"), JSON.stringify({ private: true, type: "module" }));
    const [command, ...args] = npm();
    const quietly = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
    const install = [...args, "install", "--ignore-scripts", ...quietly, tarball];
    await step("installing the package", command, install, { cwd: dir });

    const installed = join(dir, "node_modules", "openssl-dtls", "prebuilds");
    const [addon] = readdirSync(installed, { recursive: true }).filter((name) => name.endsWith(".node"));
    await checkExports(join(installed, addon));
    await checkOpenssl(join(installed, addon));

    writeFileSync(join(dir, "use.mjs"), useAsModule);
    writeFileSync(join(dir, "use.cjs"), useByRequire);
    writeFileSync(join(dir, "typed.ts"), useTyped);
    writeFileSync(join(dir, "tsconfig.json"), JSON.stringify(typedConfig));
    const env = { OPENSSL_DTLS_ADDON: "" };
    await step("using the package", process.execPath, ["use.mjs"], { cwd: dir, env });
    await step("using the package by require()", process.execPath, ["use.cjs"], { cwd: dir, env });
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    await step("using the package's types", process.execPath, [tsc, "-p", "."], { cwd: dir });
    console.log("package: installs, loads, and its types check");
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

await main(async () => {
  await setup(prebuildNeeds);
  await buildTypeScript();
  await prebuild();
  await use(await pack());
});
