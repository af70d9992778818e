import { X509Certificate } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { inspect } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { selectionOf } from "../../src/certificate/certificate.js";
import { detectStoreType } from "../../src/certificate/detect.js";
import { identityOf } from "../../src/certificate/selection.js";
import { Certificate, CertStoreTypes, DTLSServer } from "../../src/index.js";
import { certificateFolder } from "../peers/certificates.js";
import { withCode } from "../peers/errors.js";

const folder = certificateFolder();
const server = folder.selfSigned("server", "/C=DE/O=Example, Inc./CN=www.example.com");
const other = folder.selfSigned("other", "/CN=other.example.com");
const subject = 'CN=www.example.com, O="Example, Inc.", C=DE';
const pfx = folder.pfx("server", server, "secret");
const pem = server.both;
folder.openssl("x509", "-in", server.certificate, "-outform", "DER", "-out", "server.der");
folder.openssl(
  "crl2pkcs7",
  "-nocrl",
  "-certfile",
  server.certificate,
  "-outform",
  "DER",
  "-out",
  "server.p7b",
);
folder.openssl("crl2pkcs7", "-nocrl", "-certfile", server.certificate, "-out", "server.p7b.pem");
folder.openssl("pkcs8", "-topk8", "-nocrypt", "-in", server.key, "-outform", "DER", "-out", "key.p8");
folder.openssl(
  ...["pkcs8", "-topk8", "-in", server.key, "-passout", "pass:x", "-outform", "DER", "-out", "locked.p8"],
);
folder.openssl("ec", "-in", server.key, "-outform", "DER", "-out", "key.sec1");

const hasKey = (certificate: Certificate) => identityOf(selectionOf(certificate)) !== undefined;

describe("a Certificate", () => {
  test("shows no key in the message, or the cause, when data stands where a file's name belongs", () => {
    const text = readFileSync(server.key, "utf8");
    const base64 = text.replace(/-----.*-----|\s/g, "");
    const secret = base64.slice(20, 40);
    const { cstAuto, cstPEMKeyFile, cstPFXFile } = CertStoreTypes;
    for (const type of [cstPEMKeyFile, cstPFXFile, cstAuto]) {
      for (const data of [text, base64, `${base64}?`, `junk\n${base64}?`]) {
        try {
          new Certificate(type, data, "", "*");
        } catch (error) {
          expect(error).toMatchObject({ code: 271 });
          expect(inspect(error, { depth: 9 })).not.toContain(secret);
        }
      }
    }
    expect(() => new Certificate(cstPEMKeyFile, text)).toThrow(
      /SSLCertStore seems to hold the data.*in Blob/,
    );
  });

  test("opens a file whose name could be taken for data", () => {
    const path = folder.file(`MI${"x".repeat(70)}`);
    copyFileSync(pem, path);
    const before = process.cwd();
    onTestFinished(() => process.chdir(before));
    process.chdir(dirname(path));
    expect(new Certificate(CertStoreTypes.cstPEMKeyFile, basename(path), "", "*").Subject).toBe(subject);
  });

  test("gives back as bytes whatever text its store was set to", () => {
    const certificate = new Certificate();
    certificate.StoreType = CertStoreTypes.cstPFXBlob;
    certificate.Store = "\u65e5\u672c";
    expect(certificate.StoreB.toString("utf8")).toBe("\u65e5\u672c");
  });

  test("takes the type first, as the samples do, and the store first, as the reference does", () => {
    const first = new Certificate(CertStoreTypes.cstPFXFile, pfx, "secret", "*");
    const second = new Certificate(pfx, CertStoreTypes.cstPFXFile, "secret", "*");
    expect(first.Subject).toBe(subject);
    expect(second.Subject).toBe(subject);
    expect(second.StoreType).toBe(CertStoreTypes.cstPFXFile);
  });

  test("takes a store alone, and detects what it is", () => {
    expect(new Certificate(pem).Subject).toBe(subject);
    expect(new Certificate(folder.read("server.pem")).StoreType).toBe(CertStoreTypes.cstAuto);
  });

  test("without arguments has the documented defaults and nothing selected", () => {
    const empty = new Certificate();
    expect(empty).toMatchObject({ Store: "MY", StoreType: 0, StorePassword: "", Subject: "", Encoded: "" });
  });

  test.each([
    ["cstPFXFile", () => pfx],
    ["cstPFXBlob as bytes", () => folder.read("server.pfx")],
    ["cstPFXBlob as Base64", () => folder.read("server.pfx").toString("base64")],
    ["cstPFXBlob as a binary string", () => folder.read("server.pfx").toString("latin1")],
    ["cstPEMKeyFile", () => pem],
    ["cstPEMKeyBlob as bytes", () => folder.read("server.pem")],
    ["cstPEMKeyBlob as text", () => folder.read("server.pem").toString()],
    ["cstPEMKeyBlob as Base64", () => folder.read("server.pem").toString("base64")],
  ])("opens %s with its key, as named and by detection", (name, store) => {
    const type = CertStoreTypes[name.split(" ")[0] as "cstPFXFile"];
    const named = new Certificate(type, store(), "secret");
    expect(named.Subject).toBe(subject);
    expect(hasKey(named)).toBe(true);
    expect(hasKey(new Certificate(CertStoreTypes.cstAuto, store(), "secret"))).toBe(true);
  });

  test.each([
    ["cstPublicKeyFile", () => server.certificate],
    ["cstPublicKeyBlob", () => folder.read("server.crt").toString()],
    ["cstPublicKeyBlob", () => folder.read("server.der")],
    ["cstP7BFile", () => folder.file("server.p7b")],
    ["cstP7BFile", () => folder.file("server.p7b.pem")],
    ["cstP7BBlob", () => folder.read("server.p7b")],
    ["cstP7BBlob", () => folder.read("server.p7b").toString("base64")],
    ["cstP7BBlob", () => folder.read("server.p7b.pem").toString()],
  ] as const)("opens %s, which has no key", (name, store) => {
    for (const type of [name, "cstAuto"] as const) {
      const certificate = new Certificate(CertStoreTypes[type], store());
      expect(certificate.Subject).toBe(subject);
      expect(hasKey(certificate)).toBe(false);
    }
  });

  test("keeps the chain that stands beside it, and not what else the store holds", () => {
    const authority = folder.selfSigned("authority");
    const leaf = folder.issued("leaf", authority);
    const text = ["leaf.crt", "authority.crt", "other.crt", "leaf.key"].map((name) => folder.read(name));
    const identity = identityOf(selectionOf(new Certificate(Buffer.concat(text), 7, "", "CN=leaf")));
    const subjects = identity?.certificates.map((der) => new X509Certificate(der).subject);
    expect(subjects).toEqual(["CN=leaf", "CN=authority"]);
    const pkcs12 = folder.pfx("chain", leaf, "x", "-certfile", authority.certificate);
    expect(identityOf(selectionOf(new Certificate(pkcs12, 2, "x")))?.certificates).toHaveLength(2);
  });

  test("throws 10045 when what the certificate says is assigned", () => {
    const certificate = new Certificate(pem);
    for (const name of ["Issuer", "PrivateKey", "UsageFlags", "Version"] as const) {
      const before = certificate[name];
      expect(() => Reflect.set(certificate, name, "x")).toThrow(withCode(10045));
      expect(certificate[name]).toBe(before);
    }
  });

  test("throws for a misspelt member in place of ignoring it", () => {
    expect(() => Object.assign(new Certificate(), { Subjekt: "*" })).toThrow(TypeError);
  });

  test("reads the certificate in PEM and in DER", () => {
    const certificate = new Certificate(pem);
    expect(certificate.Encoded).toBe(folder.read("server.crt").toString());
    expect(certificate.EncodedB).toEqual(folder.read("server.der"));
  });

  test("reads a store given as bytes as Base64 and as a copy of the bytes", () => {
    const bytes = folder.read("server.pfx");
    const certificate = new Certificate(CertStoreTypes.cstPFXBlob, bytes, "secret");
    bytes.fill(0);
    expect(certificate.StoreB).toEqual(folder.read("server.pfx"));
    expect(certificate.Store).toBe(folder.read("server.pfx").toString("base64"));
  });
});

describe("what cannot be opened", () => {
  const failing = (run: () => unknown, code: number, words: RegExp) =>
    expect(run).toThrow(withCode(code, words));

  test("a PFX with a wrong password is 271, saying so", () => {
    failing(() => new Certificate(CertStoreTypes.cstPFXFile, pfx, "wrong"), 271, /password/);
  });

  test("an encrypted PEM key with a wrong password is 271, saying so", () => {
    folder.openssl("pkcs8", "-topk8", "-in", server.key, "-passout", "pass:x", "-out", "locked.pem");
    failing(
      () => new Certificate(folder.file("locked.pem"), CertStoreTypes.cstPEMKeyFile, "y"),
      271,
      /password/,
    );
  });

  test("a missing file is 271 with its name", () => {
    failing(
      () => new Certificate(CertStoreTypes.cstPFXFile, "missing.pfx"),
      271,
      /missing\.pfx.*no such file/,
    );
    failing(() => new Certificate("missing.pfx"), 271, /missing\.pfx/);
  });

  test("data of no known format is 271", () => {
    failing(() => new Certificate(Buffer.from("nothing of the kind")), 271, /no known format/);
    failing(() => new Certificate(CertStoreTypes.cstPFXBlob, Buffer.from("nothing")), 271, /./);
  });

  test("an empty store is 272, saying so", () => {
    failing(() => new Certificate(""), 272, /empty/);
    failing(() => new Certificate(new Uint8Array()), 272, /empty/);
    failing(() => new Certificate(CertStoreTypes.cstUser, "", "", "CN=www.example.com"), 272, /empty/);
  });

  test("a subject that is not there is 272", () => {
    failing(() => new Certificate(CertStoreTypes.cstPFXFile, pfx, "secret", "CN=nobody"), 272, /CN=nobody/);
  });

  test.each([
    "cstUser",
    "cstMachine",
    "cstJKSFile",
    "cstSSHPublicKeyBlob",
    "cstPPKFile",
    "cstXMLBlob",
    "cstJWKFile",
    "cstBCFKSBlob",
    "cstPKCS11",
    "cstSecurityKey",
  ] as const)("the type %s is 402, by name", (name) => {
    failing(() => new Certificate(CertStoreTypes[name], "x"), 402, new RegExp(name));
  });

  test("a format found by detection that cannot be opened is 402, by name", () => {
    failing(() => new Certificate(Buffer.from("feedfeed00000002", "hex")), 402, /cstJKSBlob/);
  });

  test("a file type given bytes, an unknown type and a store of a wrong kind are 10022", () => {
    failing(() => new Certificate(CertStoreTypes.cstPFXFile, folder.read("server.pfx")), 10022, /cstPFXFile/);
    failing(() => Reflect.construct(Certificate, [98, "x"]), 10022, /CertStoreTypes/);
    failing(() => Reflect.construct(Certificate, [{}]), 10022, /./);
    failing(() => Reflect.construct(Certificate, [undefined]), 10022, /./);
    failing(() => Reflect.construct(Certificate, [2, "x", 5]), 10022, /password/);
  });
});

describe("the flat properties", () => {
  const withStore = (type: number, store: string, password = "") => {
    const dtlsserver = new DTLSServer();
    dtlsserver.SSLCertStoreType = type as 2;
    dtlsserver.SSLCertStore = store;
    dtlsserver.SSLCertStorePassword = password;
    return dtlsserver;
  };

  test("setting SSLCertSubject selects, and completes itself", () => {
    const dtlsserver = withStore(CertStoreTypes.cstPFXFile, pfx, "secret");
    dtlsserver.SSLCertSubject = "www.EXAMPLE";
    expect(dtlsserver.SSLCertSubject).toBe(subject);
    expect(dtlsserver.SSLCert.Subject).toBe(subject);
  });

  test("a subject that is not there becomes empty, and nothing is selected", () => {
    const dtlsserver = withStore(CertStoreTypes.cstPFXFile, pfx, "secret");
    dtlsserver.SSLCertSubject = "*";
    dtlsserver.SSLCertSubject = "nobody";
    expect(dtlsserver.SSLCertSubject).toBe("");
    expect(dtlsserver.SSLCertEncoded).toBe("");
    expect(() => dtlsserver.StartListening()).toThrow(withCode(404));
  });

  test("a store that cannot be opened keeps what was selected", () => {
    const dtlsserver = withStore(CertStoreTypes.cstPFXFile, pfx, "secret");
    dtlsserver.SSLCertSubject = "*";
    dtlsserver.SSLCertStorePassword = "wrong";
    expect(() => {
      dtlsserver.SSLCertSubject = "*";
    }).toThrow(withCode(271));
    expect(dtlsserver.SSLCertSubject).toBe(subject);
  });

  test("SSLCertStoreB takes the data of a store, and gives what SSLCertStore has as bytes", () => {
    const dtlsserver = withStore(CertStoreTypes.cstPFXBlob, "", "secret");
    const data = folder.read("server.pfx");
    dtlsserver.SSLCertStoreB = data;
    dtlsserver.SSLCertSubject = "*";
    expect(dtlsserver.SSLCertSubject).toBe(subject);
    expect(dtlsserver.SSLCertStoreB).toEqual(data);
    expect(dtlsserver.SSLCertStore).toBe(data.toString("base64"));
    dtlsserver.SSLCertStoreB = new Uint8Array(data);
    expect(dtlsserver.SSLCertSubject).toBe("");
    for (const text of [data.toString("base64"), data.toString("latin1")]) {
      dtlsserver.SSLCertStore = text;
      expect(dtlsserver.SSLCertStoreB).toEqual(data);
      dtlsserver.SSLCertStoreType = CertStoreTypes.cstAuto;
      expect(dtlsserver.SSLCertStoreB).toEqual(data);
    }
    for (const type of [CertStoreTypes.cstPFXFile, CertStoreTypes.cstJKSFile, CertStoreTypes.cstAuto]) {
      expect(withStore(type, pfx).SSLCertStoreB).toEqual(Buffer.from(pfx));
    }
    expect(new DTLSServer().SSLCertStoreB).toEqual(Buffer.from("MY"));
  });

  test("stores and certificates come as text or as bytes, whichever member takes them", () => {
    const [keys, certificateDer] = [folder.read("server.key"), folder.read("server.der")];
    for (const store of ["SSLCertStore", "SSLCertStoreB"] as const) {
      for (const encoded of ["SSLCertEncoded", "SSLCertEncodedB"] as const) {
        for (const text of [true, false]) {
          const dtlsserver = withStore(CertStoreTypes.cstPEMKeyBlob, "");
          const copy = Uint8Array.from(keys);
          dtlsserver[store] = text ? keys.toString() : copy;
          copy.fill(0);
          dtlsserver[encoded] = text ? folder.read("server.crt").toString() : certificateDer;
          expect(dtlsserver.SSLCertSubject).toBe(subject);
          expect(dtlsserver.SSLCertStoreB).toEqual(keys);
        }
      }
    }
  });

  test.each(["SSLCertStore", "SSLCertStoreB", "SSLCertEncoded", "SSLCertEncodedB"] as const)(
    "%s given anything else is 10022, naming it and what it takes",
    (name) => {
      for (const wrong of [5, null, ["a"]]) {
        expect(() => {
          new DTLSServer()[name] = wrong as never;
        }).toThrow(
          expect.objectContaining({
            code: 10022,
            message: expect.stringMatching(new RegExp(`${name} must be a string, Buffer, .*, not `)),
          }),
        );
      }
    },
  );

  test("another store clears the selection", () => {
    const dtlsserver = withStore(CertStoreTypes.cstPFXFile, pfx, "secret");
    dtlsserver.SSLCertSubject = "*";
    dtlsserver.SSLCertStore = pem;
    expect(dtlsserver.SSLCertSubject).toBe("");
    expect(dtlsserver.SSLCertEncoded).toBe("");
  });

  test("SSLCertEncoded finds its key in a store of keys", () => {
    const dtlsserver = withStore(CertStoreTypes.cstPEMKeyFile, server.key);
    dtlsserver.SSLCertEncoded = folder.read("server.crt").toString();
    expect(dtlsserver.SSLCertSubject).toBe(subject);
    expect(hasKey(dtlsserver.SSLCert)).toBe(true);
    dtlsserver.SSLCertEncodedB = folder.read("server.der");
    expect(hasKey(dtlsserver.SSLCert)).toBe(true);
    dtlsserver.SSLCertEncoded = folder.read("server.der").toString("base64");
    expect(hasKey(dtlsserver.SSLCert)).toBe(true);
  });

  test("SSLCertEncoded without its key is kept, with an empty subject", () => {
    const dtlsserver = withStore(CertStoreTypes.cstPEMKeyFile, other.key);
    dtlsserver.SSLCertEncoded = folder.read("server.crt").toString();
    expect(dtlsserver.SSLCertSubject).toBe("");
    expect(dtlsserver.SSLCertEncodedB).toEqual(folder.read("server.der"));
    expect(() => dtlsserver.StartListening()).toThrow(withCode(404));
  });

  test("with no store named, SSLCertEncoded is a certificate to be read, and SSLCertSubject finds nothing", () => {
    for (const type of [CertStoreTypes.cstUser, CertStoreTypes.cstPFXFile, CertStoreTypes.cstPEMKeyBlob]) {
      const dtlsserver = withStore(type, "");
      dtlsserver.SSLCertEncoded = folder.read("server.crt").toString() + folder.read("other.crt").toString();
      expect(dtlsserver.SSLCertEncodedB).toEqual(folder.read("server.der"));
      expect(dtlsserver.SSLCertIssuer).toBe(subject);
      expect(dtlsserver.SSLCertThumbprintSHA256).toHaveLength(64);
      expect(dtlsserver.SSLCertSubject).toBe("");
      expect(dtlsserver.SSLCertPrivateKeyAvailable).toBe(false);
      expect(() => dtlsserver.StartListening()).toThrow(withCode(404));
      dtlsserver.SSLCertSubject = "*";
      expect(dtlsserver.SSLCertEncoded).toBe("");
      expect(dtlsserver.SSLCertSubject).toBe("");
    }
    const named = new DTLSServer();
    expect(() => {
      named.SSLCertEncoded = folder.read("server.crt").toString();
    }).toThrow(withCode(402));
  });

  test("what is no certificate is 404", () => {
    const dtlsserver = withStore(CertStoreTypes.cstPEMKeyFile, server.key);
    expect(() => {
      dtlsserver.SSLCertEncoded = "nothing of the kind";
    }).toThrow(withCode(404));
  });

  test("SSLCert copies: what becomes of the original does not matter", () => {
    const dtlsserver = new DTLSServer();
    const certificate = new Certificate(pem);
    dtlsserver.SSLCert = certificate;
    certificate.Subject = "nobody";
    expect(certificate.Subject).toBe("");
    expect(dtlsserver.SSLCertSubject).toBe(subject);
    dtlsserver.SSLCert.Subject = "nobody";
    expect(dtlsserver.SSLCertSubject).toBe("");
  });
});

describe("detection", () => {
  const bytes = (text: string) => Buffer.from(text, "latin1");

  test.each([
    ["server.pfx", "cstPFXBlob"],
    ["server.p7b", "cstP7BBlob"],
    ["server.p7b.pem", "cstP7BBlob"],
    ["server.der", "cstPublicKeyBlob"],
    ["server.crt", "cstPublicKeyBlob"],
    ["server.pem", "cstPEMKeyBlob"],
    ["server.key", "cstPEMKeyBlob"],
    ["key.p8", "cstPEMKeyBlob"],
    ["locked.p8", "cstPEMKeyBlob"],
    ["key.sec1", "cstPEMKeyBlob"],
  ] as const)("tells %s from its bytes: %s", (name, type) => {
    expect(detectStoreType(folder.read(name))).toBe(CertStoreTypes[type]);
  });

  test.each([
    ["\xfe\xed\xfe\xed\0\0\0\x02", "cstJKSBlob"],
    ["\xce\xce\xce\xce\0\0\0\x02", "cstJKSBlob"],
    ["PuTTY-User-Key-File-3: ssh-ed25519\r\n", "cstPPKBlob"],
    ["ssh-rsa AAAAB3NzaC1yc2E= a@b\n", "cstSSHPublicKeyBlob"],
    ["ecdsa-sha2-nistp256 AAAA", "cstSSHPublicKeyBlob"],
    ["---- BEGIN SSH2 PUBLIC KEY ----\n", "cstSSHPublicKeyBlob"],
    ['{"kty":"EC"}', "cstJWKBlob"],
    ["<RSAKeyValue>", "cstXMLBlob"],
    ["0\x20\x30\x1e\x30\x10\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d", "cstBCFKSBlob"],
    ["0\x80\x30\x82\x01\x00\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d", "cstBCFKSBlob"],
    ["-----BEGIN PKCS7-----\n", "cstP7BBlob"],
    ["-----BEGIN PKCS #7 SIGNED DATA-----\n", "cstP7BBlob"],
    ["-----BEGIN OPENSSH PRIVATE KEY-----\n", "cstPEMKeyBlob"],
    ["Bag Attributes\n-----BEGIN CERTIFICATE-----\n", "cstPublicKeyBlob"],
  ] as const)("tells %j: %s", (text, type) => {
    expect(detectStoreType(bytes(text))).toBe(CertStoreTypes[type]);
  });

  test("knows nothing of anything else, however short", () => {
    for (const text of ["", "0", "0\x80", "0\x82", "0\xff\xff", "hello", "\0\0\0\0"]) {
      expect(detectStoreType(bytes(text))).toBeUndefined();
    }
  });
});
