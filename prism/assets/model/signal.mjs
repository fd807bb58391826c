// SPDX-License-Identifier: Apache-2.0

// One Signal as the page holds it. Whatever the bus carries may be ill-formed:
// here it gets a shape that the rest can rely on.

const is_object = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const object_or_empty = (value) => (is_object(value) ? value : {});

const text_or = (value, other) =>
  typeof value === "string" && value !== "" ? value : other;

/**
 * Milliseconds since 1970 with their fraction: Date knows no microseconds.
 * @returns undefined for what is no instant
 */
export function instant_of(ts) {
  if (typeof ts === "number" && Number.isFinite(ts))
    return Math.abs(ts) > 2e10 ? ts : ts * 1000;
  if (typeof ts !== "string")
    return undefined;
  const parts = /^(.*:\d\d)[.,](\d+)(.*)$/.exec(ts);
  const whole = Date.parse(parts ? parts[1] + parts[3] : ts);
  if (Number.isNaN(whole))
    return undefined;
  return parts ? whole + Number("0." + parts[2]) * 1000 : whole;
}

/**
 * @param received milliseconds since 1970; stands in for a broken `ts`
 * @returns undefined if `text` is no Signal
 */
export function parse_signal(text, received) {
  let envelope;
  try {
    envelope = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!is_object(envelope) || !text_or(envelope.type))
    return undefined;
  const directed = object_or_empty(envelope.directed);
  return {
    seq: 0, // given by the store
    id: text_or(envelope.id, ""),
    trace: text_or(envelope.trace_id, ""),
    parent: text_or(envelope.parent_id, null),
    type: envelope.type,
    directed: {
      id: text_or(directed.id, null),
      type: text_or(directed.type, null),
      capabilities: strings_of(directed.capabilities),
    },
    at: instant_of(envelope.ts) ?? received,
    payload: object_or_empty(envelope.payload),
    meta: object_or_empty(envelope.meta),
    text,
  };
}

/** Prism's own words, which only look like a Signal. */
export const is_prism_error = (signal) =>
  signal.type === "ERROR" && signal.meta.source === "prism";

/** The texts of a list that may be anything. */
export function strings_of(value) {
  return Array.isArray(value)
    ? value.filter((item) => typeof item === "string")
    : [];
}
