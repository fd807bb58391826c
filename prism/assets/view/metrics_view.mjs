// SPDX-License-Identifier: Apache-2.0

import { bucket_names, metrics_of } from "../model/metrics.mjs";
import { clock, count, duration, percent, short_id } from "../model/wording.mjs";
import {
  element, KeyedList, set_data, set_hidden, set_style, set_text,
} from "./dom.mjs";

const rows_max = 50;

/** Figures over the Signals that the page holds. */
export class MetricsView {
  #empty;
  #body;
  #health = tiles();
  #latency;
  #tasks;
  #participants;
  #sides = tiles();
  #wins;

  constructor(root) {
    this.#empty = root.querySelector(".empty");
    this.#body = root.querySelector(".metrics-body");
    this.#latency = new Table(["Request and answer", "Count", "Mean", "Max"]);
    this.#tasks = new Table(
      ["Task", "Total", "Where it went", "First output", "Retries",
        "Escalations", "Subtasks"]);
    this.#participants = new Table(
      ["Participant", "Signals", "Tasks", "Outputs", "Errors", "Error rate",
        "Last seen"]);
    this.#wins = new Table(["Winner", "Awards"]);
    this.#body.append(
      this.#health.node,
      panel("Answer times", this.#latency.node),
      panel("Tasks", legend(), this.#tasks.node),
      panel("Participants", this.#participants.node),
      panel("People, memory, market", this.#sides.node, this.#wins.node));
  }

  show(signals, tree, empty_text) {
    const is_empty = tree.tasks.length === 0;
    set_hidden(this.#empty, !is_empty);
    set_hidden(this.#body, is_empty);
    set_text(this.#empty, empty_text);
    if (is_empty)
      return;
    const figures = metrics_of(signals, tree);
    this.#show_health(figures.health);
    this.#latency.show(figures.latency.map((row) => ({
      key: row.request,
      cells: [`${row.request} → ${row.answer}`, count(row.count),
        duration(row.mean), duration(row.max)],
    })));
    this.#tasks.show(newest(figures.tasks).map(task_row));
    this.#participants.show(
      figures.participants.slice(0, rows_max).map(participant_row));
    this.#show_sides(figures);
    set_hidden(this.#wins.node, figures.market.wins.length === 0);
    this.#wins.show(figures.market.wins.slice(0, rows_max).map((win) => ({
      key: win.id,
      cells: [win.id || "nobody named", count(win.count)],
    })));
  }

  #show_health(health) {
    this.#health.show([
      ["Completed", count(health.completed), "output"],
      ["Failed", count(health.failed), "error"],
      ["In flight", count(health.in_flight), "task"],
      ["Success rate", percent(health.success_rate)],
      ["Mean task time", duration(health.time.mean)],
      ["Longest task", duration(health.time.max)],
    ]);
  }

  #show_sides({ people, memory, market }) {
    this.#sides.show([
      ["Permissions granted", count(people.granted)],
      ["Permissions denied", count(people.denied)],
      ["Recalls with hits", percent(memory.hit_rate)],
      ["Memory write errors", `${count(memory.write_errors)} of ${count(memory.writes)}`],
      ["Offers", count(market.offers)],
      ["Bids per offer",
        market.bids_per_offer === null ? "–" : market.bids_per_offer.toFixed(1)],
      ["Awards", count(market.awards)],
      ["Mean award delay", duration(market.award_delay.mean)],
      ["Declines", count(market.declines)],
    ]);
  }
}

/** A bus under load has more tasks than anybody reads. */
const newest = (tasks) =>
  [...tasks].sort((a, b) => b.task.start - a.task.start).slice(0, rows_max);

function task_row(figures) {
  const { task } = figures;
  return {
    key: task.trace,
    cells: [
      task.hint.slice(0, 80) || short_id(task.trace),
      duration(figures.total),
      { parts: [...bucket_names.map((name) => [name, figures.spent[name]]),
        ["other", figures.other]] },
      duration(figures.first_output),
      count(figures.retries), count(figures.escalations),
      count(figures.subtasks),
    ],
    status: task.status,
  };
}

function participant_row(row) {
  return {
    key: row.id,
    cells: [row.id, count(row.signals), count(row.tasks), count(row.outputs),
      count(row.errors), percent(row.error_rate), clock(row.last_seen)],
  };
}

function panel(title, ...content) {
  return element("section", "panel", element("h2", "", title), ...content);
}

function legend() {
  return element("ul", "parts-legend", ...[...bucket_names, "other"].map((name) => {
    const item = element("li", "", name);
    item.dataset.part = name;
    return item;
  }));
}

/** A row of numbers with their names. */
function tiles() {
  const node = element("div", "tiles");
  const list = new KeyedList(node, ([name]) => name, ([name, , family]) => {
    const value = element("span", "tile-value");
    const tile = element("div", "tile", value, element("span", "tile-name", name));
    if (family)
      tile.dataset.family = family;
    return { node: tile, update: ([, text]) => set_text(value, text) };
  });
  return { node, show: (items) => list.show(items) };
}

/** Its first column is text, the others are figures. */
class Table {
  node = element("div", "table-frame");
  #rows;

  constructor(headings) {
    const body = element("tbody");
    const head = element("tr", "", ...headings.map((heading) => {
      const cell = element("th", "", heading);
      cell.scope = "col";
      return cell;
    }));
    this.node.append(element("table", "", element("thead", "", head), body));
    this.#rows = new KeyedList(body, (row) => row.key, make_row);
  }

  show(rows) {
    this.#rows.show(rows);
  }
}

function make_row({ cells }) {
  const nodes = cells.map((cell) =>
    cell.parts ? parts_cell(cell.parts) : text_cell());
  const node = element("tr", "", ...nodes.map((cell) => cell.node));
  return {
    node,
    update: (row) => {
      if (row.status)
        set_data(node, "status", row.status);
      nodes.forEach((cell, i) => cell.update(row.cells[i]));
    },
  };
}

function text_cell() {
  const node = element("td");
  return { node, update: (text) => set_text(node, text) };
}

/** What a whole is made of, as one bar. */
function parts_cell(parts) {
  const pieces = parts.map(([name]) => {
    const piece = element("span");
    piece.dataset.part = name;
    return piece;
  });
  const node = element("td", "", element("span", "parts", ...pieces));
  const update = ({ parts: now }) => {
    now.forEach(([, time], i) => set_style(pieces[i], "flex-grow", String(time)));
    node.title = now.map(([name, time]) => `${name} ${duration(time)}`).join(", ");
  };
  return { node, update };
}
