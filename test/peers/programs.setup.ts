/**
 * Finds or builds the peers that are not OpenSSL, and networks that are not this machine's, once for the whole
 * run; vitest's globalSetup. Where a machine lacks one, its tests are skipped and say so; with CI set the run
 * fails instead.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { peerEnvironment } from "./environment.js";

/** Or the reason why there is none. */
export type Availability = { path: string } | { missing: string };

export type PeerName = "gnutls" | "gnutlsCli" | "java" | "tshark" | "smallMtu" | "icmpFlood";

declare module "vitest" {
  interface ProvidedContext {
    /**
     * The program of gnutls/client.c, gnutls-cli, the folder with the class of java/DtlsClient.java, and the
     * programs of small-mtu.c and icmp-flood.c.
     */
    peers: Record<PeerName, Availability>;
  }
}

const out = fileURLToPath(new URL("../../out/peers", import.meta.url));

export default function setup(project: TestProject): void {
  const peers: Record<PeerName, Availability> = {
    gnutls: gnutlsClient(),
    gnutlsCli: gnutlsCli(),
    java: javaClient(),
    tshark: tshark(),
    smallMtu: smallMtu(),
    icmpFlood: icmpFlood(),
  };
  const lacks = Object.values(peers).flatMap((peer) => ("missing" in peer ? [peer.missing] : []));
  if (lacks.length > 0 && process.env["CI"]) throw new Error(`peers are missing: ${lacks.join("; ")}`);
  for (const lack of lacks) console.warn(`Tests will be skipped: ${lack}`);
  project.provide("peers", peers);
}

function gnutlsClient(): Availability {
  const { output: flags } = run("pkg-config", "--cflags", "--libs", "gnutls");
  if (flags === undefined) return { missing: "no GnuTLS with headers (pkg-config gnutls)" };
  const path = built("gnutls/client.c", (source, target) => {
    const warnings = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow"];
    const compiler = process.env["CC"] || "cc";
    return run(compiler, "-std=c11", "-O1", ...warnings, "-o", target, source, ...flags.trim().split(/\s+/));
  });
  const { output: probe = "" } = run(path, "--probe");
  return probe.includes("heartbeat=yes") ? { path } : { missing: "this GnuTLS has no heartbeats" };
}

function gnutlsCli(): Availability {
  const { output = "" } = run("gnutls-cli", "--list-config");
  if (output === "") return { missing: "no gnutls-cli" };
  const path = "gnutls-cli";
  return output.includes("heartbeat") ? { path } : { missing: "gnutls-cli has no heartbeats" };
}

function javaClient(): Availability {
  const { output = "" } = run("javac", "-version");
  if (Number(/^javac (\d+)/.exec(output)?.[1] ?? 0) < 17) return { missing: "no JDK 17 or later" };
  const path = built("java/DtlsClient.java", (source, target) =>
    run("javac", "--release", "17", "-Xlint:all", "-d", target, source),
  );
  return { path };
}

/** With a dumpcap that may capture: it lists the interfaces that it can open. */
function tshark(): Availability {
  if (run("tshark", "--version").output === undefined) return { missing: "no tshark" };
  const { output = "" } = run("dumpcap", "-D");
  return /\blo\b/.test(output) ? { path: "tshark" } : { missing: "dumpcap may not capture (dumpcap -D)" };
}

function smallMtu(): Availability {
  if (process.platform !== "linux") return { missing: "no network namespaces but Linux's" };
  const path = builtOfC("small-mtu.c");
  const { output, errors } = run(path, "1500", "true");
  return output === undefined ? { missing: `no network namespaces (${errors.trim()})` } : { path };
}

/** With a raw socket, to forge what a network would say. */
function icmpFlood(): Availability {
  if (process.platform !== "linux") return { missing: "no error queue of sockets but Linux's" };
  const path = builtOfC("icmp-flood.c");
  const { output, errors } = run(path, "--probe");
  return output === undefined ? { missing: `no raw sockets (${errors.trim()})` } : { path };
}

function builtOfC(name: string): string {
  return built(name, (source, target) =>
    run(process.env["CC"] || "cc", "-Wall", "-Wextra", "-Wshadow", "-o", target, source),
  );
}

/** Where the build of a source lies. Its name holds the source's hash: only what has changed is built. */
function built(name: string, build: (source: string, target: string) => Outcome): string {
  const source = fileURLToPath(new URL(name, import.meta.url));
  const hash = createHash("sha256").update(readFileSync(source)).digest("hex").slice(0, 16);
  const target = join(out, `${name.replace(/\W/g, "-")}-${hash}`);
  if (existsSync(target)) return target;
  mkdirSync(out, { recursive: true });
  // Renamed when done: another run may be building the same.
  const unfinished = `${target}.${process.pid}`;
  try {
    const { output, errors } = build(source, unfinished);
    if (output === undefined) throw new Error(`${name} does not compile:\n${errors}`);
    if (!existsSync(target)) renameSync(unfinished, target);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return target;
}

interface Outcome {
  /** Undefined where the command is missing or has failed. */
  output: string | undefined;
  errors: string;
}

function run(command: string, ...parameters: string[]): Outcome {
  const { status, stdout, stderr, error } = spawnSync(command, parameters, {
    env: peerEnvironment(),
    encoding: "utf8",
  });
  return { output: status === 0 ? stdout : undefined, errors: error?.message ?? stderr };
}
