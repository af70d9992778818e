// The vitest suite under the supported Node.js lines, with one and the same addon: the one that ships. Downloads
// the Node builds once, into out/node-lines. --lines=20,24 picks lines, by default all but the machine's own, under
// which every other lane runs. Other arguments go to vitest; without any, what no Node line can change is left out.
import { existsSync, mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { buildTypeScript } from "./build.mjs";
import { locked } from "./lib/lock.mjs";
import { capture, Failure, main, npm, root, step } from "./lib/run.mjs";
import {
  resetResults,
  runVitest,
  totals,
  withoutNetworks,
  withoutScripts,
  withoutVariants,
} from "./lib/suites.mjs";
import { needs } from "./lib/toolchain.mjs";
import { prebuild, prebuildNeeds } from "./prebuild.mjs";
import { setup } from "./setup.mjs";

const picked = process.argv.find((arg) => arg.startsWith("--lines="))?.slice("--lines=".length);
const supported = ["20", "22", "24", "26"];
const isOwn = (line) => process.versions.node.startsWith(`${line}.`);
const lines = picked?.split(",") ?? supported.filter((line) => !isOwn(line));
const rest = process.argv.slice(2).filter((arg) => !arg.startsWith("--lines="));
const args = rest.length > 0 ? rest : [...withoutScripts, ...withoutVariants, ...withoutNetworks];
const packageName = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;

async function fetchNode(line) {
  if (isOwn(line)) return process.execPath;
  const prefix = join(root, "out", "node-lines", line);
  const node = join(prefix, "node_modules", packageName, "bin", "node");
  if (existsSync(node)) return node;
  mkdirSync(prefix, { recursive: true });
  const [command, ...args] = npm();
  const plain = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"];
  const install = [...args, "install", "--prefix", prefix, ...plain, `${packageName}@${line}`];
  await step(`fetching Node.js ${line}`, command, install, { cwd: prefix });
  return node;
}

const report = `
  const module = { exports: {} };
  process.dlopen(module, process.argv[1]);
  const { node, openssl } = process.versions;
  console.log(["Node.js " + node, "its OpenSSL " + openssl, "the addon's " + module.exports.opensslVersion()].join(", "));
`;

await main(async () => {
  await setup([...prebuildNeeds, ...needs.test]);
  await locked(buildTypeScript);
  const addon = await prebuild();
  const failed = [];
  for (const line of lines) {
    const node = await fetchNode(line);
    const { code, output } = await capture(node, ["-e", report, addon]);
    console.log(output.trim());
    const lane = `node${line}`;
    resetResults(lane);
    // Tests start child processes with plain `node` too.
    const env = { OPENSSL_DTLS_ADDON: addon, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
    const vitestCode = code || (await runVitest(lane, { node, args, env, quiet: true }));
    const { passed, failed: bad } = totals(lane);
    console.log(`  ${passed} passed, ${bad} failed`);
    if (vitestCode) failed.push(line);
  }
  if (failed.length > 0) throw new Failure(`failed under Node.js ${failed.join(", ")}`);
});
