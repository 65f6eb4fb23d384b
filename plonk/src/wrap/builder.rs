//! Linear combinations with their assigned values, and the builder that makes rank-1 constraints of
//! them and checks each constraint at once. This file computes in BN254's scalar field only;
//! `goldilocks` builds integers and Goldilocks elements on top.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField};
use ark_relations::gr1cs::{ConstraintSystemRef, LinearCombination, SynthesisError, Variable};

use super::outline::{Outline, Recorder};

/// A linear combination of variables, and its value under the assignment (zero during setup).
#[derive(Clone, Debug)]
pub(crate) struct Linear {
    terms: Vec<(Fr, Variable)>,
    value: Fr,
}

impl Linear {
    pub(crate) fn zero() -> Self {
        Self { terms: Vec::new(), value: Fr::ZERO }
    }

    pub(crate) fn constant(value: Fr) -> Self {
        Self { terms: vec![(value, Variable::One)], value }
    }

    pub(crate) fn value(&self) -> Fr {
        self.value
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        sum.add_scaled(Fr::ONE, other);
        sum
    }

    pub(crate) fn minus(&self, other: &Self) -> Self {
        let mut difference = self.clone();
        difference.add_scaled(-Fr::ONE, other);
        difference
    }

    pub(crate) fn scaled(&self, factor: Fr) -> Self {
        let mut product = Self::zero();
        product.add_scaled(factor, self);
        product
    }

    pub(crate) fn add_scaled(&mut self, factor: Fr, other: &Self) {
        if factor == Fr::ONE {
            self.terms.extend_from_slice(&other.terms);
            self.value += other.value;
        } else {
            self.terms.extend(other.terms.iter().map(|(c, v)| (factor * c, *v)));
            self.value += factor * other.value;
        }
    }

    pub(crate) fn add_constant(&mut self, constant: Fr) {
        self.terms.push((constant, Variable::One));
        self.value += constant;
    }

    /// Merges terms of the same variable, so that long sums of sums stay short.
    pub(crate) fn compacted(mut self) -> Self {
        self.terms = into_combination(self.terms).0;
        self
    }

    /// The combination's value, if the combination contains no variable.
    pub(crate) fn as_constant(&self) -> Option<Fr> {
        self.terms.iter().all(|(_, variable)| variable.is_one()).then_some(self.value)
    }
}

fn into_combination(terms: Vec<(Fr, Variable)>) -> LinearCombination<Fr> {
    let mut combination = LinearCombination(terms);
    combination.compactify();
    combination
}

/// Bit `index` of a 256-bit integer, counted from the lowest.
pub(crate) fn bit_of(integer: &BigInt<4>, index: usize) -> bool {
    integer.0[index / 64] >> (index % 64) & 1 == 1
}

/// Two to the power of `exponent < 254`.
pub(crate) fn power_of_two(exponent: usize) -> Fr {
    let mut limbs = [0; 4];
    limbs[exponent / 64] = 1 << (exponent % 64);
    Fr::from_bigint(BigInt::new(limbs)).expect("exponents stay below 254 by construction")
}

/// What the constraints multiply: constraint i states that `left[i] · right[i]` is the value of its
/// third combination. Both lists are empty during setup and while an outline is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Factors {
    pub(crate) left: Vec<Fr>,
    pub(crate) right: Vec<Fr>,
}

/// The name of the part for everything that is built outside [`Builder::within`].
const NO_PART: &str = "none";

/// Adds variables and constraints to a constraint system.
///
/// The builder keeps the first error of the system until [`Builder::finish`] returns the error, so
/// that the code of gadgets reads like the arithmetic that it states.
pub(crate) struct Builder {
    system: ConstraintSystemRef<Fr>,
    fault: Option<SynthesisError>,
    part: &'static str,
    broken: Vec<&'static str>,
    factors: Factors,
    recorder: Option<Recorder>,
}

impl Builder {
    pub(crate) fn new(system: ConstraintSystemRef<Fr>) -> Self {
        Self {
            system,
            fault: None,
            part: NO_PART,
            broken: Vec::new(),
            factors: Factors::default(),
            recorder: None,
        }
    }

    /// A builder that writes an outline instead of making and checking constraints. The value of
    /// each variable is the variable's coordinate in the outline, whatever value the caller gives.
    pub(crate) fn recording(system: ConstraintSystemRef<Fr>) -> Self {
        Self { recorder: Some(Recorder::new(NO_PART)), ..Self::new(system) }
    }

    /// The names of the parts of all constraints that the assignment breaks, one name for each
    /// constraint; no names during setup.
    ///
    /// # Errors
    /// The first error that the constraint system returned.
    pub(crate) fn finish(self) -> Result<Vec<&'static str>, SynthesisError> {
        self.finish_with_factors().map(|(broken, _)| broken)
    }

    /// As [`Builder::finish`], and the factors of all constraints.
    ///
    /// # Errors
    /// The first error that the constraint system returned.
    pub(crate) fn finish_with_factors(
        self,
    ) -> Result<(Vec<&'static str>, Factors), SynthesisError> {
        match self.fault {
            Some(error) => Err(error),
            None => Ok((self.broken, self.factors)),
        }
    }

    /// The outline; empty unless [`Builder::recording`] made the builder.
    ///
    /// # Errors
    /// The first error that the constraint system returned.
    pub(crate) fn finish_with_outline(self) -> Result<Outline, SynthesisError> {
        match self.fault {
            Some(error) => Err(error),
            None => Ok(self.recorder.unwrap_or_else(|| Recorder::new(NO_PART)).finish()),
        }
    }

    /// Runs `build`. The constraints and variables that `build` adds belong to the part of this
    /// name, except what a nested `within` adds to another part.
    pub(crate) fn within<T>(
        &mut self,
        part: &'static str,
        build: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let around = self.part;
        self.turn_to(part);
        let built = build(self);
        self.turn_to(around);
        built
    }

    fn turn_to(&mut self, part: &'static str) {
        self.part = part;
        if let Some(recorder) = &mut self.recorder {
            recorder.turn_to(part);
        }
    }

    pub(crate) fn witness(&mut self, value: Fr) -> Linear {
        let variable = self.system.new_witness_variable(|| Ok(value));
        self.wrap(variable, value)
    }

    pub(crate) fn public_input(&mut self, value: Fr) -> Linear {
        let variable = self.system.new_input_variable(|| Ok(value));
        self.wrap(variable, value)
    }

    fn wrap(&mut self, variable: Result<Variable, SynthesisError>, value: Fr) -> Linear {
        let value = self.recorder.as_mut().map_or(value, Recorder::variable);
        match variable {
            Ok(variable) => Linear { terms: vec![(Fr::ONE, variable)], value },
            Err(error) => {
                self.fault.get_or_insert(error);
                Linear::zero()
            }
        }
    }

    /// Enforces `a · b = c`.
    pub(crate) fn enforce(&mut self, a: Linear, b: Linear, c: Linear) {
        if let Some(recorder) = &mut self.recorder {
            return recorder.row([a.value, b.value, c.value]);
        }
        if !self.system.is_in_setup_mode() {
            if a.value * b.value != c.value {
                self.broken.push(self.part);
            }
            self.factors.left.push(a.value);
            self.factors.right.push(b.value);
        }
        let result = self.system.enforce_r1cs_constraint(
            || into_combination(a.terms),
            || into_combination(b.terms),
            || into_combination(c.terms),
        );
        if let Err(error) = result {
            self.fault.get_or_insert(error);
        }
    }

    /// Enforces `a = b` as one linear constraint.
    pub(crate) fn enforce_equal(&mut self, a: &Linear, b: &Linear) {
        self.enforce(a.minus(b), Linear::constant(Fr::ONE), Linear::zero());
    }

    pub(crate) fn multiply(&mut self, a: &Linear, b: &Linear) -> Linear {
        match (a.as_constant(), b.as_constant()) {
            (Some(a), Some(b)) => return Linear::constant(a * b),
            (Some(constant), None) => return b.scaled(constant),
            (None, Some(constant)) => return a.scaled(constant),
            (None, None) => {}
        }
        let product = self.witness(a.value * b.value);
        self.enforce(a.clone(), b.clone(), product.clone());
        product
    }

    /// A variable equal to the combination, which keeps sums short where the combination is used
    /// often. A combination of at most one term is returned as it is.
    pub(crate) fn materialise(&mut self, combination: &Linear) -> Linear {
        if combination.terms.len() <= 1 {
            return combination.clone();
        }
        let variable = self.witness(combination.value);
        self.enforce_equal(combination, &variable);
        variable
    }

    pub(crate) fn boolean(&mut self, value: bool) -> Linear {
        let bit = self.witness(Fr::from(u64::from(value)));
        self.enforce(bit.clone(), bit.clone(), bit.clone());
        bit
    }

    /// `if bit { one } else { zero }`; the caller has made `bit` boolean.
    pub(crate) fn select(&mut self, bit: &Linear, one: &Linear, zero: &Linear) -> Linear {
        self.multiply(bit, &one.minus(zero)).plus(zero)
    }

    /// `count` fresh booleans with the low bits of `integer`; they constrain nothing else.
    pub(crate) fn free_bits(&mut self, integer: &BigInt<4>, count: usize) -> Vec<Linear> {
        (0..count).map(|i| self.boolean(bit_of(integer, i))).collect()
    }

    /// The bits of `combination`, the lowest first. The constraints are unsatisfiable unless the
    /// combination is an integer of `count < 254` bits.
    pub(crate) fn bits(&mut self, combination: &Linear, count: usize) -> Vec<Linear> {
        let bits = self.free_bits(&combination.value.into_bigint(), count);
        self.enforce_equal(&weighted_sum(&bits), combination);
        bits
    }
}

/// Σ bitᵢ·2ⁱ.
pub(crate) fn weighted_sum(bits: &[Linear]) -> Linear {
    let mut sum = Linear { terms: Vec::with_capacity(bits.len()), value: Fr::ZERO };
    let mut weight = Fr::ONE;
    for bit in bits {
        sum.add_scaled(weight, bit);
        weight.double_in_place();
    }
    sum
}

#[cfg(test)]
pub(super) mod tests {
    pub(in crate::wrap) mod gadget;

    use ark_relations::gr1cs::{ConstraintSystem, R1CS_PREDICATE_LABEL};

    use super::*;
    use gadget::Gadget;

    /// 77 in nine bits, and the bits.
    fn bits_of_77() -> (Gadget, Linear, Vec<Linear>) {
        let (gadget, (input, bits)) = Gadget::build(|builder| {
            let input = builder.witness(Fr::from(77u64));
            let bits = builder.bits(&input, 9);
            (input, bits)
        });
        (gadget, input, bits)
    }

    /// A bit of 2 or −1 keeps the sum when another gives way.
    #[test]
    fn bits_are_zero_or_one() {
        let (gadget, _, bits) = bits_of_77();
        let two = Fr::from(2u64);
        for (low, high) in bits.iter().zip(&bits[1..]) {
            assert!(gadget.broken_by(&[(low, two), (high, -Fr::ONE)]) > 0);
            assert!(gadget.broken_by(&[(low, -two), (high, Fr::ONE)]) > 0);
        }
        // Where 2 more and 1 less are a bit again, the other is not: 0 and 1 become 2 and 0.
        assert_eq!(gadget.broken_by(&[(&bits[1], two), (&bits[2], -Fr::ONE)]), 1);
    }

    #[test]
    fn bits_are_those_of_the_input() {
        let (gadget, input, bits) = bits_of_77();
        assert_eq!(gadget.freedom(&[&input]), 0);
        assert_eq!(gadget.freedom(&[]), 0, "bits do not move a little");
        // 76 has the bits of 77 but the lowest.
        assert_eq!(gadget.broken_by(&[(&bits[0], -Fr::ONE)]), 1);
        assert_eq!(gadget.broken_by(&[(&bits[0], -Fr::ONE), (&input, -Fr::ONE)]), 0);
    }

    #[test]
    fn products_choices_and_names_follow_from_what_they_are_made_of() {
        let (gadget, inputs) = Gadget::build(|builder| {
            let [x, y] = [3u64, 5].map(|value| builder.witness(Fr::from(value)));
            let bit = builder.boolean(true);
            let product = builder.multiply(&x, &y);
            let chosen = builder.select(&bit, &x, &product);
            builder.materialise(&chosen.plus(&product));
            [x, y]
        });
        assert_eq!(gadget.freedom(&[&inputs[0], &inputs[1]]), 0);
        assert_eq!(gadget.freedom(&[&inputs[0]]), 1, "an input is free");
    }

    /// The prover takes the factors for what the first two matrices make of the assignment.
    #[test]
    fn factors_are_the_rows_of_the_matrices() {
        let system = ConstraintSystem::<Fr>::new_ref();
        let mut builder = Builder::new(system.clone());
        let input = builder.public_input(Fr::from(77u64));
        let bits = builder.bits(&input, 9);
        let mut sum = builder.multiply(&input, &bits[0]).scaled(-Fr::from(3u64));
        sum.add_constant(Fr::from(5u64));
        let chosen = builder.select(&bits[1], &sum, &input);
        let merged = chosen.plus(&sum).minus(&input).compacted();
        let named = builder.materialise(&merged);
        builder.enforce(named, merged, sum);
        let (broken, factors) = builder.finish_with_factors().expect("no fault");
        assert_eq!(broken.len(), 1, "the last does not hold");

        let matrices = &system.to_matrices().expect("matrices")[R1CS_PREDICATE_LABEL];
        let parts = [system.instance_assignment(), system.witness_assignment()];
        let variables = parts.map(|part| part.expect("assigned")).concat();
        let rows = |matrix: usize| -> Vec<Fr> {
            let value = |row: &Vec<(Fr, usize)>| row.iter().map(|(c, i)| *c * variables[*i]).sum();
            matrices[matrix].iter().map(value).collect()
        };
        assert_eq!(factors.left, rows(0));
        assert_eq!(factors.right, rows(1));
    }
}
