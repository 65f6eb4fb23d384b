//! Every limit of the protocol, in one place, with its unit (docs/protocol.md, section 1).
//!
//! This module has numbers and the relations between them. The checks are where values are used.

/// Bits of an amount, a balance and a limb of a word.
pub const AMOUNT_BITS: u32 = 62;

/// The largest amount, fee or balance, in L2 units of a token.
pub const AMOUNT_MAX: u64 = (1 << AMOUNT_BITS) - 1;

/// The last nonce with which a transaction may be signed: the slot's nonce then becomes 2^32 − 1.
pub const NONCE_MAX: u32 = u32::MAX - 1;

/// The last time until which a transaction may be valid, in Unix seconds. One below 2^32 − 1, so
/// that nonce + 2^32·valid_until is a canonical field element.
pub const VALID_UNTIL_MAX: u32 = u32::MAX - 1;

/// The most payments of one transfer.
pub const PAYMENTS_MAX: usize = 1_024;

/// Fee pots of the machine.
pub const POTS: usize = 4;

/// Levels of the slot tree above its leaves.
pub const TREE_DEPTH: usize = 32;

/// Words of one blob (EIP-4844).
pub const BLOB_WORDS: u32 = 4_096;

/// The most blobs of a batch.
pub const BLOBS_MAX: u32 = 6;

/// The most words of 31 bytes that a batch may publish as data: the capacity of its blobs.
pub const DATA_WORDS_MAX: u32 = BLOBS_MAX * BLOB_WORDS;

/// L1 words of an entry on which the contract acts: a pair.
pub const L1_WORDS_OF_ENTRY: u32 = 2;

/// The most L1 words of a batch. The contract acts on each word, so the limit bounds its gas.
pub const L1_WORDS_MAX: u32 = 1_024;

/// Bytes of the largest transaction without blobs that Ethereum nodes pass on.
pub const L1_TRANSACTION_BYTES_MAX: u32 = 131_072;

/// Bytes of a batch's transaction beside its words: 516 of the call (selector, header, proof,
/// offsets, lengths) and at most 160 of the transaction (fees, nonce, signature and the like).
pub const CALLDATA_ENVELOPE_BYTES: u32 = 676;

/// The most words, data and L1 together, of a batch whose data go as calldata: the capacity of one
/// L1 transaction.
pub const CALLDATA_WORDS_MAX: u32 = 4_074;

const _: () = assert!(AMOUNT_MAX < sheaf_crypto::goldilocks::ORDER);
const _: () = assert!(
    (NONCE_MAX as u64) + ((VALID_UNTIL_MAX as u64) << 32) < sheaf_crypto::goldilocks::ORDER,
    "nonce and valid_until share one element"
);
const _: () = assert!(
    CALLDATA_WORDS_MAX * 32 + CALLDATA_ENVELOPE_BYTES <= L1_TRANSACTION_BYTES_MAX,
    "a batch's words fit into a transaction"
);
const _: () = assert!(CALLDATA_WORDS_MAX <= DATA_WORDS_MAX);
const _: () = assert!(
    L1_WORDS_MAX.is_multiple_of(L1_WORDS_OF_ENTRY),
    "the L1 words of an entry stay together"
);
const _: () = assert!(PAYMENTS_MAX < DATA_WORDS_MAX as usize, "a full transfer fits in a batch");
