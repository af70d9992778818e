/**
 * What is assigned to properties and settings, converted: numbers given as numeric strings and Booleans
 * given as the words of Config are understood, anything else throws 10022.
 */
import { types } from "node:util";
import { badArgument } from "./errors.js";

export function toInteger(name: string, value: unknown, min: number, max: number): number {
  const number = typeof value === "string" ? parseInteger(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number)) {
    throw badArgument(`${name} must be a whole number, not ${show(value)}`);
  }
  if (number < min || number > max) {
    throw badArgument(`${name} must be between ${min} and ${max}, not ${number}`);
  }
  return number;
}

export function toBoolean(name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  const parsed =
    typeof value === "string" || typeof value === "number" ? parseBoolean(String(value)) : undefined;
  if (parsed === undefined) throw badArgument(`${name} must be True or False, not ${show(value)}`);
  return parsed;
}

export function toText(name: string, value: unknown): string {
  if (typeof value !== "string") throw badArgument(`${name} must be a string, not ${show(value)}`);
  if (value.includes("\0")) throw badArgument(`${name} must not contain a NUL character`);
  return value;
}

export function toBytes(name: string, value: unknown): Uint8Array {
  const bytes = bytesOf(name, value);
  if (bytes) return bytes;
  throw badArgument(`${name} must be a ${bufferKinds}, not ${show(value)}`);
}

/** For data that may come either way; a string may have one byte a character, NUL among them. */
export function toTextOrBytes(name: string, value: unknown): string | Uint8Array {
  const data = typeof value === "string" ? value : bytesOf(name, value);
  if (data !== undefined) return data;
  throw badArgument(`${name} must be a string, ${bufferKinds}, not ${show(value)}`);
}

const bufferKinds = "Buffer, Uint8Array, DataView or ArrayBuffer";

function bytesOf(name: string, value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  // Not instanceof: a buffer of another realm (node:vm, test runners) has another constructor.
  if (types.isAnyArrayBuffer(value)) {
    try {
      return new Uint8Array(value);
    } catch (cause) {
      throw badArgument(`${name} is a buffer that has been transferred away`, cause);
    }
  }
  return undefined;
}

/** Decimal or 0x hex; undefined for anything else. */
export function parseInteger(text: string): number | undefined {
  const trimmed = text.trim();
  return /^([+-]?\d+|0x[0-9a-f]+)$/i.test(trimmed) ? Number(trimmed) : undefined;
}

/** True, False, 0, 1, Yes or No in any case (reference, Config method); undefined for anything else. */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (word === "true" || word === "1" || word === "yes") return true;
  if (word === "false" || word === "0" || word === "no") return false;
  return undefined;
}

function show(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  if (value === null || typeof value !== "object")
    return typeof value === "symbol" ? "a symbol" : String(value);
  return Array.isArray(value) ? "an array" : "an object";
}
