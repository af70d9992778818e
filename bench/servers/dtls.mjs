// The echo server under measurement: DTLSServer, as a user would write it. Its words: the certificate's file,
// then settings.
import { Certificate, CertStoreTypes, DTLSServer } from "../../dist/index.js";
import { native } from "../../dist/native.js";
import { answerMarks } from "./marks.mjs";

const [certificate, ...settings] = process.argv.slice(2);

const server = new DTLSServer();
server.LocalHost = "127.0.0.1";
server.SSLCert = new Certificate(CertStoreTypes.cstPEMKeyFile, certificate, "", "*");
for (const setting of settings) server.Config(setting);
server.on("Connected", () => {});
server.on("DataIn", (e) => server.SendBytes(e.ConnectionId, e.DatagramB));
server.StartListening();
answerMarks(server.LocalPort, () => ({
  connections: server.ConnectionCount,
  openssl: native.opensslVersion(),
}));
