import { boolean, integer, readOnly, type SettingGroup, text } from "./setting.js";

/** The reference's "UDP Config Settings". */
export const udpSettings = {
  CaptureIPPacketInfo: boolean({
    default: false,
    effect: "start",
    meaning:
      "Whether DestinationAddress answers. What is sent to a client leaves from the address that it has reached, " +
      "whatever this says. Linux; elsewhere, and with SocketPath=uv, True makes StartListening throw 402.",
  }),
  DelayHostResolution: boolean({
    default: false,
    effect: "none",
    meaning:
      "Kept and read back, without effect: a server has no remote host to resolve, and LocalHost is resolved by " +
      "StartListening.",
  }),
  DestinationAddress: readOnly({
    read: (facts) => facts.destinationAddress(),
    readOf: (facts, id) => facts.destinationAddressOf(id),
    meaning:
      "The server's address to which the datagram was sent whose DataIn event is being delivered; outside of it " +
      "that of the last one. With a ConnectionId in brackets, that of the connection's datagrams, which " +
      "ConnectionLocalHost tells too. Empty without CaptureIPPacketInfo.",
  }),
  DontFragment: boolean({
    default: false,
    effect: "start",
    meaning:
      "Packets that leave are never fragmented: a datagram that is too long for the path is lost, with an Error " +
      "event, 10040. False leaves it to the system, which fragments.",
  }),
  LocalHost: text({
    default: "",
    effect: "start",
    locked: { while: "bound", code: 107 },
    meaning: "The property LocalHost: address or host name of the interface to bind; empty binds all.",
  }),
  LocalPort: integer({
    default: 0,
    min: 0,
    max: 65535,
    effect: "start",
    locked: { while: "bound", code: 106 },
    meaning: "The property LocalPort: UDP port to bind; 0 lets the system pick one.",
  }),
  MaxPacketSize: integer({
    default: 65535,
    min: 256,
    max: 65535,
    effect: "now",
    meaning:
      "Largest datagram accepted, in bytes. Longer ones are dropped whole: a cut DTLS record is useless. The log " +
      "tells of them at Verbose, up to 10 a second, and for a connection's there is Error 400.",
  }),
  QOSDSCPValue: integer({
    default: 0,
    min: 0,
    max: 63,
    effect: "start",
    meaning:
      "Differentiated services code point (RFC 2474) of packets that leave; 0 = no mark. It wins over " +
      "QOSTrafficType.",
  }),
  QOSTrafficType: integer({
    default: 0,
    min: 0,
    max: 5,
    effect: "start",
    locked: { while: "listening", code: 10022, detail: "QOSTrafficType is set before StartListening" },
    meaning:
      "Kind of traffic, with the mark (DSCP) that stands for it: 0 best effort (none), 1 background (8), 2 " +
      "excellent effort (40), 3 audio and video (40), 4 voice (56), 5 control (56). Before StartListening only.",
  }),
  ShareLocalPort: boolean({
    default: false,
    effect: "start",
    meaning:
      "Several servers, workers or processes of one user bind the same address and port (SO_REUSEPORT), all with " +
      "this setting; without it the second one gets 10048. Linux spreads clients over them by address and port, " +
      "and keeps each with its own as long as none comes or goes. Not with UseConnection.",
  }),
  UseConnection: boolean({
    default: false,
    effect: "start",
    locked: { while: "listening", code: 117 },
    meaning:
      "Each connection gets a socket of its own, connected to its client, beside the one that listens: a file " +
      "descriptor each, and before Linux 6.13 a longer search for each datagram that comes. Where the process may " +
      "open no more, the common socket serves, and an Error event tells. Linux; elsewhere, and with SocketPath=uv " +
      "or ShareLocalPort, True makes StartListening throw 402.",
  }),
  UseIPv6: boolean({
    default: false,
    effect: "start",
    // In sibling components 2 asks for IPv6 alone.
    alsoTrue: ["2"],
    meaning:
      "Bind an IPv6 socket; on the wildcard address it serves IPv4 peers as well. Reads what the open socket " +
      "is, as long as there is one.",
  }),
} satisfies SettingGroup;
