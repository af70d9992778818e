// The endpoint of TypeScript over the native one: what the table says arrives as it was meant.
import { expect, onTestFinished, test } from "vitest";
import { Endpoint, type EndpointHandler } from "../../src/endpoint.js";
import { connect } from "../peers/openssl-client.js";
import { Watched } from "../peers/waiting.js";
import { loopback, securityContext, settings } from "./native-endpoint.js";

test("ids past 32 bits cross into JavaScript whole", async () => {
  const first = 2 ** 52 + 2 ** 32 + 1;
  const seen: [string, number][] = [];
  const watched = new Watched();
  const note = (what: string, id: number): void => {
    seen.push([what, id]);
    watched.changed();
  };
  const handler: EndpointHandler = {
    wantsData: () => true,
    connectionRequest: (id, _address, _port, answer) => {
      note("requested", id);
      answer?.(true);
    },
    clientCertificate: () => {},
    connected: (id) => note("connected", id),
    handshakeFailed: (id) => note("failed", id),
    data: (id, payload) => note(payload.toString(), id),
    disconnected: (id) => note("disconnected", id),
    error: (id) => note("error", id),
    progress: () => {},
    limitReached: () => {},
    dropped: () => {},
    helloVerifyRequest: () => {},
    keepAliveInert: () => {},
    forgedRecords: () => {},
    keyLog: () => {},
    record: () => {},
    batchEnd: () => {},
    released: () => note("released", 0),
  };
  const endpoint = new Endpoint(settings, first, handler, (report) => report());
  onTestFinished(() => endpoint.close());
  endpoint.bind(loopback);
  endpoint.setSecurityContext(securityContext());
  const client = await connect(endpoint.localAddress().port);
  expect(endpoint.connectionIds()).toEqual([first]);
  client.send("hello\n");
  await watched.until("the text to arrive", () => seen.length === 3);
  endpoint.close();
  await watched.until("the end", () => seen.length === 5);
  expect(seen).toEqual([
    ["requested", first],
    ["connected", first],
    ["hello\n", first],
    ["disconnected", first],
    ["released", 0],
  ]);
  expect(endpoint.nextId()).toBe(first + 1);
});
