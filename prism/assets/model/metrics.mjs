// SPDX-License-Identifier: Apache-2.0

// Figures over the Signals that the page holds. Times are in milliseconds.

import { all_tasks } from "./task_tree.mjs";

/** Requests, their answers, and what the time between them is spent on. */
const pairs = [
  { request: "TOOL_CALL", answer: "TOOL_RESULT", bucket: "tools" },
  { request: "RECALL", answer: "RECALLED", bucket: "memory" },
  { request: "IMPRINT", answer: "IMPRINTED", bucket: "memory" },
  {
    request: "CLARIFICATION", answer: "CLARIFICATION_ANSWER", bucket: "people",
  },
  { request: "PERMISSION", answer: "PERMISSION_DECISION", bucket: "people" },
];

export const bucket_names = ["tools", "memory", "people"];

/** @param tree what task_tree made of the Signals */
export function metrics_of(signals, tree) {
  const tasks = all_tasks(tree.tasks);
  const matched = tasks.flatMap((task) => pairs_of(task));
  return {
    health: health_of(tasks),
    latency: pairs.map(({ request, answer }) => ({
      request,
      answer,
      ...summary(matched
        .filter((pair) => pair.kind.request === request)
        .map((pair) => pair.took)),
    })),
    tasks: tasks.map((task) => task_figures(task)),
    people: people_of(signals),
    memory: memory_of(signals),
    participants: participants_of(signals),
    market: market_of(signals),
  };
}

/** {count, mean, max} of some times. */
export function summary(times) {
  let sum = 0;
  let max = 0;
  for (const time of times) {
    sum += time;
    max = Math.max(max, time);
  }
  const count = times.length;
  return { count, mean: count ? sum / count : null, max: count ? max : null };
}

/**
 * The requests of a task with their answers, {kind, request, answer, took}: by
 * parent_id, else the latest request before that nobody has answered.
 */
export function pairs_of(task) {
  const found = [];
  for (const kind of pairs) {
    const requests =
      task.signals.filter((signal) => signal.type === kind.request);
    const open = new Set(requests);
    const unnamed = [];
    const match = (request, answer) => {
      open.delete(request);
      const took = Math.max(0, answer.at - request.at);
      found.push({ kind, request, answer, took });
    };
    for (const answer of task.signals) {
      if (answer.type !== kind.answer)
        continue;
      const named = requests.find((request) => request.id === answer.parent);
      if (!named)
        unnamed.push(answer);
      else if (open.has(named)) // the first of several counts
        match(named, answer);
    }
    for (const answer of unnamed) {
      const latest = [...open].filter((request) => request.at <= answer.at).at(-1);
      if (latest)
        match(latest, answer);
    }
  }
  return found;
}

/** When the work of a task began: its TASK may be gone from the buffer. */
function begin_of(task) {
  const first = task.signals.find((signal) => signal.type === "TASK");
  return first?.at ?? task.start;
}

export function task_figures(task) {
  const count = (type) =>
    task.signals.filter((signal) => signal.type === type).length;
  const begin = begin_of(task);
  const total = task.end - begin;
  const spent = Object.fromEntries(bucket_names.map((name) => [name, 0]));
  for (const pair of pairs_of(task))
    spent[pair.kind.bucket] += pair.took;
  const sum = bucket_names.reduce((all, name) => all + spent[name], 0);
  const output =
    task.signals.find((signal) => signal.type === "AGENT_OUTPUT");
  return {
    task,
    total,
    is_final: task.status === "final",
    spent,
    other: Math.max(0, total - sum),
    first_output: output ? output.at - begin : null,
    retries: task.signals.filter((signal) =>
      signal.type === "TASK" && signal.meta.attempt > 0).length,
    escalations: count("ESCALATION"),
    subtasks: task.children.length,
  };
}

function health_of(tasks) {
  const count = (status) =>
    tasks.filter((task) => task.status === status).length;
  const completed = count("final");
  const failed = count("error");
  const decided = completed + failed;
  return {
    completed,
    failed,
    in_flight: count("open"),
    success_rate: decided ? completed / decided : null,
    time: summary(tasks
      .filter((task) => task.status === "final")
      .map((task) => task.end - begin_of(task))),
  };
}

function people_of(signals) {
  const decided =
    signals.filter((signal) => signal.type === "PERMISSION_DECISION");
  const granted =
    decided.filter((signal) => signal.payload.granted === true).length;
  return { granted, denied: decided.length - granted };
}

function memory_of(signals) {
  const recalled = signals.filter((signal) => signal.type === "RECALLED");
  const hits = recalled.filter(({ payload }) =>
    Array.isArray(payload.hits) && payload.hits.length > 0).length;
  const imprinted = signals.filter((signal) => signal.type === "IMPRINTED");
  return {
    recalls: recalled.length,
    hit_rate: recalled.length ? hits / recalled.length : null,
    writes: imprinted.length,
    write_errors:
      imprinted.filter((signal) => Boolean(signal.payload.error)).length,
  };
}

/** The busiest first. */
function participants_of(signals) {
  const rows = new Map();
  for (const signal of signals) {
    const id = signal.directed.id;
    if (!id)
      continue;
    const row = rows.get(id)
      ?? { id, signals: 0, tasks: 0, outputs: 0, errors: 0, last_seen: 0 };
    rows.set(id, row);
    row.signals += 1;
    row.tasks += signal.type === "TASK" || signal.type === "TASK_AWARDED";
    row.outputs += signal.type === "AGENT_OUTPUT";
    row.errors += signal.type === "ERROR";
    row.last_seen = Math.max(row.last_seen, signal.at);
  }
  for (const row of rows.values()) {
    const replies = row.outputs + row.errors;
    row.error_rate = replies ? row.errors / replies : null;
  }
  return [...rows.values()].sort((a, b) => b.signals - a.signals);
}

function market_of(signals) {
  const by_id = new Map(signals.map((signal) => [signal.id, signal]));
  const of = (type) => signals.filter((signal) => signal.type === type);
  const offers = of("TASK_OFFER");
  const bids = of("BID");
  const awards = of("TASK_AWARDED");
  const wins = new Map();
  const delays = [];
  for (const award of awards) {
    const winner = award.directed.id ?? "";
    wins.set(winner, (wins.get(winner) ?? 0) + 1);
    // An award answers a bid, which answers the offer.
    const offer = by_id.get(by_id.get(award.parent)?.parent);
    if (offer)
      delays.push(Math.max(0, award.at - offer.at));
  }
  return {
    offers: offers.length,
    bids: bids.length,
    bids_per_offer: offers.length ? bids.length / offers.length : null,
    awards: awards.length,
    award_delay: summary(delays),
    declines: of("TASK_DECLINED").length,
    wins: [...wins].map(([id, count]) => ({ id, count }))
      .sort((a, b) => b.count - a.count),
  };
}
