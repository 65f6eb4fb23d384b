//! The data circuit's shape, its size and its witness.

use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOutTarget;
use plonky2::iop::target::Target;
use plonky2::iop::witness::PartialWitness;
use sheaf_crypto::hash::Digest;
use sheaf_ledger::chunk::{CursorStep, DataChunk};
use sheaf_ledger::tag;
use sheaf_ledger::word::Word;
use sheaf_plonk::hash::hash_checked;
use sheaf_plonk::proof::{Builder, Circuit, F, Proof, config, element, set, set_digest};
use sheaf_plonk::prover::prove_verified;

use super::evaluation::{evaluate_checked, evaluation_rows};
use super::integer::Integer;
use super::walk::{StepTarget, walk_checked};
use crate::data::chain_walk::STEPS;
use crate::data::limbs::{VALUES, limbs_of_values};
use crate::error::Error;

/// Rows besides the rows of the words: the hashes of two cursors, the integers z and y, selections,
/// constants and the public inputs.
const FIXED_ROWS: usize = 24;

/// The circuit and the targets of its witness.
pub struct DataCircuit {
    /// plonky2's circuit, with the data of prover and verifier.
    pub circuit: Circuit,
    before: CursorTarget,
    steps: Vec<StepTarget>,
}

struct CursorTarget {
    data: HashOutTarget,
    l1: HashOutTarget,
    z: Integer,
    y: Integer,
}

impl CursorTarget {
    fn digest_checked(&self, builder: &mut Builder) -> HashOutTarget {
        let Self { data, l1, z, y } = self;
        let [z0, z1, z2, z3, _zero] = z.values;
        let parts: [&[Target]; 4] = [&data.elements, &l1.elements, &[z0, z1, z2, z3], &y.values];
        hash_checked(builder, tag::CURSOR, &parts.concat())
    }
}

/// The most steps that fit into 2^`degree_bits` rows.
///
/// # Errors
/// `TooSmall` when not even one row of [`STEPS`] steps fits.
pub fn capacity_for(degree_bits: usize) -> Result<usize, Error> {
    let fits = |steps: usize| rows_for(steps) <= 1 << degree_bits;
    let most = (1 << degree_bits) / STEPS;
    let rows = (1..=most).rev().find(|rows| fits(rows * STEPS));
    rows.map(|rows| rows * STEPS).ok_or(Error::TooSmall { degree_bits })
}

/// The most rows of a circuit of `steps` steps: a row of the walk for each [`STEPS`] steps, a row
/// of limbs and a hash for each step, and the rows of the evaluation.
const fn rows_for(steps: usize) -> usize {
    FIXED_ROWS + steps / STEPS + 2 * steps + evaluation_rows(steps)
}

impl DataCircuit {
    /// Builds the circuit for up to `capacity` words, rounded up to a whole row of steps.
    pub fn build(capacity: usize) -> Self {
        let mut builder = Builder::new(config());
        let one = builder.one();
        let before = CursorTarget {
            data: builder.add_virtual_hash(),
            l1: builder.add_virtual_hash(),
            z: Integer::word_checked(&mut builder, one),
            y: Integer::new_checked(&mut builder, one),
        };
        let rows = capacity.div_ceil(STEPS).max(1);
        let walked = walk_checked(&mut builder, before.data, before.l1, rows);
        // Idle steps come first, so if any step is idle then the first one is: y before is zero
        // unless the first step is active.
        let first = walked.steps[0].active;
        for value in before.y.values {
            let kept = builder.mul(first, value);
            builder.connect(kept, value);
        }
        let words: Vec<Integer> = walked.steps.iter().map(|step| step.word).collect();
        let y = evaluate_checked(&mut builder, &before.z, before.y, &words);
        let after = CursorTarget { data: walked.data, l1: walked.l1, z: before.z, y };
        for cursor in [&before, &after] {
            let digest = cursor.digest_checked(&mut builder);
            builder.register_public_inputs(&digest.elements);
        }
        Self { circuit: builder.build(), before, steps: walked.steps }
    }

    /// The most words of one proof.
    pub fn capacity(&self) -> usize {
        self.steps.len()
    }

    /// Proves that the chunk's words are the last words of its cursor's chains, and verifies the
    /// proof. Only a chunk that starts with y = 0 may have fewer words than the circuit takes.
    ///
    /// # Errors
    /// `Capacity` when the chunk has more words than the circuit takes; `Witness` or `Refused` when
    /// a word is not the last of its chain, or when the chunk is not full and y before is not zero.
    pub fn prove(&self, chunk: &DataChunk) -> Result<Proof, Error> {
        Ok(prove_verified(&self.circuit, self.witness(chunk)?)?)
    }

    /// The witness of a chunk. The chunk may be dishonest: no witness then satisfies the circuit.
    ///
    /// # Errors
    /// `Capacity` when the chunk has more words than the circuit takes.
    pub fn witness(&self, chunk: &DataChunk) -> Result<PartialWitness<F>, Error> {
        let DataChunk { before, steps, after: _ } = chunk;
        let (capacity, found) = (self.capacity(), steps.len());
        let idle = capacity.checked_sub(found).ok_or(Error::Capacity { capacity, found })?;
        let mut witness = PartialWitness::new();
        let out = &mut witness;
        set_digest(out, &self.before.data.elements, &before.data)?;
        set_digest(out, &self.before.l1.elements, &before.l1)?;
        set_integer(out, &self.before.z, &before.z)?;
        set_integer(out, &self.before.y, &before.y)?;
        let mut data = before.data;
        let nothing = CursorStep { previous: Digest::ZERO, word: Word::default() };
        for (index, target) in self.steps.iter().enumerate() {
            let step = index.checked_sub(idle).map(|index| steps[index]);
            let on_data = step.is_none() || data != Digest::ZERO;
            let stream = if on_data { tag::DATA_LINK } else { tag::L1_LINK };
            if let (Some(step), true) = (step, on_data) {
                data = step.previous;
            }
            set(out, target.active, F::from_bool(step.is_some()))?;
            set(out, target.stream, element(stream.element()))?;
            let CursorStep { previous, word } = step.unwrap_or(nothing);
            set_digest(out, &target.previous, &previous)?;
            set_integer(out, &target.word, &word.0)?;
        }
        Ok(witness)
    }
}

/// Sets an integer's limbs, from which its values and pieces follow.
fn set_integer(
    witness: &mut PartialWitness<F>,
    target: &Integer,
    values: &[u64],
) -> Result<(), Error> {
    assert!(values.len() <= VALUES);
    let limbs = limbs_of_values(values);
    for (target, limb) in target.limbs.iter().zip(limbs) {
        set(witness, *target, F::from_canonical_u16(limb))?;
    }
    Ok(())
}
