/** What native calls throw: `binding/node/errors.h`. */
import { camel } from "./seam.js";

/** What native calls throw for the system's errors: `code` is Node's name ("EADDRINUSE"). */
export interface NativeSystemError extends Error {
  code: string;
  errno: number;
  syscall: string;
}

/** What `SecurityContext` and `openStore` throw. */
export interface NativeProblem extends Error {
  problem: "certificate" | "unsupported" | "unreadable" | "wrongPassword";
}

/** The option that bind has refused with ENOTSUP, in a message like "connect ENOTSUP connect_peers". */
export function lackingOption({ code, message }: NativeSystemError): string | undefined {
  const name = code === "ENOTSUP" ? / ENOTSUP (\w+)$/.exec(message)?.[1] : undefined;
  return name && camel(name);
}
