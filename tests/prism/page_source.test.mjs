// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const files_below = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? files_below(new URL(entry.name + "/", folder))
      : [new URL(entry.name, folder)]);

const sources = files_below(new URL("../../prism/", import.meta.url))
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
