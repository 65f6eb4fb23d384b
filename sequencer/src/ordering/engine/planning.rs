//! Planning: which ready transactions a block takes, and into which slots they pay.
//!
//! Whether they can pay, only execution sees; what is counted here is what they add if they do.

use sheaf_ledger::entry::Entry;
use sheaf_ledger::message::Terms;

use super::{Draft, Engine, OpenBatch, refused};
use crate::capacity::Contents;
use crate::directory::Identity;
use crate::execution::{Credit, Plan};
use crate::lifecycle::{AdmittedTransaction, Waiter};
use crate::mempool::Pending;

/// A transaction in the plan.
#[derive(Debug)]
pub(super) struct Planned {
    pub pending: Pending<Waiter>,
    pub pot: u8,
    /// Entries that open slots for recipients who had none.
    pub opens: Vec<Entry>,
    /// The transaction's own entries, which follow those that open slots.
    pub entries: Vec<Entry>,
}

impl Planned {
    /// What the transaction adds with the slots that were opened for it.
    pub(super) fn contents(&self) -> Contents {
        Contents::of_transaction(self.pending.transaction.transaction(), self.opens.len())
    }
}

impl Engine {
    /// Moves ready transactions into the plan until the batch is full or none is left. Those that
    /// the batch comes too late for are refused first.
    pub(super) fn plan_transactions(&mut self, batch: &OpenBatch, draft: &mut Draft) {
        let expired = self.mempool.expire(batch.timestamp);
        draft.refusals.extend(expired.into_iter().map(refused));
        // Counts every planned transaction as applied; a refused one only leaves room unused.
        let mut batch = batch.clone();
        while !draft.is_full
            && let Some(transaction) = self.mempool.peek()
        {
            let (most, Terms { token, fee, .. }) = (most_of(transaction), *transaction.terms());
            let fits = batch.fits(most, &self.policy.limits);
            let Some(pot) = batch.pot_for(token).filter(|_| fits) else {
                draft.is_full = true;
                return;
            };
            let Some(pending) = self.mempool.take() else { return };
            let planned = self.plan(pending, pot, &mut draft.plan);
            batch.add(planned.contents());
            batch.charge(pot, token, fee);
            draft.planned.push(planned);
        }
    }

    fn plan(&mut self, pending: Pending<Waiter>, pot: u8, plan: &mut Plan) -> Planned {
        let transaction = &pending.transaction;
        let terms = transaction.terms();
        let mut opens = Vec::new();
        let entries = transaction.entries(pot, |owner| {
            let (slot, open) = self.resolve(Identity { owner: *owner, token: terms.token });
            opens.extend(open);
            slot
        });
        let credits = entries.iter().filter_map(|entry| match *entry {
            Entry::Credit { slot, amount } => Some(Credit { slot, amount }),
            _ => None,
        });
        plan.push(terms.slot, terms.nonce, terms.debited(), credits);
        Planned { pending, pot, opens, entries }
    }
}

/// What a transaction adds if every recipient without a slot needs one.
fn most_of(transaction: &AdmittedTransaction) -> Contents {
    Contents::of_transaction(transaction.transaction(), transaction.opens_max())
}
