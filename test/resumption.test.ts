// ReuseSSLSession, TicketKeys and CookieSecret: who may resume what, and servers that stand in for each other.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { counters, type DTLSServer } from "../src/index.js";
import { certificateFolder } from "./peers/certificates.js";
import { connect } from "./peers/openssl-client.js";
import { runProgram } from "./peers/program.js";
import { startEchoServer } from "./peers/server.js";

const folder = certificateFolder();
const secret = "0123456789abcdef".repeat(10);
const anotherSecret = "fedcba9876543210".repeat(10);
let sessions = 0;

/** Connects and leaves; the file with the session. */
async function sessionAt(port: number, args: string[] = []): Promise<string> {
  const file = folder.file(`session-${++sessions}`);
  const client = await connect(port, { args: ["-sess_out", file, ...args] });
  await client.echoes("hello\n");
  await client.close();
  return file;
}

/** Connects with a session; whether the server takes it up. */
async function resumes(server: DTLSServer, session: string, args: string[] = []): Promise<boolean> {
  const { handshakesResumed } = counters(server);
  const client = await connect(server.LocalPort, { args: ["-sess_in", session, ...args] });
  await client.echoes("again\n");
  await client.close();
  return counters(server).handshakesResumed > handshakesResumed;
}

function startResuming(...settings: string[]) {
  return startEchoServer((server) => {
    for (const setting of ["ReuseSSLSession=True", ...settings]) server.Config(setting);
  });
}

describe("ReuseSSLSession", () => {
  test.each([
    ["by ticket", []],
    ["from the cache", ["-no_ticket"]],
  ])("a session is resumed %s, again and again", async (_, args) => {
    const messages: string[] = [];
    const { server, port } = startResuming();
    server.OnSSLStatus = (e) => messages.push(e.Message);
    const session = await sessionAt(port, args);
    expect(messages).not.toContain("Session resumed.");
    expect(await resumes(server, session, args)).toBe(true);
    expect(await resumes(server, session, args)).toBe(true);
    expect(messages).toContain("Session resumed.");
  });

  test("what a resumed connection has is what its session had", async () => {
    const { server, port, events } = startResuming();
    const suite = ["-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"];
    const session = await sessionAt(port, suite);
    const client = await connect(port, { args: ["-sess_in", session] });
    await events.count("Connected", 2);
    expect(server.Config("SSLNegotiatedCipherSuite[2]")).toBe("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
    expect(server.Config("SSLNegotiatedKeyExchangeStrength[2]")).toBe("256");
    await client.echoes("hello\n");
  });

  test("off, which it is unless asked for, there are no sessions, and those there were are worthless", async () => {
    const { server, port } = startResuming();
    const session = await sessionAt(port);
    server.Config("ReuseSSLSession=False");
    expect(await resumes(server, session)).toBe(false);
    server.Config("ReuseSSLSession=True");
    expect(await resumes(server, session)).toBe(false);
    expect(existsSync(await sessionAt(startEchoServer().port))).toBe(false);
  });

  test("another server does not resume it, and a full handshake follows", async () => {
    const session = await sessionAt(startResuming().port);
    expect(await resumes(startResuming().server, session)).toBe(false);
  });

  test("with SSLAuthenticateClients a session without a certificate is worth nothing", async () => {
    const { server, port, events } = startResuming(`TicketKeys=${secret}`);
    const session = await sessionAt(port);
    server.SSLAuthenticateClients = true;
    await expect(resumes(server, session)).rejects.toThrow("ended");
    expect((await events.count("Connected", 2)).map((e) => e.StatusCode)).toEqual([0, 404]);
  });
});

describe("TicketKeys", () => {
  test("another process with the same resumes, one with others does not", async () => {
    const settings = ["ReuseSSLSession=True", `TicketKeys=${secret}`];
    const port = Number(await runProgram("listening-server.mjs", settings).prints("port"));
    const session = await sessionAt(port);
    expect(await resumes(startResuming(`TicketKeys=${secret}`).server, session)).toBe(true);
    expect(await resumes(startResuming(`TicketKeys=${anotherSecret}`).server, session)).toBe(false);
    expect(await resumes(startResuming().server, session)).toBe(false);
  });

  test("changed, the tickets that are out are worthless; unchanged, they outlive other changes", async () => {
    const { server, port } = startResuming(`TicketKeys=${secret}`);
    const session = await sessionAt(port);
    server.Config(`TicketKeys=${anotherSecret}`);
    expect(await resumes(server, session)).toBe(false);
    server.Config(`TicketKeys=${secret.toUpperCase()}`);
    expect(await resumes(server, session)).toBe(true);
    server.Config("SSLEnableRenegotiation=True");
    await server.Shutdown();
    server.StartListening();
    expect(await resumes(server, session)).toBe(true);
    server.Config("SSLEnabledCipherSuites=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    expect(await resumes(server, session)).toBe(false);
  });
});

describe("CookieSecret", () => {
  const cookies = "00112233445566778899aabbccddeeff".repeat(2);

  /** Sends a client's first hello to one server and all the rest to another, from one port. */
  async function splitter(first: number, rest: number): Promise<number> {
    const [front, back] = [createSocket("udp4"), createSocket("udp4")];
    onTestFinished(() => {
      front.close();
      back.close();
    });
    let client = 0;
    front.on("message", (datagram, { port }) => {
      back.send(datagram, client === 0 ? first : rest, "127.0.0.1");
      client = port;
    });
    back.on("message", (datagram) => front.send(datagram, client, "127.0.0.1"));
    front.bind(0, "127.0.0.1");
    back.bind(0, "127.0.0.1");
    await Promise.all([once(front, "listening"), once(back, "listening")]);
    return front.address().port;
  }

  test("a process with the same takes over who has the cookie of another", async () => {
    const other = runProgram("listening-server.mjs", [`CookieSecret=${cookies}`]);
    const { server, port } = startEchoServer((subject) => subject.Config(`CookieSecret=${cookies}`));
    const client = await connect(await splitter(Number(await other.prints("port")), port));
    await client.echoes("hello\n");
    expect(counters(server)).toMatchObject({
      handshakesCompleted: 1,
      helloVerifyRequests: 0,
      dropBadCookie: 0,
    });
  });

  test("one with another answers with a cookie of its own", async () => {
    const other = startEchoServer((subject) => subject.Config(`CookieSecret=${cookies}`));
    const { server, port } = startEchoServer();
    const client = connect(await splitter(other.port, port));
    await expect.poll(() => counters(server).dropBadCookie).toBeGreaterThan(0);
    expect(counters(server).handshakesStarted).toBe(0);
    server.Config(`CookieSecret=${cookies}`);
    // The client repeats the cookie it has.
    await (await client).echoes("hello\n");
  });
});
