//! Dual numbers: values with their derivatives, as rows of rules compute with them.

use std::ops::{Add, Mul, Sub};

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use sheaf_plonk::gates::value::Value;

/// A value and its derivative in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dual {
    pub value: F,
    pub slope: F,
}

impl Add for Dual {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { value: self.value + other.value, slope: self.slope + other.slope }
    }
}

impl Sub for Dual {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { value: self.value - other.value, slope: self.slope - other.slope }
    }
}

impl Mul for Dual {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let slope = self.value * other.slope + self.slope * other.value;
        Self { value: self.value * other.value, slope }
    }
}

impl Value for Dual {
    fn times_plus(self, constant: F, addend: Self) -> Self {
        self.times(constant) + addend
    }

    fn mul_shifted(self, factor: Self, constant: F) -> Self {
        self * factor.plus(constant)
    }

    fn mul_plus(self, factor: Self, constant: F, addend: Self) -> Self {
        self * factor + addend.times(constant)
    }

    fn taken_from(self, constant: F) -> Self {
        Self { value: constant - self.value, slope: -self.slope }
    }

    fn times(self, constant: F) -> Self {
        Self { value: self.value * constant, slope: self.slope * constant }
    }

    fn plus(self, constant: F) -> Self {
        Self { value: self.value + constant, ..self }
    }

    fn mul_add(self, factor: Self, addend: Self) -> Self {
        self * factor + addend
    }

    fn constant(self, constant: F) -> Self {
        Self { value: constant, slope: F::ZERO }
    }
}
