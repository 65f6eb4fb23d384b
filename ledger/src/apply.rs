//! The transition function with the Merkle path: exactly what one row of the entry circuit proves.

use sheaf_crypto::hash::{Digest, hash_node};

use crate::entry::Entry;
use crate::limits::TREE_DEPTH;
use crate::machine::Machine;
use crate::rule_error::RuleError;
use crate::slot::{Leaf, leaf_digest};
use crate::step::Stepped;

/// A path: the siblings of a leaf, from the leaf's own up to the root's child.
pub type Siblings = [Digest; TREE_DEPTH];

/// An entry with its slot's leaf before the entry, and the path from that leaf to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    pub entry: Entry,
    /// The slot's leaf before the entry.
    pub leaf: Leaf,
    /// The path from the leaf to the machine's root before the entry.
    pub siblings: Box<Siblings>,
}

/// The root of the tree whose leaf at the index `slot` has this digest and these siblings.
pub fn root_of_path(slot: u32, leaf: &Digest, siblings: &Siblings) -> Digest {
    siblings.iter().zip(0..).fold(*leaf, |node, (sibling, height)| {
        if slot >> height & 1 == 1 { hash_node(sibling, &node) } else { hash_node(&node, sibling) }
    })
}

/// Checks the leaf against the machine's root, runs the entry, and sets the root to that of the
/// tree with the new leaf. On error the machine is unchanged.
///
/// # Errors
/// `WrongPath` if leaf and siblings do not lead to the machine's root; otherwise the errors of
/// `Machine::step`.
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
