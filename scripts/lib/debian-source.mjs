// OpenSSL's source package from the Debian archive that this machine uses, by the ordinary apt client with lists
// of its own: the machine's stay as they are, and apt checks every signature.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lockedApt } from "./lock.mjs";
import { capture, Failure, step } from "./run.mjs";

const keyring = ["gpg", "pgp"]
  .map((suffix) => `/usr/share/keyrings/debian-archive-keyring.${suffix}`)
  .find((path) => existsSync(path));

const isNewer = (a, b) => spawnSync("dpkg", ["--compare-versions", a, "gt", b]).status === 0;

async function archives() {
  const format = "$(ORIGIN)|$(LABEL)|$(REPO_URI)";
  const { output } = await capture("apt-get", ["indextargets", "--format", format]);
  const found = output.split("\n").map((line) => line.split("|"));
  const uri = (label) => found.find(([origin, name]) => origin === "Debian" && name === label)?.[2];
  return { main: uri("Debian"), security: uri("Debian-Security") };
}

/** The machine's Debian archives, { main, security }; undefined where it has none. */
export async function debianArchives() {
  if (process.platform !== "linux" || !existsSync("/usr/bin/apt-get")) return undefined;
  let uris = await archives();
  if (!uris.main && process.getuid() === 0) {
    // A new machine has no lists yet, and only they say whose archive it is.
    await lockedApt(() => step("apt-get update", "apt-get", ["update", "-qq"]));
    uris = await archives();
  }
  return uris.main ? uris : undefined;
}

function sourceVersions(output) {
  return output
    .split(/\n\n+/)
    .filter((stanza) => /^Package: openssl$/m.test(stanza))
    .map((stanza) => ({
      version: /^Version: (\S+)$/m.exec(stanza)?.[1],
      dsc: /^ ([0-9a-f]{64}) \d+ \S+\.dsc$/m.exec(stanza)?.[1],
    }));
}

/**
 * The versions of a line (deps/openssl-source.mjs) in the archive, newest first: { version, dsc, pinned }. The
 * folder gets apt's lists and, later, the download.
 */
export async function offeredSources(line, { suites, from, dsc: pins }, uris, folder) {
  for (const name of ["lists/partial", "cache/archives/partial"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  const signed = keyring ? `[signed-by=${keyring}] ` : "";
  const entries = Object.entries(suites)
    .filter(([archive]) => uris[archive])
    .map(([archive, suite]) => `deb-src ${signed}${uris[archive]} ${suite} main\n`);
  writeFileSync(join(folder, "sources.list"), entries.join(""));
  // By default apt is content with an update that reached nothing.
  await step("reading Debian's index of sources", "apt-get", [
    ...aptOptions(folder),
    "-oAPT::Update::Error-Mode=any",
    "update",
  ]);
  const listing = ["showsrc", "--only-source", "openssl"];
  const found = sourceVersions(
    await step("listing openssl", "apt-cache", [...aptOptions(folder), ...listing]),
  );
  const offered = new Map();
  for (const { version, dsc } of found) {
    if (!version?.startsWith(`${line}.`) || !dsc || isNewer(from, version)) continue;
    if (pins[version] && pins[version] !== dsc) {
      throw new Failure(
        `Debian's index names another .dsc of openssl ${version} than deps/openssl-source.mjs: ${dsc}`,
      );
    }
    offered.set(version, { version, dsc, pinned: pins[version] !== undefined });
  }
  return [...offered.values()].sort((a, b) => (isNewer(a.version, b.version) ? -1 : 1));
}

function aptOptions(folder) {
  return [
    `-oDir::Etc::SourceList=${join(folder, "sources.list")}`,
    "-oDir::Etc::SourceParts=/dev/null",
    `-oDir::State::Lists=${join(folder, "lists")}`,
    `-oDir::Cache=${join(folder, "cache")}`,
    "-oAcquire::Languages=none",
    "-oAcquire::Retries=2",
  ];
}

/** Downloads one of them into the folder; apt compares it with the signed index. */
export async function downloadSource({ version }, folder) {
  const download = ["source", "--only-source", "--download-only", `openssl=${version}`];
  const args = [...aptOptions(folder), ...download];
  await step(`downloading openssl ${version}`, "apt-get", args, { cwd: folder });
}

/** Unpacks what was downloaded, Debian's patches applied; dpkg-source compares the files with the .dsc. */
export async function unpackSource({ version, dsc }, folder) {
  const description = `openssl_${version}.dsc`;
  const found = createHash("sha256")
    .update(readFileSync(join(folder, description)))
    .digest("hex");
  if (found !== dsc) throw new Failure(`${description} has the SHA-256 ${found}, not ${dsc} as announced`);
  await step("unpacking OpenSSL", "dpkg-source", ["-x", description, "source"], { cwd: folder });
  const source = join(folder, "source");
  tellRevision(version, source);
  return source;
}

// OpenSSL leaves the metadata of its version to who patches it: an addon with "3.5.7+debian.1.deb13u2" can be told
// from one with the bare 3.5.7.
function tellRevision(version, source) {
  const file = join(source, "VERSION.dat");
  const revision = version.replace(/^.*-/, "").replace(/[^0-9A-Za-z]+/g, ".");
  const text = readFileSync(file, "utf8").replace(
    /^BUILD_METADATA=.*$/m,
    `BUILD_METADATA="debian.${revision}"`,
  );
  writeFileSync(file, text);
}
