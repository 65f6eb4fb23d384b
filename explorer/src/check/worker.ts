// Checks a batch beside the page, which goes on while a blob's commitment is computed.

import { KzgSetup, readingClient, toHex } from "sheaf-sdk";
import { custom } from "viem";
import { sequencer } from "../sequencer/sequencer.ts";
import type { FromWorker, Task, ToWorker } from "./messages.ts";
import { check } from "./steps.ts";

const POINT_BYTES = 48;

const scope = globalThis as unknown as {
  postMessage: (message: FromWorker) => void;
  onmessage: (event: MessageEvent<ToWorker>) => void;
};
const tell = (message: FromWorker) => scope.postMessage(message);

/** Questions that the page has not answered yet. */
const asked = new Map<number, (answer: { result?: unknown; fault?: string }) => void>();
let last = 0;

/** Lets the page ask its wallet. */
function askPage({ method, params }: { method: string; params?: unknown }): Promise<unknown> {
  last += 1;
  const id = last;
  return new Promise((resolve, reject) => {
    asked.set(id, ({ result, fault }) =>
      fault === undefined ? resolve(result) : reject(new Error(fault)),
    );
    tell({ kind: "ask", id, method, params });
  });
}

async function setup(): Promise<KzgSetup> {
  const response = await fetch("/kzg-setup.bin");
  if (!response.ok) throw new Error("the sequencer does not serve the points of the KZG setup");
  const bytes = new Uint8Array(await response.arrayBuffer());
  const count = bytes.length / POINT_BYTES;
  const point = (index: number) => bytes.slice(index * POINT_BYTES, (index + 1) * POINT_BYTES);
  return new KzgSetup(Array.from({ length: count }, (_, index) => toHex(point(index))));
}

async function work({ batch, contract, chainId, url }: Task): Promise<void> {
  const start = performance.now();
  const node = { chainId, l1: url ?? custom({ request: askPage }) };
  const sources = {
    client: readingClient(node),
    contract,
    batch,
    setup,
    blob: (hash: string) => sequencer.blob(hash),
    proof: () => sequencer.proof(batch.number),
    key: () => sequencer.verifyingKey(),
  };
  const words = await check(sources, step => tell({ kind: "step", step }));
  tell({ kind: "end", words, ms: performance.now() - start });
}

scope.onmessage = ({ data }) => {
  if (data.kind === "task") void work(data.task);
  else {
    asked.get(data.id)?.(data);
    asked.delete(data.id);
  }
};
