// Bytes and integers as `0x` and hexadecimal digits.

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { SheafError } from "./error.js";

/** `0x` and hexadecimal digits, as in JSON and on L1. */
export type Hex = `0x${string}`;

/** Writes bytes, in lower case. */
export function toHex(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`;
}

/** Reads as many bytes as `length` says, or any number without it, in upper or lower case. */
export function fromHex(text: string, length?: number): Uint8Array {
  const digits = text.slice(2);
  const isHex = text.startsWith("0x") && digits.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(digits);
  if (!isHex || (length !== undefined && digits.length !== 2 * length)) {
    const wanted = length === undefined ? "bytes" : `${length} bytes`;
    throw new SheafError("malformed_hex", `expected 0x and ${wanted} in hexadecimal digits`);
  }
  return hexToBytes(digits);
}

/** The big-endian integer of some bytes. */
export function integerOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(toHex(bytes));
}

/** The big-endian bytes of an integer that fits into `length` bytes. */
export function bytesOf(integer: bigint, length: number): Uint8Array {
  const digits = integer.toString(16);
  if (integer < 0n || digits.length > 2 * length) {
    throw new SheafError("not_canonical", `${integer} does not fit into ${length} bytes`);
  }
  return hexToBytes(digits.padStart(2 * length, "0"));
}

/** The same bytes in the opposite order. */
export function reversed(bytes: Uint8Array): Uint8Array {
  return bytes.slice().reverse();
}
