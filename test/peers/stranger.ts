/** Somebody on the network who is no client yet. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { onTestFinished } from "vitest";

/** A plain UDP socket, connected to that port; closed at the end of the test. */
export async function stranger(port: number): Promise<Socket> {
  const socket = createSocket("udp4");
  onTestFinished(() => void socket.close());
  socket.connect(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}
