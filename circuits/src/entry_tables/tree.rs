//! The tree table: each inner node above a touched slot, before and after the chunk at once; and
//! the row of one node as an honest prover fills it.
//!
//! 1. `real`, `left` and `right` are zero or one; only a real row has a touched child.
//! 2. A child that is not touched has the same digest before and after.
//! 3. The node's digest is the hash of its children's, before and after.
//! 4. The row receives its touched children and sends itself.
//!
//! The circuit receives one root, and each row receives each child once. So from the root down each
//! node comes once, and its index is an integer below 2^33: every level doubles the index, and
//! below a leaf no node can be, because a leaf's hash has another tag than a node's.

use std::collections::BTreeMap;

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use sheaf_crypto::hash::{Digest, hash_node};
use sheaf_crypto::poseidon::{RATE, WIDTH};
use sheaf_ledger::tag;
use sheaf_plonk::gates::value::{Known, Value};
use sheaf_plonk::gates::wires::{Wires, wires};
use sheaf_plonk::proof::{F, element};
use sheaf_plonk::tables::rules::{Collect, TableRules};

use super::buses::{Asked, NODES, check_hash, first_state};
use super::permutations::tag_of;

wires! {
    /// The columns of the table.
    NodeColumns {
        /// One in a row that is a node, zero in a row that fills the table up.
        real: 1,
        /// The node's heap index.
        index: 1,
        /// One if a slot under the left child is touched.
        left: 1,
        /// One if a slot under the right child is touched.
        right: 1,
        /// The left child before.
        left_before: 4,
        /// The right child before.
        right_before: 4,
        /// The left child after.
        left_after: 4,
        /// The right child after.
        right_after: 4,
        /// The node before.
        before: 4,
        /// The node after.
        after: 4,
    }
}

/// The rules of the table.
#[derive(Clone, Copy, Debug, Default)]
pub struct TreeRules;

impl TableRules for TreeRules {
    const NAME: &'static str = "tree";
    const WIDTH: usize = NodeColumns::<GoldilocksField>::LENGTH;

    #[inline(always)]
    fn evaluate<V: Value>(row: &[V], collect: &mut impl Collect<V>) {
        let mut columns = row.iter().copied();
        let node = NodeColumns::read(&mut || columns.next().expect("a value for each column"));
        let ([real], [index]) = (node.real, node.index);
        collect.zero(real * real - real);
        let children = [
            (node.left[0], &node.left_before, &node.left_after),
            (node.right[0], &node.right_before, &node.right_after),
        ];
        for (touched, before, after) in children {
            collect.zero(touched * touched - touched);
            collect.zero(touched * real - touched);
            for (before, after) in before.iter().zip(after) {
                let difference = *before - *after;
                collect.zero(touched * difference - difference);
            }
        }
        let pair = |left: &[V; 4], right: &[V; 4]| -> [V; 8] {
            core::array::from_fn(|i| if i < 4 { left[i] } else { right[i - 4] })
        };
        let before = pair(&node.left_before, &node.right_before);
        let after = pair(&node.left_after, &node.right_after);
        for (digest, children) in [(&node.before, &before), (&node.after, &after)] {
            check_hash(Asked { count: real, digest }, tag::NODE, children, collect);
        }
        let twice = index.times(GoldilocksField::TWO);
        let indices = [twice, twice.plus(GoldilocksField::ONE)];
        for (index, (touched, before, after)) in indices.into_iter().zip(children) {
            collect.receive(NODES, touched, &message(index, before, after));
        }
        collect.send(NODES, real, &message(index, &node.before, &node.after));
    }
}

/// A node as a message.
#[inline(always)]
pub fn message<V: Copy>(index: V, before: &[V; 4], after: &[V; 4]) -> [V; 9] {
    core::array::from_fn(|i| match i {
        0 => index,
        1..5 => before[i - 1],
        _ => after[i - 5],
    })
}

/// The row of one node.
pub(super) struct NodeRow {
    /// The node's heap index.
    pub index: u64,
    /// The node before and after.
    pub digests: [Digest; 2],
    /// The row of the tree table.
    pub row: Vec<F>,
    /// The states whose permutations give the node before and after.
    pub states: [[Known; WIDTH]; 2],
}

impl NodeRow {
    /// The node with this heap index, over its touched children and the digests beside those.
    pub(super) fn above(
        index: u64,
        touched: &BTreeMap<u64, [Digest; 2]>,
        beside: &BTreeMap<u64, Digest>,
    ) -> Self {
        let child = |child: u64| match touched.get(&child) {
            Some(digests) => (F::ONE, *digests),
            None => (F::ZERO, [beside[&child]; 2]),
        };
        let [(left, left_digests), (right, right_digests)] =
            [child(2 * index), child(2 * index + 1)];
        let children = [0, 1].map(|i| [left_digests[i], right_digests[i]]);
        let digests = children.map(|[left, right]| hash_node(&left, &right));
        let mut row = vec![F::ONE, F::from_canonical_u64(index), left, right];
        for digest in children.as_flattened().iter().chain(&digests) {
            row.extend(digest.0.map(element));
        }
        let states = children.map(|children| {
            let elements = children.map(|digest| digest.0.map(|fe| Known(Some(element(fe)))));
            first_state(tag_of(tag::NODE), RATE, elements.as_flattened())
        });
        Self { index, digests, row, states }
    }
}
