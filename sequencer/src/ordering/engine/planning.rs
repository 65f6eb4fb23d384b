//! Planning: selects the ready transactions that a block takes, and resolves the slots they pay.
//!
//! Every ready transaction can pay, because the mempool has reserved its balance. Planning counts
//! what each transaction adds to the batch, and lists what it does to accounts.

use sheaf_ledger::entry::Entry;
use sheaf_ledger::message::Terms;

use super::{Draft, Engine, OpenBatch, refused};
use crate::capacity::Contents;
use crate::directory::Identity;
use crate::execution::Effect;
use crate::lifecycle::{AdmittedTransaction, Waiter};
use crate::mempool::Pending;

/// A transaction in the plan.
#[derive(Debug)]
pub(super) struct Planned {
    pub pending: Pending<Waiter>,
    /// The pot that takes the fee.
    pub pot: u8,
    /// Entries that open slots for recipients who had none.
    pub opens: Vec<Entry>,
    /// The transaction's own entries, which follow those that open slots.
    pub entries: Vec<Entry>,
}

impl Planned {
    /// What the transaction adds to a batch, including the slots that were opened for it.
    pub(super) fn contents(&self) -> Contents {
        Contents::of_transaction(self.pending.transaction.transaction(), self.opens.len())
    }
}

impl Engine {
    /// Moves ready transactions into the plan until the batch is full or no transaction is left.
    /// Before that, refuses each transaction whose `valid_until` is before the batch's timestamp.
    pub(super) fn plan_transactions(&mut self, batch: &OpenBatch, draft: &mut Draft) {
        let expired = self.mempool.expire(batch.timestamp);
        draft.refusals.extend(expired.into_iter().map(refused));
        // The copy counts what is planned; the batch itself counts it once it is executed.
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
            let planned = self.plan(pending, pot, &mut draft.effects);
            batch.add(planned.contents());
            batch.charge(pot, token, fee);
            draft.planned.push(planned);
        }
    }

    fn plan(&mut self, pending: Pending<Waiter>, pot: u8, effects: &mut Vec<Effect>) -> Planned {
        let transaction = &pending.transaction;
        let terms = transaction.terms();
        let mut opens = Vec::new();
        let entries = transaction.entries(pot, |owner| {
            let (slot, open) = self.resolve(Identity { owner: *owner, token: terms.token });
            opens.extend(open);
            slot
        });
        let Terms { slot, nonce, .. } = *terms;
        effects.push(Effect::Debit { slot, nonce, amount: terms.debited() });
        effects.extend(entries.iter().filter_map(|entry| match *entry {
            Entry::Credit { slot, amount } => Some(Effect::Credit { slot, amount }),
            _ => None,
        }));
        Planned { pending, pot, opens, entries }
    }
}

/// The most that a transaction adds: a new slot for each recipient whose slot admission did not
/// find.
fn most_of(transaction: &AdmittedTransaction) -> Contents {
    Contents::of_transaction(transaction.transaction(), transaction.opens_max())
}
