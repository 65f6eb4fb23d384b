// The bodies of the sequencer's API, with the types of its own document.

import type { components } from "./generated/api.js";

type Schemas = components["schemas"];

export type AccountBody = Schemas["AccountBody"];
export type BatchBody = Schemas["BatchBody"];
export type BatchesBody = Schemas["BatchesBody"];
export type BlockBody = Schemas["BlockBody"];
export type BlocksBody = Schemas["BlocksBody"];
export type DataWordBody = Schemas["DataWordBody"];
export type ErrorDetail = Schemas["ErrorDetail"];
export type EventBody = Schemas["Event"];
export type HealthBody = Schemas["HealthBody"];
export type HistoryBody = Schemas["HistoryBody"];
export type JobBody = Schemas["JobBody"];
export type JobsBody = Schemas["JobsBody"];
export type L1RequestBody = Schemas["L1RequestBody"];
export type L1RequestsBody = Schemas["L1RequestsBody"];
export type L1WordsBody = Schemas["L1WordsBody"];
export type MovementBody = Schemas["MovementBody"];
export type NonceBody = Schemas["NonceBody"];
export type PathBody = Schemas["PathBody"];
export type PayoutsBody = Schemas["PayoutsBody"];
export type ProofBody = Schemas["ProofBody"];
export type QuoteBody = Schemas["QuoteBody"];
export type SlotBody = Schemas["SlotBody"];
export type Stage = Schemas["Stage"];
export type StatusBody = Schemas["StatusBody"];
export type TokenBody = Schemas["TokenBody"];
export type TokensBody = Schemas["TokensBody"];
export type TransactionBody = Schemas["TransactionBody"];
export type TransactionStatus = Schemas["TransactionStatus"];
export type TransactionsBody = Schemas["TransactionsBody"];
export type TransferBody = Schemas["TransferBody"];
export type VerifyingKeyBody = Schemas["VerifyingKeyBody"];
export type WithdrawalBody = Schemas["WithdrawalBody"];
export type WordsBody = Schemas["WordsBody"];

/** The stages of a transaction, in order; `rejected` is the other end. */
export const STAGES = [
  "received",
  "accepted",
  "executed",
  "sealed",
  "proven",
  "submitted",
  "finalised",
] as const satisfies readonly Stage[];
