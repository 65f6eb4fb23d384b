//! What travels between the stages: a transaction from its arrival to its answer.
//!
//! `received → accepted → executed → sealed → proven → submitted → finalised`, or `rejected`.
//! A type stands for each state that matters to the next stage, so that a wrong order does not
//! compile: an `AdmittedTransaction` is made of a transaction whose signature was checked.

use sheaf_crypto::hash::Digest;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::message::Terms;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::transaction::{
    AcceptedTransaction, SignedMessage, SignedTransaction, Transaction,
};
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

/// A transaction whose signature and whose rules without a moving state hold.
///
/// Admission alone makes one, from what the ledger has accepted:
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
/// A transaction whose signature nobody has checked cannot be admitted, and so never reaches the
/// executor:
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
    /// `find` looks up the slot that an owner has for the transaction's token.
    pub fn new(accepted: AcceptedTransaction, mut find: impl FnMut(&Owner) -> Option<u32>) -> Self {
        let payments = accepted.checked().signed().transaction.payments();
        let found = payments.iter().map(|payment| find(&payment.owner)).collect();
        Self { accepted, found }
    }

    /// The message that was signed.
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

    /// What the owner asked for.
    pub const fn transaction(&self) -> &Transaction {
        &self.accepted.checked().signed().transaction
    }

    /// How many the transaction pays: what counts where things are bounded.
    pub fn recipients(&self) -> usize {
        self.transaction().recipients()
    }

    /// How many slots the transaction opens at most: those that admission did not find.
    pub fn opens_max(&self) -> usize {
        self.found.iter().filter(|slot| slot.is_none()).count()
    }

    /// The signature that the transaction's entries owe.
    pub fn signature(&self) -> SignedMessage {
        self.accepted.signed_message()
    }

    /// The entries, the fee going into `pot`. `resolve` finds or opens a slot for each recipient
    /// whose slot admission did not find.
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
