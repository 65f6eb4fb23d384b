// A wallet: a key in one rollup, with its accounts on L1 and L2.

import type { Account, Address, Hash, Transport } from "viem";
import type { Stage, TransactionStatus } from "./answers.js";
import { Api } from "./api.js";
import { SheafError } from "./error.js";
import { ApiError, mayPass } from "./http.js";
import { deriveKey, keyText, type SecretKey } from "./key.js";
import { L1 } from "./l1.js";
import { readingClient, sendingClient } from "./l1_client.js";
import { type Transaction, totalOf } from "./message.js";
import { type Domain, domainOf, ownerFromText, ownerOf, ownerToText } from "./owner.js";
import { type SignedTransaction, signTransaction } from "./transaction.js";
import {
  isCollision,
  RejectedError,
  type WaitOptions,
  waitForDeposit,
  waitForStage,
} from "./waiting.js";

/** For how many seconds a transaction is valid, at least, after it was signed. */
const VALIDITY_SECONDS = 3_600;
/**
 * How many seconds more a transaction may be valid, by chance. Two programs with one key that pay
 * the same at the same second would else sign one transaction, and one of two payments be missing.
 */
const VALIDITY_SPREAD_SECONDS = 1_024;
/** How often a transaction is signed again because another program with the key was faster. */
const COLLISIONS_MAX = 16;
/** How long a request is repeated while the sequencer is away or busy. */
const PATIENCE_MS = 30_000;

/** Where a rollup is, and who uses it. */
export interface WalletOptions {
  /** URL of the sequencer. */
  url: string;
  /** URL of a node of L1, or a transport of viem such as `custom(window.ethereum)`. */
  l1: string | Transport;
  /** An account of viem that signs messages and L1 transactions; an address if `l1` signs. */
  account: Account | Address;
  /** The rollup that the user means; another one is refused. */
  chainId?: number;
  contract?: Address;
}

/** One recipient, by the text of the owner. */
export interface PaymentTo {
  owner: string;
  /** L2 units; of ether, gwei. */
  amount: bigint;
}

/**
 * What a program does with a signed transaction before it is sent, such as writing it down. If this
 * fails, nothing is sent.
 */
export type BeforeSend = (signed: SignedTransaction, fee: bigint) => Promise<void>;

/** A payment that was sent. */
export interface Sent {
  id: string;
  fee: bigint;
  status: TransactionStatus;
}

/** The fields of a transaction that the rollup decides. */
type Draft<Kind extends Transaction> = Omit<Kind, "slot" | "nonce" | "fee" | "validUntil">;
type AnyDraft =
  | Draft<Extract<Transaction, { kind: "transfer" }>>
  | Draft<Extract<Transaction, { kind: "withdrawal" }>>;

/** Whoever has the signature of an Ethereum account, in one rollup. */
export class Wallet {
  readonly api: Api;
  readonly l1: L1;
  /** The L2 address, which others pay. */
  readonly owner: string;
  readonly #secret: SecretKey;
  readonly #address: Address;
  readonly #domain: Domain;
  /** Sends follow one another, so that each signs the next nonce. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(parts: { api: Api; l1: L1; secret: SecretKey; domain: Domain }) {
    this.api = parts.api;
    this.l1 = parts.l1;
    this.#secret = parts.secret;
    this.#address = parts.l1.account;
    this.#domain = parts.domain;
    this.owner = ownerToText(ownerOf(parts.secret.publicKey, this.#address));
  }

  /** Opens a wallet: asks the account twice for its signature, and compares contract and chain. */
  static async open(options: WalletOptions): Promise<Wallet> {
    const { account, url } = options;
    const api = new Api(url, { patienceMs: PATIENCE_MS });
    const { chain_id: chainId, contract: found } = await api.status();
    const contract = found as Address;
    const { chainId: meant = chainId, contract: wanted = contract } = options;
    if (meant !== chainId || wanted.toLowerCase() !== contract.toLowerCase()) {
      const message = `the sequencer serves ${contract} on chain ${chainId}: ask another one`;
      throw new SheafError("other_rollup", message);
    }
    const node = { chainId, l1: options.l1 };
    const wallet = sendingClient(node, account);
    const l1 = await L1.open({ contract, client: readingClient(node), wallet });
    const sign = (message: string) => wallet.signMessage({ account: wallet.account, message });
    const secret = await deriveKey(sign, keyText(chainId, contract));
    return new Wallet({ api, l1, secret, domain: domainOf(chainId, contract) });
  }

  /** The balance of a token, in L2 units. */
  async balance(token = 0): Promise<bigint> {
    const { slots } = await this.api.account(this.owner);
    return BigInt(slots.find(slot => slot.token === token)?.balance ?? 0);
  }

  /** Pays 1 to 1,024 owners with one signature. */
  pay(payments: readonly PaymentTo[], token = 0, beforeSend?: BeforeSend): Promise<Sent> {
    const to = payments.map(({ owner, amount }) => ({ owner: ownerFromText(owner), amount }));
    return this.#send({ kind: "transfer", token, payments: to }, beforeSend);
  }

  /** Moves an amount to an L1 address, which claims it when the batch is final. */
  withdraw(amount: bigint, recipient: Address = this.#address, token = 0): Promise<Sent> {
    return this.#send({ kind: "withdrawal", token, amount, recipient });
  }

  /** Moves an amount from L1 to L2, and waits until it is credited. */
  async deposit(amount: bigint, token = 0, options?: { timeoutMs?: number }): Promise<Hash> {
    const owner = ownerFromText(this.owner);
    const { transactionHash } =
      token === 0
        ? await this.l1.depositEther(amount, owner)
        : await this.l1.depositToken(token, amount, owner);
    const deposit = { owner: this.owner, l1Transaction: transactionHash };
    await waitForDeposit(this.api, deposit, "executed", options);
    return transactionHash;
  }

  /** Sends what final batches have paid to the L1 address there. */
  async claim(token = 0, recipient: Address = this.#address): Promise<Hash> {
    return (await this.l1.claim(token, recipient)).transactionHash;
  }

  /** Asks L1 to pay out a whole slot, whatever the operator does. */
  async requestExit(slot: number): Promise<Hash> {
    return (await this.l1.requestExit(slot, this.#secret.publicKey)).transactionHash;
  }

  /** Leaves a frozen rollup with a slot. The path may come from anybody: L1 checks it. */
  async escape(slot: number): Promise<Hash> {
    const path = await this.api.slotPath(slot);
    const { publicKey } = this.#secret;
    return (await this.l1.escape(path, publicKey, this.#address)).transactionHash;
  }

  /** Gets back what the account asked L1 for, and no batch of the frozen rollup consumed. */
  async refunds(): Promise<Hash[]> {
    const hashes: Hash[] = [];
    for (const request of await this.l1.waitingRequests(this.#address)) {
      hashes.push((await this.l1.refund(request)).transactionHash);
    }
    return hashes;
  }

  /** Waits until a transaction has reached a stage. */
  wait(id: string, goal: Stage, options?: WaitOptions<TransactionStatus>) {
    return waitForStage(this.api, id, goal, options);
  }

  /**
   * Sends a signed transaction, again and again while it is not known what became of it, and waits
   * until it is durable. To send one again is harmless.
   *
   * Throws `outcome_unknown` if that stays unknown; an `ApiError` or a `RejectedError` says that
   * the sequencer has refused the transaction and does not keep it.
   */
  async submit({ id, body }: SignedTransaction): Promise<TransactionStatus> {
    const end = Date.now() + PATIENCE_MS;
    try {
      const status = await this.api.submit(body);
      if (status.stage === "rejected") throw new RejectedError(id, status.error ?? undefined);
      if (status.stage !== "received" && status.stage !== "accepted") return status;
      return await waitForStage(this.api, id, "executed", { timeoutMs: end - Date.now() });
    } catch (error) {
      const isLate = error instanceof SheafError && error.code === "late";
      const isForgotten = error instanceof ApiError && error.status === 404;
      if (!isLate && !isForgotten && !mayPass(error)) throw error;
      const message = `whether ${id} was paid is not known: ask for this id before you pay again`;
      throw new SheafError("outcome_unknown", message, { cause: error });
    }
  }

  #send(draft: AnyDraft, beforeSend?: BeforeSend): Promise<Sent> {
    const sent = this.#last.then(() => this.#signAndSend(draft, beforeSend));
    this.#last = sent.catch(() => undefined);
    return sent;
  }

  /** What was noted before it was sent is not replaced: whoever notes decides what comes next. */
  async #signAndSend(draft: AnyDraft, beforeSend?: BeforeSend): Promise<Sent> {
    const rounds = beforeSend === undefined ? COLLISIONS_MAX : 1;
    for (let round = 1; ; round += 1) {
      const { signed, fee } = await this.#sign(draft);
      await beforeSend?.(signed, fee);
      try {
        return { id: signed.id, fee, status: await this.submit(signed) };
      } catch (error) {
        if (!isCollision(error) || round >= rounds) throw error;
      }
    }
  }

  async #sign(draft: AnyDraft): Promise<{ signed: SignedTransaction; fee: bigint }> {
    const { token } = draft;
    const payments = draft.kind === "transfer" ? draft.payments.length : 1;
    const [{ slots }, quote] = await Promise.all([
      this.api.account(this.owner),
      this.api.quote(token, payments),
    ]);
    const source = slots.find(slot => slot.token === token);
    if (source === undefined) {
      const message = `${this.owner} has no balance of token ${token} yet: deposit, or be paid`;
      throw new SheafError("no_balance", message);
    }
    const fee = BigInt(quote.fee);
    const spread = Math.floor(Math.random() * VALIDITY_SPREAD_SECONDS);
    const validUntil = Math.floor(Date.now() / 1_000) + VALIDITY_SECONDS + spread;
    const given = { slot: source.slot, nonce: source.next_nonce, fee, validUntil };
    const transaction: Transaction = { ...draft, ...given };
    if (totalOf(transaction) + fee > BigInt(source.balance)) {
      const message = `${source.balance} do not cover ${totalOf(transaction)} and the fee ${fee}`;
      throw new SheafError("balance_too_low", message);
    }
    const signer = { secret: this.#secret, l1Address: this.#address };
    return { signed: signTransaction(transaction, this.#domain, signer), fee };
  }
}
