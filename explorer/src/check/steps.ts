// The steps of checking a batch against L1: each is green or red, with what was compared.

import {
  type BatchBody,
  type BatchEvent,
  batchEvent,
  type CheckedBatch,
  checkBatch,
  DEVELOPMENT_KEY_HASH,
  type Hex,
  type KzgSetup,
  keyHash,
  L1,
  type L1Client,
  type ProofBody,
  type ProofKey,
  publishedBatch,
  SheafError,
  type VerifyingKey,
  type VerifyingKeyBody,
} from "sheaf-sdk";
import { faultText } from "../text/fault.ts";
import type { Step, StepName, Words } from "./questions.ts";

/** Where the check reads. Nothing but the client is trusted. */
export interface Sources {
  client: L1Client;
  contract: Hex;
  /** What the sequencer says of the batch. */
  batch: BatchBody;
  blob: (versionedHash: string) => Promise<Uint8Array>;
  setup: () => Promise<KzgSetup>;
  proof: () => Promise<ProofBody>;
  key: () => Promise<VerifyingKeyBody>;
}

/** Words of the key before its points: α, β, γ, δ. */
const KEY_PARTS = [2, 4, 4, 4];
/** Words of the key as the contract encodes it, with two places and a length. */
const ENCODED_WORDS = 33;

/** A step that is red ends the check. */
class Red extends Error {
  readonly step: Step;

  constructor(name: StepName, says: string) {
    super(says);
    this.step = { name, colour: "red", says };
  }
}

/** Checks a batch, and tells of each step. The answer is the batch's words, if they were read. */
export async function check(
  sources: Sources,
  tell: (step: Step) => void,
): Promise<Words | undefined> {
  let words: Words | undefined;
  try {
    const l1 = await step("contract", () => L1.open(sources));
    tell(green("contract", `Contract ${sources.contract} is Sheaf's on this chain.`));
    const event = await step("event", () => eventOf(l1, sources.batch));
    const at = { "L1 transaction": event.transactionHash };
    tell(green("event", "The contract has verified it.", at));
    const published = await step("words", async () => {
      const setup = sources.batch.data_mode === "blobs" ? await sources.setup() : undefined;
      const reading = setup === undefined ? undefined : { setup, blob: sources.blob };
      return publishedBatch(l1.client, event, reading);
    });
    const key = await keyOf(l1, sources);
    const checked = await step("words", () => checkBatch(published, key.key ?? "development"));
    words = { entries: checked.entries, effects: checked.effects };
    tell(wordsStep(checked, event));
    tell(green("binding", "Computed in this browser.", { z: `${checked.z}`, y: `${checked.y}` }));
    tell(await step("sequencer", () => sequencerStep(checked, event, sources)));
    tell(key.step);
    tell(pairingStep(checked, key.key));
  } catch (error) {
    tell(error instanceof Red ? error.step : new Red("contract", faultText(error)).step);
  }
  return words;
}

const green = (name: StepName, says: string, values?: Record<string, string>): Step => ({
  name,
  colour: "green",
  says,
  ...(values === undefined ? {} : { values }),
});

/** Does a part of a step; an error makes that step red. */
async function step<T>(name: StepName, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof Red ? error : new Red(name, faultText(error));
  }
}

function eventOf(l1: L1, { number, l1_block }: BatchBody): Promise<BatchEvent> {
  // The sequencer's word only saves the search: another block has no such event.
  const block = l1_block == null ? undefined : BigInt(l1_block);
  return batchEvent(l1, BigInt(number), block).catch(error => {
    if (block === undefined) throw error;
    return batchEvent(l1, BigInt(number));
  });
}

const count = ({ length }: readonly unknown[], name: string): string =>
  `${length} ${name}${length === 1 ? "" : "s"}`;

function wordsStep(checked: CheckedBatch, event: BatchEvent): Step {
  const { dataReference, l1WordsHash, entries, effects } = checked;
  const isSame = dataReference === event.dataReference && l1WordsHash === event.l1WordsHash;
  const counts = `${count(entries, "data word")} and ${count(effects, "effect")} on L1`;
  if (!isSame) return new Red("words", "The words are others than those of the event.").step;
  return green("words", `They are: ${counts}.`, {
    "reference of the data": dataReference,
    "hash of the L1 words": l1WordsHash,
  });
}

/** Compares what the sequencer's pages show with what L1 has. */
async function sequencerStep(
  checked: CheckedBatch,
  event: BatchEvent,
  { batch, proof }: Sources,
): Promise<Step> {
  const inputs = (await proof()).public_inputs.map(BigInt);
  const same: Record<string, boolean> = {
    "state before": batch.pre_state.toLowerCase() === event.preState,
    "state after": batch.post_state.toLowerCase() === event.postState,
    timestamp: batch.timestamp === event.timestamp,
    "L1 transaction":
      batch.l1_transaction == null || batch.l1_transaction.toLowerCase() === event.transactionHash,
    "data reference":
      batch.data_reference == null || batch.data_reference.toLowerCase() === event.dataReference,
    "number of data words": batch.data_words === checked.entries.length,
    "public inputs": checked.inputs.every((input, index) => input === inputs[index]),
  };
  const others = Object.keys(same).filter(name => !same[name]);
  if (others.length > 0) {
    return new Red("sequencer", `No. L1 has another value of: ${others.join(", ")}.`).step;
  }
  const inHex = Object.fromEntries(
    checked.inputs.map((input, index) => [`input ${index}`, `0x${input.toString(16)}`]),
  );
  return green("sequencer", "It does: states, time, words and public inputs are equal.", inHex);
}

/** The key that the proof is checked with, if there is one. */
interface CheckedKey {
  key?: ProofKey;
  step: Step;
}

/** The sequencer's verifying key, if its hash is the one on L1. */
async function keyOf(l1: L1, { key }: Sources): Promise<CheckedKey> {
  const name = "key";
  const hash = await step(name, () => l1.keyHash());
  if (hash === DEVELOPMENT_KEY_HASH) {
    const says = "The contract takes development proofs, which prove nothing: there is no key.";
    return { key: "development", step: { name, colour: "unproven", says } };
  }
  const answer = await key().catch((error: unknown) => ({ error }));
  if ("error" in answer) {
    const says = `The sequencer does not hand out its key. ${faultText(answer.error)}`;
    return { step: { name, colour: "unproven", says } };
  }
  const found = await step(name, () => readKey(answer.key));
  return keyHash(found) === hash
    ? { key: found, step: green(name, "It is: its hash is the one on L1.", { hash }) }
    : { step: new Red(name, `No: the contract's key has the hash ${hash}.`).step };
}

/** A key out of its words. */
export function readKey(words: readonly string[]): VerifyingKey {
  const all = words.map(BigInt);
  const place = 1 + KEY_PARTS.reduce((sum, part) => sum + part, 0);
  const own =
    all.length === ENCODED_WORDS ? [...all.slice(1, place), ...all.slice(place + 2)] : all;
  const [alpha = [], beta = [], gamma = [], delta = []] = KEY_PARTS.map(count =>
    own.splice(0, count),
  );
  const points = own;
  if (points.length === 0) throw new SheafError("malformed_answer", "the key has too few words");
  return { alpha, beta, gamma, delta, points };
}

function pairingStep({ isProven }: CheckedBatch, key: ProofKey | undefined): Step {
  const name = "pairing";
  if (key === undefined) {
    return { name, colour: "unproven", says: "Not checked, because that takes the key." };
  }
  if (key === "development") {
    return isProven
      ? { name, colour: "unproven", says: "The development proof is the one of these inputs." }
      : new Red(name, "No: even the development proof is that of other inputs.").step;
  }
  return isProven
    ? green(name, "It does: e(A, B) = e(α, β)·e(X, γ)·e(C, δ).")
    : new Red(name, "No: the pairing of the proof is wrong for these inputs and this key.").step;
}
