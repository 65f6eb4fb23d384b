//! A commitment to polynomials of several heights under one Merkle tree.
//!
//! The leaves of the tree are the values of the highest tables. Where a level of the tree has as
//! many nodes as lower tables have values, each node is hashed together with the values of those
//! tables, and the results take the nodes' places: the tree of plonky2's batch FRI.

use plonky2::field::polynomial::PolynomialCoeffs;
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::merkle_proofs::MerkleProof;
use plonky2::hash::merkle_tree::MerkleCap;
use plonky2::hash::poseidon::PoseidonHash;
use rayon::prelude::*;

use super::shape::RATE_BITS;
use crate::proof::F;
use crate::prover::extension::{extend, interpolate};
use crate::prover::nodes::NodeHasher;

/// The polynomials of each height and their values, with the tree over the values.
pub(super) struct Commitment {
    /// By height, from the highest.
    pub polynomials: Vec<Vec<PolynomialCoeffs<F>>>,
    /// By height: the values of all polynomials at one point after the other, in the order of the
    /// points' index with its bits reversed.
    pub values: Vec<Vec<Vec<F>>>,
    /// The nodes of each level, from the leaves to the roots.
    levels: Vec<Vec<HashOut<F>>>,
}

impl Commitment {
    /// Commits to columns by height, from the highest.
    pub(super) fn to_columns(columns: Vec<Vec<Vec<F>>>, cap_bits: usize) -> Self {
        let polynomials = columns.into_iter().map(|columns| interpolate(&columns)).collect();
        Self::new(polynomials, cap_bits)
    }

    /// Commits to polynomials by height, from the highest.
    pub(super) fn new(polynomials: Vec<Vec<PolynomialCoeffs<F>>>, cap_bits: usize) -> Self {
        let values: Vec<_> = polynomials.iter().map(|of| extend(of, RATE_BITS)).collect();
        let levels = levels(&values, cap_bits);
        Self { polynomials, values, levels }
    }

    /// The roots.
    pub(super) fn cap(&self) -> MerkleCap<F, PoseidonHash> {
        MerkleCap(self.levels[self.levels.len() - 1].clone())
    }

    /// The values of all polynomials at the points to which the point `index` of the highest tables
    /// folds, and the path from these values to a root.
    pub(super) fn open(&self, index: usize) -> (Vec<F>, MerkleProof<F, PoseidonHash>) {
        let highest = self.values[0].len();
        let values = self.values.iter().flat_map(|of| &of[index / (highest / of.len())]);
        let below = &self.levels[..self.levels.len() - 1];
        let siblings = below.iter().enumerate().map(|(level, nodes)| nodes[(index >> level) ^ 1]);
        (values.copied().collect(), MerkleProof { siblings: siblings.collect() })
    }
}

fn levels(values: &[Vec<Vec<F>>], cap_bits: usize) -> Vec<Vec<HashOut<F>>> {
    let [leaves, lower @ ..] = values else { unreachable!("there is a table") };
    let mut lower = lower.iter().peekable();
    let mut levels = vec![PoseidonHash::hash_leaves(leaves)];
    loop {
        let nodes = &levels[levels.len() - 1];
        if nodes.len() == 1 << cap_bits {
            return levels;
        }
        let mut parents = PoseidonHash::hash_pairs(nodes);
        if let Some(joining) = lower.next_if(|joining| joining.len() == parents.len()) {
            let joined = parents.par_iter().zip(joining);
            let leaves: Vec<Vec<F>> =
                joined.map(|(node, values)| [&node.elements, &values[..]].concat()).collect();
            parents = PoseidonHash::hash_leaves(&leaves);
        }
        levels.push(parents);
    }
}

#[cfg(test)]
mod tests {
    use plonky2::batch_fri::oracle::BatchFriOracle;
    use plonky2::field::types::Field;
    use plonky2::util::timing::TimingTree;

    use super::*;
    use crate::proof::{C, D};

    fn polynomials(heights: &[(usize, usize)]) -> Vec<Vec<PolynomialCoeffs<F>>> {
        let mut next = 0u64;
        let mut value = || {
            next += 1;
            F::from_noncanonical_u64(next.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        };
        let mut polynomial =
            |bits: usize| PolynomialCoeffs::new((0..1 << bits).map(|_| value()).collect());
        heights.iter().map(|(bits, n)| (0..*n).map(|_| polynomial(*bits)).collect()).collect()
    }

    #[test]
    fn trees_and_openings_are_plonky2s() {
        for heights in [&[(6, 3)][..], &[(7, 9), (5, 2), (4, 8)], &[(6, 1), (5, 1)]] {
            let polynomials = polynomials(heights);
            let all = polynomials.concat();
            let timing = &mut TimingTree::default();
            let tables = vec![None; all.len()];
            let theirs =
                BatchFriOracle::<F, C, D>::from_coeffs(all, RATE_BITS, false, 2, timing, &tables);
            let theirs = theirs.batch_merkle_tree;
            let ours = Commitment::new(polynomials, 2);
            assert_eq!(ours.cap(), theirs.cap, "{heights:?}");
            for index in 0..ours.values[0].len() {
                let (values, path) = ours.open(index);
                assert_eq!(values, theirs.values(index).concat());
                assert_eq!(path, theirs.open_batch(index));
            }
        }
    }

    #[test]
    fn another_value_of_a_low_table_gives_another_cap() {
        let polynomials = polynomials(&[(6, 2), (4, 2)]);
        let mut other = polynomials.clone();
        other[1][1].coeffs[3] += F::ONE;
        assert_ne!(Commitment::new(polynomials, 1).cap(), Commitment::new(other, 1).cap());
    }
}
