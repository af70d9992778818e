import { createRequire } from "node:module";

interface PackageInfo {
  name: string;
  version: string;
  license: string;
}

/** This package's own package.json, which stands above dist/ as it does above src/. */
export const packageInfo = createRequire(import.meta.url)("../package.json") as PackageInfo;
