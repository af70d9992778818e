// SSLCertSubject selects the certificate with exactly this subject, else one whose subject contains it.
import { describe, expect, test } from "vitest";
import { findBySubject } from "../../src/certificate/subject.js";
import { Certificate, CertStoreTypes, DTLSServer } from "../../src/index.js";
import { certificateFolder } from "../peers/certificates.js";

const folder = certificateFolder();

describe("a store of several certificates", () => {
  folder.selfSigned("alone", "/O=Example/CN=a.example.com");
  folder.selfSigned("first", "/O=Example/CN=aa.example.com");
  folder.selfSigned("second", "/O=Example/CN=a");
  const nameless = folder.selfSigned("nameless", "/");
  const files = ["alone.crt", "first.crt", "second.crt", "nameless.crt", "second.key", "first.key"];
  const store = Buffer.concat(files.map((name) => folder.read(name)));

  test.each([
    ["CN=a, O=Example", "CN=a, O=Example"],
    ["cn=A,o=EXAMPLE", "CN=a, O=Example"],
    ["  CN=a,   O=Example ", "CN=a, O=Example"],
    ["CN=a.example.com, O=Example", "CN=a.example.com, O=Example"],
    ["a.example.com", "CN=aa.example.com, O=Example"],
    ["cn=a.Example", "CN=a.example.com, O=Example"],
    ["CN=a,", "CN=a, O=Example"],
    ["*", "CN=aa.example.com, O=Example"],
    ["CN=b", ""],
    ["a.example.com+", ""],
    ["", ""],
  ])("%j selects %j", (text, found) => {
    const dtlsserver = new DTLSServer();
    dtlsserver.SSLCertStoreType = CertStoreTypes.cstPEMKeyBlob;
    dtlsserver.SSLCertStoreB = store;
    dtlsserver.SSLCertSubject = text;
    expect(dtlsserver.SSLCertSubject).toBe(found);
    expect(dtlsserver.SSLCertVersion).toBe(found === "" ? "" : "V3");
    expect(dtlsserver.SSLCertPrivateKeyAvailable).toBe(/^CN=(a|aa\.example\.com),/.test(found));
  });

  test("one without a name is found by * alone", () => {
    const certificate = new Certificate(nameless.both);
    expect(certificate).toMatchObject({ Subject: "", Version: "V3", PrivateKeyAvailable: true });
  });
});

describe("the subject search", () => {
  const entry = (name: string, hasKey = true) => ({
    subject: name,
    certificate: Buffer.alloc(1),
    privateKey: Buffer.alloc(hasKey ? 1 : 0),
  });
  const entries = [
    entry("CN=a.example.com, O=Example", false),
    entry("CN=aa.example.com, O=Example"),
    entry("CN=a, O=Example"),
  ];

  test("prefers the exact subject to one that contains it", () => {
    expect(findBySubject(entries, "cn=a,o=example")).toBe(entries[2]);
  });

  test("finds a part, those with a key first", () => {
    expect(findBySubject(entries, "a.example.com")).toBe(entries[1]);
  });

  test("* takes the first with certificate and key, else the first", () => {
    expect(findBySubject(entries, "*")).toBe(entries[1]);
    expect(findBySubject(entries.slice(0, 1), "*")).toBe(entries[0]);
    expect(findBySubject([], "*")).toBeUndefined();
  });

  test("letter case and spaces after commas do not count, other differences do", () => {
    expect(findBySubject(entries, "CN=AA.example.com,   O=EXAMPLE")).toBe(entries[1]);
    expect(findBySubject(entries, "CN=b")).toBeUndefined();
  });
});
