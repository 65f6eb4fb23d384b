//! One update of the slot tree for many leaves: each node above them, hashed once.

use rayon::prelude::*;
use sheaf_crypto::hash::{Digest, hash_nodes};

use crate::limits::TREE_DEPTH;
use crate::rule_error::RuleError;
use crate::slot::{self, HASHES_PER_TASK, Leaf, Slot};
use crate::state_view::StateView;

/// The new leaves of a tree, and every node above them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeUpdate {
    /// The root of the tree that the update follows.
    before: Digest,
    /// The slots that change, by ascending index.
    slots: Vec<(u32, Slot)>,
    /// By height: the nodes that change, by ascending index. The first level has the leaves'
    /// digests, the last one the root.
    levels: Vec<Vec<(u32, Digest)>>,
}

impl TreeUpdate {
    /// Hashes the nodes above `leaves` over the tree that `view` shows. Slots must ascend, and new
    /// slots must follow the last open slot without a gap. An unopened leaf that stays unopened is
    /// skipped.
    ///
    /// # Errors
    /// `UpdateOutOfOrder` if the slots do not ascend; `UpdateLeavesGap` if a slot below a new one
    /// would stay unopened; `UpdateClosesSlot` if the leaf of an open slot is `None`.
    pub fn new(
        view: &impl StateView,
        leaves: impl IntoIterator<Item = (u32, Leaf)>,
    ) -> Result<Self, RuleError> {
        let slots = checked(view.next_slot(), leaves)?;
        let contents: Vec<Slot> = slots.iter().map(|(_, slot)| *slot).collect();
        let indices = slots.iter().map(|(index, _)| *index);
        let mut level: Vec<(u32, Digest)> = indices.zip(slot::leaves(&contents)).collect();
        let mut levels = Vec::with_capacity(TREE_DEPTH + 1);
        for height in 0..TREE_DEPTH {
            let parents = parents_of(view, height, &level);
            levels.push(level);
            level = parents;
        }
        levels.push(level);
        Ok(Self { before: view.root(), slots, levels })
    }

    /// The root of the tree that the update follows.
    pub(crate) const fn before(&self) -> Digest {
        self.before
    }

    /// The root after the update.
    pub fn root(&self) -> Digest {
        self.levels[TREE_DEPTH].first().map_or(self.before, |(_, root)| *root)
    }

    /// The slots that change, by ascending index.
    pub(crate) fn slots(&self) -> &[(u32, Slot)] {
        &self.slots
    }

    /// By height: the nodes that change, by ascending index.
    pub(crate) fn levels(&self) -> &[Vec<(u32, Digest)>] {
        &self.levels
    }
}

/// The leaves that are open after an update of a tree with `open` slots.
fn checked(
    mut open: u64,
    leaves: impl IntoIterator<Item = (u32, Leaf)>,
) -> Result<Vec<(u32, Slot)>, RuleError> {
    let (mut slots, mut previous) = (Vec::new(), None);
    for (slot, leaf) in leaves {
        if previous.is_some_and(|previous| slot <= previous) {
            return Err(RuleError::UpdateOutOfOrder { slot });
        }
        previous = Some(slot);
        let index = u64::from(slot);
        match leaf {
            Some(_) if index > open => return Err(RuleError::UpdateLeavesGap { slot }),
            Some(leaf) => {
                open = open.max(index + 1);
                slots.push((slot, leaf));
            }
            None if index < open => return Err(RuleError::UpdateClosesSlot { slot }),
            None => {}
        }
    }
    Ok(slots)
}

/// The nodes above the nodes that change at `height`.
fn parents_of(
    view: &impl StateView,
    height: usize,
    changed: &[(u32, Digest)],
) -> Vec<(u32, Digest)> {
    let pairs: Vec<&[(u32, Digest)]> =
        changed.chunk_by(|(left, _), (right, _)| left ^ 1 == *right).collect();
    let mut digests = vec![Digest::ZERO; pairs.len()];
    let tasks = digests.par_chunks_mut(HASHES_PER_TASK).zip(pairs.par_chunks(HASHES_PER_TASK));
    tasks.for_each(|(digests, pairs)| {
        let children: Vec<[Digest; 2]> =
            pairs.iter().map(|pair| both(view, height, pair)).collect();
        hash_nodes(children.as_flattened(), digests);
    });
    pairs.iter().map(|pair| pair[0].0 >> 1).zip(digests).collect()
}

/// Both children of a parent, of which one or both change.
fn both(view: &impl StateView, height: usize, changed: &[(u32, Digest)]) -> [Digest; 2] {
    match *changed {
        [(_, left), (_, right)] => [left, right],
        [(index, node)] if index & 1 == 0 => [node, view.node(height, index ^ 1)],
        [(index, node)] => [view.node(height, index ^ 1), node],
        _ => unreachable!("chunks of neighbours have one or two nodes"),
    }
}
