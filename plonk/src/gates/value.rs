//! The values with which a row's rules compute. One set of rules serves the prover's base field,
//! the verifier's extension field, a recursive verifier's targets, a witness of which only a part
//! is known yet, and the counting of degrees.
//!
//! This module depends on no particular rules.

use core::cell::RefCell;
use core::ops::{Add, Mul, Sub};

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use plonky2::iop::ext_target::ExtensionTarget;
use plonky2::plonk::circuit_builder::CircuitBuilder;
use plonky2::plonk::plonk_common::reduce_with_powers_ext_circuit;

/// The circuit that verifies a proof, under construction. Challenges come from an extension of
/// degree 2, which is written as a number because the compiler fails on a constant here.
type Verifier = CircuitBuilder<GoldilocksField, 2>;

/// A ring in which rules are evaluated. Constants are canonical elements of the base field.
pub trait Value:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Sized
{
    /// `constant · self + addend`
    fn times_plus(self, constant: GoldilocksField, addend: Self) -> Self;

    /// `self · (factor + constant)`
    fn mul_shifted(self, factor: Self, constant: GoldilocksField) -> Self;

    /// The sum of `terms[i] · baseⁱ`, lowest first.
    ///
    /// # Panics
    /// When there are no terms.
    #[inline(always)]
    fn sum_of_powers(terms: &[Self], base: GoldilocksField) -> Self {
        let (highest, lower) = terms.split_last().expect("a sum has terms");
        let mut sum = *highest;
        for &term in lower.iter().rev() {
            sum = sum.times_plus(base, term);
        }
        sum
    }

    /// `self · factor + constant · addend`
    fn mul_plus(self, factor: Self, constant: GoldilocksField, addend: Self) -> Self;

    /// `constant − self`
    fn taken_from(self, constant: GoldilocksField) -> Self;

    /// `self · constant`
    fn times(self, constant: GoldilocksField) -> Self;

    /// `self + constant`
    fn plus(self, constant: GoldilocksField) -> Self;

    /// `self · factor + addend`
    fn mul_add(self, factor: Self, addend: Self) -> Self;

    /// `constant` as an element of the ring of `self`. The value of `self` does not matter.
    fn constant(self, constant: GoldilocksField) -> Self;

    /// Runs a computation as a function of its own.
    #[inline(never)]
    fn apart<const INPUTS: usize, const OUTPUTS: usize>(
        computation: impl Apart<INPUTS, OUTPUTS>,
        inputs: &[Self; INPUTS],
    ) -> [Self; OUTPUTS] {
        computation.run(inputs)
    }
}

/// A computation that rules repeat and that is long. It is compiled once for each ring, as a
/// function of its own, which uses the registers of AVX-512 where values are lanes.
pub trait Apart<const INPUTS: usize, const OUTPUTS: usize>: Copy {
    /// The outputs. Write `#[inline(always)]` above this function and above every function that it
    /// calls, and loops in place of closures: only inlined code uses the registers.
    fn run<V: Value>(self, inputs: &[V; INPUTS]) -> [V; OUTPUTS];
}

impl<T: Field + From<GoldilocksField>> Value for T {
    #[inline]
    fn mul_shifted(self, factor: Self, constant: GoldilocksField) -> Self {
        self * (factor + Self::from(constant))
    }

    #[inline]
    fn times_plus(self, constant: GoldilocksField, addend: Self) -> Self {
        self * Self::from(constant) + addend
    }

    #[inline]
    fn mul_plus(self, factor: Self, constant: GoldilocksField, addend: Self) -> Self {
        self * factor + addend * Self::from(constant)
    }

    #[inline]
    fn taken_from(self, constant: GoldilocksField) -> Self {
        Self::from(constant) - self
    }

    #[inline]
    fn times(self, constant: GoldilocksField) -> Self {
        self * Self::from(constant)
    }

    #[inline]
    fn plus(self, constant: GoldilocksField) -> Self {
        self + Self::from(constant)
    }

    #[inline]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        self * factor + addend
    }

    #[inline]
    fn constant(self, constant: GoldilocksField) -> Self {
        Self::from(constant)
    }
}

/// A value of a witness that is being filled. A result is unknown while one of its operands is
/// unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known(pub Option<GoldilocksField>);

impl Known {
    /// The value that `f` computes from `self`, unknown while `self` is unknown.
    pub fn map(self, f: impl FnOnce(GoldilocksField) -> GoldilocksField) -> Self {
        Self(self.0.map(f))
    }

    fn join(self, other: Self, f: fn(GoldilocksField, GoldilocksField) -> GoldilocksField) -> Self {
        Self(self.0.zip(other.0).map(|(left, right)| f(left, right)))
    }
}

impl Add for Known {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.join(other, |left, right| left + right)
    }
}

impl Sub for Known {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.join(other, |left, right| left - right)
    }
}

impl Mul for Known {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        self.join(other, |left, right| left * right)
    }
}

impl Value for Known {
    fn mul_shifted(self, factor: Self, constant: GoldilocksField) -> Self {
        self * factor.plus(constant)
    }

    fn times_plus(self, constant: GoldilocksField, addend: Self) -> Self {
        self.times(constant) + addend
    }

    fn mul_plus(self, factor: Self, constant: GoldilocksField, addend: Self) -> Self {
        self * factor + addend.times(constant)
    }

    fn taken_from(self, constant: GoldilocksField) -> Self {
        self.map(|value| constant - value)
    }

    fn times(self, constant: GoldilocksField) -> Self {
        self.map(|value| value * constant)
    }

    fn plus(self, constant: GoldilocksField) -> Self {
        self.map(|value| value + constant)
    }

    fn mul_add(self, factor: Self, addend: Self) -> Self {
        self * factor + addend
    }

    fn constant(self, constant: GoldilocksField) -> Self {
        Self(Some(constant))
    }
}

/// The degree of an expression in the wires of its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Degree(pub usize);

impl Add for Degree {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.max(other)
    }
}

impl Sub for Degree {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.max(other)
    }
}

impl Mul for Degree {
    type Output = Self;

    #[expect(clippy::suspicious_arithmetic_impl, reason = "degrees of factors add up")]
    fn mul(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Value for Degree {
    fn mul_shifted(self, factor: Self, _: GoldilocksField) -> Self {
        self * factor
    }

    fn times_plus(self, _: GoldilocksField, addend: Self) -> Self {
        self + addend
    }

    fn mul_plus(self, factor: Self, _: GoldilocksField, addend: Self) -> Self {
        self * factor + addend
    }

    fn taken_from(self, _: GoldilocksField) -> Self {
        self
    }

    fn times(self, _: GoldilocksField) -> Self {
        self
    }

    fn plus(self, _: GoldilocksField) -> Self {
        self
    }

    fn mul_add(self, factor: Self, addend: Self) -> Self {
        self * factor + addend
    }

    fn constant(self, _: GoldilocksField) -> Self {
        Self(0)
    }
}

/// An expression inside the circuit that verifies a proof.
#[derive(Clone, Copy)]
pub struct Expression<'a, 'b> {
    /// The circuit to which the expression's gates are added.
    pub builder: &'a RefCell<&'b mut Verifier>,
    /// The target of the expression's value.
    pub target: ExtensionTarget<2>,
}

impl Expression<'_, '_> {
    fn with(self, f: impl FnOnce(&mut Verifier) -> ExtensionTarget<2>) -> Self {
        Self { target: f(&mut self.builder.borrow_mut()), ..self }
    }
}

impl Add for Expression<'_, '_> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.with(|builder| builder.add_extension(self.target, other.target))
    }
}

impl Sub for Expression<'_, '_> {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.with(|builder| builder.sub_extension(self.target, other.target))
    }
}

impl Mul for Expression<'_, '_> {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        self.with(|builder| builder.mul_extension(self.target, other.target))
    }
}

impl Value for Expression<'_, '_> {
    fn mul_shifted(self, factor: Self, constant: GoldilocksField) -> Self {
        self.mul_plus(factor, constant, self)
    }

    /// Uses the gate that plonky2 has for such sums, because a row of that gate takes far more
    /// terms than a row of single additions.
    fn sum_of_powers(terms: &[Self], base: GoldilocksField) -> Self {
        let builder = terms.first().expect("a sum has terms").builder;
        let terms: Vec<_> = terms.iter().map(|term| term.target).collect();
        let mut borrowed = builder.borrow_mut();
        let base = borrowed.constant(base);
        let target = reduce_with_powers_ext_circuit(*borrowed, &terms, base);
        Self { builder, target }
    }

    fn times_plus(self, constant: GoldilocksField, addend: Self) -> Self {
        self.with(|builder| builder.mul_const_add_extension(constant, self.target, addend.target))
    }

    fn mul_plus(self, factor: Self, constant: GoldilocksField, addend: Self) -> Self {
        let one = GoldilocksField::ONE;
        let operands = (self.target, factor.target, addend.target);
        self.with(|builder| {
            builder.arithmetic_extension(one, constant, operands.0, operands.1, operands.2)
        })
    }

    fn taken_from(self, constant: GoldilocksField) -> Self {
        self.with(|builder| {
            let constant = builder.constant_extension(constant.into());
            builder.sub_extension(constant, self.target)
        })
    }

    fn times(self, constant: GoldilocksField) -> Self {
        self.with(|builder| builder.mul_const_extension(constant, self.target))
    }

    fn plus(self, constant: GoldilocksField) -> Self {
        self.with(|builder| builder.add_const_extension(self.target, constant))
    }

    fn mul_add(self, factor: Self, addend: Self) -> Self {
        let operands = (self.target, factor.target, addend.target);
        self.with(|builder| builder.mul_add_extension(operands.0, operands.1, operands.2))
    }

    fn constant(self, constant: GoldilocksField) -> Self {
        self.with(|builder| builder.constant_extension(constant.into()))
    }
}
