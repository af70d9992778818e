// The server of these programs: an echo on a port of the system's choice, with the settings of the test.
import { join } from "node:path";
import { Certificate, CertStoreTypes, DTLSServer } from "openssl-dtls";

export function makeServer() {
  const server = new DTLSServer();
  const file = join(process.env.TEST_CERTIFICATES, "ecdsa.pem");
  server.SSLCert = new Certificate(CertStoreTypes.cstPEMKeyFile, file, "", "*");
  server.LocalHost = "127.0.0.1";
  for (const setting of JSON.parse(process.env.TEST_SETTINGS)) server.Config(setting);
  server.OnDataIn = (e) => server.SendBytes(e.ConnectionId, e.DatagramB);
  return server;
}
