// The contract on L1, by viem: deposits, exit requests, claims, and leaving a frozen rollup
// (section 10). Amounts are L2 units unless a name says wei.

import {
  type Address,
  BaseError,
  type ContractFunctionArgs,
  type ContractFunctionName,
  ContractFunctionRevertedError,
  type TransactionReceipt,
} from "viem";
import type { PathBody } from "./answers.js";
import { SheafError } from "./error.js";
import { SHEAF_ABI } from "./generated/abi.js";
import type { Hex } from "./hex.js";
import { fromHex, toHex } from "./hex.js";
import { pause } from "./http.js";
import type { PublicKey } from "./key.js";
import type { L1Client, L1Wallet } from "./l1_client.js";
import { requestWords } from "./l1_word.js";
import { domainOf, type Owner, ownerFromHex, ownerToHex } from "./owner.js";
import { DIGEST_BYTES, type Digest, digestFromHex } from "./poseidon.js";

/** How long a transaction may take to be mined. */
const RECEIPT_MS_MAX = 180_000;
/** The pause between two questions whether a transaction is mined. */
const POLL_MS = 1_000;
/** L1 blocks whose events are asked for at once. */
const BLOCKS_PER_QUERY_MAX = 2_000n;
/** A request's price may double before it is mined; what is above comes back. */
const PRICE_MARGIN = 2n;
/** Wei in an L2 unit of ether. */
export const ETHER_SCALE = 10n ** 9n;

/** Where a rollup's contract is. */
export interface L1Options {
  contract: Address;
  client: L1Client;
  /** Who sends transactions; reading needs none. */
  wallet?: L1Wallet;
}

/** A token of the contract's list. */
export interface ListedToken {
  /** Zero for ether. */
  erc20: Address;
  cap: bigint;
  /** L1 units in one L2 unit. */
  scale: bigint;
  escrow: bigint;
  outflowLimit: bigint;
}

/** A request of an account that no batch has consumed. */
export interface WaitingRequest {
  index: bigint;
  /** The request's L1 words. */
  words: [a: bigint, b: bigint];
}

type Writing = ContractFunctionName<typeof SHEAF_ABI, "nonpayable" | "payable">;
type Arguments<Name extends Writing> = ContractFunctionArgs<
  typeof SHEAF_ABI,
  "nonpayable" | "payable",
  Name
>;

/** A rollup's contract. Each transaction waits until it is mined, three minutes at most. */
export class L1 {
  readonly contract: Address;
  readonly client: L1Client;
  readonly #wallet: L1Wallet | undefined;

  private constructor({ contract, client, wallet }: L1Options) {
    this.contract = contract;
    this.client = client;
    this.#wallet = wallet;
  }

  /** The contract, after a check that it is Sheaf's and on the chain of this node. */
  static async open(options: L1Options): Promise<L1> {
    const l1 = new L1(options);
    const chainId = await l1.client.getChainId();
    const found = await l1.#reading(() => l1.client.readContract(l1.#call("domain")));
    if (found !== ownerToHex(domainOf(chainId, options.contract))) {
      const message = `the contract at ${options.contract} is none of Sheaf's on chain ${chainId}`;
      throw new SheafError("other_rollup", message);
    }
    return l1;
  }

  /** The account that sends transactions. */
  get account(): Address {
    return this.#sender().account.address;
  }

  /** The State digest after the last batch. */
  async state(): Promise<Digest> {
    return digestFromHex(await this.client.readContract(this.#call("state")));
  }

  /** A token of the list; 0 is ether. */
  async token(number: number): Promise<ListedToken> {
    return this.#reading(() =>
      this.client.readContract({ ...this.#call("token"), args: [number] }),
    );
  }

  /** What an account may claim: L2 units of the token, and of ether for bonds. */
  async pending(account: Address, token = 0): Promise<{ amount: bigint; bond: bigint }> {
    return this.client.readContract({ ...this.#call("pending"), args: [account, token] });
  }

  /** The hash of the verifying key of the contract's verifier. */
  async keyHash(): Promise<Hex> {
    const address = await this.client.readContract(this.#call("verifier"));
    return this.client.readContract({ address, abi: VERIFIER_ABI, functionName: "keyHash" });
  }

  /** Deposits ether for an owner. Takes the price of a request on top. */
  async depositEther(amount: bigint, owner: Owner): Promise<TransactionReceipt> {
    const wei = amount * ETHER_SCALE;
    const price = await this.#price();
    return this.#send("depositEther", [wei, ownerToHex(owner)], wei + price);
  }

  /** Deposits an ERC-20 for an owner; allows the contract to pull the amount first. */
  async depositToken(token: number, amount: bigint, owner: Owner): Promise<TransactionReceipt> {
    const { erc20, scale } = await this.token(token);
    await this.#approve(erc20, amount * scale);
    const price = await this.#price();
    return this.#send("depositToken", [token, amount * scale, ownerToHex(owner)], price);
  }

  /** Asks the contract to pay out a whole slot to the sender, whatever the operator does. */
  async requestExit(slot: number, key: PublicKey): Promise<TransactionReceipt> {
    const bond = await this.client.readContract(this.#call("exitBond"));
    return this.#send("requestExit", [slot, key], (await this.#price()) + bond * ETHER_SCALE);
  }

  /** Sends what the sender may claim in a token, and bonds, to a recipient. */
  async claim(token: number, recipient: Address): Promise<TransactionReceipt> {
    return this.#send("claim", [token, recipient]);
  }

  /** Sends what an account may claim to that account, whoever asks. */
  async claimFor(account: Address, token: number): Promise<TransactionReceipt> {
    return this.#send("claimFor", [account, token]);
  }

  /** Ends a rollup in which an exit request has waited too long. */
  async freeze({ root, next_slot }: Pick<PathBody, "root" | "next_slot">) {
    return this.#send("freeze", [toHex(fromHex(root, DIGEST_BYTES)), BigInt(next_slot)]);
  }

  /** Credits a slot of a frozen rollup to the account that its owner was made of. */
  async escape(path: PathBody, key: PublicKey, account: Address): Promise<TransactionReceipt> {
    const { slot: index, token, balance, nonce, siblings } = path;
    const slot = { index, token, balance: BigInt(balance), nonce };
    // The type of the ABI is a tuple of 32.
    const way = siblings as unknown as Arguments<"escape">[3];
    return this.#send("escape", [slot, key, account, way]);
  }

  /** Credits a waiting request of a frozen rollup to its sender. */
  async refund({ index, words }: WaitingRequest): Promise<TransactionReceipt> {
    return this.#send("refund", [index, ...words]);
  }

  /** The requests of an account that no batch has consumed and that were not refunded. */
  async waitingRequests(account: Address): Promise<WaitingRequest[]> {
    const { client } = this;
    const [head] = await client.readContract(this.#call("queue"));
    const found: WaitingRequest[] = [];
    for (const range of await this.ranges()) {
      const filter = { address: this.contract, abi: SHEAF_ABI, strict: true, ...range } as const;
      const args = { sender: account };
      const [deposits, exits] = await Promise.all([
        client.getContractEvents({ ...filter, eventName: "DepositRequested", args }),
        client.getContractEvents({ ...filter, eventName: "ExitRequested", args }),
      ]);
      for (const { args } of deposits) {
        const owner = ownerFromHex(args.owner);
        const { index, token, amount } = args;
        found.push({ index, words: requestWords({ kind: "deposit", token, amount, owner }) });
      }
      for (const { args } of exits) {
        const owner = ownerFromHex(args.owner);
        const { index, slot } = args;
        const request = { kind: "exit", slot, token: 0, amount: 0n, owner } as const;
        found.push({ index, words: requestWords(request) });
      }
    }
    const waiting = found.filter(({ index }) => index >= head);
    const kept = await Promise.all(waiting.map(({ index }) => this.#isKept(index, account)));
    return waiting
      .filter((_, place) => kept[place])
      .sort((one, other) => Number(one.index - other.index));
  }

  /** The blocks from the deployment on, in ranges that a node answers for at once. */
  async ranges(): Promise<{ fromBlock: bigint; toBlock: bigint }[]> {
    const [first, newest] = await Promise.all([
      this.client.readContract(this.#call("firstBlock")),
      this.client.getBlockNumber({ cacheTime: 0 }),
    ]);
    const ranges: { fromBlock: bigint; toBlock: bigint }[] = [];
    for (let fromBlock = first; fromBlock <= newest; fromBlock += BLOCKS_PER_QUERY_MAX) {
      const last = fromBlock + BLOCKS_PER_QUERY_MAX - 1n;
      ranges.push({ fromBlock, toBlock: last < newest ? last : newest });
    }
    return ranges;
  }

  async #isKept(index: bigint, account: Address): Promise<boolean> {
    const request = { ...this.#call("request"), args: [index] } as const;
    const { sender } = await this.client.readContract(request);
    return sender.toLowerCase() === account.toLowerCase();
  }

  async #price(): Promise<bigint> {
    return (await this.client.readContract(this.#call("priceOfRequest"))) * PRICE_MARGIN;
  }

  #call<const Name extends string>(functionName: Name) {
    return { address: this.contract, abi: SHEAF_ABI, functionName } as const;
  }

  #sender(): L1Wallet {
    if (this.#wallet === undefined) {
      throw new SheafError("no_wallet", "this needs a wallet: open the contract with one");
    }
    return this.#wallet;
  }

  /** Some tokens change an allowance only from or to zero. */
  async #approve(erc20: Address, amount: bigint): Promise<void> {
    const wallet = this.#sender();
    const token = { address: erc20, abi: ERC20_ABI } as const;
    const owner = wallet.account.address;
    const allowance = {
      ...token,
      functionName: "allowance",
      args: [owner, this.contract],
    } as const;
    const allowed = await this.client.readContract(allowance);
    if (allowed >= amount) return;
    for (const value of allowed === 0n ? [amount] : [0n, amount]) {
      const args = [this.contract, value] as const;
      const hash = await this.#reading(() =>
        wallet.writeContract({ ...token, functionName: "approve", args }),
      );
      await this.#mined(hash);
    }
  }

  /** Tries a call, so that a refusal costs nothing, sends it and waits until it is mined. */
  async #send<Name extends Writing>(functionName: Name, args: Arguments<Name>, value?: bigint) {
    const wallet = this.#sender();
    const call = {
      address: this.contract,
      abi: SHEAF_ABI,
      functionName,
      args,
      account: wallet.account,
      chain: wallet.chain,
      ...(value === undefined ? {} : { value }),
      // viem's types of a call by a generic name are too deep for the compiler.
    } as unknown as Parameters<typeof wallet.writeContract>[0];
    const hash = await this.#reading(async () => {
      await this.client.simulateContract(call as Parameters<L1Client["simulateContract"]>[0]);
      return wallet.writeContract(call);
    });
    return this.#mined(hash);
  }

  async #mined(hash: Hex): Promise<TransactionReceipt> {
    const end = Date.now() + RECEIPT_MS_MAX;
    for (;;) {
      const { receipt, cause } = await this.#receipt(hash);
      if (receipt?.status === "reverted") {
        throw new SheafError("l1_reverted", `L1 reverted the transaction ${hash}`);
      }
      if (receipt !== undefined) return receipt;
      if (Date.now() >= end) {
        const message = `L1 has not mined ${hash} yet: ask for it before you send another one`;
        throw new SheafError("late", message, { cause });
      }
      await pause(POLL_MS);
    }
  }

  /**
   * The receipt of a transaction, or why there is none. The transaction is on its way whatever a
   * node answers, so that an answer which fails is no end of the wait.
   */
  async #receipt(hash: Hex): Promise<{ receipt?: TransactionReceipt; cause?: unknown }> {
    try {
      return { receipt: await this.client.getTransactionReceipt({ hash }) };
    } catch (cause) {
      return { cause };
    }
  }

  /** Names the contract's own error where it refuses. */
  async #reading<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (cause) {
      const refusal =
        cause instanceof BaseError
          ? cause.walk(error => error instanceof ContractFunctionRevertedError)
          : undefined;
      if (!(refusal instanceof ContractFunctionRevertedError)) throw cause;
      const name = refusal.data?.errorName ?? refusal.reason ?? "without a reason";
      throw new SheafError("l1_reverted", `the contract refuses: ${name}`, { cause });
    }
  }
}

/** Of ERC-20, what a deposit needs. */
const ERC20_ABI = [
  {
    type: "function",
    name: "allowance",
    inputs: [
      { name: "owner", type: "address" },
      { name: "spender", type: "address" },
    ],
    outputs: [{ name: "", type: "uint256" }],
    stateMutability: "view",
  },
  {
    type: "function",
    name: "approve",
    inputs: [
      { name: "spender", type: "address" },
      { name: "amount", type: "uint256" },
    ],
    outputs: [{ name: "", type: "bool" }],
    stateMutability: "nonpayable",
  },
] as const;

const VERIFIER_ABI = [
  {
    type: "function",
    name: "keyHash",
    inputs: [],
    outputs: [{ name: "", type: "bytes32" }],
    stateMutability: "view",
  },
] as const;
