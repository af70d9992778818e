/** Whose settings a Config under test keeps: what it asks of a server, answered by the test. */
import { Config, type ConfigOwner } from "../../src/component/settings/config.js";
import type { NativeNegotiated } from "../../src/native.js";

export class Owner implements ConfigOwner {
  listening = false;
  bound = false;
  inEffectNow: Record<string, number | string> = {};
  applied: string[] = [];
  isListening = () => this.listening;
  isBound = () => this.bound;
  inEffect = (name: string) => this.inEffectNow[name];
  apply = (effect: string) => void this.applied.push(effect);
  destinationAddress = () => "192.0.2.7";
  destinationAddressOf = (id: number) => (id === 7 ? "192.0.2.8" : undefined);
  connections = new Map<number, NativeNegotiated>();
  negotiated = (id: number) => this.connections.get(id);
  notes: string[] = [];
  note = (message: string) => void this.notes.push(message);
}

export function config(owner = new Owner()) {
  return new Config(owner);
}
