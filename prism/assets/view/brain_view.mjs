// SPDX-License-Identifier: Apache-2.0

import { choose, orbit, room_for } from "../model/orbit.mjs";
import { family_names, family_of, legs_of } from "../model/signal_types.mjs";
import { clock, count, plural } from "../model/wording.mjs";
import {
  button, element, KeyedList, set_data, set_hidden, set_style, set_text,
} from "./dom.mjs";
import { Pulses } from "./pulses.mjs";

/** How often the nodes are arranged anew, in ms; pulses move in every frame. */
const arrange_interval = 200;

/** The Synapse in the centre, its participants around it, Signals between. */
export class BrainView {
  #store;
  #on_select;
  #stage;
  #canvas;
  #brush;
  #synapse;
  #rate;
  #empty;
  #crowd;
  #card;
  #nodes;
  #places = new Map(); // participant id -> {x, y}
  #size = { width: 0, height: 0 };
  #pulses = new Pulses();
  #colors = {};
  #last_arranged = -Infinity;
  #shown_card = null; // {id, is_pinned}
  #is_stale = true;

  /** @param on_select is told whose Signals are wanted */
  constructor(root, store, on_select) {
    this.#store = store;
    this.#on_select = on_select;
    this.#stage = root.querySelector(".stage");
    this.#canvas = root.querySelector("canvas");
    this.#brush = this.#canvas.getContext("2d");
    this.#synapse = root.querySelector(".synapse");
    this.#rate = root.querySelector(".rate");
    this.#empty = root.querySelector(".stage > .empty");
    this.#crowd = root.querySelector(".crowd");
    this.#card = root.querySelector(".card");
    this.#nodes = new KeyedList(root.querySelector(".nodes"),
      (participant) => participant.id, (participant) => this.#node(participant));
    root.querySelector(".legend").append(...family_names.map((family) => {
      const item = element("li", "", family);
      item.dataset.family = family;
      return item;
    }));
    new ResizeObserver(() => this.#measure()).observe(this.#stage);
    document.addEventListener("themechange", () => this.#read_colors());
    this.#stage.addEventListener("click", (event) => {
      if (!event.target.closest(".node, .card"))
        this.#hide_card();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape")
        this.#hide_card();
    });
    this.#read_colors();
  }

  #read_colors() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(name).trim();
    this.#colors = { edge: read("--edge"), glow: read("--accent") };
    for (const family of family_names)
      this.#colors[family] = read("--" + family);
    this.#is_stale = true;
  }

  #measure() {
    const { clientWidth: width, clientHeight: height } = this.#stage;
    const scale = Math.min(devicePixelRatio || 1, 2);
    this.#size = { width, height };
    this.#canvas.width = width * scale;
    this.#canvas.height = height * scale;
    this.#brush.setTransform(scale, 0, 0, scale, 0, 0);
    this.#last_arranged = -Infinity;
  }

  /** A Signal that the filter lets through sets out. */
  pulse(signal, now) {
    const legs = legs_of(signal, (id) => this.#store.find(id));
    this.#pulses.add(legs, family_of(signal.type), now);
  }

  clear() {
    this.#pulses.clear();
    this.#is_stale = true;
  }

  /** @returns whether there is more to draw in the next frame */
  draw(now, rate) {
    if (now - this.#last_arranged >= arrange_interval) {
      this.#last_arranged = now;
      this.#arrange(rate);
    }
    if (this.#is_stale || !this.#pulses.is_still)
      this.#paint(now);
    return !this.#pulses.is_still;
  }

  // -- nodes -------------------------------------------------------------------

  #arrange(rate) {
    const { width, height } = this.#size;
    const everybody = this.#store.participants.all();
    const chosen = choose(everybody, room_for(width, height));
    const points = orbit(chosen.length, width, height);
    this.#places = new Map(chosen.map(({ id }, i) => [id, points[i]]));
    this.#nodes.show(chosen);
    set_hidden(this.#empty, chosen.length > 0);
    set_text(this.#rate, rate > 0 ? count(rate) + "/s" : "idle");
    const hidden = everybody.length - chosen.length;
    set_hidden(this.#crowd, hidden === 0);
    if (hidden > 0)
      set_text(this.#crowd, `${count(hidden)} more, seen longer ago`);
    if (this.#shown_card)
      this.#fill_card();
    this.#is_stale = true;
  }

  #node({ id }) {
    const name = element("span", "node-name", id);
    const node = button("node", "", () => this.#show_card(id, true));
    node.append(element("span", "shape"), name);
    node.setAttribute("aria-label", id);
    node.addEventListener("pointerenter", ({ pointerType }) => {
      if (pointerType === "mouse" && !this.#shown_card?.is_pinned)
        this.#show_card(id, false);
    });
    node.addEventListener("pointerleave", () => {
      if (!this.#shown_card?.is_pinned)
        this.#hide_card();
    });
    return {
      node,
      update: (participant) => {
        const { x, y } = this.#places.get(participant.id);
        set_style(node, "transform", `translate(${Math.round(x)}px, ${Math.round(y)}px)`);
        set_data(node, "kind", participant.kind ?? "unknown");
        node.classList.toggle("gone", participant.is_deregistered);
      },
    };
  }

  // -- the card of one participant ----------------------------------------------

  #show_card(id, is_pinned) {
    this.#shown_card = { id, is_pinned };
    this.#card.replaceChildren();
    this.#card.classList.toggle("pinned", is_pinned);
    set_hidden(this.#card, false);
    this.#fill_card();
  }

  #hide_card() {
    this.#shown_card = null;
    set_hidden(this.#card, true);
  }

  #fill_card() {
    const { id, is_pinned } = this.#shown_card;
    const participant = this.#store.participants.get(id);
    const place = this.#places.get(id);
    if (!participant || !place)
      return this.#hide_card();
    const facts = [
      ["Signals", count(participant.count)],
      ["Last", `${participant.last_type}, ${clock(participant.last_seen)}`],
    ];
    if (participant.version)
      facts.push(["Version", participant.version]);
    const key = JSON.stringify([facts, participant.capabilities, participant.kind,
      participant.is_deregistered]);
    if (this.#card.dataset.shown !== id + key || !this.#card.firstChild) {
      this.#card.dataset.shown = id + key;
      this.#card.replaceChildren(...this.#card_content(participant, facts, is_pinned));
    }
    this.#place_card(place);
  }

  #card_content(participant, facts, is_pinned) {
    const kind = participant.kind ?? "not announced";
    const capabilities = participant.capabilities.map(
      (capability) => element("span", "chip", capability));
    return [
      element("strong", "card-id", participant.id),
      element("span", "card-kind",
        participant.is_deregistered ? kind + ", deregistered" : kind),
      capabilities.length > 0
        ? element("div", "chips", ...capabilities)
        : null,
      element("dl", "", ...facts.flatMap(([name, value]) =>
        [element("dt", "", name), element("dd", "", value)])),
      is_pinned
        ? button("link", "Show only its Signals",
          () => this.#on_select(participant.id))
        : null,
    ].filter((part) => part !== null);
  }

  #place_card({ x, y }) {
    const { offsetWidth: width, offsetHeight: height } = this.#card;
    const gap = 22;
    const left = x + gap + width < this.#size.width ? x + gap : x - gap - width;
    const top = Math.min(Math.max(8, y - height / 2), this.#size.height - height - 8);
    const within = Math.max(8, Math.min(left, this.#size.width - width - 8));
    set_style(this.#card, "left", Math.round(within) + "px");
    set_style(this.#card, "top", Math.round(top) + "px");
  }

  // -- the canvas ----------------------------------------------------------------

  #paint(now) {
    const brush = this.#brush;
    const { width, height } = this.#size;
    const centre = { x: width / 2, y: height / 2 };
    brush.clearRect(0, 0, width, height);
    brush.globalAlpha = 1;
    brush.lineWidth = 1;
    brush.strokeStyle = this.#colors.edge;
    brush.beginPath();
    for (const place of this.#places.values()) {
      brush.moveTo(centre.x, centre.y);
      const bend = bend_of(centre, place);
      brush.quadraticCurveTo(bend.x, bend.y, place.x, place.y);
    }
    brush.stroke();
    for (const pulse of this.#pulses.at(now))
      this.#paint_pulse(pulse, centre);
    this.#is_stale = !this.#pulses.is_still;
  }

  #paint_pulse({ participant, inward, family, progress }, centre) {
    const brush = this.#brush;
    const color = this.#colors[family];
    brush.fillStyle = color;
    brush.strokeStyle = color;
    if (participant === null) {
      brush.globalAlpha = 0.8 * (1 - progress);
      brush.lineWidth = 2;
      circle(brush, centre, 40 + 70 * progress);
      brush.stroke();
      return;
    }
    const place = this.#places.get(participant);
    if (!place)
      return;
    const bend = bend_of(centre, place);
    const along = ease(progress);
    const point_at = (t) => {
      const within = Math.min(1, Math.max(0, t));
      return on_curve(centre, bend, place, inward ? 1 - within : within);
    };
    paint_tail(brush, point_at, along);
    brush.globalAlpha = 1;
    circle(brush, point_at(along), 4);
    brush.fill();
    if (progress > 0.8) {
      const arrival = (progress - 0.8) / 0.2;
      brush.globalAlpha = 0.7 * (1 - arrival);
      brush.lineWidth = 1.5;
      circle(brush, inward ? centre : place, (inward ? 40 : 15) + 10 * arrival);
      brush.stroke();
    }
  }
}

/** Thinner and paler towards its end. */
function paint_tail(brush, point_at, along) {
  const pieces = 12;
  const length = 0.16;
  for (let i = 0; i < pieces; ++i) {
    const begin = point_at(along - length * (1 - i / pieces));
    const end = point_at(along - length * (1 - (i + 1) / pieces));
    brush.globalAlpha = 0.6 * (i + 1) / pieces;
    brush.lineWidth = 1 + 4 * (i / pieces);
    brush.beginPath();
    brush.moveTo(begin.x, begin.y);
    brush.lineTo(end.x, end.y);
    brush.stroke();
  }
}

function circle(brush, { x, y }, radius) {
  brush.beginPath();
  brush.arc(x, y, Math.max(0, radius), 0, 2 * Math.PI);
}

/** Where the edge bends to: a little aside of its middle. */
function bend_of(from, to) {
  return {
    x: (from.x + to.x) / 2 - (to.y - from.y) * 0.1,
    y: (from.y + to.y) / 2 + (to.x - from.x) * 0.1,
  };
}

function on_curve(from, bend, to, t) {
  const u = 1 - t;
  return {
    x: u * u * from.x + 2 * u * t * bend.x + t * t * to.x,
    y: u * u * from.y + 2 * u * t * bend.y + t * t * to.y,
  };
}

const ease = (t) => (t < 0.5 ? 2 * t * t : 1 - (2 - 2 * t) ** 2 / 2);
