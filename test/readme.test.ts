// What the README tells a newcomer to type works as it stands.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { peerEnvironment } from "./peers/environment.js";
import { connect } from "./peers/openssl-client.js";
import { Watched } from "./peers/waiting.js";

const root = fileURLToPath(new URL("../", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

test("the two openssl lines make the server.pfx that the example serves with", async () => {
  const folder = mkdtempSync(join(tmpdir(), "openssl-dtls-readme-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const lines = readme.match(/^ {4}openssl (req|pkcs12) .*$/gm) ?? [];
  expect(lines).toHaveLength(2);
  const env = peerEnvironment();
  for (const line of lines) execFileSync("sh", ["-c", line], { cwd: folder, env, stdio: "pipe" });

  const example = /^```js\n(.*?)^```$/ms.exec(readme)?.[1] ?? "";
  expect(example).toContain('"server.pfx"');
  expect(example).toContain("LocalPort = 4433");
  // In the package's folder its name leads to itself; the port may be in use here.
  const program = example
    .replace('"server.pfx"', JSON.stringify(join(folder, "server.pfx")))
    .replace("LocalPort = 4433", "LocalPort = 0");
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { cwd: root });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "close");
  });
  const watched = new Watched();
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      watched.changed();
    });
  }
  const prints = async (text: RegExp): Promise<string> => {
    await watched.until(`${text} in the example's output`, () => text.test(output));
    return text.exec(output)?.[1] ?? "";
  };

  const client = await connect(Number(await prints(/^Listening on 0\.0\.0\.0:(\d+)\n/m)));
  await prints(/^127\.0\.0\.1:\d+ is connection 1\n/m);
  await client.echoes("hello\n");
  await client.close();
  await prints(/^1 left: OK\n/m);
});
