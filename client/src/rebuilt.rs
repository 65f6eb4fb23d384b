//! The state of a rollup, rebuilt from what L1 published. Nothing here asks a sequencer.
//!
//! Each batch must lead to the State digest that the contract proved, so a wrong or incomplete
//! source of data is found at the first batch that it touches.

use std::collections::BTreeSet;

use sheaf_crypto::hash::Digest;
use sheaf_ledger::data_word::DataWord;
use sheaf_ledger::machine::state_digest;
use sheaf_ledger::rebuild::rebuild;
use sheaf_ledger::tree_update::TreeUpdate;
use sheaf_ledger::{Domain, Owner, RuleError, Slot, SlotTree, Word};

use crate::error::{ClientError, Result};

/// The slots and the tree after a number of batches.
#[derive(Debug, Clone)]
pub struct Rebuilt {
    domain: Domain,
    batches: u64,
    slots: Vec<Slot>,
    tree: SlotTree,
}

/// A slot with its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexedSlot {
    pub index: u32,
    pub slot: Slot,
}

impl Rebuilt {
    /// The state before the first batch.
    pub fn new(domain: Domain) -> Self {
        Self { domain, batches: 0, slots: Vec::new(), tree: SlotTree::new() }
    }

    /// The state after `batches` batches, which left these slots, as somebody says: the State must
    /// be compared with L1's.
    pub fn from_slots(domain: Domain, batches: u64, slots: Vec<Slot>) -> Self {
        let tree = SlotTree::from_slots(slots.clone());
        Self { domain, batches, slots, tree }
    }

    /// Applies the data words of batch `number`, which must lead to the State digest `post`.
    ///
    /// # Errors
    /// `OtherBatch` for any batch but the next one; `OtherState` when the words lead elsewhere, or
    /// are no words of a batch. The state is then of no use.
    pub fn apply(&mut self, number: u64, words: &[Word], post: Digest) -> Result<()> {
        let expected = self.batches + 1;
        if number != expected {
            return Err(ClientError::OtherBatch { expected, found: number });
        }
        let led = self.follow(words);
        if led.is_err() || self.state() != post {
            return Err(ClientError::OtherState { batch: number, source: led.err() });
        }
        self.batches = number;
        Ok(())
    }

    fn follow(&mut self, words: &[Word]) -> std::result::Result<(), RuleError> {
        let opened_before = self.slots.len();
        rebuild(&mut self.slots, words)?;
        let opened = opened_before..self.slots.len();
        let moved = words.iter().filter_map(|word| match DataWord::decode(word) {
            Ok(DataWord::Moved { slot, .. }) => Some(slot),
            _ => None,
        });
        // An index has 32 bits, because a word's slot has.
        let touched: BTreeSet<u32> = moved.chain(opened.map(|index| index as u32)).collect();
        let leaf = |index: u32| (index, self.slots.get(index as usize).copied());
        let update = TreeUpdate::new(&self.tree, touched.into_iter().map(leaf))?;
        self.tree.update(&update)
    }

    /// How many batches were applied.
    pub const fn batches(&self) -> u64 {
        self.batches
    }

    /// The State digest, which the contract must have.
    pub fn state(&self) -> Digest {
        state_digest(&self.tree.root(), self.tree.len() as u64, &self.domain)
    }

    /// Every slot at its index, with the root and the paths over them.
    pub const fn tree(&self) -> &SlotTree {
        &self.tree
    }

    /// The slots of an owner, by ascending index.
    pub fn slots_of(&self, owner: &Owner) -> Vec<IndexedSlot> {
        let indexed = (0..).zip(self.tree.slots());
        let own = indexed.filter(|(_, slot)| slot.owner == *owner);
        own.map(|(index, slot)| IndexedSlot { index, slot: *slot }).collect()
    }
}

#[cfg(test)]
mod tests {
    use sheaf_ledger::{Kind, L1Address};

    use super::*;

    fn domain() -> Domain {
        Domain::on_chain(31_337, L1Address([7; 20]))
    }

    fn moved(kind: Kind, slot: u32, amount: u64) -> Word {
        DataWord::Moved { kind, slot, amount, fee: 0 }.encode()
    }

    fn deposit(amount: u64) -> [Word; 2] {
        let open = DataWord::Open { owner: Owner::default(), token: 0 }.encode();
        [open, moved(Kind::Deposit, 0, amount)]
    }

    /// The State digest of these slots, from a tree of its own.
    fn state_of(slots: &[Slot]) -> Digest {
        let tree = SlotTree::from_slots(slots.to_vec());
        state_digest(&tree.root(), slots.len() as u64, &domain())
    }

    #[test]
    fn batches_that_lead_to_their_states_are_applied() {
        let mut rebuilt = Rebuilt::new(domain());
        let slot = |balance| Slot { balance, ..Slot::opened(Owner::default(), 0) };
        rebuilt.apply(1, &deposit(100), state_of(&[slot(100)])).expect("it leads there");
        // An exit of a slot that was never opened pays nothing, and touches nothing.
        let words = [deposit(5), [moved(Kind::Deposit, 0, 7), moved(Kind::Exit, 9, 0)]].concat();
        let words: Vec<Word> = words.into_iter().chain([Word::default(); 3]).collect();
        rebuilt.apply(2, &words, state_of(&[slot(112), slot(0)])).expect("it leads there");
        assert_eq!((rebuilt.batches(), rebuilt.tree().slots()), (2, &[slot(112), slot(0)][..]));
        let found = rebuilt.slots_of(&Owner::default());
        assert_eq!(found[1], IndexedSlot { index: 1, slot: slot(0) });
    }

    #[test]
    fn a_batch_that_leads_elsewhere_or_is_not_the_next_one_is_refused() {
        let post = state_of(&[Slot { balance: 100, ..Slot::opened(Owner::default(), 0) }]);
        let refused = |number, words: &[Word]| {
            Rebuilt::new(domain()).apply(number, words, post).expect_err("it is refused")
        };
        assert!(matches!(
            refused(2, &deposit(100)),
            ClientError::OtherBatch { expected: 1, found: 2 }
        ));
        let other = refused(1, &deposit(101));
        assert!(matches!(other, ClientError::OtherState { batch: 1, source: None }), "{other}");
        let unknown = refused(1, &[moved(Kind::Debit, 3, 1)]);
        assert!(
            matches!(unknown, ClientError::OtherState { batch: 1, source: Some(_) }),
            "{unknown}"
        );
    }
}
