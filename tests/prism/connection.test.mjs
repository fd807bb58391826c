// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";

import { Connection } from "../../prism/assets/connection.mjs";

/** A connection whose sockets and timers are moved by hand. */
function connect() {
  const world = { sockets: [], timers: [], heard: [] };
  world.connection = new Connection(
    () => {
      const socket = { close: () => socket.onclose() };
      world.sockets.push(socket);
      return socket;
    },
    {
      message: (text) => world.heard.push(text),
      state: (state) => world.heard.push(state),
    },
    (callback, delay) => world.timers.push({ callback, delay }));
  return world;
}

test("messages are handed on", () => {
  const { sockets, heard } = connect();
  sockets[0].onopen();
  sockets[0].onmessage({ data: "hello" });
  sockets[0].onmessage({ data: new ArrayBuffer(3) });
  assert.deepEqual(heard, ["connecting", "connected", "hello"]);
});

test("a closed socket is replaced after two seconds, however often", () => {
  const { sockets, timers, heard } = connect();
  sockets[0].onclose();
  assert.equal(timers[0].delay, 2000);
  assert.equal(sockets.length, 1);
  timers[0].callback();
  sockets[1].onclose();
  timers[1].callback();
  sockets[2].onopen();
  assert.deepEqual(heard,
    ["connecting", "reconnecting", "reconnecting", "connected"]);
});

test("an ended connection is silent and does not come back", () => {
  const { connection, sockets, timers, heard } = connect();
  sockets[0].onclose();
  connection.end();
  timers[0].callback();
  sockets[0].onmessage({ data: "late" });
  assert.equal(sockets.length, 1);
  assert.deepEqual(heard, ["connecting", "reconnecting"]);
});
