// What is asked of a batch, and the form of the answers.

import type { CheckedBatch } from "sheaf-sdk";

/** The steps in their order, each with its question. */
export const QUESTIONS = {
  contract: "Is the contract Sheaf's, on the chain of your node?",
  event: "Has the contract verified this batch?",
  words: "Are the words of the L1 transaction those that the contract has named?",
  binding: "What are z and y of these words?",
  sequencer: "Does the sequencer show what L1 has?",
  key: "Is the verifying key the one of the contract?",
  pairing: "Does the proof prove the seven inputs?",
} as const;
export type StepName = keyof typeof QUESTIONS;
export const STEPS = Object.keys(QUESTIONS) as StepName[];

/** `unproven` is neither right nor wrong: a development proof proves nothing. */
export type Colour = "green" | "red" | "unproven";

/** What became of a step. */
export interface Step {
  name: StepName;
  colour: Colour;
  says: string;
  /** Values by name. */
  values?: Record<string, string>;
}

/** A batch that was checked, with its words. */
export type Words = Pick<CheckedBatch, "entries" | "effects">;
