import { type BooleanSetting, group, type IntegerSetting, type TextSetting } from "./setting.js";

/** The reference's "UDP Config Settings". */
export const udpSettings = group({
  LocalHost: {
    type: "text",
    default: "",
    effect: "start",
    locked: { while: "bound", code: 107 },
    meaning: "The property LocalHost: address or host name of the interface to bind; empty binds all.",
  } as TextSetting,
  LocalPort: {
    type: "integer",
    default: 0,
    min: 0,
    max: 65535,
    effect: "start",
    locked: { while: "bound", code: 106 },
    meaning: "The property LocalPort: UDP port to bind; 0 lets the system pick one.",
  } as IntegerSetting,
  MaxPacketSize: {
    type: "integer",
    default: 65535,
    min: 256,
    max: 65535,
    effect: "now",
    meaning:
      "Largest datagram accepted, in bytes. Longer ones are dropped whole: a cut DTLS record is useless.",
  } as IntegerSetting,
  UseIPv6: {
    type: "boolean",
    default: false,
    effect: "start",
    // In sibling components 2 asks for IPv6 alone.
    alsoTrue: ["2"],
    meaning:
      "Bind an IPv6 socket; on the wildcard address it serves IPv4 peers as well. Reads what the open socket " +
      "is, as long as there is one.",
  } as BooleanSetting,
});
