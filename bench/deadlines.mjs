// CPU per deadline set, moved and expired, with a thousand entries and with a million: the wheel promises that
// their number does not matter. bench/deadlines.cc says how.
//
//   node bench/deadlines.mjs [--rounds 5] [--entries 1000,1000000]
//
// Pinned to one core where taskset exists.
import { main } from "../scripts/lib/run.mjs";
import { runProgram } from "./harness.mjs";

await main(() => runProgram("deadlines"));
