//! Lagrange points: for a domain of n points, Lⱼ(τ) for each j, times 1, α or β, in G1 or G2.
//!
//! A prepared .ptau file has them. They are then compared with the powers, by one random sum over
//! each: Σ ρⱼ·Lⱼ(τ) is the polynomial with the values ρⱼ at τ, and an inverse transform of ρ gives
//! its coefficients. Without them, an inverse transform of the powers themselves is needed, which
//! takes a multiplication of a point for each step of the transform.

use std::io::{Read, Seek};

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, BigInt, FftField, Field, PrimeField};
use ark_poly::domain::DomainCoeff;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use ark_relations::gr1cs::SynthesisError;
use rayon::prelude::*;

use super::Run;
use super::encoding::{FilePoint, affine};
use super::powers::{Powers, TAU_G1, random_scalars};
use crate::error::Error;

type Domain = Radix2EvaluationDomain<Fr>;

/// The domain of 2^bits points.
fn domain(bits: u32) -> Result<Domain, Error> {
    let domain = Domain::new(1 << bits);
    Ok(domain.ok_or(SynthesisError::PolynomialDegreeTooLarge)?)
}

impl<R: Read + Seek> Powers<R> {
    /// The Lagrange points of a section of powers for the domain of 2^bits points, made or checked.
    ///
    /// # Errors
    /// [`Error::CeremonyRefused`] when the file's points are not those of its powers;
    /// [`Error::CeremonyRead`] when the file cannot be read.
    pub(super) fn lagrange_points<A: FilePoint>(
        &mut self,
        powers: u32,
        bits: u32,
        run: &mut Run<'_>,
    ) -> Result<Vec<A>, Error>
    where
        A::Group: DomainCoeff<Fr>,
    {
        let count = 1 << bits;
        let monomials: Vec<A> = self.points(powers, 0, count)?;
        let Some(points) = self.lagrange::<A>(powers, bits)? else {
            let mut groups: Vec<A::Group> =
                monomials.par_iter().map(|one| one.into_group()).collect();
            domain(bits)?.ifft_in_place(&mut groups);
            return Ok(affine::<A>(&groups));
        };
        self.compare(&monomials, &points, run)?;
        Ok(points)
    }

    /// The Lagrange points of the domain of 2n = 2^(bits + 1) points at the odd powers of its root
    /// of unity, in G1. The coefficient of X^(2n−1) does not matter for a key; a file of power
    /// `bits` does not have τ^(2n−1) and takes it for zero.
    ///
    /// # Errors
    /// As [`Powers::lagrange_points`].
    pub(super) fn odd_lagrange_points(
        &mut self,
        bits: u32,
        run: &mut Run<'_>,
    ) -> Result<Vec<G1Affine>, Error> {
        let count: usize = 1 << bits;
        let mut monomials: Vec<G1Affine> = self.points(TAU_G1, 0, self.known(bits))?;
        monomials.resize(2 * count, G1Affine::zero());
        if let Some(points) = self.lagrange::<G1Affine>(TAU_G1, bits + 1)? {
            self.compare(&monomials, &points, run)?;
            return Ok(points.into_iter().skip(1).step_by(2).collect());
        }
        // The polynomial is Xⁿ − 1 times one of degree below n, which has the value −1/2 at its own
        // odd power and zero at the others. The coefficients of the latter are, in the place k,
        // −1/(2n) times the −k-th power of that odd power.
        let (low, high) = monomials.split_at(count);
        let differences = low.par_iter().zip(high).map(|(low, high)| high.into_group() - low);
        let mut groups: Vec<G1Projective> = differences.collect();
        let root = Fr::get_root_of_unity(2 * count as u64);
        let root = root.ok_or(SynthesisError::PolynomialDegreeTooLarge)?;
        let inverse = root.inverse().expect("a root of unity is not zero");
        let factor = -Fr::from(2u64).inverse().expect("two is not zero");
        Domain::distribute_powers_and_mul_by_const(&mut groups, inverse, factor);
        domain(bits)?.ifft_in_place(&mut groups);
        Ok(affine::<G1Affine>(&groups))
    }

    /// Compares Lagrange points with powers.
    fn compare<A: FilePoint>(
        &self,
        monomials: &[A],
        points: &[A],
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        let scalars = random_scalars(points.len(), run.rng);
        let values = scalars.par_iter().map(|scalar| Fr::from_bigint(*scalar));
        let values: Option<Vec<Fr>> = values.collect();
        let mut coefficients = values.expect("128 bits are below the order");
        domain(points.len().ilog2())?.ifft_in_place(&mut coefficients);
        let coefficients: Vec<BigInt<4>> =
            coefficients.par_iter().map(|one| one.into_bigint()).collect();
        let difference = A::sum(points, &scalars) - A::sum(monomials, &coefficients);
        if difference == A::Group::ZERO {
            Ok(())
        } else {
            Err(self.refused("its Lagrange points are not those of its powers"))
        }
    }
}
