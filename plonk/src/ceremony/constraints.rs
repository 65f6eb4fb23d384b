//! The circuit of a ceremony: the three matrices of a rank-1 constraint system.
//!
//! 1. Variable 0 is the constant one, then come the public inputs, then the witnesses.
//! 2. Below the constraints, the first matrix has a row for each of the constant and the public
//!    inputs, which contains that variable alone, so that their polynomials are independent. The
//!    size of the domain is the power of two that holds all rows.

use std::collections::HashMap;
use std::io::Write;

use ark_bn254::Fr;
use ark_ff::{BigInt, FftField, Field, PrimeField};
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystem, Matrix, OptimizationGoal, R1CS_PREDICATE_LABEL,
    SynthesisError, SynthesisMode,
};

use super::encoding::{FIELD_BYTES, put_coefficient, put_integer};
use super::sections::SectionWriter;
use crate::error::{CeremonyFile, Error};

/// Bytes of a coefficient in a key's file: matrix, row, variable and value.
const COEFFICIENT_BYTES: usize = 12 + FIELD_BYTES;
/// Bytes that are collected before they are written.
const BUFFER_BYTES: usize = 1 << 20;

/// A term of a row or of a column: the index of its variable or row, and the index of its
/// coefficient in the list of different coefficients.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    pub(super) index: u32,
    pub(super) coefficient: u32,
}

/// A sparse matrix by rows or by columns: line i is `terms[starts[i]..starts[i + 1]]`.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) starts: Vec<usize>,
    pub(super) terms: Vec<Term>,
}

impl Lines {
    /// The number of lines.
    pub(super) fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// The terms of a line.
    pub(super) fn line(&self, index: usize) -> &[Term] {
        &self.terms[self.starts[index]..self.starts[index + 1]]
    }

    /// The same matrix by its other dimension, which has `count` lines.
    pub(super) fn transposed(&self, count: usize) -> Self {
        let mut starts = vec![0; count + 1];
        for term in &self.terms {
            starts[term.index as usize + 1] += 1;
        }
        for line in 0..count {
            starts[line + 1] += starts[line];
        }
        let mut next = starts.clone();
        let mut terms = vec![Term { index: 0, coefficient: 0 }; self.terms.len()];
        for line in 0..self.count() {
            for &Term { index, coefficient } in self.line(line) {
                let place = &mut next[index as usize];
                terms[*place] = Term { index: line as u32, coefficient };
                *place += 1;
            }
        }
        Self { starts, terms }
    }
}

/// The matrices of a circuit, without values.
#[derive(Debug)]
pub struct Constraints {
    /// The constant and the public inputs.
    inputs: usize,
    variables: usize,
    constraints: usize,
    /// The different coefficients.
    coefficients: Vec<Fr>,
    /// By rows; the first matrix with the rows of statement 2.
    matrices: [Lines; 3],
}

impl Constraints {
    /// Generates the constraints of a circuit. Values of its witness do not matter.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when arkworks refuses a constraint or the field has no domain for so
    /// many.
    pub fn new(circuit: impl ConstraintSynthesizer<Fr>) -> Result<Self, Error> {
        let system = ConstraintSystem::<Fr>::new_ref();
        // As at a local setup, so that the matrices are the same.
        system.set_optimization_goal(OptimizationGoal::Constraints);
        system.set_mode(SynthesisMode::Setup);
        circuit.generate_constraints(system.clone())?;
        system.finalize();
        let mut matrices = system.to_matrices()?;
        let matrices = matrices.remove(R1CS_PREDICATE_LABEL).unwrap_or_default();
        let [a, b, c]: [Matrix<Fr>; 3] =
            matrices.try_into().map_err(|_| SynthesisError::MissingCS)?;
        let (inputs, constraints) = (system.num_instance_variables(), system.num_constraints());
        let variables = inputs + system.num_witness_variables();
        drop(system);
        let mut coefficients = Coefficients::default();
        let inputs_alone = (0..inputs).map(|input| vec![(Fr::ONE, input)]);
        let matrices = [
            coefficients.lines(a.into_iter().chain(inputs_alone)),
            coefficients.lines(b.into_iter()),
            coefficients.lines(c.into_iter()),
        ];
        let coefficients = coefficients.list;
        let own = Self { inputs, variables, constraints, coefficients, matrices };
        // The key needs a root of unity of twice the domain's size, and files have 32-bit counts.
        if own.domain_bits() >= Fr::TWO_ADICITY || variables > u32::MAX as usize {
            return Err(SynthesisError::PolynomialDegreeTooLarge.into());
        }
        Ok(own)
    }

    /// The number of constraints.
    pub fn count(&self) -> usize {
        self.constraints
    }

    /// The logarithm of the number of rows, rounded up: a ceremony needs 2^bits powers of τ.
    pub fn domain_bits(&self) -> u32 {
        (self.constraints + self.inputs).next_power_of_two().ilog2()
    }

    /// The number of the constant and the public inputs.
    pub(super) fn inputs(&self) -> usize {
        self.inputs
    }

    /// The number of all variables, the constant included.
    pub(super) fn variables(&self) -> usize {
        self.variables
    }

    /// The different coefficients, in the order of [`Term::coefficient`].
    pub(super) fn coefficients(&self) -> &[Fr] {
        &self.coefficients
    }

    /// The columns of each matrix.
    pub(super) fn columns(&self) -> [Lines; 3] {
        [0, 1, 2].map(|matrix| self.matrices[matrix].transposed(self.variables))
    }

    /// Writes the circuit as .r1cs, for snarkjs.
    ///
    /// # Errors
    /// [`Error::CeremonyWrite`] with the writer's error.
    pub fn write_r1cs(&self, writer: impl Write) -> Result<(), Error> {
        let mut writer = SectionWriter::new(writer, CeremonyFile::Circuit, *b"r1cs", 3)?;
        let mut header = (FIELD_BYTES as u32).to_le_bytes().to_vec();
        put_integer(&Fr::MODULUS, &mut header);
        let (inputs, variables) = (self.inputs as u32 - 1, self.variables as u32);
        // No outputs; the public inputs; the private inputs, which nobody reads.
        let counts = [variables, 0, inputs, variables - inputs - 1];
        header.extend(counts.map(u32::to_le_bytes).concat());
        header.extend(u64::from(variables).to_le_bytes());
        header.extend((self.constraints as u32).to_le_bytes());
        writer.section(1, &header)?;

        let terms = |matrix: &Lines| matrix.starts[self.constraints];
        let terms: usize = self.matrices.iter().map(terms).sum();
        let length = 3 * 4 * self.constraints + terms * (4 + FIELD_BYTES);
        writer.begin(2, length as u64)?;
        let mut bytes = Vec::with_capacity(BUFFER_BYTES);
        for row in 0..self.constraints {
            for matrix in &self.matrices {
                bytes.extend((matrix.line(row).len() as u32).to_le_bytes());
                for term in matrix.line(row) {
                    bytes.extend(term.index.to_le_bytes());
                    put_integer(&self.value(term).into_bigint(), &mut bytes);
                }
            }
            flush_if_full(&mut bytes, |bytes| writer.write(bytes))?;
        }
        writer.write(&bytes)?;
        // Every variable is its own label.
        let labels: Vec<u8> = (0..u64::from(variables)).flat_map(u64::to_le_bytes).collect();
        writer.section(3, &labels)?;
        writer.finish()
    }

    /// Bytes of the section of coefficients in a key's file.
    pub(super) fn coefficients_length(&self) -> u64 {
        let terms = self.matrices[0].terms.len() + self.matrices[1].terms.len();
        (4 + terms * COEFFICIENT_BYTES) as u64
    }

    /// Passes the section of coefficients in a key's file to `take`, piece by piece: the first two
    /// matrices, row by row, for provers that read the circuit from the key.
    ///
    /// # Errors
    /// The error of `take`.
    pub(super) fn for_coefficients<E>(
        &self,
        mut take: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let terms = self.matrices[0].terms.len() + self.matrices[1].terms.len();
        let mut bytes = Vec::with_capacity(BUFFER_BYTES);
        bytes.extend((terms as u32).to_le_bytes());
        for row in 0..self.matrices[0].count() {
            for (number, matrix) in (0u32..).zip(&self.matrices[..2]) {
                let has_row = row < matrix.count();
                for term in if has_row { matrix.line(row) } else { &[] } {
                    bytes.extend([number, row as u32, term.index].map(u32::to_le_bytes).concat());
                    put_coefficient(&self.value(term), &mut bytes);
                }
            }
            flush_if_full(&mut bytes, &mut take)?;
        }
        take(&bytes)
    }

    fn value(&self, term: &Term) -> Fr {
        self.coefficients[term.coefficient as usize]
    }
}

/// Passes bytes on when there are enough of them.
fn flush_if_full<E>(
    bytes: &mut Vec<u8>,
    take: impl FnOnce(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    if bytes.len() >= BUFFER_BYTES {
        take(bytes)?;
        bytes.clear();
    }
    Ok(())
}

/// The different coefficients seen so far, each with its index.
#[derive(Default)]
struct Coefficients {
    list: Vec<Fr>,
    known: HashMap<BigInt<4>, u32>,
}

impl Coefficients {
    fn lines(&mut self, rows: impl Iterator<Item = Vec<(Fr, usize)>>) -> Lines {
        let mut lines = Lines { starts: vec![0], terms: Vec::new() };
        for row in rows {
            lines.terms.extend(row.into_iter().map(|(value, variable)| Term {
                index: variable as u32,
                coefficient: self.index(value),
            }));
            lines.starts.push(lines.terms.len());
        }
        lines
    }

    fn index(&mut self, value: Fr) -> u32 {
        *self.known.entry(value.0).or_insert_with(|| {
            self.list.push(value);
            self.list.len() as u32 - 1
        })
    }
}
