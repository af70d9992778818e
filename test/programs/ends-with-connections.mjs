// Ends in the way its argument says, as soon as two clients are connected and one of them has spoken.
import { makeServer } from "./server.mjs";

const ends = {
  "process.exit": () => process.exit(0),
  "process.exitCode and Shutdown": () => {
    process.exitCode = 7;
    void server.Shutdown();
  },
  "an uncaught error": () => {
    throw new Error("this is the end");
  },
  "an unhandled rejection": () => void Promise.reject(new Error("this is the end")),
};

const server = makeServer();
server.OnDataIn = (e) => {
  server.SendBytes(e.ConnectionId, e.DatagramB);
  ends[process.argv[2]]();
};
server.StartListening();
console.log(`port ${server.LocalPort}`);
// The parent's channel must not be what keeps this process alive.
process.channel?.unref();
