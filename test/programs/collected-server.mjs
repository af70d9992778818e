// Drops a server and sees whether the garbage collector takes it. Run with --expose-gc.
import { setTimeout as delay } from "node:timers/promises";
import { makeServer } from "./server.mjs";

async function dropped(what) {
  const server = makeServer();
  if (what === "that was shut down") {
    server.StartListening();
    await server.Shutdown();
  }
  return new WeakRef(server);
}

const server = await dropped(process.argv[2]);
for (let round = 0; round < 200 && server.deref(); round++) {
  await delay(5);
  globalThis.gc();
}
console.log(server.deref() ? "still there" : "collected");
process.disconnect();
