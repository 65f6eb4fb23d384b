import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex } from "../src/hex.js";
import { publicKeyFromHex, SecretKey } from "../src/key.js";
import { messageOf, type Transaction } from "../src/message.js";
import { domainOf, ownerFromText, ownerOf, ownerToText } from "../src/owner.js";
import { digestToHex } from "../src/poseidon.js";
import { verify } from "../src/signature.js";
import { bodyOf, type SignedTransactionBody, signTransaction } from "../src/transaction.js";
import { first, vectors } from "./vectors.js";

const file = vectors<{
  chain_id: number;
  contract: string;
  examples: { id: string; owner: string; signed: SignedTransactionBody }[];
}>("ledger/vectors/transactions.json");
const domain = domainOf(file.chain_id, file.contract);

/** The transaction of a body, as a wallet holds it. */
function transactionOf({ transfer, withdrawal }: SignedTransactionBody): Transaction {
  const body = transfer ?? withdrawal;
  assert.ok(body);
  const { slot, token, nonce, valid_until: validUntil } = body;
  const spending = { slot, token, nonce, fee: BigInt(body.fee), validUntil };
  if (withdrawal) {
    const { amount, recipient } = withdrawal;
    return { kind: "withdrawal", ...spending, amount: BigInt(amount), recipient };
  }
  const payments = transfer?.payments.map(({ owner, amount }) => ({
    owner: ownerFromText(owner),
    amount: BigInt(amount),
  }));
  return { kind: "transfer", ...spending, payments: payments ?? [] };
}

const [transfer, withdrawal] = file.examples.map(({ signed }) => transactionOf(signed));
assert.ok(transfer?.kind === "transfer" && withdrawal?.kind === "withdrawal");

test("ids, signatures and owners of the examples are those of the vectors", () => {
  for (const { id, owner, signed } of file.examples) {
    const transaction = transactionOf(signed);
    const message = messageOf(transaction, domain);
    assert.equal(digestToHex(message), id);
    const key = publicKeyFromHex(signed.key);
    assert.equal(ownerToText(ownerOf(key, signed.l1_address)), owner);
    assert.ok(verify(signed.signature, key, message));
    const { key: _, l1_address: __, signature: ___, ...body } = signed;
    assert.deepEqual(bodyOf(transaction), body);
  }
  assert.equal(file.examples.length, 2);
});

test("addresses are sent in lower case, as the vectors have them", () => {
  const recipient = withdrawal.recipient.toUpperCase().replace("0X", "0x");
  assert.deepEqual(bodyOf({ ...withdrawal, recipient }), bodyOf(withdrawal));
});

test("each part of a transaction is part of its message", () => {
  const other = domainOf(1, file.contract);
  const id = (transaction: Transaction) => digestToHex(messageOf(transaction, domain));
  const changed: Transaction[] = [
    { ...transfer, slot: 1 },
    { ...transfer, token: 1 },
    { ...transfer, nonce: 1 },
    { ...transfer, fee: 12n },
    { ...transfer, validUntil: transfer.validUntil + 1 },
    { ...transfer, payments: transfer.payments.toReversed() },
    { ...transfer, payments: transfer.payments.slice(1) },
    { ...withdrawal, amount: 71n },
    { ...withdrawal, recipient: `0x${"f0".repeat(20)}` },
  ];
  const ids = [transfer, withdrawal, ...changed].map(id);
  ids.push(digestToHex(messageOf(transfer, other)));
  assert.equal(new Set(ids).size, ids.length);
});

test("a signed transaction is valid, and says who signed", () => {
  const secret = SecretKey.fromBytes(new Uint8Array(40).fill(9));
  const l1Address = "0xEeEEeEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE";
  const signed = signTransaction(transfer, domain, { secret, l1Address });
  assert.equal(signed.id, first(file.examples).id, "an id does not depend on the key");
  assert.equal(signed.body.l1_address, l1Address.toLowerCase());
  const message = messageOf(transfer, domain);
  assert.ok(verify(signed.body.signature, publicKeyFromHex(signed.body.key), message));
  assert.equal(fromHex(signed.body.signature).length, 80);
});

test("what breaks a rule of form is not signed", () => {
  const [payment] = transfer.payments;
  assert.ok(payment);
  const broken: Transaction[] = [
    { ...transfer, payments: [] },
    { ...transfer, payments: new Array(1_025).fill(payment) },
    { ...transfer, payments: [{ ...payment, amount: 0n }, payment] },
    { ...transfer, payments: [{ ...payment, amount: 2n ** 62n - 1n }, payment] },
    { ...transfer, fee: 2n ** 62n },
    { ...transfer, nonce: 2 ** 32 - 1 },
    { ...transfer, validUntil: 2 ** 32 - 1 },
    { ...transfer, token: 2 ** 16 },
    { ...transfer, slot: 0.5 },
    { ...withdrawal, amount: 0n },
  ];
  for (const transaction of broken) {
    assert.throws(() => messageOf(transaction, domain), { code: "rule_of_form" });
  }
  const none = { code: "rule_of_form", message: "a transfer needs a payment" };
  assert.throws(() => messageOf({ ...transfer, payments: [] }, domain), none);
  const most = { ...transfer, payments: [{ ...payment, amount: 2n ** 62n - 1n }] };
  assert.ok(messageOf(most, domain));
  assert.throws(() => messageOf({ ...withdrawal, recipient: "0x12" }, domain), {
    code: "malformed_hex",
  });
});
