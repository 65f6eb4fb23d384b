// What went wrong, in a sentence for people.

import { ApiError, SheafError } from "sheaf-sdk";
import { isMissingRoute } from "../sequencer/sequencer.ts";

/** The code with which wallets say that their user refused (EIP-1193). */
const USER_REFUSED = 4_001;
/** Causes that are looked through for the user's refusal. */
const CAUSES_MAX = 8;

/** An error as a sentence that says what to do next. */
export function faultText(error: unknown): string {
  if (isMissingRoute(error)) {
    return "This sequencer is older than the page and does not answer that question.";
  }
  if (isRefusedByUser(error)) return "The request was declined in the wallet. Nothing was sent.";
  if (error instanceof ApiError || error instanceof SheafError) return sentence(error.message);
  if (error instanceof Error) {
    // viem's errors have a first line for people and a report behind it.
    const short = (error as { shortMessage?: string }).shortMessage;
    return sentence(short ?? error.message.split("\n")[0] ?? error.name);
  }
  if (typeof error === "object" && error !== null && "message" in error) {
    return sentence(String(error.message));
  }
  return sentence(String(error));
}

function isRefusedByUser(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < CAUSES_MAX && typeof cause === "object" && cause; depth += 1) {
    if ((cause as { code?: unknown }).code === USER_REFUSED) return true;
    cause = (cause as { cause?: unknown }).cause;
  }
  return false;
}

function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
