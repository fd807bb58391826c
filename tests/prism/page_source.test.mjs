// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../prism/", import.meta.url);

const sources = readdirSync(root, { recursive: true })
  .map((name) => new URL(String(name), root))
  .filter((url) => statSync(url).isFile())
  .map((url) => ({ name: url.pathname, text: readFileSync(url, "utf8") }));

test("text never becomes markup or code", () => {
  assert.ok(sources.length > 10);
  for (const { name, text } of sources)
    assert.doesNotMatch(text,
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\son\w+=/,
      name);
});

test("nothing is fetched from elsewhere", () => {
  for (const { name, text } of sources) {
    const elsewhere = text.replaceAll("http://www.w3.org/2000/svg", "");
    assert.doesNotMatch(elsewhere, /https?:\/\/|\bfetch\(|@import/, name);
  }
});
