//! The first key of a ceremony: the circuit's polynomials at τ, with γ and δ the generator.
//!
//! The key follows from the circuit and the powers of τ alone, so that anybody can make it again
//! and compare.

use std::io::{Read, Seek, Write};

use ark_bn254::{G1Affine, G2Affine};
use ark_ec::AffineRepr;
use blake2::{Blake2b512, Digest as _};
use rayon::prelude::*;

use super::combine::Coefficients;
use super::constraints::{Constraints, Lines};
use super::encoding::{FilePoint, affine};
use super::key::write;
use super::powers::{ALPHA_TAU_G1, BETA_TAU_G1, Powers, TAU_G1, TAU_G2};
use super::transcript::Transcript;
use super::{Digest, Run};
use crate::error::Error;
use crate::groth16::{ProvingKey, VerifyingKey};

/// How many parts [`first_key`] reports to `progress`.
pub const FIRST_KEY_PARTS: usize = 8;
/// Powers that snarkjs digests at once. It digests whole pieces of a domain that is larger, so that
/// its digest has one power more there.
const DIGESTED_AT_ONCE: usize = 1 << 14;
/// Points that are encoded at once for the digest.
const ENCODED_AT_ONCE: usize = 1 << 14;

/// The first key, and the digest that names it and its circuit.
pub struct FirstKey {
    pub(super) points: ProvingKey,
    pub(super) circuit: Digest,
}

impl FirstKey {
    /// The digest of circuit and first key, with which every contribution begins. It is snarkjs'
    /// "circuit hash", except where the powers' file is just as large as a domain of 2^15 points or
    /// more: snarkjs reads beyond the powers there.
    pub const fn digest(&self) -> &Digest {
        &self.circuit
    }

    /// Writes the key's file.
    ///
    /// # Errors
    /// [`Error::CeremonyWrite`] with the writer's error.
    pub fn write(&self, constraints: &Constraints, writer: impl Write) -> Result<(), Error> {
        let transcript = Transcript { circuit: self.circuit, contributions: Vec::new() };
        write(&self.points, constraints, &transcript, writer)
    }
}

/// Checks the powers of τ and makes the first key of a circuit from them.
///
/// # Errors
/// [`Error::TooFewPowers`] when the circuit needs more powers than the file has;
/// [`Error::CeremonyRefused`] when the powers are wrong; [`Error::CeremonyRead`] when their file
/// cannot be read.
pub fn first_key<R: Read + Seek>(
    constraints: &Constraints,
    powers: &mut Powers<R>,
    run: &mut Run<'_>,
) -> Result<FirstKey, Error> {
    let bits = constraints.domain_bits();
    powers.check(bits, run)?;
    (run.progress)("Lagrange points");
    let tau = powers.lagrange_points::<G1Affine>(TAU_G1, bits, run)?;
    let (columns, coefficients) = prepared(constraints);
    let [a, b, c] = &columns;
    (run.progress)("first matrix");
    let a_query = coefficients.combine(&[(a, &tau)], 0);
    (run.progress)("second matrix in G1");
    let b_g1_query = coefficients.combine(&[(b, &tau)], 0);
    let alpha_tau = powers.lagrange_points::<G1Affine>(ALPHA_TAU_G1, bits, run)?;
    let beta_tau = powers.lagrange_points::<G1Affine>(BETA_TAU_G1, bits, run)?;
    (run.progress)("all matrices");
    let mut gamma_abc_g1 = coefficients.combine(&[(a, &beta_tau), (b, &alpha_tau), (c, &tau)], 0);
    drop((tau, alpha_tau, beta_tau));
    let l_query = gamma_abc_g1.split_off(constraints.inputs());
    (run.progress)("second matrix in G2");
    let tau = powers.lagrange_points::<G2Affine>(TAU_G2, bits, run)?;
    let b_g2_query = coefficients.combine(&[(b, &tau)], 0);
    drop(tau);
    (run.progress)("points of the quotient");
    let h_query = powers.odd_lagrange_points(bits, run)?;
    let points = ProvingKey {
        vk: VerifyingKey {
            alpha_g1: powers.points(ALPHA_TAU_G1, 0, 1)?[0],
            beta_g2: powers.beta_g2()?,
            gamma_g2: G2Affine::generator(),
            delta_g2: G2Affine::generator(),
            gamma_abc_g1,
        },
        beta_g1: powers.points(BETA_TAU_G1, 0, 1)?[0],
        delta_g1: G1Affine::generator(),
        a_query,
        b_g1_query,
        b_g2_query,
        h_query,
        l_query,
    };
    let circuit = digest(&points, powers, bits)?;
    Ok(FirstKey { points, circuit })
}

fn prepared(constraints: &Constraints) -> ([Lines; 3], Coefficients) {
    (constraints.columns(), Coefficients::new(constraints.coefficients()))
}

/// The digest of a first key. The quotient's points are not in it; what determines them is.
fn digest<R: Read + Seek>(
    key: &ProvingKey,
    powers: &mut Powers<R>,
    bits: u32,
) -> Result<Digest, Error> {
    let mut hash = Blake2b512::new();
    let ProvingKey { vk, beta_g1, delta_g1, .. } = key;
    update(&mut hash, &[vk.alpha_g1, *beta_g1]);
    update(&mut hash, &[vk.beta_g2, vk.gamma_g2]);
    update(&mut hash, &[*delta_g1]);
    update(&mut hash, &[vk.delta_g2]);
    update_list(&mut hash, &vk.gamma_abc_g1);
    let domain = 1 << bits;
    hash.update((domain as u32 - 1).to_be_bytes());
    let whole_pieces = if domain > DIGESTED_AT_ONCE { domain } else { domain - 1 };
    let count = whole_pieces.min(powers.known(bits) - domain);
    for first in (0..count).step_by(DIGESTED_AT_ONCE) {
        let some = DIGESTED_AT_ONCE.min(count - first);
        let low: Vec<G1Affine> = powers.points(TAU_G1, first, some)?;
        let high: Vec<G1Affine> = powers.points(TAU_G1, first + domain, some)?;
        let differences = high.par_iter().zip(&low).map(|(high, low)| high.into_group() - low);
        update(&mut hash, &affine::<G1Affine>(&differences.collect::<Vec<_>>()));
    }
    update_list(&mut hash, &key.l_query);
    update_list(&mut hash, &key.a_query);
    update_list(&mut hash, &key.b_g1_query);
    update_list(&mut hash, &key.b_g2_query);
    Ok(hash.finalize().into())
}

fn update_list<A: FilePoint>(hash: &mut Blake2b512, points: &[A]) {
    hash.update((points.len() as u32).to_be_bytes());
    update(hash, points);
}

fn update<A: FilePoint>(hash: &mut Blake2b512, points: &[A]) {
    let mut bytes = Vec::with_capacity(ENCODED_AT_ONCE.min(points.len()) * A::BYTES);
    for some in points.chunks(ENCODED_AT_ONCE) {
        bytes.clear();
        some.iter().for_each(|point| point.encode_for_hash(&mut bytes));
        hash.update(&bytes);
    }
}
