// A handshake that fails is reported by Connected with a code and what happened, and leaves nothing behind.
import { describe, expect, test } from "vitest";
import type { ConnectedEvent } from "../src/index.js";
import { connect, OpensslClient } from "./peers/openssl-client.js";
import { type ServerUnderTest, startEchoServer } from "./peers/server.js";

/** And that others are served as before. */
async function expectFailure(
  { server, port, events }: ServerUnderTest,
  code: number,
): Promise<ConnectedEvent> {
  const failed = await events.first("Connected");
  expect(failed.StatusCode).toBe(code);
  expect(failed.SourceAddr).toBe("127.0.0.1");
  expect(server.ConnectionCount).toBe(0);
  expect(() => server.ConnectionRemoteHost[failed.ConnectionId]).toThrow(
    expect.objectContaining({ code: 126 }),
  );
  await (await connect(port)).echoes("next, please\n");
  expect(events.of("Disconnected")).toEqual([]);
  return failed;
}

test("a client that rejects our certificate: 405, with the name of its alert", async () => {
  const target = startEchoServer();
  const started = Date.now();
  const client = new OpensslClient(target.port, { args: ["-verify_return_error"] });
  expect((await client.exited).code).not.toBe(0);
  const failed = await expectFailure(target, 405);
  expect(failed.Description).toMatch(/^Fatal alert.*unknown_ca/);
  // The alert is in the clear and may be forged: the handshake gets five seconds to prove that it was.
  expect(Date.now() - started).toBeGreaterThan(4500);
});

describe("nothing in common", () => {
  test("a client that speaks DTLS 1.0 only: 402, and it is told", async () => {
    const target = startEchoServer();
    const client = new OpensslClient(target.port, {
      version: "-dtls1",
      args: ["-cipher", "ALL:@SECLEVEL=0"],
    });
    await client.says(/alert protocol version/);
    const failed = await expectFailure(target, 402);
    expect(failed.Description).toMatch(/^Not supported/);
  });

  test("no cipher suite that our certificate can serve: 402, and it is told", async () => {
    const target = startEchoServer();
    const client = new OpensslClient(target.port, { args: ["-cipher", "ECDHE-RSA-AES128-GCM-SHA256"] });
    await client.says(/alert handshake failure/);
    const failed = await expectFailure(target, 402);
    expect(failed.Description).toMatch(/^Not supported/);
  });
});
