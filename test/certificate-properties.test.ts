// The SSLCert* properties tell of a certificate what `openssl x509` prints of it.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { Certificate, CertStoreTypes, DTLSServer } from "../src/index.js";
import { certificateZoo, makeCertificate, type Specimen } from "./peers/certificate-zoo.js";
import { certificateFolder } from "./peers/certificates.js";
import { localTime, printedProperties } from "./peers/x509-command.js";

const folder = certificateFolder();
const zoo = certificateZoo(folder);

function specimen(name: string): Specimen {
  const found = zoo.find((one) => one.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}

function flat(certificate: Certificate): DTLSServer {
  const server = new DTLSServer();
  server.SSLCert = certificate;
  return server;
}

const read = (from: object, names: string[], prefix = ""): object =>
  Object.fromEntries(names.map((name) => [name, Reflect.get(from, `${prefix}${name}`)]));

describe("of every kind of certificate", () => {
  test.each(zoo)("$name", ({ files }) => {
    const printed = printedProperties(folder, files.certificate);
    const names = Object.keys(printed);
    const certificate = new Certificate(files.both);
    expect(read(certificate, names)).toEqual(printed);
    expect(read(flat(certificate), names, "SSLCert")).toEqual(printed);
    expect(certificate.PrivateKeyAvailable).toBe(true);
    expect(certificate.PrivateKeyContainer).toBe("");
    const key = folder.openssl("pkcs8", "-topk8", "-nocrypt", "-in", files.key).toString();
    expect(certificate.PrivateKey).toBe(key);
    expect(flat(certificate).SSLCertPrivateKey).toBe(key);
  });

  test("and some of them are as odd as they are meant to be", () => {
    const version1 = new Certificate(specimen("version-1").files.both);
    expect(version1.Version).toBe("V1");
    const bare = new Certificate(specimen("no-extensions").files.both);
    expect(bare).toMatchObject({ Version: "V3", Usage: "", UsageFlags: 0, ExtendedKeyUsage: "" });
    expect(bare.SubjectAltNames).toBe("");
    const names = new Certificate(specimen("many-names").files.both).SubjectAltNames.split(",");
    expect(names).toHaveLength(100);
    expect(names.slice(0, 5)).toEqual([
      ...["host-0.example", "192.0.2.1", "2001:db8::2:0:0:1", "user-3@example.com"],
      "https://example.com/4?a=b",
    ]);
    const ofAllKinds = new Certificate(specimen("names-of-all-kinds").files.both);
    expect(ofAllKinds.SubjectAltNames).toBe("first.example,last.example");
  });

  test.each([
    ["utf-8", "CN=😀.example, L=東京, O=Bäckerei “Süß”, C=DE"],
    ["t61-and-bmp", "CN=old.example, O=Bäckerei €, L=Zürich"],
    ["quoted", 'CN=a+b=c;<d>\\e#, OU="the ""best"", ""really""", O="Example, Inc.", C=US'],
    ["spaces", 'CN="a , b", S=#hash, L="  ", OU="trailing ", O=" leading"'],
    [
      "multi-valued",
      '2.5.4.12="a + CN=b", 2.5.4.5=7 + CN=name + 0.9.2342.19200300.100.1.1=me, OU=test + O=Example, C=US',
    ],
    ["empty-subject", ""],
  ])("the subject of %s, as the reference writes names", (name, subject) => {
    expect(new Certificate(specimen(name).files.both).Subject).toBe(subject);
  });

  test.each([
    ["serial-of-20-bytes", "F123456789ABCDEF0123456789ABCDEF01234567"],
    ["serial-0", "00"],
    ["serial-negative", "-82"],
  ])("the serial number of %s, two digits a byte", (name, serial) => {
    expect(new Certificate(specimen(name).files.both).SerialNumber).toBe(serial);
  });

  test("an other name with a comma does not pass for two", () => {
    const files = makeCertificate(folder, "comma", {
      extensions: ["subjectAltName = @names"],
      sections: ["[names]", 'URI = https://a.example/,\\"b\\".example'],
    });
    expect(new Certificate(files.both).SubjectAltNames).toBe('"https://a.example/,""b"".example"');
  });
});

describe("dates are in the system's time zone", () => {
  test.each(["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"])(
    "%s",
    (timeZone) => {
      const program = fileURLToPath(new URL("programs/certificate-dates.mjs", import.meta.url));
      const names = ["summer-and-winter", "before-1970-to-2050", "beyond-2050"];
      const files = names.map((name) => specimen(name).files.certificate);
      const output = execFileSync(process.execPath, [program, ...files], {
        encoding: "utf8",
        env: { ...process.env, TZ: timeZone },
      });
      const expected = files.flatMap((file) =>
        ["-startdate", "-enddate"].map((date) => {
          const line = folder.openssl("x509", "-in", file, "-noout", date, "-dateopt", "iso_8601").toString();
          return localTime(line.trim().replace(/^.*=/, ""), timeZone);
        }),
      );
      expect(output.trim().split("\n")).toEqual(expected);
    },
  );
});

describe("a private key without a certificate", () => {
  test.each([
    ["rsa", "RSA", 2048],
    ["p-256", "EC", 256],
    ["p-521", "EC", 521],
    ["ed25519", "1.3.101.112", 256],
    ["dsa", "DSA", 1024],
  ])("of %s has its own properties, and none of a certificate", (name, algorithm, bits) => {
    const { files } = specimen(name);
    const key = new Certificate(CertStoreTypes.cstPEMKeyFile, files.key);
    expect(key).toMatchObject({
      ...{ PublicKeyAlgorithm: algorithm, PublicKeyLength: bits, PrivateKeyAvailable: true },
      ...{ Subject: "", Issuer: "", EffectiveDate: "", SerialNumber: "", Version: "", Encoded: "" },
      ...{ ThumbprintMD5: "", ThumbprintSHA1: "", ThumbprintSHA256: "", SignatureAlgorithm: "" },
    });
    expect(key.PublicKey).toBe(folder.openssl("pkey", "-in", files.key, "-pubout").toString());
    expect(key.PrivateKey).toBe(new Certificate(files.both).PrivateKey);
    expect(key.Fingerprint).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    expect(key.FingerprintSHA1).toMatch(/^([0-9a-f]{2}:){19}[0-9a-f]{2}$/);
    expect(key.FingerprintSHA256).toMatch(/^([0-9a-f]{2}:){31}[0-9a-f]{2}$/);
  });

  test("has the fingerprints that ssh-keygen shows", () => {
    // An Ed25519 key, and what ssh-keygen -l of OpenSSH 9.2 prints of it.
    const key = new Certificate("MC4CAQAwBQYDK2VwBCIEIJc4BUVr2yI+L1ji+wJi92jQIHJBuW2lfUocxeuYbWWg");
    expect(key.Fingerprint).toBe("99:87:91:4a:ba:26:0b:ed:a0:16:a1:f0:f6:67:7b:6a");
    expect(key.FingerprintSHA1.replaceAll(":", "")).toBe("be8fd2eba4f84dfe05d1e513982342350337606a");
    expect(key.FingerprintSHA256.replaceAll(":", "")).toBe(
      "502e463d7eac31b38d1792876612bbc470c2028c4f4106556ef1b2e65fc6c53b",
    );
  });
});
