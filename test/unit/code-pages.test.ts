import { expect, test } from "vitest";
import { codecOf, codePages } from "../../src/component/code-pages.js";

test.each([
  [65001, "Grüße, Жизнь", "4772c3bcc39f652c20d096d0b8d0b7d0bdd18c"],
  [1252, "Grüße €", "4772fcdf652080"],
  [1251, "Жизнь", "c6e8e7edfc"],
  [437, "Grüße", "477281e165"],
  [708, "سلام", "d3e4c7e5"],
  [932, "日本", "93fa967b"],
  [936, "中文", "d6d0cec4"],
  [949, "한국", "c7d1b1b9"],
  [950, "中文", "a4a4a4e5"],
  [1200, "ab", "61006200"],
  [1201, "ab", "00610062"],
  [10000, "é", "8e"],
  [20127, "plain", "706c61696e"],
  [20866, "Жизнь", "f6c9daced8"],
  [28605, "€", "a4"],
  [38598, "שלום", "f9ece5ed"],
  [51932, "日本", "c6fccbdc"],
  [54936, "中€", "d6d0a2e3"],
])("page %i carries %j there and back", (page, text, hex) => {
  const { encode, decode } = codecOf(page);
  expect(encode(text).toString("hex")).toBe(hex);
  expect(decode(Buffer.from(hex, "hex"))).toBe(text);
});

test("what a page lacks becomes a question mark", () => {
  expect(codecOf(1252).encode("a→b").toString("latin1")).toBe("a?b");
  expect(codecOf(20127).encode("é").toString("latin1")).toBe("?");
});

test("a byte order mark is neither added nor taken away", () => {
  expect(codecOf(1200).encode("a")).toHaveLength(2);
  expect(codecOf(1200).decode(Buffer.from("fffe6100", "hex"))).toBe("\ufeffa");
  expect(codecOf(65001).decode(Buffer.from("efbbbf61", "hex"))).toBe("\ufeffa");
});

test.each(codePages.map((page) => [page]))("page %i carries ASCII there and back", (page) => {
  const { encode, decode } = codecOf(page);
  expect(decode(encode("0123 AZ az"))).toBe("0123 AZ az");
});
