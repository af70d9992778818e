// Stores and keys open in every format that OpenSSL writes, the old ones included; a wrong password is told from
// what is damaged.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { Certificate, type CertStoreType, CertStoreTypes } from "../src/index.js";
import { certificateFolder } from "./peers/certificates.js";
import { withCode } from "./peers/errors.js";

const folder = certificateFolder();
const server = folder.selfSigned("server", "/O=Example/CN=server");
const subject = "CN=server, O=Example";

describe("PFX", () => {
  const tripleDes = ["-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1"];
  const ages: [string, string[]][] = [
    ["of today (AES, PBKDF2)", []],
    ["with 3DES", tripleDes],
    ["without encryption", ["-certpbe", "NONE", "-keypbe", "NONE"]],
    ["without a MAC", ["-nomac"]],
  ];

  test.each(ages)("%s", (name, options) => {
    const path = folder.pfx(name, server, "secret", ...options);
    for (const type of [CertStoreTypes.cstPFXFile, CertStoreTypes.cstAuto]) {
      const certificate = new Certificate(type, path, "secret");
      expect(certificate.Subject).toBe(subject);
      expect(certificate.PrivateKeyAvailable).toBe(true);
    }
    const bytes = readFileSync(path);
    expect(new Certificate(CertStoreTypes.cstPFXBlob, bytes, "secret").Subject).toBe(subject);
    expect(new Certificate(bytes.toString("base64"), CertStoreTypes.cstPFXBlob, "secret").Subject).toBe(
      subject,
    );
  });

  test("a wrong password and none at all are called so; a damaged file is not", () => {
    const path = folder.pfx("locked", server, "secret", ...tripleDes);
    expect(() => new Certificate(2, path, "wrong")).toThrow(withCode(271, /password of the PFX is wrong/));
    expect(() => new Certificate(2, path)).toThrow(withCode(271, /no password is given/));
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length - 1));
    expect(() => new Certificate(2, path, "secret")).toThrow(withCode(271, /this is no PFX/));
    const algorithm = whole.indexOf(Buffer.from("06052b0e03021a", "hex"));
    whole[algorithm + 6] = 0x7f;
    writeFileSync(path, whole);
    expect(() => new Certificate(2, path, "secret")).toThrow(withCode(271, /integrity .* cannot be checked/));
  });
});

describe("PFX of old Windows (RC2-40)", () => {
  const path = folder.pfx(
    "rc2",
    server,
    "secret",
    "-legacy",
    "-certpbe",
    "PBE-SHA1-RC2-40",
    "-macalg",
    "sha1",
  );

  interface Outcome {
    legacyAlgorithms: boolean;
    Subject?: string;
    code?: number;
    message?: string;
  }

  function expectAsReported(outcome: Outcome): void {
    if (outcome.legacyAlgorithms) {
      expect(outcome).toEqual({ legacyAlgorithms: true, Subject: subject });
    } else {
      expect(outcome).toMatchObject({ code: 271, message: expect.stringMatching(/legacy provider.*AES/) });
    }
  }

  function openElsewhere(environment: NodeJS.ProcessEnv): Outcome {
    const program = fileURLToPath(new URL("programs/opens-store.mjs", import.meta.url));
    const env = { ...process.env, ...environment };
    const output = execFileSync(process.execPath, [program, path, "secret"], { encoding: "utf8", env });
    return JSON.parse(output) as Outcome;
  }

  test("opens where OpenSSL's legacy provider is, else the error names it", () => {
    expectAsReported(openElsewhere({}));
  });

  test("the same without OpenSSL's modules; releases have the provider built in", () => {
    const outcome = openElsewhere({ OPENSSL_MODULES: folder.path });
    expectAsReported(outcome);
    if (process.env["OPENSSL_DTLS_LEGACY"] === "built-in") expect(outcome.legacyAlgorithms).toBe(true);
  });

  test("a wrong password is called so, with the provider or without", () => {
    expect(() => new Certificate(2, path, "wrong")).toThrow(withCode(271, /password of the PFX is wrong/));
  });
});

describe("a private key", () => {
  const kinds: [string, string[]][] = [
    ["rsa", ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]],
    ["ec", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]],
    ["dsa", ["dsaparam", "-genkey", "-noout"]],
    ["ed25519", ["genpkey", "-algorithm", "ED25519"]],
  ];
  const encrypted = (cipher: string): string[] => [`-${cipher}`, "-passout", "pass:secret"];

  /** Of `openssl pkey` or `openssl pkcs8`. */
  const forms: [string, string[]][] = [
    ["PKCS#8", ["pkey"]],
    ["PKCS#8 in DER", ["pkey", "-outform", "DER"]],
    ["encrypted PKCS#8", ["pkey", ...encrypted("aes256")]],
    ["encrypted PKCS#8 with scrypt", ["pkcs8", "-topk8", "-scrypt", "-passout", "pass:secret"]],
    ["encrypted PKCS#8 with 3DES", ["pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES", "-passout", "pass:secret"]],
    ["encrypted PKCS#8 in DER", ["pkcs8", "-topk8", "-outform", "DER", "-passout", "pass:secret"]],
  ];
  /** PKCS#1, SEC1 and DSA's own; Ed25519 has none. */
  const traditionalForms: [string, string[]][] = [
    ["the traditional form", ["pkey", "-traditional"]],
    ["the traditional form in DER", ["pkey", "-traditional", "-outform", "DER"]],
    ["the traditional form, encrypted with AES", ["pkey", "-traditional", ...encrypted("aes128")]],
    ["the traditional form, encrypted with 3DES", ["pkey", "-traditional", ...encrypted("des3")]],
  ];

  test.each(kinds)("%s, in all its forms", (kind, generate) => {
    const original = folder.file(`${kind}.key`);
    folder.openssl(...generate, "-out", original, ...(kind === "dsa" ? ["1024"] : []));
    const expected = folder.openssl("pkcs8", "-topk8", "-nocrypt", "-in", original).toString();
    for (const [form, options] of kind === "ed25519" ? forms : [...forms, ...traditionalForms]) {
      const path = folder.file("form.key");
      folder.openssl(...options, "-in", original, "-out", path);
      const types: CertStoreType[] = [CertStoreTypes.cstAuto];
      if (!form.includes("DER")) types.push(CertStoreTypes.cstPEMKeyFile);
      for (const type of types) {
        const key = new Certificate(type, path, "secret");
        expect(key.PrivateKey, form).toBe(expected);
        expect(key.Subject, form).toBe("");
      }
      if (options.includes("pass:secret")) {
        expect(() => new Certificate(path, 99, "wrong"), form).toThrow(withCode(271, /password .* is wrong/));
        expect(() => new Certificate(path), form).toThrow(withCode(271, /no password is given/));
      }
    }
  });
});
