/** This repository, for tests of what stands in it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** The text of a file, by its path from the root. */
export function readText(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** What a module of `scripts/` exports, of the type that the test knows it by. */
export async function importScript<Exports>(name: string): Promise<Exports> {
  return (await import(pathToFileURL(join(root, "scripts", name)).href)) as Exports;
}
