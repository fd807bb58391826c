// SPDX-License-Identifier: Apache-2.0

// Where the participants stand around the Synapse.

const kind_order = ["neuron", "engram", "effector", null];

/** How many fit into a picture of this size without touching. */
export function room_for(width, height) {
  const nodes = Math.floor((width * height) / 12_000);
  return Math.min(48, Math.max(8, nodes));
}

/**
 * Those of `participants` to be shown: those seen last, in an order that
 * does not change with every Signal: by kind, then by first sight.
 */
export function choose(participants, room) {
  const by_last_sight =
    (a, b) => b.last_seen - a.last_seen || (a.id < b.id ? -1 : 1);
  const rank = ({ kind }) => kind_order.indexOf(kind);
  const chosen = participants.length <= room
    ? [...participants]
    : [...participants].sort(by_last_sight).slice(0, room);
  return chosen.sort((a, b) => rank(a) - rank(b)
    || a.first_seen - b.first_seen || (a.id < b.id ? -1 : 1));
}

/**
 * Points on an ellipse, on two or three from a dozen nodes on.
 * @returns [{x, y}], as many as `count`
 */
export function orbit(count, width, height) {
  const rings = count > 28 ? 3 : count > 12 ? 2 : 1;
  const side = Math.min(76, width / 6);
  const above = Math.min(80, height / 7);
  const radius = {
    x: width / 2 - side,
    y: height / 2 - above,
  };
  return Array.from({ length: count }, (_, i) => {
    const angle = -Math.PI / 2 + (2 * Math.PI * i) / count;
    const scale = 1 - 0.24 * (i % rings);
    return {
      x: width / 2 + radius.x * scale * Math.cos(angle),
      y: height / 2 + radius.y * scale * Math.sin(angle),
    };
  });
}
