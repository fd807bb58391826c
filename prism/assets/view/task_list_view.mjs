// SPDX-License-Identifier: Apache-2.0

import { family_of } from "../model/signal_types.mjs";
import { all_tasks, rows_of } from "../model/task_tree.mjs";
import {
  clock, count, duration, envelope_text, gist, plural, short_id, task_text,
} from "../model/wording.mjs";
import {
  button, element, KeyedList, set_data, set_hidden, set_style, set_text,
  type_label,
} from "./dom.mjs";

/** Beyond this, deeper Signals are no longer moved in. */
const indent_max = 6;

/** Tasks as a tree of cards, each opening to its Signals with their times. */
export class TaskListView {
  #head;
  #empty;
  #tasks;
  #lifecycle;
  #lifecycle_rows;
  #folded = [];

  constructor(root) {
    this.#head = root.querySelector(".list-head");
    this.#empty = root.querySelector(".empty");
    this.#tasks = task_cards(root.querySelector(".tasks"));
    this.#lifecycle = root.querySelector(".lifecycle");
    this.#lifecycle_rows = new KeyedList(this.#lifecycle.querySelector(".rows"),
      (signal) => signal.seq, (signal) => lifecycle_row(signal));
    this.#lifecycle.addEventListener("toggle", () => this.#show_lifecycle());
  }

  show({ tasks, lifecycle }, empty_text) {
    const number = all_tasks(tasks).length;
    set_hidden(this.#empty, number > 0);
    set_text(this.#empty, empty_text);
    set_text(this.#head, number > 0 ? plural(number, "task") : "");
    this.#tasks.show(tasks);
    this.#folded = lifecycle;
    set_hidden(this.#lifecycle, lifecycle.length === 0);
    set_text(this.#lifecycle.querySelector("summary"),
      `${plural(lifecycle.length, "lifecycle Signal")} folded: `
      + counts_by_type(lifecycle));
    this.#show_lifecycle();
  }

  #show_lifecycle() {
    const is_open = this.#lifecycle.open;
    this.#lifecycle_rows.show(is_open ? [...this.#folded].reverse() : []);
  }
}

function counts_by_type(signals) {
  const counts = new Map();
  for (const { type } of signals)
    counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].map(([type, number]) => `${type} ${count(number)}`)
    .join(", ");
}

function task_cards(parent) {
  return new KeyedList(parent, (task) => task.trace, () => new TaskCard());
}

class TaskCard {
  node = element("details", "task");
  #status = element("span", "status");
  #hint = element("span", "hint-text");
  #facts = element("span", "facts");
  #took = element("span", "took");
  #body = element("div", "task-body");
  #rows;
  #children;
  #task;

  constructor() {
    const rows = element("div", "rows");
    const children = element("div", "tasks");
    this.#rows = new KeyedList(rows, (row) => row.signal.seq,
      (row) => new SignalRow(row));
    this.#children = task_cards(children);
    this.#body.append(
      element("div", "task-links", element("code", "trace-id"),
        button("link", "Download as text", () => download(this.#task))),
      rows, children);
    this.node.append(
      element("summary", "", this.#status, this.#hint, this.#took, this.#facts),
      this.#body);
    this.node.addEventListener("toggle", () => this.#fill());
  }

  update(task) {
    this.#task = task;
    set_data(this.node, "status", task.status);
    set_text(this.#status, task.status);
    set_text(this.#hint, task.hint.slice(0, 300) || "Task without a text");
    this.#hint.classList.toggle("none", task.hint === "");
    set_text(this.#took,
      task.signals.length > 1 ? duration(task.end - task.start) : "");
    set_text(this.#facts, facts_of(task));
    this.#fill();
  }

  /** A closed card has nothing inside. */
  #fill() {
    if (!this.node.open) {
      this.#rows.show([]);
      this.#children.show([]);
      return;
    }
    set_text(this.#body.querySelector(".trace-id"), this.#task.trace);
    const span = Math.max(this.#task.end - this.#task.start, 0.001);
    this.#rows.show(rows_of(this.#task).map((row) => ({ ...row, span })));
    this.#children.show(this.#task.children);
  }
}

function facts_of(task) {
  const facts = [clock(task.start), plural(task.signals.length, "Signal")];
  if (task.children.length > 0)
    facts.push(plural(task.children.length, "subtask"));
  if (task.receptor)
    facts.push("by " + task.receptor.slice(0, 60));
  facts.push(short_id(task.trace));
  return facts.join(" · ");
}

/** One Signal of a task: what, who, when in the task, and how long until the
 *  last that came of it. */
class SignalRow {
  node = element("details", "signal-row");
  #what;
  #offset = element("span", "offset");
  #bar = element("span", "bar-fill");
  #took = element("span", "took");

  constructor({ signal }) {
    this.#what = element("span", "what",
      type_label(signal.type, family_of(signal.type)),
      element("span", "who", signal.directed.id ?? ""));
    const track = element("span", "bar-track", this.#bar);
    this.#bar.dataset.family = family_of(signal.type);
    this.node.append(element("summary", "", this.#what, track, this.#offset,
      this.#took, element("span", "gist", gist(signal))));
    this.node.addEventListener("toggle", () => {
      if (this.node.open && this.node.childElementCount === 1)
        this.node.append(element("pre", "", envelope_text(signal)));
    });
  }

  update({ indent, offset, took, span }) {
    set_style(this.node, "--indent", String(Math.min(indent, indent_max)));
    set_style(this.#bar, "--offset", (100 * offset / span).toFixed(2) + "%");
    set_style(this.#bar, "width", (100 * took / span).toFixed(2) + "%");
    set_text(this.#offset, "+" + duration(offset));
    set_text(this.#took, took > 0 ? duration(took) : "");
  }
}

function lifecycle_row(signal) {
  const node = element("div", "lifecycle-row",
    element("time", "", clock(signal.at)),
    type_label(signal.type, family_of(signal.type)),
    element("span", "who", signal.directed.id ?? ""),
    element("span", "gist", gist(signal)));
  return { node, update: () => {} };
}

function download(task) {
  const link = element("a");
  link.href = URL.createObjectURL(
    new Blob([task_text(task)], { type: "text/plain" }));
  link.download = (task.trace.replace(/[^\w-]/g, "_") || "task") + ".txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
