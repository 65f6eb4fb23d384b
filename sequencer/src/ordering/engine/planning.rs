//! Planning: which ready transactions a block takes, and into which slots they pay.
//!
//! Whether they can pay, only execution sees; what is counted here is what they add if they do.

use sheaf_ledger::entry::Entry;

use super::{Draft, Engine, OpenBatch, refused};
use crate::capacity::Contents;
use crate::directory::Identity;
use crate::execution::{Credit, Plan};
use crate::lifecycle::{Action, AdmittedTransaction, Waiter};
use crate::mempool::Pending;

/// A transaction in the plan.
#[derive(Debug)]
pub(super) struct Planned {
    pub pending: Pending<Waiter>,
    pub pot: u8,
    /// Recipients for whom slots were opened.
    pub opens: Vec<Entry>,
    credits: Vec<Credit>,
}

impl Planned {
    /// What it adds with the slots it opened.
    pub fn contents(&self) -> Contents {
        match self.pending.transaction.action {
            Action::Withdrawal { .. } => Contents::WITHDRAWAL,
            Action::Transfer { .. } => Contents::transfer(self.credits.len(), self.opens.len()),
        }
    }

    /// Its entries behind those that open slots.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        let AdmittedTransaction { slot, fee, debit, valid_until, .. } = self.pending.transaction;
        let pot = self.pot;
        let first = match self.pending.transaction.action {
            Action::Transfer { .. } => {
                Entry::Debit { slot, total: debit - fee, fee, valid_until, pot }
            }
            Action::Withdrawal { amount, recipient } => {
                Entry::Withdraw { slot, amount, fee, valid_until, pot, recipient }
            }
        };
        let credits = self.credits.iter();
        let credits = credits.map(|&Credit { slot, amount }| Entry::Credit { slot, amount });
        std::iter::once(first).chain(credits)
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
            let (most, token, fee) = (most_of(transaction), transaction.token, transaction.fee);
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
        let (mut opens, mut credits) = (Vec::new(), Vec::new());
        if let Action::Transfer { payments } = &transaction.action {
            credits.reserve(payments.len());
            for payment in payments {
                let slot = payment.slot.unwrap_or_else(|| {
                    let identity = Identity { owner: payment.owner, token: transaction.token };
                    let (slot, open) = self.resolve(identity);
                    opens.extend(open);
                    slot
                });
                credits.push(Credit { slot, amount: payment.amount });
            }
        }
        plan.push(transaction.slot, transaction.nonce, transaction.debit, credits.iter().copied());
        Planned { pending, pot, opens, credits }
    }
}

/// What a transaction adds if every recipient without a slot needs one.
fn most_of(transaction: &AdmittedTransaction) -> Contents {
    match &transaction.action {
        Action::Withdrawal { .. } => Contents::WITHDRAWAL,
        Action::Transfer { payments } => {
            let opens = payments.iter().filter(|payment| payment.slot.is_none()).count();
            Contents::transfer(payments.len(), opens)
        }
    }
}
