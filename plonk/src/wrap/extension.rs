//! The quadratic extension F_p[X]/(X² − 7) over lazily reduced Goldilocks elements, and the algebra
//! of pairs of extension elements, in which the gates over extension wires are stated.

use plonky2::field::extension::FieldExtension;
use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::{Field, PrimeField64};

use super::builder::Builder;
use super::goldilocks::Element;

/// X² in the extension, and Y² in the algebra.
const NON_RESIDUE: u64 = 7;

type NativeExt = QuadraticExtension<GoldilocksField>;

/// An element a₀ + a₁X.
#[derive(Clone, Debug)]
pub(crate) struct Ext(pub(crate) [Element; 2]);

/// A pair of extension elements b₀ + b₁Y with Y² = 7.
pub(crate) type Algebra = [Ext; 2];

impl Ext {
    pub(crate) fn zero() -> Self {
        Self([Element::zero(), Element::zero()])
    }

    pub(crate) fn constant(value: u64) -> Self {
        Self::from_base(Element::constant(value))
    }

    pub(crate) fn from_base(base: Element) -> Self {
        Self([base, Element::zero()])
    }

    pub(crate) fn native(&self) -> NativeExt {
        NativeExt::from_basefield_array(
            [0, 1].map(|i| GoldilocksField::from_canonical_u64(self.0[i].native())),
        )
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self([self.0[0].plus(&other.0[0]), self.0[1].plus(&other.0[1])])
    }

    pub(crate) fn minus(&self, other: &Self) -> Self {
        Self([self.0[0].minus(&other.0[0]), self.0[1].minus(&other.0[1])])
    }

    /// `self + value` for a base element.
    pub(crate) fn plus_base(&self, value: &Element) -> Self {
        Self([self.0[0].plus(value), self.0[1].clone()])
    }

    /// `self − constant`.
    pub(crate) fn minus_constant(&self, constant: u64) -> Self {
        Self([self.0[0].minus(&Element::constant(constant)), self.0[1].clone()])
    }

    pub(crate) fn scaled(&self, factor: u64) -> Self {
        Self([self.0[0].scaled(factor), self.0[1].scaled(factor)])
    }

    pub(crate) fn add_scaled(&mut self, factor: u64, other: &Self) {
        self.0[0].add_scaled(factor, &other.0[0]);
        self.0[1].add_scaled(factor, &other.0[1]);
    }

    pub(crate) fn compacted(self) -> Self {
        Self(self.0.map(Element::compacted))
    }

    fn bits(&self) -> usize {
        self.0[0].bits().max(self.0[1].bits())
    }
}

impl Builder {
    pub(crate) fn ext_canonical(&mut self, value: &NativeExt) -> Ext {
        let [low, high]: [GoldilocksField; 2] = value.to_basefield_array();
        Ext([self.canonical(low.to_canonical_u64()), self.canonical(high.to_canonical_u64())])
    }

    pub(crate) fn ext_reduce(&mut self, a: &Ext) -> Ext {
        Ext([self.reduce(&a.0[0]), self.reduce(&a.0[1])])
    }

    pub(crate) fn ext_fit(&mut self, a: &Ext, bits: usize) -> Ext {
        Ext([self.fit(&a.0[0], bits), self.fit(&a.0[1], bits)])
    }

    pub(crate) fn ext_mul(&mut self, a: &Ext, b: &Ext) -> Ext {
        match self.mul_pair(&a.0, &b.0) {
            Some([low, high, cross]) => {
                let mut first = low;
                first.add_scaled(NON_RESIDUE, &high);
                Ext([first, cross])
            }
            None if a.bits() >= b.bits() => {
                let a = self.ext_reduce(a);
                self.ext_mul(&a, b)
            }
            None => {
                let b = self.ext_reduce(b);
                self.ext_mul(a, &b)
            }
        }
    }

    pub(crate) fn ext_mul_base(&mut self, a: &Ext, b: &Element) -> Ext {
        Ext([self.mul(&a.0[0], b), self.mul(&a.0[1], b)])
    }

    pub(crate) fn ext_assert_zero(&mut self, a: &Ext) {
        self.assert_zero(&a.0[0]);
        self.assert_zero(&a.0[1]);
    }

    pub(crate) fn ext_assert_equal(&mut self, a: &Ext, b: &Ext) {
        self.ext_assert_zero(&a.minus(b));
    }

    /// `numerator / denominator`. The quotient is a hint, which is unique because the caller has
    /// shown the denominator to be nonzero. A zero denominator gives the hint zero instead of a
    /// panic.
    pub(crate) fn ext_divide_nonzero(&mut self, numerator: &Ext, denominator: &Ext) -> Ext {
        let inverse = denominator.native().try_inverse().unwrap_or(NativeExt::ZERO);
        self.ext_divide_by(numerator, denominator, &(numerator.native() * inverse))
    }

    /// The division with `hint` as the quotient.
    fn ext_divide_by(&mut self, numerator: &Ext, denominator: &Ext, hint: &NativeExt) -> Ext {
        let quotient = self.ext_canonical(hint);
        let product = self.ext_mul(&quotient, denominator);
        self.ext_assert_equal(&product, numerator);
        quotient
    }

    pub(crate) fn algebra_mul(&mut self, a: &Algebra, b: &Algebra) -> Algebra {
        let low = self.ext_mul(&a[0], &b[0]);
        let high = self.ext_mul(&a[1], &b[1]);
        let left = self.ext_mul(&a[0], &b[1]);
        let right = self.ext_mul(&a[1], &b[0]);
        let mut first = low;
        first.add_scaled(NON_RESIDUE, &high);
        [first, left.plus(&right)]
    }

    pub(crate) fn algebra_scale(&mut self, a: &Algebra, factor: &Ext) -> Algebra {
        [self.ext_mul(&a[0], factor), self.ext_mul(&a[1], factor)]
    }
}

pub(crate) fn algebra_plus(a: &Algebra, b: &Algebra) -> Algebra {
    [a[0].plus(&b[0]), a[1].plus(&b[1])]
}

pub(crate) fn algebra_minus(a: &Algebra, b: &Algebra) -> Algebra {
    [a[0].minus(&b[0]), a[1].minus(&b[1])]
}

#[cfg(test)]
mod tests {
    use ark_relations::gr1cs::ConstraintSystem;

    use super::*;

    /// 0, 1, X and 1 + X.
    fn units() -> [NativeExt; 4] {
        [[0, 0], [1, 0], [0, 1], [1, 1]].map(|parts| {
            NativeExt::from_basefield_array(parts.map(GoldilocksField::from_canonical_u64))
        })
    }

    /// Constraints that `state` breaks.
    fn broken(state: impl FnOnce(&mut Builder)) -> usize {
        let mut builder = Builder::new(ConstraintSystem::new_ref());
        state(&mut builder);
        builder.finish().expect("no fault").len()
    }

    #[test]
    fn each_coordinate_must_be_zero() {
        let found = units().map(|unit| {
            broken(|builder| {
                let element = builder.ext_canonical(&unit);
                builder.ext_assert_zero(&element);
            })
        });
        assert_eq!(found, [0, 1, 1, 2]);
        let found = units().map(|unit| {
            broken(|builder| {
                let [one, other] = [NativeExt::ONE, NativeExt::ONE + unit];
                let [one, other] = [one, other].map(|value| builder.ext_canonical(&value));
                builder.ext_assert_equal(&one, &other);
            })
        });
        assert_eq!(found, [0, 1, 1, 2]);
    }

    /// The hint has its own bits and its own product: only the last equation tells.
    #[test]
    fn quotient_by_another_hint_is_refused() {
        let [_, one, x, _] = units();
        let (numerator, denominator) = (one + x + x, x - one - one - one);
        let right = numerator / denominator;
        for (off, is_right) in units().into_iter().zip([true, false, false, false]) {
            let found = broken(|builder| {
                let [numerator, denominator] =
                    [numerator, denominator].map(|value| builder.ext_canonical(&value));
                builder.ext_divide_by(&numerator, &denominator, &(right + off));
            });
            assert_eq!(found == 0, is_right, "off by {off}");
        }
    }

    #[test]
    fn products_are_plonky2s() {
        let [_, one, x, _] = units();
        let (a, b) = (x + x + one, x - one - one);
        let mut builder = Builder::new(ConstraintSystem::new_ref());
        let [left, right] = [a, b].map(|value| builder.ext_canonical(&value));
        assert_eq!(builder.ext_mul(&left, &right).native(), a * b);
        let quotient = builder.ext_divide_nonzero(&left, &right);
        assert_eq!(quotient.native() * b, a);
        assert!(builder.finish().expect("no fault").is_empty());
    }
}
