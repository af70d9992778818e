// A binary and JavaScript of different versions must not understand each other's numbers wrongly.
import { describe, expect, test } from "vitest";
import { checkSeam, type NativeSeam, native } from "../../src/native.js";

const tables = [
  "eventKinds",
  "eventFields",
  "progressSteps",
  "faults",
  "sendResults",
  "certificateReasons",
  "storeFormats",
  "socketPaths",
  "counters",
] as const;

/** The addon's own tables with one of them changed. */
function changed(name: keyof NativeSeam, change: (names: readonly string[]) => unknown): NativeSeam {
  return { ...native.seam, [name]: change((native.seam[name] ?? []) as readonly string[]) };
}

test("the addon's own numbers are those of TypeScript", () => {
  expect(Object.keys(native.seam).sort()).toEqual([...tables].sort());
  expect(() => checkSeam(native.seam)).not.toThrow();
});

describe.each(tables)("%s of another version are refused", (name) => {
  test.each<[string, (names: readonly string[]) => unknown]>([
    ["one more", (names) => [...names, "something_new"]],
    ["one less", (names) => names.slice(0, -1)],
    ["another name", (names) => [...names.slice(0, -1), "something_else"]],
    ["another order", (names) => [...names].reverse()],
    ["none at all", () => undefined],
  ])("%s", (_, change) => {
    expect(() => checkSeam(changed(name, change))).toThrow("of different versions");
  });
});
