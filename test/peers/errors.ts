/** What goes wrong on our side of a test: errors of a call, and those that surface as uncaughtException. */
import { expect, onTestFinished } from "vitest";

/** Matches a DTLSError with this number, and with such words in its text. */
export function withCode(code: number, words = /^/): unknown {
  return expect.objectContaining({ name: "DTLSError", code, message: expect.stringMatching(words) });
}

/** Takes the place of whatever else would be told of uncaught exceptions, until the end of the test. */
export function catchUncaught(): unknown[] {
  const caught: unknown[] = [];
  process.setUncaughtExceptionCaptureCallback((error) => caught.push(error));
  onTestFinished(() => process.setUncaughtExceptionCaptureCallback(null));
  return caught;
}
