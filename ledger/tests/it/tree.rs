//! The slot tree against the definition of a Merkle tree.

use proptest::prelude::*;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::Digest;
use sheaf_crypto::hash::hash_node;
use sheaf_ledger::apply::root_of_path;
use sheaf_ledger::slot::leaf_digest;
use sheaf_ledger::tree::empty_subtrees;
use sheaf_ledger::tree_update::TreeUpdate;
use sheaf_ledger::{Leaf, Owner, RuleError, Slot, SlotTree};

fn slot(seed: u64) -> Slot {
    Slot { balance: seed, ..Slot::opened(Owner([Fe::from_u64(seed); 3]), 0) }
}

/// The root by the definition: recursion from the top, stopping where nothing was opened.
fn root_by_definition(slots: &[Slot], height: usize, index: usize) -> Digest {
    if index << height >= slots.len() {
        return empty_subtrees()[height];
    }
    if height == 0 {
        return slots[index].leaf();
    }
    let child = |side| root_by_definition(slots, height - 1, 2 * index + side);
    hash_node(&child(0), &child(1))
}

#[test]
fn empty_subtrees_are_hashes_of_empty_subtrees() {
    let empty = empty_subtrees();
    assert_eq!(empty[0], Digest::ZERO);
    for height in 0..32 {
        assert_eq!(empty[height + 1], hash_node(&empty[height], &empty[height]));
    }
    assert_eq!(SlotTree::new().root(), empty[32]);
    assert_eq!(SlotTree::new(), SlotTree::from_slots(Vec::new()));
    assert!(SlotTree::new().is_empty());
}

#[test]
fn paths_lead_to_the_root_from_open_and_unopened_slots() {
    let tree = SlotTree::from_slots((0..11).map(slot).collect());
    for index in [0, 1, 7, 10, 11, 12, 1 << 20, u32::MAX] {
        let leaf = leaf_digest(&tree.get(index));
        assert_eq!(root_of_path(index, &leaf, &tree.path(index)), tree.root());
        let other = slot(99).leaf();
        assert_ne!(root_of_path(index, &other, &tree.path(index)), tree.root());
    }
}

#[test]
fn updates_that_make_no_sense_change_nothing() {
    let tree = SlotTree::from_slots((0..4).map(slot).collect());
    let refusals: [(&[(u32, Leaf)], RuleError); 5] = [
        (&[(1, Some(slot(9))), (1, Some(slot(8)))], RuleError::UpdateOutOfOrder { slot: 1 }),
        (&[(2, Some(slot(9))), (1, Some(slot(8)))], RuleError::UpdateOutOfOrder { slot: 1 }),
        (&[(5, Some(slot(9)))], RuleError::UpdateLeavesGap { slot: 5 }),
        (&[(4, None), (5, Some(slot(9)))], RuleError::UpdateLeavesGap { slot: 5 }),
        (&[(0, Some(slot(9))), (3, None)], RuleError::UpdateClosesSlot { slot: 3 }),
    ];
    for (updates, refused) in refusals {
        assert_eq!(TreeUpdate::new(&tree, updates.iter().copied()), Err(refused));
    }
    let mut same = tree.clone();
    let nothing = TreeUpdate::new(&tree, [(4, None), (1 << 31, None)]).expect("in order");
    assert_eq!((nothing.root(), same.update(&nothing)), (tree.root(), Ok(())));
    assert_eq!(same, tree);
    // An update fits the tree that it was made over, and no other.
    let update = TreeUpdate::new(&tree, [(1, Some(slot(9)))]).expect("in order");
    assert_eq!(same.update(&update), Ok(()));
    assert_eq!(same.root(), update.root());
    let (expected, found) = (tree.root(), same.root());
    assert_eq!(same.update(&update), Err(RuleError::RootMismatch { expected, found }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_batched_update_equals_a_tree_built_anew(
        length in 0..700usize,
        picks in prop::collection::vec((any::<prop::sample::Index>(), any::<u32>()), 0..300),
        opened in 0..400u64,
    ) {
        let mut slots: Vec<Slot> = (0..length as u64).map(slot).collect();
        let mut tree = SlotTree::from_slots(slots.clone());
        prop_assert_eq!(tree.root(), root_by_definition(&slots, 32, 0));
        let mut updates = std::collections::BTreeMap::new();
        if length > 0 {
            let pick = |(index, seed): (prop::sample::Index, u32)| {
                (index.index(length) as u32, Some(slot(u64::from(seed))))
            };
            updates.extend(picks.into_iter().map(pick));
        }
        updates.extend((0..opened).map(|i| (length as u32 + i as u32, Some(slot(i + 5)))));
        slots.resize(length + opened as usize, slot(0));
        for (index, leaf) in &updates {
            slots[*index as usize] = leaf.expect("all are open");
        }
        let updates: Vec<(u32, Leaf)> = updates.into_iter().collect();
        let update = TreeUpdate::new(&tree, updates);
        prop_assert_eq!(update.and_then(|update| tree.update(&update)), Ok(()));
        prop_assert_eq!(tree.root(), root_by_definition(&slots, 32, 0));
        prop_assert_eq!(tree, SlotTree::from_slots(slots));
    }
}
