//! What a prover gives for one signature, as values.
//!
//! This module does not check whether the signature is valid.

use plonky2::field::types::Field;
use sheaf_crypto::fixed_base::generator_product_vartime;
use sheaf_crypto::hash::Digest;
use sheaf_crypto::key::PublicKey;
use sheaf_crypto::scalar::{GROUP_ORDER, LIMBS, Scalar};
use sheaf_crypto::signature::{Signature, challenge};
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::transaction::SignedMessage;
use sheaf_plonk::proof::{F, element};

use crate::signature::double_and_add::CHALLENGE_BITS;
use crate::signature::generator_table::DIGIT_BITS;
use crate::signature::link::{BORDER_DIGIT, LinkWires, MIDDLE_DIGIT};
use crate::signature::open_signature::DIGITS;
use crate::signature::quintic::elements;

/// Bits of a column: the integer made of one generator digit of each row of the ladder.
const COLUMN_BITS: usize = DIGITS * DIGIT_BITS;

impl LinkWires<F> {
    /// The values for an active position.
    pub fn new(signed: &SignedMessage) -> Self {
        let SignedMessage { key, address, message, signature } = signed;
        let Signature { r, s } = signature;
        let challenge = challenge(r, key, message);
        let digit = |i: usize| (challenge >> (CHALLENGE_BITS * i)) as usize & 63;
        let window = |i: usize, j: usize| F::from_canonical_usize(digit(i) >> (2 * j) & 3);
        let row_digits = generator_digits(s);
        Self {
            active: [F::ONE],
            key: key.elements().map(element),
            address: address.limbs().map(element),
            r: elements(*r),
            message: message.0.map(element),
            challenge_digits: core::array::from_fn(|i| F::from_canonical_usize(digit(i))),
            split_windows: core::array::from_fn(|i| match i {
                0..3 => window(MIDDLE_DIGIT, i),
                3..6 => window(BORDER_DIGIT, i - 3),
                _ => window(DIGITS, 0),
            }),
            generator_digits: row_digits.map(F::from_canonical_usize),
        }
    }

    /// The values for an inactive position: a valid signature of the zero message under the key
    /// whose secret is 1.
    pub fn padding() -> Self {
        let key = PublicKey::from_elements(generator_product_vartime(&Scalar::ONE).encode().0);
        let message = Digest::ZERO;
        let nonce = Scalar::from(2u64);
        let r = generator_product_vartime(&nonce).encode();
        let s = nonce + Scalar::from(challenge(&r, &key, &message));
        let signature = Signature { r, s };
        let signed = SignedMessage { key, address: L1Address::default(), message, signature };
        Self { active: [F::ZERO], ..Self::new(&signed) }
    }
}

/// The three generator digits of each row, packed, lowest row first. Together they make up 2s
/// modulo n.
///
/// The digits are those of an integer S, six bits each. S has three columns of 126 bits, one for
/// each of a row's three digits. A digit v stands for 2v − 63, so all digits together make up
/// 2S − (2^378 − 1). Therefore S = s + (2^378 − 1)/2 modulo n.
fn generator_digits(s: &Scalar) -> [usize; DIGITS] {
    let power = (0..3 * COLUMN_BITS).fold(Scalar::ONE, |power, _| power + power);
    let sum = *s + (power - Scalar::ONE) * half();
    core::array::from_fn(|row| {
        // The digit that a row adds first counts most, so it comes from the highest column.
        (0..3).fold(0, |packed, i| {
            let column = 2 - i;
            let value = bits(sum.limbs(), COLUMN_BITS * column + DIGIT_BITS * row);
            packed | signed_digit(value) << (DIGIT_BITS * i)
        })
    })
}

/// The digit for 2v − 63, `value` being v: an index into the odd numbers and, above it, the sign.
fn signed_digit(value: usize) -> usize {
    let half = 1 << (DIGIT_BITS - 1);
    if value >= half { value } else { half - 1 - value }
}

/// 1/2 modulo n, which is odd: (n + 1)/2.
fn half() -> Scalar {
    let mut bytes = [0; Scalar::BYTES];
    for (i, chunk) in bytes.chunks_exact_mut(8).enumerate() {
        let above = GROUP_ORDER.get(i + 1).map_or(0, |limb| limb << 63);
        chunk.copy_from_slice(&(GROUP_ORDER[i] >> 1 | above).to_le_bytes());
    }
    let floor = Scalar::from_le_bytes(&bytes).expect("half of n is below n");
    floor + Scalar::ONE
}

/// The six bits from bit `position` on; bits above the highest limb are zero.
fn bits(limbs: &[u64; LIMBS], position: usize) -> usize {
    let (limb, offset) = (position / 64, position % 64);
    let word = |i: usize| limbs.get(i).copied().map_or(0, u128::from);
    let pair = word(limb) | word(limb + 1) << 64;
    (pair >> offset) as usize & 63
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_make_up_twice_the_scalar() {
        for s in [Scalar::ZERO, Scalar::ONE, -Scalar::ONE, Scalar::from(u128::MAX) * half()] {
            let sum = generator_digits(&s).into_iter().rev().fold([Scalar::ZERO; 3], |sum, row| {
                core::array::from_fn(|i| {
                    let shifted = Scalar::from(64u64) * sum[i];
                    let digit = row >> (DIGIT_BITS * i) & 63;
                    let magnitude = Scalar::from(2 * (digit as u64 % 32) + 1);
                    if digit < 32 { shifted - magnitude } else { shifted + magnitude }
                })
            });
            let column = (0..COLUMN_BITS).fold(Scalar::ONE, |power, _| power + power);
            let [high, middle, low] = sum;
            assert_eq!((high * column + middle) * column + low, s + s);
        }
    }
}
