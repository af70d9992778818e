// SSLKeyLogFile: the file decrypts what was captured, tells what the client's own key log tells, and nothing
// else does.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Capture } from "./peers/capture.js";
import { certificateFolder } from "./peers/certificates.js";
import { describePeer } from "./peers/describe-peer.js";
import { connect } from "./peers/openssl-client.js";
import { startEchoServer } from "./peers/server.js";
import { eventually } from "./peers/waiting.js";

const folder = certificateFolder();
const lineFormat = /^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$/;

function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
}

/** As soon as there are as many: they may be written after the client has its handshake. */
async function lines(file: string, count: number): Promise<string[]> {
  await eventually(`${count} lines in the key log`, () => linesOf(file).length >= count);
  return linesOf(file);
}

test("each handshake adds the line that the client's own key log has, to what there was", async () => {
  const file = folder.file("keys.log");
  writeFileSync(file, "# kept\n");
  const { server, port } = startEchoServer();
  await (await connect(port)).echoes("before\n");
  server.Config(`SSLKeyLogFile=${file}`);
  const theirs = [1, 2].map((number) => folder.file(`client-${number}.log`));
  for (const log of theirs) await (await connect(port, { args: ["-keylogfile", log] })).echoes("hello\n");
  const [kept, ...ours] = await lines(file, 3);
  expect(kept).toBe("# kept");
  expect(ours).toEqual(theirs.map((log) => linesOf(log).find((line) => line.startsWith("CLIENT_RANDOM"))));
  for (const line of ours) expect(line).toMatch(lineFormat);
  server.Config("SSLKeyLogFile=");
  await (await connect(port)).echoes("after\n");
  expect(linesOf(file)).toHaveLength(3);
});

test("the file is made for its owner alone, and has the keys of resumed sessions too", async () => {
  const file = folder.file("private.log");
  const session = folder.file("logged.session");
  const { port } = startEchoServer((server) => {
    server.Config(`SSLKeyLogFile=${file}`);
    server.Config("ReuseSSLSession=True");
  });
  await (await connect(port, { args: ["-sess_out", session] })).close();
  await (await connect(port, { args: ["-sess_in", session] })).echoes("hello\n");
  const logged = await lines(file, 2);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const [first = [], second = []] = logged.map((line) => line.split(" "));
  expect(first[1]).not.toBe(second[1]);
  expect(first[2]).toBe(second[2]);
});

test("a pipe that nobody reads holds nothing up: it is a file that cannot be written", async () => {
  const pipe = folder.file("pipe.log");
  execFileSync("mkfifo", [pipe]);
  const { port, events } = startEchoServer((server) => void server.Config(`SSLKeyLogFile=${pipe}`));
  await (await connect(port)).echoes("one\n");
  expect((await events.first("Error")).Description).toContain(`writing to SSLKeyLogFile ${pipe}`);
});

test("a file that cannot be written is one Error event and one line, and handshakes go on", async () => {
  const place = folder.file("missing");
  const file = `${place}/keys.log`;
  const logged: string[] = [];
  const { port, events } = startEchoServer((server) => {
    server.Config(`SSLKeyLogFile=${file}`);
    server.OnLog = (e) => logged.push(`${e.LogType} ${e.Message}`);
  });
  for (const text of ["one\n", "two\n"]) await (await connect(port)).echoes(text);
  const [error, ...more] = await events.count("Error", 1);
  expect(error).toMatchObject({ ConnectionId: 0, ErrorCode: 10022 });
  expect(error?.Description).toContain(file);
  expect(more).toEqual([]);
  expect(logged.filter((line) => line.startsWith("Error"))).toEqual([`Error Error: ${error?.Description}`]);
  // As soon as it can be written it is.
  mkdirSync(place);
  await (await connect(port)).echoes("three\n");
  expect(await lines(file, 1)).toHaveLength(1);
  chmodSync(file, 0o600);
  expect(events.of("Error")).toHaveLength(1);
});

test("no master secret ends in the log or in SSLStatus, at any level", async () => {
  const file = folder.file("secret.log");
  const told: string[] = [];
  const { port } = startEchoServer((server) => {
    for (const setting of ["LogLevel=3", "LogSSLPackets=True", `SSLKeyLogFile=${file}`])
      server.Config(setting);
    server.OnLog = (e) => told.push(e.Message);
    server.OnSSLStatus = (e) => told.push(e.Message);
  });
  await (await connect(port)).echoes("hello\n");
  const [line = ""] = await lines(file, 1);
  const [, , secret = "none"] = line.split(" ");
  expect(told.length).toBeGreaterThan(20);
  expect(told.filter((message) => message.includes(secret) || message.includes("CLIENT_RANDOM"))).toEqual([]);
});

describePeer("tshark", "tshark", () => {
  // It takes its time to start.
  test("decrypts a capture of our port with it, whatever the suite", { timeout: 90_000 }, async () => {
    const file = folder.file("captured.log");
    const { server, port, events } = startEchoServer((subject) => subject.Config(`SSLKeyLogFile=${file}`));
    const capture = await Capture.start(folder.path, port);
    // Wireshark 4.0 can't decrypt ChaCha20 over DTLS, whoever has made the keys.
    const suites = [
      "ECDHE-ECDSA-AES128-GCM-SHA256",
      "ECDHE-ECDSA-AES256-GCM-SHA384",
      "ECDHE-ECDSA-AES256-SHA384",
    ];
    for (const [index, suite] of suites.entries()) {
      const client = await connect(port, { args: ["-cipher", suite] });
      await client.echoes(`over ${suite}\n`);
      server.SendText(index + 1, "from the server\n");
      await client.receives("from the server\n");
      await client.close();
      await events.count("Disconnected", index + 1);
    }
    expect(await capture.applicationData(file)).toEqual(
      suites.flatMap((suite) => [`over ${suite}\n`, `over ${suite}\n`, "from the server\n"]),
    );
  });
});
