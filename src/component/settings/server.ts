import { group, type IntegerSetting } from "./setting.js";

/** The reference's "DTLSServer Config Settings". */
export const serverSettings = group({
  LogLevel: {
    type: "integer",
    default: 1,
    min: 0,
    max: 3,
    effect: "now",
    meaning: "Ceiling for the Log event: 0 None, 1 Info, 2 Verbose, 3 Debug.",
  } as IntegerSetting,
  MaxConnections: {
    type: "integer",
    default: 1000,
    min: 1,
    max: 1_000_000,
    effect: "now",
    locked: { while: "listening", code: 108 },
    meaning:
      "Most peers with a connection or a handshake past the cookie. At the limit new ClientHellos are " +
      "dropped without an answer.",
  } as IntegerSetting,
});
