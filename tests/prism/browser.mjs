// SPDX-License-Identifier: Apache-2.0
//
// Looks at a real run of agents through Prism, in a headless Chromium.
//
//   node browser.mjs PROGRAM FOLDER_WITH_NODE_MODULES CHROMIUM FOLDER_FOR_PICTURES

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [program, folder, executable, pictures] = process.argv.slice(2);
const { chromium } = createRequire(folder + "/")("playwright-core");
mkdirSync(pictures, { recursive: true });

const stand = spawn(program, [], { stdio: ["pipe", "pipe", "inherit"] });
process.on("exit", () => stand.kill("SIGKILL"));
const lines = createInterface({ input: stand.stdout })[Symbol.asyncIterator]();
const { value: address } = await lines.next();
async function tell(line) {
  stand.stdin.write(line + "\n");
  assert.equal((await lines.next()).value, "done");
}

const browser = await chromium.launch({
  executablePath: executable,
  args: ["--no-sandbox"], // in a container there is none
});
const faults = [];

async function open({ viewport, colorScheme }) {
  const context = await browser.newContext({ viewport, colorScheme });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on("pageerror", (error) => faults.push(error.stack));
  page.on("console", (message) => {
    if (message.type() === "error" && !/WebSocket/.test(message.text()))
      faults.push(message.text());
  });
  page.on("dialog", () => faults.push("a text became a script"));
  page.on("request", (request) => {
    if (!request.url().startsWith(address))
      faults.push("fetched from elsewhere: " + request.url());
  });
  return page;
}

const connected = (page) =>
  page.waitForSelector('.dot[data-state="connected"]');
const total = async (page) =>
  Number((await page.textContent(".total")).replaceAll(",", ""));
const at_least = (page, number) =>
  page.waitForFunction((least) => Number(document.querySelector(".total")
    .textContent.replaceAll(",", "")) >= least, number);

const hostile = '<img src=x onerror="alert(1)">';

// -- the way in, on every screen ------------------------------------------------

const screens = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
};
for (const [screen, viewport] of Object.entries(screens)) {
  for (const colorScheme of ["dark", "light"]) {
    const page = await open({ viewport, colorScheme });
    const take = (name) => page.screenshot(
      { path: `${pictures}/${screen}-${colorScheme}-${name}.png` });
    // The program has a bus, so its root leads there.
    await page.goto(address + "/");
    assert.equal(new URL(page.url()).search, "?url=memory%3A&namespace=demo");
    await connected(page);
    // DISCOVER is answered by all who are there.
    for (const id of ["greeter", "grump", "notebook", "calculator"])
      await page.waitForSelector(`.node[aria-label="${id}"]`);
    assert.equal(await page.getAttribute('.node[aria-label="notebook"]',
      "data-kind"), "engram");
    await tell("greet Ada");
    await tell(`greet ${hostile}`);
    await tell("fail");
    await take("brain");

    await page.click("[data-view=list]");
    await page.locator('.task[data-status="error"]').first().waitFor();
    await page.locator('.task[data-status="final"]', { hasText: "Ada" })
      .locator("summary").first().click();
    await page.locator('.signal-row .type', { hasText: "RECALLED" }).waitFor();
    await take("list");

    await page.click("[data-view=metrics]");
    await page.getByText("Success rate").waitFor();
    await take("metrics");

    const is_wider = await page.evaluate(() =>
      document.documentElement.scrollWidth > innerWidth);
    assert.ok(!is_wider, "no need to scroll sideways");
    await page.context().close();
  }
}

// -- what one does with it ---------------------------------------------------------

const page = await open({ viewport: screens.desktop, colorScheme: "light" });
await page.goto(address + "/?url=memory%3A&namespace=nobody");
await connected(page);
await page.click("[data-action=disconnect]");
await page.fill("[name=namespace]", "demo");
await page.fill("[name=url]", "memory:");
await page.click("text=Connect");
await connected(page);
assert.equal(new URL(page.url()).search, "?url=memory%3A&namespace=demo");

// Theme.
await page.click("[data-action=theme]");
assert.equal(await page.getAttribute("html", "data-theme"), "dark");

// A Signal of the stream opens to its payload, hostile text as text.
await tell(`greet ${hostile}`);
await page.locator(".stream-row", { hasText: "AGENT_OUTPUT" }).first().click();
assert.match(await page.textContent(".stream-detail pre"), /Hello, <img src=x/);
await page.getByText("Only this trace").click();
await page.waitForFunction(() =>
  [...document.querySelectorAll(".stream-row:not([hidden]) .type")]
    .every((type) => type.textContent !== "REGISTER"));

// Filters.
const reset = async () => {
  await page.click("text=Reset");
  await page.waitForSelector(".badge", { state: "hidden" });
};
await page.waitForSelector(".badge");
await reset();
await page.fill(".filter [name=type]", "TOOL_CALL");
await page.waitForFunction(() =>
  [...document.querySelectorAll(".stream-row:not([hidden]) .type")]
    .every((type) => type.textContent === "TOOL_CALL"));
assert.ok(await page.locator(".stream-row:visible").count() > 0);
await reset();

// A participant's card.
await page.click('.node[aria-label="greeter"]');
assert.match(await page.textContent(".card"), /neuron.*greet/s);
await page.keyboard.press("Escape");

// Pausing drops; clearing keeps the participants.
await page.click("[data-action=pause]");
const before = await total(page);
await tell("greet nobody hears");
await page.click("[data-action=pause]");
await tell("greet again");
await at_least(page, before + 5);
assert.equal(await page.getByText("Hello, nobody hears").count(), 0);
await page.click("[data-action=clear]");
await page.waitForFunction(() =>
  document.querySelector(".total").textContent === "0");
assert.ok(await page.locator(".node").count() >= 4);

// A task as a file.
await tell("greet Grace");
await page.click("[data-view=list]");
const card = page.locator(".task", { hasText: "Grace" }).first();
await card.locator("summary").first().click();
const [download] = await Promise.all([
  page.waitForEvent("download"), card.getByText("Download as text").click(),
]);
assert.match(readFileSync(await download.path(), "utf8"), /"prompt": "Grace"/);

// Under load the page still answers.
await page.click("[data-view=brain]");
const calm = await total(page);
await tell("flood 5000");
await page.click("[data-view=metrics]");
await page.click("[data-view=brain]");
await at_least(page, calm + 2000); // the oldest of a burst may be dropped
assert.ok(await page.locator(".stream-row").count() < 60, "only what is in sight");
await page.screenshot({ path: `${pictures}/flood.png` });

// The bus goes, the page says so and comes back by itself.
await tell("lose");
await page.getByText("synapse_lost").waitFor();
await page.waitForSelector('.dot[data-state="reconnecting"]');
await page.screenshot({ path: `${pictures}/lost.png` });
await connected(page);
await tell("greet once more");
await page.waitForSelector(".banner", { state: "hidden" });

// A bus that is not there.
await page.goto(address + "/?url=cosmo%3A%2F%2Fnowhere&namespace=demo");
await page.getByText("nobody listens at cosmo://nowhere").waitFor();

assert.deepEqual(faults, []);
await browser.close();
stand.stdin.end();
const [code] = await once(stand, "exit");
assert.equal(code, 0);
console.log("seen, pictures in " + pictures);
process.exit(0);
