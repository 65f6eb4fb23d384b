//! The directory: the owner and the token of each slot, and the slots of each owner.
//!
//! Ordering opens slots here while it builds a block, so the directory may list a slot before the
//! slot's block is durable. The view lists only durable slots. The directory has no balances.

use std::collections::HashMap;
use std::sync::{RwLock, RwLockReadGuard};

use sheaf_ledger::owner::Owner;

/// Owner and token of a slot, which never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    pub owner: Owner,
    pub token: u16,
}

#[derive(Debug, Clone, Copy)]
struct Listed {
    identity: Identity,
    /// The slot that the same owner opened before this one.
    previous: Option<u32>,
}

#[derive(Debug, Default)]
struct Lists {
    slots: Vec<Listed>,
    /// The slot that each owner opened last; `previous` leads to the owner's other slots.
    latest: HashMap<Owner, Latest>,
}

/// An owner's newest slot, with its token: most owners have one slot, which is then found without
/// a look at the list.
#[derive(Debug, Clone, Copy)]
struct Latest {
    slot: u32,
    token: u16,
}

/// All slots ever opened, shared between stages.
#[derive(Debug, Default)]
pub struct Directory {
    lists: RwLock<Lists>,
}

impl Directory {
    /// Opens the next slot and returns its index.
    pub fn open(&self, identity: Identity) -> u32 {
        let mut lists = self.lists.write().expect("no holder of the lock panics");
        let slot = u32::try_from(lists.slots.len()).expect("the tree has 2^32 leaves");
        let latest = Latest { slot, token: identity.token };
        let previous = lists.latest.insert(identity.owner, latest).map(|latest| latest.slot);
        lists.slots.push(Listed { identity, previous });
        slot
    }

    /// A reader for several look-ups under one lock. Drop the reader soon: ordering waits for the
    /// lock to open slots.
    pub fn read(&self) -> DirectoryReader<'_> {
        DirectoryReader { lists: self.lists.read().expect("no holder of the lock panics") }
    }

    /// The owner and the token of `slot`; nothing for a slot that was never opened.
    pub fn identity(&self, slot: u32) -> Option<Identity> {
        self.read().identity(slot)
    }

    /// The slot of an owner and a token, if it is open.
    pub fn find(&self, identity: Identity) -> Option<u32> {
        self.read().find(identity)
    }

    /// The number of slots opened so far.
    pub fn len(&self) -> usize {
        self.read().lists.slots.len()
    }

    /// Whether no slot was opened yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The directory under its read lock: no slot is opened while a reader exists.
#[derive(Debug)]
pub struct DirectoryReader<'a> {
    lists: RwLockReadGuard<'a, Lists>,
}

impl DirectoryReader<'_> {
    /// The owner and the token of `slot`; nothing for a slot that was never opened.
    pub fn identity(&self, slot: u32) -> Option<Identity> {
        self.lists.slots.get(slot as usize).map(|listed| listed.identity)
    }

    /// The slot of an owner and a token, if it is open.
    pub fn find(&self, identity: Identity) -> Option<u32> {
        let latest = self.lists.latest.get(&identity.owner)?;
        if latest.token == identity.token {
            return Some(latest.slot);
        }
        self.back_from(latest.slot).find(|slot| self.identity(*slot) == Some(identity))
    }

    /// The slots of an owner, latest first: one for each token that the owner has a slot of.
    pub fn of(&self, owner: &Owner) -> impl Iterator<Item = u32> {
        let latest = self.lists.latest.get(owner);
        latest.into_iter().flat_map(|latest| self.back_from(latest.slot))
    }

    /// A slot and its owner's slots that were opened before it, latest first.
    fn back_from(&self, slot: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(slot), |slot| {
            self.lists.slots.get(*slot as usize).and_then(|listed| listed.previous)
        })
    }
}

#[cfg(test)]
mod tests {
    use sheaf_crypto::goldilocks::Fe;

    use super::*;

    #[test]
    fn owners_find_their_slots_and_nobody_elses() {
        let [alice, bob, carol] = [1, 2, 3].map(|i| Owner([Fe::from_u64(i); 3]));
        let directory = Directory::default();
        let identities =
            [(alice, 0), (bob, 0), (alice, 7)].map(|(owner, token)| Identity { owner, token });
        assert_eq!(identities.map(|identity| directory.open(identity)), [0, 1, 2]);
        assert_eq!(identities.map(|identity| directory.find(identity)), [0, 1, 2].map(Some));
        assert_eq!(directory.find(Identity { owner: bob, token: 7 }), None);
        let of = |owner| directory.read().of(&owner).collect::<Vec<_>>();
        assert_eq!([of(alice), of(bob), of(carol)], [vec![2, 0], vec![1], vec![]]);
        assert_eq!((directory.identity(2), directory.identity(3)), (Some(identities[2]), None));
    }
}
