// What programs use of this package.

export { type ErrorCode, SheafError } from "./error.js";
export { fromHex, type Hex, toHex } from "./hex.js";
export {
  deriveKey,
  keyText,
  type PublicKey,
  publicKeyFromHex,
  publicKeyToHex,
  SecretKey,
} from "./key.js";
export {
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
export { type Digest, digestFromHex, digestToHex, hash, TAG, type Tag } from "./poseidon.js";
export { sign, verify } from "./signature.js";
export {
  bodyOf,
  type SignedTransaction,
  type SignedTransactionBody,
  type Signer,
  signTransaction,
} from "./transaction.js";
