// Takes the names out of the text of the component's reference, for the test that holds us to them:
//
//   node scripts/extract-reference-names.mjs <reference.txt>     writes test/reference/names.json
//
// Names alone, in the order of the reference: none of its sentences.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, main, root } from "./lib/run.mjs";

/** The lines from the one that is, or begins with, `first` to the one before `last`. */
function section(lines, first, last) {
  const begin = lines.indexOf(first);
  const end = lines.findIndex((line, index) => index > begin && line.startsWith(last));
  if (begin < 0 || end < 0) throw new Failure(`the reference has no section from "${first}" to "${last}"`);
  return lines.slice(begin + 1, end);
}

/** First cells of a table's rows: "Name | what it is |". */
const firstCells = (lines) => lines.map((line) => /^([^|]+?) \|/.exec(line)?.[1]).filter(Boolean);

const all = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1]);
const unique = (names) => [...new Set(names)];

/** "Connected": ["ConnectionId", ...], from the type of the event's parameters. */
function eventParameters(text, event) {
  const fields = new RegExp(`struct \\{ ([^}]*) \\} \\w+${event}EventParams`).exec(text)?.[1];
  if (fields === undefined) throw new Failure(`the reference has no parameters of ${event}`);
  return all(fields, /(\w+);/g);
}

/** Properties with a form for bytes beside the one for text. */
const byteProperties = (text) => unique(all(text, /__property DynamicArray<Byte> (\w+) =/g));

function read(path) {
  const text = readFileSync(path, "utf8");
  const lines = text.split(/\r?\n/);
  const events = firstCells(section(lines, "Event List", "Config Settings"));
  const settings = firstCells(section(lines, "Config Settings", "ConnectionCount Property"));
  const details = lines.indexOf("Config Settings (DTLSServer Component)");
  const pages = section(lines, "The following is a list of valid code page identifiers:", "- Product:");
  const apple = pages.lastIndexOf("Identifier | Name |");
  const settingTexts = lines.slice(details);
  return {
    properties: [...firstCells(section(lines, "Property List", "Method List")), ...byteProperties(text)],
    methods: firstCells(section(lines, "Method List", "Event List")),
    events: Object.fromEntries(events.map((event) => [event, eventParameters(text, event)])),
    settings,
    perConnectionSettings: unique(all(text, /Config\("(\w+)\[connId\]"\)/g)),
    storeTypes: Object.fromEntries(
      [...text.matchAll(/^(\d+) \((cst\w+?)(?: - default)?\) \|/gm)].map(([, number, name]) => [
        name,
        Number(number),
      ]),
    ),
    usageFlags: all(
      section(lines, "SSLCertUsageFlags Property (DTLSServer Component)", "SSLCertVersion").join("\n"),
      /^(0x[0-9A-Fa-f]+) \|/gm,
    ),
    logTypes: unique(
      all(
        section(lines, "Log Event (DTLSServer Component)", "SSLClientAuthentication Event").join("\n"),
        /^- "(\w+)"/gm,
      ),
    ),
    securityFlags: all(settingTexts.join("\n"), /^(0x[0-9a-f]{8}) \| (?:Ignore|Allow|Trust)/gm),
    protocols: all(settingTexts.join("\n"), /^TLS[\d.]+ \| (\d+) /gm).map(Number),
    cipherSuites: all(settingTexts.join("\n"), /^- (TLS_\w+)$/gm),
    signatureAlgorithms: unique(
      all(
        settingTexts.join("\n"),
        /default value for this configuration setting is ((?:sha\d+-\w+,?)+)/g,
      ).flatMap((list) => list.split(",")),
    ),
    groups: all(settingTexts.join("\n"), /^- "(ecdhe_\w+)"/gm),
    codePages: firstCells(pages.slice(0, apple))
      .filter((cell) => /^\d+$/.test(cell))
      .map(Number),
    appleCodePages: firstCells(pages.slice(apple + 1)).map(Number),
    errors: firstCells(section([...lines, "END"], "DTLSServer Errors", "END")).map(Number),
  };
}

await main(() => {
  const path = process.argv[2];
  if (path === undefined) throw new Failure("name the file of the reference");
  const target = join(root, "test", "reference", "names.json");
  writeFileSync(target, `${JSON.stringify(read(path), null, 2)}\n`);
  console.log(`${target} written`);
});
