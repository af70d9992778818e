/**
 * Both sides of the seam compared, so that an old binary under new JavaScript says so at once. What an event's `a`,
 * `b` and `c` mean, and the settings, is not compared: a package's binary and its JavaScript come together.
 */
import { EventField } from "./event-fields.js";
import {
  CertificateReason,
  counterNames,
  EVENT_STRIDE,
  EventKind,
  Fault,
  ProgressStep,
  SendResult,
  SocketPath,
  StoreFormat,
} from "./numbers.js";

/** The addon's names of what crosses as a number, in the order of the numbers. An older binary may lack some. */
export interface NativeSeam {
  readonly eventKinds?: readonly string[];
  readonly eventFields?: readonly string[];
  readonly progressSteps?: readonly string[];
  readonly faults?: readonly string[];
  readonly sendResults?: readonly string[];
  readonly certificateReasons?: readonly string[];
  readonly storeFormats?: readonly string[];
  readonly socketPaths?: readonly string[];
  readonly counters?: readonly string[];
}

/** "drop_empty", as the core has it, is "dropEmpty" here. */
export function camel(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Throws unless every table above has exactly the addon's names, in its order. */
export function checkSeam(seam: NativeSeam): void {
  const agrees = (table: Readonly<Record<string, number>>, names: readonly string[] = [], first = 0) =>
    Object.keys(table).length === names.length &&
    names.every((name, index) => table[camel(name)] === index + first);
  const counters = Object.fromEntries(counterNames.map((name, index) => [name, index]));
  if (
    !agrees(EventKind, seam.eventKinds, 1) ||
    !agrees(EventField, seam.eventFields) ||
    seam.eventFields?.length !== EVENT_STRIDE ||
    !agrees(ProgressStep, seam.progressSteps) ||
    !agrees(Fault, seam.faults) ||
    !agrees(SendResult, seam.sendResults) ||
    !agrees(CertificateReason, seam.certificateReasons) ||
    !agrees(StoreFormat, seam.storeFormats) ||
    !agrees(SocketPath, seam.socketPaths) ||
    !agrees(counters, seam.counters)
  ) {
    throw new Error(
      "openssl-dtls: the addon's binary and its JavaScript are of different versions. " +
        "Reinstall the package, or rebuild the addon with: npx cmake-js compile",
    );
  }
}
