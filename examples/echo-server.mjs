// A DTLS echo server with a self-made certificate: node examples/echo-server.mjs [port]
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Certificate, CertStoreTypes, DTLSServer } from "openssl-dtls";

const host = "127.0.0.1";
const port = Number(process.argv[2] ?? process.env.PORT ?? 4433);

const server = new DTLSServer();
server.SSLCert = selfMadeCertificate();
server.LocalHost = host;
server.LocalPort = port;

server.OnConnected = (e) => {
  const peer = `${e.SourceAddr}:${e.SourcePort}`;
  if (e.StatusCode === 0) console.log(`Connection ${e.ConnectionId} from ${peer}`);
  else console.log(`Connection from ${peer} failed: ${e.Description}`);
};
server.OnDataIn = (e) => {
  console.log(`Connection ${e.ConnectionId}: ${e.DatagramB.length} bytes`);
  server.SendBytes(e.ConnectionId, e.DatagramB);
};
server.OnDisconnected = (e) => console.log(`Connection ${e.ConnectionId} closed: ${e.Description}`);
server.OnError = (e) => console.error(`Error ${e.ErrorCode}: ${e.Description}`);

for (const signal of ["SIGINT", "SIGTERM"]) {
  // The second time the signal does what it does by default.
  process.once(signal, () => void server.Shutdown());
}

server.StartListening();
console.log(server.Config("BuildInfo"));
console.log(`Listening on ${server.LocalHost}:${server.LocalPort}. Ctrl+C ends it. To try it, type into:`);
console.log(`  openssl s_client -dtls1_2 -nbio -connect ${server.LocalHost}:${server.LocalPort}`);

/** Real servers read theirs from a PFX or PEM file. */
function selfMadeCertificate() {
  const folder = mkdtempSync(join(tmpdir(), "openssl-dtls-"));
  const key = join(folder, "key.pem");
  const certificate = join(folder, "certificate.pem");
  const pfx = join(folder, "server.pfx");
  const openssl = (...parameters) => execFileSync("openssl", parameters, { stdio: "pipe" });
  try {
    openssl(
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"],
      ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
      ...["-keyout", key, "-out", certificate],
    );
    openssl("pkcs12", "-export", "-inkey", key, "-in", certificate, "-out", pfx, "-passout", "pass:echo");
    return new Certificate(pfx, CertStoreTypes.cstPFXFile, "echo", "CN=localhost");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
