import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { settingGroups } from "../../src/component/settings/table.js";
import { errorTexts, systemCodes } from "../../src/errors.js";
import { Certificate, CertStoreTypes } from "../../src/index.js";

interface MakeDocs {
  pages(tables: object): Record<string, string>;
}

const root = new URL("../../", import.meta.url);
const makeDocs = (await import(new URL("scripts/make-docs.mjs", root).href)) as MakeDocs;
const pages = makeDocs.pages({ settingGroups, errorTexts, systemCodes });

describe("the pages made of the tables are what the tables say", () => {
  test.each(Object.entries(pages))("%s (if not: node scripts/make-docs.mjs)", (path, text) => {
    expect(readFileSync(new URL(path, root), "utf8")).toBe(text);
  });
});

test("docs/certificates.md names every certificate property", () => {
  const page = readFileSync(new URL("docs/certificates.md", root), "utf8");
  const members = Object.keys(Object.getOwnPropertyDescriptors(Certificate.prototype));
  const inBytes = ["constructor", "EncodedB", "StoreB"];
  for (const name of members.filter((member) => !inBytes.includes(member))) {
    expect(page).toMatch(new RegExp(`\\bSSLCert${name}\\b`));
  }
  for (const [, name = ""] of page.matchAll(/\b(cst\w+)/g)) expect(CertStoreTypes).toHaveProperty(name);
});

test("every relative link of the documents leads to a file", () => {
  const documents = [
    ...["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"],
    ...["architecture", "certificates", "errors", "ipworks", "settings"].map((name) => `docs/${name}.md`),
  ];
  for (const name of documents) {
    const place = new URL(name, root);
    const text = readFileSync(place, "utf8");
    for (const [, target = ""] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      expect(() => readFileSync(new URL(target, place)), `${name}: ${target}`).not.toThrow();
    }
  }
});
