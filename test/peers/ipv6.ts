import { createSocket } from "node:dgram";

/** A machine without IPv6 fails the test and says why, rather than passing it. */
export async function requireIPv6(): Promise<void> {
  const socket = createSocket("udp6");
  await new Promise<void>((resolve, reject) => {
    socket.once("error", (error) => reject(new Error(`this machine has no IPv6 loopback: ${error.message}`)));
    socket.bind(0, "::1", () => socket.close(resolve));
  });
}
