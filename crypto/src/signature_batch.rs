//! Checking many signatures at a fraction of the cost of single checks.
//!
//! With random 128-bit weights zᵢ, all signatures of a set are valid if Σ zᵢ·(Rᵢ + eᵢ·keyᵢ − sᵢ·G)
//! is neutral. If one signature is invalid, the sum is neutral with probability 2^-128 only. The
//! sum is one multi-scalar multiplication, in which a key that signs repeatedly takes part once. If
//! the sum is not neutral, the halves of the set are checked in the same way, and small sets one by
//! one. The result is the same as that of single checks.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rand::{CryptoRng, Rng};
use rayon::prelude::*;

use crate::fixed_base::generator_product_vartime;
use crate::hash::Digest;
use crate::key::{DecodedKey, PublicKey};
use crate::multi_scalar::{Term, multi_scalar_sum};
use crate::scalar::{LIMBS, Scalar};
use crate::signature::{Signature, challenge, verify};
use crate::torsion::Torsion;

/// Signatures checked by one sum. Larger sums save little more and delay the answer.
pub const BATCH: usize = 1024;

/// Work is not cut into smaller batches to keep more threads busy, because each signature of a
/// small sum costs more.
const SMALLEST_BATCH: usize = 64;

/// The most signatures that are checked one by one after their common sum was not neutral.
const ALONE: usize = 8;

/// The claim that `key` signed `message`.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// The key that is said to have signed.
    pub key: DecodedKey,
    /// The message that was signed.
    pub message: Digest,
    /// The signature to be checked.
    pub signature: Signature,
}

impl Claim {
    /// Whether the signature is valid, checked alone.
    pub fn is_valid(&self) -> bool {
        verify(&self.key, &self.message, &self.signature).is_ok()
    }
}

/// A claim with R decoded and the challenge computed.
struct Prepared<'a> {
    claim: &'a Claim,
    r: Torsion,
    challenge: u128,
}

/// Checks claims in batches, on all threads of the current pool. Returns for each claim, in order,
/// whether it is valid.
pub fn verify_all(claims: &[Claim]) -> Vec<bool> {
    let mut verdicts = vec![false; claims.len()];
    let share = claims.len().div_ceil(rayon::current_num_threads());
    let size = share.clamp(SMALLEST_BATCH, BATCH);
    let batches = claims.par_chunks(size).zip(verdicts.par_chunks_mut(size));
    batches.for_each(|(claims, verdicts)| {
        let prepared: Vec<Option<Prepared>> = claims.iter().map(prepare).collect();
        let (prepared, mut open): (Vec<&Prepared>, Vec<&mut bool>) = prepared
            .iter()
            .zip(verdicts)
            .filter_map(|(one, verdict)| Some((one.as_ref()?, verdict)))
            .unzip();
        decide(&prepared, &mut open, &mut rand::rng());
    });
    verdicts
}

/// Decides which claims of a set are valid: by their sum, or by halves if the sum is not neutral.
fn decide(prepared: &[&Prepared], verdicts: &mut [&mut bool], rng: &mut impl CryptoRng) {
    if sum_is_neutral(prepared, rng) {
        verdicts.iter_mut().for_each(|verdict| **verdict = true);
    } else if prepared.len() <= ALONE {
        for (one, verdict) in prepared.iter().zip(verdicts) {
            **verdict = one.claim.is_valid();
        }
    } else {
        let middle = prepared.len() / 2;
        let (low, high) = verdicts.split_at_mut(middle);
        decide(&prepared[..middle], low, rng);
        decide(&prepared[middle..], high, rng);
    }
}

/// Decodes R and computes the challenge; `None` if R is neutral or no point.
fn prepare(claim: &Claim) -> Option<Prepared<'_>> {
    let r = Torsion::decode_vartime(claim.signature.r).filter(|r| !r.is_zero())?;
    let challenge = challenge(&claim.signature.r, claim.key.key(), &claim.message);
    Some(Prepared { claim, r, challenge })
}

fn sum_is_neutral(prepared: &[&Prepared], rng: &mut impl CryptoRng) -> bool {
    let mut terms = Vec::with_capacity(2 * prepared.len());
    let mut key_terms: HashMap<&PublicKey, usize> = HashMap::with_capacity(prepared.len());
    let mut generator = Scalar::ZERO;
    for Prepared { claim, r, challenge } in prepared {
        let weight: u128 = rng.random();
        generator += Scalar::from(weight) * claim.signature.s;
        terms.push(Term { point: *r, scalar: *Scalar::from(weight).limbs() });
        let product = wide_product(weight, *challenge);
        match key_terms.entry(claim.key.key()) {
            Entry::Occupied(entry) => {
                let sum: &mut Term = &mut terms[*entry.get()];
                sum.scalar = add(&sum.scalar, &product);
            }
            Entry::Vacant(entry) => {
                entry.insert(terms.len());
                terms.push(Term { point: *claim.key.torsion(), scalar: product });
            }
        }
    }
    multi_scalar_sum(&terms) == generator_product_vartime(&generator)
}

/// The product, 256 bits.
fn wide_product(left: u128, right: u128) -> [u64; LIMBS] {
    let [left, right] = [left, right].map(|value| [value as u64, (value >> 64) as u64]);
    let (p0, carry) = left[0].carrying_mul(right[0], 0);
    let (p1, p2) = left[0].carrying_mul(right[1], carry);
    let (p1, carry) = left[1].carrying_mul_add(right[0], p1, 0);
    let (p2, p3) = left[1].carrying_mul_add(right[1], p2, carry);
    [p0, p1, p2, p3, 0]
}

/// The sum of integers far below 2^320, because a batch is far below 2^63 signatures.
fn add(left: &[u64; LIMBS], right: &[u64; LIMBS]) -> [u64; LIMBS] {
    let mut carry = false;
    core::array::from_fn(|i| {
        let (sum, out) = left[i].carrying_add(right[i], carry);
        carry = out;
        sum
    })
}
