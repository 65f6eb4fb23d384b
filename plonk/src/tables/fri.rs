//! The openings of all commitments, as FRI proves them.

use plonky2::field::polynomial::PolynomialCoeffs;
use plonky2::field::types::Field;
use plonky2::fri::proof::FriProof;
use plonky2::hash::poseidon::PoseidonHash;

use super::combination::Extension;
use super::commitment::Commitment;
use super::shape::{Group, ORACLES, Points, SUMS, Tables};
use crate::proof::{C, D, F};
use crate::prover::Transcript;
use crate::prover::fri::prove_low_degree;
use crate::prover::openings::quotient_at;

/// FRI's messages for the openings of all commitments.
pub(super) fn prove_openings(
    tables: &Tables,
    commitments: &[Commitment; ORACLES],
    points: &[Points<Extension>],
    transcript: &mut Transcript<C>,
) -> FriProof<F, PoseidonHash, D> {
    let alpha = transcript.get_extension_challenge::<D>();
    let polynomials = reduced(tables, commitments, points, alpha);
    let open = |index: usize| commitments.iter().map(|of| of.open(index)).collect();
    prove_low_degree::<C>(&tables.params, polynomials, open, transcript)
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
