import { expect, test } from "vitest";
import { counters } from "../src/index.js";
import { connect } from "./peers/openssl-client.js";
import { startServer } from "./peers/server.js";
import { eventually } from "./peers/waiting.js";

test("what arrives while paused comes after ProcessData, in order", async () => {
  const { server, port, events } = startServer();
  const client = await connect(port);
  const { ConnectionId: id } = await events.first("Connected");
  server.PauseData(id);
  server.PauseData(id);
  for (let n = 1; n <= 3; n++) {
    client.send(`${n}\n`);
    await eventually("the datagram to arrive", () => counters(server).applicationRecordsReceived === n);
  }
  await server.DoEvents();
  expect(events.of("DataIn")).toEqual([]);
  server.ProcessData(id);
  expect(events.of("DataIn")).toEqual([]);
  expect((await events.count("DataIn", 3)).map((e) => e.Datagram)).toEqual(["1\n", "2\n", "3\n"]);
  server.ProcessData(id);
  client.send("4\n");
  expect((await events.count("DataIn", 4)).at(3)?.Datagram).toBe("4\n");
});

test("what is past InBufferSize is dropped, counted, and told of at Verbose", async () => {
  const logged: string[] = [];
  const { server, port, events } = startServer((subject) => {
    subject.Config("InBufferSize=1100");
    subject.Config("LogLevel=2");
    subject.OnLog = (e) => logged.push(`${e.ConnectionId} ${e.LogType} ${e.Message}`);
  });
  const client = await connect(port);
  const { ConnectionId: id } = await events.first("Connected");
  server.PauseData(id);
  for (const text of ["a".repeat(600), "b".repeat(600), "c".repeat(300)]) {
    const before = counters(server).applicationRecordsReceived;
    client.send(text);
    await eventually("the datagram to arrive", () => counters(server).applicationRecordsReceived > before);
  }
  expect(counters(server).dropPaused).toBe(1);
  server.ProcessData(id);
  expect((await events.count("DataIn", 2)).map((e) => e.Datagram[0])).toEqual(["a", "c"]);
  expect(logged).toContainEqual(
    expect.stringMatching(/^1 Verbose Dropped from 127\.0\.0\.1:\d+: data of a paused connection\.$/),
  );
});

test("a buffer larger than any keeps what arrives, from the bind on", async () => {
  const { server, port, events } = startServer((subject) => {
    for (const name of ["InBufferSize", "OutBufferSize"])
      subject.Config(`${name}=${Number.MAX_SAFE_INTEGER}`);
  });
  const client = await connect(port);
  const { ConnectionId: id } = await events.first("Connected");
  server.PauseData(id);
  client.send("kept\n");
  await eventually("the datagram to arrive", () => counters(server).applicationRecordsReceived === 1);
  server.ProcessData(id);
  expect((await events.count("DataIn", 1)).map((e) => e.Datagram)).toEqual(["kept\n"]);
});

test("a paused connection still ends when the client closes", async () => {
  const { server, port, events } = startServer();
  const client = await connect(port);
  server.PauseData((await events.first("Connected")).ConnectionId);
  await client.close();
  expect((await events.first("Disconnected")).StatusCode).toBe(0);
});
