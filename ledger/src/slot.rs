//! Slots: one owner's balance of one token, and the leaf that commits to it.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::{Digest, hash, hash_each};

use crate::owner::Owner;
use crate::tag;

/// Digests that one task makes: enough (about 0.1 ms) to outweigh the cost of handing the task to
/// another thread.
pub(crate) const HASHES_PER_TASK: usize = 128;

/// An open slot. An owner may have any number of slots, of one token or of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// The owner of the balance.
    pub owner: Owner,
    /// The token's index in the contract's list; 0 is ether.
    pub token: u16,
    /// The balance in L2 units, below 2^62.
    #[serde(with = "crate::decimal")]
    pub balance: u64,
    /// The number of signed transactions that have spent from the slot.
    pub nonce: u32,
}

impl Slot {
    /// A slot after its Open: balance and nonce are zero.
    pub const fn opened(owner: Owner, token: u16) -> Self {
        Self { owner, token, balance: 0, nonce: 0 }
    }

    /// The digest of the slot's leaf in the tree: Hash(Leaf, owner, token, balance, nonce).
    pub fn leaf(&self) -> Digest {
        hash(tag::LEAF, &self.elements())
    }

    fn elements(&self) -> [Fe; 6] {
        let Self { owner: Owner([o0, o1, o2]), token, balance, nonce } = *self;
        [o0, o1, o2, Fe::from(u32::from(token)), Fe::from_u64(balance), Fe::from(nonce)]
    }
}

/// The digests of several slots' leaves, hashed side by side on all threads.
pub(crate) fn leaves(slots: &[Slot]) -> Vec<Digest> {
    let mut digests = vec![Digest::ZERO; slots.len()];
    let tasks = digests.par_chunks_mut(HASHES_PER_TASK).zip(slots.par_chunks(HASHES_PER_TASK));
    tasks.for_each(|(digests, slots)| {
        let inputs: Vec<_> = slots.iter().map(|slot| (tag::LEAF, slot.elements())).collect();
        hash_each(&inputs, digests);
    });
    digests
}

/// The content of the tree at an index: `None` if no slot was opened there.
pub type Leaf = Option<Slot>;

/// The digest of a leaf; zero if no slot was opened there.
pub fn leaf_digest(leaf: &Leaf) -> Digest {
    leaf.as_ref().map_or(Digest::ZERO, Slot::leaf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_side_by_side_are_the_leaves_one_by_one() {
        let slot = |nonce| Slot { balance: 1 << 61, nonce, ..Slot::opened(Owner::default(), 7) };
        for count in [0, 1, 7, 8, 9, 300] {
            let slots: Vec<_> = (0..count).map(slot).collect();
            let expected: Vec<_> = slots.iter().map(Slot::leaf).collect();
            assert_eq!(leaves(&slots), expected, "{count} slots");
        }
    }

    #[test]
    fn every_field_is_in_the_leaf() {
        let slot =
            Slot { owner: Owner([1, 2, 3].map(Fe::from_u64)), token: 4, balance: 5, nonce: 6 };
        let elements = [1, 2, 3, 4, 5, 6].map(Fe::from_u64);
        assert_eq!(slot.leaf(), hash(tag::LEAF, &elements));
        assert_eq!(leaf_digest(&Some(slot)), slot.leaf());
        assert_eq!(leaf_digest(&None), Digest::ZERO);
        assert_ne!(Slot::opened(Owner::default(), 0).leaf(), Digest::ZERO);
    }
}
