/** What people import as "openssl-dtls/ipworks": the names as the JS edition of the component spells them. */
export { type CertStoreType, CertStoreTypes } from "../certificate/store-types.js";
export type { DTLSServerEventName } from "../component/events.js";
export type { CounterName, Counters } from "../counters.js";
export { DTLSError, type DTLSErrorDetails, type ErrorCode, errorTexts } from "../errors.js";
export { Certificate } from "./certificate.js";
export type { Connections, DTLSConnection } from "./connections.js";
export { counters, dtlsserver } from "./server.js";
export type { Callback, EventListener, EventMap, Promised, Spelled, SpelledEvent } from "./spellings.js";
