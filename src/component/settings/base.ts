import { native } from "../../native.js";
import { packageInfo } from "../../package-info.js";
import { group, type ReadOnlySetting } from "./setting.js";

/** The reference's "Base Config Settings". */
export const baseSettings = group({
  BuildInfo: {
    type: "readOnly",
    read: () => {
      const openssl = /^OpenSSL \S+/.exec(native.opensslVersion())?.[0] ?? native.opensslVersion();
      const { name, version } = packageInfo;
      return `${name} ${version} Node ${process.version} ${openssl} ${process.platform}-${process.arch}`;
    },
    meaning: "Package, its version, and the versions of Node and of the OpenSSL that serves the handshakes.",
  } as ReadOnlySetting,
});
