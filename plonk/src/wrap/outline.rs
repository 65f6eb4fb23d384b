//! What the wrap's constraints are, part by part: counts and digests. A proving key fits the
//! constraints of one wrap only. The stored keys therefore name the wrap's digest, and a program
//! whose wrap has another digest refuses the keys.
//!
//! 1. The digest of a part depends on every coefficient and every variable of the part's rows, in
//!    the order in which the rows are enforced.
//! 2. The digest of the whole depends on the parts, their names and the order in which they
//!    alternate, hence on every row of the constraint system's three matrices. No value of a
//!    witness enters a digest.
//!
//! A row is digested as the values of its three linear combinations at a fixed point, so that the
//! order of the terms does not matter. The point does not depend on the wrap's coefficients:
//! different combinations have the same value at the point with probability 2^-230. Each part has
//! a scalar of its own, and the coordinates of the variables that the part makes are the powers of
//! this scalar. Another number of variables in one part therefore changes the digests only of the
//! parts that read the moved variables.

use std::fmt;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};
use sha3::{Digest as _, Keccak256};

/// What one part of the wrap adds to the constraint system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The part's name, such as "leaf hashes".
    pub name: &'static str,
    /// The number of rows that the part adds to each matrix.
    pub constraints: usize,
    /// The number of these rows that have the form x·x = x, so that x is 0 or 1.
    pub booleans: usize,
    /// The number of variables that the part makes, public inputs included.
    pub variables: usize,
    /// keccak256 of the rows.
    pub digest: [u8; 32],
}

/// All parts of a wrap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The parts that add constraints or variables, in the order in which they first occur.
    pub parts: Vec<Part>,
    /// keccak256 of the order of the parts and of their digests.
    pub digest: [u8; 32],
}

impl Outline {
    /// The number of constraints in all parts, which is the number of rows of each matrix.
    pub fn constraints(&self) -> usize {
        self.parts.iter().map(|part| part.constraints).sum()
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, constraints, booleans, variables, digest } = self;
        write!(
            formatter,
            "{name}: {constraints} constraints, {booleans} booleans, {variables} variables, "
        )?;
        digest.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// A part while its constraints are made.
struct Record {
    name: &'static str,
    /// The coordinate of the part's first variable; the coordinates of the others are its powers.
    base: Fr,
    /// The last coordinate given to a variable.
    coordinate: Fr,
    constraints: usize,
    booleans: usize,
    variables: usize,
    rows: Keccak256,
}

impl Record {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            base: Fr::from_be_bytes_mod_order(&Keccak256::digest(name)),
            coordinate: Fr::ONE,
            constraints: 0,
            booleans: 0,
            variables: 0,
            rows: Keccak256::new(),
        }
    }

    fn finish(self) -> Part {
        let Self { name, constraints, booleans, variables, rows, .. } = self;
        Part { name, constraints, booleans, variables, digest: rows.finalize().into() }
    }
}

/// Writes an outline while constraints are made.
pub(super) struct Recorder {
    records: Vec<Record>,
    /// The index of the part to which constraints and variables are added.
    current: usize,
    /// The part's name, constraints and variables at each change of the part.
    order: Keccak256,
}

impl Recorder {
    /// Begins an outline with the part of this name.
    pub(super) fn new(name: &'static str) -> Self {
        Self { records: vec![Record::new(name)], current: 0, order: Keccak256::new() }
    }

    /// Adds all further constraints and variables to the part of this name.
    pub(super) fn turn_to(&mut self, name: &'static str) {
        self.note_order();
        let known = self.records.iter().position(|record| record.name == name);
        self.current = known.unwrap_or(self.records.len());
        if known.is_none() {
            self.records.push(Record::new(name));
        }
    }

    fn note_order(&mut self) {
        let Record { name, constraints, variables, .. } = &self.records[self.current];
        self.order.update([*constraints as u64, *variables as u64].map(u64::to_be_bytes).concat());
        self.order.update((name.len() as u64).to_be_bytes());
        self.order.update(name);
    }

    /// Counts a fresh variable, input or witness, and returns the variable's coordinate.
    pub(super) fn variable(&mut self) -> Fr {
        let record = &mut self.records[self.current];
        record.variables += 1;
        record.coordinate *= record.base;
        record.coordinate
    }

    /// Adds a constraint, given by the values of its three combinations at the fixed point.
    pub(super) fn row(&mut self, values: [Fr; 3]) {
        let record = &mut self.records[self.current];
        record.constraints += 1;
        // Most rows are x·x = x, and one value describes such a row.
        let values = if is_boolean(values) { &values[..1] } else { &values[..] };
        record.booleans += usize::from(values.len() == 1);
        record.rows.update([values.len() as u8]);
        for value in values {
            record.rows.update(value.into_bigint().to_bytes_be());
        }
    }

    pub(super) fn finish(mut self) -> Outline {
        self.note_order();
        let Self { records, order: mut whole, .. } = self;
        let made = records.into_iter().filter(|part| part.constraints + part.variables > 0);
        let parts: Vec<Part> = made.map(Record::finish).collect();
        for part in &parts {
            whole.update(part.digest);
        }
        Outline { parts, digest: whole.finalize().into() }
    }
}

/// Whether a row is x·x = x for an x that is neither 0 nor 1 at the fixed point.
fn is_boolean([a, b, c]: [Fr; 3]) -> bool {
    a == b && b == c && a != Fr::ZERO && a != Fr::ONE
}

#[cfg(test)]
mod tests {
    use ark_relations::gr1cs::ConstraintSystem;

    use super::*;
    use crate::wrap::builder::{Builder, Linear};

    /// x·(factor·x) = y in a first part, and y·y = x in a second.
    fn outline(factor: u64, more: impl FnOnce(&mut Builder)) -> Outline {
        let mut builder = Builder::recording(ConstraintSystem::new_ref());
        let [x, y] = builder.within("first", |builder| {
            let [x, y] = [3u64, 9].map(|value| builder.witness(Fr::from(value)));
            builder.enforce(x.clone(), x.scaled(Fr::from(factor)), y.clone());
            more(builder);
            [x, y]
        });
        builder.within("second", |builder| builder.enforce(y.clone(), y, x));
        builder.finish_with_outline().expect("no fault")
    }

    /// Which parts of two outlines differ; the whole must differ when one of them does.
    fn differing(one: &Outline, other: &Outline) -> Vec<&'static str> {
        let pairs = one.parts.iter().zip(&other.parts);
        let differing: Vec<_> =
            pairs.filter(|(one, other)| one != other).map(|(part, _)| part.name).collect();
        assert_eq!(differing.is_empty(), one.digest == other.digest);
        differing
    }

    #[test]
    fn a_change_moves_the_digest_of_its_part() {
        let own = outline(1, |_| ());
        assert_eq!(differing(&own, &outline(1, |_| ())), [""; 0]);
        assert_eq!(differing(&own, &outline(2, |_| ())), ["first"]);
        let with_bit = outline(1, |builder| _ = builder.boolean(true));
        assert_eq!(differing(&own, &with_bit), ["first"]);
        let [first, second] = &with_bit.parts[..] else { panic!("two parts") };
        assert_eq!([first.constraints, first.booleans, first.variables], [2, 1, 3]);
        assert_eq!([second.constraints, second.booleans, second.variables], [1, 0, 0]);
        let with_variable = outline(1, |builder| _ = builder.witness(Fr::ONE));
        assert_eq!(differing(&own, &with_variable), ["first"]);
        assert_eq!(own.constraints() + 1, with_bit.constraints());
    }

    /// Terms in another order, or split, are the same row.
    #[test]
    fn a_row_is_what_its_terms_add_up_to() {
        let more = |pieces: fn(&Linear, &Linear) -> Linear| {
            outline(1, |builder| {
                let [x, y] = [1u64, 2].map(|value| builder.witness(Fr::from(value)));
                let sum = pieces(&x, &y);
                builder.enforce(sum, x, y);
            })
        };
        let sum = more(|x, y| x.plus(y));
        assert_eq!(differing(&sum, &more(|x, y| y.plus(x))), [""; 0]);
        assert_eq!(
            differing(&sum, &more(|x, y| x.scaled(Fr::from(2u64)).plus(y).minus(x))),
            [""; 0]
        );
        assert_eq!(differing(&sum, &more(|x, y| x.minus(y))), ["first"]);
    }

    /// Parts that alternate otherwise are other matrices, of the same parts.
    #[test]
    fn the_order_of_parts_moves_the_whole() {
        let order = |names: [&'static str; 3]| {
            let mut builder = Builder::recording(ConstraintSystem::new_ref());
            for name in names {
                builder.within(name, |builder| _ = builder.boolean(true));
            }
            builder.finish_with_outline().expect("no fault")
        };
        let (one, other) = (order(["a", "b", "a"]), order(["a", "a", "b"]));
        assert_eq!(one.parts, other.parts);
        assert_ne!(one.digest, other.digest);
    }
}
