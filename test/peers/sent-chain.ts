/** The certificates that a server sends, as `openssl s_client -showcerts` shows them. */
import { spawn } from "node:child_process";
import { onTestFinished } from "vitest";
import { peerEnvironment } from "./environment.js";

/** In PEM, leaf first; the client is gone at the end of the test. */
export async function sentChain(port: number): Promise<string[]> {
  const parameters = ["s_client", "-dtls1_2", "-nbio", "-showcerts", "-connect", `127.0.0.1:${port}`];
  // Without input it leaves when the handshake is done.
  const child = spawn("openssl", parameters, { env: peerEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let complaint = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve());
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  await ended;
  const chain = /^Certificate chain\n([\s\S]*?)^---\n/m.exec(output)?.[1];
  if (chain === undefined)
    throw new Error(`openssl s_client was sent no certificates:\n${output}${complaint}`);
  return chain.match(/-----BEGIN CERTIFICATE-----\n[^-]*-----END CERTIFICATE-----\n/g) ?? [];
}
