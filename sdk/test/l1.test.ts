// What becomes of a transaction that was sent to L1, with a made-up node.

import assert from "node:assert/strict";
import { test } from "node:test";
import { L1, type L1Client, type L1Wallet } from "../src/index.js";
import { domainOf, ownerToHex } from "../src/owner.js";

const CONTRACT = `0x${"11".repeat(20)}` as const;
const HASH = `0x${"ab".repeat(32)}` as const;
const CHAIN = 31_337;

/** The contract behind a node that answers these one after another when a receipt is asked for. */
async function contract(answers: (Error | { status: string })[]): Promise<L1> {
  const client = {
    getChainId: async () => CHAIN,
    readContract: async () => ownerToHex(domainOf(CHAIN, CONTRACT)),
    simulateContract: async () => undefined,
    getTransactionReceipt: async () => {
      const answer = answers.shift();
      if (answer instanceof Error || answer === undefined) throw answer ?? new Error("no more");
      return answer;
    },
  } as unknown as L1Client;
  const wallet = { account: { address: CONTRACT }, writeContract: async () => HASH };
  return L1.open({ contract: CONTRACT, client, wallet: wallet as unknown as L1Wallet });
}

test("a node that fails to answer does not end the wait for what was sent", async () => {
  const l1 = await contract([new Error("bad gateway"), { status: "success" }]);
  assert.equal((await l1.claim(0, CONTRACT)).status, "success");
});

test("a transaction that L1 has reverted is named", async () => {
  const l1 = await contract([{ status: "reverted" }]);
  const message = `L1 reverted the transaction ${HASH}`;
  await assert.rejects(l1.claim(0, CONTRACT), { code: "l1_reverted", message });
});

test("a transaction that is not mined in time is named, with what the node said last", async t => {
  t.mock.timers.enable({ apis: ["Date", "setTimeout"] });
  const l1 = await contract([]);
  const claimed = assert.rejects(l1.claim(0, CONTRACT), (error: Error) => {
    assert.match(error.message, new RegExp(`has not mined ${HASH} yet: ask for it before`));
    assert.equal((error.cause as Error).message, "no more");
    return true;
  });
  for (let second = 0; second < 200; second += 1) {
    await new Promise(resolve => setImmediate(resolve));
    t.mock.timers.tick(1_000);
  }
  await claimed;
});
