// The clients of L1: of viem's actions those that this package calls, so that a page's bundle
// leaves out the others.

import {
  type Account,
  type Address,
  type Chain,
  createClient,
  defineChain,
  http,
  type PublicClient,
  type Transport,
  type WalletClient,
} from "viem";
import {
  getBlockNumber,
  getChainId,
  getContractEvents,
  getTransaction,
  getTransactionReceipt,
  readContract,
  signMessage,
  simulateContract,
  writeContract,
} from "viem/actions";

/** What is asked of an L1 node. A `PublicClient` of viem is one. */
export type L1Client = Pick<
  PublicClient,
  | "getBlockNumber"
  | "getChainId"
  | "getContractEvents"
  | "getTransaction"
  | "getTransactionReceipt"
  | "readContract"
  | "simulateContract"
>;

/** What is asked of an account on a chain. A `WalletClient` of viem with both is one. */
export type L1Wallet = Pick<
  WalletClient<Transport, Chain, Account>,
  "account" | "chain" | "signMessage" | "writeContract"
>;

/** A chain, and the way to one of its nodes: a URL, or a transport such as a browser's wallet. */
export interface L1Node {
  chainId: number;
  l1: string | Transport;
}

/** A client that reads L1. */
export function readingClient(node: L1Node): L1Client {
  const client = clientOf(node);
  // Each action is the method of the same name; its type says nothing of the chain's own fields.
  const actions = {
    getBlockNumber: getBlockNumber.bind(null, client),
    getChainId: getChainId.bind(null, client),
    getContractEvents: getContractEvents.bind(null, client),
    getTransaction: getTransaction.bind(null, client),
    getTransactionReceipt: getTransactionReceipt.bind(null, client),
    readContract: readContract.bind(null, client),
    simulateContract: simulateContract.bind(null, client),
  };
  return actions as unknown as L1Client;
}

/** A client that signs and sends for an account: by its key, or by the node for an address. */
export function sendingClient(node: L1Node, from: Account | Address): L1Wallet {
  const client = clientOf(node, from);
  const { account, chain } = client;
  return {
    account,
    chain,
    signMessage: args => signMessage(client, args),
    writeContract: args => writeContract(client, args),
  } as L1Wallet;
}

function clientOf({ chainId, l1 }: L1Node, account?: Account | Address) {
  const transport = typeof l1 === "string" ? http(l1) : l1;
  const chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: typeof l1 === "string" ? [l1] : [] } },
  });
  return createClient({
    chain,
    transport,
    ...(account === undefined ? {} : { account }),
  });
}
