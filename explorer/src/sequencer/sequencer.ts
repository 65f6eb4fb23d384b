// The sequencer that serves this page: the SDK's routes, and those that only explorers ask.

import { Api, ApiError, Http } from "sheaf-sdk";
import type {
  Block,
  Job,
  L1TransactionBody,
  PayoutsBody,
  PendingRequest,
  Token,
  TransactionBody,
  TransactionsBody,
  VerifyingKeyBody,
  WordsBody,
} from "./bodies.ts";

/** Rows of a page. */
export const PAGE_ROWS = 25;
/** Words of a page. */
export const PAGE_WORDS = 256;

/** A place in a list, from an answer's `next`. */
export type Place = string | number | undefined;

/** The API of the sequencer at `base`. */
export class Sequencer extends Api {
  readonly #http: Http;

  constructor(base: string) {
    super(base);
    this.#http = new Http(base);
  }

  async blocks(before?: number, limit = PAGE_ROWS): Promise<Block[]> {
    const query = { before, limit };
    return (await this.#http.json<{ blocks: Block[] }>("/v1/blocks", { query })).blocks;
  }

  block(number: number): Promise<Block> {
    return this.#http.json(`/v1/blocks/${number}`);
  }

  transactionsOf(of: "blocks" | "batches", number: number, after: Place) {
    const query = { after, limit: PAGE_ROWS };
    return this.#http.json<TransactionsBody>(`/v1/${of}/${number}/transactions`, { query });
  }

  body(id: string): Promise<TransactionBody> {
    return this.#http.json(`/v1/transactions/${id}/body`);
  }

  words(batch: number, after: Place, limit = PAGE_WORDS): Promise<WordsBody> {
    return this.#http.json(`/v1/batches/${batch}/words`, { query: { after, limit } });
  }

  async jobs(batch: number): Promise<Job[]> {
    return (await this.#http.json<{ jobs: Job[] }>(`/v1/batches/${batch}/jobs`)).jobs;
  }

  async tokens(): Promise<Token[]> {
    return (await this.#http.json<{ tokens: Token[] }>("/v1/tokens")).tokens;
  }

  async pendingRequests(): Promise<PendingRequest[]> {
    const path = "/v1/requests/pending";
    return (await this.#http.json<{ requests: PendingRequest[] }>(path)).requests;
  }

  payouts(address: string): Promise<PayoutsBody> {
    return this.#http.json(`/v1/payouts/${address.toLowerCase()}`);
  }

  verifyingKey(): Promise<VerifyingKeyBody> {
    return this.#http.json("/v1/verifying-key");
  }

  l1Transaction(hash: string): Promise<L1TransactionBody> {
    return this.#http.json(`/v1/l1-transactions/${hash}`);
  }
}

/** Whether the sequencer is older than this page, and has not the route that was asked. */
export const isMissingRoute = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 404 && error.code === "route_not_found";

/** Whether what was asked for is not there. */
export const isNotFound = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 404 && !isMissingRoute(error);

/** The sequencer of this page. */
export const sequencer = new Sequencer(globalThis.location?.origin ?? "http://localhost");
