// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";

import { Pulses } from "../../prism/assets/view/pulses.mjs";

const way = (participant, inward = true) => ({ participant, inward });

test("a pulse goes from one end to the other and is gone", () => {
  const pulses = new Pulses();
  pulses.add([way("a")], "task", 1000);
  assert.deepEqual(pulses.at(1400), [
    { participant: "a", inward: true, family: "task", begin: 1000, progress: 0.5 },
  ]);
  assert.deepEqual(pulses.at(1800), []);
  assert.ok(pulses.is_still);
});

test("a second leg begins where the first has ended", () => {
  const pulses = new Pulses();
  pulses.add([way("a"), way("b", false)], "tool", 0);
  assert.deepEqual(pulses.at(799).map(({ participant }) => participant), ["a"]);
  assert.deepEqual(pulses.at(801).map(({ participant }) => participant), ["b"]);
});

test("a call to everybody is one pulse of nobody", () => {
  const pulses = new Pulses();
  pulses.add([], "stop", 0);
  assert.equal(pulses.at(1)[0].participant, null);
});

test("however much comes, few pulses are on their way, at any time", () => {
  const pulses = new Pulses();
  for (let now = 0; now < 5_000; ++now) {
    for (let i = 0; i < 5; ++i)
      pulses.add([way("n" + (now * 5 + i) % 200)], "task", now);
    const moving = pulses.at(now).length;
    assert.ok(moving <= 300);
    assert.ok(now < 1_000 || moving > 100, `${moving} at ${now}`);
  }
});
