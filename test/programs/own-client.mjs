// A server with a client of its own beside it, for networks that nobody outside can reach: sends it as many
// bytes as its argument says, then the end, and tells what has arrived.
import { spawn } from "node:child_process";
import { makeServer } from "./server.mjs";

const server = makeServer();
server.OnError = (e) => console.log(`error ${e.ConnectionId} ${e.Description}`);
server.OnConnected = (e) => {
  server.SendBytes(e.ConnectionId, Buffer.alloc(Number(process.argv[2]), "x"));
  server.SendText(e.ConnectionId, "end\n");
};
server.StartListening();

const host = server.LocalHost.includes(":") ? `[${server.LocalHost}]` : server.LocalHost;
const { LD_PRELOAD: _, ...env } = process.env;
const words = ["s_client", "-dtls1_2", "-nbio", "-brief", "-connect", `${host}:${server.LocalPort}`];
const client = spawn("openssl", words, { env, stdio: ["pipe", "pipe", "ignore"] });
let received = "";
client.stdout.on("data", (chunk) => {
  received += chunk;
  if (!received.endsWith("end\n")) return;
  console.log(`received ${received.length - "end\n".length} bytes`);
  client.kill("SIGKILL");
  void server.Shutdown();
  process.disconnect();
});
