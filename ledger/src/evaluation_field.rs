//! Arithmetic modulo r, the order of the BLS12-381 scalar field: where words are evaluated.
//!
//! The contract computes the same with `mulmod`, and a blob's polynomial is over the same field.
//! Values are public, so nothing here is constant-time.

use crate::word::{Word, limbs_of_integer};

/// r = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001, lowest 64 bits first.
const MODULUS: [u64; 4] =
    [0xffff_ffff_0000_0001, 0x53bd_a402_fffe_5bfe, 0x3339_d808_09a1_d805, 0x73ed_a753_299d_7d48];

/// −1/r modulo 2^64, for Montgomery's reduction.
const NEGATED_INVERSE: u64 = {
    // Newton's iteration: each step doubles the number of correct bits. The first bit is correct
    // because r is odd.
    let mut inverse = 1u64;
    let mut step = 0;
    while step < 6 {
        let error = 2u64.wrapping_sub(MODULUS[0].wrapping_mul(inverse));
        inverse = inverse.wrapping_mul(error);
        step += 1;
    }
    inverse.wrapping_neg()
};

/// 2^512 mod r: a product with this factor converts a value to Montgomery's form.
const SQUARED_RADIX: Residue = {
    let mut power = Residue([1, 0, 0, 0]);
    let mut doubled = 0;
    while doubled < 512 {
        power = power.plus(&power);
        doubled += 1;
    }
    power
};

/// An integer below r, lowest 64 bits first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Residue([u64; 4]);

impl Residue {
    pub(crate) const ZERO: Self = Self([0; 4]);

    /// The value of a word, which is below 2^248 and hence below r.
    pub(crate) fn of_word(word: &Word) -> Self {
        Self(integer_of_bytes(&word.to_bytes()))
    }

    /// The residue of an integer below 2r, in limbs of 62, 62, 62, 62 and 8 bits, lowest first.
    pub(crate) fn of_limbs(limbs: &[u64; 5]) -> Self {
        let [l0, l1, l2, l3, l4] = *limbs;
        let mut bytes = Word([l0, l1, l2, l3]).to_bytes();
        bytes[0] = l4 as u8;
        Self(integer_of_bytes(&bytes)).reduced(false)
    }

    /// The integer in limbs of 62, 62, 62, 62 and 7 bits, lowest first.
    pub(crate) fn limbs(&self) -> [u64; 5] {
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.rchunks_exact_mut(8).zip(self.0) {
            chunk.copy_from_slice(&limb.to_be_bytes());
        }
        limbs_of_integer(&bytes)
    }

    pub(crate) const fn plus(&self, other: &Self) -> Self {
        let mut sum = [0; 4];
        let mut carry = 0u128;
        let mut i = 0;
        while i < 4 {
            carry += self.0[i] as u128 + other.0[i] as u128;
            sum[i] = carry as u64;
            carry >>= 64;
            i += 1;
        }
        Self(sum).reduced(carry != 0)
    }

    /// Subtracts r once if the value, with `carry` as its bit 256, is not below r.
    const fn reduced(self, carry: bool) -> Self {
        let mut difference = [0; 4];
        let mut borrow = false;
        let mut i = 0;
        while i < 4 {
            let (less, under) = self.0[i].overflowing_sub(MODULUS[i]);
            let (less, also) = less.overflowing_sub(borrow as u64);
            difference[i] = less;
            borrow = under || also;
            i += 1;
        }
        if borrow && !carry { self } else { Self(difference) }
    }

    /// self·other/2^256 mod r (Montgomery 1985, interleaved word by word).
    fn reduced_product(&self, other: &Self) -> Self {
        let mut sum = [0u64; 6];
        for factor in self.0 {
            add_multiple(&mut sum, &other.0, factor);
            // The multiple of r that clears the lowest word, which is then shifted out.
            let clearing = sum[0].wrapping_mul(NEGATED_INVERSE);
            add_multiple(&mut sum, &MODULUS, clearing);
            sum.copy_within(1.., 0);
            sum[5] = 0;
        }
        Self([sum[0], sum[1], sum[2], sum[3]]).reduced(sum[4] != 0)
    }
}

/// A point of evaluation in Montgomery's form, for many multiplications.
pub(crate) struct Multiplier(Residue);

impl Multiplier {
    pub(crate) fn new(z: &Residue) -> Self {
        Self(z.reduced_product(&SQUARED_RADIX))
    }

    /// y·z mod r.
    pub(crate) fn times(&self, y: &Residue) -> Residue {
        y.reduced_product(&self.0)
    }
}

/// sum += multiplicand·factor. The sum stays below 2^384.
fn add_multiple(sum: &mut [u64; 6], multiplicand: &[u64; 4], factor: u64) {
    let mut carry = 0u128;
    for (digit, limb) in sum.iter_mut().zip(multiplicand.iter().chain(&[0, 0])) {
        carry += u128::from(*digit) + u128::from(*limb) * u128::from(factor);
        *digit = carry as u64;
        carry >>= 64;
    }
}

fn integer_of_bytes(bytes: &[u8; 32]) -> [u64; 4] {
    let mut limbs = [0; 4];
    let (words, _) = bytes.as_chunks::<8>();
    for (limb, word) in limbs.iter_mut().rev().zip(words) {
        *limb = u64::from_be_bytes(*word);
    }
    limbs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUS_ONE: Residue = Residue([MODULUS[0] - 1, MODULUS[1], MODULUS[2], MODULUS[3]]);

    /// By the definition: double and add, one bit of the factor at a time.
    fn product_by_definition(left: &Residue, right: &Residue) -> Residue {
        (0..256).rev().fold(Residue::ZERO, |sum, bit| {
            let doubled = sum.plus(&sum);
            if left.0[bit / 64] >> (bit % 64) & 1 == 1 { doubled.plus(right) } else { doubled }
        })
    }

    fn residues() -> impl Strategy<Value = Residue> {
        prop_oneof![
            4 => prop::array::uniform4(any::<u64>()).prop_map(|mut limbs| {
                limbs[3] %= MODULUS[3];
                Residue(limbs)
            }),
            1 => Just(MINUS_ONE),
            1 => Just(Residue::ZERO),
        ]
    }

    #[test]
    fn minus_one_squared_is_one() {
        let one = Residue([1, 0, 0, 0]);
        assert_eq!(Multiplier::new(&MINUS_ONE).times(&MINUS_ONE), one);
        assert_eq!(MINUS_ONE.plus(&one), Residue::ZERO);
    }

    #[test]
    fn limbs_at_or_above_r_are_reduced() {
        let mut limbs = MINUS_ONE.limbs();
        assert_eq!(Residue::of_limbs(&limbs), MINUS_ONE);
        limbs[0] += 1;
        assert_eq!(Residue::of_limbs(&limbs), Residue::ZERO);
    }

    proptest! {
        #[test]
        fn products_equal_the_definition(left in residues(), right in residues()) {
            let product = Multiplier::new(&right).times(&left);
            prop_assert_eq!(product, product_by_definition(&left, &right));
        }

        #[test]
        fn limbs_go_round(residue in residues()) {
            let limbs = residue.limbs();
            prop_assert!(limbs[4] < 1 << 7);
            prop_assert_eq!(Residue::of_limbs(&limbs), residue);
        }
    }
}
