//! The values that travel between the stages: a transaction from its arrival to its outcome.
//!
//! `received → accepted → executed → sealed → proven → submitted → finalised`, or `rejected`.
//! Each state that the next stage requires has a type, so that a wrong order does not compile: an
//! `AdmittedTransaction` is made of a transaction whose signature was checked.

use std::time::{Duration, Instant};

use sheaf_crypto::hash::Digest;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::message::Terms;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::transaction::{
    AcceptedTransaction, SignedMessage, SignedTransaction, Transaction,
};
use tokio::sync::oneshot;

use crate::rejection::Rejection;

/// A transaction as the API received it, with the waiter for its outcome.
#[derive(Debug)]
pub struct Submission {
    pub transaction: SignedTransaction,
    pub waiter: Waiter,
}

/// The sender of an outcome, and when its transaction reached the newest stage.
#[derive(Debug)]
pub struct Waiter {
    outcome: oneshot::Sender<Outcome>,
    since: Instant,
}

impl Waiter {
    /// A waiter of a transaction that has just arrived, and the receiver of its outcome.
    pub fn new() -> (Self, oneshot::Receiver<Outcome>) {
        let (outcome, waiting) = oneshot::channel();
        (Self { outcome, since: Instant::now() }, waiting)
    }

    /// Notes that the transaction reaches a stage at `now`. Returns how long the way from the stage
    /// before was.
    pub fn reach(&mut self, now: Instant) -> Duration {
        now.saturating_duration_since(std::mem::replace(&mut self.since, now))
    }

    /// Tells the client the outcome. The client may have stopped waiting, which is no failure.
    pub fn send(self, outcome: Outcome) {
        let _ = self.outcome.send(outcome);
    }
}

/// The outcome of a submission, from which the API answers the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The transaction is in a durable block.
    Executed { id: Digest, block: u64 },
    /// The transaction is in memory and not durable. It waits for an earlier nonce, for its turn,
    /// or for its block to become durable.
    Held { id: Digest },
    /// A rule refused the transaction. A transaction that breaks a rule of form has no id.
    Rejected { id: Option<Digest>, rejection: Rejection },
}

/// A transaction with a valid signature, which satisfies the rules that do not depend on balances
/// and nonces.
///
/// Admission makes it of a transaction that the ledger has accepted:
///
/// ```
/// use sheaf_ledger::transaction::AcceptedTransaction;
/// use sheaf_sequencer::lifecycle::AdmittedTransaction;
///
/// fn admitted(accepted: AcceptedTransaction) -> AdmittedTransaction {
///     AdmittedTransaction::new(accepted, |_owner| None)
/// }
/// ```
///
/// A transaction with an unchecked signature cannot be admitted, so it never reaches the executor:
///
/// ```compile_fail
/// use sheaf_ledger::transaction::CheckedTransaction;
/// use sheaf_sequencer::lifecycle::AdmittedTransaction;
///
/// fn admitted(checked: CheckedTransaction) -> AdmittedTransaction {
///     AdmittedTransaction::new(checked, |_owner| None)
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmittedTransaction {
    accepted: AcceptedTransaction,
    /// The slot of each recipient, in order, where admission already found one.
    found: Vec<Option<u32>>,
}

impl AdmittedTransaction {
    /// Admits an accepted transaction. `find` looks up the slot that an owner has for the
    /// transaction's token.
    pub fn new(accepted: AcceptedTransaction, mut find: impl FnMut(&Owner) -> Option<u32>) -> Self {
        let payments = accepted.checked().signed().transaction.payments();
        let found = payments.iter().map(|payment| find(&payment.owner)).collect();
        Self { accepted, found }
    }

    /// The transaction's id, which is the signed message.
    pub const fn id(&self) -> &Digest {
        self.accepted.checked().id()
    }

    /// The owner of the paying slot.
    pub const fn owner(&self) -> &Owner {
        self.accepted.checked().owner()
    }

    /// The paying slot, its token, and what the transaction takes from it. No batch with a
    /// timestamp after `valid_until` may contain the transaction.
    pub const fn terms(&self) -> &Terms {
        self.accepted.checked().terms()
    }

    /// The transfer or withdrawal that the owner signed.
    pub const fn transaction(&self) -> &Transaction {
        &self.accepted.checked().signed().transaction
    }

    /// The number of recipients that the transaction pays: the bounds of intake and mempool count
    /// it.
    pub fn recipients(&self) -> usize {
        self.transaction().recipients()
    }

    /// How many slots the transaction opens at most: one for each recipient whose slot admission
    /// did not find.
    pub fn opens_max(&self) -> usize {
        self.found.iter().filter(|slot| slot.is_none()).count()
    }

    /// The signature that the transaction's entries need.
    pub fn signature(&self) -> SignedMessage {
        self.accepted.signed_message()
    }

    /// The transaction's entries, with its fee paid into the pot number `pot`. `resolve` finds or
    /// opens a slot for each recipient whose slot admission did not find.
    pub fn entries(&self, pot: u8, mut resolve: impl FnMut(&Owner) -> u32) -> Vec<Entry> {
        let mut found = self.found.iter();
        let slot_of = |owner: &Owner| Some(found.next()?.unwrap_or_else(|| resolve(owner)));
        self.accepted.entries(pot, slot_of).expect("there is a place for each recipient")
    }
}

/// An admitted transaction on its way to the mempool.
#[derive(Debug)]
pub struct Admission {
    pub transaction: AdmittedTransaction,
    pub waiter: Waiter,
}

/// A request from the contract's queue on L1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct L1Request {
    /// The request's place in the contract's queue, from 0.
    pub number: u64,
    pub kind: RequestKind,
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    /// Adds `amount`, in L2 units, to the owner's slot of the token, which is opened if need be.
    Deposit { owner: Owner, token: u16, amount: u64 },
    /// Pays out the whole slot, if the slot belongs to `owner`.
    Exit { owner: Owner, slot: u32 },
}
