// Every page with a made-up rollup, in a browser.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import type { Scripted } from "../../sdk/test/server.ts";
import { inaccessible, isTooWide, launch, watched } from "./browser.ts";
import { answer, ID, L1_HASH, OWNER, REQUEST_HASH } from "./rollup.ts";
import { serveSite } from "./site.ts";

/** A hash of nothing. */
const OTHER_HASH = `0x${"d4".repeat(32)}`;

/** Each page, with a text that shows that it is whole. */
const PAGES = [
  ["/", "Batch 8 is being proven"],
  ["/batches", "284123"],
  ["/batch/8", "Proof tree"],
  ["/batch/5", "Check this batch"],
  ["/block/93", "Last of its batch"],
  [`/transaction/${ID}`, "Words 117 to 119"],
  [`/account/${OWNER}`, "Final on L1"],
  ["/slot/1", "32 siblings"],
  [`/l1/${L1_HASH}`, "It brought"],
  [`/l1/${REQUEST_HASH}`, "3 of 5 confirmations"],
  ["/operator", "worker-2"],
  ["/wallet", "Open your wallet"],
  ["/nothing/here", "Nothing here"],
] as const;

let browser: Browser;
let site: Scripted;
let old: Scripted;
before(async () => {
  [browser, site, old] = [
    await launch(),
    await serveSite(answer(false)),
    await serveSite(answer(true)),
  ];
});
after(async () => {
  await Promise.all([browser?.close(), site?.close(), old?.close()]);
});

for (const [path, text] of PAGES) {
  test(`${path} is whole, accessible, keeps its policy and fits a phone`, async () => {
    const { context, page, faults } = await watched(browser, [site.url]);
    await page.goto(site.url + path);
    await page.getByText(text).first().waitFor();
    assert.deepEqual(await inaccessible(page), []);
    assert.equal(await isTooWide(page), false);
    assert.deepEqual(faults, []);
    await context.close();
  });
}

test("with an older sequencer every page says what is missing", async () => {
  const { context, page, faults } = await watched(browser, [old.url]);
  for (const [path] of PAGES) {
    await page.goto(old.url + path);
    await page.locator("h1").waitFor({ state: "attached" });
  }
  await page.goto(`${old.url}/batch/5`);
  await page.getByText("older than the page").first().waitFor();
  await page.goto(`${old.url}/l1/${L1_HASH}`);
  await page.getByText("older than the page").waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test("search, links and the theme work by keys alone", async () => {
  const { context, page, faults } = await watched(browser, [site.url]);
  await page.goto(site.url);
  await page.keyboard.press("Tab");
  await page.getByText("Skip to the content").waitFor();
  await page.getByRole("searchbox").focus();
  await page.keyboard.type("hello");
  await page.keyboard.press("Enter");
  await page.getByText('Nothing is named "hello"').waitFor();
  await page.keyboard.press("Control+A");
  await page.keyboard.type(ID);
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/transaction/${ID}`);
  await page.goBack();
  await page.waitForURL(`${site.url}/`);
  for (const [hash, address] of [
    [L1_HASH, "/batch/5"],
    [OTHER_HASH, `/l1/${OTHER_HASH}`],
  ] as const) {
    await page.getByRole("searchbox").fill(hash);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**${address}`);
  }
  await page.getByText("sent no batch with this hash").waitFor();
  await page.getByRole("searchbox").fill(REQUEST_HASH);
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "batch 7" }).waitFor();
  await page.goto(site.url);
  const background = () => page.evaluate("getComputedStyle(document.documentElement).background");
  const light = await background();
  await page.getByRole("button", { name: "Use the dark theme" }).press("Enter");
  assert.notEqual(await background(), light);
  await page.reload();
  assert.notEqual(await background(), light);
  assert.deepEqual(faults, []);
  await context.close();
});

test("what a page must not do is found out", async () => {
  const { context, page, faults } = await watched(browser, [site.url]);
  await page.goto(site.url);
  await page.evaluate(
    "document.head.append(Object.assign(document.createElement('script'), \
{ text: 'window.bad = 1' }))",
  );
  await page.evaluate("fetch('http://localhost:9/').catch(() => 0)");
  await page.evaluate("document.body.append(document.createElement('input'))");
  assert.equal(await page.evaluate("window.bad"), undefined);
  assert.ok(faults.some(fault => /Content Security Policy/i.test(fault)));
  assert.ok(faults.includes("asked http://localhost:9"));
  assert.match((await inaccessible(page)).join(), /label/);
  await context.close();
});
