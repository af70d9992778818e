// The ring rule: core knows nothing outside itself, net nothing of Node, and below src/component nothing
// knows the documented names. docs/architecture.md says why, and must name every part of each ring.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, main, root } from "./lib/run.mjs";

const findings = [];

function sources(dir, pattern) {
  if (!existsSync(join(root, dir))) return [];
  return readdirSync(join(root, dir), { recursive: true })
    .filter((name) => pattern.test(name))
    .map((name) => join(dir, name).replaceAll("\\", "/"));
}

const read = (path) => readFileSync(join(root, path), "utf8");

/** Blanks out the comments; line numbers stay right. */
function withoutComments(text) {
  const blank = (comment) => comment.replace(/[^\n]/g, " ");
  return text.replace(/\/\*[\s\S]*?\*\//g, blank).replace(/(^|[^:"'`])\/\/.*$/gm, "$1");
}

function each(path, visit, text = withoutComments(read(path))) {
  text.split("\n").forEach((line, index) => {
    const complaint = visit(line);
    if (complaint) findings.push(`${path}:${index + 1}: ${complaint}\n    ${line.trim()}`);
  });
}

const include = /^\s*#\s*include\s*([<"])([^>"]+)[>"]/;
const bannedStd = new Set(["chrono", "ctime", "thread", "filesystem", "fstream", "iostream"]);
const clocks =
  /\b(clock_gettime|gettimeofday|timespec_get|steady_clock|system_clock|high_resolution_clock|uv_hrtime|uv_now)\b|(?<![\w.>])time\s*\(\s*(nullptr|NULL|0|&)/;

for (const path of sources("binding/core", /\.(cc|h)$/)) {
  each(path, (line) => {
    const [, quote, header] = include.exec(line) ?? [];
    if (quote === '"' && !header.startsWith("core/")) return 'core includes only "core/..."';
    const plain = /^(openssl\/\w+\.h|[a-z_]+)$/;
    if (quote === "<" && (!plain.test(header) || bannedStd.has(header))) {
      return "core includes only OpenSSL and the C++ library, without its clocks, threads and files";
    }
    return clocks.test(line) ? "core reads no clock; the time is passed in" : undefined;
  });
}

for (const path of sources("binding/net", /\.(cc|h)$/)) {
  each(path, (line) => {
    const [, quote, header] = include.exec(line) ?? [];
    if (quote === '"' && !/^(core|net)\//.test(header)) return 'net includes only "core/..." and "net/..."';
    return quote && /^(napi|node_api|js_native_api|node)\b/.test(header)
      ? "net knows no Node-API"
      : undefined;
  });
}

const documented =
  /\b(DTLSServer|SSLCert\w*|SSLAuthenticateClients|SSLClientAuthentication|SSLStatus|StartListening|StopListening|SendBytes|SendText|DoEvents|PauseData|ProcessData|DefaultIdleTimeout|ConnectionConnectionId|LocalHost|LocalPort|DataIn|TLS12\w+)\b/;
const loads = /\bnode-gyp-build\b|\bprocess\.dlopen\b|\bOPENSSL_DTLS_ADDON\b|\.node["'`]/;

for (const path of sources("src", /\.ts$/)) {
  const onTop = path.startsWith("src/ipworks/");
  const above = onTop || path.startsWith("src/component/") || path === "src/index.ts";
  // Certificates and errors are documented too, and their messages name the properties.
  const surface = above || path.startsWith("src/certificate/") || path === "src/errors.ts";
  each(path, (line) => {
    if (!surface && documented.test(line)) return "a documented name below the documented surface";
    if (!above && /from\s+"[^"]*\bcomponent\//.test(line)) return "an import of src/component from below it";
    if (!onTop && /from\s+"[^"]*\bipworks\//.test(line)) return "an import of src/ipworks from outside it";
    if (path === "src/native.ts") return undefined;
    if (/from\s+"[^"]*\bnative\/\w+\.js"/.test(line))
      return "a way around src/native.ts, which hands the seam out";
    return loads.test(line) ? "only src/native.ts loads the addon" : undefined;
  });
}

// The binding is described in its own words too, so here comments count.
for (const path of sources("binding", /\.(cc|h)$/)) {
  const visit = (line) => (documented.test(line) ? "a documented name in the binding" : undefined);
  each(path, visit, read(path));
}

const guide = "docs/architecture.md";

/** The table under a heading of the guide must name each part of a folder, and nothing that is not there. */
function compareTable(heading, folder, parts, required = parts) {
  const [, section = ""] = new RegExp(`^## ${heading}\\n([^]*?)^## `, "m").exec(read(guide)) ?? [];
  const rows = section.match(/^\|.*?\|/gm) ?? [];
  const named = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  const complain = (text) => findings.push(`${guide}: the table "${heading}" ${text}`);
  for (const name of required) if (!named.includes(name)) complain(`does not name ${name} of ${folder}`);
  for (const name of named) if (!parts.includes(name)) complain(`names ${name}, which ${folder} has not`);
  for (const name of new Set(named)) {
    if (named.indexOf(name) !== named.lastIndexOf(name)) complain(`names ${name} twice`);
  }
}

function partsOf(folder, pattern) {
  const relative = sources(folder, pattern).map((path) => path.slice(folder.length + 1));
  return [...new Set(relative.map((path) => path.replace(/\.\w+$/, "")))];
}

compareTable(
  "The core, file by file",
  "binding/core",
  partsOf("binding/core", /\.(cc|h)$/),
  partsOf("binding/core", /\.h$/),
);
for (const [heading, folder, pattern] of [
  ["The sockets, file by file", "binding/net", /\.(cc|h)$/],
  ["The addon, file by file", "binding/node", /\.(cc|h)$/],
  ["TypeScript, file by file", "src", /\.ts$/],
]) {
  compareTable(heading, folder, partsOf(folder, pattern));
}

await main(() => {
  if (findings.length > 0)
    throw new Failure(`${findings.join("\n")}\n\nring check: ${findings.length} findings`);
  console.log("ring check: clean");
});
