import { boolean, integer, type SettingGroup, text } from "./setting.js";

/** The reference's "Socket Config Settings". */
export const socketSettings = {
  AbsoluteTimeout: boolean({
    default: false,
    effect: "none",
    meaning: "Kept and read back, without effect: the reference has absolute timeouts, but not for UDP.",
  }),
  FirewallData: text({
    default: "",
    effect: "none",
    meaning: "Kept and read back, without effect: there is no firewall or tunnel to send it to.",
  }),
  InBufferSize: integer({
    default: 0,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    effect: "buffers",
    meaning:
      "Bytes of the socket's receive queue (SO_RCVBUF), and of data kept for a connection in PauseData, where each " +
      "datagram counts 64 bytes more than it has. 0 asks for 4 MiB, and for 64 KiB in PauseData. The system may " +
      "give less, and does for any size too large for it; while bound, reading tells what it gave.",
  }),
  OutBufferSize: integer({
    default: 0,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    effect: "buffers",
    meaning:
      "Bytes of the socket's send queue (SO_SNDBUF); 0 leaves the system's. It may give less, and does for any size " +
      "too large for it; while bound, reading tells what it gave.",
  }),
} satisfies SettingGroup;
