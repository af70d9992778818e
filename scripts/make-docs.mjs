// Writes docs/settings.md and docs/errors.md from the tables in src/. A test fails when they are stale.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildTypeScript } from "./build.mjs";
import { errorAdvice, errorsNotRaised } from "./lib/error-advice.mjs";
import { Failure, isMain, main, root } from "./lib/run.mjs";

const generated = "<!-- Written by scripts/make-docs.mjs. -->";

const groupTitles = {
  server: "DTLSServer",
  udp: "UDP",
  socket: "Socket",
  ssl: "SSL",
  base: "Base",
  own: "Our own (the reference has no names for these)",
};

const effects = {
  handshakes: "for handshakes that start afterwards",
  start: "at the next StartListening that binds",
  now: "at once",
  text: "at once, for text sent or delivered afterwards",
  buffers: "at once, on the open socket too",
  none: "never",
};

const states = { listening: "while listening", bound: "while listening or with a connection open" };

function table(header, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

function kindOf(setting) {
  switch (setting.type) {
    case "integer":
      return `number, ${setting.min}..${setting.max}`;
    case "boolean":
      return ["True or False", ...(setting.alsoTrue ?? []).map((word) => `${word} = True`)].join("; ");
    case "text":
      return setting.words ? setting.words.join(", ") : (setting.holds ?? "text");
    case "connection":
      return "read-only text of a connection";
    default:
      return "read-only text";
  }
}

function defaultOf(setting) {
  if (setting.type === "readOnly" || setting.type === "connection") return "";
  if (setting.type === "boolean") return setting.default ? "True" : "False";
  return setting.default === "" ? "empty" : String(setting.default);
}

function whenOf({ effect, locked }) {
  if (effect === undefined) return "";
  return locked ? `${effects[effect]}; ${locked.code} ${states[locked.while]}` : effects[effect];
}

function settingsPage(groups) {
  const sections = Object.entries(groups).map(([name, rows]) => {
    const title = groupTitles[name];
    if (title === undefined) throw new Failure(`make-docs: the group ${name} of settings has no title`);
    const cells = Object.entries(rows).map(([setting, row]) => [
      `\`${setting}\``,
      kindOf(row),
      defaultOf(row),
      whenOf(row),
      row.meaning,
    ]);
    return `## ${title}\n\n${table(["Setting", "Value", "Default", "Takes effect", "Meaning"], cells)}\n`;
  });
  return `# Settings
${generated}

\`server.Config("NAME=VALUE")\` sets, \`server.Config("NAME")\` reads; both return the value now in effect, as text.
Names match in any case. Numbers are decimal or hexadecimal (\`0x5DC\`); for True and False, Yes, No, 1 and 0 do as
well. \`NAME=\` restores the default of a number, a Boolean or a choice of words, and empties a text. \`Reset\`
restores all.

Settings of a connection are read with its ConnectionId, \`server.Config("NAME[1]")\`, until its Disconnected has
fired, and in SSLClientAuthentication already; an unknown id throws 126, without one they are empty.

StartListening binds unless a connection has kept the socket open since StopListening. Then it goes on with that
socket, and a Log line (Info) names the settings that were changed and wait for the next bind.

An unknown name throws 402, a bad value 10022, setting what is read-only 10045; the old value then stays. A
number after a semicolon is the error of setting it in that state. See [errors](errors.md).

${sections.join("\n")}`;
}

function errorsPage(texts, systemCodes) {
  const missing = Object.keys(texts).filter((code) => errorAdvice[code] === undefined);
  const unknown = Object.keys(errorAdvice).filter((code) => texts[code] === undefined);
  if (missing.length + unknown.length > 0) {
    throw new Failure(`make-docs: advice is missing for ${missing}; there are no errors ${unknown}`);
  }
  const rows = Object.entries(texts).map(([code, text]) => [code, text, errorAdvice[code]]);
  const names = (code) => Object.keys(systemCodes).filter((name) => systemCodes[name] === Number(code));
  const system = Object.keys(texts).map((code) => [code, names(code).join(", ")]);
  return `# Errors
${generated}

The same numbers stand in \`err.code\` of a DTLSError, in \`StatusCode\` of Connected and Disconnected, and in
\`ErrorCode\` of Error. The description is the text, followed by what is known of the very case. \`errorTexts\` is
this table in code, \`ErrorCode\` its type.

${table(["Number", "Text", "What it means, and what to do"], rows)}

## Documented, and not raised here

Nothing throws or reports these numbers of the documented component's family, and they are not in \`errorTexts\`.

${table(["Number", "Meaning", "Why not"], errorsNotRaised)}

## Names of the system's errors

\`err.systemCode\` keeps Node's name where the system was the cause. What is not listed is 10022, with Node's
text in the description.

${table(
  ["Number", "Node's names"],
  system.filter(([, list]) => list !== ""),
)}
`;
}

/** Path and text of each page. */
export function pages({ settingGroups, errorTexts, systemCodes }) {
  return {
    "docs/settings.md": settingsPage(settingGroups),
    "docs/errors.md": errorsPage(errorTexts, systemCodes),
  };
}

if (isMain(import.meta)) {
  await main(async () => {
    await buildTypeScript();
    const { settingGroups } = await import("../dist/component/settings/table.js");
    const tables = await import("../dist/errors.js");
    for (const [path, text] of Object.entries(pages({ settingGroups, ...tables }))) {
      const file = join(root, path);
      let before = "";
      try {
        before = readFileSync(file, "utf8");
      } catch (error) {
        if (error.code !== "ENOENT") throw error;
      }
      if (text === before) continue;
      writeFileSync(file, text);
      console.log(`${path} written`);
    }
  });
}
