import assert from "node:assert/strict";
import { test } from "node:test";
import type { StatusBody } from "sheaf-sdk";
import { ETHER } from "../src/sequencer/tokens.ts";
import { askingLink } from "../src/wallet/ask.tsx";
import { devnetNode, nodeFault } from "../src/wallet/provider.ts";
import { readRow } from "../src/wallet/send.tsx";

const OWNER = "sheaf164mvfc0f86v7rjkep22v3w4jl65d0wgf92khe0qn27470";
const status = (chain_id: number, node: string | null) =>
  ({ chain_id, l1: { node, nodes: [], compared: true } }) as unknown as StatusBody;

test("only a devnet of this machine offers funded accounts", () => {
  assert.equal(devnetNode(status(31_337, "127.0.0.1:8545")), "http://127.0.0.1:8545");
  assert.equal(devnetNode(status(1, "127.0.0.1:8545")), undefined);
  assert.equal(devnetNode(status(31_337, "node.example:8545")), undefined);
  assert.equal(devnetNode(status(31_337, "127.0.0.1:8545@evil.example")), undefined);
  assert.equal(devnetNode(status(31_337, null)), undefined);
  assert.equal(devnetNode(undefined), undefined);
});

test("a node that the page's policy forbids is refused with a reason", () => {
  for (const url of ["https://node.example", "http://127.0.0.1:8545", "http://localhost/x"]) {
    assert.equal(nodeFault(url), undefined, url);
  }
  for (const url of ["", "http://node.example", "http://127.0.0.1.evil.example", "ftp://x"]) {
    assert.match(nodeFault(url) ?? "", /neither/, url);
  }
});

test("a link that asks to be paid fills in the form", () => {
  const link = askingLink("http://here", { owner: OWNER, amount: "1 000.5", token: 2 });
  const query = new URL(link).searchParams;
  assert.deepEqual(
    [...query],
    [
      ["to", OWNER],
      ["amount", "1000.5"],
      ["token", "2"],
    ],
  );
  const bare = askingLink("http://here", { owner: OWNER, amount: "", token: 0 });
  assert.equal(bare, `http://here/wallet/send?to=${OWNER}`);
});

test("a row of the form pays, or says what is wrong with it", () => {
  const row = readRow({ to: ` ${OWNER} `, amount: "1.5" }, ETHER);
  assert.deepEqual(row, { payment: { owner: OWNER, amount: 1_500_000_000n } });
  const wrong = readRow({ to: OWNER.slice(1), amount: "0" }, ETHER);
  assert.match(wrong.toFault ?? "", /copy it again/);
  assert.match(wrong.amountFault ?? "", /zero/);
  assert.equal(wrong.payment, undefined);
});
