// What the README tells a newcomer to type works as it stands.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { peerEnvironment } from "./peers/environment.js";
import { runExample } from "./peers/example.js";
import { connect } from "./peers/openssl-client.js";
import { readText } from "./peers/repository.js";

const readme = readText("README.md");

test("the two openssl lines make the server.pfx that the example serves with", async () => {
  const folder = mkdtempSync(join(tmpdir(), "openssl-dtls-readme-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const lines = readme.match(/^ {4}openssl (req|pkcs12) .*$/gm) ?? [];
  expect(lines).toHaveLength(2);
  const env = peerEnvironment();
  for (const line of lines) execFileSync("sh", ["-c", line], { cwd: folder, env, stdio: "pipe" });

  const prints = runExample({
    document: "README.md",
    type: "module",
    port: { from: "LocalPort = 4433", to: "LocalPort = 0" },
    pfx: join(folder, "server.pfx"),
  });
  const client = await connect(Number(await prints(/^Listening on 0\.0\.0\.0:(\d+)\n/m)));
  await prints(/^127\.0\.0\.1:\d+ is connection 1\n/m);
  await client.echoes("hello\n");
  await client.close();
  await prints(/^1 left: OK\n/m);
});
