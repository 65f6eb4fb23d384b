import assert from "node:assert/strict";
import { test } from "node:test";
import { bech32m } from "@scure/base";
import { privateKeyToAccount } from "viem/accounts";
import { elementsToBytes, P } from "../src/field.js";
import { type Hex, toHex } from "../src/hex.js";
import { deriveKey, keyText, publicKeyFromHex, publicKeyToHex, SecretKey } from "../src/key.js";
import {
  addressLimbs,
  domainOf,
  ownerFromHex,
  ownerFromText,
  ownerOf,
  ownerToHex,
  ownerToText,
} from "../src/owner.js";
import { elements, fileOf, vectors } from "./vectors.js";

const file = vectors<{
  text: string;
  derived: { "l1 signature": Hex; secret: string; key: string }[];
  owners: {
    key: string;
    address: string;
    owner: string;
    bytes24: string;
    elements: string[];
    limbs: string[];
  }[];
}>("ledger/vectors/key.json");
const tree = vectors<{ chain_id: number; contract: string; domain: string[] }>(
  "ledger/vectors/tree.json",
);

// The second account of the mnemonic "test test … junk".
const ACCOUNT = privateKeyToAccount(
  "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
);
const CONTRACT = "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512";

test("the text to sign is that of the vectors and of the protocol", () => {
  const [, contract = ""] = file.text.split("contract ");
  assert.equal(keyText(31_337, contract.toUpperCase().replace("0X", "0x")), file.text);
  const printed = fileOf("docs/protocol.md").split("- **derivation**")[1]?.split("```")[1]?.trim();
  const filled = printed?.replace("{chain_id}", "31337").replace("{contract}", CONTRACT);
  assert.equal(keyText(31_337n, CONTRACT), filled);
});

test("signatures of wallets make the keys of the vectors", () => {
  for (const { "l1 signature": signature, secret, key } of file.derived) {
    const derived = SecretKey.fromL1Signature(signature);
    assert.equal(toHex(derived.toBytes()), secret);
    assert.equal(publicKeyToHex(derived.publicKey), key);
  }
});

test("a parity of 0 or 1 is read as 27 or 28, and another is refused", () => {
  const [derived] = file.derived;
  assert.ok(derived);
  const bare = derived["l1 signature"].slice(0, -2);
  assert.ok(derived["l1 signature"].endsWith("1b"));
  const key = SecretKey.fromL1Signature(`${bare}00` as Hex);
  assert.equal(toHex(key.toBytes()), derived.secret);
  const [, odd] = file.derived;
  assert.ok(odd);
  const other = SecretKey.fromL1Signature(odd["l1 signature"].replace(/1c$/, "01") as Hex);
  assert.equal(toHex(other.toBytes()), odd.secret);
  for (const parity of ["02", "1a", "1d", "ff"]) {
    assert.throws(() => SecretKey.fromL1Signature(`${bare}${parity}` as Hex), {
      code: "malformed_signature",
    });
  }
});

test("a real account makes the key that the protocol prints", async () => {
  const sign = (message: string) => ACCOUNT.signMessage({ message });
  const secret = await deriveKey(sign, keyText(31_337, CONTRACT));
  const protocol = fileOf("docs/protocol.md");
  assert.ok(protocol.includes(`sk        ${toHex(secret.toBytes())}`));
  assert.ok(protocol.includes(`key       ${publicKeyToHex(secret.publicKey)}`));
  const owner = ownerToText(ownerOf(secret.publicKey, ACCOUNT.address));
  assert.ok(protocol.includes(`owner     ${owner}`));
});

test("a wallet that signs differently each time gets no key", async () => {
  let asked = 0;
  const sign = async (): Promise<Hex> => {
    asked += 1;
    return `0x${"5a".repeat(63)}0${asked}1b`;
  };
  await assert.rejects(deriveKey(sign, "text"), { code: "wallet_signature_changes" });
  assert.equal(asked, 2);
});

test("a secret is not shown by logs and JSON, and zero is none", () => {
  const [derived] = file.derived;
  assert.ok(derived);
  const secret = SecretKey.fromL1Signature(derived["l1 signature"]);
  assert.ok(!JSON.stringify({ secret }).includes(derived.secret.slice(2)));
  assert.throws(() => SecretKey.fromBytes(new Uint8Array(40)), { code: "zero_secret" });
});

test("owners have the elements, bytes and texts of the vectors", () => {
  for (const { key, address, owner, bytes24, elements: three, limbs } of file.owners) {
    const found = ownerOf(publicKeyFromHex(key), address);
    assert.deepEqual(addressLimbs(address), elements(limbs));
    assert.deepEqual(found, elements(three));
    assert.equal(ownerToHex(found), bytes24);
    assert.equal(ownerToText(found), owner);
    assert.deepEqual(ownerFromHex(bytes24), found);
    assert.deepEqual(ownerFromText(owner), found);
    assert.deepEqual(ownerFromText(owner.toUpperCase()), found);
  }
  assert.equal(file.owners.length, 2);
});

test("texts that are no owner are refused", () => {
  const owner = file.owners[0]?.owner ?? "";
  const mistyped = owner.replace("7", "8");
  const mixed = `S${owner.slice(1)}`;
  for (const text of [mistyped, mixed, owner.slice(0, -1), `${owner}q`, "", "sheaf1"]) {
    assert.throws(() => ownerFromText(text), { code: "malformed_owner" }, text);
  }
  for (const length of [16, 25, 32]) {
    const text = bech32m.encodeFromBytes("sheaf", new Uint8Array(length));
    assert.throws(() => ownerFromText(text), { code: "malformed_owner" }, text);
  }
  const tooLarge = toHex(elementsToBytes([1n, 2n, P - 1n])).replace(/.$/, "1");
  assert.throws(() => ownerFromHex(tooLarge), { code: "not_canonical" });
});

test("the domain is that of the vectors", () => {
  assert.deepEqual(domainOf(tree.chain_id, tree.contract), elements(tree.domain));
  assert.notDeepEqual(domainOf(1, tree.contract), elements(tree.domain));
});
