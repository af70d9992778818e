// A Java client (JSSE) and this server agree on every suite that both have, with and without
// extended_master_secret, and understand each other's records. JSSE has no encrypt-then-MAC and no heartbeats.
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from "vitest";
import { Fault } from "../src/native.js";
import { LossyProxy } from "./network/lossy-proxy.js";
import { ExtensionType, serverHelloExtensions } from "./network/server-hello.js";
import { describePeer } from "./peers/describe-peer.js";
import { JavaClient } from "./peers/java-client.js";
import { payloads } from "./peers/payloads.js";
import { SuiteServer } from "./peers/suite-server.js";

const gcm = ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384"];
const chacha = ["CHACHA20_POLY1305_SHA256"];
const cbc = ["AES_128_CBC_SHA", "AES_256_CBC_SHA", "AES_128_CBC_SHA256"];

const ciphersOf = {
  TLS_ECDHE_ECDSA: [...gcm, ...chacha, ...cbc, "AES_256_CBC_SHA384"],
  TLS_ECDHE_RSA: [...gcm, ...chacha, ...cbc, "AES_256_CBC_SHA384"],
  TLS_DHE_RSA: [...gcm, ...chacha, ...cbc, "AES_256_CBC_SHA256"],
  TLS_RSA: [...gcm, ...cbc, "AES_256_CBC_SHA256"],
};

const suites = Object.entries(ciphersOf).flatMap(([exchange, ciphers]) =>
  ciphers.map((cipher) => `${exchange}_WITH_${cipher}`),
);

describePeer("java", "Java", () => {
  const servers = new Map<"ecdsa" | "rsa", SuiteServer>();
  beforeAll(() => {
    for (const name of ["ecdsa", "rsa"] as const) servers.set(name, new SuiteServer(name));
  });
  afterAll(() => {
    for (const server of servers.values()) server.close();
  });

  describe.each([true, false])("extended master secret %s", (ems) => {
    const picked = suites.filter((suite) => ems || suite.startsWith("TLS_ECDHE_ECDSA"));
    let client: JavaClient;
    beforeAll(() => {
      client = new JavaClient({ ems });
    });
    afterAll(() => client.kill());

    test.each(picked)("%s", async (suite) => {
      onTestFailed(() => console.error(client.describe()));
      const server = servers.get(suite.includes("ECDSA") ? "ecdsa" : "rsa") as SuiteServer;
      let extensions: number[] = [];
      const proxy = await LossyProxy.start(server.port, ({ datagram, direction }) => {
        if (direction === "toClient") extensions = serverHelloExtensions(datagram) ?? extensions;
        return "pass";
      });
      expect(await client.connect(proxy.port, suite)).toEqual({ suite, resumed: false });
      expect(extensions.includes(ExtensionType.extendedMasterSecret)).toBe(ems);
      const connection = await server.newest();
      for (const payload of payloads) await client.echoes(payload);
      await client.close();
      expect(await server.ended(connection)).toBe(Fault.none);
    });
  });
});
