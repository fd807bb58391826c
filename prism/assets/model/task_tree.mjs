// SPDX-License-Identifier: Apache-2.0

// From a heap of Signals to the tasks they belong to.

import { is_lifecycle, is_memory } from "./signal_types.mjs";

/** How long after a task its stray memory traffic may come, in ms. */
const attachment_max = 60_000;

const thread_openers = new Set([
  "RECALL", "IMPRINT", "CLARIFICATION", "PERMISSION", "TASK_OFFER",
]);

const hint_keys = ["input", "prompt", "task", "description", "goal"];
const inner_hint_keys = ["prompt", "task", "text", "query"];

/**
 * @param signals in the order of arrival
 * @returns {tasks, lifecycle}: the root tasks, newest first, and the Signals
 *   of traces that are about coming and going alone. A task is
 *   {trace, signals, start, end, status, hint, receptor, thread, children}
 */
export function task_tree(signals) {
  const traces = by_trace(signals);
  const lifecycle = [];
  const groups = [];
  const strays = [];
  for (const [trace, members] of traces) {
    const group = { trace, members: sorted(members) };
    if (members.every((signal) => is_lifecycle(signal.type)))
      lifecycle.push(...members);
    else if (members.every((signal) => is_memory(signal.type)))
      strays.push(group);
    else
      groups.push(group);
  }
  for (const stray of strays)
    attach(stray, groups);
  const tasks = groups.map((group) => task_of(group));
  return { tasks: nested(tasks), lifecycle };
}

function by_trace(signals) {
  const result = new Map();
  for (const signal of signals) {
    const members = result.get(signal.trace);
    if (members)
      members.push(signal);
    else
      result.set(signal.trace, [signal]);
  }
  return result;
}

/** By time; what has the same one stays as it came. */
const sorted = (signals) =>
  [...signals].sort((a, b) => a.at - b.at || a.seq - b.seq);

const start_of = (group) => group.members[0].at;

/** Memory traffic outside any task goes to the nearest earlier one. */
function attach(stray, groups) {
  const begun = start_of(stray);
  let nearest;
  for (const group of groups) {
    const age = begun - start_of(group);
    if (!group.is_stray && age >= 0 && age <= attachment_max
        && !(nearest && start_of(nearest) > start_of(group)))
      nearest = group;
  }
  if (nearest)
    nearest.members = sorted([...nearest.members, ...stray.members]);
  else
    groups.push({ ...stray, is_stray: true });
}

function task_of({ trace, members }) {
  const has = (type) => members.some((signal) => signal.type === type);
  return {
    trace,
    signals: members,
    start: members[0].at,
    end: members.at(-1).at,
    status: has("FINAL") ? "final" : has("ERROR") ? "error" : "open",
    hint: hint_of(members),
    receptor: receptor_of(members),
    thread: thread_of(members),
    children: [],
  };
}

/** What a task is about, as far as its payloads tell. */
export function hint_of(signals) {
  const tasks = signals.filter((signal) => signal.type === "TASK");
  for (const signal of [...tasks, ...signals]) {
    for (const key of hint_keys) {
      const hint = hint_in(signal.payload[key]);
      if (hint)
        return hint;
    }
  }
  return "";
}

function hint_in(value) {
  if (typeof value === "string")
    return value.trim();
  if (typeof value !== "object" || value === null)
    return "";
  for (const key of inner_hint_keys)
    if (typeof value[key] === "string" && value[key].trim())
      return value[key].trim();
  return "";
}

/** The interface that a TASK came in by. */
function receptor_of(signals) {
  for (const { type, meta } of signals)
    if (type === "TASK" && meta.receptor)
      return typeof meta.receptor === "string"
        ? meta.receptor
        : JSON.stringify(meta.receptor);
  return "";
}

/**
 * The Signals of a task as a tree of {signal, thread}: what answers a RECALL,
 * a question, an offer stands below it, all else one after another.
 */
function thread_of(signals) {
  const openers = new Map();
  const main = [];
  const entries = signals.map((signal) => ({ signal, thread: [] }));
  for (const entry of entries)
    if (thread_openers.has(entry.signal.type))
      openers.set(entry.signal.id, entry);
  for (const entry of entries) {
    const opener = openers.get(entry.signal.parent);
    if (opener && !is_below(opener, entry, openers))
      opener.thread.push(entry);
    else
      main.push(entry);
  }
  return main;
}

/** Whether `entry` is `lower` or one of those that it hangs from. */
function is_below(lower, entry, openers) {
  const seen = new Set();
  for (let at = lower; at && !seen.has(at); at = openers.get(at.signal.parent)) {
    if (at === entry)
      return true;
    seen.add(at);
  }
  return false;
}

/** Puts each task below the one whose Signal its TASK names as parent. */
function nested(tasks) {
  const owner = new Map();
  for (const task of tasks)
    for (const signal of task.signals)
      owner.set(signal.id, task);
  const parents = new Map();
  const is_ancestor = (task, of) => {
    for (let at = of; at; at = parents.get(at))
      if (at === task)
        return true;
    return false;
  };
  const roots = [];
  for (const task of tasks) {
    const first = task.signals.find((signal) => signal.type === "TASK");
    const parent = first?.parent ? owner.get(first.parent) : undefined;
    if (parent && !is_ancestor(task, parent)) {
      parents.set(task, parent);
      parent.children.push(task);
    } else {
      roots.push(task);
    }
  }
  return roots.sort((a, b) => b.start - a.start);
}

/**
 * The rows that a task opens to: {signal, depth, indent, offset, took}, times
 * in ms. `depth` counts threads, `indent` the Signals of the task from which
 * this one descends, `took` is the time to its last descendant.
 */
export function rows_of(task) {
  const by_id = new Map(task.signals.map((signal) => [signal.id, signal]));
  const lineage = new Map();
  const lasts = new Map();
  for (const signal of task.signals) {
    const seen = new Set([signal]);
    let at = signal;
    for (;;) {
      const parent = by_id.get(at.parent);
      if (!parent || seen.has(parent))
        break;
      seen.add(parent);
      at = parent;
      lasts.set(at, Math.max(lasts.get(at) ?? at.at, signal.at));
    }
    lineage.set(signal, seen.size - 1);
  }
  const rows = [];
  const visit = (thread, depth) => {
    for (const { signal, thread: inner } of thread) {
      rows.push({
        signal,
        depth,
        indent: lineage.get(signal),
        offset: signal.at - task.start,
        took: (lasts.get(signal) ?? signal.at) - signal.at,
      });
      visit(inner, depth + 1);
    }
  };
  visit(task.thread, 0);
  return rows;
}

/** All of them, those within others too. */
export function all_tasks(tasks) {
  return tasks.flatMap((task) => [task, ...all_tasks(task.children)]);
}
