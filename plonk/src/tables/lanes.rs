//! Values at eight points side by side: [`Lane`] in the base field, [`Pair`] in the extension.

use core::ops::{Add, Mul, Sub};

use plonky2::field::extension::FieldExtension;
use plonky2::field::goldilocks_field::GoldilocksField;
use sheaf_crypto::goldilocks::simd::{self, Kernel, LANES, Vector};

use super::combination::{Algebra, Extension};
use crate::gates::value::{Apart, Value};
use crate::proof::D;

/// The square of the extension's generator, an element of the base field.
const NON_RESIDUE: u64 = 7;

/// Eight elements of the base field.
#[derive(Clone, Copy)]
pub(super) struct Lane<V>(pub V);

impl<V: Vector> Add for Lane<V> {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(self.0.sum(other.0))
    }
}

impl<V: Vector> Sub for Lane<V> {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(self.0.difference(other.0))
    }
}

impl<V: Vector> Mul for Lane<V> {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(self.0.times(other.0))
    }
}

impl<V: Vector> Value for Lane<V> {
    #[inline(always)]
    fn times_plus(self, constant: GoldilocksField, addend: Self) -> Self {
        self.times(constant) + addend
    }

    #[inline(always)]
    fn mul_shifted(self, factor: Self, constant: GoldilocksField) -> Self {
        self * Value::plus(factor, constant)
    }

    #[inline(always)]
    fn mul_plus(self, factor: Self, constant: GoldilocksField, addend: Self) -> Self {
        self * factor + addend.times(constant)
    }

    #[inline(always)]
    fn taken_from(self, constant: GoldilocksField) -> Self {
        self.constant(constant) - self
    }

    #[inline(always)]
    fn times(self, constant: GoldilocksField) -> Self {
        self * self.constant(constant)
    }

    #[inline(always)]
    fn plus(self, constant: GoldilocksField) -> Self {
        self + self.constant(constant)
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        self * factor + addend
    }

    #[inline(always)]
    fn constant(self, constant: GoldilocksField) -> Self {
        Self(self.0.repeat(constant.0))
    }

    fn apart<const INPUTS: usize, const OUTPUTS: usize>(
        computation: impl Apart<INPUTS, OUTPUTS>,
        inputs: &[Self; INPUTS],
    ) -> [Self; OUTPUTS] {
        let mut words = [[0; LANES]; INPUTS];
        for (words, input) in words.iter_mut().zip(inputs) {
            *words = input.0.words();
        }
        let found = simd::run(InLanes { computation, words: &words });
        let mut outputs = [inputs[0]; OUTPUTS];
        for (output, words) in outputs.iter_mut().zip(found) {
            *output = Self(output.0.of(words));
        }
        outputs
    }
}

/// A computation on lanes whose registers are enabled anew.
struct InLanes<'a, C, const INPUTS: usize, const OUTPUTS: usize> {
    computation: C,
    words: &'a [[u64; LANES]; INPUTS],
}

impl<C: Apart<INPUTS, OUTPUTS>, const INPUTS: usize, const OUTPUTS: usize> Kernel
    for InLanes<'_, C, INPUTS, OUTPUTS>
{
    type Output = [[u64; LANES]; OUTPUTS];

    #[inline(always)]
    fn run<V: Vector>(self, zero: V) -> Self::Output {
        let mut inputs = [Lane(zero); INPUTS];
        for (input, words) in inputs.iter_mut().zip(self.words) {
            *input = Lane(zero.of(*words));
        }
        let outputs = self.computation.run(&inputs);
        let mut found = [[0; LANES]; OUTPUTS];
        for (words, output) in found.iter_mut().zip(outputs) {
            *words = output.0.words();
        }
        found
    }
}

/// Eight elements of the extension field: the coefficients of 1 and of the generator.
#[derive(Clone, Copy)]
pub(super) struct Pair<V>(pub [V; D]);

impl<V: Vector> Pair<V> {
    /// The same element in each lane.
    #[inline(always)]
    pub(super) fn repeat(zero: V, value: Extension) -> Self {
        let coefficients: [GoldilocksField; D] = value.to_basefield_array();
        Self(coefficients.map(|coefficient| zero.repeat(coefficient.0)))
    }
}

impl<V: Vector> Add for Pair<V> {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let ([a, b], [c, d]) = (self.0, other.0);
        Self([a.sum(c), b.sum(d)])
    }
}

impl<V: Vector> Sub for Pair<V> {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        let ([a, b], [c, d]) = (self.0, other.0);
        Self([a.difference(c), b.difference(d)])
    }
}

impl<V: Vector> Mul for Pair<V> {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let ([a, b], [c, d]) = (self.0, other.0);
        let folded = b.times(d).times(b.repeat(NON_RESIDUE));
        Self([a.times(c).sum(folded), a.times(d).sum(b.times(c))])
    }
}

impl<V: Vector> Algebra<Lane<V>> for Pair<V> {
    #[inline(always)]
    fn scaled(self, by: Lane<V>) -> Self {
        let [a, b] = self.0;
        Self([a.times(by.0), b.times(by.0)])
    }

    #[inline(always)]
    fn plus(self, value: Lane<V>) -> Self {
        let [a, b] = self.0;
        Self([a.sum(value.0), b])
    }
}

#[cfg(test)]
mod tests {
    use plonky2::field::types::Sample;

    use super::*;

    #[test]
    fn pairs_multiply_as_plonky2s_extension() {
        for _ in 0..20 {
            let [left, right] = [Extension::rand(), Extension::rand()];
            let zero = [0u64; LANES];
            let product = Pair::repeat(zero, left) * Pair::repeat(zero, right);
            let found = product.0.map(|words| GoldilocksField(words[3]));
            assert_eq!(Extension::from_basefield_array(found), left * right);
        }
    }
}
