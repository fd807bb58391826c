// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  clock, duration, envelope_text, gist, percent, plural, short_id, task_text,
} from "../../prism/assets/model/wording.mjs";
import { task_tree } from "../../prism/assets/model/task_tree.mjs";
import { rows_in_sight } from "../../prism/assets/model/virtual_window.mjs";
import { signals } from "./frames.mjs";

test("durations have the unit that suits them", () => {
  assert.deepEqual(
    [null, 0, 0.42, 3.14159, 250, 4210, 185_000, -2].map(duration),
    ["–", "0 ms", "420 µs", "3.1 ms", "250 ms", "4.21 s", "3 min 5 s",
      "−2.0 ms"]);
});

test("other words", () => {
  assert.equal(percent(null), "–");
  assert.equal(percent(2 / 3), "67 %");
  assert.equal(plural(1, "task"), "1 task");
  assert.equal(plural(1200, "task"), "1,200 tasks");
  assert.equal(short_id("trc_01K3ZQ7Y8NB7C5D3E1F9G0H2JK"), "trc_…G0H2JK");
  assert.equal(short_id("trc_1"), "trc_1");
  assert.match(clock(Date.parse("2026-09-01T10:00:00.007Z")), /:00:00\.007$/);
  assert.equal(clock(Infinity), "–");
});

test("a gist is what a Signal says", () => {
  const says = (payload) => gist(signals({ type: "X", payload })[0]);
  assert.equal(says({ message: "it\n  broke" }), "it broke");
  assert.equal(says({ input: { prompt: "draw" } }), "draw");
  assert.equal(says({ output: [1, 2] }), "[1,2]");
  assert.equal(says({ cost: 2 }), '{"cost":2}');
  assert.equal(says({}), "");
});

test("a large Signal is cut on the screen, not in the download", () => {
  const all = signals({ type: "TASK", payload: { input: "x".repeat(100_000) } });
  assert.match(envelope_text(all[0]), /… cut: 100,\d+ characters in all$/);
  assert.ok(task_text(task_tree(all).tasks[0]).length > 100_000);
});

test("a download has each Signal in full", () => {
  const all = signals({ type: "TASK", who: "a", payload: { input: "go" } },
    { type: "FINAL", who: "a", ms: 7 });
  const text = task_text(task_tree(all).tasks[0]);
  assert.match(text, /^trace trc_1\nstatus final\nsignals 2\ntook 7\.0 ms\nabout go\n/);
  assert.match(text, /\+7\.0 ms  FINAL  a\n\{\n  "v": "1"/);
});

test("of a long list the rows in sight are shown, and a few around", () => {
  const rows = (scroll_top, count = 500) =>
    rows_in_sight({ count, row_height: 10, scroll_top, height: 100 });
  assert.deepEqual(rows(0), { first: 0, last: 14 });
  assert.deepEqual(rows(1000), { first: 96, last: 114 });
  assert.deepEqual(rows(4900), { first: 486, last: 500 });
  assert.deepEqual(rows(4900, 3), { first: 3, last: 3 });
});
