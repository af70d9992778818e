import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { importScript, root } from "../peers/repository.js";

// A source tree that is OpenSSL's in all that the script touches, and takes no time to build.
const makefile = `
build_libs:
\t@test ! -e "$$BROKEN" || (echo "cc: cannot compile"; exit 1)
\t@echo built >> "$$BUILDS"
\t@sleep 0.3
install_dev:
\t@mkdir -p $(DESTDIR)/usr/lib/pkgconfig $(DESTDIR)/usr/include/openssl
\t@touch $(DESTDIR)/usr/lib/libssl.a
`;

interface Tarballs {
  refusal(version: string, line: string): string | undefined;
}

const script = join(root, "scripts/build-openssl.mjs");
const { refusal } = await importScript<Tarballs>("lib/openssl-tarball.mjs");
let place = "";
let store = "";
let env: NodeJS.ProcessEnv = {};

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "openssl-source-"));
  store = join(place, "store");
  // A script is tried, not the addon: the sanitizers' lane need not slow it down.
  const { LD_PRELOAD: _preload, NODE_OPTIONS: _options, CC: _compiler, ...plain } = process.env;
  const marks = { BUILDS: join(place, "builds"), BROKEN: join(place, "broken") };
  env = { ...plain, ...marks, OPENSSL_DTLS_OPENSSL_CACHE: store };
});
afterEach(() => rmSync(place, { recursive: true }));

function makeTarball(version: string): { path: string; sha256: string } {
  const [major, minor, patch = "", tag = ""] = version.split(/[.-]/);
  const folder = join(place, `openssl-${version}`);
  mkdirSync(folder);
  const numbers = `MAJOR=${major}\nMINOR=${minor}\nPATCH=${patch}\nPRE_RELEASE_TAG=${tag}\n`;
  writeFileSync(join(folder, "VERSION.dat"), numbers);
  writeFileSync(join(folder, "LICENSE.txt"), "");
  writeFileSync(join(folder, "Configure"), "");
  writeFileSync(join(folder, "Makefile"), makefile);
  const path = `${folder}.tar.gz`;
  spawnSync("tar", ["-czf", path, "-C", place, `openssl-${version}`]);
  return { path, sha256: createHash("sha256").update(readFileSync(path)).digest("hex") };
}

const argumentsFor = ({ path, sha256 }: { path: string; sha256: string }): string[] => [
  script,
  `--tarball=${path}`,
  `--sha256=${sha256}`,
];

function run(args: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, args, { env, encoding: "utf8" });
}

const prefixIn = (output: string): string => output.trim().split("\n").at(-1) ?? "";
const builds = (): number => readFileSync(join(place, "builds"), "utf8").trim().split("\n").length;
const prefixes = (): string[] => readdirSync(store).filter((name) => /^[0-9a-f]{16}$/.test(name));

describe("the OpenSSL of releases, from a tarball", () => {
  test.each([
    ["3.5.7", /3\.5\.7 is refused\. As released it has CVE-2026-54874/],
    ["3.5.6", /3\.5\.8 or a later release of 3\.5 is wanted/],
    ["3.5.9-dev", /3\.5\.8 or a later release of 3\.5 is wanted/],
    ["3.6.5", /3\.5\.8 or a later release of 3\.5 is wanted/],
  ])("%s is refused, and the message says why", (version, reason) => {
    expect(refusal(version, "3.5")).toMatch(reason);
  });

  test.each(["3.5.8", "3.5.10"])("%s is taken", (version) => {
    expect(refusal(version, "3.5")).toBeUndefined();
  });

  test("one that is refused is not built", () => {
    const { status, stderr } = run(argumentsFor(makeTarball("3.5.9-dev")));
    expect(status).toBe(1);
    expect(stderr).toMatch(/3\.5\.9-dev is refused/);
    expect(prefixes()).toEqual([]);
    expect(existsSync(join(place, "builds"))).toBe(false);
  });

  test("one with another SHA-256 is not even unpacked", () => {
    const { path } = makeTarball("3.5.8");
    const { status, stderr } = run(argumentsFor({ path, sha256: "0".repeat(64) }));
    expect(status).toBe(1);
    expect(stderr).toMatch(/has the SHA-256 [0-9a-f]{64}, not 0{64}/);
    expect(existsSync(join(place, "builds"))).toBe(false);
  });

  test("one without a SHA-256 is refused", () => {
    expect(run([script, "--tarball=openssl-3.5.8.tar.gz"]).stderr).toMatch(/--tarball needs --sha256/);
  });

  test("it is built once, and taken again without its source", () => {
    const tarball = makeTarball("3.5.10");
    const first = prefixIn(run(argumentsFor(tarball)).stdout);
    expect(existsSync(join(first, "lib", "libssl.a"))).toBe(true);
    rmSync(tarball.path);
    expect(prefixIn(run(argumentsFor(tarball)).stdout)).toBe(first);
    expect(prefixIn(run([script]).stdout)).toBe(first);
    expect(builds()).toBe(1);
    expect(readdirSync(store).filter((name) => name.startsWith("work-"))).toEqual([]);
  });

  test("another compiler has a build of its own", () => {
    const tarball = makeTarball("3.5.8");
    const first = prefixIn(run(argumentsFor(tarball)).stdout);
    env["CC"] = "gcc";
    expect(prefixIn(run(argumentsFor(tarball)).stdout)).not.toBe(first);
    expect(builds()).toBe(2);
  });

  test("two runs at once build it once", async () => {
    const args = argumentsFor(makeTarball("3.5.8"));
    const runs = [0, 1].map(
      () =>
        new Promise<string>((done) => {
          let output = "";
          const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
          child.stdout.on("data", (text: Buffer) => {
            output += text.toString();
          });
          child.on("close", () => done(prefixIn(output)));
        }),
    );
    const [first, second] = await Promise.all(runs);
    expect(first).toBe(second);
    expect(prefixes()).toHaveLength(1);
    expect(builds()).toBe(1);
  });

  test("a failed build does not count; its log is kept", () => {
    const args = argumentsFor(makeTarball("3.5.8"));
    writeFileSync(join(place, "broken"), "");
    const failed = run(args);
    expect(failed.status).toBe(1);
    expect(failed.stderr).toMatch(/cc: cannot compile[\s\S]*The whole log: .*failed\.log/);
    expect(readFileSync(join(store, "failed.log"), "utf8")).toContain("cc: cannot compile");
    expect(prefixes()).toEqual([]);
    rmSync(join(place, "broken"));
    expect(run(args).status).toBe(0);
    expect(prefixes()).toHaveLength(1);
  });

  test("what a killed build has left is in nobody's way", () => {
    const tarball = makeTarball("3.5.8");
    const gone = spawnSync(process.execPath, ["-e", ""]).pid;
    mkdirSync(join(store, `work-${gone}`, "stage"), { recursive: true });
    writeFileSync(join(store, ".lock"), String(gone));
    const { status, stdout } = run(argumentsFor(tarball));
    expect(status).toBe(0);
    expect(existsSync(join(prefixIn(stdout), "stamp.json"))).toBe(true);
    expect(readdirSync(store).filter((name) => !/^[0-9a-f]{16}$/.test(name))).toEqual([]);
  });
});
