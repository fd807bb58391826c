// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";

import { Participants } from "../../prism/assets/model/participants.mjs";
import { choose, orbit, room_for } from "../../prism/assets/model/orbit.mjs";
import { signals } from "./frames.mjs";

function seen(...descriptions) {
  const participants = new Participants();
  for (const signal of signals(...descriptions))
    participants.see(signal);
  return participants;
}

test("each directed.id is one participant", () => {
  const all = seen(
    { type: "TASK", who: "a", ms: 1 },
    { type: "AGENT_OUTPUT", who: "a", ms: 5 },
    { type: "TASK", who: "b" },
    { type: "TASK_OFFER" });
  assert.equal(all.size, 2);
  const a = all.get("a");
  assert.equal(a.count, 2);
  assert.equal(a.last_type, "AGENT_OUTPUT");
  assert.equal(a.last_seen - a.first_seen, 4);
});

test("the kind comes from REGISTER alone", () => {
  const kind = (payload, who = "a") =>
    seen({ type: "REGISTER", who, payload }).get(who).kind;
  assert.equal(kind({ role: "neuron" }), "neuron");
  assert.equal(kind({ role: "engram" }), "engram");
  assert.equal(kind({ role: "effector" }), "effector");
  assert.equal(kind({ engram: true }), "engram");
  assert.equal(kind({}, "eng_7"), "engram");
  assert.equal(kind({}), "neuron");
  assert.equal(kind({ role: "neuron" }, "eng_7"), "neuron");
  assert.equal(seen({ type: "RECALLED", who: "a" }).get("a").kind, null);
});

test("REGISTER tells what somebody can do, from either place", () => {
  const a = seen({ type: "REGISTER", who: "a", capabilities: ["sum"],
    payload: { role: "neuron", capabilities: ["old"], version: "2" } }).get("a");
  assert.deepEqual(a.capabilities, ["sum"]);
  assert.equal(a.version, "2");
  const b = seen({ type: "REGISTER", who: "b",
    payload: { capabilities: ["sum", 3], version: 2 } }).get("b");
  assert.deepEqual(b.capabilities, ["sum"]);
  assert.equal(b.version, null);
});

test("DEREGISTER is taken back by REGISTER and nothing else", () => {
  const gone = { type: "DEREGISTER", who: "a" };
  assert.ok(seen(gone).get("a").is_deregistered);
  assert.ok(seen(gone, { type: "ERROR", who: "a" }).get("a").is_deregistered);
  assert.ok(!seen(gone, { type: "REGISTER", who: "a" }).get("a")
    .is_deregistered);
});

test("a bus with endless names does not fill the memory", () => {
  const participants = new Participants();
  for (let i = 0; i < 2_050; ++i)
    participants.see(signals({ type: "TASK", who: "n" + i, ms: i })[0]);
  assert.equal(participants.size, 2_000);
  assert.equal(participants.get("n0"), undefined);
  assert.equal(participants.get("n2049").count, 1);
});

test("with too little room those seen last are shown, each in its place", () => {
  const all = [];
  for (let i = 0; i < 20; ++i)
    all.push({ id: "n" + i, kind: i % 2 ? "engram" : "neuron", first_seen: i,
      last_seen: i });
  assert.deepEqual(choose(all, 4).map(({ id }) => id),
    ["n16", "n18", "n17", "n19"]);
  assert.deepEqual(choose(all.slice(0, 3), 4).map(({ id }) => id),
    ["n0", "n2", "n1"]);
});

test("everybody stands inside the picture, apart from each other", () => {
  for (const [width, height] of [[900, 740], [390, 690], [390, 330]]) {
    const points = orbit(room_for(width, height), width, height);
    for (const [i, { x, y }] of points.entries()) {
      assert.ok(x >= 18 && x <= width - 18, `x ${x} of ${width}`);
      assert.ok(y >= 18 && y <= height - 18, `y ${y} of ${height}`);
      for (const other of points.slice(0, i))
        assert.ok(Math.hypot(x - other.x, y - other.y) > 30);
    }
  }
});
