// The open wallet of this tab. The key is in its memory alone, and is forgotten when nobody has
// touched the page for a while.

import { useEffect, useState } from "preact/hooks";
import { type StatusBody, Wallet } from "sheaf-sdk";
import { type Address, custom } from "viem";
import type { Provider } from "./provider.ts";

/** How long a wallet stays open while nobody touches the page. */
export const IDLE_MS_MAX = 600_000;
/** How often that is looked at. */
const LOOK_MS = 5_000;

/** A wallet that can pay. */
export interface Session {
  wallet: Wallet;
  address: Address;
  /** Of the Ethereum wallet. */
  name: string;
}

/** The Ethereum account that opens a wallet. */
export interface Opening {
  provider: Provider;
  name: string;
  /** One of the provider's accounts; the one that its user chooses if left out. */
  address?: Address;
}

type Listener = () => void;

let session: Session | undefined;
let touched = 0;
let why = "";
const listeners = new Set<Listener>();

function change(next: Session | undefined, reason = ""): void {
  session = next;
  why = reason;
  for (const listener of listeners) listener();
}

/** Forgets the key. */
export const lock = (reason = ""): void => change(undefined, reason);

const touch = (): void => {
  touched = Date.now();
};

/** Locks the wallet if nobody has touched the page for too long. */
export function lockIdle(now: number): void {
  if (session === undefined || now - touched < IDLE_MS_MAX) return;
  lock(`The wallet locked itself after ${IDLE_MS_MAX / 60_000} idle minutes.`);
}

/** Opens the wallet of an Ethereum account, which is asked twice for the same signature. */
export async function open(
  { provider, name, address }: Opening,
  status: Pick<StatusBody, "chain_id" | "contract">,
): Promise<Session> {
  const account = address ?? (await chosenAccount(provider));
  await switchChain(provider, status.chain_id);
  const wallet = await Wallet.open({
    url: location.origin,
    // A wallet that has refused is not asked again.
    l1: custom(provider, { retryCount: 0 }),
    account,
    chainId: status.chain_id,
    contract: status.contract as Address,
  });
  touch();
  const opened = { wallet, address: account, name };
  change(opened);
  return opened;
}

async function chosenAccount(provider: Provider): Promise<Address> {
  const accounts = (await provider.request({ method: "eth_requestAccounts" })) as Address[];
  const [first] = accounts;
  if (first === undefined) throw new Error("The wallet shows no account: choose one in it.");
  return first;
}

async function switchChain(provider: Provider, wanted: number): Promise<void> {
  const found = Number(await provider.request({ method: "eth_chainId" }));
  if (found === wanted) return;
  try {
    const params = [{ chainId: `0x${wanted.toString(16)}` }];
    await provider.request({ method: "wallet_switchEthereumChain", params });
  } catch (cause) {
    const message = `The wallet is on chain ${found}: add chain ${wanted} to it and switch there.`;
    throw new Error(message, { cause });
  }
}

/** The open wallet, and why it is locked if the page locked it. */
export function useSession(): { session: Session | undefined; why: string } {
  const [, draw] = useState(0);
  useEffect(() => {
    const listener = () => draw(round => round + 1);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return { session, why };
}

if (typeof window !== "undefined") {
  for (const event of ["pointerdown", "keydown"]) window.addEventListener(event, touch);
  setInterval(() => lockIdle(Date.now()), LOOK_MS);
}
