//! The slot table: each touched slot with its leaf before and after the chunk.
//!
//! 1. `real` and both `open` are zero or one; only a real row is open.
//! 2. The digest of an open leaf is the hash of its fields. An unopened leaf has the zero digest
//!    and zero fields.
//! 3. The row sends its node to the tree, sends its leaf before to the entries, at time zero, and
//!    receives its leaf after, at the time of the last entry on the slot.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use sheaf_ledger::limits::TREE_DEPTH;
use sheaf_ledger::tag;
use sheaf_plonk::gates::value::Value;
use sheaf_plonk::gates::wires::{Wires, wires};
use sheaf_plonk::tables::rules::{Collect, TableRules};

use super::buses::{Asked, LEAVES, NODES, check_hash};
use super::tree;

wires! {
    /// A leaf: whether it is open, and its fields in the order of its hash.
    LeafColumns {
        /// One if the leaf is open.
        open: 1,
        /// The owner.
        owner: 3,
        /// The token.
        token: 1,
        /// The balance.
        balance: 1,
        /// The nonce.
        nonce: 1,
    }
}

/// Columns of a leaf.
pub const LEAF: usize = LeafColumns::<GoldilocksField>::LENGTH;

wires! {
    /// The columns of the table.
    SlotColumns {
        /// One in a row that is a slot, zero in a row that fills the table up.
        real: 1,
        /// The slot's number.
        slot: 1,
        /// The time of the last entry on the slot.
        last: 1,
        /// The leaf before: [`LeafColumns`].
        before: LEAF,
        /// The leaf after.
        after: LEAF,
        /// The digest of the leaf before.
        digest_before: 4,
        /// The digest of the leaf after.
        digest_after: 4,
    }
}

/// The rules of the table.
#[derive(Clone, Copy, Debug, Default)]
pub struct SlotRules;

impl TableRules for SlotRules {
    const NAME: &'static str = "slots";
    const WIDTH: usize = SlotColumns::<GoldilocksField>::LENGTH;

    #[inline(always)]
    fn evaluate<V: Value>(row: &[V], collect: &mut impl Collect<V>) {
        let mut columns = row.iter().copied();
        let row = SlotColumns::read(&mut || columns.next().expect("a value for each column"));
        let ([real], [slot], [last]) = (row.real, row.slot, row.last);
        collect.zero(real * real - real);
        for (leaf, digest) in [(&row.before, &row.digest_before), (&row.after, &row.digest_after)] {
            let [open, fields @ ..] = leaf;
            collect.zero(*open * *open - *open);
            collect.zero(*open * real - *open);
            for value in fields.iter().chain(digest) {
                collect.zero(*open * *value - *value);
            }
            check_hash(Asked { count: *open, digest }, tag::LEAF, fields, collect);
        }
        let index = slot.plus(GoldilocksField::from_canonical_u64(1 << TREE_DEPTH));
        collect.send(NODES, real, &tree::message(index, &row.digest_before, &row.digest_after));
        let zero = slot.constant(GoldilocksField::ZERO);
        collect.send(LEAVES, real, &message(slot, zero, &row.before));
        collect.receive(LEAVES, real, &message(slot, last, &row.after));
    }
}

/// The leaf of a slot at a time as a message.
#[inline(always)]
pub fn message<V: Copy>(slot: V, time: V, leaf: &[V; LEAF]) -> [V; 2 + LEAF] {
    core::array::from_fn(|i| match i {
        0 => slot,
        1 => time,
        _ => leaf[i - 2],
    })
}
