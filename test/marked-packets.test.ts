// QOSDSCPValue and QOSTrafficType on the wire: every packet that leaves bears the mark.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { DTLSServer } from "../src/index.js";
import { peerEnvironment } from "./peers/environment.js";
import { requireIPv6 } from "./peers/ipv6.js";
import { LinePeer } from "./peers/line-peer.js";
import { connect } from "./peers/openssl-client.js";
import { startEchoServer } from "./peers/server.js";

const folder = mkdtempSync(join(tmpdir(), "openssl-dtls-test-"));
const program = join(folder, "class-proxy");

beforeAll(() => {
  const source = fileURLToPath(new URL("network/class-proxy.c", import.meta.url));
  execFileSync("cc", ["-o", program, source], { env: peerEnvironment() });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The marks (DSCP) of all that a server sends in the life of a connection. */
async function marksOf(host: string, prepare: (server: DTLSServer) => void): Promise<number[]> {
  const { port, events } = startEchoServer(prepare);
  const proxy = new LinePeer("class-proxy", program, [host, String(port)]);
  onTestFinished(() => proxy.kill());
  const [, proxyPort] = await proxy.says(/^port (\d+)$/);
  const client = await connect(Number(proxyPort), { host });
  await client.echoes("marked?\n");
  await client.close();
  await events.first("Disconnected");
  // A HelloVerifyRequest, two flights and an echo at the least.
  await proxy.saysTimes(/^class /, 4);
  const classes = proxy.lines.flatMap((line) => /^class (\d+)$/.exec(line)?.[1] ?? []).map(Number);
  return [...new Set(classes.map((value) => value >> 2))];
}

const ipv6 = (server: DTLSServer): void => {
  server.Config("UseIPv6=True");
  server.LocalHost = "";
};

test.each([
  [[], 0],
  [["QOSDSCPValue=46"], 46],
  [["QOSDSCPValue=63"], 63],
  [["QOSTrafficType=0"], 0],
  [["QOSTrafficType=1"], 8],
  [["QOSTrafficType=2"], 40],
  [["QOSTrafficType=3"], 40],
  [["QOSTrafficType=4"], 56],
  [["QOSTrafficType=5"], 56],
  [["QOSTrafficType=5", "QOSDSCPValue=10"], 10],
  [["QOSDSCPValue=46", "SocketPath=uv"], 46],
  [["QOSDSCPValue=46", "UseConnection=True"], 46],
])("%j: packets are marked %i", async (settings, mark) => {
  expect(
    await marksOf("127.0.0.1", (server) => {
      for (const setting of settings) server.Config(setting);
    }),
  ).toEqual([mark]);
});

test.each(["127.0.0.1", "::1"])("on a socket of both families packets to %s are marked", async (host) => {
  await requireIPv6();
  expect(
    await marksOf(host, (server) => {
      ipv6(server);
      server.Config("QOSDSCPValue=46");
    }),
  ).toEqual([46]);
});

test("a mark counts from the next bind on", async () => {
  expect(
    await marksOf("127.0.0.1", (server) => {
      server.Config("QOSDSCPValue=46");
      server.StartListening();
      server.Config("QOSDSCPValue=10");
      server.StopListening();
    }),
  ).toEqual([10]);
});
