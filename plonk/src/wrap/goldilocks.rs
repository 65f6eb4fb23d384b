//! Goldilocks elements as integers inside BN254's scalar field, reduced lazily.
//!
//! 1. An element is an integer of at most `BOUND_BITS` bits, so that it never wraps around the
//!    BN254 modulus. The integer represents its residue modulo p = 2^64 − 2^32 + 1.
//! 2. A reduction finds q and r with x = q·p + r over the integers: q and r are range-checked so
//!    that q·p + r is below the BN254 modulus as well.
//! 3. A canonical element has 64 checked bits and is below p.
//!
//! Bounds depend only on the shape of the computation, never on a witness.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, BigInteger, Field, PrimeField};

use super::builder::{Builder, Linear, power_of_two, weighted_sum};

/// The Goldilocks prime.
pub(crate) const GOLDILOCKS: u64 = 0xffff_ffff_0000_0001;
/// Bits of a reduced element, which need not be canonical.
pub(crate) const REDUCED_BITS: usize = 64;
/// The most bits that the bound of an element may have. The quotient of an integer of 252 bits by p
/// has at most 189 bits, and 2^189·p + 2^64 < 2^253 is below the BN254 modulus.
const BOUND_BITS: u32 = 252;

/// Bits that stay free above the product of two pairs, for the factors 7 and the sums that follow.
const ALGEBRA_HEADROOM: u32 = 8;

type Bound = BigInt<4>;

/// An integer with a known upper bound, which represents its residue modulo p.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    linear: Linear,
    max: Bound,
}

fn bound_of(value: u64) -> Bound {
    BigInt::from(value)
}

fn low_bits_bound(bits: usize) -> Bound {
    let mut bound = BigInt::from(1u64) << bits as u32;
    bound.sub_with_borrow(&bound_of(1));
    bound
}

fn sum_bound(a: &Bound, b: &Bound) -> Bound {
    let mut sum = *a;
    let carry = sum.add_with_carry(b);
    assert!(!carry, "bounds stay below 2^{BOUND_BITS} by the checks on every element");
    sum
}

fn product_bound(a: &Bound, b: &Bound) -> Option<Bound> {
    let (low, high) = BigInteger::mul(a, b);
    (high.is_zero() && low.num_bits() <= BOUND_BITS).then_some(low)
}

/// Quotient and remainder by p.
fn divide(integer: &BigInt<4>) -> (BigInt<4>, u64) {
    let mut quotient = [0; 4];
    let mut remainder = 0u64;
    for (q, limb) in quotient.iter_mut().zip(integer.0).rev() {
        let part = u128::from(remainder) << 64 | u128::from(limb);
        *q = (part / u128::from(GOLDILOCKS)) as u64;
        remainder = (part % u128::from(GOLDILOCKS)) as u64;
    }
    (BigInt::new(quotient), remainder)
}

impl Element {
    fn new(linear: Linear, max: Bound) -> Self {
        assert!(
            max.num_bits() <= BOUND_BITS,
            "a sum of {} bits must be reduced before it is used",
            max.num_bits()
        );
        Self { linear, max }
    }

    pub(crate) fn zero() -> Self {
        Self { linear: Linear::zero(), max: Bound::zero() }
    }

    pub(crate) fn constant(value: u64) -> Self {
        Self { linear: Linear::constant(Fr::from(value)), max: bound_of(value) }
    }

    /// An element that the caller has constrained to `bits` bits.
    pub(crate) fn from_bounded(linear: Linear, bits: usize) -> Self {
        Self::new(linear, low_bits_bound(bits))
    }

    /// An element that the caller has constrained to one of these constants.
    pub(crate) fn from_choice(linear: Linear, choices: &[u64]) -> Self {
        let max = choices.iter().max().copied().unwrap_or(0);
        Self::new(linear, bound_of(max))
    }

    pub(crate) fn linear(&self) -> &Linear {
        &self.linear
    }

    /// Bits of the upper bound.
    pub(crate) fn bits(&self) -> usize {
        self.max.num_bits() as usize
    }

    /// The Goldilocks value, canonical, under the assignment.
    pub(crate) fn native(&self) -> u64 {
        divide(&self.linear.value().into_bigint()).1
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self::new(self.linear.plus(&other.linear), sum_bound(&self.max, &other.max))
    }

    pub(crate) fn add_assign(&mut self, other: &Self) {
        self.add_scaled(1, other);
    }

    /// `self − other` plus a multiple of p, which keeps the integer positive.
    pub(crate) fn minus(&self, other: &Self) -> Self {
        let (quotient, _) = divide(&other.max);
        let multiple = sum_bound(&quotient, &bound_of(1));
        let offset = product_bound(&multiple, &bound_of(GOLDILOCKS))
            .expect("a multiple of p just above a checked bound");
        let mut linear = self.linear.minus(&other.linear);
        linear.add_constant(Fr::from_bigint(offset).expect("below the bound of every element"));
        Self::new(linear, sum_bound(&self.max, &offset))
    }

    pub(crate) fn scaled(&self, factor: u64) -> Self {
        let mut product = Self::zero();
        product.add_scaled(factor, self);
        product
    }

    /// Adds `factor · other` in place.
    pub(crate) fn add_scaled(&mut self, factor: u64, other: &Self) {
        let product =
            product_bound(&other.max, &bound_of(factor)).expect("a constant times a short sum");
        self.linear.add_scaled(Fr::from(factor), &other.linear);
        self.max = sum_bound(&self.max, &product);
        assert!(self.max.num_bits() <= BOUND_BITS, "a long sum must be reduced before it is used");
    }

    pub(crate) fn compacted(self) -> Self {
        Self { linear: self.linear.compacted(), max: self.max }
    }
}

impl Builder {
    /// A fresh canonical element and its bits.
    pub(crate) fn canonical_with_bits(&mut self, value: u64) -> (Element, Vec<Linear>) {
        let bits = self.free_bits(&bound_of(value), REDUCED_BITS);
        let variable = self.witness(Fr::from(value));
        self.enforce_equal(&weighted_sum(&bits), &variable);
        // x ≥ p means high = 2^32 − 1 and low > 0. The constraint low = (2^32 − 1 − high)·w
        // excludes this case.
        let low = weighted_sum(&bits[..32]);
        let gap = Linear::constant(Fr::from(u32::MAX)).minus(&weighted_sum(&bits[32..]));
        let hint = gap.value().inverse().map_or(Fr::ZERO, |inverse| inverse * low.value());
        let hint = self.witness(hint);
        self.enforce(gap, hint, low);
        (Element { linear: variable, max: bound_of(GOLDILOCKS - 1) }, bits)
    }

    /// A fresh canonical element.
    pub(crate) fn canonical(&mut self, value: u64) -> Element {
        self.canonical_with_bits(value).0
    }

    /// A congruent element of at most 64 bits.
    pub(crate) fn reduce(&mut self, element: &Element) -> Element {
        if element.bits() <= REDUCED_BITS {
            return element.clone();
        }
        let (quotient, remainder) = divide(&element.linear.value().into_bigint());
        self.reduce_by(element, &quotient, &bound_of(remainder))
    }

    /// The reduction x = q·p + r with `quotient` and `remainder` as hints, both range-checked.
    fn reduce_by(&mut self, element: &Element, quotient: &Bound, remainder: &Bound) -> Element {
        let multiple = self.multiple_of_prime(quotient, &element.max);
        let remainder_bits = self.free_bits(remainder, REDUCED_BITS);
        let reduced = self.witness(Fr::from(*remainder));
        self.enforce_equal(&weighted_sum(&remainder_bits), &reduced);
        self.enforce_equal(&element.linear, &multiple.plus(&reduced));
        Element::from_bounded(reduced, REDUCED_BITS)
    }

    /// q·p for a fresh q of as many bits as the quotient of `max` by p has.
    fn multiple_of_prime(&mut self, quotient: &BigInt<4>, max: &Bound) -> Linear {
        let bits = divide(max).0.num_bits() as usize;
        let quotient = self.free_bits(quotient, bits);
        weighted_sum(&quotient).scaled(Fr::from(GOLDILOCKS))
    }

    /// The element itself if the element has at most `bits` bits, else its reduction.
    pub(crate) fn fit(&mut self, element: &Element, bits: usize) -> Element {
        if element.bits() <= bits { element.clone() } else { self.reduce(element) }
    }

    /// Enforces that the element is zero modulo p.
    pub(crate) fn assert_zero(&mut self, element: &Element) {
        let (quotient, _) = divide(&element.linear.value().into_bigint());
        let multiple = self.multiple_of_prime(&quotient, &element.max);
        self.enforce_equal(&element.linear, &multiple);
    }

    /// The product. Factors are reduced first, the larger one before the other, where the product
    /// would exceed the bound.
    pub(crate) fn mul(&mut self, a: &Element, b: &Element) -> Element {
        if let Some(max) = product_bound(&a.max, &b.max) {
            let linear = self.multiply(&a.linear, &b.linear);
            return Element { linear, max };
        }
        let (a, b) = self.reduce_larger(a, b);
        self.mul(&a, &b)
    }

    fn reduce_larger(&mut self, a: &Element, b: &Element) -> (Element, Element) {
        if a.max >= b.max { (self.reduce(a), b.clone()) } else { (a.clone(), self.reduce(b)) }
    }

    /// The terms a₀b₀, a₁b₁ and a₀b₁ + a₁b₀ of (a₀ + a₁X)(b₀ + b₁X), by Karatsuba's three
    /// products. `None` when a product would exceed the bound.
    pub(crate) fn mul_pair(&mut self, a: &[Element; 2], b: &[Element; 2]) -> Option<[Element; 3]> {
        let sums = [sum_bound(&a[0].max, &a[1].max), sum_bound(&b[0].max, &b[1].max)];
        if product_bound(&sums[0], &sums[1])?.num_bits() + ALGEBRA_HEADROOM > BOUND_BITS {
            return None;
        }
        let cross_max =
            sum_bound(&product_bound(&a[0].max, &b[1].max)?, &product_bound(&a[1].max, &b[0].max)?);
        let low = self.mul(&a[0], &b[0]);
        let high = self.mul(&a[1], &b[1]);
        let both = self.multiply(&a[0].linear.plus(&a[1].linear), &b[0].linear.plus(&b[1].linear));
        let cross = both.minus(&low.linear).minus(&high.linear);
        Some([low, high, Element { linear: cross, max: cross_max }])
    }

    /// Enforces that an element, given by its 64 bits, has at most `bits` bits. Without this check
    /// two lists of values could have the same packing.
    pub(crate) fn assert_width(&mut self, bits_of_element: &[Linear], bits: usize) {
        if bits < bits_of_element.len() {
            self.enforce_equal(&weighted_sum(&bits_of_element[bits..]), &Linear::zero());
        }
    }
}

/// `linear · 2^shift`, where the power of two is a constant of the field.
pub(crate) fn shifted(linear: &Linear, shift: usize) -> Linear {
    linear.scaled(power_of_two(shift))
}

#[cfg(test)]
mod tests {
    use ark_relations::gr1cs::ConstraintSystem;

    use super::*;
    use crate::wrap::builder::tests::gadget::Gadget;

    fn builder() -> Builder {
        Builder::new(ConstraintSystem::new_ref())
    }

    fn broken(builder: Builder) -> usize {
        builder.finish().expect("no fault").len()
    }

    #[test]
    fn canonical_refuses_the_prime_and_above() {
        for value in [0, 1, u64::from(u32::MAX), GOLDILOCKS - 1] {
            let mut builder = builder();
            let element = builder.canonical(value);
            assert_eq!(element.native(), value);
            assert_eq!(broken(builder), 0, "{value}");
        }
        for value in [GOLDILOCKS, GOLDILOCKS + 1, u64::MAX] {
            let mut builder = builder();
            builder.canonical(value);
            assert_eq!(broken(builder), 1, "{value}");
        }
    }

    #[test]
    fn products_reduce_to_the_native_value() {
        let values = [GOLDILOCKS - 1, 0x1234_5678_9abc_def0, 7, GOLDILOCKS - 2];
        let mut builder = builder();
        let mut product = Element::constant(1);
        let mut expected = 1u128;
        for value in values.into_iter().cycle().take(12) {
            let factor = builder.canonical(value);
            product = builder.mul(&product, &factor).plus(&factor);
            expected = (expected * u128::from(value) + u128::from(value)) % u128::from(GOLDILOCKS);
        }
        let reduced = builder.reduce(&product);
        assert_eq!(u128::from(reduced.native()), expected);
        assert!(reduced.bits() <= REDUCED_BITS);
        let difference = reduced.minus(&Element::constant(expected as u64));
        builder.assert_zero(&difference);
        assert_eq!(broken(builder), 0);
    }

    /// In the field every remainder has a quotient; only the honest one is in range.
    #[test]
    fn lying_quotient_is_refused() {
        let value = u64::MAX - 5;
        for (lie, expected) in [(None, 0), (Some(3), 1), (Some(u64::MAX), 1)] {
            let mut builder = builder();
            let factor = builder.canonical(value - (1 << 32));
            let product = builder.mul(&factor, &factor);
            let (quotient, remainder) = divide(&product.linear.value().into_bigint());
            let (quotient, remainder) = match lie {
                None => (quotient, remainder),
                Some(remainder) => {
                    let rest = product.linear.value() - Fr::from(remainder);
                    ((rest / Fr::from(GOLDILOCKS)).into_bigint(), remainder)
                }
            };
            builder.reduce_by(&product, &quotient, &bound_of(remainder));
            assert_eq!(broken(builder), expected);
        }
    }

    /// One multiple of p less in the quotient is one more in the remainder, which then has 65 bits.
    #[test]
    fn remainder_of_more_than_64_bits_is_refused() {
        for (moved, expected) in [(0, 0), (1, 1), (2, 1), (1 << 20, 1)] {
            let mut builder = builder();
            let factors = [GOLDILOCKS - 5, GOLDILOCKS / 3].map(|value| builder.canonical(value));
            let product = builder.mul(&factors[0], &factors[1]);
            let (mut quotient, remainder) = divide(&product.linear.value().into_bigint());
            // A smaller remainder may be p more: elements of 64 bits need not be canonical.
            assert!(remainder >> 32 != 0);
            quotient.sub_with_borrow(&bound_of(moved));
            let (mut more, _) = BigInteger::mul(&bound_of(moved), &bound_of(GOLDILOCKS));
            more.add_with_carry(&bound_of(remainder));
            builder.reduce_by(&product, &quotient, &more);
            assert_eq!(broken(builder), expected, "{moved} more");
        }
    }

    /// An element with the largest bound, reduced by hints that are right modulo the BN254 modulus
    /// and wrong over the integers: one bit more in the quotient would let them pass.
    #[test]
    fn quotient_that_wraps_around_the_modulus_is_refused() {
        let mut largest = BigInt::from(1u64) << BOUND_BITS;
        largest.sub_with_borrow(&bound_of(1));
        let bits = divide(&largest).0.num_bits();
        for (wraps, expected) in [(false, 0), (true, 1)] {
            let mut builder = builder();
            let mut integer = bound_of(5);
            let value = builder.witness(Fr::from(integer));
            let element = Element::new(value, largest);
            if wraps {
                integer.add_with_carry(&Fr::MODULUS);
            }
            let (quotient, remainder) = divide(&integer);
            assert_eq!(quotient.num_bits(), if wraps { bits + 1 } else { 0 });
            builder.reduce_by(&element, &quotient, &bound_of(remainder));
            assert_eq!(broken(builder), expected, "wraps: {wraps}");
        }
    }

    /// A canonical element is its bits and nothing beside them, and so is a remainder.
    #[test]
    fn elements_are_bound_to_their_bits() {
        let (canonical, (element, bits)) =
            Gadget::build(|builder| builder.canonical_with_bits(GOLDILOCKS / 3));
        assert_eq!(canonical.freedom(&[]), 0);
        assert!(canonical.broken_by(&[(&element.linear, Fr::from(1u64))]) > 0);
        assert!(canonical.broken_by(&[(&bits[0], Fr::from(1u64))]) > 0);

        let (reduced, [x, remainder]) = Gadget::build(|builder| {
            let x = builder.witness(Fr::from(u128::from(GOLDILOCKS) * 77 + 5));
            let element = Element::from_bounded(x.clone(), 80);
            [x, builder.reduce(&element).linear]
        });
        assert_eq!(reduced.freedom(&[]), 0);
        assert!(reduced.broken_by(&[(&remainder, Fr::from(1u64))]) > 0);
        assert!(reduced.broken_by(&[(&x, Fr::from(1u64)), (&remainder, Fr::from(1u64))]) > 0);
    }

    #[test]
    fn nonzero_is_not_zero() {
        let mut builder = builder();
        let one = builder.canonical(1);
        let multiple = one.scaled(GOLDILOCKS);
        builder.assert_zero(&multiple);
        assert_eq!(broken(builder), 0);

        let mut builder = self::builder();
        let one = builder.canonical(1);
        let off = one.scaled(GOLDILOCKS).plus(&one);
        builder.assert_zero(&off);
        assert_eq!(broken(builder), 1);
    }

    #[test]
    fn width_is_enforced() {
        for (value, expected) in [((1 << 32) - 1, 0), (1 << 32, 1)] {
            let mut builder = builder();
            let (_, bits) = builder.canonical_with_bits(value);
            builder.assert_width(&bits, 32);
            assert_eq!(broken(builder), expected);
        }
    }
}
