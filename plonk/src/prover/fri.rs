//! FRI, as plonky2 runs it: the proof that the polynomials to which the openings reduce have no
//! more coefficients than their tables have rows. A circuit is one table. Tables of several heights
//! take plonky2's batch FRI: lower polynomials join when the folds have come down to their height.
//! The nodes of FRI's trees and the nonces of its grinding are hashed side by side, too.

use core::iter::Peekable;

use plonky2::field::extension::{flatten, unflatten};
use plonky2::field::polynomial::PolynomialCoeffs;
use plonky2::field::types::{Field, Field64, PrimeField64};
use plonky2::fri::FriParams;
use plonky2::fri::proof::{FriInitialTreeProof, FriProof, FriQueryRound, FriQueryStep};
use plonky2::hash::hashing::PlonkyPermutation;
use plonky2::hash::merkle_proofs::MerkleProof;
use plonky2::hash::merkle_tree::MerkleTree;
use plonky2::plonk::config::{GenericConfig, Hasher};
use plonky2::plonk::plonk_common::reduce_with_powers;
use plonky2::util::reverse_index_bits_in_place;
use rayon::prelude::*;

use super::nodes::{NodeHasher, STATES};
use super::tree::tree_over;
use super::{Config, Extension, Transcript};
use crate::proof::{D, F};

type Tree<C> = MerkleTree<F, <C as GenericConfig<D>>::Hasher>;
/// The values that a commitment has at one point, and the path from them to a root.
pub(crate) type Opened<C> = (Vec<F>, MerkleProof<F, <C as GenericConfig<D>>::Hasher>);

/// Makes all messages of FRI for polynomials of falling heights, one for each height. The
/// polynomials are combinations of those that some commitments have; `open` opens each commitment
/// at the point with an index among the points of the highest tables.
pub(crate) fn prove_low_degree<C: Config>(
    params: &FriParams,
    polynomials: Vec<PolynomialCoeffs<Extension>>,
    open: impl Fn(usize) -> Vec<Opened<C>> + Sync,
    transcript: &mut Transcript<C>,
) -> FriProof<F, C::Hasher, D> {
    let (trees, final_poly) = fold::<C>(params, polynomials, transcript);
    transcript.observe_extension_elements::<D>(&final_poly.coeffs);
    let pow_witness = grind::<C>(transcript, params.config.proof_of_work_bits);
    let queries = transcript.get_n_challenges(params.config.num_query_rounds);
    let round = |query: &F| {
        let index = query.to_canonical_u64() as usize % params.lde_size();
        let initial_trees_proof = FriInitialTreeProof { evals_proofs: open(index) };
        FriQueryRound { initial_trees_proof, steps: steps::<C>(params, &trees, index) }
    };
    FriProof {
        query_round_proofs: queries.par_iter().map(round).collect(),
        commit_phase_merkle_caps: trees.into_iter().map(|tree| tree.cap).collect(),
        final_poly,
        pow_witness,
    }
}

/// Commits to the polynomial's values and folds the polynomial by a challenge, until it is short
/// enough to be sent. Returns the trees and the last polynomial.
fn fold<C: Config>(
    params: &FriParams,
    polynomials: Vec<PolynomialCoeffs<Extension>>,
    transcript: &mut Transcript<C>,
) -> (Vec<Tree<C>>, PolynomialCoeffs<Extension>) {
    let rate_bits = params.config.rate_bits;
    let mut joining = polynomials.into_iter().peekable();
    let mut polynomial = joining.next().expect("there is a table");
    let mut shift = F::coset_shift();
    let mut trees = Vec::with_capacity(params.reduction_arity_bits.len());
    for arity_bits in &params.reduction_arity_bits {
        let arity = 1 << arity_bits;
        let padded = polynomial.lde(rate_bits);
        let values = padded.coset_fft_with_options(shift.into(), Some(rate_bits), None);
        let mut values = values.values;
        reverse_index_bits_in_place(&mut values);
        let leaves = values.par_chunks(arity).map(flatten::<F, D>).collect();
        let tree: Tree<C> = tree_over(leaves, params.config.cap_height);
        transcript.observe_cap::<C::Hasher>(&tree.cap);
        trees.push(tree);

        // Σ xⁱ·Pᵢ(x^arity) becomes Σ βⁱ·Pᵢ(x).
        let beta = transcript.get_extension_challenge::<D>();
        let parts = polynomial.coeffs.par_chunks_exact(arity);
        polynomial = parts.map(|part| reduce_with_powers(part, beta)).collect::<Vec<_>>().into();
        shift = shift.exp_power_of_2(*arity_bits);
        join(&mut polynomial, &mut joining, beta, shift);
    }
    (trees, polynomial)
}

/// Adds the next lower polynomial to β times the folded one, if that has come down to its height.
/// The values of both are added point by point: the folded polynomial has them on the coset of
/// `shift`, the joining polynomial on the coset of the commitments.
fn join(
    folded: &mut PolynomialCoeffs<Extension>,
    joining: &mut Peekable<impl Iterator<Item = PolynomialCoeffs<Extension>>>,
    beta: Extension,
    shift: F,
) {
    let Some(joined) = joining.next_if(|joining| joining.len() == folded.len()) else { return };
    let moved = (F::coset_shift() / shift).powers();
    let terms = folded.coeffs.iter_mut().zip(joined.coeffs).zip(moved);
    terms.for_each(|((sum, term), power)| *sum = *sum * beta + term * Extension::from(power));
}

/// Opens the trees of the folded polynomials at the points to which the point `index` folds.
fn steps<C: Config>(
    params: &FriParams,
    trees: &[Tree<C>],
    mut index: usize,
) -> Vec<FriQueryStep<F, C::Hasher, D>> {
    let step = |(tree, arity_bits): (&Tree<C>, &usize)| {
        index >>= arity_bits;
        let evals = unflatten::<F, D>(tree.get(index));
        FriQueryStep { evals, merkle_proof: tree.prove(index) }
    };
    trees.iter().zip(&params.reduction_arity_bits).map(step).collect()
}

/// Finds a nonce after which the transcript's next challenge starts with `bits` zero bits, and
/// lets the transcript observe the nonce and draw that challenge.
fn grind<C: Config>(transcript: &mut Transcript<C>, bits: u32) -> F {
    let position = transcript.input_buffer().len();
    let mut state = transcript.sponge_state();
    state.set_from_slice(transcript.input_buffer(), 0);
    let nonce =
        |group: u64, lane: usize| F::from_canonical_u64(group * STATES as u64 + lane as u64);
    let works = |state: &<C::Hasher as Hasher<F>>::Permutation| {
        let response = state.squeeze().last().expect("a permutation gives elements");
        response.to_canonical_u64().leading_zeros() >= bits
    };
    let groups = (0..F::ORDER / STATES as u64).into_par_iter();
    let found = groups.find_map_any(|group| {
        let mut states = [state; STATES];
        for (lane, state) in states.iter_mut().enumerate() {
            state.set_elt(nonce(group, lane), position);
        }
        C::Hasher::permute_states(&mut states);
        states.iter().position(works).map(|lane| nonce(group, lane))
    });
    let found = found.expect("of 2^64 nonces one gives a few zero bits");
    transcript.observe_element(found);
    transcript.get_challenge();
    found
}
