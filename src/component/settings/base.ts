import { native } from "../../native.js";
import { packageInfo } from "../../package-info.js";
import { checkCodePage, codePages } from "../code-pages.js";
import { boolean, integer, readOnly, type SettingGroup } from "./setting.js";

/** The reference's "Base Config Settings". */
export const baseSettings = {
  BuildInfo: readOnly({
    read: () => {
      const openssl = /^OpenSSL \S+/.exec(native.opensslVersion())?.[0] ?? native.opensslVersion();
      const { name, version } = packageInfo;
      return `${name} ${version} Node ${process.version} ${openssl} ${process.platform}-${process.arch}`;
    },
    meaning: "Package, its version, and the versions of Node and of the OpenSSL that serves the handshakes.",
  }),
  CodePage: integer({
    default: 65001,
    min: 1,
    max: 0xffff_ffff,
    effect: "text",
    check: checkCodePage,
    meaning:
      `How SendText and DataIn's Datagram turn text into bytes and back; 65001 is UTF-8. Known: ${codePages.join(", ")}. ` +
      "Other pages that the reference lists throw 402, the rest 10022.",
  }),
  LicenseInfo: readOnly({
    read: () =>
      [
        `Product: ${packageInfo.name}`,
        "Product Key: ",
        "License Source: package",
        `License Type: ${packageInfo.license}`,
        `Last Valid Build: ${packageInfo.version}`,
      ].join("\n"),
    meaning: "Five lines: product, product key (none), source and type of the licence, last valid build.",
  }),
  MaskSensitiveData: boolean({
    default: true,
    effect: "none",
    meaning:
      "Kept and read back: passwords, keys and secrets are in no message of the log, whatever this says.",
  }),
  UseInternalSecurityAPI: boolean({
    default: false,
    effect: "none",
    meaning: "Kept and read back, without effect: DTLS is always this package's own OpenSSL.",
  }),
} satisfies SettingGroup;
