//! The transition function with its Merkle path: exactly what one row of the entry circuit proves.

use sheaf_crypto::hash::{Digest, hash_node};

use crate::entry::Entry;
use crate::limits::TREE_DEPTH;
use crate::machine::Machine;
use crate::rule_error::RuleError;
use crate::slot::{Leaf, leaf_digest};
use crate::step::Stepped;

/// The siblings of a leaf's path, from the leaf's own up to the root's child.
pub type Siblings = [Digest; TREE_DEPTH];

/// An entry with the leaf that it touches, as it is at that moment, and the path that proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    pub entry: Entry,
    pub leaf: Leaf,
    pub siblings: Box<Siblings>,
}

/// The root over a leaf's digest at the index `slot`.
pub fn root_of_path(slot: u32, leaf: &Digest, siblings: &Siblings) -> Digest {
    siblings.iter().zip(0..).fold(*leaf, |node, (sibling, height)| {
        if slot >> height & 1 == 1 { hash_node(sibling, &node) } else { hash_node(&node, sibling) }
    })
}

/// Checks the leaf against the root, runs the entry, and moves the root. On error the machine is
/// unchanged.
///
/// # Errors
/// `WrongPath` when leaf and siblings do not lead to the machine's root; else as `Machine::step`.
pub fn apply(machine: &mut Machine, touch: &Touch) -> Result<Stepped, RuleError> {
    let Touch { entry, leaf, siblings } = touch;
    let slot = entry.slot();
    if root_of_path(slot, &leaf_digest(leaf), siblings) != machine.root {
        return Err(RuleError::WrongPath { slot });
    }
    let stepped = machine.step(entry, leaf)?;
    if stepped.leaf != *leaf {
        machine.root = root_of_path(slot, &leaf_digest(&stepped.leaf), siblings);
    }
    Ok(stepped)
}
