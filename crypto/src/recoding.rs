//! Scalars cut into digits: windows of bits, and the sparse signed form for single products.

use crate::scalar::LIMBS;

/// Bits of a digit of `signed_odd_digits`, with its sign.
const DIGIT_BITS: u32 = 5;
/// The odd multiples of a point that its digits need: 1, 3, … 15.
pub(crate) const ODD_MULTIPLES: usize = 1 << (DIGIT_BITS - 2);

/// Digits of a scalar in the non-adjacent form of width 5, lowest first. Each digit is zero or odd,
/// of magnitude 15 at most, and at least four zeros follow a digit other than zero.
pub(crate) fn signed_odd_digits(limbs: &[u64; LIMBS]) -> Vec<i8> {
    let bits = LIMBS as u32 * u64::BITS;
    let mut digits = Vec::with_capacity(bits as usize);
    let (mut position, mut carry) = (0, 0);
    while position < bits {
        let window = bits_at(limbs, position, DIGIT_BITS) + carry;
        if window & 1 == 0 {
            digits.push(0);
            position += 1;
            continue;
        }
        carry = window >> (DIGIT_BITS - 1);
        digits.push(window as i8 - ((carry as i8) << DIGIT_BITS));
        digits.extend([0; DIGIT_BITS as usize - 1]);
        position += DIGIT_BITS;
    }
    // Scalars are below 2^319, so no carry leaves the top.
    let used = digits.iter().rposition(|digit| *digit != 0).map_or(0, |last| last + 1);
    digits.truncate(used);
    digits
}

/// `count` bits from bit `position` on, zeros above the top; `count` is below 32.
#[inline]
pub(crate) fn bits_at(limbs: &[u64; LIMBS], position: u32, count: u32) -> u32 {
    let (limb, offset) = ((position / u64::BITS) as usize, position % u64::BITS);
    let low = limbs.get(limb).map_or(0, |word| word >> offset);
    let high = if offset + count > u64::BITS {
        limbs.get(limb + 1).map_or(0, |word| word << (u64::BITS - offset))
    } else {
        0
    };
    ((low | high) & ((1 << count) - 1)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::{GROUP_ORDER, Scalar};
    use proptest::prelude::*;

    #[test]
    fn windows_cross_limbs_and_end_in_zeros() {
        assert_eq!(bits_at(&GROUP_ORDER, 315, 5), 15);
        assert_eq!(bits_at(&GROUP_ORDER, 318, 10), 1);
        assert_eq!(bits_at(&GROUP_ORDER, 320, 10), 0);
        assert_eq!(bits_at(&[1 << 63, 0b101, 0, 0, 0], 63, 4), 0b1011);
    }

    proptest! {
        #[test]
        fn sparse_digits_add_up(low: u128, negate: bool) {
            let scalar = if negate { -Scalar::from(low) } else { Scalar::from(low) };
            let digits = signed_odd_digits(scalar.limbs());
            let sum = digits.iter().rev().fold(Scalar::ZERO, |sum, digit| {
                let magnitude = Scalar::from(u64::from(digit.unsigned_abs()));
                sum + sum + if *digit < 0 { -magnitude } else { magnitude }
            });
            prop_assert_eq!(sum, scalar);
            prop_assert!(digits.iter().all(|digit| *digit == 0 || digit % 2 != 0));
            let apart = |window: &[i8]| window.iter().filter(|digit| **digit != 0).count() <= 1;
            prop_assert!(digits.windows(DIGIT_BITS as usize).all(apart));
        }
    }
}
