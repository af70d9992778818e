// OpenSSL's own release as a tarball, by path or URL, for machines without a Debian archive.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { lines, refused } from "../../deps/openssl-source.mjs";
import { Failure, step } from "./run.mjs";

const numbers = (version) => version.split(".").map(Number);

/** Why an upstream version is not taken for a line; undefined if it is. */
export function refusal(version, line) {
  if (refused[version]) return `OpenSSL ${version} is refused. ${refused[version]}.`;
  const { from } = lines[line].upstream;
  const isRelease = /^\d+\.\d+\.\d+$/.test(version) && version.startsWith(`${line}.`);
  if (isRelease && numbers(version)[2] >= numbers(from)[2]) return undefined;
  return `OpenSSL ${version} is refused: ${from} or a later release of ${line} is wanted.`;
}

/** The version that a source tree says it is. */
function versionOf(folder) {
  const text = readFileSync(join(folder, "VERSION.dat"), "utf8");
  const field = (name) => new RegExp(`^${name}="?([^"\\n]*)"?$`, "m").exec(text)?.[1] ?? "";
  const tag = field("PRE_RELEASE_TAG");
  return `${field("MAJOR")}.${field("MINOR")}.${field("PATCH")}${tag && `-${tag}`}`;
}

async function sha256(path) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function download(url, path) {
  const response = await fetch(url);
  if (!response.ok) throw new Failure(`${url}: ${response.status} ${response.statusText}`);
  await pipeline(response.body, createWriteStream(path));
}

/** Fetches, checks and unpacks { from, sha256 } into a folder. Gives { folder, version }. */
export async function unpackTarball(tarball, line, work) {
  let path = resolve(tarball.from);
  if (/^https?:/.test(tarball.from)) {
    path = join(work, "openssl.tar.gz");
    await download(tarball.from, path);
  }
  const found = await sha256(path);
  if (found !== tarball.sha256) {
    throw new Failure(`${tarball.from} has the SHA-256 ${found}, not ${tarball.sha256}`);
  }
  const folder = join(work, "source");
  mkdirSync(folder);
  await step("unpacking OpenSSL", "tar", ["-xzf", path, "-C", folder, "--strip-components=1"]);
  const version = versionOf(folder);
  const reason = refusal(version, line);
  if (reason) throw new Failure(reason);
  return { folder, version };
}
