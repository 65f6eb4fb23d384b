//! The rules that a value from outside can break, each with a code that never changes.
//!
//! `error` has the errors of values that cannot be read: text, encodings, keys.

use sheaf_crypto::hash::Digest;
use thiserror::Error;

/// Why the ledger refuses an entry, a transaction, a batch or a stream of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RuleError {
    // Entries.
    /// An entry other than a Credit, or the end of a batch, comes between a Debit and the last of
    /// its Credits.
    #[error("a transaction is running that has still to pay {remaining}")]
    TransactionRunning { remaining: u64 },
    /// An Open names another slot than the next in sequence.
    #[error("slot {slot} is not the next to be opened, {next_slot}")]
    SlotNotNext { slot: u32, next_slot: u64 },
    /// An Open names a slot whose leaf is open.
    #[error("slot {slot} is already open")]
    SlotAlreadyOpen { slot: u32 },
    /// An entry or a data word needs an open slot.
    #[error("slot {slot} is not open")]
    SlotNotOpen { slot: u32 },
    /// A stated amount is zero.
    #[error("an amount of zero moves nothing")]
    AmountZero,
    /// A stated amount is 2^62 or more.
    #[error("the amount {amount} is not below 2^62")]
    AmountTooLarge { amount: u64 },
    /// A fee is 2^62 or more.
    #[error("the fee {fee} is not below 2^62")]
    FeeTooLarge { fee: u64 },
    /// A slot cannot pay amount and fee.
    #[error("the balance {balance} does not cover {needed}")]
    BalanceTooLow { balance: u64, needed: u64 },
    /// An amount would raise a balance to 2^62 or more.
    #[error("the balance {balance} and {amount} do not stay below 2^62")]
    BalanceTooLarge { balance: u64, amount: u64 },
    /// The batch's time is after the transaction's last valid second.
    #[error("valid until {valid_until}, but the time is {timestamp}")]
    Expired { valid_until: u32, timestamp: u32 },
    /// The last valid second is above `VALID_UNTIL_MAX`.
    #[error("valid_until must be below 2^32 - 1")]
    ValidUntilTooLarge,
    /// The nonce is above `NONCE_MAX`.
    #[error("the slot's nonce has reached its end")]
    NonceExhausted,
    /// An entry names a pot that the machine does not have.
    #[error("there is no fee pot {pot}")]
    PotUnknown { pot: u8 },
    /// A fee goes to a pot that has fees of another token.
    #[error("fee pot {pot} has token {held}, not {token}")]
    PotTaken { pot: u8, held: u16, token: u16 },
    /// A fee would raise a pot to 2^62 or more.
    #[error("fee pot {pot} would not stay below 2^62")]
    PotTooLarge { pot: u8 },
    /// A Collect names an empty pot.
    #[error("fee pot {pot} is empty")]
    PotEmpty { pot: u8 },
    /// A Collect pays a pot to a slot of another token.
    #[error("fee pot {pot} has token {held}, the slot {token}")]
    PotOfOtherToken { pot: u8, held: u16, token: u16 },
    /// A Credit pays to a slot of another token than the running transaction's.
    #[error("the running transaction moves token {running}, the slot has {token}")]
    CreditOfOtherToken { running: u16, token: u16 },
    /// A Credit pays more than remains of the running transfer's total.
    #[error("a credit of {amount} exceeds what remains, {remaining}")]
    CreditTooLarge { amount: u64, remaining: u64 },
    /// A touch's leaf and siblings give another root than the machine's.
    #[error("leaf and path of slot {slot} do not lead to the root")]
    WrongPath { slot: u32 },

    // Transactions.
    /// A transfer has no payments.
    #[error("a transfer needs a payment")]
    NoPayments,
    /// A transfer has more than `PAYMENTS_MAX` payments.
    #[error("{payments} payments exceed the limit of 1024")]
    TooManyPayments { payments: usize },
    /// The sum of a transfer's payments is 2^62 or more.
    #[error("the payments' sum is not below 2^62")]
    TotalTooLarge,
    /// The key is the neutral point, for which anybody can sign.
    #[error("the neutral point is no key")]
    NeutralKey,
    /// The signature is invalid for key and message, or key or R is no point.
    #[error("the signature does not fit key and message")]
    WrongSignature,
    /// The hash of key and L1 address is not the slot's owner.
    #[error("key and L1 address do not open the owner of slot {slot}")]
    WrongOwner { slot: u32 },
    /// The transaction names another token than the slot's.
    #[error("slot {slot} has token {held}, not {token}")]
    WrongToken { slot: u32, held: u16, token: u16 },
    /// The transaction has another nonce than the slot.
    #[error("the nonce is {nonce}, the slot's {expected}")]
    WrongNonce { nonce: u32, expected: u32 },
    /// The recipient of a payment, counted from 0, has no slot of the token.
    #[error("payment {payment} goes to an owner who has no slot yet")]
    RecipientNotOpen { payment: usize },

    // Batches.
    /// A batch would have more than `DATA_WORDS_MAX` data words.
    #[error("a batch has at most 24576 data words")]
    TooManyDataWords { words: u32 },
    /// A batch would have more than `L1_WORDS_MAX` L1 words.
    #[error("a batch has at most 1024 L1 words")]
    TooManyL1Words { words: u32 },
    /// A completed transaction comes without a signature.
    #[error("a signature is owed and none was given")]
    SignatureMissing,
    /// There are more signatures than completed transactions.
    #[error("a signature was given and none is owed")]
    SignatureUnexpected,
    /// A signature has another signer or message than the completed transaction.
    #[error("the signature given belongs to another signer or message than the one owed")]
    SignatureMismatch,
    /// A batch ends with fees in a pot.
    #[error("fee pot {pot} was not collected")]
    PotNotCollected { pot: u8 },
    /// A batch publishes nothing.
    #[error("a batch without entries")]
    EmptyBatch,
    /// A tree is not at the state before the batch that is to update it.
    #[error("the batch follows a tree of root {expected}, and this tree has root {found}")]
    RootMismatch { expected: Digest, found: Digest },

    // The slot tree.
    /// The slots of an update do not ascend.
    #[error("the update of slot {slot} does not follow the one before it")]
    UpdateOutOfOrder { slot: u32 },
    /// An update opens a slot above one that stays unopened.
    #[error("slot {slot} would leave an unopened slot below it")]
    UpdateLeavesGap { slot: u32 },
    /// An update has an unopened leaf for an open slot.
    #[error("slot {slot} is open and stays so")]
    UpdateClosesSlot { slot: u32 },

    // Streams of words, and records.
    /// 32 bytes are an integer of 2^248 or more.
    #[error("a word has 31 bytes; the first of its 32 is not zero")]
    WordTooLarge,
    /// A word has a code or a bit that no entry publishes.
    #[error("no entry publishes such a word")]
    WordUnknown,
    /// A word is not the last link of the chain.
    #[error("word and previous digest do not lead to the chain's digest")]
    WrongLink,
    /// Bytes are not the record that the reader expects.
    #[error("the record ends or errs at byte {offset}")]
    MalformedRecord { offset: usize },
    /// A partial view of the state does not contain the slot.
    #[error("the record has no leaf or node for slot {slot}")]
    SlotNotRecorded { slot: u32 },
}

impl RuleError {
    /// The rule's name in snake case. The code never changes, so clients can match on it.
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
