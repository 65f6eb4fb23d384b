// The bodies of routes that the SDK does not ask yet.

/** A durable block. */
export interface Block {
  number: number;
  batch: number;
  executed_ms: number;
  transactions: number;
  requests: number;
  /** Why the block is the last of its batch. */
  closes?: string | null;
}

/** The fields that the owner of a slot has signed, whatever the transaction does. */
interface Spending {
  slot: number;
  token: number;
  nonce: number;
  fee: string;
  valid_until: number;
}

/** A transfer as it was submitted. */
export interface TransferBody extends Spending {
  payments: { owner: string; amount: string }[];
}

/** A withdrawal as it was submitted. */
export interface WithdrawalBody extends Spending {
  amount: string;
  recipient: string;
}

/** A durable transaction with what it does: a transfer or a withdrawal. */
export interface TransactionBody {
  id: string;
  block: number;
  position: number;
  batch: number;
  executed_ms: number;
  owner: string;
  transfer?: TransferBody;
  withdrawal?: WithdrawalBody;
  /** The place of its words among the batch's data words. */
  data_words?: { first: number; count: number };
}

/** A page of transactions; `next` is the following page's `after`. */
export interface TransactionsBody {
  transactions: TransactionBody[];
  next?: string | number | null;
}

/** A published word, or a pair of L1 words, with what it says under the names of the protocol. */
export interface WordBody {
  index: number;
  word?: string;
  a?: string;
  b?: string;
  [meaning: string]: unknown;
}

/** A page of a batch's words. */
export interface WordsBody {
  batch: number;
  data_words: WordBody[];
  l1_words: WordBody[];
  next?: string | number | null;
}

/** The state of a proof that is to be made. */
export type JobState = "waiting" | "ready" | "leased" | "done" | "quarantined";

/** A node of a batch's proof tree. */
export interface Job {
  job: number;
  /** The name of `ProofStep`: `entry-3`, `join-entry-0-2`, `batch`, `wrap`. */
  step: string;
  state: JobState;
  worker?: string | null;
  started_ms?: number | null;
  finished_ms?: number | null;
}

/** A token of the contract's list. */
export interface Token {
  token: number;
  address: string;
  /** Empty if the token's contract says none. */
  symbol: string;
  /** Absent if the token's contract does not say. */
  decimals?: number | null;
  /** L1 units in one L2 unit. */
  scale: string | number;
  cap?: string | null;
}

/** What the contract's queue has, and no durable block yet. */
export interface PendingRequest {
  number: number;
  kind: "deposit" | "exit";
  token?: number | null;
  slot?: number | null;
  owner?: string | null;
  amount?: string | null;
  l1_transaction?: string | null;
  l1_block: number;
  confirmations: number;
  confirmations_needed: number;
}

/** What an L1 address may claim, and what final batches will add. */
export interface PayoutsBody {
  l1_address: string;
  payouts: { token: number; claimable: string; pending: string }[];
}

/** The words of the verifying key, in the contract's order. */
export interface VerifyingKeyBody {
  hash: string;
  key: string[];
}

/** What an L1 transaction did to the rollup. */
export interface L1TransactionBody {
  l1_transaction: string;
  batch?: number | null;
  requests?: number[];
}
