// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";

import { Filter } from "../../prism/assets/model/filter.mjs";
import { signals } from "./frames.mjs";

const [task, output, other] = signals(
  { type: "TASK", id: "evt_ABC", trace: "trc_one", who: "Adder",
    payload: { input: { text: "Two and two" } } },
  { type: "AGENT_OUTPUT", id: "evt_DEF", trace: "trc_one", who: "Adder" },
  { type: "TASK", id: "evt_GHI", trace: "trc_two", who: "writer" });

const found = (criteria) =>
  [task, output, other].filter((signal) => new Filter(criteria).matches(signal));

test("an empty filter lets everything through", () => {
  assert.deepEqual(found({}), [task, output, other]);
  assert.ok(new Filter({ text: "  " }).is_empty);
});

test("one criterion", () => {
  assert.deepEqual(found({ type: "task" }), [task, other]);
  assert.deepEqual(found({ type: "TAS" }), []);
  assert.deepEqual(found({ id: "adder" }), [task, output]);
  assert.deepEqual(found({ id: "evt_g" }), [other]);
  assert.deepEqual(found({ trace: "TWO" }), [other]);
  assert.deepEqual(found({ text: "two AND two" }), [task]);
});

test("all criteria must hold", () => {
  assert.deepEqual(found({ type: "TASK", id: "adder" }), [task]);
  assert.deepEqual(found({ type: "TASK", trace: "one", text: "writer" }), []);
});

test("a trace is shown as a whole if one of its Signals matches", () => {
  const filter = new Filter({ type: "AGENT_OUTPUT" });
  assert.deepEqual(filter.with_their_traces([task, output, other]),
    [task, output]);
});
