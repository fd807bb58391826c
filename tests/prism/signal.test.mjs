// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  instant_of, is_prism_error, parse_signal,
} from "../../prism/assets/model/signal.mjs";
import { frame } from "./frames.mjs";

test("an instant keeps its microseconds", () => {
  const whole = Date.parse("2026-09-01T10:00:00Z");
  assert.equal(instant_of("2026-09-01T10:00:00Z"), whole);
  assert.ok(Math.abs(instant_of("2026-09-01T10:00:00.004170Z") - whole - 4.17)
    < 1e-3);
  assert.equal(instant_of("2026-09-01T12:00:00+02:00"), whole);
});

test("an epoch is seconds, or milliseconds if it is large", () => {
  assert.equal(instant_of(1_700_000_000), 1_700_000_000_000);
  assert.equal(instant_of(1_700_000_000_000), 1_700_000_000_000);
});

test("what is no instant has none, and the Signal is as old as its arrival", () => {
  for (const wrong of [undefined, null, "soon", {}, NaN, "25:00"])
    assert.equal(instant_of(wrong), undefined);
  assert.equal(parse_signal('{"type":"TASK","ts":"soon"}', 77).at, 77);
});

test("what is no Signal is refused", () => {
  for (const text of ["", "{", "[]", "null", "1", '"TASK"', "{}",
    '{"type":1}', '{"type":""}'])
    assert.equal(parse_signal(text, 0), undefined, text);
});

test("ill-formed members become harmless", () => {
  const signal = parse_signal('{"type":"TASK","id":7,"trace_id":[],'
    + '"parent_id":{},"directed":"x","payload":[1],"meta":null}', 0);
  assert.equal(signal.id, "");
  assert.equal(signal.trace, "");
  assert.equal(signal.parent, null);
  assert.deepEqual(signal.directed, { id: null, type: null, capabilities: [] });
  assert.deepEqual(signal.payload, {});
  assert.deepEqual(signal.meta, {});
  const odd = parse_signal(
    '{"type":"X","directed":{"id":3,"capabilities":["a",1]}}', 0);
  assert.deepEqual(odd.directed, { id: null, type: null, capabilities: ["a"] });
});

test("Prism's own errors are told from those of the bus", () => {
  const of = (meta) => parse_signal(frame({ type: "ERROR", meta }), 0);
  assert.ok(is_prism_error(of({ source: "prism" })));
  assert.ok(!is_prism_error(of({})));
});
