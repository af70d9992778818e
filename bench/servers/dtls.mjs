// The echo server under measurement: DTLSServer, as a user would write it. Its words: the certificate's file,
// then settings, and `clients=<file>` to ask clients for a certificate and trust those of this file.
import { readFileSync } from "node:fs";
import { Certificate, CertStoreTypes, DTLSServer } from "../../dist/index.js";
import { native } from "../../dist/native.js";
import { answerMarks } from "./marks.mjs";

const [certificate, ...words] = process.argv.slice(2);

const server = new DTLSServer();
server.LocalHost = "127.0.0.1";
server.SSLCert = new Certificate(CertStoreTypes.cstPEMKeyFile, certificate, "", "*");
for (const word of words) {
  const [name, file] = word.split("=");
  if (name === "clients") {
    server.SSLAuthenticateClients = true;
    server.Config(`SSLClientCACerts=${readFileSync(file, "utf8")}`);
  } else server.Config(word);
}
server.on("Connected", () => {});
server.on("DataIn", (e) => server.SendBytes(e.ConnectionId, e.DatagramB));
server.StartListening();
answerMarks(server.LocalPort, () => ({
  connections: server.ConnectionCount,
  openssl: native.opensslVersion(),
}));
