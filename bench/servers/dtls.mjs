// The echo server under measurement: DTLSServer, as a user would write it. Its words: the certificate's file,
// then settings, and `groups=<list>` for those of the key exchange.
import { Certificate, CertStoreTypes, DTLSServer } from "../../dist/index.js";
import { native } from "../../dist/native.js";
import { answerMarks } from "./marks.mjs";

const [certificate, ...words] = process.argv.slice(2);
const settings = words.filter((word) => !word.startsWith("groups="));
const groups = words.find((word) => word.startsWith("groups="))?.slice("groups=".length);
if (groups) {
  // No documented setting chooses them yet.
  const { SecurityContext } = native;
  native.SecurityContext = function withGroups(plain) {
    return new SecurityContext({ ...plain, groups });
  };
}

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
