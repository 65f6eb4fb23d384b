// The routes of a sequencer that wallets, explorers and operators ask (section 11).
//
// The routes of provers are left out: their bodies are the prover's own.

import type {
  AccountBody,
  BatchBody,
  BatchesBody,
  BlockBody,
  BlocksBody,
  HealthBody,
  HistoryBody,
  JobsBody,
  L1RequestsBody,
  NonceBody,
  PathBody,
  PayoutsBody,
  ProofBody,
  QuoteBody,
  SlotBody,
  StatusBody,
  TokensBody,
  TransactionBody,
  TransactionStatus,
  TransactionsBody,
  VerifyingKeyBody,
  WordsBody,
} from "./answers.js";
import { BINARY_TYPE, decodeStatuses, encodeTransactions } from "./binary.js";
import { type EventsOptions, events, type StreamedEvent } from "./events.js";
import { Http, type HttpOptions } from "./http.js";
import type { SignedTransactionBody } from "./transaction.js";

/** A page: what comes before a place, and at most so many. */
export interface Page<Before> {
  before?: Before;
  limit?: number;
}

/** A page of a list that is read from its beginning: what comes after a page, by its `next`. */
export interface PageAfter<After> {
  after?: After;
  limit?: number;
}

/** The API of one sequencer. Each call throws `ApiError`, or `SheafError` where nobody answers. */
export class Api {
  readonly #http: Http;

  /** Prepares a client. Nothing is sent yet. */
  constructor(url: string, options?: HttpOptions) {
    this.#http = new Http(url, options);
  }

  /** The state of the rollup. */
  status(): Promise<StatusBody> {
    return this.#http.json("/v1/status");
  }

  /** Whether blocks and batches advance; `ApiError` 503 says what is stuck. */
  health(): Promise<HealthBody> {
    return this.#http.json("/healthz");
  }

  /** Sends a transaction. To send it again is harmless. */
  submit(transaction: SignedTransactionBody): Promise<TransactionStatus> {
    return this.#http.json("/v1/transactions", { method: "POST", body: transaction });
  }

  /** Sends 1 to 1,024 transactions, in binary form. A refused one does not stop the others. */
  async submitAll(transactions: readonly SignedTransactionBody[]): Promise<TransactionStatus[]> {
    const headers = { "content-type": BINARY_TYPE, accept: BINARY_TYPE };
    const body = encodeTransactions(transactions);
    return decodeStatuses(
      await this.#http.bytes("/v1/transactions", { method: "POST", headers, body }),
    );
  }

  /** What became of a transaction. */
  transaction(id: string): Promise<TransactionStatus> {
    return this.#http.json(`/v1/transactions/${id}`);
  }

  /** A durable transaction as its owner signed it: whom it pays, and where it is in the log. */
  transactionBody(id: string): Promise<TransactionBody> {
    return this.#http.json(`/v1/transactions/${id}/body`);
  }

  /** An owner's slots; none for an owner who was never paid. */
  account(owner: string): Promise<AccountBody> {
    return this.#http.json(`/v1/accounts/${owner}`);
  }

  /** The nonce that an owner signs next. */
  nonce(owner: string, token = 0): Promise<NonceBody> {
    return this.#http.json(`/v1/accounts/${owner}/nonce`, { query: { token } });
  }

  /** A page of the movements of an owner's balances, the newest first. */
  history(owner: string, page: Page<string> = {}): Promise<HistoryBody> {
    return this.#http.json(`/v1/accounts/${owner}/transactions`, { query: { ...page } });
  }

  /** A slot after the newest durable block. */
  slot(index: number): Promise<SlotBody> {
    return this.#http.json(`/v1/slots/${index}`);
  }

  /** A slot after the newest final batch, with its path. */
  slotPath(index: number): Promise<PathBody> {
    return this.#http.json(`/v1/slots/${index}/path`);
  }

  /** The least fee of a transfer with so many payments. A withdrawal's is that of one. */
  quote(token = 0, payments = 1): Promise<QuoteBody> {
    return this.#http.json("/v1/fees/quote", { query: { token, payments } });
  }

  /** A page of blocks, the newest first. Only an empty page is the last. */
  blocks(page: Page<number> = {}): Promise<BlocksBody> {
    return this.#http.json("/v1/blocks", { query: { ...page } });
  }

  /** A durable block. */
  block(number: number): Promise<BlockBody> {
    return this.#http.json(`/v1/blocks/${number}`);
  }

  /** A page of the transactions of a block. */
  blockTransactions(block: number, page: PageAfter<string> = {}): Promise<TransactionsBody> {
    return this.#http.json(`/v1/blocks/${block}/transactions`, { query: { ...page } });
  }

  /** A page of batches, the newest first. */
  batches(page: Page<number> = {}): Promise<BatchesBody> {
    return this.#http.json("/v1/batches", { query: { ...page } });
  }

  /** A sealed batch. */
  batch(number: number): Promise<BatchBody> {
    return this.#http.json(`/v1/batches/${number}`);
  }

  /** The batch that an L1 transaction brings to L1. */
  batchOfL1Transaction(hash: string): Promise<BatchBody> {
    return this.#http.json(`/v1/l1-transactions/${hash}/batch`);
  }

  /** A page of the transactions of a sealed batch. */
  batchTransactions(batch: number, page: PageAfter<string> = {}): Promise<TransactionsBody> {
    return this.#http.json(`/v1/batches/${batch}/transactions`, { query: { ...page } });
  }

  /** A page of what a batch publishes on L1, word by word, as the sequencer reads it. */
  words(batch: number, page: PageAfter<number> = {}): Promise<WordsBody> {
    return this.#http.json(`/v1/batches/${batch}/words`, { query: { ...page } });
  }

  /** The jobs that prove a batch, and who works on them. */
  jobs(batch: number): Promise<JobsBody> {
    return this.#http.json(`/v1/batches/${batch}/jobs`);
  }

  /** The proof of a batch, as L1 verifies it. */
  proof(batch: number): Promise<ProofBody> {
    return this.#http.json(`/v1/batches/${batch}/proof`);
  }

  /** A blob that a batch has published. Compare it with its hash before its words are believed. */
  blob(versionedHash: string): Promise<Uint8Array> {
    return this.#http.bytes(`/v1/blobs/${versionedHash}`);
  }

  /** The key that proofs are verified with. Compare its hash with the contract's. */
  verifyingKey(): Promise<VerifyingKeyBody> {
    return this.#http.json("/v1/verifying-key");
  }

  /** The tokens of the contract's list. */
  tokens(): Promise<TokensBody> {
    return this.#http.json("/v1/tokens");
  }

  /** Requests of L1 that no durable block has consumed, with their confirmations. */
  pendingRequests(): Promise<L1RequestsBody> {
    return this.#http.json("/v1/requests/pending");
  }

  /** The requests that an L1 transaction made, and how far they are; none of another one. */
  requestsOfL1Transaction(hash: string): Promise<L1RequestsBody> {
    return this.#http.json(`/v1/l1-transactions/${hash}/requests`);
  }

  /** What the contract pays to an L1 address, now and once batches are final that are not yet. */
  payouts(l1Address: string): Promise<PayoutsBody> {
    return this.#http.json(`/v1/payouts/${l1Address}`);
  }

  /** The API's own document. */
  openapi(): Promise<unknown> {
    return this.#http.json("/v1/openapi.json");
  }

  /** Closes the open batch; an operator's route. */
  closeBatch(operatorToken: string): Promise<{ batch: number }> {
    const headers = { authorization: `Bearer ${operatorToken}` };
    return this.#http.json("/v1/batches", { method: "POST", headers });
  }

  /** Gives a quarantined job to workers again; an operator's route. */
  async requeue(job: number, operatorToken: string): Promise<void> {
    const headers = { authorization: `Bearer ${operatorToken}` };
    await this.#http.bytes(`/v1/jobs/${job}/requeue`, { method: "POST", headers });
  }

  /** Blocks and batches as they advance, over as many connections as it takes. */
  events(options?: EventsOptions): AsyncGenerator<StreamedEvent> {
    return events(this.#http, options);
  }
}
