// The story of a wallet, on a devnet with development proofs.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createTestClient, http } from "viem";
import type { PathBody, SignedTransaction, StreamedEvent } from "../src/index.js";
import {
  Api,
  batchEvent,
  checkBatch,
  DEVELOPMENT_KEY_HASH,
  deriveKey,
  digestFromHex,
  domainOf,
  isInState,
  isOfEvent,
  KzgSetup,
  keyText,
  ownerFromText,
  publishedBatch,
  Wallet,
} from "../src/index.js";
import { account, type Devnet, startDevnet } from "./devnet.js";
import { json, serve } from "./server.js";
import { fileOf } from "./vectors.js";

/** How long a batch may take to be final, on a busy machine. */
const FINAL = { timeoutMs: 300_000 };
/** Lines of the first payment in the README. */
const LINES_MAX = 15;

let devnet: Devnet;
let alice: Wallet;
let bob: Wallet;

before(async () => {
  devnet = await startDevnet();
  const { url, l1 } = devnet;
  alice = await Wallet.open({ url, l1, account: account(1) });
  bob = await Wallet.open({ url, l1, account: account(2) });
});
after(() => devnet?.stop());

test("the first payment of the README works, in few lines", async () => {
  const readme = fileOf("sdk/README.md");
  const program = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  assert.ok(program.trim().split("\n").length <= LINES_MAX);
  const here = program
    .replace("http://127.0.0.1:8080", devnet.url)
    .replace("http://127.0.0.1:8545", devnet.l1);
  const path = fileURLToPath(new URL("../readme.mjs", import.meta.url));
  writeFileSync(path, here);
  const had = await bob.balance();
  const printed = execFileSync(process.execPath, [path], {
    encoding: "utf8",
    timeout: FINAL.timeoutMs,
  });
  assert.match(printed, /^0x[0-9a-f]{64} is durable and cost \d+ gwei\nbatch \d+ is proven on L1/);
  assert.equal(await bob.balance(), had + 500_000_000n);
});

test("payments at once are all made, and what cannot be paid is refused", async () => {
  const had = await bob.balance();
  const pays = [1n, 2n, 3n].map(amount => alice.pay([{ owner: bob.owner, amount }]));
  const sent = await Promise.all(pays);
  assert.equal(new Set(sent.map(({ id }) => id)).size, 3);
  assert.equal(await bob.balance(), had + 6n);
  const all = [{ owner: bob.owner, amount: await alice.balance() }];
  await assert.rejects(alice.pay(all), { code: "balance_too_low" });
  await assert.rejects(alice.pay(all, 7), { code: "price_not_found" });
  const { url, l1 } = devnet;
  const poor = await Wallet.open({ url, l1, account: account(3) });
  await assert.rejects(poor.pay(all), { code: "no_balance" });
  // A refusal does not stop what follows.
  assert.ok(await alice.pay([{ owner: bob.owner, amount: 1n }]));
});

test("a payment is noted before it is sent, and made once however often it is sent", async () => {
  const had = await bob.balance();
  const noted: SignedTransaction[] = [];
  const unsent = alice.pay([{ owner: bob.owner, amount: 5n }], 0, async signed => {
    noted.push(signed);
    throw new Error("the disk is full");
  });
  await assert.rejects(unsent, /the disk is full/);
  assert.equal(await bob.balance(), had, "what could not be noted was not sent");
  const [signed] = noted;
  assert.ok(signed !== undefined);
  for (let time = 0; time < 2; time += 1) {
    assert.equal((await alice.submit(signed)).id, signed.id);
  }
  assert.equal(await bob.balance(), had + 5n);
});

test("two programs with one key that pay the same at once make both payments", async () => {
  const { url, l1 } = devnet;
  const twin = await Wallet.open({ url, l1, account: account(1) });
  const had = await bob.balance();
  const rounds = 3;
  for (let round = 0; round < rounds; round += 1) {
    const pay = (wallet: Wallet) => wallet.pay([{ owner: bob.owner, amount: 7n }]);
    const [one, other] = await Promise.all([pay(alice), pay(twin)]);
    assert.notEqual(one.id, other.id);
  }
  assert.equal(await bob.balance(), had + 14n * BigInt(rounds));
});

test("another rollup than the one that was meant is refused", async () => {
  const options = { url: devnet.url, l1: devnet.l1, account: account(1) };
  await assert.rejects(Wallet.open({ ...options, chainId: 1 }), { code: "other_rollup" });
  const contract = account(1).address;
  await assert.rejects(Wallet.open({ ...options, contract }), { code: "other_rollup" });
  const found = alice.l1.contract.toLowerCase() as typeof contract;
  assert.ok(await Wallet.open({ ...options, chainId: 31_337, contract: found }));
});

test("a deposit is credited, and a withdrawal is claimed after its batch was checked", async () => {
  const end = new AbortController();
  const seen: StreamedEvent[] = [];
  const follow = (async () => {
    for await (const event of alice.api.events({ signal: end.signal })) seen.push(event);
  })();
  const had = await alice.balance();
  const hash = await alice.deposit(1_000n);
  assert.equal(await alice.balance(), had + 1_000n);
  const { requests } = await alice.api.requestsOfL1Transaction(hash);
  const facts = requests.map(({ kind, owner, amount }) => ({ kind, owner, amount }));
  assert.deepEqual(facts, [{ kind: "deposit", owner: alice.owner, amount: "1000" }]);
  const { id } = await alice.withdraw(700n);
  const { batch = 0 } = await alice.wait(id, "finalised", FINAL);
  assert.ok(batch);
  await checkedOnL1(batch);
  assert.equal((await alice.l1.pending(alice.l1.account)).amount, 700n);
  await alice.claim();
  assert.equal((await alice.l1.pending(alice.l1.account)).amount, 0n);
  const nothing = { code: "l1_reverted", message: "the contract refuses: NothingToClaim" };
  await assert.rejects(alice.claim(), nothing);
  end.abort();
  await follow;
  const isFinal = (event: StreamedEvent) =>
    event.event === "batch" && event.number === batch && event.state === "finalised";
  assert.ok(seen.some(isFinal));
});

/** Checks a batch by its event, its transaction and its blobs. */
async function checkedOnL1(number: number): Promise<void> {
  const setupPath = "sdk/node_modules/viem/trusted-setups/mainnet.json";
  const setup = new KzgSetup(
    (JSON.parse(fileOf(setupPath)) as { g1_monomial: string[] }).g1_monomial,
  );
  const { l1_block: l1Block, l1_transaction: hash } = await alice.api.batch(number);
  assert.equal((await alice.api.batchOfL1Transaction(`${hash}`)).number, number);
  const event = await batchEvent(alice.l1, BigInt(number), BigInt(l1Block ?? 0));
  assert.deepEqual(await batchEvent(alice.l1, BigInt(number)), event);
  const reading = { setup, blob: (hash: string) => alice.api.blob(hash) };
  const published = await publishedBatch(alice.l1.client, event, reading);
  assert.equal(published.data.mode, "blobs");
  const checked = checkBatch(published, "development");
  assert.ok(isOfEvent(checked, event));
  assert.equal(await alice.l1.keyHash(), DEVELOPMENT_KEY_HASH);
  const { proof, public_inputs: inputs, development } = await alice.api.proof(number);
  assert.ok(development && BigInt(proof.slice(0, 66)) === published.proof[0]);
  assert.deepEqual(inputs.map(BigInt), checked.inputs);
  assert.ok(checked.effects.some(effect => effect.kind === "withdraw" && effect.amount === 700n));
  // A source that hands out another blob is found out.
  const lying = { setup, blob: async () => new Uint8Array(131_072) };
  const other = await publishedBatch(alice.l1.client, event, lying);
  assert.throws(() => checkBatch(other, "development"), { code: "malformed_blob" });
  await assert.rejects(batchEvent(alice.l1, 1_000_000n), { code: "batch_not_on_l1" });
}

test("a slot's path leads to the State on L1, and no other slot's does", async () => {
  const path = await pathOnL1();
  const state = await alice.l1.state();
  assert.ok(isOnPath(path, state));
  assert.ok(!isOnPath({ ...path, balance: `${BigInt(path.balance) + 1n}` }, state));
});

/** Alice's slot with its path, of the batch that L1 has verified last. */
async function pathOnL1(): Promise<PathBody> {
  const { id } = await alice.pay([{ owner: bob.owner, amount: 1n }]);
  await alice.wait(id, "finalised", FINAL);
  const { slot } = await alice.api.nonce(alice.owner);
  return alice.api.slotPath(slot);
}

function isOnPath(path: PathBody, state: Awaited<ReturnType<typeof alice.l1.state>>): boolean {
  const owner = ownerFromText(path.owner);
  const { slot: index, token, nonce } = path;
  const slot = { index, owner, token, balance: BigInt(path.balance), nonce };
  const domain = domainOf(31_337, alice.l1.contract);
  const siblings = path.siblings.map(digestFromHex);
  return isInState(slot, { siblings, nextSlot: BigInt(path.next_slot), domain }, state);
}

test("a transaction that the sequencer has forgotten is said to be open", async () => {
  const api = new Api(devnet.url);
  const between = await serve((_, { method, url }, response) => {
    if (method === "POST") return json(response, 202, { stage: "accepted", durable: false });
    const passOn = async () => {
      const answer = await fetch(`${devnet.url}${url}`);
      json(response, answer.status, await answer.json());
    };
    passOn().catch(() => response.destroy());
  });
  const wallet = await Wallet.open({ url: between.url, l1: devnet.l1, account: account(1) });
  const paid = wallet.pay([{ owner: bob.owner, amount: 1n }]);
  await assert.rejects(paid, (error: Error & { code: string }) => {
    assert.equal(error.code, "outcome_unknown");
    assert.match(error.message, /0x[0-9a-f]{64} was paid is not known: ask/);
    return true;
  });
  await between.close();
  assert.ok(await api.status());
});

test("the client's routes are the document's", async () => {
  const { paths } = (await alice.api.openapi()) as { paths: Record<string, object> };
  const source = ["api", "events"].map(name => fileOf(`sdk/src/${name}.ts`)).join();
  const asked = [...source.matchAll(/["`](\/(?:v1|healthz)[^"`]*)["`]/g)].map(([, path = ""]) =>
    path.replace(/\$\{[^}]*\}/g, "{}"),
  );
  // The types are made of a copy, which is the document that the program serves.
  assert.deepEqual(JSON.parse(fileOf("sdk/openapi.json")), await alice.api.openapi());
  const forms = Object.keys(paths).map(path => path.replace(/\{[^}]*\}/g, "{}"));
  // The routes of workers are left out.
  const open = forms.filter(path => !path.startsWith("/v1/jobs/") || path.endsWith("/requeue"));
  assert.deepEqual([...new Set(asked)].sort(), open.sort());
  assert.ok((await alice.api.health()).healthy);
  assert.ok((await alice.api.closeBatch("wrong").catch(error => error)).status === 401);
});

// The last test: nothing works on L2 afterwards.
test("a rollup whose operator is silent is left by L1 alone", async () => {
  const path = await pathOnL1();
  const { publicKey } = await deriveKey(
    message => account(1).signMessage({ message }),
    keyText(31_337, alice.l1.contract),
  );
  await assert.rejects(alice.escape(path.slot), { message: "the contract refuses: NotFrozen" });
  devnet.silence();
  await alice.requestExit(path.slot);
  await alice.l1.depositEther(50n, ownerFromText(alice.owner));
  const waiting = await alice.l1.waitingRequests(alice.l1.account);
  assert.equal(waiting.length, 2);
  assert.deepEqual(await alice.l1.waitingRequests(bob.l1.account), []);
  await assert.rejects(alice.l1.freeze(path), { code: "l1_reverted" });
  const anvil = createTestClient({ mode: "anvil", transport: http(devnet.l1) });
  await anvil.increaseTime({ seconds: 30 * 86_400 });
  await anvil.mine({ blocks: 1 });
  await alice.l1.freeze(path);
  const richer = { ...path, balance: `${BigInt(path.balance) + 1n}` };
  const leave = (path: PathBody) => alice.l1.escape(path, publicKey, alice.l1.account);
  await assert.rejects(leave(richer), { message: "the contract refuses: NotInTree" });
  await leave(path);
  await assert.rejects(leave(path), { message: "the contract refuses: EscapedAlready" });
  assert.equal((await alice.refunds()).length, 2);
  assert.deepEqual(await alice.l1.waitingRequests(alice.l1.account), []);
  const { amount } = await alice.l1.pending(alice.l1.account);
  assert.ok(amount > BigInt(path.balance) + 50n, "with the prices and the bond");
  await alice.claim();
});
