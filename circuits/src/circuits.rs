//! The whole tree of circuits below the outer one, and how a batch is proven with it step by step.
//!
//! The verifier data of every circuit are constants of the circuit above. The lowest join contains
//! the leaves' verifier data, each further join the data of the join below, and the batch circuit
//! the data of each kind's joins. So one set of sizes gives one tree, which
//! [`Circuits::digest`] names. Outer circuit and wrap are not part of the tree.
//!
//! Verifying needs the verifier data only. A circuit takes long to build, so a tree that was read
//! from stored verifier data builds each circuit when the circuit's first proof is made.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use sheaf_ledger::batch::SealedBatch;
use sheaf_plonk::error::Error as PlonkError;
use sheaf_plonk::proof::{Circuit, Proof, Shape};
use sheaf_plonk::verifier_data;
use sheaf_plonk::verifier_data::VerifierData;
use sheaf_wire::{LeafKind, ProofStep};

use crate::batch::{BatchCircuit, public_values};
use crate::circuit_name::CircuitName;
use crate::error::Error;
use crate::join::JoinCircuit;
use crate::kinds::Kinds;
use crate::known_gates::KnownGates;
use crate::leaf::{Leaves, Work};
use crate::one_of::Part;
use crate::proof_tree::{KindCapacity, ProofTree, Span};
use crate::segment::Segment;
use crate::sizes::CircuitSizes;

/// All circuits below the outer one.
pub struct Circuits {
    verifier_data: BTreeMap<CircuitName, VerifierData>,
    leaves: Leaves,
    joins: Kinds<Vec<OnceLock<JoinCircuit>>>,
    batch: OnceLock<BatchCircuit>,
    capacities: Kinds<KindCapacity>,
    digest: [u8; 32],
}

impl Circuits {
    /// Builds all circuits, and calls `progress` with the name of each before it is built.
    ///
    /// # Errors
    /// `TooSmall` when a leaf circuit has no room for a single item; `Unjoined` for leaves over
    /// tables without a level of joins.
    pub fn build(sizes: &CircuitSizes, progress: impl Fn(&str)) -> Result<Self, Error> {
        let mut circuits = Self::unbuilt(sizes)?;
        for name in CircuitName::all(sizes) {
            progress(&name.to_string());
            let data = circuits.circuit(name).verifier_data();
            circuits.verifier_data.insert(name, data);
        }
        Ok(circuits.named())
    }

    /// Takes the bytes that [`Circuits::verifier_data`] returned, by way of `read`, and builds
    /// nothing. Each circuit is compared with its verifier data when it is built.
    ///
    /// # Errors
    /// `TooSmall` when a leaf circuit has no room for a single item; `Unjoined` for leaves over
    /// tables without a level of joins; `VerifierData` for bytes that are not verifier data; every
    /// error of `read`.
    pub fn read<E: From<Error>>(
        sizes: &CircuitSizes,
        mut read: impl FnMut(CircuitName) -> Result<Vec<u8>, E>,
    ) -> Result<Self, E> {
        let mut circuits = Self::unbuilt(sizes)?;
        for name in CircuitName::all(sizes) {
            let data = verifier_data::read(read(name)?, &KnownGates)
                .map_err(|_| Error::VerifierData { circuit: name })?;
            circuits.verifier_data.insert(name, data);
        }
        Ok(circuits.named())
    }

    /// Builds every circuit that is not built yet. Calls `progress` with the name of every circuit
    /// in turn, also where the circuit is built already.
    ///
    /// # Errors
    /// `OtherCircuit` when a circuit has other verifier data than the stored ones.
    pub fn build_all(&self, progress: impl Fn(&str)) -> Result<(), Error> {
        // A circuit is built from stored verifier data, not from other circuits, so the order is
        // free. The map's order is leaves, joins, batch: the order in which a batch needs them.
        for name in self.verifier_data.keys() {
            progress(&name.to_string());
            self.checked_circuit(*name)?;
        }
        Ok(())
    }

    /// The verifier data of every circuit as bytes, by the circuit's name.
    pub fn verifier_data(&self) -> impl Iterator<Item = (CircuitName, Vec<u8>)> {
        self.verifier_data
            .iter()
            .map(|(name, data)| (*name, verifier_data::write(data, &KnownGates)))
    }

    /// The digest that names these circuits: keccak256 over shape, verifier data and gates of each.
    pub const fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The verifier data of the batch circuit, from which the outer circuit is built.
    pub fn batch_verifier_data(&self) -> VerifierData {
        self.data_of(CircuitName::Batch).clone()
    }

    /// The items of one leaf and the levels of joins, for each kind. Signatures that the leaves of
    /// entries prove have the capacity of these.
    pub const fn capacities(&self) -> &Kinds<KindCapacity> {
        &self.capacities
    }

    /// The proofs that a batch takes.
    ///
    /// # Errors
    /// `TooManyLeaves` when the batch exceeds the circuits' capacity; `Capacity` when a transaction
    /// exceeds that of a leaf.
    pub fn proof_tree(&self, batch: &SealedBatch) -> Result<ProofTree, Error> {
        let levels = self.capacities.map(|_, capacity| capacity.levels);
        ProofTree::new(self.leaves.proofs(batch)?, levels)
    }

    /// Makes the proof of one step from the proofs that the step needs, in the order of
    /// [`ProofTree::needs`], and verifies it. Builds the step's circuit if it is not built yet.
    ///
    /// # Errors
    /// `TooManyLeaves` when the batch exceeds the circuits' capacity; `UnknownStep` for the wrap
    /// and for a step that the batch does not have; `InputProofs` for another number of proofs than
    /// the step needs; `OtherCircuit` when the circuit has other verifier data than the stored
    /// ones; the errors of the step's circuit; the errors of [`Circuits::verify`].
    pub fn prove(
        &self,
        work: &Work<'_>,
        step: ProofStep,
        inputs: &[Proof],
    ) -> Result<Proof, Error> {
        let tree = self.proof_tree(work.batch)?;
        let name = tree.circuit(step).ok_or(Error::UnknownStep)?;
        let needs = tree.needs(step)?;
        let (expected, found) = (needs.len(), inputs.len());
        if expected != found {
            return Err(Error::InputProofs { expected, found });
        }
        let part = |(proof, need)| Part { proof, circuit: tree.circuit_among(need) };
        let parts: Vec<Part<'_>> = inputs.iter().zip(needs).map(part).collect();
        self.checked_circuit(name)?;
        let proof = match (step, inputs) {
            (ProofStep::Leaf { kind, chunk }, []) => self.leaves.prove(work, kind, chunk as usize),
            (ProofStep::Join { kind, level, .. }, _) => self.join(kind, level).prove(&parts),
            (ProofStep::Batch, _) => self.batch().prove(&work.statement(), &parts),
            _ => Err(Error::UnknownStep),
        }?;
        self.verify(work, step, &proof)?;
        Ok(proof)
    }

    /// Checks that a proof is valid and states what this step of this batch has to. Builds nothing.
    ///
    /// # Errors
    /// `TooManyLeaves` when the batch exceeds the circuits' capacity; `UnknownStep` for the wrap
    /// and for a step that the batch does not have; `PublicInputs` when the proof has other public
    /// inputs than the step's circuit; `OtherStatement` when the proof states something else;
    /// `Refused` when the proof is not valid.
    pub fn verify(&self, work: &Work<'_>, step: ProofStep, proof: &Proof) -> Result<(), Error> {
        let tree = self.proof_tree(work.batch)?;
        let name = tree.circuit(step).ok_or(Error::UnknownStep)?;
        let states = match tree.span(step) {
            Some(Span { kind, leaves }) => {
                let segments = self.leaves.segments(work, kind)?;
                let (first, last) = (segments[leaves.start], segments[leaves.end - 1]);
                Segment::of(proof)? == Segment { from: first.from, to: last.to }
            }
            None => public_values(proof)? == work.statement().public_values(),
        };
        if !states {
            return Err(Error::OtherStatement);
        }
        let refused = |reason| PlonkError::Refused { reason }.into();
        self.data_of(name).verify(proof.clone()).map_err(refused)
    }

    /// Reads a step's proof from the bytes that `Proof::to_bytes` returned. The proof is not
    /// verified here.
    ///
    /// # Errors
    /// `UnknownStep` for the wrap and for a level that does not exist; `ProofBytes` when the bytes
    /// have another shape or length, or are not the one encoding of the proof that they contain.
    pub fn read_proof(&self, step: ProofStep, bytes: Vec<u8>) -> Result<Proof, Error> {
        let shape = self.shape(step).ok_or(Error::UnknownStep)?;
        let proof = Proof::from_bytes(bytes.clone(), shape).map_err(|_| Error::ProofBytes)?;
        // Each proof has one encoding: elements below the modulus, and no bytes after the last.
        if proof.to_bytes() == bytes { Ok(proof) } else { Err(Error::ProofBytes) }
    }

    /// The shape of a step's circuit, which both circuits for entries have; `None` for the wrap and
    /// for a level that does not exist.
    pub fn shape(&self, step: ProofStep) -> Option<&Shape> {
        let data = self.verifier_data.get(&CircuitName::of(step)?)?;
        Some(&data.common)
    }

    fn unbuilt(sizes: &CircuitSizes) -> Result<Self, Error> {
        let leaves = Leaves::new(sizes)?;
        let size = |kind| sizes.of(kind).unwrap_or(sizes.entry);
        let capacity =
            |kind| KindCapacity { leaf: leaves.capacity(kind), levels: size(kind).levels };
        let capacities = Kinds::of(capacity);
        let levels = |kind| sizes.of(kind).map_or(0, |size| size.levels);
        let joins = Kinds::of(|kind| (0..levels(kind)).map(|_| OnceLock::new()).collect());
        let (verifier_data, batch) = (BTreeMap::new(), OnceLock::new());
        Ok(Self { verifier_data, leaves, joins, batch, capacities, digest: [0; 32] })
    }

    fn named(self) -> Self {
        Self { digest: verifier_data::digest_of(self.verifier_data.values()), ..self }
    }

    fn data_of(&self, name: CircuitName) -> &VerifierData {
        self.verifier_data
            .get(&name)
            .expect("verifier data were inserted for every circuit, each after those it verifies")
    }

    /// A circuit, built if it is not, and compared with the stored verifier data of its name.
    fn checked_circuit(&self, name: CircuitName) -> Result<&Circuit, Error> {
        let (circuit, data) = (self.circuit(name), self.data_of(name));
        if circuit.common == data.common && circuit.verifier_only == data.verifier_only {
            Ok(circuit)
        } else {
            Err(Error::OtherCircuit { circuit: name })
        }
    }

    /// A circuit, built if it is not. The circuits below it need not be built: their verifier data
    /// suffice.
    fn circuit(&self, name: CircuitName) -> &Circuit {
        match name {
            CircuitName::Leaf(kind) => self.leaves.circuit(kind),
            CircuitName::SmallEntry => self.leaves.small_entry(),
            CircuitName::Join { kind, level } => &self.join(kind, level).circuit,
            CircuitName::Batch => &self.batch().circuit,
        }
    }

    fn join(&self, kind: LeafKind, level: u32) -> &JoinCircuit {
        let join = &self.joins.get(kind)[level as usize];
        join.get_or_init(|| {
            let below = CircuitName::at_height(kind, level);
            let small = (below == CircuitName::Leaf(LeafKind::Entry))
                .then(|| self.verifier_data.get(&CircuitName::SmallEntry))
                .flatten();
            let inner: Vec<&VerifierData> =
                [self.data_of(below)].into_iter().chain(small).collect();
            JoinCircuit::build(&inner)
        })
    }

    fn batch(&self) -> &BatchCircuit {
        self.batch.get_or_init(|| {
            let tops = self.capacities.map(|kind, capacity| {
                let heights = capacity.levels.min(1)..=capacity.levels;
                let names = heights.map(|height| CircuitName::at_height(kind, height));
                names.filter_map(|name| self.verifier_data.get(&name)).collect()
            });
            BatchCircuit::build(&tops)
        })
    }
}
