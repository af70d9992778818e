// Text in the encoding that Config's CodePage names, both ways, from the moment it is set.
import { expect, test } from "vitest";
import { connect } from "./peers/openssl-client.js";
import { startServer } from "./peers/server.js";

test("SendText and Datagram speak the code page that is set; what came before keeps its own", async () => {
  const { server, port, events } = startServer();
  const client = await connect(port);
  const { ConnectionId: id } = await events.first("Connected");
  client.send(Buffer.from("Grüße", "utf8"));
  const [utf8] = await events.count("DataIn", 1);
  server.Config("CodePage=1252");
  client.send(Buffer.from("Grüße", "latin1"));
  const [, ansi] = await events.count("DataIn", 2);
  expect([utf8?.Datagram, ansi?.Datagram]).toEqual(["Grüße", "Grüße"]);
  expect(ansi?.DatagramB.toString("latin1")).toBe("Grüße");

  server.SendText(id, "é→");
  expect((await client.receives(2)).toString("latin1")).toBe("é?");
});

test("a page without an encoder is 402, one that nobody lists 10022, and the old one stays", () => {
  const { server } = startServer();
  server.Config("CodePage=1251");
  expect(() => server.Config("CodePage=37")).toThrow(expect.objectContaining({ code: 402 }));
  expect(() => server.Config("CodePage=12345")).toThrow(expect.objectContaining({ code: 10022 }));
  expect(server.Config("CodePage")).toBe("1251");
});
