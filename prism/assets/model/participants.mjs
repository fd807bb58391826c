// SPDX-License-Identifier: Apache-2.0

import { strings_of } from "./signal.mjs";

/** A bus may name any number; those unseen for longest make room. */
const participants_max = 2000;

function kind_of(register) {
  const { role, engram } = register.payload;
  if (["neuron", "engram", "effector"].includes(role))
    return role;
  const is_engram =
    engram === true || register.directed.id.startsWith("eng_");
  return is_engram ? "engram" : "neuron";
}

/** Who has been seen on the bus: one entry for each directed.id. */
export class Participants {
  #by_id = new Map(); // in order of last sight

  see(signal) {
    const id = signal.directed.id;
    if (!id)
      return;
    const entry = this.#by_id.get(id) ?? {
      id,
      kind: null,
      capabilities: [],
      version: null,
      count: 0,
      first_seen: signal.at,
      is_deregistered: false,
    };
    this.#by_id.delete(id);
    this.#by_id.set(id, entry);
    entry.count += 1;
    entry.last_seen = signal.at;
    entry.last_type = signal.type;
    if (signal.type === "REGISTER")
      this.#register(entry, signal);
    else if (signal.type === "DEREGISTER")
      entry.is_deregistered = true;
    if (this.#by_id.size > participants_max)
      this.#by_id.delete(this.#by_id.keys().next().value);
  }

  #register(entry, signal) {
    const offered = signal.directed.capabilities;
    entry.kind = kind_of(signal);
    entry.capabilities = offered.length > 0
      ? offered
      : strings_of(signal.payload.capabilities);
    entry.version = typeof signal.payload.version === "string"
      ? signal.payload.version
      : null;
    entry.is_deregistered = false;
  }

  get(id) {
    return this.#by_id.get(id);
  }

  get size() {
    return this.#by_id.size;
  }

  /** The last seen last. */
  all() {
    return [...this.#by_id.values()];
  }
}
