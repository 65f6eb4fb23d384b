// The whole story in a browser, on a devnet: deposit, send, final, claim, check. With
// SHEAF_REAL_PROOFS the devnet makes proofs, and the check is green to the pairing.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page, Route } from "playwright-core";
import { deriveKey, keyText, toHex, Wallet } from "sheaf-sdk";
import { account, type Devnet, REAL_PROOFS, startDevnet } from "../../sdk/test/devnet.ts";
import { inaccessible, isTooWide, launch, type Watched, watched } from "./browser.ts";
import { record } from "./figures.ts";
import { EXPLORER } from "./site.ts";

/** How long a batch may take to be final, on a busy machine. */
const FINAL_MS_MAX = 300_000;
/** Payments that make a picture lively, and the pause between two: few, so that L1 keeps up. */
const LIVELY_PAYMENTS = 12;
const PAY_PAUSE_MS = 700;
/** What the page says of a batch that L1 has as the rollup tells it. */
const AGREES = REAL_PROOFS ? "This batch is right" : "Everything that was checked agrees";
/** Lines of the payroll: a full transfer and a part of another. */
const PAYROLL_LINES = 1_030;
/** Pictures are written only when they are asked for: a test leaves the tree clean. */
const PICTURES = process.env.SHEAF_PICTURES === undefined ? undefined : "docs/pictures";

let devnet: Devnet;
let browser: Browser;
let watch: Watched;
let page: Page;
let bob: string;
let alice: Wallet;
/** The batch with the withdrawal. */
let batch = "";

before(async () => {
  [devnet, browser] = [await startDevnet(), await launch()];
  watch = await watched(browser, [devnet.url, devnet.l1]);
  page = watch.page;
  const { url, l1 } = devnet;
  bob = (await Wallet.open({ url, l1, account: account(2) })).owner;
  alice = await Wallet.open({ url, l1, account: account(1) });
});
after(async () => {
  await browser?.close();
  await devnet?.stop();
});

/** Alice pays Bob again and again. */
async function payOn(): Promise<void> {
  for (let payment = 0; payment < LIVELY_PAYMENTS; payment += 1) {
    await alice.pay([{ owner: bob, amount: 1_000n }]);
    await new Promise(resolve => setTimeout(resolve, PAY_PAUSE_MS));
  }
}

/** Demands that the page as it stands is accessible and fits a phone. */
async function isGood(): Promise<void> {
  assert.deepEqual(await inaccessible(page), []);
  assert.equal(await isTooWide(page), false, page.url());
}

async function picture(name: string): Promise<void> {
  if (PICTURES === undefined) return;
  const folder = join(EXPLORER, "..", PICTURES);
  mkdirSync(folder, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
  }
}

const tab = (name: string) =>
  page.getByRole("navigation", { name: "Wallet" }).getByRole("link", { name }).click();
const press = (name: string) => page.getByRole("button", { name, exact: true }).click();

test("the page shows the rollup live", async () => {
  await page.goto(devnet.url);
  await page.getByText("transactions a second").first().waitFor();
  const paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0";
  record({ explorer_first_paint_ms: Math.round((await page.evaluate(paint)) as number) });
  await payOn();
  await page.locator(".rate-bars rect").first().waitFor();
  await page.locator(".capsule.finalised").first().waitFor({ timeout: FINAL_MS_MAX });
  await isGood();
});

test("a wallet opens with a devnet's account, and a deposit is credited", async () => {
  await page.getByRole("link", { name: "Wallet" }).click();
  await page.getByRole("button", { name: /^Be Carol/ }).waitFor();
  await isGood();
  await page.getByRole("button", { name: /^Be Carol/ }).click();
  await page.getByText("No slot yet").waitFor();
  await tab("Deposit");
  await page.getByLabel("Amount").fill("2");
  await press("Deposit");
  await page.getByText("The deposit is credited").waitFor({ timeout: FINAL_MS_MAX });
  await isGood();
  await tab("Balance");
  await page.getByText("2 ETH").first().waitFor();
});

test("a deposit on its way is shown with its confirmations and its transaction", async () => {
  const owner = (await Wallet.open({ url: devnet.url, l1: devnet.l1, account: account(3) })).owner;
  const hash = `0x${"5e".repeat(32)}`;
  const deposit = { number: 9, kind: "deposit", owner, token: 0, amount: "1", l1_block: 1 };
  const depth = { l1_transaction: hash, confirmations: 3, confirmations_needed: 5 };
  const requests = [
    { ...deposit, ...depth },
    { ...deposit, ...depth, number: 10, owner: bob },
  ];
  await page.route("**/v1/requests/pending", route => route.fulfill({ json: { requests } }));
  await tab("Deposit");
  await page.getByText("3 of 5").waitFor();
  assert.equal(await page.getByRole("link", { name: "0x5e5e" }).count(), 1, "only the owner's");
  await isGood();
  await page.unroute("**/v1/requests/pending");
  await tab("Balance");
});

test("a payment is durable at once and becomes final", async () => {
  await tab("Send");
  await press("Send");
  await page.getByText("is no L2 address").waitFor();
  await isGood();
  await page.getByLabel("To", { exact: true }).fill(bob);
  await page.getByLabel("Amount").fill("0.5");
  await press("Send");
  const sent = page.getByRole("status");
  await sent.getByText("is durable").waitFor();
  await sent.getByText("finalised").waitFor({ timeout: FINAL_MS_MAX });
  await isGood();
  await sent.getByRole("link").click();
  await page.locator("li.stage-finalised.reached").waitFor();
  await isGood();
  await page.goBack();
});

/** A file in which each line pays 1,000 gwei to a name. */
const payroll = (lines: number) => ({
  name: "payroll.csv",
  mimeType: "text/csv",
  buffer: Buffer.from(`owner,amount,memo\n${'Bob,0.000001,"for May"\n'.repeat(lines)}`),
});

test("a file is paid once, though the tab is closed while a transfer is on its way", async () => {
  const had = await balanceOf(bob);
  await tab("Pay a file");
  await page.getByLabel("Payments").setInputFiles(payroll(PAYROLL_LINES));
  await press("Check the file");
  await page.getByText('Line 2: "Bob" is no L2 address').waitFor();
  await isGood();
  await checkFile(PAYROLL_LINES);
  await page.getByText(`${PAYROLL_LINES} payments are left to pay, in 2 transfers`).waitFor();
  await isGood();
  await new Promise<void>((resolve, reject) => {
    let count = 0;
    const onSend = async (route: Route) => {
      count += 1;
      if (count === 1) return route.continue();
      // The second transfer arrives, and its answer does not.
      await route.fetch();
      resolve();
    };
    page.route("**/v1/transactions", route => onSend(route).catch(reject)).catch(reject);
    press("Pay").catch(reject);
  });
  await page.reload();
  await page.unroute("**/v1/transactions");
  await page.getByRole("button", { name: /^Be Carol/ }).click();
  await checkFile(PAYROLL_LINES);
  await page.getByText(`${PAYROLL_LINES} of ${PAYROLL_LINES} payments are paid`).waitFor();
  assert.equal(await balanceOf(bob), had + BigInt(PAYROLL_LINES) * 1_000n);
  await isGood();
  const downloading = page.waitForEvent("download");
  await press("Receipt");
  const receipt = readFileSync(await (await downloading).path(), "utf8")
    .trimEnd()
    .split("\n");
  assert.equal(receipt.length, PAYROLL_LINES + 1);
  assert.match(receipt[PAYROLL_LINES] ?? "", /^1031,sheaf1\w+,Bob,1000,for May,0x[0-9a-f]{64},/);
  // Of a file that has grown, nobody knows what was paid.
  await checkFile(PAYROLL_LINES + 1);
  await page.getByText("journal of other payments").waitFor();
  await isGood();
});

/** Chooses a payroll with an address book, and has its lines checked. */
async function checkFile(lines: number): Promise<void> {
  const book = { name: "names.csv", mimeType: "text/csv" };
  const buffer = Buffer.from(`name,owner\nBob,${bob}\n`);
  await page.getByLabel(/^Address book/).setInputFiles({ ...book, buffer });
  await page.getByLabel("Payments").setInputFiles(payroll(lines));
  await press("Check the file");
}

async function balanceOf(owner: string): Promise<bigint> {
  const { slots } = await alice.api.account(owner);
  return BigInt(slots[0]?.balance ?? 0);
}

test("others can be asked to pay, by link and QR code", async () => {
  await tab("Ask to be paid");
  await page.getByLabel(/^Amount/).fill("1.25");
  const link = page.getByRole("link", { name: /wallet\/send\?to=/ });
  assert.match((await link.textContent()) ?? "", /amount=1.25$/);
  await isGood();
  await link.click();
  assert.equal(await page.getByLabel("Amount").inputValue(), "1.25");
});

test("a withdrawal is claimed from the contract when it is final", async () => {
  await tab("Withdraw");
  await page.getByLabel("Amount").fill("0.25");
  await press("Withdraw");
  const sent = page.getByRole("status");
  await sent.getByText("finalised", { exact: true }).waitFor({ timeout: FINAL_MS_MAX });
  await isGood();
  await sent.getByRole("link").click();
  const link = page.getByRole("link", { name: /^batch \d+$/ }).first();
  batch = (await link.getAttribute("href")) ?? "";
  await page.goBack();
  await tab("Balance");
  await press("Claim");
  await page.getByText("The contract has paid.").waitFor();
  await page.getByText("Nothing can be claimed now.").waitFor();
  await isGood();
  await picture("wallet");
  await tab("Leave");
  await page.getByRole("button", { name: /^Exit slot/ }).waitFor();
  await isGood();
});

test("an exit is asked of L1 itself, and its hash leads to what became of it", async () => {
  await page.getByRole("button", { name: /^Exit slot/ }).click();
  await page.getByText("The contract has the request.").waitFor({ timeout: FINAL_MS_MAX });
  await isGood();
  await page.getByRole("status").getByRole("link").click();
  await page.locator("td", { hasText: /^exit/ }).waitFor();
  await page.locator(".badge.stage-finalised").waitFor({ timeout: FINAL_MS_MAX });
  // Two ether, without what was paid and withdrawn.
  await page.locator("td", { hasText: /^1\.24\d*\sETH$/ }).waitFor();
  await isGood();
  await page.goBack();
});

test("the batch is checked in the browser, against L1", async () => {
  await page.getByRole("searchbox").fill(batch.replace("/batch/", "batch "));
  await page.keyboard.press("Enter");
  await press("Check this batch");
  await page.getByText(AGREES).waitFor();
  const [green, grey] = REAL_PROOFS ? [7, 0] : [5, 2];
  assert.equal(await page.locator(".steps .green").count(), green);
  const notChecked = await page.locator(".steps .grey").count();
  assert.equal(notChecked, grey, "a development proof is not green");
  await page.getByText("The words that were checked").click();
  await page.getByText("withdraw").first().waitFor();
  await isGood();
  await page.locator(".steps").scrollIntoViewIfNeeded();
  await picture("check");
});

/** Checks the batch while the sequencer's answers are changed on their way. */
async function checkedWith(path: string, change: (body: Buffer) => string | Buffer) {
  await page.context().route(`**${path}`, async route => {
    const response = await route.fetch();
    await route.fulfill({ response, body: change(await response.body()) });
  });
  await page.goto(devnet.url + batch);
  await press("Check this batch");
  await page.getByText("The check failed").waitFor();
  const red = await page.locator(".steps .red").first().textContent();
  await page.context().unroute(`**${path}`);
  return red ?? "";
}

test("a sequencer that lies is found out", async () => {
  const other = await checkedWith(`/v1/batches/${batch.replace("/batch/", "")}`, body => {
    const { pre_state, ...rest } = JSON.parse(body.toString());
    return JSON.stringify({ ...rest, pre_state: rest.post_state });
  });
  assert.match(other, /L1 has another value of: state before/);
  const blob = await checkedWith("/v1/blobs/*", body => Buffer.alloc(body.length));
  assert.match(blob, /the words of the L1 transaction.*blob is not the one that L1 names/i);
  await isGood();
});

/** Runs in the page: announces a wallet that asks the node, and one whose user declines. */
function announceWallets(l1: string): void {
  const ask = async (call: { method: string; params?: unknown }) => {
    const method = call.method === "eth_requestAccounts" ? "eth_accounts" : call.method;
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, params: [], ...call, method });
    const headers = { "content-type": "application/json" };
    const { result, error } = await (await fetch(l1, { method: "POST", headers, body })).json();
    if (error) throw Object.assign(new Error(error.message), error);
    return result;
  };
  const decline = async (call: { method: string }) => {
    if (call.method !== "personal_sign") return ask(call);
    throw Object.assign(new Error("User rejected the request."), { code: 4_001 });
  };
  const wallets = { "Good wallet": ask, "Declining wallet": decline };
  window.addEventListener("eip6963:requestProvider", () => {
    for (const [name, request] of Object.entries(wallets)) {
      const detail = { info: { uuid: name, name }, provider: { request } };
      window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
    }
  });
}

test("wallets of the browser open the wallet, decline, and lend their node", async () => {
  const other = await watch.context.newPage();
  await other.addInitScript(announceWallets, devnet.l1);
  await other.goto(`${devnet.url}/wallet`);
  await other.getByRole("button", { name: "Open with Declining wallet" }).click();
  await other.getByText("declined in the wallet").waitFor();
  await other.getByRole("button", { name: "Open with Good wallet" }).click();
  await other.getByText("L1 account").waitFor();
  await other.goto(devnet.url + batch);
  await other.getByLabel("Read L1 through").selectOption("Good wallet");
  await other.getByRole("button", { name: "Check this batch" }).click();
  await other.getByText(AGREES).waitFor();
  await other.close();
});

test("every other page is accessible with real data, too", async () => {
  for (const path of ["/batches", "/block/2", "/slot/0", "/operator", `/account/${bob}`]) {
    await page.goto(devnet.url + path);
    await page.locator("h1").waitFor();
    await page.locator("dl.facts, table").first().waitFor();
    await isGood();
  }
  await page.goto(devnet.url);
  await page.locator(".capsule").first().waitFor();
  await payOn();
  await picture("live");
});

test("the page of the API's document asks the sequencer, and nobody else", async () => {
  await page.goto(`${devnet.url}/docs/`);
  await page.locator("#operations-status-rollup_status .opblock-summary-control").click();
  await press("Try it out");
  await press("Execute");
  await page.getByText('"chain_id": 31337').first().waitFor();
  assert.equal(await page.locator(".errors-wrapper").count(), 0);
});

test("an idle wallet locks itself", async () => {
  await page.clock.install();
  await page.goto(`${devnet.url}/wallet`);
  await page.getByRole("button", { name: /^Be Bob/ }).click();
  await page.getByText("L1 account").waitFor();
  await page.clock.fastForward("09:30");
  assert.ok(await page.getByText("L1 account").isVisible());
  await page.clock.fastForward("01:00");
  await page.getByText("locked itself after 10 idle minutes").waitFor();
  assert.equal(await page.getByText("L1 account").count(), 0);
});

test("no page broke its policy, asked others, or told the secret", async () => {
  assert.deepEqual(watch.faults, []);
  const signatures: string[] = [];
  const contract = (await (await fetch(`${devnet.url}/v1/status`)).json()).contract as string;
  const secret = await deriveKey(
    async message => {
      signatures.push(await account(3).signMessage({ message }));
      return signatures[0] as `0x${string}`;
    },
    keyText(31_337, contract),
  );
  const secrets = [toHex(secret.toBytes()), ...signatures].map(text => text.slice(2));
  assert.ok(watch.sent.some(body => body.includes("personal_sign")));
  for (const body of watch.sent) {
    assert.ok(!secrets.some(text => body.toLowerCase().includes(text)), body);
  }
  assert.equal(await page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })"), "{}");
  const journal = (await page.evaluate(`new Promise(resolve => {
    const opening = indexedDB.open("sheaf");
    opening.onsuccess = () => {
      const all = opening.result.transaction("payrolls").objectStore("payrolls").getAll();
      all.onsuccess = () => resolve(JSON.stringify(all.result));
    };
  })`)) as string;
  assert.match(journal, /"id":"0x[0-9a-f]{64}"/);
  assert.ok(![...secrets, "for May"].some(text => journal.includes(text)), journal);
});
