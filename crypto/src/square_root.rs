//! Square roots in GF(p^5), for decoding points. Variable time: encodings are public.
//!
//! Let r = 1 + p + p² + p³ + p⁴, which is odd. Then a^r is the norm, an element of GF(p), and
//! a^((r+1)/2) divided by the root of the norm is the root of a (Pornin, eprint 2022/274, section
//! 3.3). (r + 1)/2 = 1 + (p + p³)·(p + 1)/2, so only one power, (p + 1)/2, has to be computed.

use std::sync::LazyLock;

use crate::goldilocks::{Fe, ORDER};
use crate::quintic::Fe5;

impl Fe5 {
    /// A square root, or `None` for a non-square. Which of the two roots is returned is
    /// unspecified.
    pub fn sqrt_vartime(self) -> Option<Self> {
        if self.is_zero() {
            return Some(Self::ZERO);
        }
        let power = self.pow_half_order();
        let half = power.frobenius::<1>() * power.frobenius::<3>();
        // half = self^((r − 1)/2), so self·half² is the norm.
        let norm = self.base_product(half.square());
        Some((self * half).scale(inverse_root_vartime(norm)?))
    }

    /// self^((p + 1)/2), with (p + 1)/2 = (2^32 − 1)·2^31 + 1.
    fn pow_half_order(self) -> Self {
        let ones_2 = self.square() * self;
        let ones_4 = ones_2.square_times(2) * ones_2;
        let ones_8 = ones_4.square_times(4) * ones_4;
        let ones_16 = ones_8.square_times(8) * ones_8;
        let ones_32 = ones_16.square_times(16) * ones_16;
        ones_32.square_times(31) * self
    }
}

/// The exponent of two in p − 1 = 2^32·(2^32 − 1).
const TWO_ADICITY: u32 = 32;
/// Bits of a logarithm that one look-up finds.
const DIGIT_BITS: u32 = 8;
const DIGITS: usize = (TWO_ADICITY / DIGIT_BITS) as usize;
const RADIX: usize = 1 << DIGIT_BITS;

/// g, a primitive 2^32-th root of one: 7 generates the multiplicative group.
const ROOT_OF_UNITY: Fe = Fe::from_u64(7).pow((ORDER - 1) >> TWO_ADICITY);

/// Logarithms in the group of 2^32-th roots of one, a byte at a time.
struct Logarithms {
    /// Row i, entry k: g^(−k·2^(8i)).
    inverse_powers: [[Fe; RADIX]; DIGITS],
    /// Entry `slot(g^(k·2^24))`: k.
    digits: Vec<u8>,
    multiplier: u64,
}

/// 2^64 divided by the golden ratio: its odd multiples spread structured values well.
const GOLDEN_RATIO: u64 = 0x9E37_79B9_7F4A_7C15;
/// Multipliers tried; one in eight has no collisions.
const ATTEMPTS: u64 = 1024;

/// Bits of an index into `digits`. With so many indices a multiplier without collisions is soon
/// found.
const SLOT_BITS: u32 = 14;

static LOGARITHMS: LazyLock<Logarithms> = LazyLock::new(|| {
    let inverse_powers = core::array::from_fn(|row| {
        let base = ROOT_OF_UNITY.inverse().square_times(row as u32 * DIGIT_BITS);
        let mut power = Fe::ONE;
        core::array::from_fn(|_| {
            let current = power;
            power *= base;
            current
        })
    });
    let base = ROOT_OF_UNITY.square_times(TWO_ADICITY - DIGIT_BITS);
    let powers: Vec<Fe> = (0..RADIX as u64).map(|exponent| base.pow(exponent)).collect();
    let (multiplier, digits) = (0..ATTEMPTS)
        .map(|attempt| GOLDEN_RATIO.wrapping_mul(2 * attempt + 1))
        .find_map(|multiplier| Some((multiplier, perfect_table(&powers, multiplier)?)))
        .expect("some multiplier spreads 256 values over 16,384 slots");
    Logarithms { inverse_powers, digits, multiplier }
});

/// For each slot the exponent of the power that falls into the slot, or `None` if two powers fall
/// into one slot.
fn perfect_table(powers: &[Fe], multiplier: u64) -> Option<Vec<u8>> {
    let mut digits = vec![None; 1 << SLOT_BITS];
    for (exponent, power) in (0u8..=u8::MAX).zip(powers) {
        if digits[slot(*power, multiplier)].replace(exponent).is_some() {
            return None;
        }
    }
    Some(digits.into_iter().map(Option::unwrap_or_default).collect())
}

fn slot(element: Fe, multiplier: u64) -> usize {
    (element.canonical().wrapping_mul(multiplier) >> (u64::BITS - SLOT_BITS)) as usize
}

/// 1/√value for a non-zero square, `None` for a non-square.
///
/// The algorithm is Tonelli's and Shanks', with the correcting root of one read from tables of the
/// bytes of its logarithm (Sarkar, eprint 2020/1407).
fn inverse_root_vartime(value: Fe) -> Option<Fe> {
    let Logarithms { inverse_powers, digits, multiplier } = &*LOGARITHMS;
    let root = value.pow_31_ones();
    // root²·value = value^(2^32 − 1) = g^logarithm.
    let mut powers = [root.square() * value; DIGITS];
    for row in 1..DIGITS {
        powers[row] = powers[row - 1].square_times(DIGIT_BITS);
    }
    let mut logarithm = 0u32;
    for found in 0..DIGITS {
        // The power g^(logarithm·2^(24 − 8·found)), divided by the part of the bytes found before,
        // depends only on the next byte.
        let shift = DIGITS - 1 - found;
        let mut power = powers[shift];
        for (row, digit) in logarithm.to_le_bytes().into_iter().take(found).enumerate() {
            power *= inverse_powers[shift + row][usize::from(digit)];
        }
        let digit = digits[slot(power, *multiplier)];
        logarithm |= u32::from(digit) << (found as u32 * DIGIT_BITS);
    }
    if logarithm & 1 == 1 {
        return None;
    }
    let bytes = (logarithm >> 1).to_le_bytes().into_iter().zip(inverse_powers);
    Some(bytes.fold(root, |root, (digit, powers)| root * powers[usize::from(digit)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn element() -> impl Strategy<Value = Fe5> {
        prop::array::uniform5(any::<u64>()).prop_map(|words| Fe5(words.map(Fe::from_u64)))
    }

    proptest! {
        #[test]
        fn squares_have_roots_and_their_non_square_multiples_have_none(a in element()) {
            let square = a.square();
            let root = square.sqrt_vartime().expect("a square has a root");
            prop_assert!(root == a || root == -a);
            prop_assert!(square.is_square());
            // 7 generates the multiplicative group of GF(p), and the degree is odd.
            let other = square.scale(Fe::from(7));
            prop_assert_eq!(other.sqrt_vartime(), None);
            prop_assert!(!other.is_square());
        }

        #[test]
        fn base_field_roots_agree_with_the_legendre_symbol(value in 1u64..) {
            let value = Fe::from_u64(value);
            prop_assume!(!value.is_zero());
            match inverse_root_vartime(value) {
                Some(root) => {
                    prop_assert_eq!(root.square() * value, Fe::ONE);
                    prop_assert_eq!(value.legendre(), Fe::ONE);
                }
                None => prop_assert_eq!(value.legendre(), -Fe::ONE),
            }
        }
    }

    #[test]
    fn roots_of_unity_of_every_order_have_roots_if_they_are_squares() {
        for level in 0..TWO_ADICITY {
            let root = ROOT_OF_UNITY.square_times(level);
            let inverse = inverse_root_vartime(root);
            assert_eq!(
                inverse.map(|inverse| inverse.square() * root),
                (level > 0).then_some(Fe::ONE)
            );
        }
    }

    #[test]
    fn zero_is_its_own_root() {
        assert_eq!(Fe5::ZERO.sqrt_vartime(), Some(Fe5::ZERO));
        assert!(Fe5::ZERO.is_square());
    }
}
