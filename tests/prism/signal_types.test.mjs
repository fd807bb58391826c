// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  family_of, known_types, legs_of,
} from "../../prism/assets/model/signal_types.mjs";
import { signals } from "./frames.mjs";

/** The legs of the last Signal, the others being known. */
function legs(...descriptions) {
  const all = signals(...descriptions);
  const find = (id) => all.find((signal) => signal.id === id);
  return legs_of(all.at(-1), find)
    .map(({ participant, inward }) => (inward ? participant + " >" : "> " + participant));
}

test("all types of the protocol have a family, and so has an unknown one", () => {
  assert.equal(known_types.length, 32);
  assert.equal(family_of("TASK"), "task");
  assert.equal(family_of("SOMETHING_NEW"), "thought");
});

test("work goes from the Synapse to whom it is for, answers come back", () => {
  for (const type of ["TASK", "TASK_OFFER", "TASK_AWARDED", "TASK_DECLINED"])
    assert.deepEqual(legs({ type, who: "a" }), ["> a"], type);
  for (const type of ["AGENT_OUTPUT", "CLARIFICATION", "PERMISSION", "ERROR",
    "REGISTER", "DEREGISTER", "HEARTBEAT", "FINAL", "BID", "PLAN"])
    assert.deepEqual(legs({ type, who: "a" }), ["a >"], type);
});

test("a request goes from who asks to who is asked, its answer back", () => {
  const task = { type: "TASK", id: "evt_t", who: "a" };
  const call = { type: "TOOL_CALL", id: "evt_c", parent: "evt_t", who: "tools" };
  assert.deepEqual(legs(task, call), ["a >", "> tools"]);
  assert.deepEqual(
    legs(task, call, { type: "TOOL_RESULT", parent: "evt_c", who: "tools" }),
    ["tools >", "> a"]);
});

test("who asked long ago is not known any more", () => {
  assert.deepEqual(legs({ type: "RECALL", parent: "evt_x", who: "notes" }),
    ["> notes"]);
});

test("a decision goes to whoever asked for it", () => {
  const question = { type: "PERMISSION", id: "evt_p", who: "a" };
  const decision = { type: "PERMISSION_DECISION", parent: "evt_p", who: "desk" };
  assert.deepEqual(legs(question, decision), ["> a"]);
});

test("what is for nobody in particular has no way", () => {
  assert.deepEqual(legs({ type: "STOP" }), []);
});
