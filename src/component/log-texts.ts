/** The Log messages: stable sentences, whose first words people search for. */
import { isIPv6 } from "node:net";

export function hostAndPort(address: string, port: number): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

/** For a StartListening that goes on with the socket of the last one. */
export function keptSocketText(waiting: readonly string[]): string {
  return `Kept the socket that is open. Settings that wait for the next bind: ${waiting.join(", ")}.`;
}

/**
 * A peer's words on one line: a subject with a line break in it could pass for another line of the log, and one
 * that turns the direction of writing for another text.
 */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** "[403] DTLS handshake error: ..."; the system's numbers stand in their descriptions already. */
export function numbered(code: number, description: string): string {
  return description.startsWith(`[${code}]`) ? description : `[${code}] ${description}`;
}

/** By counter, for the limits that turn peers away. */
const limits: Readonly<Record<string, string>> = {
  dropMaxConnections: "Maximum number of connections reached",
  dropMaxHandshakes: "Maximum number of handshakes reached",
  dropMaxHandshakesPerHost: "Maximum number of handshakes per host reached",
  dropMaxConnectionsPerHost: "Maximum number of connections per host reached",
};

export function limitText(counter: string, more: number, peer: string): string {
  const text = limits[counter] ?? `Limit reached (${counter})`;
  return `${text}. Ignored ${peer}${andMore(more)}.`;
}

/** By counter, where its name says too little to a user. */
const reasons: Readonly<Record<string, string>> = {
  dropOversized: "longer than MaxPacketSize",
  dropPaused: "data of a paused connection",
};

export function droppedText(counter: string, more: number, peer: string): string {
  return `Dropped from ${peer}: ${reasons[counter] ?? wordsOf(counter)}${andMore(more)}.`;
}

export function helloVerifyRequestText(more: number, peer: string): string {
  return `Sent HelloVerifyRequest to ${peer}${andMore(more)}.`;
}

/** "unknown peer" for dropUnknownPeer. */
function wordsOf(counter: string): string {
  return counter
    .replace(/^drop/, "")
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .trim();
}

export function inertText(id: number, reason: string): string {
  return `Connection ${id} is not kept alive: ${reason}.`;
}

export function forgedText(id: number, count: number): string {
  return `Connection ${id} has dropped ${count} forged records: its cipher suite sets no limit to them.`;
}

/** For the lines about handshakes, or forged records, that `Log` has left out. */
export function leftOutText(count: number, about: string): string {
  return `Left out ${count} ${count === 1 ? "line" : "lines"} about ${about}: too many in a second.`;
}

function andMore(more: number): string {
  return more > 0 ? ` and ${more} more since the last line` : "";
}
