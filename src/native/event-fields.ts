/**
 * Where the fields of an event stand in its Int32s of the table: `Field` in `binding/node/seam.h`. What `a`, `b`,
 * `c` and the bytes mean stands with each kind in `binding/core/events.h`.
 */
export const EventField = { kind: 0, idLow: 1, idHigh: 2, a: 3, b: 4, c: 5, offset: 6, length: 7 } as const;
