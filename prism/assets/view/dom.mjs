// SPDX-License-Identifier: Apache-2.0

// The page is built of these alone: what the bus says becomes text, never
// markup.

/** @param children elements, or texts; nothing is left out */
export function element(tag, class_name = "", ...children) {
  const result = document.createElement(tag);
  if (class_name)
    result.className = class_name;
  result.append(...children.filter((child) => child !== null));
  return result;
}

export function button(class_name, label, on_click) {
  const result = element("button", class_name, label);
  result.type = "button";
  result.addEventListener("click", on_click);
  return result;
}

/** Writes only what differs: a browser lays out what is written. */
export function set_text(node, text) {
  if (node.textContent !== text)
    node.textContent = text;
}

export function set_hidden(node, is_hidden) {
  if (node.hidden !== is_hidden)
    node.hidden = is_hidden;
}

export function set_data(node, key, value) {
  if (node.dataset[key] !== value)
    node.dataset[key] = value;
}

export function set_style(node, key, value) {
  if (node.style.getPropertyValue(key) !== value)
    node.style.setProperty(key, value);
}

/**
 * Children of an element that stand for items: they are made, moved and taken
 * away as the items are, and stay the same nodes meanwhile.
 */
export class KeyedList {
  #parent;
  #key_of;
  #make;
  #by_key = new Map();

  /** @param make from an item: {node, update(item)} */
  constructor(parent, key_of, make) {
    this.#parent = parent;
    this.#key_of = key_of;
    this.#make = make;
  }

  show(items) {
    const keys = new Set(items.map(this.#key_of));
    for (const [key, child] of this.#by_key) {
      if (keys.has(key))
        continue;
      child.node.remove();
      this.#by_key.delete(key);
    }
    let next = this.#parent.firstChild;
    for (const item of items) {
      const key = this.#key_of(item);
      let child = this.#by_key.get(key);
      if (!child) {
        child = this.#make(item);
        this.#by_key.set(key, child);
      }
      child.update(item);
      if (child.node === next)
        next = next.nextSibling;
      else
        this.#parent.insertBefore(child.node, next);
    }
  }
}

/** The family of its type gives a Signal its colour. */
export function type_label(type, family) {
  const result = element("span", "type", type);
  result.dataset.family = family;
  return result;
}
