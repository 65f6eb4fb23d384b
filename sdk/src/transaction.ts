// Signed transactions, as the sequencer takes them (section 11).

import type { components } from "./generated/api.js";
import type { Hex } from "./hex.js";
import { publicKeyToHex, type SecretKey } from "./key.js";
import { messageOf, type Transaction } from "./message.js";
import { type Domain, ownerToText } from "./owner.js";
import { digestToHex } from "./poseidon.js";
import { sign } from "./signature.js";

type Schemas = components["schemas"];

/** What an owner signs, in JSON: one of the two. */
export interface UnsignedBody {
  transfer?: Schemas["TransferBody"];
  withdrawal?: Schemas["WithdrawalBody"];
}

/** A signed transaction in JSON. */
export type SignedTransactionBody = UnsignedBody & Omit<Schemas["SignedTransferBody"], "transfer">;

/** A signed transaction with the id under which the sequencer finds it. */
export interface SignedTransaction {
  id: Hex;
  body: SignedTransactionBody;
}

/** Who signs: a key with the L1 address that makes its owner. */
export interface Signer {
  secret: SecretKey;
  l1Address: string;
}

/** Signs a transaction of one rollup. */
export function signTransaction(
  transaction: Transaction,
  domain: Domain,
  signer: Signer,
): SignedTransaction {
  const message = messageOf(transaction, domain);
  const { secret, l1Address } = signer;
  const signed = {
    key: publicKeyToHex(secret.publicKey),
    l1_address: l1Address.toLowerCase(),
    signature: sign(secret, message),
  };
  return { id: digestToHex(message), body: { ...bodyOf(transaction), ...signed } };
}

/** A transaction in JSON, not signed yet. */
export function bodyOf(transaction: Transaction): UnsignedBody {
  const { slot, token, nonce, fee, validUntil } = transaction;
  const spending = { slot, token, nonce, fee: `${fee}`, valid_until: validUntil };
  if (transaction.kind === "withdrawal") {
    const { amount, recipient } = transaction;
    return {
      withdrawal: { ...spending, amount: `${amount}`, recipient: recipient.toLowerCase() },
    };
  }
  const payments = transaction.payments.map(({ owner, amount }) => ({
    owner: ownerToText(owner),
    amount: `${amount}`,
  }));
  return { transfer: { ...spending, payments } };
}
