// SPDX-License-Identifier: Apache-2.0

// Wires the page together: one bus at a time, its Signals in one store, three
// views of it. Signals are taken in as they come and drawn once per frame.

import { Connection } from "./connection.mjs";
import { Filter } from "./model/filter.mjs";
import { SignalStore } from "./model/signal_store.mjs";
import { known_types } from "./model/signal_types.mjs";
import { task_tree } from "./model/task_tree.mjs";
import { count } from "./model/wording.mjs";
import { BrainView } from "./view/brain_view.mjs";
import { element, set_data, set_hidden, set_text } from "./view/dom.mjs";
import { MetricsView } from "./view/metrics_view.mjs";
import { StreamView } from "./view/stream_view.mjs";
import { TaskListView } from "./view/task_list_view.mjs";

/** Lists are read, not watched: this often is enough, in ms. */
const list_interval = 250;
const stream_interval = 100;
const is_narrow = matchMedia("(max-width: 800px)");

const find = (selector) => document.querySelector(selector);
const action = (name) => find(`[data-action=${name}]`);

const state_words = {
  connecting: "Connecting",
  connected: "Connected",
  reconnecting: "Reconnecting",
};

class App {
  #store = new SignalStore();
  #filter = new Filter();
  #matches = new WeakMap(); // Signal -> whether the filter lets it through
  #connection = null;
  #view = "brain";
  #brain = new BrainView(find(".view.brain"), this.#store,
    (id) => this.#filter_by({ id }));
  #stream = new StreamView(find(".view.brain"),
    (trace) => this.#filter_by({ trace }));
  #list = new TaskListView(find(".view.list"));
  #metrics = new MetricsView(find(".view.metrics"));
  #is_frame_due = false;
  #is_changed = true;
  #last_lists = -Infinity;
  #last_stream = -Infinity;
  #arrivals = []; // [when, total], for the rate

  start() {
    find("#signal-types").append(...known_types.map((type) => {
      const option = element("option");
      option.value = type;
      return option;
    }));
    find("#connect form").addEventListener("submit", (event) => {
      event.preventDefault();
      const form = new FormData(event.target);
      this.#go_to(form.get("url").trim(), form.get("namespace").trim() || "dev");
    });
    const form = find(".filter");
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => this.#read_filter());
    // The event comes before the fields are empty.
    form.addEventListener("reset", () => setTimeout(() => this.#read_filter()));
    for (const tab of document.querySelectorAll(".tabs button"))
      tab.addEventListener("click", () => this.#show_view(tab.dataset.view));
    action("disconnect").addEventListener("click", () => {
      history.pushState(null, "", "/");
      this.#open_target();
    });
    action("pause").addEventListener("click", () => this.#toggle_pause());
    action("clear").addEventListener("click", () => this.#clear());
    action("theme").addEventListener("click", () => window.toggle_theme());
    action("filter").addEventListener("click", () => this.#toggle("filtering"));
    action("stream").addEventListener("click", () => this.#toggle("streaming"));
    addEventListener("popstate", () => this.#open_target());
    // Figures go down to zero, and a page that was hidden is drawn again.
    setInterval(() => this.#request_frame(), 1000);
    this.#set_shown("streaming", !is_narrow.matches);
    this.#set_shown("filtering", false);
    this.#show_view("brain");
    this.#open_target();
  }

  // -- the bus -------------------------------------------------------------------

  #go_to(url, name_space) {
    const query = new URLSearchParams({ url, namespace: name_space });
    history.pushState(null, "", "/?" + query);
    this.#open_target();
  }

  /** Follows the query, which can be shared. */
  #open_target() {
    const query = new URLSearchParams(location.search);
    const url = query.get("url");
    const name_space = query.get("namespace") || "dev";
    this.#connection?.end();
    this.#connection = null;
    this.#store.reset();
    this.#after_clear();
    set_hidden(find("#connect"), Boolean(url));
    set_hidden(find("#workspace"), !url);
    document.title = url ? `Prism · ${name_space}` : "Prism";
    if (!url)
      return;
    set_text(find(".address"), url);
    find(".address").title = url;
    set_text(find(".name-space"), name_space);
    const address = new URL("/ws", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    address.search =
      String(new URLSearchParams({ url, namespace: name_space }));
    this.#connection = new Connection(() => new WebSocket(address), {
      message: (text) => this.#receive(text),
      state: (state) => {
        set_data(find(".target .dot"), "state", state);
        set_text(find(".connection"), state_words[state]);
        this.#request_frame();
      },
    });
  }

  #receive(text) {
    const signal = this.#store.receive(text, Date.now());
    if (signal && this.#view === "brain" && !document.hidden
        && this.#is_match(signal))
      this.#brain.pulse(signal, performance.now());
    this.#is_changed = true;
    this.#request_frame();
  }

  // -- what the reader asks for -----------------------------------------------------

  #toggle_pause() {
    this.#store.is_paused = !this.#store.is_paused;
    const pause = action("pause");
    const is_paused = this.#store.is_paused;
    pause.setAttribute("aria-pressed", String(is_paused));
    pause.setAttribute("aria-label", is_paused ? "Resume" : "Pause");
    this.#redraw();
  }

  #clear() {
    this.#store.clear();
    this.#after_clear();
  }

  #after_clear() {
    this.#arrivals = [];
    this.#brain.clear();
    this.#stream.clear();
    this.#redraw();
  }

  #toggle(what) {
    this.#set_shown(what, !document.body.classList.contains(what));
  }

  #set_shown(what, is_shown) {
    document.body.classList.toggle(what, is_shown);
    const button = action(what === "streaming" ? "stream" : "filter");
    button.setAttribute("aria-pressed", String(is_shown));
  }

  #filter_by(criteria) {
    const form = find(".filter");
    for (const [name, value] of Object.entries(criteria))
      form.elements[name].value = value;
    this.#set_shown("filtering", true);
    this.#read_filter();
  }

  #read_filter() {
    const criteria = Object.fromEntries(new FormData(find(".filter")));
    this.#filter = new Filter(criteria);
    this.#matches = new WeakMap();
    const badge = find(".badge");
    set_hidden(badge, this.#filter.is_empty);
    set_text(badge,
      String(Object.values(criteria).filter((text) => text.trim()).length));
    this.#redraw();
  }

  #is_match(signal) {
    if (this.#filter.is_empty)
      return true;
    let result = this.#matches.get(signal);
    if (result === undefined) {
      result = this.#filter.matches(signal);
      this.#matches.set(signal, result);
    }
    return result;
  }

  #show_view(name) {
    this.#view = name;
    for (const view of document.querySelectorAll(".view"))
      set_hidden(view, view.dataset.view !== name);
    for (const tab of document.querySelectorAll(".tabs button"))
      tab.setAttribute("aria-current", String(tab.dataset.view === name));
    set_data(document.body, "view", name);
    this.#redraw();
  }

  // -- drawing --------------------------------------------------------------------

  #redraw() {
    this.#is_changed = true;
    this.#last_lists = -Infinity;
    this.#last_stream = -Infinity;
    this.#request_frame();
  }

  #request_frame() {
    if (this.#is_frame_due || !this.#connection)
      return;
    this.#is_frame_due = true;
    requestAnimationFrame((now) => {
      this.#is_frame_due = false;
      this.#draw(now);
    });
  }

  #draw(now) {
    this.#draw_header();
    const is_brain = this.#view === "brain";
    const is_moving = is_brain && this.#brain.draw(now, this.#rate(now));
    if (this.#is_changed)
      this.#draw_lists(now, is_brain);
    if (is_moving || this.#is_changed)
      this.#request_frame();
  }

  #draw_lists(now, is_brain) {
    const last = is_brain ? this.#last_stream : this.#last_lists;
    if (now - last < (is_brain ? stream_interval : list_interval))
      return;
    this.#is_changed = false;
    if (is_brain) {
      this.#last_stream = now;
      this.#draw_stream();
    } else {
      this.#last_lists = now;
      this.#draw_tasks();
    }
  }

  #draw_header() {
    const { banner, total } = this.#store;
    set_text(find(".total"), count(total));
    set_hidden(find(".banner"), banner === null);
    if (banner) {
      set_text(find(".banner strong"), banner.code);
      set_text(find(".banner span"), banner.text);
    }
    document.body.classList.toggle("paused", this.#store.is_paused);
  }

  #draw_stream() {
    const signals = this.#store.signals;
    const shown = this.#filter.is_empty
      ? signals
      : signals.filter((signal) => this.#is_match(signal));
    this.#stream.show(shown, this.#empty_text("Signals appear here as they cross the bus."));
    set_text(find(".stage > .empty"),
      "Nobody yet. Participants appear as they announce themselves or speak.");
  }

  #draw_tasks() {
    const signals = this.#filter.with_their_traces(this.#store.signals);
    const tree = task_tree(signals);
    if (this.#view === "list")
      this.#list.show(tree, this.#empty_text("Tasks appear here when somebody dispatches one."));
    else
      this.#metrics.show(signals, tree,
        this.#empty_text("There are figures as soon as there is a task."));
  }

  #empty_text(otherwise) {
    if (this.#store.signals.length > 0 && !this.#filter.is_empty)
      return "Nothing matches the filter.";
    if (this.#store.is_paused)
      return "Paused. What comes meanwhile is not kept.";
    return otherwise;
  }

  /** Signals per second, over the last one. */
  #rate(now) {
    const { total } = this.#store;
    const newest = this.#arrivals.at(-1);
    if (!newest || now - newest[0] >= 100)
      this.#arrivals.push([now, total]);
    while (this.#arrivals.length > 1 && now - this.#arrivals[1][0] >= 1000)
      this.#arrivals.shift();
    const [since, before] = this.#arrivals[0];
    const seconds = Math.max(1, (now - since) / 1000);
    return Math.max(0, Math.round((total - before) / seconds));
  }
}

new App().start();
