// Ethereum wallets in the browser (EIP-1193), as they announce themselves (EIP-6963), and the node
// of a devnet, which has unlocked accounts.

import { useEffect, useState } from "preact/hooks";
import type { StatusBody } from "sheaf-sdk";

/** Whoever answers requests to an Ethereum node or wallet. */
export interface Provider {
  request(call: { method: string; params?: unknown }): Promise<unknown>;
}

/** A wallet that has announced itself. */
export interface Announced {
  id: string;
  name: string;
  provider: Provider;
}

interface Announcement extends Event {
  detail?: { info?: { uuid?: string; name?: string }; provider?: Provider };
}

/** Characters of a wallet's name that are shown: the name is the wallet's own. */
const NAME_CHARACTERS_MAX = 40;
/** The chain id of a devnet. */
const DEVNET_CHAIN = 31_337;
/** How long a node may take to answer. */
const NODE_MS_MAX = 20_000;

/** The wallets of this browser. */
export function useWallets(): Announced[] {
  const [found, setFound] = useState<Announced[]>([]);
  useEffect(() => {
    const add = ({ detail }: Announcement) => {
      const { info, provider } = detail ?? {};
      if (provider === undefined || info?.uuid === undefined) return;
      const { uuid: id, name = "a wallet" } = info;
      const wallet = { id, name: name.slice(0, NAME_CHARACTERS_MAX), provider };
      setFound(all => [...all.filter(each => each.id !== id), wallet]);
    };
    window.addEventListener("eip6963:announceProvider", add);
    window.dispatchEvent(new Event("eip6963:requestProvider"));
    return () => window.removeEventListener("eip6963:announceProvider", add);
  }, []);
  const { ethereum } = window as { ethereum?: Provider };
  if (found.length > 0 || ethereum === undefined) return found;
  // A wallet from before EIP-6963.
  return [{ id: "window.ethereum", name: "the browser's wallet", provider: ethereum }];
}

/** The URL of a devnet's L1 node; nothing for a rollup that is no devnet of this machine. */
export function devnetNode(status: StatusBody | undefined): string | undefined {
  const node = status?.l1?.node ?? undefined;
  if (status?.chain_id !== DEVNET_CHAIN || node === undefined) return undefined;
  return /^(?:127\.0\.0\.1|localhost):\d{1,5}$/.test(node) ? `http://${node}` : undefined;
}

/** The node at a URL as a provider. */
export function nodeProvider(url: string): Provider {
  let id = 0;
  return {
    request: async ({ method, params = [] }) => {
      id += 1;
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id, method, params }),
        signal: AbortSignal.timeout(NODE_MS_MAX),
      });
      const { result, error } = (await response.json()) as {
        result?: unknown;
        error?: { code: number; message: string; data?: unknown };
      };
      if (error !== undefined) throw Object.assign(new Error(error.message), error);
      return result;
    },
  };
}

/** Why a node cannot be asked from this page; nothing if it can. */
export function nodeFault(url: string): string | undefined {
  const isHere = /^http:\/\/(?:127\.0\.0\.1|localhost)(?::\d{1,5})?(?:\/|$)/.test(url);
  if (isHere || (url.startsWith("https://") && URL.canParse(url))) return undefined;
  return `The page may ask nodes at https:// and on this machine, and "${url}" is neither.`;
}
