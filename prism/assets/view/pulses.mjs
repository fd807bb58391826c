// SPDX-License-Identifier: Apache-2.0

/** Time of a pulse from one end of its edge to the other, in ms. */
const travel = 800;
const pulses_max = 300;
/** Of equal pulses that follow each other faster, one is shown; of many
 *  different ones fewer, so that they do not come in bursts. */
const spacing = 70;
const crowded_spacing = 600;

/** The Signals that are on their way across the picture. */
export class Pulses {
  #moving = [];
  #last_start = new Map();

  /** @param legs see legs_of; none is a call to everybody */
  add(legs, family, now) {
    if (legs.length === 0)
      this.#start({ participant: null, inward: false, family, begin: now });
    legs.forEach((leg, i) =>
      this.#start({ ...leg, family, begin: now + i * travel }));
  }

  #start(pulse) {
    const key = `${pulse.participant} ${pulse.inward} ${pulse.family}`;
    const last = this.#last_start.get(key) ?? -Infinity;
    const crowd = this.#moving.length / pulses_max;
    if (crowd >= 1 || pulse.begin - last < spacing + crowded_spacing * crowd ** 2)
      return;
    this.#last_start.set(key, pulse.begin);
    this.#moving.push(pulse);
  }

  /** Those under way, each with `progress` from 0 to 1. */
  at(now) {
    this.#moving = this.#moving.filter((pulse) => now < pulse.begin + travel);
    if (this.#moving.length === 0)
      this.#last_start.clear();
    return this.#moving
      .filter((pulse) => now >= pulse.begin)
      .map((pulse) => ({ ...pulse, progress: (now - pulse.begin) / travel }));
  }

  get is_still() {
    return this.#moving.length === 0;
  }

  clear() {
    this.#moving = [];
    this.#last_start.clear();
  }
}
