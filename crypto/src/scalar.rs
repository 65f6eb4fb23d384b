//! Integers modulo the order of the group, for secrets and signatures.
//!
//! A product is two Montgomery products, of which the second takes the result out of Montgomery's
//! form. A scalar is therefore always the plain integer below n. No operation branches on a value.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::Zeroize;

use crate::error::Error;
use crate::hash::bytes_from_hex;

/// 64-bit limbs of a scalar, lowest first.
pub const LIMBS: usize = 5;

/// n, the prime order of the group: 319 bits.
pub const GROUP_ORDER: [u64; LIMBS] = [
    0xE80F_D996_948B_FFE1,
    0xE888_5C39_D724_A09C,
    0x7FFF_FFE6_CFB8_0639,
    0x7FFF_FFF1_0000_0016,
    0x7FFF_FFFD_8000_0007,
];

/// −1/n mod 2^64.
const NEGATED_INVERSE: u64 = {
    // Newton's iteration doubles the correct bits; an odd number is its own inverse mod 8.
    let mut inverse = GROUP_ORDER[0];
    let mut right_bits = 3;
    while right_bits < u64::BITS {
        let error = GROUP_ORDER[0].wrapping_mul(inverse);
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(error));
        right_bits *= 2;
    }
    inverse.wrapping_neg()
};

/// 2^640 mod n. Montgomery's product with this number takes a number into Montgomery's form.
const TWO_TO_640: [u64; LIMBS] = [
    0xA010_01DC_E33D_C739,
    0x6C32_28D3_3F62_ACCF,
    0xD1D7_96CC_91CF_8525,
    0xAADF_FF5D_1574_C1D8,
    0x4ACA_13B2_8CA2_51F5,
];

/// An integer below n.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Zeroize)]
pub struct Scalar([u64; LIMBS]);

impl Scalar {
    /// The integer 0.
    pub const ZERO: Self = Self([0; LIMBS]);
    /// The integer 1.
    pub const ONE: Self = Self([1, 0, 0, 0, 0]);
    /// Bytes of the encoding.
    pub const BYTES: usize = 8 * LIMBS;
    /// Bytes that `from_wide_bytes` takes: twice a scalar, so that the residue is uniform.
    pub const WIDE_BYTES: usize = 2 * Self::BYTES;

    /// The integer in 64-bit limbs, lowest first.
    #[inline]
    pub const fn limbs(&self) -> &[u64; LIMBS] {
        &self.0
    }

    /// The integer, little-endian.
    pub fn to_le_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        for (chunk, limb) in bytes.chunks_exact_mut(8).zip(self.0) {
            chunk.copy_from_slice(&limb.to_le_bytes());
        }
        bytes
    }

    /// Reads what `to_le_bytes` writes.
    ///
    /// # Errors
    /// `NonCanonicalScalar` when the integer is not below n.
    pub fn from_le_bytes(bytes: &[u8; Self::BYTES]) -> Result<Self, Error> {
        let limbs = limbs_from_le_bytes(bytes);
        let (_, below) = subtract(&limbs, &GROUP_ORDER);
        if below { Ok(Self(limbs)) } else { Err(Error::NonCanonicalScalar) }
    }

    /// The residue modulo n of a little-endian integer of 640 bits.
    pub fn from_wide_bytes(bytes: &[u8; Self::WIDE_BYTES]) -> Self {
        let (low, high) = bytes.split_at(Self::BYTES);
        let [low, high] = [low, high].map(|half| {
            limbs_from_le_bytes(half.try_into().expect("both halves have the length of a scalar"))
        });
        // Montgomery's product divides by 2^320 and takes any left factor below 2^320.
        let low = montgomery_product(&montgomery_product(&low, &TWO_TO_640), &Self::ONE.0);
        let high = montgomery_product(&high, &TWO_TO_640);
        Self(low) + Self(high)
    }

    /// Whether the integer is zero.
    pub fn is_zero(&self) -> bool {
        self.0.iter().fold(0, |union, limb| union | limb) == 0
    }

    fn plus(self, rhs: Self) -> Self {
        // Both scalars are below n < 2^319, so the sum has no carry.
        let (sum, _) = add(&self.0, &rhs.0);
        Self(subtract_order_once(&sum))
    }
}

impl From<u64> for Scalar {
    fn from(value: u64) -> Self {
        Self([value, 0, 0, 0, 0])
    }
}

impl From<u128> for Scalar {
    fn from(value: u128) -> Self {
        Self([value as u64, (value >> 64) as u64, 0, 0, 0])
    }
}

impl core::ops::Add for Scalar {
    type Output = Self;

    fn add(self, rhs: Self) -> Self {
        self.plus(rhs)
    }
}

impl core::ops::AddAssign for Scalar {
    fn add_assign(&mut self, rhs: Self) {
        *self = *self + rhs;
    }
}

impl core::ops::Neg for Scalar {
    type Output = Self;

    fn neg(self) -> Self {
        // For zero the difference is n, which one more subtraction reduces.
        let (difference, _) = subtract(&GROUP_ORDER, &self.0);
        Self(subtract_order_once(&difference))
    }
}

impl core::ops::Sub for Scalar {
    type Output = Self;

    fn sub(self, rhs: Self) -> Self {
        self + -rhs
    }
}

impl core::ops::Mul for Scalar {
    type Output = Self;

    fn mul(self, rhs: Self) -> Self {
        Self(montgomery_product(&montgomery_product(&self.0, &rhs.0), &TWO_TO_640))
    }
}

/// `0x` and eighty hexadecimal digits of the little-endian encoding.
impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("0x{}", hex::encode(self.to_le_bytes())))
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        bytes_from_hex(&text)
            .and_then(|bytes| Self::from_le_bytes(&bytes))
            .map_err(de::Error::custom)
    }
}

fn limbs_from_le_bytes(bytes: &[u8; Scalar::BYTES]) -> [u64; LIMBS] {
    let (words, _) = bytes.as_chunks::<8>();
    core::array::from_fn(|i| u64::from_le_bytes(words[i]))
}

/// The sum and whether it carried.
fn add(a: &[u64; LIMBS], b: &[u64; LIMBS]) -> ([u64; LIMBS], bool) {
    let mut sum = [0; LIMBS];
    let mut carry = false;
    for i in 0..LIMBS {
        (sum[i], carry) = a[i].carrying_add(b[i], carry);
    }
    (sum, carry)
}

/// The difference and whether it borrowed.
fn subtract(a: &[u64; LIMBS], b: &[u64; LIMBS]) -> ([u64; LIMBS], bool) {
    let mut difference = [0; LIMBS];
    let mut borrow = false;
    for i in 0..LIMBS {
        (difference[i], borrow) = a[i].borrowing_sub(b[i], borrow);
    }
    (difference, borrow)
}

/// The residue of a number below 2n.
fn subtract_order_once(number: &[u64; LIMBS]) -> [u64; LIMBS] {
    let (reduced, below) = subtract(number, &GROUP_ORDER);
    let keep = (below as u64).wrapping_neg();
    core::array::from_fn(|i| reduced[i] ^ (keep & (reduced[i] ^ number[i])))
}

/// a·b / 2^320 mod n, for b below n and any a of 320 bits.
fn montgomery_product(a: &[u64; LIMBS], b: &[u64; LIMBS]) -> [u64; LIMBS] {
    // The running value stays below 2n + 2^320, so one limb more than a scalar's is enough.
    let mut value = [0u64; LIMBS + 1];
    for limb in a {
        add_product(&mut value, *limb, b);
        let factor = value[0].wrapping_mul(NEGATED_INVERSE);
        add_product(&mut value, factor, &GROUP_ORDER);
        // The lowest limb is zero here and is shifted out.
        value.rotate_left(1);
    }
    let [v0, v1, v2, v3, v4, _] = value;
    subtract_order_once(&[v0, v1, v2, v3, v4])
}

/// value += factor·number.
fn add_product(value: &mut [u64; LIMBS + 1], factor: u64, number: &[u64; LIMBS]) {
    let mut carry = 0;
    for i in 0..LIMBS {
        (value[i], carry) = factor.carrying_mul_add(number[i], value[i], carry);
    }
    value[LIMBS] = value[LIMBS].wrapping_add(carry);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scalar() -> impl Strategy<Value = Scalar> {
        prop_oneof![
            prop::collection::vec(any::<u8>(), Scalar::WIDE_BYTES).prop_map(|bytes| {
                Scalar::from_wide_bytes(&bytes.try_into().expect("the length asked for"))
            }),
            any::<u64>().prop_map(Scalar::from),
            any::<u64>().prop_map(|value| -Scalar::from(value)),
            Just(Scalar::ZERO),
        ]
    }

    /// A product by doubling and adding only.
    fn product_by_definition(a: Scalar, b: Scalar) -> Scalar {
        (0..u64::BITS * LIMBS as u32).rev().fold(Scalar::ZERO, |sum, bit| {
            let doubled = sum + sum;
            let set = (b.0[(bit / u64::BITS) as usize] >> (bit % u64::BITS)) & 1 == 1;
            if set { doubled + a } else { doubled }
        })
    }

    proptest! {
        #[test]
        fn the_ring_laws_hold(a in scalar(), b in scalar(), c in scalar()) {
            prop_assert_eq!(a * b, product_by_definition(a, b));
            prop_assert_eq!((a + b) + c, a + (b + c));
            prop_assert_eq!(a * (b + c), a * b + a * c);
            prop_assert_eq!(a - a, Scalar::ZERO);
            prop_assert_eq!((a - b) + b, a);
        }

        #[test]
        fn wide_bytes_are_low_plus_high_times_two_to_320(low in scalar(), high in scalar()) {
            let mut bytes = [0; Scalar::WIDE_BYTES];
            bytes[..Scalar::BYTES].copy_from_slice(&low.to_le_bytes());
            bytes[Scalar::BYTES..].copy_from_slice(&high.to_le_bytes());
            let shifted = (0..320).fold(high, |power, _| power + power);
            prop_assert_eq!(Scalar::from_wide_bytes(&bytes), low + shifted);
        }

        #[test]
        fn bytes_and_text_go_round(a in scalar()) {
            prop_assert_eq!(Scalar::from_le_bytes(&a.to_le_bytes()), Ok(a));
            let text = serde_json::to_string(&a).expect("a string");
            prop_assert_eq!(serde_json::from_str::<Scalar>(&text).expect("its own text"), a);
        }
    }

    #[test]
    fn only_integers_below_the_order_are_scalars() {
        let largest = -Scalar::ONE;
        let mut bytes = largest.to_le_bytes();
        assert_eq!(Scalar::from_le_bytes(&bytes), Ok(largest));
        bytes[0] += 1;
        assert_eq!(Scalar::from_le_bytes(&bytes), Err(Error::NonCanonicalScalar));
        assert_eq!(Scalar::from_le_bytes(&[0xff; 40]), Err(Error::NonCanonicalScalar));
        let mut wide = [0; Scalar::WIDE_BYTES];
        wide[..Scalar::BYTES].copy_from_slice(&bytes);
        assert_eq!(Scalar::from_wide_bytes(&wide), Scalar::ZERO);
    }
}
