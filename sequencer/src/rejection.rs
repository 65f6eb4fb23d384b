//! Why a transaction is refused: one variant for each rule, each with a stable code for clients.
//!
//! The ledger's own rules keep their codes; this module adds the rules of admission and the mempool
//! and the pauses of ordering.

use std::time::Duration;

use sheaf_ledger::rule_error::RuleError;
use thiserror::Error;

use crate::limits::{RETRY_LATER, RETRY_SOON, WRONG_SIGNATURES_MAX, WRONG_SIGNATURES_PERIOD};
use crate::pause::Pause;

/// A rule that a transaction breaks. The message is for people, `code` for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Rejection {
    #[error(transparent)]
    Rule(#[from] RuleError),
    #[error("nonce {nonce} is used; the next one is {next}")]
    NonceUsed { nonce: u32, next: u32 },
    #[error("nonce {nonce} is too far ahead; the next one is {next}")]
    NonceTooFar { nonce: u32, next: u32 },
    #[error("another transaction with nonce {nonce} is waiting, and is not replaced")]
    NonceTaken { nonce: u32 },
    #[error("the fee is {fee}, at least {minimum} is asked")]
    FeeTooLow { fee: u64, minimum: u64 },
    #[error(
        "the transaction adds up to {entries} entries and {words} words; a batch has {entries_max} \
         and {words_max}, some of them kept for its fees"
    )]
    TransactionTooLarge { entries: usize, words: usize, entries_max: usize, words_max: usize },
    #[error("token {token} has no price here, so nothing is done in it; it can leave through L1")]
    TokenNotPriced { token: u16 },
    #[error("nobody can claim what is withdrawn to the zero address")]
    RecipientZero,
    #[error("nobody can claim what is withdrawn to the rollup's own contract")]
    RecipientContract,
    #[error("the nonces before it did not arrive in time")]
    HoldTimeout,
    #[error("an owner may have {limit} payments waiting, and this would be more")]
    OwnerLimit { limit: usize },
    #[error("an owner may have {limit} payments held for earlier nonces, and this would be more")]
    HeldLimit { limit: usize },
    #[error("too much is held for earlier nonces; send those first")]
    HeldFull,
    #[error("the mempool is full")]
    MempoolFull,
    #[error(
        "this connection has sent {WRONG_SIGNATURES_MAX} wrong signatures within \
         {} s: sign again, and come back later", WRONG_SIGNATURES_PERIOD.as_secs()
    )]
    WrongSignatures,
    #[error(transparent)]
    Paused(Pause),
}

impl Rejection {
    /// The rule's name: part of the API, never changed.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rule(rule) => rule.code(),
            Self::NonceUsed { .. } => "nonce_used",
            Self::NonceTooFar { .. } => "nonce_too_far",
            Self::NonceTaken { .. } => "nonce_taken",
            Self::FeeTooLow { .. } => "fee_too_low",
            Self::TransactionTooLarge { .. } => "transaction_too_large",
            Self::TokenNotPriced { .. } => "token_not_priced",
            Self::RecipientZero => "recipient_zero",
            Self::RecipientContract => "recipient_contract",
            Self::HoldTimeout => "hold_timeout",
            Self::OwnerLimit { .. } => "owner_limit",
            Self::HeldLimit { .. } => "held_limit",
            Self::HeldFull => "held_full",
            Self::MempoolFull => "mempool_full",
            Self::WrongSignatures => "wrong_signatures",
            Self::Paused(pause) => pause.code(),
        }
    }

    /// After which time the same transaction may be accepted when it is sent again; `None` if it is
    /// refused as long as slots, fees and time are as they are.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::OwnerLimit { .. }
            | Self::HeldLimit { .. }
            | Self::HeldFull
            | Self::MempoolFull => Some(RETRY_SOON),
            Self::WrongSignatures => Some(WRONG_SIGNATURES_PERIOD),
            Self::Paused(_) => Some(RETRY_LATER),
            Self::Rule(_)
            | Self::NonceUsed { .. }
            | Self::NonceTooFar { .. }
            | Self::NonceTaken { .. }
            | Self::FeeTooLow { .. }
            | Self::TransactionTooLarge { .. }
            | Self::TokenNotPriced { .. }
            | Self::RecipientZero
            | Self::RecipientContract
            | Self::HoldTimeout => None,
        }
    }
}
