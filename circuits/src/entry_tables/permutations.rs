//! The permutations that rows ask for, as an honest prover collects them.

use rayon::prelude::*;
use sheaf_crypto::hash::{DIGEST, Tag};
use sheaf_crypto::poseidon::{WIDTH, permute};
use sheaf_plonk::gates::value::Known;
use sheaf_plonk::proof::{F, element, fe};
use sheaf_plonk::tables::permutation::PermutationRules;

/// A permutation that other rows ask for.
#[derive(Clone, Debug)]
struct Permutation {
    before: [F; WIDTH],
    /// How often rows ask for the digest, and for the whole state.
    asked: [u64; 2],
}

/// The permutations that rows ask for, in any order.
#[derive(Clone, Debug, Default)]
pub(super) struct Permutations(Vec<Permutation>);

impl Permutations {
    /// Asks for the digest after the permutation of `state`.
    ///
    /// # Panics
    /// When a value of the state is not known.
    pub(super) fn digest(&mut self, state: [Known; WIDTH]) -> [Known; DIGEST] {
        let permuted = permuted(self.ask(state, [1, 0]));
        core::array::from_fn(|i| permuted[i])
    }

    /// Asks for the whole state after the permutation of `state`.
    ///
    /// # Panics
    /// When a value of the state is not known.
    pub(super) fn state(&mut self, state: [Known; WIDTH]) -> [Known; WIDTH] {
        permuted(self.ask(state, [0, 1]))
    }

    /// Asks for a digest that is known.
    ///
    /// # Panics
    /// When a value of the state is not known.
    pub(super) fn known_digest(&mut self, state: [Known; WIDTH]) {
        self.ask(state, [1, 0]);
    }

    /// Adds what other rows ask for.
    pub(super) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The rows of the table of permutations.
    pub(super) fn into_rows(self) -> Vec<Vec<F>> {
        let row = |Permutation { before, asked: [digests, states] }| {
            PermutationRules::row(before, digests, states)
        };
        self.0.into_par_iter().map(row).collect()
    }

    fn ask(&mut self, state: [Known; WIDTH], asked: [u64; 2]) -> [F; WIDTH] {
        let before = state.map(|value| value.0.expect("a hash follows from what is known"));
        self.0.push(Permutation { before, asked });
        before
    }
}

fn permuted(before: [F; WIDTH]) -> [Known; WIDTH] {
    let mut state = before.map(fe);
    permute(&mut state);
    state.map(|value| Known(Some(element(value))))
}

/// The tag as a value of a hash's state.
pub(super) fn tag_of(tag: Tag) -> Known {
    Known(Some(element(tag.element())))
}
