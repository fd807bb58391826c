// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  all_tasks, hint_of, rows_of, task_tree,
} from "../../prism/assets/model/task_tree.mjs";
import { signals } from "./frames.mjs";

const tree_of = (...descriptions) => task_tree(signals(...descriptions));

/** A thread as nested lists of types. */
const shape = (thread) => thread.map((entry) =>
  entry.thread.length
    ? [entry.signal.type, shape(entry.thread)]
    : entry.signal.type);

test("traces about coming and going alone are lifecycle", () => {
  const { tasks, lifecycle } = tree_of(
    { type: "REGISTER", trace: "trc_r" }, { type: "HEARTBEAT", trace: "trc_h" },
    { type: "DISCOVER", trace: "trc_d" }, { type: "TASK", trace: "trc_t" },
    { type: "DEREGISTER", trace: "trc_t" });
  assert.equal(lifecycle.length, 3);
  assert.deepEqual(tasks.map((task) => task.signals.length), [2]);
});

test("the newest task is the first", () => {
  const { tasks } = tree_of(
    { type: "TASK", trace: "trc_a", ms: 1 }, { type: "TASK", trace: "trc_b", ms: 2 });
  assert.deepEqual(tasks.map((task) => task.trace), ["trc_b", "trc_a"]);
});

test("stray memory traffic goes to the nearest task before it", () => {
  const { tasks } = tree_of(
    { type: "TASK", trace: "trc_a", ms: 0 }, { type: "TASK", trace: "trc_b", ms: 100 },
    { type: "RECALL", trace: "trc_m", ms: 200 },
    { type: "TASK", trace: "trc_c", ms: 300 });
  assert.deepEqual(tasks.map((task) => [task.trace, task.signals.length]),
    [["trc_c", 1], ["trc_b", 2], ["trc_a", 1]]);
});

test("stray memory traffic a minute later stays alone", () => {
  const { tasks } = tree_of(
    { type: "TASK", trace: "trc_a" },
    { type: "IMPRINT", trace: "trc_m", ms: 60_001 });
  assert.deepEqual(tasks.map((task) => task.trace), ["trc_m", "trc_a"]);
});

test("a sub-thread holds what answers its opener", () => {
  const { tasks } = tree_of(
    { type: "TASK", id: "evt_t" },
    { type: "RECALL", id: "evt_r", parent: "evt_t", ms: 1 },
    { type: "TOOL_CALL", id: "evt_c", parent: "evt_t", ms: 2 },
    { type: "RECALLED", parent: "evt_r", ms: 3 },
    { type: "TOOL_RESULT", parent: "evt_c", ms: 4 },
    { type: "AGENT_OUTPUT", parent: "evt_t", ms: 5 });
  assert.deepEqual(shape(tasks[0].thread),
    ["TASK", ["RECALL", ["RECALLED"]], "TOOL_CALL", "TOOL_RESULT",
      "AGENT_OUTPUT"]);
});

test("openers that are each other's parents are shown side by side", () => {
  const { tasks } = tree_of(
    { type: "RECALL", id: "evt_a", parent: "evt_b" },
    { type: "PERMISSION", id: "evt_b", parent: "evt_a" },
    { type: "CLARIFICATION", id: "evt_c", parent: "evt_c" });
  assert.equal(rows_of(tasks[0]).length, 3);
});

test("a task whose TASK descends from another is its child", () => {
  const { tasks } = tree_of(
    { type: "TASK", id: "evt_a", trace: "trc_a" },
    { type: "TASK", id: "evt_b", trace: "trc_b", parent: "evt_a", ms: 1 },
    { type: "TASK", id: "evt_c", trace: "trc_c", parent: "evt_b", ms: 2 });
  assert.equal(tasks.length, 1);
  assert.deepEqual(all_tasks(tasks).map((task) => task.trace),
    ["trc_a", "trc_b", "trc_c"]);
});

test("cycles of tasks are cut, and none is lost", () => {
  const { tasks } = tree_of(
    { type: "TASK", id: "evt_a", trace: "trc_a", parent: "evt_b" },
    { type: "TASK", id: "evt_b", trace: "trc_b", parent: "evt_a" },
    { type: "TASK", id: "evt_c", trace: "trc_c", parent: "evt_c" });
  assert.equal(all_tasks(tasks).length, 3);
});

test("a task is final, failed or open", () => {
  const status = (...types) =>
    tree_of(...["TASK", ...types].map((type) => ({ type }))).tasks[0].status;
  assert.equal(status("AGENT_OUTPUT"), "open");
  assert.equal(status("ERROR"), "error");
  assert.equal(status("ERROR", "FINAL"), "final");
});

test("the hint is the first text among the places for it", () => {
  const hint = (payload) => hint_of(signals({ type: "TASK", payload }));
  assert.equal(hint({ input: "do it", prompt: "no" }), "do it");
  assert.equal(hint({ input: { n: 1 }, goal: "peace" }), "peace");
  assert.equal(hint({ input: { query: "why", text: "how" } }), "how");
  assert.equal(hint({ input: { prompt: " " }, task: ["x"] }), "");
});

test("the rows of a task tell depth, offset and how long each took", () => {
  const { tasks } = tree_of(
    { type: "TASK", id: "evt_t", ms: 10 },
    { type: "RECALL", id: "evt_r", parent: "evt_t", ms: 15 },
    { type: "RECALLED", parent: "evt_r", ms: 22 });
  const rows = rows_of(tasks[0]).map(({ signal, depth, indent, offset, took }) =>
    [signal.type, depth, indent, offset, took]);
  assert.deepEqual(rows, [
    ["TASK", 0, 0, 0, 12],
    ["RECALL", 0, 1, 5, 7],
    ["RECALLED", 1, 2, 12, 0],
  ]);
});

test("what arrives late stands where it belongs", () => {
  const { tasks } = tree_of({ type: "FINAL", ms: 9 }, { type: "TASK", ms: 1 });
  assert.deepEqual(shape(tasks[0].thread), ["TASK", "FINAL"]);
});
