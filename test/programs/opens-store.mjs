// Opens a PFX with a password, and prints whether the addon says that it has old algorithms, and what came of it.
import { Certificate, CertStoreTypes } from "openssl-dtls";
import { native } from "../../dist/native.js";

const [path, password] = process.argv.slice(2);
const legacyAlgorithms = native.legacyAlgorithms();
try {
  const { Subject } = new Certificate(CertStoreTypes.cstPFXFile, path, password);
  console.log(JSON.stringify({ legacyAlgorithms, Subject }));
} catch (error) {
  console.log(JSON.stringify({ legacyAlgorithms, code: error.code, message: error.message }));
}
