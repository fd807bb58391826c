// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";

import { SignalStore } from "../../prism/assets/model/signal_store.mjs";
import { frame } from "./frames.mjs";

const types_of = (store) => store.signals.map((signal) => signal.type);

const prism_error = frame({
  type: "ERROR",
  payload: { code: "connect_failed", message: "nobody there" },
  meta: { source: "prism" },
});

test("the newest 500 are kept, and all are counted", () => {
  const store = new SignalStore();
  for (let i = 0; i < 501; ++i)
    store.receive(frame({ type: "TASK", id: "evt_" + i }), 0);
  assert.equal(store.signals.length, 500);
  assert.equal(store.total, 501);
  assert.equal(store.signals[0].id, "evt_1");
  assert.equal(store.signals.at(-1).id, "evt_500");
  assert.equal(store.find("evt_0"), undefined);
  assert.equal(store.find("evt_7").id, "evt_7");
});

test("large Signals make room sooner", () => {
  const store = new SignalStore();
  const large = "x".repeat(15 * 1024 * 1024);
  for (let i = 0; i < 6; ++i)
    store.receive(frame({ type: "TASK", payload: { input: large } }), 0);
  assert.equal(store.signals.length, 4);
  assert.equal(store.total, 6);
});

test("pausing drops", () => {
  const store = new SignalStore();
  store.is_paused = true;
  store.receive(frame({ type: "REGISTER", who: "a" }), 0);
  store.is_paused = false;
  assert.equal(store.total, 0);
  assert.equal(store.participants.size, 0);
  store.receive(frame({ type: "FINAL" }), 0);
  assert.deepEqual(types_of(store), ["FINAL"]);
});

test("clearing empties list and total, and keeps the participants", () => {
  const store = new SignalStore();
  store.receive(frame({ type: "REGISTER", who: "a" }), 0);
  store.clear();
  assert.deepEqual(types_of(store), []);
  assert.equal(store.total, 0);
  assert.equal(store.participants.get("a").count, 1);
});

test("another bus has other participants", () => {
  const store = new SignalStore();
  store.receive(frame({ type: "REGISTER", who: "a" }), 0);
  store.receive(prism_error, 0);
  store.reset();
  assert.equal(store.participants.size, 0);
  assert.equal(store.banner, null);
});

test("what cannot be parsed is ignored", () => {
  const store = new SignalStore();
  assert.equal(store.receive("{", 0), undefined);
  assert.equal(store.total, 0);
});

test("an error of Prism is a banner until the next Signal", () => {
  const store = new SignalStore();
  assert.equal(store.receive(prism_error, 0), undefined);
  assert.deepEqual(store.banner,
    { code: "connect_failed", text: "nobody there" });
  assert.equal(store.total, 0);
  store.receive("nonsense", 0);
  assert.notEqual(store.banner, null);
  store.receive(frame({ type: "HEARTBEAT", who: "a" }), 0);
  assert.equal(store.banner, null);
});
