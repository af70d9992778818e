// `npm run prebuild`: a release build of the addon into prebuilds/<platform>-<arch>/, with the OpenSSL of
// deps/openssl-source.mjs. OPENSSL_DTLS_OPENSSL=system or OPENSSL_DTLS_OPENSSL_ROOT choose another.
import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { chosenOpenssl, openssl } from "./build-openssl.mjs";
import { locked } from "./lib/lock.mjs";
import { Failure, isMain, main, root, step } from "./lib/run.mjs";
import { needs } from "./lib/toolchain.mjs";
import { setup } from "./setup.mjs";

const isChosen = Boolean(process.env.OPENSSL_DTLS_OPENSSL || process.env.OPENSSL_DTLS_OPENSSL_ROOT);

/** The tools of a release build: OpenSSL's headers among them only where a choice may want them. */
export const prebuildNeeds = needs.build.filter((name) => name !== "openssl" || isChosen);

/** The release's OpenSSL, { prefix, version }; undefined where the environment has chosen another. */
export async function releaseOpenssl() {
  if (isChosen && process.env.OPENSSL_DTLS_OPENSSL !== "source") return undefined;
  try {
    return await openssl();
  } catch (error) {
    if (error instanceof Failure) error.message += "\nWith the system's: OPENSSL_DTLS_OPENSSL=system";
    throw error;
  }
}

/**
 * Builds and gives the path of what ships. `anew` starts from nothing; without it only what has changed is
 * compiled.
 */
export async function prebuild({ anew = false } = {}) {
  return locked(async () => {
    const release = await releaseOpenssl();
    const options = release ? { OPENSSL_DTLS_OPENSSL_ROOT: release.prefix } : await chosenOpenssl();
    // prebuildify moves the addon out of build/Release; it gets a build/ of its own.
    const work = join(root, "out", "prebuild");
    if (anew) rmSync(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    cpSync(join(root, "package.json"), join(work, "package.json"));
    const prebuildify = join(root, "node_modules", "prebuildify", "bin.js");
    const args = [prebuildify, "--napi", "--strip", "--tag-libc", "--out", root, work];
    await step(
      `building a prebuild${release ? ` (OpenSSL ${release.version})` : ""}`,
      process.execPath,
      args,
      {
        env: {
          PREBUILD_NODE_GYP: join(root, "scripts", "prebuild-node-gyp.mjs"),
          OPENSSL_DTLS_PREBUILD_OPTIONS: JSON.stringify(options),
        },
      },
    );
    const folder = join(root, "prebuilds", `${process.platform}-${process.arch}`);
    return join(
      folder,
      readdirSync(folder).find((name) => name.endsWith(".node")),
    );
  });
}

if (isMain(import.meta)) {
  await main(async () => {
    await setup(prebuildNeeds);
    console.log(await prebuild({ anew: true }));
  });
}
