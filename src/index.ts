/** What people import. */
export { Certificate } from "./certificate/certificate.js";
export { type CertStoreType, CertStoreTypes } from "./certificate/store-types.js";
export type { ConnectionArray, Connections, DTLSConnection } from "./component/connections.js";
export { counters, DTLSServer } from "./component/dtls-server.js";
export type {
  ConnectedEvent,
  ConnectionRequestEvent,
  DataInEvent,
  DisconnectedEvent,
  DTLSServerEventMap,
  DTLSServerEventName,
  ErrorEvent,
  LogEvent,
  LogType,
  SSLClientAuthenticationEvent,
  SSLStatusEvent,
} from "./component/events.js";
export type { DTLSServerListener } from "./component/server-events.js";
export type { CounterName, Counters } from "./counters.js";
export { DTLSError, type DTLSErrorDetails, type ErrorCode, errorTexts } from "./errors.js";
