// The yardstick: a plaintext echo over Node's own UDP sockets.
import { createSocket } from "node:dgram";
import { answerMarks } from "./marks.mjs";

const socket = createSocket({ type: "udp4", recvBufferSize: 4 * 1024 * 1024 });
socket.on("message", (message, peer) => socket.send(message, peer.port, peer.address));
socket.bind(0, "127.0.0.1", () => answerMarks(socket.address().port));
