// Prints when each of the certificates named becomes valid and expires.
import { Certificate } from "openssl-dtls";

for (const file of process.argv.slice(2)) {
  const certificate = new Certificate(file);
  console.log(certificate.EffectiveDate);
  console.log(certificate.ExpirationDate);
}
