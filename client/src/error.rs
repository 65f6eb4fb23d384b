//! The errors of the client.

use std::str::FromStr;

use alloy::primitives::{Address, B256};
use alloy::providers::PendingTransactionError;
use reqwest::{StatusCode, Url};
use sheaf_contracts::Sheaf::SheafErrors;
use sheaf_crypto::error::Error as CryptoError;
use sheaf_crypto::hash::Digest;
use sheaf_ledger::{Owner, RuleError};
use sheaf_wire::transactions::binary::BinaryError;
use sheaf_wire::{ErrorDetail, is_passing};
use thiserror::Error;

/// The result of every operation of the client.
pub type Result<T> = std::result::Result<T, ClientError>;

/// Why an operation of the client failed. The message names the remedy where a person can help.
#[derive(Debug, Error)]
pub enum ClientError {
    #[error("'{url}' is no address; write it like http://127.0.0.1:8080")]
    Url { url: String, source: <Url as FromStr>::Err },
    #[error("the HTTP client could not be made")]
    Http { source: reqwest::Error },

    // The sequencer's answers, and its silence.
    #[error("the sequencer at {url} does not answer; is it running?")]
    Silent { url: Url, source: reqwest::Error },
    #[error("the answer broke off")]
    BrokeOff { source: reqwest::Error },
    #[error("the sequencer's answer cannot be read")]
    Unreadable { source: serde_json::Error },
    #[error("the sequencer's answer cannot be read")]
    UnreadableBytes { source: BinaryError },
    #[error("{message} ({code})")]
    Refused { status: StatusCode, code: String, message: String },
    #[error("the address leads on to {to}; give the address of the sequencer itself")]
    Redirected { to: String },
    #[error("the sequencer answered with status {status}")]
    NoReason { status: StatusCode },
    #[error("it is not known whether the sequencer has taken transaction {id}")]
    OutcomeUnknown { id: Digest, source: Box<Self> },
    #[error("the sequencer has refused transaction {id}{}", because(.detail.as_deref()))]
    Rejected { id: Digest, detail: Option<Box<ErrorDetail>> },
    #[error("waited for {seconds} s in vain; the last answer: {last}")]
    Late { seconds: u64, last: String },

    // Keys and signed transactions.
    #[error("the L1 key cannot sign")]
    Signing { source: alloy::signers::Error },
    #[error("this Ethereum key yields no Sheaf key; use another one")]
    NoKey { source: CryptoError },
    #[error("the clock shows no time between 1970 and 2106")]
    Clock,
    #[error("the transaction breaks a rule")]
    Rule { source: RuleError },
    #[error("{owner} has no balance on L2 yet; deposit, or be paid")]
    NoBalance { owner: Owner },
    #[error("the balance of {balance} does not cover the payment and its fee of {fee}")]
    BalanceTooLow { balance: String, fee: String },

    // Amounts as people write them.
    #[error("'{text}' is not an amount; write digits and at most one point, like 0.25")]
    NoAmount { text: String },
    #[error("'{text}' has more than the {decimals} decimals that this token has on L2")]
    TooManyDecimals { text: String, decimals: u32 },
    #[error("'{text}' is too large")]
    AmountTooLarge { text: String },
    #[error("the amount must be more than zero")]
    AmountZero,

    // L1.
    #[error("the L1 node's URL is none, and is not repeated here, as it may contain a key")]
    L1Url { source: <Url as FromStr>::Err },
    #[error("the L1 node does not answer")]
    L1Silent { source: Box<alloy::transports::TransportError> },
    #[error("the L1 node serves chain {found}, the rollup is on chain {expected}")]
    OtherChain { expected: u64, found: u64 },
    #[error("the contract refuses: {refusal:?}")]
    ContractRefused { refusal: Box<SheafErrors> },
    #[error(transparent)]
    L1(Box<alloy::contract::Error>),
    #[error("L1 reverted the transaction {transaction}")]
    Reverted { transaction: B256 },
    #[error(
        "the node has taken {act} as transaction {transaction} and shows it in no block; it may be \
         mined later, so look at it before you do this again"
    )]
    NotMined { act: &'static str, transaction: B256, source: Option<Box<PendingTransactionError>> },
    #[error("{act} failed on L1")]
    Failed { act: &'static str, source: Box<Self> },
    #[error("the L1 account {account} has {balance}, less than the deposit of {deposit}")]
    L1BalanceTooLow { account: Address, balance: String, deposit: String },
    #[error("the contract at {contract} is none of Sheaf's, or not on this chain")]
    NotSheaf { contract: Address },
    #[error("L1 has batch {found} where batch {expected} belongs: the node leaves out events")]
    OtherBatch { expected: u64, found: u64 },
    #[error("the data of batch {batch} do not lead to the state that was proven")]
    OtherState { batch: u64, source: Option<RuleError> },
    #[error("the data of batch {batch} are not what the contract proved: ask another node")]
    OtherWords { batch: u64 },
    #[error("the transaction of batch {batch} does not contain the batch's data")]
    WordsElsewhere { batch: u64 },
    #[error(
        "{asked} sources of blobs were asked for {versioned_hash}, and none has the blob: name \
         others with --blobs"
    )]
    NoBlob { versioned_hash: B256, asked: usize, source: Option<Box<Self>> },
    #[error("the source has no blob {versioned_hash}, or another one in its place")]
    OtherBlob { versioned_hash: B256 },
    #[error("the place where blobs are kept cannot be used")]
    Shelf { source: Box<dyn std::error::Error + Send + Sync> },
    #[error("the file of a blob cannot be read")]
    BlobFile { source: std::io::Error },
    #[error("a source of blobs does not answer")]
    SourceSilent { source: reqwest::Error },
    #[error("a source of blobs answers with more than {bytes} bytes")]
    SourceVerbose { bytes: usize },
    #[error("the beacon node does not say in which slot an L1 block lies")]
    NoSlot,
    #[error("the contract has {expected} batches, the node shows {found}: ask another node")]
    Incomplete { expected: u64, found: u64 },
    #[error("the contract has {expected} requests, the node shows {found}: ask another node")]
    MissingRequest { expected: u64, found: u64 },
    #[error("the node shows request {number} as the contract makes none: ask another node")]
    UnreadableRequest { number: u64 },
    #[error(
        "batch {batch} has fewer than {confirmations} L1 blocks on top, and the state after it may \
         change: try again when L1 has gone on, or give less with --confirmations"
    )]
    Unconfirmed { batch: u64, confirmations: u64 },
    #[error("the contract has fewer than {confirmations} L1 blocks on top: try again later")]
    TooYoung { confirmations: u64 },
    #[error(
        "the slots of the snapshot do not lead to the state that L1 has after batch {batch}: take \
         another snapshot, or none"
    )]
    OtherSnapshot { batch: u64 },
    #[error("the rollup is not frozen: {owner} leaves by a withdrawal or an exit request")]
    NotFrozen { owner: Owner },
    #[error("the rollup was frozen with another root: the node shows another history")]
    OtherRoot,
    #[error("cannot look token {number} up in the contract's list")]
    NoToken { number: u16, source: Box<Self> },
    #[error("token {number} does not say how many decimals it has")]
    NoDecimals { number: u16, source: Box<alloy::contract::Error> },
    #[error("amounts of token {number} cannot be written as decimal numbers")]
    NoDecimalScale { number: u16 },
}

impl ClientError {
    /// Whether no whole answer arrived. The same request may succeed later, and the outcome of this
    /// request is not known.
    pub fn is_silence(&self) -> bool {
        matches!(self, Self::Silent { .. } | Self::BrokeOff { .. } | Self::OutcomeUnknown { .. })
    }

    /// Whether the sequencer has refused a transaction and does not keep it.
    pub fn is_verdict(&self) -> bool {
        match self {
            Self::Refused { .. } => !self.leaves_open() && !self.may_pass(),
            Self::Rejected { .. } => true,
            _ => false,
        }
    }

    /// Whether another transaction of the same slot has used a transaction's nonce, or waits with
    /// it. A transaction that the sequencer sees for the first time was then not executed.
    pub fn is_collision(&self) -> bool {
        matches!(self.code(), Some("nonce_used" | "nonce_taken"))
    }

    /// The sequencer's code for its refusal; `None` for an error of another kind.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            Self::Rejected { detail, .. } => detail.as_ref().map(|detail| detail.code.as_str()),
            _ => None,
        }
    }

    /// Whether the sequencer, or a proxy before it, has answered without knowing what became of the
    /// request: it stops, its database fails, or the request took too long.
    pub(crate) fn leaves_open(&self) -> bool {
        match self {
            Self::Refused { code, .. } => {
                ["outcome_unknown", "timeout", "internal"].contains(&code.as_str())
            }
            Self::NoReason { status } => is_passing(status.as_u16()),
            _ => false,
        }
    }

    /// Whether the same request may succeed later.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Refused { status, .. } | Self::NoReason { status } => is_passing(status.as_u16()),
            _ => self.is_silence(),
        }
    }
}

impl From<alloy::contract::Error> for ClientError {
    /// `ContractRefused` when the error is one of the contract's own, `L1` for every other.
    fn from(error: alloy::contract::Error) -> Self {
        match error.as_decoded_interface_error::<SheafErrors>() {
            Some(refusal) => Self::ContractRefused { refusal: Box::new(refusal) },
            None => Self::L1(Box::new(error)),
        }
    }
}

impl From<alloy::transports::TransportError> for ClientError {
    fn from(error: alloy::transports::TransportError) -> Self {
        alloy::contract::Error::from(error).into()
    }
}

/// The reason for a refused transaction, as text; empty when the sequencer has forgotten it.
fn because(detail: Option<&ErrorDetail>) -> String {
    let reason = |detail: &ErrorDetail| format!(": {} ({})", detail.message, detail.code);
    detail.map_or(String::new(), reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_that_another_transaction_has_is_a_collision_and_no_other_refusal_is() {
        let refused = |code: &str| {
            let (status, message) = (StatusCode::UNPROCESSABLE_ENTITY, String::new());
            ClientError::Refused { status, code: code.to_owned(), message }
        };
        for (code, is_collision) in
            [("nonce_used", true), ("nonce_taken", true), ("nonce_too_far", false)]
        {
            let error = refused(code);
            assert_eq!((error.is_collision(), error.is_verdict()), (is_collision, true), "{code}");
        }
        assert!(!ClientError::Clock.is_collision());
    }
}
