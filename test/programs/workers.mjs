// Servers in workers, and none in the main thread, which does not even load the addon. What the parent says:
// "terminate" ends one worker without a word, "replace" does so and starts another, "leave" ends all politely.
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

if (isMainThread) {
  const count = Number(process.argv[2]);
  const workers = [];
  let started = 0;
  let terminated = 0;
  const start = () => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: started++ });
    workers.push(worker);
    worker.on("message", (line) => console.log(line));
    worker.on("error", (error) => console.error(error));
  };
  for (let index = 0; index < count; index++) start();
  process.on("message", async (message) => {
    if (message === "leave") {
      for (const worker of workers) worker.postMessage("leave");
      process.disconnect();
      return;
    }
    await workers.shift().terminate();
    console.log(`terminated${terminated++} without a word`);
    if (message === "replace") start();
  });
} else {
  const { makeServer } = await import("./server.mjs");
  const server = makeServer();
  server.StartListening();
  parentPort.postMessage(`port${workerData} ${server.LocalPort}`);
  parentPort.once("message", () => void server.Shutdown());
}
