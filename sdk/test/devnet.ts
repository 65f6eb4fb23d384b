// A devnet, started by the built program. Its proofs are development proofs, unless
// SHEAF_REAL_PROOFS is set: then the devnet proves its batches, with keys that it makes once.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type HDAccount, mnemonicToAccount } from "viem/accounts";

/** Whether the devnet makes proofs. */
export const REAL_PROOFS = process.env.SHEAF_REAL_PROOFS !== undefined;
/** How long a devnet may take to be ready, on a busy machine; making the keys takes minutes. */
const START_MS_MAX = REAL_PROOFS ? 1_200_000 : 300_000;
/** How long a devnet may take to end. */
const STOP_MS_MAX = 30_000;
const MNEMONIC = "test test test test test test test test test test test junk";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** An account that a devnet funds. 1 and 2 have ten ether on L2, and 3 has none there. */
export const account = (addressIndex: number): HDAccount =>
  mnemonicToAccount(MNEMONIC, { addressIndex });

/** A running devnet. */
export interface Devnet {
  url: string;
  l1: string;
  /** Stops the sequencer for ever, without its end. */
  silence(): void;
  stop(): Promise<void>;
}

function program(): string {
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
  const path = join(target, "release", "sheaf");
  if (!existsSync(path)) throw new Error(`${path} is missing: run make build first`);
  return path;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}

/** Starts a devnet. */
export async function startDevnet(): Promise<Devnet> {
  const folder = mkdtempSync(join(tmpdir(), "sheaf-sdk-"));
  const [port, l1Port] = [await freePort(), await freePort()];
  const proofs = REAL_PROOFS ? [] : ["--development"];
  const flags = [...proofs, "--folder", join(folder, "devnet"), "--batch-age", "2"];
  const ports = ["--port", `${port}`, "--l1-port", `${l1Port}`];
  const child = spawn(program(), ["devnet", ...flags, ...ports], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = async () => {
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await ready(child);
  } catch (error) {
    await stop();
    throw error;
  }
  const silence = () => process.kill(sequencerOf(child), "SIGSTOP");
  return { url: `http://127.0.0.1:${port}`, l1: `http://127.0.0.1:${l1Port}`, silence, stop };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    const late = setTimeout(() => reject(new Error(`not ready: ${text}`)), START_MS_MAX);
    const read = (chunk: Buffer) => {
      text += chunk;
      if (!text.includes("Sheaf devnet is ready")) return;
      clearTimeout(late);
      resolve();
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.on("exit", code => {
      clearTimeout(late);
      reject(new Error(`the devnet ended with ${code}: ${text}`));
    });
  });
}

/** The process of the sequencer, a child of the devnet. */
function sequencerOf({ pid }: ChildProcess): number {
  const listed = execFileSync("ps", ["-o", "pid=,args=", "--ppid", `${pid}`], { encoding: "utf8" });
  const line = listed.split("\n").find(line => line.includes("sequencer"));
  const found = Number.parseInt(line ?? "", 10);
  if (Number.isNaN(found)) throw new Error(`the devnet has no sequencer: ${listed}`);
  return found;
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const hard = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
    child.on("exit", () => {
      clearTimeout(hard);
      resolve();
    });
    child.kill("SIGTERM");
  });
}
