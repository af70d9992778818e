/** CodePage: how SendText and Datagram turn text into bytes and back. Ids are the reference's (Windows'). */
import iconv from "iconv-lite";
import { badArgument, DTLSError } from "../errors.js";

export interface TextCodec {
  encode(text: string): Buffer;
  decode(bytes: Buffer): string;
}

const utf8CodePage = 65001;

/** Ids whose name in iconv-lite is another than "cp" and the id. */
const names: Readonly<Record<number, string>> = {
  // ASMO 708 is what ISO has made part 6 of 8859.
  708: "iso-8859-6",
  1200: "utf-16le",
  1201: "utf-16be",
  10000: "macroman",
  10006: "macgreek",
  10007: "maccyrillic",
  10010: "macromania",
  10017: "macukraine",
  10021: "macthai",
  10029: "maccenteuro",
  10079: "maciceland",
  10081: "macturkish",
  10082: "maccroatian",
  12000: "utf-32le",
  12001: "utf-32be",
  20127: "ascii",
  20866: "koi8-r",
  20936: "gb2312",
  21866: "koi8-u",
  28591: "iso-8859-1",
  28592: "iso-8859-2",
  28593: "iso-8859-3",
  28594: "iso-8859-4",
  28595: "iso-8859-5",
  28596: "iso-8859-6",
  28597: "iso-8859-7",
  28598: "iso-8859-8",
  28599: "iso-8859-9",
  28605: "iso-8859-15",
  38598: "iso-8859-8",
  51932: "euc-jp",
  51936: "euc-cn",
  51949: "euc-kr",
  54936: "gb18030",
  65000: "utf-7",
  65001: "utf-8",
};

const plain = [437, 720, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869, 874, 932];
const ansi = [936, 949, 950, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258];

/** Those that work, in the order of their numbers. */
export const codePages: readonly number[] = [...plain, ...ansi, ...Object.keys(names).map(Number)].sort(
  (one, other) => one - other,
);

/** Listed by the reference, and without an encoder here: EBCDIC, ISO 2022, ISCII, T.61 and the like. */
const unavailable: ReadonlySet<number> = new Set([
  ...[
    37, 500, 709, 710, 870, 875, 1026, 1047, 1140, 1141, 1142, 1143, 1144, 1145, 1146, 1147, 1148, 1149, 1361,
  ],
  ...[
    10001, 10002, 10003, 10004, 10005, 10008, 20000, 20001, 20002, 20003, 20004, 20005, 20105, 20106, 20107,
  ],
  ...[
    20108, 20261, 20269, 20273, 20277, 20278, 20280, 20284, 20285, 20290, 20297, 20420, 20423, 20424, 20833,
  ],
  ...[
    20838, 20871, 20880, 20905, 20924, 20932, 21025, 21027, 29001, 50220, 50221, 50222, 50225, 50227, 50229,
  ],
  ...[50930, 50931, 50933, 50935, 50936, 50937, 50939, 51950, 52936],
  ...[57002, 57003, 57004, 57005, 57006, 57007, 57008, 57009, 57010, 57011],
  // Apple's own numbers.
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 21, 30, 65536],
  ...[0x90000100, 0x94000100, 0x8c000100, 0x98000100, 0x9c000100],
]);

/** Throws 402 for a page of the reference that has no encoder here, 10022 for any other number. */
export function checkCodePage(page: number): void {
  if (codePages.includes(page)) return;
  if (unavailable.has(page)) throw new DTLSError(402, `code page ${page} has no encoder in this package`);
  throw badArgument(`CodePage ${page} is none that the reference lists`);
}

/** Of one of `codePages`. A character that it lacks becomes "?". */
export function codecOf(page: number): TextCodec {
  if (page === utf8CodePage) {
    return { encode: (text) => Buffer.from(text, "utf8"), decode: (bytes) => bytes.toString("utf8") };
  }
  const name = names[page] ?? `cp${page}`;
  // A byte order mark is the sender's: neither added nor taken away.
  return {
    encode: (text) => iconv.encode(text, name, { addBOM: false }),
    decode: (bytes) => iconv.decode(bytes, name, { stripBOM: false }),
  };
}
