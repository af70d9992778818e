// An echo server that names its process in its answers and does what its parent says: "exhaust" opens files
// until it may open no more, "release" closes them, "send 5" sends to connection 5, "leave" ends it politely;
// anything else is for Config.
import { closeSync, openSync } from "node:fs";
import { makeServer } from "./server.mjs";

const server = makeServer();
const files = [];

const commands = {
  exhaust() {
    for (;;) {
      try {
        files.push(openSync("/dev/null"));
      } catch (error) {
        console.log(`exhausted ${error.code}`);
        return;
      }
    }
  },
  release() {
    for (const file of files.splice(0)) closeSync(file);
    console.log("released all");
  },
  send: (id) => server.SendText(Number(id), "unasked\n"),
  leave() {
    void server.Shutdown();
    process.disconnect();
  },
};

server.OnError = (e) => console.log(`error ${e.ConnectionId} ${e.Description}`);
server.OnDisconnected = (e) => console.log(`disconnected ${e.ConnectionId}`);
server.OnDataIn = (e) => server.SendText(e.ConnectionId, `${process.pid} ${e.Datagram}`);
process.on("message", (message) => {
  const [name, argument] = message.split(" ");
  if (name in commands) commands[name](argument);
  else console.log(`set ${server.Config(message)}`);
});
server.StartListening();
console.log(`port ${server.LocalPort}`);
