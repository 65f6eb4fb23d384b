//! FRI over polynomials of several heights, as plonky2's batch FRI runs it: lower polynomials join
//! when the folds have come down to their height.

use plonky2::field::extension::{flatten, unflatten};
use plonky2::field::polynomial::PolynomialCoeffs;
use plonky2::field::types::{Field, PrimeField64};
use plonky2::fri::proof::{FriInitialTreeProof, FriProof, FriQueryRound, FriQueryStep};
use plonky2::hash::merkle_tree::MerkleTree;
use plonky2::hash::poseidon::PoseidonHash;
use plonky2::plonk::plonk_common::reduce_with_powers;
use plonky2::util::reverse_index_bits_in_place;
use rayon::prelude::*;

use super::combination::Extension;
use super::commitment::Commitment;
use super::shape::{Group, ORACLES, Points, SUMS, Tables};
use crate::proof::{C, D, F};
use crate::prover::Transcript;
use crate::prover::fri::grind;
use crate::prover::openings::quotient_at;
use crate::prover::tree::tree_over;

type Tree = MerkleTree<F, PoseidonHash>;

/// FRI's messages for the openings of all commitments.
pub(super) fn prove_openings(
    tables: &Tables,
    commitments: &[Commitment; ORACLES],
    points: &[Points<Extension>],
    transcript: &mut Transcript<C>,
) -> FriProof<F, PoseidonHash, D> {
    let alpha = transcript.get_extension_challenge::<D>();
    let polynomials = reduced(tables, commitments, points, alpha);
    let params = &tables.params;
    let (trees, final_poly) = fold(tables, polynomials, transcript);
    transcript.observe_extension_elements::<D>(&final_poly.coeffs);
    let pow_witness = grind::<C>(transcript, params.config.proof_of_work_bits);
    let queries = transcript.get_n_challenges(params.config.num_query_rounds);
    let round = |query: &F| {
        let index = query.to_canonical_u64() as usize % params.lde_size();
        query_round(tables, commitments, &trees, index)
    };
    FriProof {
        query_round_proofs: queries.par_iter().map(round).collect(),
        commit_phase_merkle_caps: trees.into_iter().map(|tree| tree.cap).collect(),
        final_poly,
        pow_witness,
    }
}

/// For each height, the polynomial whose degree shows that all openings of the height are right.
fn reduced(
    tables: &Tables,
    commitments: &[Commitment; ORACLES],
    points: &[Points<Extension>],
    alpha: Extension,
) -> Vec<PolynomialCoeffs<Extension>> {
    let groups = tables.groups();
    let of_group = |(height, (group, points)): (usize, (&Group<'_>, &Points<Extension>))| {
        let all: Vec<_> = commitments.iter().flat_map(|of| &of.polynomials[height]).collect();
        let sums = &commitments[SUMS].polynomials[height];
        let next: Vec<_> = group.sums().into_iter().map(|sum| &sums[sum]).collect();
        let mut polynomial = quotient_at(&all, points.here, alpha);
        polynomial *= alpha.exp_u64(next.len() as u64);
        polynomial += quotient_at(&next, points.next, alpha);
        polynomial
    };
    groups.iter().zip(points).enumerate().map(of_group).collect()
}

/// Commits to the polynomial's values and folds it, until the last polynomial can be sent.
fn fold(
    tables: &Tables,
    polynomials: Vec<PolynomialCoeffs<Extension>>,
    transcript: &mut Transcript<C>,
) -> (Vec<Tree>, PolynomialCoeffs<Extension>) {
    let config = &tables.params.config;
    let mut joining = polynomials.into_iter().peekable();
    let mut polynomial = joining.next().expect("there is a table");
    let mut shift = F::coset_shift();
    let mut trees = Vec::new();
    for arity_bits in &tables.params.reduction_arity_bits {
        let arity = 1 << arity_bits;
        let padded = polynomial.lde(config.rate_bits);
        let values = padded.coset_fft_with_options(shift.into(), Some(config.rate_bits), None);
        let mut values = values.values;
        reverse_index_bits_in_place(&mut values);
        let leaves = values.par_chunks(arity).map(flatten::<F, D>).collect();
        let tree: Tree = tree_over(leaves, config.cap_height);
        transcript.observe_cap::<PoseidonHash>(&tree.cap);
        trees.push(tree);

        // Σ xⁱ·Pᵢ(x^arity) becomes Σ βⁱ·Pᵢ(x).
        let beta = transcript.get_extension_challenge::<D>();
        let parts = polynomial.coeffs.par_chunks_exact(arity);
        polynomial = parts.map(|part| reduce_with_powers(part, beta)).collect::<Vec<_>>().into();
        shift = shift.exp_power_of_2(*arity_bits);
        if let Some(joined) = joining.next_if(|joining| joining.len() == polynomial.len()) {
            // The values of both are added point by point. The folded polynomial has them on the
            // coset of `shift`, the joining polynomial on the coset of the commitments.
            let moved = (F::coset_shift() / shift).powers();
            let terms = polynomial.coeffs.iter_mut().zip(joined.coeffs).zip(moved);
            terms.for_each(|((sum, term), power)| {
                *sum = *sum * beta + term * Extension::from(power);
            });
        }
    }
    (trees, polynomial)
}

/// What FRI opens at one point of the highest tables' values.
fn query_round(
    tables: &Tables,
    commitments: &[Commitment; ORACLES],
    trees: &[Tree],
    mut index: usize,
) -> FriQueryRound<F, PoseidonHash, D> {
    let evals_proofs = commitments.iter().map(|commitment| commitment.open(index)).collect();
    let steps = trees.iter().zip(&tables.params.reduction_arity_bits).map(|(tree, arity_bits)| {
        index >>= arity_bits;
        FriQueryStep { evals: unflatten::<F, D>(tree.get(index)), merkle_proof: tree.prove(index) }
    });
    let steps = steps.collect();
    FriQueryRound { initial_trees_proof: FriInitialTreeProof { evals_proofs }, steps }
}
