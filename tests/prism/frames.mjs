// SPDX-License-Identifier: Apache-2.0

// Signals for tests, told by what matters in them.

import { parse_signal } from "../../prism/assets/model/signal.mjs";

const begin = Date.parse("2026-09-01T10:00:00Z");

/**
 * @param ms when, after the beginning of the test
 * @param who directed.id
 */
export function frame({
  type, id = "evt_" + type, trace = "trc_1", parent = null, who = null,
  kind = null, capabilities = [], ms = 0, payload = {}, meta = {},
}) {
  return JSON.stringify({
    v: "1", id, trace_id: trace, parent_id: parent, type,
    directed: who ? { id: who, type: kind, capabilities } : null,
    ts: new Date(begin + ms).toISOString(), payload, meta,
  });
}

/** As the store would hold them, in this order. */
export function signals(...descriptions) {
  return descriptions.map((description, i) =>
    ({ ...parse_signal(frame(description), 0), seq: i + 1 }));
}
