import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DTLSServer } from "openssl-dtls";
import { expect, onTestFinished, test } from "vitest";

/** Certificates whose encodings grow by a byte or so from one to the next. */
function certificates(count: number): string[] {
  const folder = mkdtempSync(join(tmpdir(), "openssl-dtls-texts-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const key = join(folder, "key.pem");
  execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", key]);
  return Array.from({ length: count }, (_, length) =>
    execFileSync("openssl", ["req", "-x509", "-key", key, "-subj", `/CN=${"n".repeat(length + 1)}`], {
      encoding: "utf8",
    }),
  );
}

test("PEM of every length is read: in lines, and in one line as other systems hand it on", () => {
  const server = new DTLSServer();
  const texts = certificates(50);
  // 48 bytes fill a line, and the last one may be full.
  const lastLines = texts.map((text) => text.trimEnd().split("\n").at(-2)?.length);
  expect(lastLines).toContain(64);
  for (const text of texts) {
    server.Config(`SSLClientCACerts=${text}`);
    server.Config(`SSLCACerts=${text.replace(/\n/g, " ")}`);
  }
});
