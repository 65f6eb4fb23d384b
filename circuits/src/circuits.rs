//! The whole tree of circuits below the outer one, and how a batch is proven with it step by step.
//!
//! Every circuit is a constant of the next: leaves of the lowest joins, joins of the joins above,
//! and the last of each kind of the batch circuit. So one set of sizes gives one tree, and
//! [`Circuits::digest`] names it. The wrap is not part of it.

use plonky2::plonk::circuit_data::VerifierCircuitData;
use sha3::{Digest as _, Keccak256};
use sheaf_jobs::{LeafKind, ProofStep};
use sheaf_ledger::batch::SealedBatch;

use crate::batch::{BatchCircuit, public_values};
use crate::error::Error;
use crate::join::JoinCircuit;
use crate::kinds::Kinds;
use crate::leaf::{Leaves, Work};
use crate::plan::{KindCapacity, Plan};
use crate::proof::{C, Circuit, D, F, Path, Proof, Shape};

/// The size of one kind's circuits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindSize {
    /// Rows of the leaf circuit, as a power of two.
    pub degree_bits: usize,
    /// Levels of joins above it.
    pub levels: u32,
}

/// The sizes that decide the whole tree.
pub type CircuitSizes = Kinds<KindSize>;

/// Sizes that bear the largest batch: 4,096 entries, 2,304 signatures (512 withdrawals and 1,792
/// transfers to one payee each), 5,120 words.
pub const PRODUCTION: CircuitSizes = Kinds {
    entry: KindSize { degree_bits: 16, levels: 3 },
    signature: KindSize { degree_bits: 16, levels: 1 },
    data: KindSize { degree_bits: 14, levels: 1 },
};

/// Sizes for a machine and a demonstration of a few transactions at a time.
pub const SMALL: CircuitSizes = Kinds {
    entry: KindSize { degree_bits: 12, levels: 1 },
    signature: KindSize { degree_bits: 12, levels: 1 },
    data: KindSize { degree_bits: 12, levels: 0 },
};

/// All circuits below the outer one.
pub struct Circuits {
    leaves: Leaves,
    joins: Kinds<Vec<JoinCircuit>>,
    batch: BatchCircuit,
    capacities: Kinds<KindCapacity>,
    digest: [u8; 32],
}

impl Circuits {
    /// Builds all circuits; `progress` is told the name of each before it is built.
    ///
    /// # Errors
    /// `TooSmall` when a leaf circuit would hold nothing.
    pub fn build(sizes: &CircuitSizes, progress: impl Fn(&str)) -> Result<Self, Error> {
        let leaves = Leaves::build(sizes.map(|_, size| size.degree_bits), &progress)?;
        let joins = sizes.map(|kind, size| {
            let mut below = leaves.verifier_data(kind);
            let levels = (0..size.levels).map(|level| {
                progress(&format!("join-{kind}-{level}"));
                let join = JoinCircuit::build(&below);
                below = join.circuit.verifier_data();
                join
            });
            levels.collect::<Vec<_>>()
        });
        progress("batch");
        let tops = joins.as_ref().map(|kind, joins| match joins.last() {
            Some(join) => join.circuit.verifier_data(),
            None => leaves.verifier_data(kind),
        });
        let batch = BatchCircuit::build(tops.as_ref());
        let capacities = sizes
            .map(|kind, size| KindCapacity { leaf: leaves.capacity(kind), levels: size.levels });
        let digest = digest_of(&leaves, &joins, &batch);
        Ok(Self { leaves, joins, batch, capacities, digest })
    }

    /// What names these circuits: a hash over shape and verifier data of each.
    pub const fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Verifier data of the batch circuit, for the outer one.
    pub fn batch_verifier_data(&self) -> VerifierCircuitData<F, C, D> {
        self.batch.circuit.verifier_data()
    }

    /// What a leaf of each kind holds and how many can be joined.
    pub const fn capacities(&self) -> &Kinds<KindCapacity> {
        &self.capacities
    }

    /// The steps that prove a batch.
    ///
    /// # Errors
    /// `TooManyLeaves` when the batch is larger than the circuits bear.
    pub fn plan(&self, batch: &SealedBatch) -> Result<Plan, Error> {
        Plan::new(batch, &self.capacities)
    }

    /// Makes the proof of one step out of the proofs that it takes, in the plan's order, and
    /// verifies it.
    ///
    /// # Errors
    /// `UnknownStep` for a step that the plan does not have and for the wrap, `InputProofs`,
    /// and those of the step's circuit.
    pub fn prove(
        &self,
        work: &Work<'_>,
        step: ProofStep,
        inputs: &[Proof],
    ) -> Result<Proof, Error> {
        let plan = self.plan(work.batch)?;
        self.circuit_of(&plan, step)?;
        let (expected, found) = (plan.needs(step).len(), inputs.len());
        if expected != found {
            return Err(Error::InputProofs { expected, found });
        }
        let proof = match (step, inputs) {
            (ProofStep::Leaf { kind, chunk }, []) => self.leaves.prove(work, kind, chunk as usize),
            (ProofStep::Join { kind, level, .. }, [first, rest @ ..]) => {
                self.joins.get(kind)[level as usize].prove(first, rest.first())
            }
            (ProofStep::Batch, [entry, signature, data]) => {
                self.batch.prove(&work.statement(), Kinds { entry, signature, data })
            }
            _ => Err(Error::UnknownStep),
        }?;
        self.verify(work, step, &proof)?;
        Ok(proof)
    }

    /// Checks that a proof is valid and states what this step of this batch has to.
    ///
    /// # Errors
    /// `UnknownStep`; `Refused`; `OtherStatement`.
    pub fn verify(&self, work: &Work<'_>, step: ProofStep, proof: &Proof) -> Result<(), Error> {
        let plan = self.plan(work.batch)?;
        let circuit = self.circuit_of(&plan, step)?;
        let states = match plan.span(step) {
            Some((kind, first, count)) => {
                let paths = self.leaves.paths(work, kind);
                let (first, last) = (paths[first], paths[first + count - 1]);
                Path::of(proof)? == Path { from: first.from, to: last.to }
            }
            None => public_values(proof)? == work.statement().public_values(),
        };
        if !states {
            return Err(Error::OtherStatement);
        }
        circuit.verify(proof.clone()).map_err(|reason| Error::Refused { reason })
    }

    /// Reads the bytes of a step's proof. They are those of `Proof::to_bytes`.
    ///
    /// # Errors
    /// `UnknownStep`; `ProofBytes` when they have another shape or length.
    pub fn read_proof(&self, step: ProofStep, bytes: Vec<u8>) -> Result<Proof, Error> {
        let circuit = self.circuit(step).ok_or(Error::UnknownStep)?;
        let expected = bytes.len();
        let proof = Proof::from_bytes(bytes, &circuit.common).map_err(|_| Error::ProofBytes)?;
        // One encoding a proof: nothing may follow it.
        if proof.to_bytes().len() == expected { Ok(proof) } else { Err(Error::ProofBytes) }
    }

    /// The shape of a step's circuit; none for the wrap and for a level that does not exist.
    pub fn shape(&self, step: ProofStep) -> Option<&Shape> {
        self.circuit(step).map(|circuit| &circuit.common)
    }

    fn circuit_of(&self, plan: &Plan, step: ProofStep) -> Result<&Circuit, Error> {
        let circuit = self.circuit(step).filter(|_| plan.contains(step));
        circuit.ok_or(Error::UnknownStep)
    }

    /// The circuit that proves a step; none for the wrap and for a level that does not exist.
    fn circuit(&self, step: ProofStep) -> Option<&Circuit> {
        match step {
            ProofStep::Leaf { kind, .. } => Some(self.leaves.circuit(kind)),
            ProofStep::Join { kind, level, .. } => {
                self.joins.get(kind).get(level as usize).map(|join| &join.circuit)
            }
            ProofStep::Batch => Some(&self.batch.circuit),
            ProofStep::Wrap => None,
        }
    }
}

/// keccak256 over every circuit in turn: the length of its parts and the parts.
fn digest_of(leaves: &Leaves, joins: &Kinds<Vec<JoinCircuit>>, batch: &BatchCircuit) -> [u8; 32] {
    let leaves = Kinds::<()>::ALL.map(|kind| leaves.circuit(kind));
    let joins = Kinds::<()>::ALL.map(|kind: LeafKind| joins.get(kind));
    let joins = joins.into_iter().flatten().map(|join| &join.circuit);
    let mut keccak = Keccak256::new();
    for circuit in leaves.into_iter().chain(joins).chain([&batch.circuit]) {
        let shape = serde_json::to_vec(&circuit.common).expect("a shape is plain data");
        let verifier = circuit.verifier_only.to_bytes().expect("writing to memory");
        for part in [shape, verifier] {
            keccak.update((part.len() as u64).to_be_bytes());
            keccak.update(part);
        }
    }
    keccak.finalize().into()
}
