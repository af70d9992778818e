// What a client's certificate is worth is verified before the listener decides: Accept and Status tell, the alert
// of a refusal fits, and without a listener the verification decides.
import { execFile, execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import type { DTLSServer, SSLClientAuthenticationEvent } from "../src/index.js";
import { CertificateAuthority } from "./peers/certificate-authority.js";
import { certificateFile, certificateFolder } from "./peers/certificates.js";
import { connect, OpensslClient } from "./peers/openssl-client.js";
import { startEchoServer } from "./peers/server.js";

const folder = certificateFolder();
const root = new CertificateAuthority(folder, "root");
const intermediate = root.authority("intermediate");
const stranger = new CertificateAuthority(folder, "stranger");
const selfSigned = { args: ["-cert", certificateFile("client.crt"), "-key", certificateFile("client.key")] };

const issued = {
  good: root.issue("good"),
  below: intermediate.issue("below"),
  untrusted: stranger.issue("untrusted"),
  expired: root.issue("expired", { days: -1 }),
  server: root.issue("server", { extensions: ["extendedKeyUsage=serverAuth"] }),
  sha384: root.issue("sha384", { digest: "sha384" }),
  sha1: root.issue("sha1", { digest: "sha1" }),
};

/** Trusting the root, unless `prepare` sets something else. */
function startVerifying(prepare: (server: DTLSServer) => void = () => {}) {
  return startEchoServer((server) => {
    server.SSLAuthenticateClients = true;
    server.Config(`SSLClientCACerts=${root.text}`);
    prepare(server);
  });
}

const alerts = {
  badCertificate: 42,
  unsupportedCertificate: 43,
  certificateExpired: 45,
  unknownCa: 48,
};

test.each([
  ["issued by an authority of SSLClientCACerts", issued.good],
  ["over an intermediate that the client sends", issued.below],
])("a certificate %s is good: Accept is preset, Status is OK", async (_, { args }) => {
  const seen: [string, boolean][] = [];
  const { port, events } = startVerifying((server) => {
    server.OnSSLClientAuthentication = (e) => void seen.push([e.Status, e.Accept]);
  });
  await (await connect(port, { args })).echoes("let in\n");
  expect(seen).toEqual([["OK", true]]);
  expect((await events.first("Connected")).StatusCode).toBe(0);
});

test("without a listener the verification decides", async () => {
  const { server, port } = startEchoServer();
  server.SSLAuthenticateClients = true;
  server.Config(`SSLClientCACerts=${root.text}`);
  await (await connect(port, issued.good)).echoes("let in\n");
  await new OpensslClient(port, issued.untrusted).says(/SSL alert number 48/);
});

describe.each<[string, { args: string[] }, string, number]>([
  ["self-signed", selfSigned, "Certificate is self-signed", alerts.unknownCa],
  [
    "of an unknown authority",
    issued.untrusted,
    "Certificate was issued by an untrusted authority; Certificate chain is incomplete",
    alerts.unknownCa,
  ],
  [
    "whose intermediate is missing",
    { args: issued.below.args.slice(0, 4) },
    "Certificate was issued by an untrusted authority; Certificate chain is incomplete",
    alerts.unknownCa,
  ],
  ["that has expired", issued.expired, "Certificate has expired", alerts.certificateExpired],
  [
    "for servers",
    issued.server,
    "Certificate usage does not permit client authentication",
    alerts.unsupportedCertificate,
  ],
  [
    "signed with SHA-1",
    { args: [...issued.sha1.args, "-cipher", "DEFAULT:@SECLEVEL=0"] },
    "Certificate key or signature algorithm is not allowed",
    alerts.unsupportedCertificate,
  ],
])("a certificate %s", (_, { args }, status, alert) => {
  test("is told of, and left to itself refused with the alert that fits and 404", async () => {
    const seen: [string, boolean][] = [];
    const statuses: string[] = [];
    const { port, events } = startVerifying((server) => {
      server.OnSSLClientAuthentication = (e) => void seen.push([e.Status, e.Accept]);
      server.OnSSLStatus = (e) => statuses.push(e.Message);
    });
    const client = new OpensslClient(port, { args });
    await client.says(`SSL alert number ${alert}`);
    expect((await client.exited).code).not.toBe(0);
    expect(seen).toEqual([[status, false]]);
    expect(statuses).toContain(`Client certificate status: ${status}.`);
    expect((await events.first("Connected")).StatusCode).toBe(404);
  });

  test("may be accepted all the same", async () => {
    const { port } = startVerifying((server) => {
      server.OnSSLClientAuthentication = (e) => {
        e.Accept = true;
      };
    });
    await (await connect(port, { args })).echoes("let in\n");
  });
});

test("a good certificate may be refused all the same", async () => {
  const { port, events } = startVerifying((server) => {
    server.OnSSLClientAuthentication = (e) => {
      e.Accept = false;
    };
  });
  await new OpensslClient(port, issued.good).says(`SSL alert number ${alerts.badCertificate}`);
  expect((await events.first("Connected")).StatusCode).toBe(404);
});

test.each<[string, { args: string[] }, string]>([
  ["0x1", issued.expired, "OK"],
  ["0x10", issued.untrusted, "OK"],
  ["0x10", selfSigned, "OK"],
  ["0x20", issued.server, "OK"],
  [
    "0x21",
    issued.untrusted,
    "Certificate was issued by an untrusted authority; Certificate chain is incomplete",
  ],
  ["0x8000CF16", issued.server, "Certificate usage does not permit client authentication"],
])("SSLSecurityFlags=%s takes a reason away, and no other", async (flags, { args }, status) => {
  const { port, events } = startVerifying((server) => server.Config(`SSLSecurityFlags=${flags}`));
  new OpensslClient(port, { args });
  expect((await events.first("SSLClientAuthentication")).Status).toBe(status);
  expect((await events.first("Connected")).StatusCode).toBe(status === "OK" ? 0 : 404);
});

test("TLS12SignatureAlgorithms limits the chain, and what clients may sign with", async () => {
  const { server, port, events } = startVerifying((subject) => {
    subject.Config("TLS12SignatureAlgorithms=sha256-ecdsa");
  });
  await (await connect(port, issued.good)).echoes("let in\n");
  await new OpensslClient(port, issued.sha384).says(`SSL alert number ${alerts.unsupportedCertificate}`);
  expect((await events.count("SSLClientAuthentication", 2)).map((e) => e.Status)).toEqual([
    "OK",
    "Certificate key or signature algorithm is not allowed",
  ]);
  server.Config("TLS12SignatureAlgorithms=sha384-ecdsa,sha256-ecdsa");
  await (await connect(port, issued.sha384)).echoes("let in\n");
});

test("the names of SSLClientCACerts are told to clients, those of the system are not", async () => {
  const { server, port } = startVerifying();
  server.Config(`SSLClientCACerts=${root.text}${stranger.text}`);
  const client = promisify(execFile)("openssl", [
    ...["s_client", "-dtls1_2", "-nbio", "-connect", `127.0.0.1:${port}`, ...issued.good.args],
  ]);
  client.child.stdin?.end();
  const [, names = ""] =
    /^Acceptable client certificate CA names\n(.*?)\n(?:Requested|Client)/ms.exec((await client).stdout) ??
    [];
  expect(names.split("\n").sort()).toEqual(["O = Test, CN = root", "O = Test, CN = stranger"]);
});

test("SSLClientCACerts holds for the handshakes that follow, and a bad one changes nothing", async () => {
  const { server, port, events } = startVerifying();
  await (await connect(port, issued.good)).echoes("one\n");
  expect(() => server.Config("SSLClientCACerts=no certificate")).toThrow(
    expect.objectContaining({ code: 404, message: expect.stringContaining("SSLClientCACerts") }),
  );
  expect(() => server.Config(`SSLClientCACerts=${root.text.replace(/MII/, "AII")}`)).toThrow(
    expect.objectContaining({ code: 404 }),
  );
  expect(server.Config("SSLClientCACerts")).toBe(root.text);
  // In one line, as it comes out of other systems.
  server.Config(`SSLClientCACerts=${stranger.text.replace(/\n/g, " ")}`);
  await (await connect(port, issued.untrusted)).echoes("two\n");
  await new OpensslClient(port, issued.good).says(/SSL alert number 48/);
  server.Config("SSLClientCACerts=");
  new OpensslClient(port, issued.untrusted);
  expect((await events.count("Connected", 4)).map((e) => e.StatusCode)).toEqual([0, 0, 404, 404]);
});

test("a client that resumes is decided on again, with the certificate and chain that its session keeps", async () => {
  const seen: [number, string, string][] = [];
  const decide = { accept: true };
  const { server, port, events } = startVerifying((subject) => {
    subject.Config("ReuseSSLSession=True");
    subject.OnSSLClientAuthentication = (e: SSLClientAuthenticationEvent) => {
      seen.push([e.ConnectionId, e.CertSubject, e.Status]);
      e.Accept &&= decide.accept;
    };
  });
  const session = folder.file("resumed.session");
  const first = await connect(port, { args: [...issued.below.args, "-sess_out", session] });
  await first.echoes("one\n");
  await first.close();
  const again = await connect(port, { args: ["-sess_in", session] });
  await again.echoes("two\n");
  const subject = "CN=below, O=Test";
  expect(seen).toEqual([
    [1, subject, "OK"],
    [2, subject, "OK"],
  ]);
  decide.accept = false;
  const refused = new OpensslClient(port, { args: ["-sess_in", session] });
  await refused.says(`SSL alert number ${alerts.badCertificate}`);
  expect((await events.count("Connected", 3)).map((e) => e.StatusCode)).toEqual([0, 0, 404]);
  expect(server.ConnectionCount).toBe(1);
});

test("a certificate of NODE_EXTRA_CA_CERTS is trusted, and those of the system are", async () => {
  const extra = folder.file("extra.pem");
  writeFileSync(extra, root.text);
  const program = `
    import { trustWith } from "./dist/component/trusted-roots.js";
    console.log(trustWith("").size, trustWith("") === trustWith(" "));
  `;
  const sizes = (env: NodeJS.ProcessEnv): string =>
    execFileSync(process.execPath, ["--input-type=module", "-e", program], {
      encoding: "utf8",
      env: { ...process.env, ...env },
    });
  const [size = "", shared] = sizes({ NODE_EXTRA_CA_CERTS: "" }).trim().split(" ");
  expect(Number(size)).toBeGreaterThan(50);
  expect(shared).toBe("true");
  expect(sizes({ NODE_EXTRA_CA_CERTS: extra })).toBe(`${Number(size) + 1} true\n`);
  // What cannot be read adds nothing, and stops nothing: here a folder.
  expect(sizes({ NODE_EXTRA_CA_CERTS: folder.file(".") })).toBe(`${size} true\n`);
});
