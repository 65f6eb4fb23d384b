//! Gadgets alone, as matrices with an assignment: what else would satisfy them.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use ark_relations::gr1cs::{ConstraintSystem, Matrix, R1CS_PREDICATE_LABEL};

use crate::wrap::builder::{Builder, Linear};
use crate::wrap::goldilocks::{Element, REDUCED_BITS};

/// A gadget with its honest assignment.
pub(in crate::wrap) struct Gadget {
    matrices: Vec<Matrix<Fr>>,
    assignment: Vec<Fr>,
}

impl Gadget {
    /// What `make` builds, and what it returns.
    pub(in crate::wrap) fn build<T>(make: impl FnOnce(&mut Builder) -> T) -> (Self, T) {
        let system = ConstraintSystem::<Fr>::new_ref();
        let mut builder = Builder::new(system.clone());
        let made = make(&mut builder);
        assert!(builder.finish().expect("no fault").is_empty(), "the honest witness satisfies");
        let matrices = system.to_matrices().expect("matrices")[R1CS_PREDICATE_LABEL].clone();
        let parts = [system.instance_assignment(), system.witness_assignment()];
        let assignment = parts.map(|part| part.expect("assigned")).concat();
        (Self { matrices, assignment }, made)
    }

    /// The column of a combination that is one witness.
    fn column(combination: &Linear) -> usize {
        let [(factor, variable)] = combination.terms[..] else { panic!("more than a variable") };
        assert_eq!(factor, Fr::ONE);
        // No gadget here has inputs: the constant one stands alone before the witnesses.
        variable.get_variable_index(1).expect("a variable")
    }

    /// Rows broken when values are added to witnesses.
    pub(in crate::wrap) fn broken_by(&self, moves: &[(&Linear, Fr)]) -> usize {
        let mut assignment = self.assignment.clone();
        for (variable, by) in moves {
            assignment[Self::column(variable)] += by;
        }
        self.broken(&assignment)
    }

    /// Rows broken when a canonical element has another lowest bit, and what comes with it: the bit
    /// before the element and the hint behind it. The element itself would be as canonical.
    pub(in crate::wrap) fn broken_by_lie(&self, canonical: &Element) -> usize {
        let mut assignment = self.assignment.clone();
        let column = Self::column(canonical.linear());
        let bits = column - REDUCED_BITS..column;
        let by = Fr::ONE - assignment[bits.start].double();
        let high = assignment[bits.clone()][32..].iter().rev();
        let high = high.fold(Fr::ZERO, |sum, bit| sum.double() + bit);
        let gap = Fr::from(u32::MAX) - high;
        assignment[bits.start] += by;
        assignment[column] += by;
        assignment[column + 1] += by * gap.inverse().expect("no element here is near the prime");
        self.broken(&assignment)
    }

    fn broken(&self, assignment: &[Fr]) -> usize {
        let value = |row: &Vec<(Fr, usize)>| -> Fr {
            row.iter().map(|(coefficient, column)| *coefficient * assignment[*column]).sum()
        };
        let rows = 0..self.matrices[0].len();
        let [a, b, c] = [0, 1, 2].map(|matrix: usize| &self.matrices[matrix]);
        rows.filter(|&row| value(&a[row]) * value(&b[row]) != value(&c[row])).count()
    }

    /// Witnesses that could move a little, to first order, while the known ones stay: how many more
    /// columns than independent rows the derivatives of the constraints have.
    pub(in crate::wrap) fn freedom(&self, known: &[&Linear]) -> usize {
        let known: Vec<usize> = known.iter().map(|variable| Self::column(variable)).collect();
        let unknown = (1..self.assignment.len()).filter(|column| !known.contains(column));
        let unknown: Vec<usize> = unknown.collect();
        let rows = (0..self.matrices[0].len()).map(|row| {
            let derivative = self.derivative(row);
            unknown.iter().map(|&column| derivative[column]).collect()
        });
        unknown.len() - rank(rows.collect())
    }

    /// The derivative of a row's product minus its third combination, by each variable.
    fn derivative(&self, row: usize) -> Vec<Fr> {
        let [a, b, c] = [0, 1, 2].map(|matrix: usize| &self.matrices[matrix][row]);
        let value = |row: &Vec<(Fr, usize)>| -> Fr {
            row.iter().map(|(coefficient, column)| *coefficient * self.assignment[*column]).sum()
        };
        let mut derivative = vec![Fr::ZERO; self.assignment.len()];
        for (terms, factor) in [(a, value(b)), (b, value(a)), (c, -Fr::ONE)] {
            for (coefficient, column) in terms {
                derivative[*column] += *coefficient * factor;
            }
        }
        derivative
    }
}

/// The rank of a matrix, by elimination.
fn rank(mut rows: Vec<Vec<Fr>>) -> usize {
    let mut rank = 0;
    for column in 0..rows.first().map_or(0, Vec::len) {
        let Some(pivot) = (rank..rows.len()).find(|&row| rows[row][column] != Fr::ZERO) else {
            continue;
        };
        rows.swap(rank, pivot);
        let (above, below) = rows.split_at_mut(rank + 1);
        let pivot = &above[rank];
        let inverse = pivot[column].inverse().expect("not zero");
        for row in below.iter_mut().filter(|row| row[column] != Fr::ZERO) {
            let factor = row[column] * inverse;
            for (value, of_pivot) in row[column..].iter_mut().zip(&pivot[column..]) {
                *value -= factor * of_pivot;
            }
        }
        rank += 1;
    }
    rank
}

/// The lie itself: nothing else speaks of an element that stands alone.
#[test]
fn another_lowest_bit_is_as_canonical() {
    for value in [6, 7] {
        let (gadget, element) = Gadget::build(|builder| builder.canonical(value));
        assert_eq!(gadget.broken_by_lie(&element), 0);
    }
}

/// The measure itself: a square leaves its root free neither alone nor beside another, and a
/// product of two unknowns leaves one of the two free.
#[test]
fn freedom_counts_what_constraints_leave() {
    let (root, x) = Gadget::build(|builder| {
        let x = builder.witness(Fr::from(3u64));
        builder.enforce(x.clone(), x.clone(), Linear::constant(Fr::from(9u64)));
        x
    });
    assert_eq!(root.freedom(&[]), 0);
    assert_eq!(root.broken_by(&[(&x, Fr::ONE)]), 1);
    assert_eq!(root.broken_by(&[(&x, -Fr::from(6u64))]), 0, "the other root");

    let (product, [x, y]) = Gadget::build(|builder| {
        let [x, y] = [3u64, 5].map(|value| builder.witness(Fr::from(value)));
        builder.enforce(x.clone(), y.clone(), Linear::constant(Fr::from(15u64)));
        [x, y]
    });
    assert_eq!(product.freedom(&[]), 1);
    assert_eq!(product.freedom(&[&x]), 0);
    assert_eq!(product.freedom(&[&x, &y]), 0);
}
