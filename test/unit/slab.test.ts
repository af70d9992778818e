import { MessageChannel } from "node:worker_threads";
import { expect, test } from "vitest";
import { Slab } from "../../src/endpoint.js";

function slabOf(size: number): { slab: Slab; bytes: Uint8Array } {
  const bytes = Uint8Array.from({ length: size }, (_, index) => index & 0xff);
  return { slab: new Slab(bytes), bytes };
}

test("a message of an eighth of the slab or more is a view of it", () => {
  const { slab, bytes } = slabOf(800);
  expect(slab.take(100, 100)).toEqual(Buffer.from(bytes.subarray(100, 200)));
  expect(slab.take(100, 100).buffer).toBe(bytes.buffer);
});

test("a smaller one is a copy, so that keeping it does not keep the slab", () => {
  const { slab, bytes } = slabOf(800);
  const small = slab.take(100, 99);
  expect(small).toEqual(Buffer.from(bytes.subarray(100, 199)));
  expect(small.buffer).not.toBe(bytes.buffer);
});

test("an empty message is an empty buffer, with or without a slab", () => {
  expect(slabOf(800).slab.take(0, 0)).toHaveLength(0);
  expect(new Slab(undefined).take(0, 0)).toHaveLength(0);
});

test("a slab seen outside is not taken away from its other messages by a transfer", () => {
  const { slab } = slabOf(100);
  const [one, other] = [slab.take(0, 50), slab.take(50, 50)];
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(one, [one.buffer as ArrayBuffer]);
  } catch (error) {
    // From Node 21 on it is an error; before, the buffer is copied.
    expect(error).toMatchObject({ name: "DataCloneError" });
  } finally {
    port1.close();
    port2.close();
  }
  expect(one).toHaveLength(50);
  expect(other[49]).toBe(99);
});

test("the text of a report is read as UTF-8", () => {
  const bytes = Buffer.from("\u20ac1:5000");
  expect(new Slab(bytes).text(0, 3)).toBe("\u20ac");
});
