/** Secrets given as text in settings, in hexadecimal. */
import { badArgument } from "../errors.js";

/** Empty, or so many bytes; throws 10022, and does not repeat what it was given. */
export function checkSecret(name: string, text: string, bytes: number): void {
  if (text === "" || (text.length === 2 * bytes && /^[0-9a-f]+$/i.test(text))) return;
  throw badArgument(`${name} must be empty, or ${bytes} bytes as ${2 * bytes} hexadecimal digits`);
}

export function secretBytes(text: string): Buffer {
  return Buffer.from(text, "hex");
}
