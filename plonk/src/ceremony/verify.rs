//! Whether a key is the one that circuit, powers of τ and contributions give.
//!
//! 1. Every contribution proves that its secret was known, and multiplied δ by the secret.
//! 2. δ is the same in G1 and in G2.
//! 3. The first key is made again. All points that contributions do not change are equal, and so
//!    are the coefficients and the digest of the first key.
//! 4. The points of witnesses and quotient are those of the first key divided by δ: one random sum
//!    over each, and two pairings. A wrong point passes with probability 2^-128.

use std::io::{Read, Seek};

use ark_bn254::{G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};

use super::Digest;
use super::Run;
use super::constraints::Constraints;
use super::encoding::FilePoint;
use super::initial::{FIRST_KEY_PARTS, first_key};
use super::key::{COEFFICIENTS, KeyFile};
use super::powers::{Powers, random_scalars, same};
use super::transcript::Listed;
use crate::error::Error;
use crate::groth16::ProvingKey;

/// How many parts [`verify`] reports to `progress`.
pub const VERIFY_PARTS: usize = FIRST_KEY_PARTS + 2;

/// A key that was checked.
pub struct Verified {
    /// The key, for a prover.
    pub key: ProvingKey,
    /// The digest of the circuit and the first key.
    pub circuit: Digest,
    /// All contributions, in order.
    pub contributions: Vec<Listed>,
}

/// Checks a key against its circuit and powers of τ, and all contributions.
///
/// A key without contributions is right, too, but everybody can forge proofs under it.
///
/// # Errors
/// [`Error::Contribution`] for the first wrong contribution; [`Error::OtherCeremony`] when the key
/// is of another circuit, made from other powers, or changed by something else than its
/// contributions; the errors of [`first_key`]; [`Error::CeremonyRead`] and
/// [`Error::CeremonyRefused`] when the key cannot be read.
pub fn verify<K: Read + Seek, P: Read + Seek>(
    file: &mut KeyFile<K>,
    constraints: &Constraints,
    powers: &mut Powers<P>,
    run: &mut Run<'_>,
) -> Result<Verified, Error> {
    (run.progress)("contributions");
    file.check_delta()?;
    let header = &file.header;
    let is_circuit = header.variables as usize == constraints.variables()
        && header.inputs as usize + 1 == constraints.inputs()
        && header.domain == 1 << constraints.domain_bits();
    require(is_circuit, "the circuit's size")?;
    let g2 = G2Affine::generator();

    let first = first_key(constraints, powers, run)?;
    (run.progress)("comparing");
    let key = file.proving_key()?;
    require(key.vk.alpha_g1 == first.points.vk.alpha_g1, "alpha")?;
    let is_beta = (key.beta_g1, key.vk.beta_g2) == (first.points.beta_g1, first.points.vk.beta_g2);
    require(is_beta, "beta")?;
    require(key.vk.gamma_g2 == g2, "gamma")?;
    require(key.vk.gamma_abc_g1 == first.points.vk.gamma_abc_g1, "a point of the inputs")?;
    require(key.a_query == first.points.a_query, "a point of the first matrix")?;
    require(key.b_g1_query == first.points.b_g1_query, "a point of the second matrix in G1")?;
    require(key.b_g2_query == first.points.b_g2_query, "a point of the second matrix in G2")?;
    file.require_coefficients(constraints)?;
    require(file.transcript.circuit == first.circuit, "the digest of the first key")?;
    for (divided, whole, part) in [
        (&key.l_query, &first.points.l_query, "a point of the witnesses"),
        (&key.h_query, &first.points.h_query, "a point of the quotient"),
    ] {
        let scalars = random_scalars(whole.len(), run.rng);
        let [divided, whole] =
            [divided, whole].map(|points| G1Affine::sum(points, &scalars).into_affine());
        require(same(divided, key.vk.delta_g2, whole, g2), part)?;
    }
    Ok(Verified { key, circuit: first.circuit, contributions: file.transcript.list() })
}

fn require(is_same: bool, part: &'static str) -> Result<(), Error> {
    if is_same { Ok(()) } else { Err(Error::OtherCeremony { part }) }
}

impl<R: Read + Seek> KeyFile<R> {
    /// Checks what needs no circuit, and milliseconds for each contribution: whether the powers are
    /// enough for the key, and statements 1 and 2 of this module. Returns all contributions, in
    /// order.
    ///
    /// # Errors
    /// [`Error::TooFewPowers`]; [`Error::Contribution`] for the first wrong contribution;
    /// [`Error::OtherCeremony`] when δ is not what the contributions make of it.
    pub fn check_contributions<P: Read + Seek>(
        &mut self,
        powers: &Powers<P>,
    ) -> Result<Vec<Listed>, Error> {
        powers.require(self.header.domain.ilog2())?;
        self.check_delta()?;
        Ok(self.contributions())
    }

    /// Checks the contributions and δ. A beacon may take long to repeat, so this is done once.
    fn check_delta(&mut self) -> Result<(), Error> {
        if self.has_checked_delta {
            return Ok(());
        }
        let delta = self.transcript.check()?;
        let (g1, g2) = (G1Affine::generator(), G2Affine::generator());
        require(delta == self.header.delta_g1, "delta in G1")?;
        require(same(delta, g2, g1, self.header.delta_g2), "delta in G2")?;
        self.has_checked_delta = true;
        Ok(())
    }

    /// Compares the section of coefficients with the circuit's.
    fn require_coefficients(&mut self, constraints: &Constraints) -> Result<(), Error> {
        self.sections.require(COEFFICIENTS, constraints.coefficients_length())?;
        let mut from = 0;
        constraints.for_coefficients(|expected| {
            let found = self.sections.read(COEFFICIENTS, from, expected.len() as u64)?;
            from += expected.len() as u64;
            require(found == expected, "a coefficient")
        })
    }
}
