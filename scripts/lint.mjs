// Lint and format: Biome for TypeScript, scripts and JSON, clang-format for C++. --write repairs.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Failure, main, root, show } from "./lib/run.mjs";
import { llvm, needs } from "./lib/toolchain.mjs";
import { setup } from "./setup.mjs";

function cppFiles() {
  return ["binding", "test", "fuzz", "bench"]
    .filter((dir) => existsSync(join(root, dir)))
    .flatMap((dir) => readdirSync(join(root, dir), { recursive: true }).map((name) => join(dir, name)))
    .filter((name) => /\.(c|cc|h)$/.test(name));
}

await main(async () => {
  await setup(needs.format);
  const write = process.argv.includes("--write");
  const biome = join(root, "node_modules", "@biomejs", "biome", "bin", "biome");
  const mode = write ? ["check", "--write"] : ["ci"];
  const biomeCode = await show(process.execPath, [biome, ...mode, "--error-on-warnings"]);
  const files = cppFiles();
  const style = write ? ["-i"] : ["--dry-run", "-Werror"];
  const formatCode = files.length === 0 ? 0 : await show(`clang-format-${llvm}`, [...style, ...files]);
  console.log(`clang-format: ${files.length} files`);
  if (biomeCode || formatCode)
    throw new Failure("lint failed; `npm run format` repairs what can be repaired");
});
