//! Why a stage that talks to L1 ends, or cannot begin.

use std::str::FromStr;
use std::time::Duration;

use alloy::primitives::{Address, B256, FixedBytes};
use alloy::transports::http::reqwest::Url;
use thiserror::Error;

use crate::store::StoreError;
use crate::witnesses::WitnessError;

/// Why a stage that talks to L1 ended.
#[derive(Debug, Error)]
pub enum L1Error {
    #[error("L1 has not answered for {seconds} s: {last}")]
    Unreachable { seconds: u64, last: String },
    #[error("L1 does not answer when asked for {request}: {last}")]
    Silent { request: &'static str, last: String },
    #[error("L1 refused {request}: {reason}")]
    Refused { request: &'static str, reason: String },
    #[error("L1's answer to {request} cannot be read: {reason}")]
    Unreadable { request: &'static str, reason: String },
    #[error("the contract refused {request}: {reason}")]
    Reverted { request: &'static str, reason: String, scope: Scope },
    #[error(
        "the L1 node's URL is none, and is not repeated here, as it may contain a key: {reason}"
    )]
    Url { reason: <Url as FromStr>::Err },
    #[error("there is no L1 node to ask")]
    NoNode,
    #[error("the L1 node {node} has chain id {found}, this rollup lives on {expected}")]
    OtherChain { node: String, expected: u64, found: u64 },
    #[error("there is no contract at {contract} on the L1 of {node}")]
    NoContract { node: String, contract: Address },
    #[error("the contract at {contract} is none of Sheaf's: {reason}")]
    NotSheaf { contract: Address, reason: String },
    #[error(
        "the contract at {contract} has domain {found}, but its chain and address make {expected}: \
         it is a copy of another rollup's, or of another version of Sheaf"
    )]
    OtherDomain { contract: Address, expected: FixedBytes<24>, found: FixedBytes<24> },
    #[error(
        "the contract verifies proofs with key {found}, this program's keys have {expected}: use \
         the keys that it was deployed with, or deploy again"
    )]
    OtherKey { expected: B256, found: B256 },
    #[error(
        "the verifier at {verifier} has no Groth16 key: the contract was deployed for \
         development proofs; start with --development, or deploy again"
    )]
    NoKey { verifier: Address },
    #[error(
        "the verifier at {verifier} does not accept development proofs; start without \
         --development, or deploy again"
    )]
    NotForDevelopment { verifier: Address },
    #[error(
        "the contract takes batches from its operator {operator}, and from others only while he \
         leaves a request waiting for too long; the operator's key given here is that of {account}"
    )]
    NotOperator { operator: Address, account: Address },
    #[error(
        "the role of operator, which {account} holds, was taken over by {leaseholder} until \
         {lease_end} (Unix time). From then on, or once {leaseholder} gives it back, call the \
         contract's `endLease` from {account} and start with --takeover; until then {leaseholder} \
         serves the rollup"
    )]
    RoleLent { account: Address, leaseholder: Address, lease_end: u64 },
    #[error(
        "the account {account} has code: the contract takes batches only from accounts without, so \
         that their words are in the transaction itself; take its delegation (EIP-7702) back"
    )]
    AccountHasCode { account: Address },
    #[error("the L1 node {node} is at block {block}, another one at {newest}")]
    NodeBehind { node: String, block: u64, newest: u64 },
    #[error("L1 no longer has block {block}, which was read: the node has fallen behind")]
    Behind { block: u64 },
    #[error(
        "L1 block {block} is another than the one that was read ({read}): a reorganisation deeper \
         than the confirmations; raise them and rebuild the database from L1"
    )]
    DeepReorg { block: u64, read: B256 },
    #[error(
        "L1 answered with an event that this version cannot read, in transaction {transaction}"
    )]
    UnknownEvent { transaction: B256 },
    #[error(
        "the contract counts {expected} {what} up to L1 block {block}, and the node's logs tell of \
         {found}: the node leaves out logs, or did so before; ask another node with --l1, and if \
         that tells the same, go back to a back-up of the database"
    )]
    LogsLeftOut { block: u64, what: &'static str, expected: u64, found: u64 },
    #[error(
        "the rollup was frozen on L1 in transaction {transaction}, because an exit request waited \
         for too long: no batch is accepted any more, and everyone leaves by the contract's \
         `escape` and `refund`"
    )]
    Frozen { transaction: B256 },
    #[error("L1 finalised batch {batch} with state {found}, but here it has {expected}")]
    Diverged { batch: u64, expected: B256, found: B256 },
    #[error(
        "L1 finalised batch {batch}, which is not in this database: start with --takeover, which \
         makes a database that has it, or take a newer copy of this one"
    )]
    UnknownBatch { batch: u64 },
    #[error("the contract refuses batch {batch}: {reason}")]
    BatchRefused { batch: u64, reason: String },
    #[error("the contract does not take batch {batch} on the node's newest block: {reason}")]
    BatchNotTaken { batch: u64, reason: String },
    #[error("batch {batch} failed on L1 {attempts} times; the last was {transaction}")]
    BatchReverted { batch: u64, attempts: usize, transaction: B256 },
    #[error("the proof of batch {batch} is missing or malformed in the database")]
    BatchIncomplete { batch: u64 },
    #[error("the words of a batch cannot be had")]
    Witness(#[from] WitnessError),
    #[error("making a transaction panicked")]
    Panicked { source: tokio::task::JoinError },
    #[error("the L1 key cannot sign")]
    Signing(#[from] alloy::signers::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl L1Error {
    /// The error's name for logs, which never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } | Self::Silent { .. } => "l1_unreachable",
            Self::Refused { .. } => "l1_refused",
            Self::Unreadable { .. } => "l1_unreadable",
            Self::Reverted { .. } => "l1_reverted",
            Self::Url { .. } => "l1_url",
            Self::NoNode => "l1_no_node",
            Self::OtherChain { .. } => "l1_other_chain",
            Self::NoContract { .. } => "l1_no_contract",
            Self::NotSheaf { .. } => "l1_not_sheaf",
            Self::OtherDomain { .. } => "l1_other_domain",
            Self::OtherKey { .. } => "l1_other_key",
            Self::NoKey { .. } => "l1_no_key",
            Self::NotForDevelopment { .. } => "l1_not_for_development",
            Self::NotOperator { .. } => "l1_not_operator",
            Self::RoleLent { .. } => "l1_role_lent",
            Self::AccountHasCode { .. } => "l1_account_has_code",
            Self::NodeBehind { .. } => "l1_node_behind",
            Self::Behind { .. } => "l1_behind",
            Self::DeepReorg { .. } => "l1_deep_reorg",
            Self::UnknownEvent { .. } => "l1_unknown_event",
            Self::LogsLeftOut { .. } => "l1_logs_left_out",
            Self::Frozen { .. } => "l1_frozen",
            Self::Diverged { .. } => "l1_diverged",
            Self::UnknownBatch { .. } => "l1_unknown_batch",
            Self::BatchRefused { .. } => "l1_batch_refused",
            Self::BatchNotTaken { .. } => "l1_batch_not_taken",
            Self::BatchReverted { .. } => "l1_batch_reverted",
            Self::BatchIncomplete { .. } => "l1_batch_incomplete",
            Self::Witness(_) => "witness",
            Self::Panicked { .. } => "panicked",
            Self::Signing(_) => "l1_signing",
            Self::Store(store) => store.code(),
        }
    }

    /// Whether the same request may succeed later: a node catches up with its blocks or their logs,
    /// an account gets its ether, a limit of requests resets.
    pub(crate) const fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Silent { .. }
                | Self::Refused { .. }
                | Self::Unreadable { .. }
                | Self::NodeBehind { .. }
                | Self::Behind { .. }
                | Self::LogsLeftOut { .. }
                | Self::BatchNotTaken { .. }
        )
    }

    /// Whether a node said what no repetition changes, if the node is right.
    pub(crate) const fn is_for_good(&self) -> bool {
        matches!(
            self,
            Self::Reverted { .. }
                | Self::OtherChain { .. }
                | Self::NoContract { .. }
                | Self::NotSheaf { .. }
                | Self::OtherDomain { .. }
                | Self::OtherKey { .. }
                | Self::NoKey { .. }
                | Self::NotForDevelopment { .. }
                | Self::NotOperator { .. }
                | Self::RoleLent { .. }
                | Self::AccountHasCode { .. }
                | Self::DeepReorg { .. }
                | Self::UnknownEvent { .. }
                | Self::Frozen { .. }
                | Self::Diverged { .. }
                | Self::UnknownBatch { .. }
                | Self::BatchRefused { .. }
                | Self::BatchReverted { .. }
        )
    }

    /// Whether another node may answer otherwise.
    pub(crate) const fn is_of_a_node(&self) -> bool {
        self.may_pass() || self.is_for_good()
    }

    /// Whether L1 is away or behind, and has not contradicted anything.
    pub(crate) const fn is_absence(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Silent { .. }
                | Self::Refused { .. }
                | Self::Unreadable { .. }
                | Self::NodeBehind { .. }
                | Self::Behind { .. }
        )
    }

    /// Whether the node belongs to another rollup, however far it has got.
    pub(crate) const fn is_another_rollup(&self) -> bool {
        matches!(self, Self::OtherChain { .. } | Self::NotSheaf { .. } | Self::OtherDomain { .. })
    }

    /// The error after `elapsed` in which no node did what was asked.
    pub(super) fn after(self, elapsed: Duration) -> Self {
        match self {
            Self::Silent { request: _, last } => {
                Self::Unreachable { seconds: elapsed.as_secs(), last }
            }
            other => other,
        }
    }

    /// The error with the name of the node that was silent.
    pub(super) fn by_node(self, node: &str) -> Self {
        match self {
            Self::Silent { request, last } => {
                Self::Silent { request, last: format!("{node}: {last}") }
            }
            other => other,
        }
    }
}

/// What the contract's refusal of a call depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The call alone: the contract refuses it on every block.
    Call,
    /// The state of the block on which the node has run the call, or a reason that this version
    /// does not know: another block may explain the refusal.
    Block,
}
