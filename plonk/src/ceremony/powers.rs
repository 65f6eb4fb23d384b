//! The powers of τ of a first phase, in a .ptau file.
//!
//! For a file of power p, with α, β and τ unknown to everybody:
//!
//! | section | content |
//! |---|---|
//! | 1 | bytes of a coordinate, the base field's order, p, the p of the whole ceremony |
//! | 2 | τⁱ in G1, 2^(p+1) − 1 of them |
//! | 3, 4, 5 | τⁱ in G2, ατⁱ in G1, βτⁱ in G1, 2^p each |
//! | 6 | β in G2 |
//! | 7 | the contributions of the first phase |
//! | 12 to 15 | Lagrange points of sections 2 to 5 for each domain of up to 2^p points |
//!
//! Section 12 has those for the domain of 2^(p+1) points, too.
//!
//! [`Powers::check`] demands what a second phase needs of the powers: that they are powers. The
//! contributions of the first phase are not checked: `snarkjs powersoftau verify` does that, and
//! the digest of a published file says that the file is the one that was verified.

use std::io::{Read, Seek};

use ark_bn254::{Bn254, Fq, G1Affine, G2Affine};
use ark_ec::pairing::{Pairing, PairingOutput};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, BigInt, PrimeField};
use ark_std::rand::RngCore;
use rayon::prelude::*;

use super::Run;
use super::encoding::{FIELD_BYTES, FilePoint, integer};
use super::sections::{Sections, u32_at};
use crate::error::{CeremonyFile, Error};

/// The sections of the powers.
pub(super) const TAU_G1: u32 = 2;
pub(super) const TAU_G2: u32 = 3;
pub(super) const ALPHA_TAU_G1: u32 = 4;
pub(super) const BETA_TAU_G1: u32 = 5;
const BETA_G2: u32 = 6;
/// What the number of a section of powers differs by from its section of Lagrange points.
const LAGRANGE: u32 = 10;
/// The largest power of a file. The field has roots of unity of order 2^28.
const POWER_MAX: u32 = 28;
/// Points that are checked at once.
const POINTS_AT_ONCE: usize = 1 << 18;

/// Powers of τ in a file.
#[derive(Debug)]
pub struct Powers<R> {
    sections: Sections<R>,
    power: u32,
}

impl<R: Read + Seek> Powers<R> {
    /// Opens a .ptau file and checks its header and the lengths of its sections.
    ///
    /// # Errors
    /// [`Error::CeremonyRead`] when the file cannot be read; [`Error::CeremonyRefused`] when the
    /// file is no .ptau file of BN254, or is incomplete.
    pub fn open(reader: R) -> Result<Self, Error> {
        let mut sections = Sections::open(reader, CeremonyFile::Powers, *b"ptau")?;
        let header = sections.read_whole(1)?;
        let is_bn254 = header.len() == 12 + FIELD_BYTES
            && u32_at(&header, 0) == FIELD_BYTES as u32
            && integer(&header[4..]) == Fq::MODULUS;
        if !is_bn254 {
            return Err(sections.refused("it is for another curve than BN254".to_owned()));
        }
        let power = u32_at(&header, 4 + FIELD_BYTES);
        if !(1..=POWER_MAX).contains(&power) {
            return Err(sections.refused(format!("its power is {power}")));
        }
        let (g1, g2) = (G1Affine::BYTES as u64, G2Affine::BYTES as u64);
        let count = 1 << power;
        sections.require(TAU_G1, (2 * count - 1) * g1)?;
        sections.require(TAU_G2, count * g2)?;
        sections.require(ALPHA_TAU_G1, count * g1)?;
        sections.require(BETA_TAU_G1, count * g1)?;
        sections.require(BETA_G2, g2)?;
        let domains = [(TAU_G1, 4 * count, g1), (TAU_G2, 2 * count, g2)];
        let others = [ALPHA_TAU_G1, BETA_TAU_G1].map(|powers| (powers, 2 * count, g1));
        for (powers, end, bytes) in domains.into_iter().chain(others) {
            let number = powers + LAGRANGE;
            if sections.length(number).is_some() {
                sections.require(number, (end - 1) * bytes)?;
            }
        }
        Ok(Self { sections, power })
    }

    /// How many of the first 2·2^bits powers in G1 the file has: all, unless it is a file for just
    /// 2^bits, which ends one earlier.
    pub(super) const fn known(&self, bits: u32) -> usize {
        let all = 2 << bits;
        if self.power > bits { all } else { all - 1 }
    }

    /// β in G2.
    ///
    /// # Errors
    /// As [`Powers::points`].
    pub(super) fn beta_g2(&mut self) -> Result<G2Affine, Error> {
        Ok(self.points(BETA_G2, 0, 1)?[0])
    }

    /// Points of a section of powers.
    ///
    /// # Errors
    /// [`Error::CeremonyRead`] when the file cannot be read; [`Error::CeremonyRefused`] when a
    /// point is not on its curve.
    pub(super) fn points<A: FilePoint>(
        &mut self,
        number: u32,
        first: usize,
        count: usize,
    ) -> Result<Vec<A>, Error> {
        self.sections.points(number, first, count)
    }

    /// The Lagrange points of a section of powers for the domain of 2^bits points, as the file has
    /// them; `None` when the file does not have them.
    ///
    /// # Errors
    /// As [`Powers::points`].
    pub(super) fn lagrange<A: FilePoint>(
        &mut self,
        powers: u32,
        bits: u32,
    ) -> Result<Option<Vec<A>>, Error> {
        let number = powers + LAGRANGE;
        let (first, count) = ((1 << bits) - 1, 1 << bits);
        let needed = ((first + count) * A::BYTES) as u64;
        match self.sections.length(number) {
            Some(length) if length >= needed => {
                self.sections.points(number, first, count).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Demands that the file has the powers for a domain of 2^bits points.
    ///
    /// # Errors
    /// [`Error::TooFewPowers`] when the file has fewer powers.
    pub(super) const fn require(&self, bits: u32) -> Result<(), Error> {
        if self.power < bits {
            return Err(Error::TooFewPowers { needed: bits, found: self.power });
        }
        Ok(())
    }

    /// Checks the powers that a domain of 2^bits points needs: each point is in its group and not
    /// zero, the first powers are the generators, and each section has powers of one and the same
    /// τ, times 1, α or β. A wrong point passes with probability 2^-128.
    ///
    /// # Errors
    /// [`Error::TooFewPowers`] when the file has fewer powers; [`Error::CeremonyRefused`] when the
    /// powers are wrong; [`Error::CeremonyRead`] when the file cannot be read.
    pub fn check(&mut self, bits: u32, run: &mut Run<'_>) -> Result<(), Error> {
        self.require(bits)?;
        let count = 1 << bits;
        let tau_in_g1: Vec<G1Affine> = self.points(TAU_G1, 0, 2)?;
        let tau_in_g2: Vec<G2Affine> = self.points(TAU_G2, 0, 2)?;
        let (g1, g2) = (G1Affine::generator(), G2Affine::generator());
        if tau_in_g1[0] != g1 || tau_in_g2[0] != g2 {
            return Err(self.refused("the first powers are not the generators"));
        }
        let (tau_1, tau_2) = (tau_in_g1[1], tau_in_g2[1]);
        (run.progress)("checking powers in G2");
        let [low, high] = self.neighbours::<G2Affine>(TAU_G2, count, run)?;
        if !same(tau_1, low, g1, high) {
            return Err(self.refused("section 3 has no powers of tau"));
        }
        (run.progress)("checking powers in G1");
        let known = self.known(bits);
        for (number, count) in [(TAU_G1, known), (ALPHA_TAU_G1, count), (BETA_TAU_G1, count)] {
            let [low, high] = self.neighbours::<G1Affine>(number, count, run)?;
            if !same(low, tau_2, high, g2) {
                return Err(self.refused(&format!("section {number} has no powers of tau")));
            }
        }
        let beta = self.beta_g2()?;
        self.require_in_group(&[beta], BETA_G2)?;
        let beta_in_g1: Vec<G1Affine> = self.points(BETA_TAU_G1, 0, 1)?;
        if !same(beta_in_g1[0], g2, g1, beta) {
            return Err(self.refused("beta differs in G1 and G2"));
        }
        Ok(())
    }

    /// Random sums over a section's first `count` points: Σ ρᵢ·pointᵢ and Σ ρᵢ·pointᵢ₊₁, where i
    /// runs up to the last point but one. Every point is checked.
    fn neighbours<A: FilePoint>(
        &mut self,
        number: u32,
        count: usize,
        run: &mut Run<'_>,
    ) -> Result<[A; 2], Error> {
        let mut sums = [A::Group::ZERO; 2];
        for first in (0..count - 1).step_by(POINTS_AT_ONCE) {
            // The last point of these is the first of the next.
            let pairs = POINTS_AT_ONCE.min(count - 1 - first);
            let points: Vec<A> = self.points(number, first, pairs + 1)?;
            self.require_in_group(&points, number)?;
            let scalars = random_scalars(pairs, run.rng);
            sums[0] += A::sum(&points[..pairs], &scalars);
            sums[1] += A::sum(&points[1..], &scalars);
        }
        Ok(sums.map(CurveGroup::into_affine))
    }

    fn require_in_group<A: FilePoint>(&self, points: &[A], number: u32) -> Result<(), Error> {
        if points.par_iter().any(AffineRepr::is_zero) {
            return Err(self.refused(&format!("section {number} has a point at infinity")));
        }
        if !points.par_iter().all(FilePoint::is_in_group) {
            return Err(self.refused(&format!("section {number} has a point outside its group")));
        }
        Ok(())
    }

    /// The error that these powers are refused.
    pub(super) fn refused(&self, fault: &str) -> Error {
        self.sections.refused(fault.to_owned())
    }
}

/// Scalars of 128 random bits, for sums of points that a forger does not know in advance.
pub(super) fn random_scalars(count: usize, rng: &mut dyn RngCore) -> Vec<BigInt<4>> {
    (0..count).map(|_| BigInt::new([rng.next_u64(), rng.next_u64(), 0, 0])).collect()
}

/// Whether e(a, b) = e(c, d).
pub(super) fn same(a: G1Affine, b: G2Affine, c: G1Affine, d: G2Affine) -> bool {
    Bn254::multi_pairing([a, -c], [b, d]) == PairingOutput::<Bn254>::ZERO
}
