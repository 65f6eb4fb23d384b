//! A view of the state before a batch: the whole slot tree, or the part that the batch touches.

use sheaf_crypto::hash::Digest;

use crate::rule_error::RuleError;
use crate::slot::Leaf;

/// The state before a batch: all of it, or the part that the batch touches.
pub trait StateView: Sync {
    /// The root of the slot tree.
    fn root(&self) -> Digest;

    /// The index that the next Open takes.
    fn next_slot(&self) -> u64;

    /// The leaf of a slot.
    ///
    /// # Errors
    /// `SlotNotRecorded` if the view does not contain the slot.
    fn leaf(&self, slot: u32) -> Result<Leaf, RuleError>;

    /// The node at `height` above the leaves, `index` from the left. A view may panic for a node
    /// that is not a sibling on the path of a slot in the view.
    fn node(&self, height: usize, index: u32) -> Digest;
}
