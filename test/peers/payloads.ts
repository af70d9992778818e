/** What the tests of suites send: less than a block, whole blocks, and about what a datagram carries. */
export const payloads = [1, 64, 1200].map((size) =>
  Buffer.from(Array.from({ length: size }, (_, index) => (index * 7 + size) & 0xff)),
);
