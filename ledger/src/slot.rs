//! Slots: one owner's balance of one token, and the leaf that commits to it.

use serde::{Deserialize, Serialize};
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::{Digest, hash};

use crate::owner::Owner;
use crate::tag;

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
        let Self { owner: Owner([o0, o1, o2]), token, balance, nonce } = *self;
        let balance = Fe::from_u64(balance);
        hash(tag::LEAF, &[o0, o1, o2, Fe::from(u32::from(token)), balance, Fe::from(nonce)])
    }
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
