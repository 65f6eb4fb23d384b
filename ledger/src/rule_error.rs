//! The rules that a value from outside can break, each with a code that never changes.
//!
//! What cannot even be read (text, encodings, keys) is `error`'s.

use sheaf_crypto::hash::Digest;
use thiserror::Error;

/// Why the ledger refuses an entry, a transaction, a batch or a stream of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RuleError {
    // Entries.
    /// Something other than a Credit stands between a Debit and the last of its Credits.
    #[error("a transaction is running that has still to pay {remaining}")]
    TransactionRunning { remaining: u64 },
    #[error("slot {slot} is not the next to be opened, {next_slot}")]
    SlotNotNext { slot: u32, next_slot: u64 },
    #[error("slot {slot} is already open")]
    SlotAlreadyOpen { slot: u32 },
    #[error("slot {slot} is not open")]
    SlotNotOpen { slot: u32 },
    #[error("an amount of zero moves nothing")]
    AmountZero,
    #[error("the amount {amount} is not below 2^62")]
    AmountTooLarge { amount: u64 },
    #[error("the fee {fee} is not below 2^62")]
    FeeTooLarge { fee: u64 },
    #[error("the balance {balance} does not cover {needed}")]
    BalanceTooLow { balance: u64, needed: u64 },
    #[error("the balance {balance} and {amount} do not stay below 2^62")]
    BalanceTooLarge { balance: u64, amount: u64 },
    #[error("valid until {valid_until}, but the time is {timestamp}")]
    Expired { valid_until: u32, timestamp: u32 },
    #[error("valid_until must be below 2^32 - 1")]
    ValidUntilTooLarge,
    #[error("the slot's nonce has reached its end")]
    NonceExhausted,
    #[error("there is no fee pot {pot}")]
    PotUnknown { pot: u8 },
    #[error("fee pot {pot} holds token {held}, not {token}")]
    PotTaken { pot: u8, held: u16, token: u16 },
    #[error("fee pot {pot} would not stay below 2^62")]
    PotTooLarge { pot: u8 },
    #[error("fee pot {pot} is empty")]
    PotEmpty { pot: u8 },
    #[error("fee pot {pot} holds token {held}, the slot {token}")]
    PotOfOtherToken { pot: u8, held: u16, token: u16 },
    #[error("the running transaction moves token {running}, the slot holds {token}")]
    CreditOfOtherToken { running: u16, token: u16 },
    #[error("a credit of {amount} exceeds what remains, {remaining}")]
    CreditTooLarge { amount: u64, remaining: u64 },
    #[error("leaf and path of slot {slot} do not lead to the root")]
    WrongPath { slot: u32 },

    // Transactions.
    #[error("a transfer needs a payment")]
    NoPayments,
    #[error("{payments} payments exceed the limit of 1024")]
    TooManyPayments { payments: usize },
    #[error("the payments' sum is not below 2^62")]
    TotalTooLarge,
    #[error("the neutral point is no key")]
    NeutralKey,
    #[error("the signature does not fit key and message")]
    WrongSignature,
    #[error("key and L1 address do not open the owner of slot {slot}")]
    WrongOwner { slot: u32 },
    #[error("slot {slot} holds token {held}, not {token}")]
    WrongToken { slot: u32, held: u16, token: u16 },
    #[error("the nonce is {nonce}, the slot's {expected}")]
    WrongNonce { nonce: u32, expected: u32 },
    #[error("payment {payment} goes to an owner who has no slot yet")]
    RecipientNotOpen { payment: usize },

    // Batches.
    #[error("a batch holds at most 4096 data words")]
    TooManyDataWords { words: u32 },
    #[error("a batch holds at most 1024 L1 words")]
    TooManyL1Words { words: u32 },
    #[error("a signature is owed and none was given")]
    SignatureMissing,
    #[error("a signature was given and none is owed")]
    SignatureUnexpected,
    #[error("the signature given belongs to another signer or message than the one owed")]
    SignatureMismatch,
    #[error("fee pot {pot} was not collected")]
    PotNotCollected { pot: u8 },
    #[error("a batch without entries")]
    EmptyBatch,
    #[error("the batched update gives root {batched}, the entries give {recorded}")]
    RootMismatch { batched: Digest, recorded: Digest },

    // The slot tree.
    #[error("the update of slot {slot} does not follow the one before it")]
    UpdateOutOfOrder { slot: u32 },
    #[error("slot {slot} would leave an unopened slot below it")]
    UpdateLeavesGap { slot: u32 },
    #[error("slot {slot} is open and stays so")]
    UpdateClosesSlot { slot: u32 },

    // Streams of words, and records.
    #[error("a word has 31 bytes; the first of its 32 is not zero")]
    WordTooLarge,
    #[error("no entry publishes such a word")]
    WordUnknown,
    #[error("word and previous digest do not lead to the chain's digest")]
    WrongLink,
    #[error("the record ends or errs at byte {offset}")]
    MalformedRecord { offset: usize },
    #[error("the record holds no leaf or node for slot {slot}")]
    SlotNotRecorded { slot: u32 },
}

impl RuleError {
    /// The rule's name: stable, for clients to match on.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TransactionRunning { .. } => "transaction_running",
            Self::SlotNotNext { .. } => "slot_not_next",
            Self::SlotAlreadyOpen { .. } => "slot_already_open",
            Self::SlotNotOpen { .. } => "slot_not_open",
            Self::AmountZero => "amount_zero",
            Self::AmountTooLarge { .. } => "amount_too_large",
            Self::FeeTooLarge { .. } => "fee_too_large",
            Self::BalanceTooLow { .. } => "balance_too_low",
            Self::BalanceTooLarge { .. } => "balance_too_large",
            Self::Expired { .. } => "expired",
            Self::ValidUntilTooLarge => "valid_until_too_large",
            Self::NonceExhausted => "nonce_exhausted",
            Self::PotUnknown { .. } => "pot_unknown",
            Self::PotTaken { .. } => "pot_taken",
            Self::PotTooLarge { .. } => "pot_too_large",
            Self::PotEmpty { .. } => "pot_empty",
            Self::PotOfOtherToken { .. } => "pot_of_other_token",
            Self::CreditOfOtherToken { .. } => "credit_of_other_token",
            Self::CreditTooLarge { .. } => "credit_too_large",
            Self::WrongPath { .. } => "wrong_path",
            Self::NoPayments => "no_payments",
            Self::TooManyPayments { .. } => "too_many_payments",
            Self::TotalTooLarge => "total_too_large",
            Self::NeutralKey => "neutral_key",
            Self::WrongSignature => "wrong_signature",
            Self::WrongOwner { .. } => "wrong_owner",
            Self::WrongToken { .. } => "wrong_token",
            Self::WrongNonce { .. } => "wrong_nonce",
            Self::RecipientNotOpen { .. } => "recipient_not_open",
            Self::TooManyDataWords { .. } => "too_many_data_words",
            Self::TooManyL1Words { .. } => "too_many_l1_words",
            Self::SignatureMissing => "signature_missing",
            Self::SignatureUnexpected => "signature_unexpected",
            Self::SignatureMismatch => "signature_mismatch",
            Self::PotNotCollected { .. } => "pot_not_collected",
            Self::EmptyBatch => "empty_batch",
            Self::RootMismatch { .. } => "root_mismatch",
            Self::UpdateOutOfOrder { .. } => "update_out_of_order",
            Self::UpdateLeavesGap { .. } => "update_leaves_gap",
            Self::UpdateClosesSlot { .. } => "update_closes_slot",
            Self::WordTooLarge => "word_too_large",
            Self::WordUnknown => "word_unknown",
            Self::WrongLink => "wrong_link",
            Self::MalformedRecord { .. } => "malformed_record",
            Self::SlotNotRecorded { .. } => "slot_not_recorded",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// `SlotNotOpen` as `slot_not_open`; a digit belongs to the word before it.
    fn snake_case(variant: &str) -> String {
        let mut name = String::new();
        for letter in variant.chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }

    #[test]
    fn each_rule_has_its_own_name_as_code() {
        let source = include_str!("rule_error.rs");
        let (_, arms) = source.split_once("match self {").expect("code() matches");
        let (arms, _) = arms.split_once("}\n    }\n}").expect("code() ends");
        let mut codes = BTreeSet::new();
        for arm in arms.lines().filter(|line| line.contains("=>")) {
            let (variant, code) = arm.split_once("=>").expect("an arm");
            let variant = variant.trim().trim_start_matches("Self::");
            let variant = variant.trim_end_matches(" { .. }").trim();
            let code = code.trim().trim_matches([',', '"']);
            assert_eq!(code, snake_case(variant));
            assert!(codes.insert(code), "{code} is taken");
        }
        assert!(codes.contains("slot_not_open") && codes.contains("slot_not_recorded"));
    }
}
