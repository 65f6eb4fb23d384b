//! Dot products over BN254's scalar field with one reduction for each. 1,215 of the 2,124
//! multiplications in the wide permutation are terms of dot products. Summing their 512-bit
//! products before the Montgomery reduction saves nearly half of the work of each term.

use ark_bn254::{Fr, FrConfig};
use ark_ff::{BigInt, BigInteger, MontConfig, PrimeField};

const LIMBS: usize = 4;
/// −r⁻¹ modulo 2^64.
const INVERSE: u64 = <FrConfig as MontConfig<LIMBS>>::INV;
/// The largest number of terms whose sum stays below 2^511, because r² < 2^507.3.
const MAX_TERMS: usize = 12;

/// Σ aᵢ·bᵢ over at most [`MAX_TERMS`] terms.
pub(super) fn dot_product<const T: usize>(a: &[Fr; T], b: &[Fr; T]) -> Fr {
    const { assert!(T <= MAX_TERMS) };
    reduce(sum_of_products(a, b))
}

/// The sum of the products of the Montgomery forms as an integer, column by column.
fn sum_of_products<const T: usize>(a: &[Fr; T], b: &[Fr; T]) -> [u64; 2 * LIMBS] {
    let mut sum = [0; 2 * LIMBS];
    let (mut low, mut high) = (0u128, 0u64);
    for (column, limb) in sum[..2 * LIMBS - 1].iter_mut().enumerate() {
        for i in column.saturating_sub(LIMBS - 1)..=column.min(LIMBS - 1) {
            for (a, b) in a.iter().zip(b) {
                let product = u128::from(a.0.0[i]) * u128::from(b.0.0[column - i]);
                let (next, carry) = low.overflowing_add(product);
                low = next;
                high += u64::from(carry);
            }
        }
        *limb = low as u64;
        low = low >> 64 | u128::from(high) << 64;
        high = 0;
    }
    sum[2 * LIMBS - 1] = low as u64;
    sum
}

/// Montgomery reduction of an integer below 2^511. With t < 12·r² the result before the last
/// subtractions is below 12·r²/2^256 + r < 3.3·r.
fn reduce(mut t: [u64; 2 * LIMBS]) -> Fr {
    let modulus = Fr::MODULUS;
    let mut carry_out = 0;
    for i in 0..LIMBS {
        let factor = t[i].wrapping_mul(INVERSE);
        let mut carry = 0u64;
        for j in 0..LIMBS {
            let sum = u128::from(t[i + j])
                + u128::from(factor) * u128::from(modulus.0[j])
                + u128::from(carry);
            t[i + j] = sum as u64;
            carry = (sum >> 64) as u64;
        }
        let sum = u128::from(t[i + LIMBS]) + u128::from(carry) + u128::from(carry_out);
        t[i + LIMBS] = sum as u64;
        carry_out = (sum >> 64) as u64;
    }
    let mut result = BigInt::new([t[4], t[5], t[6], t[7]]);
    while result >= modulus {
        result.sub_with_borrow(&modulus);
    }
    Fr::new_unchecked(result)
}

#[cfg(test)]
mod tests {
    use ark_ff::{Field, UniformRand};
    use ark_std::rand::SeedableRng;
    use ark_std::rand::rngs::StdRng;

    use super::*;

    #[test]
    fn agrees_with_one_product_after_another() {
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..200 {
            let a: [Fr; 9] = std::array::from_fn(|_| Fr::rand(&mut rng));
            let b: [Fr; 9] = std::array::from_fn(|_| Fr::rand(&mut rng));
            let expected: Fr = a.iter().zip(&b).map(|(a, b)| *a * b).sum();
            assert_eq!(dot_product(&a, &b), expected);
        }
    }

    /// The largest Montgomery forms give the largest sum.
    #[test]
    fn the_largest_sum_is_reduced() {
        let mut largest = Fr::MODULUS;
        largest.sub_with_borrow(&BigInt::from(1u64));
        let a = [Fr::new_unchecked(largest); MAX_TERMS];
        let expected: Fr = a.iter().map(|a| a.square()).sum();
        assert_eq!(dot_product(&a, &a), expected);
    }
}
