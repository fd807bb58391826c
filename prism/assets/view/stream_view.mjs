// SPDX-License-Identifier: Apache-2.0

import { family_of } from "../model/signal_types.mjs";
import { rows_in_sight } from "../model/virtual_window.mjs";
import {
  clock, count, envelope_text, gist, payload_text, short_id,
} from "../model/wording.mjs";
import {
  button, element, set_data, set_hidden, set_style, set_text, type_label,
} from "./dom.mjs";

/** As in the style sheet. */
const row_height = 46;

/**
 * The newest Signals, newest first. Only the rows in sight are in the
 * document, so that it costs the same however much comes.
 */
export class StreamView {
  #rows;
  #space;
  #count;
  #empty;
  #detail;
  #on_trace;
  #pool = [];
  #shown = []; // oldest first
  #newest = 0;
  #selected = null;

  /** @param on_trace is told which trace alone is wanted */
  constructor(root, on_trace) {
    this.#rows = root.querySelector(".stream-rows");
    this.#space = root.querySelector(".stream-space");
    this.#count = root.querySelector(".stream-count");
    this.#empty = root.querySelector(".stream > .empty");
    this.#detail = root.querySelector(".stream-detail");
    this.#on_trace = on_trace;
    this.#rows.addEventListener("scroll", () => this.#fill());
    new ResizeObserver(() => this.#fill()).observe(this.#rows);
  }

  /** @param signals those that the filter lets through, oldest first */
  show(signals, empty_text) {
    this.#keep_place(signals);
    this.#shown = signals;
    set_style(this.#space, "height", signals.length * row_height + "px");
    set_text(this.#count, signals.length > 0 ? count(signals.length) : "");
    set_hidden(this.#empty, signals.length > 0);
    set_text(this.#empty, empty_text);
    this.#fill();
  }

  /** Who has scrolled down to read is not carried along by what is new. */
  #keep_place(signals) {
    const newest = signals.at(-1)?.seq ?? 0;
    if (this.#rows.scrollTop > 0) {
      let added = 0;
      for (let i = signals.length - 1; i >= 0; --i) {
        if (signals[i].seq <= this.#newest)
          break;
        ++added;
      }
      if (added > 0 && added < signals.length) {
        set_style(this.#space, "height", signals.length * row_height + "px");
        this.#rows.scrollTop += added * row_height;
      }
    }
    this.#newest = newest;
  }

  #fill() {
    const { first, last } = rows_in_sight({
      count: this.#shown.length,
      row_height,
      scroll_top: this.#rows.scrollTop,
      height: this.#rows.clientHeight,
    });
    while (this.#pool.length < last - first)
      this.#pool.push(this.#make_row());
    this.#pool.forEach((row, i) => {
      const at = first + i;
      const is_used = at < last;
      set_hidden(row.node, !is_used);
      if (is_used)
        row.show(this.#shown[this.#shown.length - 1 - at], at);
    });
  }

  #make_row() {
    let signal = null;
    const type = type_label("", "thought");
    const who = element("span", "who");
    const time = element("time");
    const says = element("span", "gist");
    const trace = element("span", "trace");
    const node = button("stream-row", "", () => this.#select(signal));
    node.append(type, time, who, says, trace);
    this.#space.append(node);
    const show = (next, at) => {
      set_style(node, "transform", `translateY(${at * row_height}px)`);
      node.classList.toggle("selected", next === this.#selected);
      if (next === signal)
        return;
      signal = next;
      set_text(type, signal.type);
      set_data(type, "family", family_of(signal.type));
      set_text(who, signal.directed.id ?? "");
      set_text(time, clock(signal.at));
      set_text(says, gist(signal));
      set_text(trace, short_id(signal.trace));
    };
    return { node, show };
  }

  #select(signal) {
    this.#selected = signal === this.#selected ? null : signal;
    set_hidden(this.#detail, this.#selected === null);
    if (this.#selected)
      this.#show_detail(this.#selected);
    this.#fill();
  }

  #show_detail(signal) {
    const body = element("pre", "", payload_text(signal));
    body.tabIndex = 0;
    const is_whole = () => whole.getAttribute("aria-pressed") === "true";
    const whole = button("link", "Envelope", () => {
      whole.setAttribute("aria-pressed", String(!is_whole()));
      body.textContent =
        is_whole() ? envelope_text(signal) : payload_text(signal);
    });
    whole.setAttribute("aria-pressed", "false");
    const close = button("plain", "×", () => this.#select(signal));
    close.setAttribute("aria-label", "Close");
    this.#detail.replaceChildren(
      element("div", "detail-head",
        type_label(signal.type, family_of(signal.type)),
        element("span", "who", signal.directed.id ?? ""), close),
      element("div", "detail-links", whole,
        button("link", "Only this trace", () => this.#on_trace(signal.trace))),
      body);
  }

  clear() {
    this.#selected = null;
    set_hidden(this.#detail, true);
  }
}
