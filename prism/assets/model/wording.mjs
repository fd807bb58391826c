// SPDX-License-Identifier: Apache-2.0

// How values are put into words.

/** `840 µs`, `12.3 ms`, `4.21 s`, `3 min 5 s`; a dash for none. */
export function duration(ms) {
  if (ms === null || ms === undefined || !Number.isFinite(ms))
    return "–";
  if (ms < 0)
    return "−" + duration(-ms);
  if (ms === 0)
    return "0 ms";
  if (ms < 1)
    return Math.round(ms * 1000) + " µs";
  if (ms < 100)
    return ms.toFixed(1) + " ms";
  if (ms < 1000)
    return Math.round(ms) + " ms";
  if (ms < 60_000)
    return (ms / 1000).toFixed(2) + " s";
  const seconds = Math.round(ms / 1000);
  return Math.floor(seconds / 60) + " min " + (seconds % 60) + " s";
}

export function percent(ratio) {
  return ratio === null ? "–" : Math.round(ratio * 100) + " %";
}

/** The time of day, with milliseconds. */
export function clock(at) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime()))
    return "–";
  const two = (number) => String(number).padStart(2, "0");
  return two(date.getHours()) + ":" + two(date.getMinutes()) + ":"
    + two(date.getSeconds()) + "."
    + String(date.getMilliseconds()).padStart(3, "0");
}

export function count(number) {
  return number.toLocaleString("en-US");
}

export function plural(number, one, many = one + "s") {
  return count(number) + " " + (number === 1 ? one : many);
}

/** Ids are told apart by their ends. */
export function short_id(id) {
  if (id.length <= 12)
    return id;
  const prefix = /^(evt|trc|eng)_/.exec(id)?.[0] ?? "";
  return prefix + "…" + id.slice(-6);
}

/** Longer texts are cut on the screen: a frame may have 16 MiB. */
const shown_max = 64 * 1024;

/** A whole Signal, laid out for reading. */
export function envelope_text(signal) {
  return cut(JSON.stringify(JSON.parse(signal.text), null, 2));
}

export function payload_text(signal) {
  return cut(JSON.stringify(signal.payload, null, 2));
}

function cut(text) {
  if (text.length <= shown_max)
    return text;
  return text.slice(0, shown_max) + "\n… cut: " + count(text.length)
    + " characters in all";
}

const telling_keys = [
  "message", "question", "action", "reason", "delta", "tool", "verdict",
  "answer", "key", "status", "role",
];
const value_keys = ["input", "output", "result", "query", "entry", "hits"];
const inner_keys = ["text", "prompt", "task", "query"];

/** The line below a Signal's type: what it says, in a few words. */
export function gist({ payload }) {
  const first_text = (value, keys) =>
    keys.map((key) => value?.[key])
      .find((text) => typeof text === "string" && text);
  const told = first_text(payload, telling_keys);
  if (told)
    return one_line(told);
  const key = value_keys.find((name) => payload[name] !== undefined);
  const value = key ? payload[key] : payload;
  const inner = first_text(value, inner_keys);
  if (inner)
    return one_line(inner);
  const text = JSON.stringify(value);
  return text === "{}" ? "" : one_line(text);
}

function one_line(text) {
  return text.slice(0, 200).replace(/\s+/g, " ").trim();
}

/** A task as a text file: what it was, then each Signal in full. */
export function task_text(task) {
  const lines = [
    "trace " + task.trace,
    "status " + task.status,
    "signals " + task.signals.length,
    "took " + duration(task.end - task.start),
  ];
  if (task.hint)
    lines.push("about " + one_line(task.hint));
  for (const signal of task.signals) {
    lines.push("", clock(signal.at) + "  +"
      + duration(signal.at - task.start) + "  " + signal.type + "  "
      + (signal.directed.id ?? ""));
    lines.push(JSON.stringify(JSON.parse(signal.text), null, 2));
  }
  return lines.join("\n") + "\n";
}
