/** The example program of a document, run as it stands there: in a folder with its `server.pfx`, on a free port. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { readText, root } from "./repository.js";
import { Watched } from "./waiting.js";

/** As soon as it has printed that; the text in parentheses. */
export type Prints = (text: RegExp) => Promise<string>;

export interface Example {
  /** Of the repository. */
  document: string;
  type: "module" | "commonjs";
  /** Its line that says where to listen: the port may be in use here. */
  port: { from: string; to: string };
  /** Takes the place of "server.pfx". */
  pfx: string;
}

/** Gone at the end of the test, whatever happens. */
export function runExample({ document, type, port, pfx }: Example): Prints {
  const text = readText(document);
  let program = /^```js\n(.*?)^```$/ms.exec(text)?.[1] ?? "";
  for (const [from, to] of [[port.from, port.to] as const, ['"server.pfx"', JSON.stringify(pfx)] as const]) {
    if (!program.includes(from)) throw new Error(`the example of ${document} has no ${from}`);
    program = program.replace(from, to);
  }
  // In the package's folder its name leads to itself.
  const child = spawn(process.execPath, [`--input-type=${type}`, "--eval", program], { cwd: root });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "close");
  });
  const watched = new Watched();
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (more: string) => {
      output += more;
      watched.changed();
    });
  }
  return async (expected) => {
    await watched.until(`${expected} in the example's output`, () => expected.test(output));
    return expected.exec(output)?.[1] ?? "";
  };
}
