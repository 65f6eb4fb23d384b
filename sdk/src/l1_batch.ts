// A batch as it stands on L1: its event and its transaction.

import { decodeFunctionData, type Hash } from "viem";
import type { CheckedBatch, PublishedBatch } from "./batch.js";
import { type BatchHeader, blobsReference, l1Reference } from "./binding.js";
import { BLOBS_MAX, type KzgSetup } from "./blob.js";
import { SheafError } from "./error.js";
import { SHEAF_ABI } from "./generated/abi.js";
import { fromHex, type Hex, toHex } from "./hex.js";
import type { L1 } from "./l1.js";
import type { L1Client } from "./l1_client.js";
import { digestFromHex } from "./poseidon.js";

/** What the contract says of a batch that it has verified. */
export interface BatchEvent {
  number: bigint;
  preState: Hex;
  postState: Hex;
  timestamp: number;
  l1WordsHash: Hex;
  dataReference: Hex;
  transactionHash: Hash;
}

/** Where the blobs of a batch come from: any source, since each blob is checked. */
export interface BlobReading {
  setup: KzgSetup;
  blob: (versionedHash: Hex) => Promise<Uint8Array>;
}

/** The event of a batch. `l1Block`, if known, saves searching all blocks. */
export async function batchEvent(l1: L1, number: bigint, l1Block?: bigint): Promise<BatchEvent> {
  const known = l1Block === undefined ? [] : [{ fromBlock: l1Block, toBlock: l1Block }];
  const ranges = l1Block === undefined ? await l1.ranges() : known;
  for (const range of ranges.reverse()) {
    const [found] = await l1.client.getContractEvents({
      address: l1.contract,
      abi: SHEAF_ABI,
      eventName: "BatchFinalised",
      args: { number },
      strict: true,
      ...range,
    });
    if (found) return { ...found.args, transactionHash: found.transactionHash };
  }
  const message = `L1 has no batch ${number} yet: wait until it is finalised, or ask another node`;
  throw new SheafError("batch_not_on_l1", message);
}

/** A batch as its transaction published it, compared with its event. */
export async function publishedBatch(
  client: L1Client,
  event: BatchEvent,
  reading?: BlobReading,
): Promise<PublishedBatch> {
  const { input, blobVersionedHashes } = await client.getTransaction({
    hash: event.transactionHash,
  });
  const call = callOf(input, event.number);
  const header: BatchHeader = {
    number: event.number,
    timestamp: event.timestamp,
    pre: digestFromHex(event.preState),
    post: digestFromHex(event.postState),
    chains: digestFromHex(call.args[0].chains),
  };
  const l1Stream = fromHex(call.args[1]);
  if (toHex(l1Reference(l1Stream)) !== event.l1WordsHash) throw elsewhere(event.number);
  const proof = call.args[3];
  if (call.functionName === "finalise") {
    return { header, l1Stream, data: { mode: "calldata", stream: fromHex(call.args[2]) }, proof };
  }
  if (reading === undefined) {
    throw new SheafError("malformed_blob", "the batch is in blobs: name a source of blobs");
  }
  const versionedHashes = hashesOf(blobVersionedHashes ?? [], event);
  const blobs = await Promise.all(versionedHashes.map(reading.blob));
  const data = { mode: "blobs", versionedHashes, blobs, setup: reading.setup } as const;
  return { header, l1Stream, data, proof };
}

/** Whether a checked batch is the one of an event: proven, and with the event's words. */
export function isOfEvent(checked: CheckedBatch, event: BatchEvent): boolean {
  const { isProven, dataReference, l1WordsHash } = checked;
  return isProven && dataReference === event.dataReference && l1WordsHash === event.l1WordsHash;
}

function callOf(input: Hex, number: bigint) {
  try {
    const call = decodeFunctionData({ abi: SHEAF_ABI, data: input });
    if (call.functionName === "finalise" || call.functionName === "finaliseBlobs") return call;
  } catch (cause) {
    throw elsewhere(number, cause);
  }
  throw elsewhere(number);
}

/** The first blobs of a transaction that the event names. */
function hashesOf(all: readonly Hex[], { number, dataReference }: BatchEvent): Hex[] {
  for (let count = 1; count <= Math.min(all.length, BLOBS_MAX); count += 1) {
    const hashes = all.slice(0, count);
    if (toHex(blobsReference(hashes)) === dataReference) return hashes;
  }
  throw elsewhere(number);
}

const elsewhere = (number: bigint, cause?: unknown): SheafError =>
  new SheafError("malformed_words", `the transaction of batch ${number} does not have its words`, {
    cause,
  });
