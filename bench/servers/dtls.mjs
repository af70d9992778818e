// The echo server under measurement: DTLSServer, as a user would write it.
import { Certificate, CertStoreTypes, DTLSServer } from "../../dist/index.js";
import { answerMarks } from "./marks.mjs";

const server = new DTLSServer();
server.LocalHost = "127.0.0.1";
server.SSLCert = new Certificate(CertStoreTypes.cstPEMKeyFile, process.argv[2], "", "*");
for (const setting of process.argv.slice(3)) server.Config(setting);
server.on("DataIn", (e) => server.SendBytes(e.ConnectionId, e.DatagramB));
server.StartListening();
answerMarks(server.LocalPort);
