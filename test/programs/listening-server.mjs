// Listens with the settings given, "NAME=VALUE" each, until it is told to stop.
import { makeServer } from "./server.mjs";

const server = makeServer();
for (const setting of process.argv.slice(2)) server.Config(setting);
server.StartListening();
console.log(`port ${server.LocalPort}`);
process.on("message", () => {
  process.disconnect();
  server.Shutdown();
});
