import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { settingGroups } from "../../src/component/settings/table.js";
import { errorTexts, systemCodes } from "../../src/errors.js";
import { Certificate, CertStoreTypes } from "../../src/index.js";
import { importScript, readText, root } from "../peers/repository.js";

interface MakeDocs {
  pages(tables: object): Record<string, string>;
}

const makeDocs = await importScript<MakeDocs>("make-docs.mjs");
const pages = makeDocs.pages({ settingGroups, errorTexts, systemCodes });

describe("the pages made of the tables are what the tables say", () => {
  test.each(Object.entries(pages))("%s (if not: node scripts/make-docs.mjs)", (path, text) => {
    expect(readText(path)).toBe(text);
  });
});

test("docs/certificates.md names every certificate property", () => {
  const page = readText("docs/certificates.md");
  const members = Object.keys(Object.getOwnPropertyDescriptors(Certificate.prototype));
  const inBytes = ["constructor", "EncodedB", "StoreB"];
  for (const name of members.filter((member) => !inBytes.includes(member))) {
    expect(page).toMatch(new RegExp(`\\bSSLCert${name}\\b`));
  }
  for (const [, name = ""] of page.matchAll(/\b(cst\w+)/g)) expect(CertStoreTypes).toHaveProperty(name);
});

describe("the docstrings of a certificate are the same wherever it can be reached", () => {
  const members = docstrings("src/certificate/certificate.ts", /get (\w+)\(/);
  const name = new RegExp(`(?<![\\w"])(${Object.keys(members).join("|")})\\b`, "g");
  const flat = docstrings("src/component/server-certificate.ts", /get (\w+)\(/);

  test("all of them are read", () => {
    const accessors = Object.entries(Object.getOwnPropertyDescriptors(Certificate.prototype));
    const readable = accessors.filter(([, { get }]) => get).map(([member]) => member);
    expect(Object.keys(members)).toEqual(readable);
    expect(Object.keys(flat).sort()).toEqual(readable.map((member) => `SSLCert${member}`).sort());
  });

  test.each(Object.entries(members))("SSLCert.%s and the property of that name", (member, text) => {
    expect(flat[`SSLCert${member}`]).toBe(text.replace(name, "SSLCert$1"));
  });

  test("the constructor under both spellings", () => {
    const constructors = ["src/certificate/certificate.ts", "src/ipworks/certificate.ts"].map((path) =>
      docstrings(path, /constructor\((type|store: string \| Uint8Array)\b/),
    );
    expect(Object.keys(constructors[0] ?? {})).toHaveLength(2);
    expect(constructors[1]).toEqual(constructors[0]);
  });
});

/** The text of each docstring in a file that stands on such a declaration, by what that captures. */
function docstrings(path: string, declaration: RegExp): Record<string, string> {
  const source = readText(path);
  const documented = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s+${declaration.source}`, "g");
  return Object.fromEntries(
    [...source.matchAll(documented)].map(([, text = "", declared = ""]) => [
      declared,
      text.replace(/\s+(\* ?)?/g, " ").trim(),
    ]),
  );
}

test("every relative link of the documents leads to a file", () => {
  const documents = [
    ...["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"],
    ...["architecture", "certificates", "errors", "ipworks", "settings"].map((name) => `docs/${name}.md`),
  ];
  for (const name of documents) {
    for (const [, target = ""] of readText(name).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      expect(existsSync(join(root, dirname(name), target)), `${name}: ${target}`).toBe(true);
    }
  }
});
