/** What stands behind each number of the error table, and what to do about it: the words of docs/errors.md. */
export const errorAdvice = {
  0: "Success, or a normal end of a connection: either side closed it, or there was no activity for DefaultIdleTimeout.",
  104: "StartListening was called twice. StopListening or Shutdown first, or look at Listening.",
  106: "Shutdown first, then set LocalPort. After StopListening the socket stays until its last connection ends.",
  107: "Shutdown first, then set LocalHost. After StopListening the socket stays until its last connection ends.",
  108: "StopListening first, then set MaxConnections; connections may stay open.",
  117: "StopListening first, then set UseConnection.",
  126: "The connection has ended, or never was: ids come with Connected and go with Disconnected.",
  271: "The file is missing, may not be read, is in another format, or the password is wrong; the message says which.",
  272: "No certificate in the store has this subject, or the store given is empty. `*` takes any.",
  400: "A datagram from the peer's address is no sequence of DTLS records, or longer than MaxPacketSize. Anybody can forge such datagrams; the connection goes on.",
  401: "The client sent a message out of turn. It is broken, or not a DTLS client.",
  402: "As Connected: client and server have no protocol version, cipher suite, group or signature algorithm in common; the description says which. As an exception: this version does not know the setting (docs/settings.md) or the type of store, no cipher suite works with the key of the certificate (docs/certificates.md), or a setting asks for what this system or the SocketPath has not; the message says which.",
  403: "The handshake failed in another way; the description has OpenSSL's reason and the alert sent. From SendBytes and SendText: the datagram could not be encrypted; the connection has ended, and Disconnected tells why.",
  404: "The server's certificate: select one together with its private key. A client's: it is missing, or the SSLClientAuthentication listener did not set Accept.",
  405: "The client ended it with a fatal alert; the description names the alert and what it commonly means. In a handshake that is most often a client that does not trust the server's certificate.",
  10004: "A signal interrupted a system call. Try again.",
  10009: "The socket is gone. Please report it.",
  10013:
    "A port below 1024 without the permission for it. As an Error event: a firewall refuses to let the datagram out.",
  10014: "The system refused an address in memory. Please report it.",
  10022:
    "A value of the wrong type or out of range; the message names it. As an Error event: an async listener was rejected. Also an error of the system that has no number of its own; its name is in `systemCode`.",
  10024:
    "The process may open no more files: raise the limit (`ulimit -n`), or look for what does not close its own.",
  10035: "The system would have to wait. Try again.",
  10038: "The socket is gone. Please report it.",
  10040: "More than 16384 bytes, or than the client or the path to it can take. Send less in a datagram.",
  10045: "What is read-only was set, or the system does not know a socket option.",
  10047: 'An IPv6 address in LocalHost needs `Config("UseIPv6=True")`, or the system has no IPv6.',
  10048: "Another socket has this address and port. Choose another port, or end the other program.",
  10049: "LocalHost is not an address of this machine.",
  10050: "The network interface is down.",
  10051: "There is no route to the peer's network.",
  10053:
    "As Connected: the handshake was given up, by this server's Disconnect, Shutdown or Reset, or by the client's close_notify. As Disconnected: this server ended the connection because its keys must not be used any further, after nearly 2^48 records, what the cipher bears, or too many forged records; the description says which. The client may connect anew.",
  10054:
    "A new handshake from the same address and port has replaced the connection: the client started anew.",
  10055:
    "The outgoing queue is full: the socket takes less than is being sent. Send again later. As an Error event: the system is short of buffers.",
  10057: "The handshake is not complete. Wait for Connected.",
  10060:
    "As Connected: the client did not complete the handshake within HandshakeTimeout, or a listener took longer to decide. As Disconnected: the client left KeepAliveMaxRetries heartbeats in a row unanswered; it is gone, or the path to it is broken.",
  10061:
    "The peer's machine says that nobody listens at its port any more. A hint, which anybody can forge: the connection goes on. On Linux, unless SocketPath is uv.",
  10064: "The peer's machine is down, as far as the network knows. A hint: the connection goes on.",
  10065: "There is no route to the peer's machine. A hint: the connection goes on.",
  11001: "LocalHost is a name that does not exist.",
  11002: "The name server did not answer. Try again.",
  11003: "The name server refused to answer.",
  11004: "The name exists and has no address of the family asked for (`UseIPv6`).",
};

/** Numbers that the documented component's family has, and this package never raises: text, and why not. */
export const errorsNotRaised = [
  [
    "109",
    "The component must be active",
    "Nothing needs a server that listens: what needs a connection says so with 126.",
  ],
  ["135", "Operation would block", "No call waits. A full outgoing queue is 10055."],
  [
    "211, 213",
    "Impossible in the present state, or while listening",
    "Each case has a number of its own: 104, 106, 107, 108, 117.",
  ],
  [
    "270",
    "Cannot load security library",
    "Waits for PKCS#11 stores, which are 402 in this version; OpenSSL is part of the addon.",
  ],
  [
    "273, 274, 275, 276, 280, 281, 282, 283, 284",
    "Credentials, certificate chain, handshake, verification, encryption, decryption",
    "400 to 405 take their place.",
  ],
  [
    "301",
    "Interrupted or timed out",
    "No method can be aborted: each is done when it returns, and the promises of Shutdown and DoEvents never reject. Handshakes that end unfinished are 10053 or 10060.",
  ],
];
