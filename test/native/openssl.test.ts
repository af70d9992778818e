// Node exports an OpenSSL of its own, which an addon runs unless it hides the one it was linked with.
import { expect, test } from "vitest";
import { native } from "../../src/native.js";

test("the addon runs the OpenSSL it was compiled for, whatever Node brings", () => {
  expect(native.opensslVersion()).toBe(native.opensslHeadersVersion());
});
