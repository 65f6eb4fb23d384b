//! What travels between the stages: a transaction from its arrival to its answer.
//!
//! `received → accepted → executed → sealed → proven → submitted → finalised`, or `rejected`.
//! A type stands for each state that matters to the next stage, so that a wrong order does not
//! compile: only admission makes an `AdmittedTransaction`.

use std::fmt;

use serde::{Deserialize, Serialize};
use sheaf_crypto::hash::Digest;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::transaction::{SignedMessage, SignedTransaction};
use tokio::sync::oneshot;
use utoipa::ToSchema;

use crate::rejection::Rejection;

/// How far a transaction has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Arrived; nothing is checked yet, nothing is promised.
    Received,
    /// Signature and rules hold; it waits in memory and would be lost with the process.
    Accepted,
    /// Executed in a durable block: the sequencer will not take it back.
    Executed,
    /// In a batch whose witness is stored.
    Sealed,
    /// The batch has its proof.
    Proven,
    /// The batch is on its way to L1.
    Submitted,
    /// L1 has verified the batch.
    Finalised,
    /// A rule refused it; it has changed nothing.
    Rejected,
}

impl Stage {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::Executed => "executed",
            Self::Sealed => "sealed",
            Self::Proven => "proven",
            Self::Submitted => "submitted",
            Self::Finalised => "finalised",
            Self::Rejected => "rejected",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A transaction as it came, with the place where its outcome is awaited.
#[derive(Debug)]
pub struct Submission {
    pub transaction: SignedTransaction,
    pub waiter: Waiter,
}

/// Where somebody waits for an outcome. Whether anybody still does is not the stages' business.
pub type Waiter = oneshot::Sender<Outcome>;

/// What a client is told about a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It stands in a durable block.
    Executed { id: Digest, block: u64 },
    /// It waits in memory, for an earlier nonce or for its turn; not durable.
    Held { id: Digest },
    /// A rule refused it; what breaks a rule of form has no id.
    Rejected { id: Option<Digest>, rejection: Rejection },
}

/// A recipient of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payment {
    pub owner: Owner,
    /// L2 units, at least 1.
    pub amount: u64,
    /// The recipient's slot, where admission already found one.
    pub slot: Option<u32>,
}

/// What an admitted transaction does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Transfer { payments: Vec<Payment> },
    Withdrawal { amount: u64, recipient: L1Address },
}

/// A transaction whose signature and whose rules without a moving state hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmittedTransaction {
    /// The message that was signed.
    pub id: Digest,
    /// The owner of `slot`.
    pub owner: Owner,
    pub slot: u32,
    /// The token of `slot`.
    pub token: u16,
    pub nonce: u32,
    pub fee: u64,
    /// Amounts and fee together.
    pub debit: u64,
    /// Unix seconds; no batch with a later timestamp may hold it.
    pub valid_until: u32,
    pub action: Action,
    pub signature: SignedMessage,
}

impl AdmittedTransaction {
    /// What it counts for where things are bounded: its recipients.
    pub fn payments(&self) -> usize {
        match &self.action {
            Action::Transfer { payments } => payments.len(),
            Action::Withdrawal { .. } => 1,
        }
    }
}

/// An admitted transaction on its way to the mempool.
#[derive(Debug)]
pub struct Admission {
    pub transaction: AdmittedTransaction,
    pub waiter: Waiter,
}

/// A request that L1 made: the contract's queue, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct L1Request {
    /// Its place in the contract's queue, from 0.
    pub number: u64,
    pub kind: RequestKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    Deposit { owner: Owner, token: u16, amount: u64 },
    Exit { owner: Owner, slot: u32 },
}
