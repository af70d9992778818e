// CPU per record opened and sealed: our own record protection, by slots and by suite, beside OpenSSL's SSL
// objects doing the same in memory. bench/records.cc says how.
//
//   node bench/records.mjs [--rounds 5] [--milliseconds 40] [--part slots|ssl|suites]
//   OPENSSL_DTLS_OPENSSL=source node bench/records.mjs        with the OpenSSL that releases have
//
// Pinned to one core where taskset exists.
import { main } from "../scripts/lib/run.mjs";
import { runProgram } from "./harness.mjs";

await main(() => runProgram("records"));
