// SPDX-License-Identifier: Apache-2.0

/**
 * What the reader wants to see. All criteria must hold; each is a piece of
 * text, without regard to case, and an empty one holds for everything.
 */
export class Filter {
  constructor({ type = "", id = "", trace = "", text = "" } = {}) {
    this.type = type.trim().toUpperCase();
    this.id = id.trim().toLowerCase();
    this.trace = trace.trim().toLowerCase();
    this.text = text.trim().toLowerCase();
  }

  get is_empty() {
    return !this.type && !this.id && !this.trace && !this.text;
  }

  /** A type is meant as a whole; the others may be parts. */
  matches(signal) {
    const has = (value, part) => (value ?? "").toLowerCase().includes(part);
    return (!this.type || signal.type === this.type)
      && (!this.id || has(signal.directed.id, this.id)
        || has(signal.id, this.id))
      && (!this.trace || has(signal.trace, this.trace))
      && (!this.text || has(signal.text, this.text));
  }

  /** Those of `signals` that belong to a trace with a match. */
  with_their_traces(signals) {
    if (this.is_empty)
      return signals;
    const traces = new Set();
    for (const signal of signals)
      if (this.matches(signal))
        traces.add(signal.trace);
    return signals.filter((signal) => traces.has(signal.trace));
  }
}
