// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";

import { metrics_of } from "../../prism/assets/model/metrics.mjs";
import { task_tree } from "../../prism/assets/model/task_tree.mjs";
import { signals } from "./frames.mjs";

function metrics(...descriptions) {
  const all = signals(...descriptions);
  return metrics_of(all, task_tree(all));
}

const latency = (figures, request) =>
  figures.latency.find((row) => row.request === request);

test("health counts tasks by their end", () => {
  const { health } = metrics(
    { type: "TASK", trace: "trc_a" }, { type: "FINAL", trace: "trc_a", ms: 40 },
    { type: "TASK", trace: "trc_b" }, { type: "ERROR", trace: "trc_b", ms: 9 },
    { type: "TASK", trace: "trc_c" },
    { type: "TASK", trace: "trc_d" }, { type: "FINAL", trace: "trc_d", ms: 20 });
  assert.equal(health.completed, 2);
  assert.equal(health.failed, 1);
  assert.equal(health.in_flight, 1);
  assert.equal(health.success_rate, 2 / 3);
  assert.deepEqual(health.time, { count: 2, mean: 30, max: 40 });
});

test("nothing decided has no rate", () => {
  assert.equal(metrics({ type: "TASK" }).health.success_rate, null);
});

test("answers are matched by parent", () => {
  const figures = metrics(
    { type: "TOOL_CALL", id: "evt_1", ms: 0 },
    { type: "TOOL_CALL", id: "evt_2", ms: 10 },
    { type: "TOOL_RESULT", parent: "evt_1", ms: 50 },
    { type: "TOOL_RESULT", parent: "evt_2", ms: 20 },
    { type: "TOOL_RESULT", id: "evt_late", parent: "evt_2", ms: 90 });
  assert.deepEqual(latency(figures, "TOOL_CALL"),
    { request: "TOOL_CALL", answer: "TOOL_RESULT", count: 2, mean: 30, max: 50 });
});

test("answers without a known parent go to the latest open request", () => {
  const figures = metrics(
    { type: "RECALL", id: "evt_1", ms: 0 }, { type: "RECALL", id: "evt_2", ms: 5 },
    { type: "RECALLED", ms: 9 }, { type: "RECALLED", id: "evt_x", ms: 11 },
    { type: "RECALLED", id: "evt_y", ms: 12 });
  assert.deepEqual(latency(figures, "RECALL"),
    { request: "RECALL", answer: "RECALLED", count: 2, mean: 7.5, max: 11 });
});

test("a task tells what its time was spent on", () => {
  const [figures] = metrics(
    { type: "TASK", id: "evt_t" },
    { type: "TOOL_CALL", id: "evt_c", ms: 10 },
    { type: "TOOL_RESULT", parent: "evt_c", ms: 40 },
    { type: "PERMISSION", id: "evt_p", ms: 40 },
    { type: "PERMISSION_DECISION", parent: "evt_p", ms: 60 },
    { type: "TASK", id: "evt_again", ms: 61, meta: { attempt: 1 } },
    { type: "ESCALATION", ms: 62 },
    { type: "AGENT_OUTPUT", ms: 70 }, { type: "FINAL", ms: 71 }).tasks;
  assert.equal(figures.total, 71);
  assert.ok(figures.is_final);
  assert.deepEqual(figures.spent, { tools: 30, memory: 0, people: 20 });
  assert.equal(figures.other, 21);
  assert.equal(figures.first_output, 70);
  assert.equal(figures.retries, 1);
  assert.equal(figures.escalations, 1);
  assert.equal(figures.subtasks, 0);
});

test("a task is timed from its TASK", () => {
  const [figures] = metrics(
    { type: "DISCOVER", ms: 0 }, { type: "TASK", ms: 5 },
    { type: "FINAL", ms: 9 }).tasks;
  assert.equal(figures.total, 4);
});

test("people and memory", () => {
  const { people, memory } = metrics(
    { type: "PERMISSION_DECISION", payload: { granted: true } },
    { type: "PERMISSION_DECISION", payload: { granted: false } },
    { type: "PERMISSION_DECISION", payload: {} },
    { type: "RECALLED", payload: { hits: [{}] } },
    { type: "RECALLED", payload: { hits: [] } },
    { type: "IMPRINTED", payload: {} },
    { type: "IMPRINTED", payload: { error: "full" } });
  assert.deepEqual(people, { granted: 1, denied: 2 });
  assert.deepEqual(memory,
    { recalls: 2, hit_rate: 0.5, writes: 2, write_errors: 1 });
});

test("participants, the busiest first", () => {
  const { participants } = metrics(
    { type: "TASK", who: "b", ms: 1 }, { type: "TASK", who: "a", ms: 2 },
    { type: "AGENT_OUTPUT", who: "a", ms: 3 }, { type: "ERROR", who: "a", ms: 4 });
  assert.deepEqual(participants.map((row) =>
    [row.id, row.signals, row.tasks, row.outputs, row.errors, row.error_rate]),
  [["a", 3, 1, 1, 1, 0.5], ["b", 1, 1, 0, 0, null]]);
});

test("the market", () => {
  const { market } = metrics(
    { type: "TASK_OFFER", id: "evt_o" },
    { type: "BID", id: "evt_1", parent: "evt_o", who: "a", ms: 3 },
    { type: "BID", id: "evt_2", parent: "evt_o", who: "b", ms: 4 },
    { type: "TASK_DECLINED", parent: "evt_2", who: "b", ms: 250 },
    { type: "TASK_AWARDED", parent: "evt_1", who: "a", ms: 251 });
  assert.equal(market.offers, 1);
  assert.equal(market.bids_per_offer, 2);
  assert.equal(market.awards, 1);
  assert.deepEqual(market.award_delay, { count: 1, mean: 251, max: 251 });
  assert.equal(market.declines, 1);
  assert.deepEqual(market.wins, [{ id: "a", count: 1 }]);
});

test("no Signals, no figures", () => {
  const figures = metrics();
  assert.deepEqual(figures.tasks, []);
  assert.equal(figures.memory.hit_rate, null);
  assert.equal(figures.market.bids_per_offer, null);
});
