// What the kernel says of a process's memory.
import { readFileSync } from "node:fs";
import { Failure } from "../scripts/lib/run.mjs";

/**
 * Resident bytes: of all, and of those that belong to malloc's main heap ([heap]), to other anonymous
 * mappings (V8's heap, malloc's large blocks, stacks) and to mapped files; and the most there ever were.
 */
export function processMemory(pid) {
  if (process.platform !== "linux") throw new Failure("memory is read from /proc: Linux only");
  const sums = { heap: 0, anonymous: 0, files: 0 };
  let kind = "anonymous";
  for (const line of readFileSync(`/proc/${pid}/smaps`, "utf8").split("\n")) {
    const mapping = /^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ (\d+) *(.*)$/.exec(line);
    if (mapping) {
      const [, inode, name] = mapping;
      kind = name === "[heap]" ? "heap" : inode === "0" ? "anonymous" : "files";
    }
    const resident = /^Rss: +(\d+) kB/.exec(line);
    if (resident) sums[kind] += Number(resident[1]) * 1024;
  }
  const [, peak] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return { ...sums, resident: sums.heap + sums.anonymous + sums.files, peak: Number(peak) * 1024 };
}
