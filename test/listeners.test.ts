// Listeners run from the event loop, never inside the call that causes the event, never nested; one that throws
// costs nobody else anything; and some may take their time to decide.
import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { counters, DTLSServer, type DTLSServerEventName } from "../src/index.js";
import { deliverAsOneBatch } from "./peers/batch.js";
import { certificate } from "./peers/certificates.js";
import { catchUncaught } from "./peers/errors.js";
import { connect, OpensslClient } from "./peers/openssl-client.js";
import { type ServerUnderTest, startEchoServer, startServer } from "./peers/server.js";
import { eventually } from "./peers/waiting.js";

async function connectMany({ port }: ServerUnderTest, count: number): Promise<OpensslClient[]> {
  return Promise.all(Array.from({ length: count }, () => connect(port)));
}

describe("a listener that throws in the middle of a batch", () => {
  test("surfaces as uncaughtException; the others, the server and the rest of the batch stay intact", async () => {
    const caught = catchUncaught();
    let delivered: string[] = [];
    const target = startServer((server) => {
      server.OnDataIn = (e) => {
        delivered.push(e.Datagram);
        if (delivered.length === 2) throw new Error(`cannot cope with ${e.Datagram}`);
        server.SendBytes(e.ConnectionId, e.DatagramB);
      };
    });
    const clients = await connectMany(target, 4);
    const text = (index: number): string => `<message of ${index}>`;
    await deliverAsOneBatch(target, clients, text, () => {
      delivered = [];
      caught.length = 0;
    });
    await eventually("the exception to surface", () => caught.length > 0);

    expect(caught.map((error) => (error as Error).message)).toEqual([`cannot cope with ${delivered[1]}`]);
    expect([...delivered].sort()).toEqual(clients.map((_, index) => text(index)));
    const answered = clients.filter((_, index) => text(index) !== delivered[1]);
    expect(answered).toHaveLength(3);
    await Promise.all(answered.map((client) => client.receives(">")));
    expect(target.server.ConnectionCount).toBe(4);
    await Promise.all(clients.map((client) => client.echoes("all is well")));
  });

  test("keeps no other listener of the same event from its turn", async () => {
    const caught = catchUncaught();
    const seen: string[] = [];
    const { port } = startEchoServer((server) => {
      server.on("Connected", () => {
        seen.push("first");
        throw new Error("first failed");
      });
      server.on("Connected", () => seen.push("second"));
    });
    await (await connect(port)).echoes("connected all the same\n");
    expect(seen).toEqual(["first", "second"]);
    expect(caught.map((error) => (error as Error).message)).toEqual(["first failed"]);
  });

  test("refuses, when it was to decide on a connection", async () => {
    const caught = catchUncaught();
    const { server, port, events } = startServer((s) => {
      s.OnConnectionRequest = () => {
        throw new Error("undecided");
      };
    });
    await new OpensslClient(port).says("alert access denied");
    expect(caught).toHaveLength(1);
    expect(events.of("Connected")).toEqual([]);
    expect(server.ConnectionCount).toBe(0);
  });
});

describe("ConnectionRequest", () => {
  test("refused: one access_denied alert, no Connected event, nothing kept, and a line in the log", async () => {
    const lines: string[] = [];
    const { server, port, events } = startServer((s) => {
      s.OnLog = (e) => lines.push(`${e.LogType} ${e.Message}`);
      s.OnConnectionRequest = (e) => {
        e.Accept = false;
      };
    });
    const client = new OpensslClient(port);
    await client.says("alert access denied");
    expect((await client.exited).code).not.toBe(0);
    expect(events.names()).toEqual(["ConnectionRequest"]);
    expect(server.ConnectionCount).toBe(0);
    expect(lines).toContain("Info Connection 1 rejected by application.");
  });

  test("tells the client's address, before anything else is known of it", async () => {
    const { port, events } = startServer();
    await connect(port);
    const request = await events.first("ConnectionRequest");
    const connected = await events.first("Connected");
    expect([request.Address, request.Port]).toEqual([connected.SourceAddr, connected.SourcePort]);
  });

  test("nobody is asked where nobody listens, and the log tells of it all the same", async () => {
    const lines: string[] = [];
    const server = new DTLSServer();
    onTestFinished(() => server.Shutdown());
    server.SSLCert = certificate("ecdsa");
    server.LocalHost = "127.0.0.1";
    server.OnLog = (e) => lines.push(e.Message);
    server.OnDataIn = (e) => server.SendBytes(e.ConnectionId, e.DatagramB);
    server.StartListening();
    await (await connect(server.LocalPort)).echoes("unasked\n");
    const requested = lines.findIndex((line) => /^Connection 1 requested by 127\.0\.0\.1:/.test(line));
    expect(requested).toBeGreaterThan(0);
    expect(lines.indexOf("Connection 1 established.")).toBeGreaterThan(requested);
  });

  test("one that comes while the server listens decides on the next request", async () => {
    const server = new DTLSServer();
    onTestFinished(() => server.Shutdown());
    server.SSLCert = certificate("ecdsa");
    server.LocalHost = "127.0.0.1";
    server.StartListening();
    await connect(server.LocalPort);
    server.OnConnectionRequest = (e) => {
      e.Accept = false;
    };
    await new OpensslClient(server.LocalPort).says("alert access denied");
    expect(server.ConnectionCount).toBe(1);
  });

  test("a handler that a subclass has defined its own way decides too", async () => {
    class Guarded extends DTLSServer {
      guard: DTLSServer["OnConnectionRequest"] = null;
      override get OnConnectionRequest(): DTLSServer["OnConnectionRequest"] {
        return this.guard;
      }
    }
    const server = new Guarded();
    onTestFinished(() => server.Shutdown());
    server.SSLCert = certificate("ecdsa");
    server.LocalHost = "127.0.0.1";
    server.StartListening();
    server.guard = (e) => {
      e.Accept = false;
    };
    await new OpensslClient(server.LocalPort).says("alert access denied");
    expect(server.ConnectionCount).toBe(0);
  });

  test("an async listener accepts in its own time", async () => {
    const { port, events } = startEchoServer((s) => {
      s.OnConnectionRequest = async (e) => {
        e.Accept = false;
        await delay(200);
        e.Accept = true;
      };
    });
    await (await connect(port)).echoes("worth the wait\n");
    expect(events.names()).toEqual(["ConnectionRequest", "Connected"]);
  });

  test("an async listener refuses in its own time", async () => {
    const { port, events } = startServer((s) => {
      s.OnConnectionRequest = async (e) => {
        await delay(50);
        e.Accept = false;
      };
    });
    await new OpensslClient(port).says("alert access denied");
    expect(events.names()).toEqual(["ConnectionRequest"]);
  });

  test("while one client waits for its answer, others come and go", async () => {
    let answer = (): void => {};
    const { port, events } = startEchoServer((s) => {
      s.OnConnectionRequest = () => {
        if (events.of("ConnectionRequest").length > 0) return undefined;
        return new Promise<void>((resolve) => {
          answer = resolve;
        });
      };
    });
    const waiting = new OpensslClient(port);
    await events.first("ConnectionRequest");
    await (await connect(port)).echoes("overtaken\n");
    expect(events.of("Connected")).toHaveLength(1);
    answer();
    await waiting.established();
    await waiting.echoes("me too\n");
  });
});

describe("events", () => {
  test("never come inside the call that causes them", async () => {
    const { server, port, events } = startServer((s) => s.Config("LogLevel=3"));
    let inCall = false;
    const nested: string[] = [];
    for (const name of ["Connected", "Disconnected", "DataIn", "Error", "Log", "SSLStatus"] as const) {
      server.on<DTLSServerEventName>(name, () => {
        if (inCall) nested.push(name);
      });
    }
    const call = (run: () => void): void => {
      inCall = true;
      run();
      inCall = false;
    };
    const [one, two] = [await connect(port), await connect(port)];
    const [first, second] = await events.count("Connected", 2);
    call(() => server.SendText(first?.ConnectionId ?? 0, "x"));
    call(() => server.PauseData(first?.ConnectionId ?? 0));
    one.send("kept\n");
    await eventually("the datagram", () => counters(server).applicationRecordsReceived === 1);
    call(() => server.ProcessData(first?.ConnectionId ?? 0));
    call(() => server.Disconnect(second?.ConnectionId ?? 0));
    call(() => server.StopListening());
    call(() => server.StartListening());
    call(() => void server.Shutdown());
    await events.count("Disconnected", 2);
    await Promise.all([one.exited, two.exited]);
    expect(nested).toEqual([]);
  });

  test("never nest: what a listener causes comes after it has returned", async () => {
    const order: string[] = [];
    const { port, events } = startServer((server) => {
      server.OnConnected = (e) => {
        order.push("Connected begins");
        server.Disconnect(e.ConnectionId);
        order.push("Connected ends");
      };
      server.OnDisconnected = () => order.push("Disconnected");
    });
    new OpensslClient(port);
    await events.first("Disconnected");
    expect(order).toEqual(["Connected begins", "Connected ends", "Disconnected"]);
  });

  test("ticks and promises run after the batch", async () => {
    let order: string[] = [];
    const target = startServer((server) => {
      server.OnDataIn = () => {
        order.push("data");
        process.nextTick(() => order.push("tick"));
        void Promise.resolve().then(() => order.push("promise"));
      };
    });
    const clients = await connectMany(target, 3);
    await deliverAsOneBatch(
      target,
      clients,
      () => "x",
      () => {
        order = [];
      },
    );
    await eventually("all of it", () => order.length === 9);
    expect(order.join(" ")).toBe("data data data tick tick tick promise promise promise");
  });

  test("run in the async context in which the server was made", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const server = storage.run("where it was made", () => new DTLSServer());
    onTestFinished(() => server.Shutdown());
    server.SSLCert = certificate("ecdsa");
    server.LocalHost = "127.0.0.1";
    server.OnDataIn = async (e) => {
      seen.push(storage.getStore());
      await delay(1);
      seen.push(storage.getStore());
      server.SendBytes(e.ConnectionId, e.DatagramB);
    };
    storage.run("where it was started", () => server.StartListening());
    await (await connect(server.LocalPort)).echoes("context\n");
    expect(seen).toEqual(["where it was made", "where it was made"]);
  });

  test("a rejected promise of a listener is an Error event, 10022, and breaks nothing", async () => {
    const { port, events } = startEchoServer((server) => {
      server.on("DataIn", async () => {
        throw new Error("no room in the database");
      });
    });
    const client = await connect(port);
    await client.echoes("one\n");
    const error = await events.first("Error");
    expect(error.ErrorCode).toBe(10022);
    expect(error.Description).toContain("listener failed");
    expect(error.Description).toContain("no room in the database");
    await client.echoes("two\n");
  });

  test("a Shutdown from inside a listener is as good as any", async () => {
    const target = startServer((s) => {
      s.OnDataIn = () => void s.Shutdown();
    });
    const clients = await connectMany(target, 3);
    await target.events.count("Connected", 3);
    for (const client of clients) client.send("stop\n");
    const exits = await Promise.all(clients.map((client) => client.exited));
    expect(exits.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect((await target.events.count("Disconnected", 3)).map((e) => e.StatusCode)).toEqual([0, 0, 0]);
    expect(target.server.Listening).toBe(false);
  });
});

describe("PauseData", () => {
  test("keeps what arrives until ProcessData, in order, for that connection alone", async () => {
    const { server, port, events } = startServer((s) => {
      s.OnDataIn = (e) => s.SendText(e.ConnectionId, "got it\n");
    });
    const [held, free] = [await connect(port), await connect(port)];
    const [first, second] = await events.count("Connected", 2);
    const id = first?.ConnectionId ?? 0;
    server.PauseData(id);
    server.PauseData(id);
    const received = (count: number): Promise<void> =>
      eventually(`${count} records`, () => counters(server).applicationRecordsReceived === count);
    held.send("one\n");
    await received(1);
    held.send("two\n");
    await received(2);
    free.send("free\n");
    await free.receives("got it\n");
    expect(events.of("DataIn").map((e) => e.ConnectionId)).toEqual([second?.ConnectionId]);
    server.ProcessData(id);
    await events.until("what was kept", () => text().includes("two\n"));
    expect(text()).toBe("one\ntwo\n");
    held.send("three\n");
    await events.until("what came afterwards", () => text().endsWith("three\n"));

    function text(): string {
      return events
        .of("DataIn")
        .filter((e) => e.ConnectionId === id)
        .map((e) => e.Datagram)
        .join("");
    }
  });
});
