//! What travels between the stages: a transaction from its arrival to its answer.
//!
//! `received → accepted → executed → sealed → proven → submitted → finalised`, or `rejected`.
//! A type stands for each state that matters to the next stage, so that a wrong order does not
//! compile: only admission makes an `AdmittedTransaction`.

use sheaf_ledger::hash::Digest;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::transaction::{SignedMessage, SignedTransaction};
use tokio::sync::oneshot;

use crate::rejection::Rejection;

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
