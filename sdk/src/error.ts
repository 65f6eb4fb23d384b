// The errors of this package. A code never changes; the message is for people.

/** What went wrong, for programs. */
export type ErrorCode =
  | "not_canonical"
  | "not_on_curve"
  | "neutral_key"
  | "zero_secret"
  | "malformed_hex"
  | "malformed_url"
  | "redirected"
  | "malformed_owner"
  | "malformed_signature"
  | "malformed_words"
  | "malformed_blob"
  | "malformed_setup"
  | "malformed_answer"
  | "rule_of_form"
  | "wallet_signature_changes"
  | "other_rollup"
  | "no_balance"
  | "balance_too_low"
  | "rejected"
  | "outcome_unknown"
  | "late"
  | "silent"
  | "stream_ended"
  | "batch_not_on_l1"
  | "l1_reverted"
  | "no_wallet";

/** An error of this package. The sequencer's own refusals are `ApiError`. */
export class SheafError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SheafError";
    this.code = code;
  }
}
