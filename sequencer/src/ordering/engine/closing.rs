//! The end of a block: lists the changed slots and, if the batch closes, collects its fees.

use sheaf_ledger::entry::Entry;

use super::{Draft, Engine, Moment, NewestBlock, OpenBatch};
use crate::block::{Block, Change, CloseReason, ExecutedBlock};
use crate::directory::Identity;
use crate::execution::Effect;

impl Engine {
    /// Why the open batch closes with this block; `None` if it stays open.
    pub(super) fn close_reason(&self, now: Moment, is_full: bool) -> Option<CloseReason> {
        let open = self.position.open.as_ref()?;
        if is_full {
            Some(CloseReason::Size)
        } else if self.close_requested {
            Some(CloseReason::Request)
        } else if open.age(now.instant) >= self.policy.age_max {
            Some(CloseReason::Age)
        } else {
            None
        }
    }

    /// Closes the batch if `closes` has a reason, and makes the block from the draft; `None` if the
    /// block would be empty.
    pub(super) fn finish(
        &mut self,
        mut draft: Draft,
        closes: Option<CloseReason>,
        now: Moment,
    ) -> Option<ExecutedBlock> {
        let mut batch = self.position.open.take().expect("the caller has put it there");
        if batch.is_empty() {
            // Every transaction was refused, so no batch is opened and no block is made.
            self.close_requested = false;
            return None;
        }
        if closes.is_some() {
            self.collect(&mut batch, &mut draft);
        }
        if draft.entries.is_empty() && closes.is_none() {
            self.position.open = Some(batch);
            return None;
        }
        let block = Block {
            number: self.position.next_block,
            batch: batch.number,
            timestamp: batch.timestamp,
            executed_ms: now.unix_ms,
            closes,
            first_request: draft.first_request,
            requests: draft.requests,
            changes: self.changes(&draft.entries),
            entries: draft.entries,
            transactions: draft.transactions,
        };
        self.newest = Some(NewestBlock { number: block.number, executed_ms: now.unix_ms });
        self.position.next_block += 1;
        self.position.timestamp = batch.timestamp;
        if closes.is_some() {
            self.close_requested = false;
            self.position.next_batch = batch.number + 1;
        } else {
            self.position.open = Some(batch);
        }
        Some(ExecutedBlock { block, waiters: draft.waiters })
    }

    /// Pays each pot to the operator's slot for the pot's token.
    fn collect(&mut self, batch: &mut OpenBatch, draft: &mut Draft) {
        let pots: Vec<_> = batch.full_pots().collect();
        for (number, pot) in pots {
            let operator = Identity { owner: self.policy.operator, token: pot.token };
            let (slot, open) = self.resolve(operator);
            draft.entries.extend(open);
            draft.entries.push(Entry::Collect { slot, pot: number });
            self.position.accounts.apply(&Effect::Credit { slot, amount: pot.amount });
            batch.collected(number);
        }
    }

    fn changes(&self, entries: &[Entry]) -> Vec<Change> {
        let mut slots: Vec<u32> = entries.iter().map(Entry::slot).collect();
        slots.sort_unstable();
        slots.dedup();
        // An Exit may name a slot that was never opened, and changes nothing then.
        slots
            .into_iter()
            .filter_map(|slot| Some(Change { slot, account: self.position.accounts.get(slot)? }))
            .collect()
    }
}
