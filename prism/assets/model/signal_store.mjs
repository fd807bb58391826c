// SPDX-License-Identifier: Apache-2.0

import { Participants } from "./participants.mjs";
import { is_prism_error, parse_signal } from "./signal.mjs";

export const signals_max = 500;
/** Characters of the Signals kept: one alone may be 16 MiB. */
const text_max = 64 * 1024 * 1024;

/**
 * What the page remembers of a bus. The rules are those of the protocol's page
 * on Prism: the newest 500, pausing drops, clearing keeps the participants.
 */
export class SignalStore {
  #signals = []; // oldest first
  #by_id = new Map();
  #text_size = 0;
  #seq = 0;

  total = 0;
  is_paused = false;
  /** What Prism itself complains about; cleared by the next Signal. */
  banner = null;
  participants = new Participants();

  /** @returns the Signal if it was kept, else undefined. */
  receive(text, received) {
    const signal = parse_signal(text, received);
    if (!signal)
      return undefined;
    if (is_prism_error(signal)) {
      const { code, message } = signal.payload;
      this.banner = { code: String(code ?? ""), text: String(message ?? "") };
      return undefined;
    }
    this.banner = null;
    if (this.is_paused)
      return undefined;
    this.#add(signal);
    return signal;
  }

  #add(signal) {
    signal.seq = ++this.#seq;
    this.total += 1;
    this.#signals.push(signal);
    this.#by_id.set(signal.id, signal);
    this.#text_size += signal.text.length;
    this.participants.see(signal);
    const is_full = () =>
      this.#signals.length > signals_max || this.#text_size > text_max;
    while (is_full() && this.#signals.length > 1)
      this.#forget(this.#signals.shift());
  }

  #forget(signal) {
    this.#text_size -= signal.text.length;
    if (this.#by_id.get(signal.id) === signal)
      this.#by_id.delete(signal.id);
  }

  clear() {
    this.#signals = [];
    this.#by_id.clear();
    this.#text_size = 0;
    this.total = 0;
  }

  /** As before the first Signal: another bus is looked at. */
  reset() {
    this.clear();
    this.banner = null;
    this.participants = new Participants();
  }

  find(id) {
    return this.#by_id.get(id);
  }

  /** Oldest first; not to be changed. */
  get signals() {
    return this.#signals;
  }
}
