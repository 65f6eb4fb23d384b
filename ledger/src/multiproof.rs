//! A part of the slot tree: the leaves that a batch touches, and each sibling on their paths once.
//!
//! A sealed batch stores a multiproof of the state before it, which has a fifth of the size of
//! single paths.

use sheaf_crypto::hash::{Digest, hash_nodes};
use std::collections::{BTreeMap, HashMap};

use crate::limits::TREE_DEPTH;
use crate::record::record_structs;
use crate::rule_error::RuleError;
use crate::slot::{Leaf, leaf_digest};
use crate::state_view::StateView;

/// Leaves, and the nodes with which the tree above the leaves can be computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Multiproof {
    /// The leaves by ascending slot.
    leaves: Vec<(u32, Leaf)>,
    /// The siblings that do not follow from the leaves: level by level from the leaves up, and from
    /// left to right in a level.
    nodes: Vec<Digest>,
}

record_structs! { Multiproof { leaves, nodes } }

impl Multiproof {
    /// The part of `view` with the leaves of `slots`, which must ascend.
    ///
    /// # Errors
    /// `SlotNotRecorded` if the view does not contain a slot.
    pub fn new(
        view: &impl StateView,
        slots: impl IntoIterator<Item = u32>,
    ) -> Result<Self, RuleError> {
        let leaves = slots.into_iter().map(|slot| Ok((slot, view.leaf(slot)?)));
        let leaves: Vec<(u32, Leaf)> = leaves.collect::<Result<_, RuleError>>()?;
        let mut nodes = Vec::new();
        let mut indices: Vec<u32> = leaves.iter().map(|(slot, _)| *slot).collect();
        for height in 0..TREE_DEPTH {
            for pair in indices.chunk_by(|left, right| left ^ 1 == *right) {
                if let [alone] = pair {
                    nodes.push(view.node(height, alone ^ 1));
                }
            }
            indices.iter_mut().for_each(|index| *index >>= 1);
            indices.dedup();
        }
        Ok(Self { leaves, nodes })
    }

    /// Computes the partial tree. The caller must compare its root with a root that he trusts.
    ///
    /// # Errors
    /// `MalformedRecord` if there are no leaves, if the leaves do not ascend, or if there are too
    /// few or too many nodes.
    pub fn open(&self, next_slot: u64) -> Result<PartialTree, RuleError> {
        let malformed = RuleError::MalformedRecord { offset: 0 };
        let ascending = self.leaves.is_sorted_by(|(left, _), (right, _)| left < right);
        if !ascending || self.leaves.is_empty() {
            return Err(malformed);
        }
        let mut given = self.nodes.iter();
        let mut kept = HashMap::new();
        let mut level: Vec<(u32, Digest)> =
            self.leaves.iter().map(|(slot, leaf)| (*slot, leaf_digest(leaf))).collect();
        for height in 0..TREE_DEPTH {
            let pairs = level.chunk_by(|(left, _), (right, _)| left ^ 1 == *right);
            let mut children = Vec::with_capacity(level.len());
            let mut indices = Vec::with_capacity(level.len());
            for pair in pairs {
                let (index, node) = pair[0];
                let sibling = match pair.get(1) {
                    Some((_, sibling)) => *sibling,
                    None => *given.next().ok_or(malformed)?,
                };
                kept.insert((height, index), node);
                kept.insert((height, index ^ 1), sibling);
                children.push(if index & 1 == 1 { [sibling, node] } else { [node, sibling] });
                indices.push(index >> 1);
            }
            let mut parents = vec![Digest::ZERO; indices.len()];
            hash_nodes(children.as_flattened(), &mut parents);
            level = indices.into_iter().zip(parents).collect();
        }
        if given.next().is_some() {
            return Err(malformed);
        }
        let [(_, root)] = level[..] else { return Err(malformed) };
        Ok(PartialTree {
            leaves: self.leaves.iter().copied().collect(),
            nodes: kept,
            root,
            next_slot,
        })
    }
}

/// The part of a tree that a multiproof gives: enough to run its batch.
#[derive(Debug, Clone)]
pub struct PartialTree {
    leaves: BTreeMap<u32, Leaf>,
    /// The nodes from every leaf up to the root's children, and their siblings, by height and
    /// index.
    nodes: HashMap<(usize, u32), Digest>,
    root: Digest,
    next_slot: u64,
}

impl StateView for PartialTree {
    fn root(&self) -> Digest {
        self.root
    }

    fn next_slot(&self) -> u64 {
        self.next_slot
    }

    fn leaf(&self, slot: u32) -> Result<Leaf, RuleError> {
        self.leaves.get(&slot).copied().ok_or(RuleError::SlotNotRecorded { slot })
    }

    fn node(&self, height: usize, index: u32) -> Digest {
        *self.nodes.get(&(height, index)).expect("a leaf that is held has its whole path")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owner::Owner;
    use crate::slot::Slot;
    use crate::tree::SlotTree;
    use sheaf_crypto::goldilocks::Fe;

    fn tree(slots: u64) -> SlotTree {
        let slot = |i| Slot { balance: i, ..Slot::opened(Owner([Fe::from_u64(i); 3]), 0) };
        SlotTree::from_slots((0..slots).map(slot).collect())
    }

    #[test]
    fn opens_to_the_leaves_and_paths_that_it_was_made_of() {
        let tree = tree(21);
        for slots in [vec![0], vec![3, 4], vec![4, 5, 20, 21], (0..24).collect(), vec![u32::MAX]] {
            let proof = Multiproof::new(&tree, slots.iter().copied()).expect("all are held");
            let part = proof.open(21).expect("well formed");
            assert_eq!((part.root(), part.next_slot()), (tree.root(), 21));
            for slot in slots {
                assert_eq!(part.leaf(slot), Ok(tree.get(slot)));
                for height in 0..TREE_DEPTH {
                    let index = (slot >> height) ^ 1;
                    assert_eq!(part.node(height, index), tree.node(height, index));
                }
            }
            assert_eq!(part.leaf(1 << 20), Err(RuleError::SlotNotRecorded { slot: 1 << 20 }));
        }
    }

    #[test]
    fn each_change_moves_the_root_or_is_refused() {
        let tree = tree(9);
        let proof = Multiproof::new(&tree, [1, 2, 8]).expect("all are held");
        let malformed = Some(RuleError::MalformedRecord { offset: 0 });
        let refusal = |proof: &Multiproof| proof.open(9).err();
        for position in 0..proof.nodes.len() {
            let mut changed = proof.clone();
            changed.nodes[position].0[0] += Fe::ONE;
            assert_ne!(changed.open(9).expect("well formed").root(), tree.root());
        }
        for position in 0..proof.leaves.len() {
            let mut changed = proof.clone();
            changed.leaves[position].1 = None;
            assert_ne!(changed.open(9).expect("well formed").root(), tree.root());
        }
        let mut short = proof.clone();
        short.nodes.pop();
        let mut long = proof.clone();
        long.nodes.push(Digest::ZERO);
        let mut unsorted = proof.clone();
        unsorted.leaves.swap(0, 1);
        let empty = Multiproof { leaves: Vec::new(), nodes: Vec::new() };
        for proof in [short, long, unsorted, empty] {
            assert_eq!(refusal(&proof), malformed);
        }
    }
}
