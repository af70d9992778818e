/** The UDP sockets of this machine, as Linux lists them (proc(5)). */
import { readFileSync } from "node:fs";

export interface UdpSocketEntry {
  localPort: number;
  /** 0: not connected. */
  remotePort: number;
  /** Datagrams that found the receive buffer full. */
  drops: number;
}

/** Those bound to this port, without those of other programs that are connected to it. */
export function udpSockets(localPort: number): UdpSocketEntry[] {
  return ["/proc/net/udp", "/proc/net/udp6"]
    .flatMap((file) => readFileSync(file, "utf8").trim().split("\n").slice(1))
    .map((line) => {
      const fields = line.trim().split(/\s+/);
      const [, local = "", remote = ""] = fields;
      return { localPort: portOf(local), remotePort: portOf(remote), drops: Number(fields.at(-1)) };
    })
    .filter((entry) => entry.localPort === localPort);
}

/** Of "0100007F:1151". */
function portOf(address: string): number {
  return Number.parseInt(address.slice(address.indexOf(":") + 1), 16);
}
