// OpenSSL from source, as deps/openssl-source.mjs says: Debian's patched package through apt, or a release of
// OpenSSL's own. Built once, into out/openssl/<hash>; prints that prefix.
//
//   node scripts/build-openssl.mjs                                     what is built already, or Debian's newest
//   node scripts/build-openssl.mjs --update                            builds anew if Debian has a newer one
//   node scripts/build-openssl.mjs --tarball=<path or URL> --sha256=<of the tarball>
//   node scripts/build-openssl.mjs --line=4.0                          another line than that of the releases
//   node scripts/build-openssl.mjs --all                               every line
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { configureArguments, lines, releaseLine } from "../deps/openssl-source.mjs";
import { debianArchives, downloadSource, offeredSources, unpackSource } from "./lib/debian-source.mjs";
import { lockedBy } from "./lib/lock.mjs";
import { unpackTarball } from "./lib/openssl-tarball.mjs";
import { capture, Failure, isMain, main, root, step } from "./lib/run.mjs";
import { ensure, needs } from "./lib/toolchain.mjs";

/** Where builds are kept. Not in build/, which cmake-js may delete. */
const store = resolve(root, process.env.OPENSSL_DTLS_OPENSSL_CACHE || join("out", "openssl"));

const cc = process.env.CC || "cc";
const hashOf = (value) => createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
const failureLog = join(store, "failed.log");

/** All that decides what comes out of a source. */
async function recipeOf(line) {
  const { output } = await capture(cc, ["--version"]);
  const { output: target } = await capture(cc, ["-dumpmachine"]);
  return {
    line,
    from: [lines[line].debian.from, lines[line].upstream.from],
    arguments: configureArguments(),
    compiler: `${cc}: ${output.split("\n")[0]}`,
    target: target.trim(),
  };
}

function stampOf(prefix) {
  const path = join(prefix, "stamp.json");
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

/** The latest build by this recipe, whatever its source. */
function latestBuild(recipe) {
  const wanted = hashOf(recipe);
  const builds = (existsSync(store) ? readdirSync(store) : [])
    .map((name) => join(store, name))
    .map((prefix) => ({ prefix, ...stampOf(prefix) }))
    .filter((build) => build.recipe === wanted)
    .sort((a, b) => (a.built < b.built ? 1 : -1));
  return builds[0];
}

/** Configures, makes and installs; what appears at `prefix` is whole, for it is renamed there in the end. */
async function build({ folder, version }, recipe, source, prefix, work) {
  const title = `building OpenSSL ${version}`;
  const log = { log: failureLog };
  // Configure reads these from the environment, and they are in no recipe.
  const unset = ["CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "LDLIBS", "AR", "RANLIB", "CROSS_COMPILE"];
  const env = { ...Object.fromEntries(unset.map((name) => [name, undefined])), CC: cc };
  const inSource = { cwd: folder, env, ...log };
  await step(`configuring OpenSSL ${version}`, "perl", ["Configure", ...recipe.arguments], inSource);
  await step(title, "make", ["-s", `-j${availableParallelism()}`, "build_libs"], inSource);
  const stage = join(work, "stage");
  await step(`installing OpenSSL ${version}`, "make", ["-s", "install_dev", `DESTDIR=${stage}`], inSource);

  const made = join(stage, "usr");
  // These name /usr, where none of this lies.
  for (const name of ["cmake", "pkgconfig"])
    rmSync(join(made, "lib", name), { recursive: true, force: true });
  renameSync(join(folder, "LICENSE.txt"), join(made, "LICENSE.txt"));
  const stamp = { recipe: hashOf(recipe), version, source, ...recipe, built: new Date().toISOString() };
  writeFileSync(join(made, "stamp.json"), `${JSON.stringify(stamp, null, 2)}\n`);
  rmSync(prefix, { recursive: true, force: true });
  renameSync(made, prefix);
  return { prefix, ...stamp };
}

const prefixFor = (recipe, source) => join(store, hashOf([recipe, source]));

async function fromTarball(tarball, recipe, work) {
  const source = `tarball ${tarball.sha256}`;
  const prefix = prefixFor(recipe, source);
  if (stampOf(prefix)) return { prefix, ...stampOf(prefix) };
  return build(await unpackTarball(tarball, recipe.line, work), recipe, source, prefix, work);
}

async function fromDebian(archives, recipe, work) {
  const { debian } = lines[recipe.line];
  let failure = new Failure(`Debian's archive has no openssl ${recipe.line} from ${debian.from} on.`);
  for (const offered of await offeredSources(recipe.line, debian, archives, work)) {
    const source = `Debian ${offered.version} ${offered.dsc}`;
    const prefix = prefixFor(recipe, source);
    if (stampOf(prefix)) return { prefix, ...stampOf(prefix) };
    try {
      await downloadSource(offered, work);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // A mirror may have the new index before the new files.
      console.log(`openssl ${offered.version}: in the archive's index, but it can't be downloaded.`);
      failure = error;
      continue;
    }
    const check = offered.pinned ? "as pinned" : "not pinned yet, checked by apt's signatures";
    console.log(`openssl ${offered.version}: taken from Debian's archive, ${check}.`);
    const folder = await unpackSource(offered, work);
    return build({ folder, version: offered.version }, recipe, source, prefix, work);
  }
  throw failure;
}

/** Where no source is to be had: Windows, or no Debian archive and no tarball named. */
function noSource(line) {
  if (process.platform === "win32") {
    return new Failure(
      "OpenSSL is not built here on Windows: set OPENSSL_DTLS_OPENSSL_ROOT to a build of it.",
    );
  }
  return new Failure(
    `This machine has no Debian archive to take OpenSSL ${line} from. Build it once from OpenSSL's own release, ` +
      `${lines[line].upstream.from} or later:\n` +
      `  node scripts/build-openssl.mjs --line=${line} --tarball=<path or URL> --sha256=<of the tarball>`,
  );
}

/** False where OpenSSL of this line is neither built nor to be had without a tarball. */
export async function opensslIsAvailable(line = releaseLine) {
  if (process.platform === "win32") return false;
  await ensure(["cCompiler"]);
  return latestBuild(await recipeOf(line)) !== undefined || (await debianArchives()) !== undefined;
}

function makeWork() {
  for (const name of readdirSync(store).filter((entry) => entry.startsWith("work-"))) {
    rmSync(join(store, name), { recursive: true, force: true });
  }
  // A name of its own: the make of a build that was killed may still be writing.
  const work = join(store, `work-${process.pid}`);
  mkdirSync(work);
  return work;
}

/**
 * The prefix and version of a static OpenSSL, built if need be. One that is built is taken as it is, without a
 * look at the network, unless a tarball is named or `update` asks for the newest.
 */
export async function openssl(line = releaseLine, { tarball, update = false } = {}) {
  if (!lines[line]) throw new Failure(`no such line of OpenSSL: ${line} (${Object.keys(lines).join(", ")})`);
  if (process.platform === "win32") throw noSource(line);
  await ensure(["cCompiler"]);
  const recipe = await recipeOf(line);
  const existing = () => (tarball || update ? undefined : latestBuild(recipe));
  if (existing()) return existing();
  const archives = tarball ? undefined : await debianArchives();
  if (!tarball && !archives) throw noSource(line);
  await ensure(archives ? needs.opensslFromDebian : needs.openssl);
  return lockedBy(join(store, ".lock"), "build of OpenSSL", async () => {
    if (existing()) return existing();
    const work = makeWork();
    const done = tarball
      ? await fromTarball(tarball, recipe, work)
      : await fromDebian(archives, recipe, work);
    rmSync(work, { recursive: true });
    return done;
  });
}

/** CMake options for the OpenSSL that the environment asks for, in full: what is not named stays as it was. */
export async function chosenOpenssl() {
  const choice = process.env.OPENSSL_DTLS_OPENSSL || "system";
  if (choice !== "system" && choice !== "source") {
    throw new Failure(`OPENSSL_DTLS_OPENSSL is "${choice}"; it may be system or source.`);
  }
  const named = process.env.OPENSSL_DTLS_OPENSSL_ROOT;
  const prefix = named || (choice === "source" ? (await openssl()).prefix : "");
  return { OPENSSL_DTLS_OPENSSL: choice, OPENSSL_DTLS_OPENSSL_ROOT: prefix };
}

function readArguments() {
  const text = { type: "string" };
  try {
    const flag = { type: "boolean" };
    const options = { line: text, tarball: text, sha256: text, update: flag, all: flag };
    const { line, tarball: from, sha256, update, all } = parseArgs({ options }).values;
    const wanted = all ? Object.keys(lines) : [line];
    if (from === undefined) return { wanted, update };
    if (all) throw new Failure("--tarball is of one line: --line in place of --all");
    if (/^[0-9a-f]{64}$/i.test(sha256 ?? "")) {
      return { wanted, tarball: { from, sha256: sha256.toLowerCase() } };
    }
  } catch (error) {
    if (!error.code?.startsWith("ERR_PARSE_ARGS")) throw error;
    throw new Failure(error.message);
  }
  throw new Failure("--tarball needs --sha256=<64 hexadecimal digits>");
}

if (isMain(import.meta)) {
  await main(async () => {
    const { wanted, ...options } = readArguments();
    for (const line of wanted) {
      const { prefix, version, built } = await openssl(line, options);
      console.log(`OpenSSL ${version}, built ${built}`);
      console.log(prefix);
    }
  });
}
