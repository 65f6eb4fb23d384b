// What programs use of this package.

export type * from "./answers.js";
export { STAGES } from "./answers.js";
export { Api, type Page } from "./api.js";
export {
  type BlobsMode,
  type CalldataMode,
  type CheckedBatch,
  checkBatch,
  type ProofKey,
  type PublishedBatch,
} from "./batch.js";
export type { BatchHeader, PublicInputs } from "./binding.js";
export { KzgSetup, versionedHashOf, wordsOfBlob, wordsOfVersionedBlob } from "./blob.js";
export { type DataWord, type MovedWord, type OpenWord, readDataWords } from "./data_word.js";
export { type ErrorCode, SheafError } from "./error.js";
export type { EventsOptions, LostEvent, StreamedEvent } from "./events.js";
export { fromHex, type Hex, toHex } from "./hex.js";
export { ApiError, type Call, Http, type HttpOptions, mayPass, pause } from "./http.js";
export {
  deriveKey,
  keyText,
  type PublicKey,
  publicKeyFromHex,
  publicKeyToHex,
  SecretKey,
} from "./key.js";
export {
  ETHER_SCALE,
  L1,
  type L1Options,
  type ListedToken,
  type WaitingRequest,
} from "./l1.js";
export {
  type BatchEvent,
  type BlobReading,
  batchEvent,
  isOfEvent,
  publishedBatch,
} from "./l1_batch.js";
export {
  type L1Client,
  type L1Node,
  type L1Wallet,
  readingClient,
  sendingClient,
} from "./l1_client.js";
export {
  type DepositEffect,
  type ExitEffect,
  type L1Effect,
  readL1Stream,
  type WithdrawEffect,
} from "./l1_word.js";
export {
  AMOUNT_BOUND,
  checkForm,
  messageOf,
  PAYMENTS_MAX,
  type Payment,
  type Transaction,
  type Transfer,
  totalOf,
  type Withdrawal,
} from "./message.js";
export {
  type Domain,
  domainOf,
  type Owner,
  ownerFromHex,
  ownerFromText,
  ownerOf,
  ownerToHex,
  ownerToText,
} from "./owner.js";
export { isInState, leafOf, rootOf, type Slot, type State, stateDigest } from "./path.js";
export { type Digest, digestFromHex, digestToHex, hash, TAG, type Tag } from "./poseidon.js";
export {
  DEVELOPMENT_KEY_HASH,
  keyHash,
  type Proof,
  type VerifyingKey,
  verifyProof,
} from "./proof.js";
export { sign, verify } from "./signature.js";
export {
  bodyOf,
  type SignedTransaction,
  type SignedTransactionBody,
  type Signer,
  signTransaction,
} from "./transaction.js";
export {
  isCollision,
  isReached,
  RejectedError,
  refusalCode,
  type WaitOptions,
  waitForDeposit,
  waitForStage,
} from "./waiting.js";
export {
  type BeforeSend,
  type PaymentTo,
  type Sent,
  Wallet,
  type WalletOptions,
} from "./wallet.js";
