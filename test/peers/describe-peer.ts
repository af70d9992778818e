import { describe, inject } from "vitest";
import type { PeerName } from "./programs.setup.js";

/** `describe` for the tests of a peer. Where it is missing they are skipped, and their name says why. */
export function describePeer(peer: PeerName, name: string, body: () => void): void {
  const availability = inject("peers")[peer];
  if ("missing" in availability) describe.skip(`${name} (skipped: ${availability.missing})`, body);
  else describe(name, body);
}

/** Of a program, or the folder of a Java class. */
export function peerPath(peer: PeerName): string {
  const availability = inject("peers")[peer];
  if ("missing" in availability) throw new Error(availability.missing);
  return availability.path;
}
