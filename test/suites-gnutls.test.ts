// A GnuTLS client and this server agree on every suite that both have, with and without encrypt-then-MAC and
// extended_master_secret, and understand each other's records.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Fault } from "../src/native.js";
import { describePeer } from "./peers/describe-peer.js";
import { GnutlsClient, type GnutlsOffer } from "./peers/gnutls-client.js";
import { payloads } from "./peers/payloads.js";
import { SuiteServer } from "./peers/suite-server.js";

interface Cell extends Required<GnutlsOffer> {
  /** As GnuTLS calls it. */
  suite: string;
}

type Family = Pick<Cell, "exchange" | "cipher" | "mac">;

const family = (exchange: Cell["exchange"], cipher: string, mac: Cell["mac"] = "AEAD"): Family => ({
  exchange,
  cipher,
  mac,
});

const aead: Family[] = [
  family("ECDHE-ECDSA", "AES-128-GCM"),
  family("ECDHE-ECDSA", "AES-256-GCM"),
  family("ECDHE-ECDSA", "CHACHA20-POLY1305"),
  family("ECDHE-ECDSA", "AES-128-CCM"),
  family("ECDHE-ECDSA", "AES-256-CCM"),
  family("ECDHE-ECDSA", "AES-128-CCM-8"),
  family("ECDHE-ECDSA", "AES-256-CCM-8"),
  family("ECDHE-RSA", "AES-128-GCM"),
  family("ECDHE-RSA", "AES-256-GCM"),
  family("ECDHE-RSA", "CHACHA20-POLY1305"),
  family("DHE-RSA", "AES-256-GCM"),
  family("DHE-RSA", "AES-128-CCM"),
  family("DHE-RSA", "AES-256-CCM-8"),
  family("RSA", "AES-128-GCM"),
  family("RSA", "AES-256-CCM"),
];

const cbc: Family[] = [
  family("ECDHE-ECDSA", "AES-128-CBC", "SHA1"),
  family("ECDHE-ECDSA", "AES-128-CBC", "SHA256"),
  family("ECDHE-ECDSA", "AES-256-CBC", "SHA1"),
  family("ECDHE-ECDSA", "AES-256-CBC", "SHA384"),
  family("ECDHE-ECDSA", "CAMELLIA-128-CBC", "SHA256"),
  family("ECDHE-RSA", "CAMELLIA-256-CBC", "SHA384"),
  family("ECDHE-RSA", "AES-128-CBC", "SHA256"),
  family("DHE-RSA", "AES-256-CBC", "SHA256"),
  family("RSA", "AES-128-CBC", "SHA1"),
];

/** With the hash of the PRF, which GnuTLS leaves out of the names of the CCM suites and of ChaCha20's. */
function suiteName({ exchange, cipher, mac }: Family): string {
  const hash = mac !== "AEAD" ? mac : /256-GCM/.test(cipher) ? "SHA384" : "SHA256";
  const named = mac !== "AEAD" || cipher.endsWith("GCM");
  return `${exchange}-${cipher}${named ? `-${hash}` : ""}`.replaceAll("-", "_");
}

const cells: Cell[] = [
  ...aead.flatMap((one) => [true, false].map((ems) => ({ ...one, ems, etm: true }))),
  ...cbc.flatMap((one) => [true, false].flatMap((etm) => [true, false].map((ems) => ({ ...one, ems, etm })))),
].map((offer) => ({ ...offer, suite: suiteName(offer) }));

describePeer("gnutls", "GnuTLS", () => {
  const servers = new Map<"ecdsa" | "rsa", SuiteServer>();
  beforeAll(() => {
    for (const name of ["ecdsa", "rsa"] as const) servers.set(name, new SuiteServer(name));
  });
  afterAll(() => {
    for (const server of servers.values()) server.close();
  });

  test.each(cells)("$suite, encrypt-then-MAC $etm, extended master secret $ems", async (cell) => {
    const server = servers.get(cell.exchange === "ECDHE-ECDSA" ? "ecdsa" : "rsa") as SuiteServer;
    const client = new GnutlsClient(server.port, cell);
    expect(await client.established()).toEqual({
      suite: cell.suite,
      etm: cell.mac !== "AEAD" && cell.etm,
      ems: cell.ems,
      resumed: false,
      heartbeat: false,
    });
    const connection = await server.newest();
    for (const payload of payloads) await client.echoes(payload);
    await client.close();
    expect(await server.ended(connection)).toBe(Fault.none);
    expect(client.complaints).toEqual([]);
  });
});
