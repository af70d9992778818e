// `npm start`: set up, build, then the echo server, with the arguments given.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "./build.mjs";
import { main, root } from "./lib/run.mjs";
import { needs } from "./lib/toolchain.mjs";
import { setup } from "./setup.mjs";

await main(async () => {
  await setup(needs.start);
  await build();
  // In this process, so that Ctrl+C reaches the server and nothing else.
  const example = join(root, "examples", "echo-server.mjs");
  process.argv[1] = example;
  await import(pathToFileURL(example).href);
});
