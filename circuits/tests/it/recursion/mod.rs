//! The witness of a circuit that verifies proofs, as values about which a test may lie.
//!
//! Such a circuit does not publish its targets. Targets are numbered in the order in which they are
//! added, so adding the same targets once more gives the same numbers. If the order were another,
//! the honest values would break a constraint.

use plonky2::field::types::Field;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::proof::ProofWithPublicInputsTarget;
use sheaf_circuits::batch::BatchStatement;
use sheaf_circuits::join::ARITY;
use sheaf_circuits::kinds::Kinds;
use sheaf_circuits::segment::Segment;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::{Digest, hash};
use sheaf_ledger::binding::{Challenge, Cursor, Evaluation};
use sheaf_ledger::domain::Domain;
use sheaf_ledger::machine::{MACHINE, Machine};
use sheaf_ledger::tag;
use sheaf_plonk::proof::{Builder, C, D, F, Proof, config, element};
use sheaf_plonk::verifier_data::VerifierData;

use crate::any_segment::digest;

/// The part of a circuit that verifies proofs, and a builder that stands behind it.
struct Verified {
    builder: Builder,
    proofs: Vec<ProofWithPublicInputsTarget<D>>,
}

impl Verified {
    /// Verifies one proof of each circuit, in order.
    fn new(inner: &[&VerifierData]) -> Self {
        let mut builder = Builder::new(config());
        let proofs = inner.iter().map(|inner| {
            let verifier = builder.constant_verifier_data(&inner.verifier_only);
            let proof = builder.add_virtual_proof_with_pis(&inner.common);
            builder.verify_proof::<C>(&proof, &verifier, &inner.common);
            proof
        });
        let proofs = proofs.collect();
        Self { builder, proofs }
    }

    /// The witness that gives these proofs.
    fn witness(&self, proofs: &[&Proof]) -> PartialWitness<F> {
        let mut witness = PartialWitness::new();
        for (target, proof) in self.proofs.iter().zip(proofs) {
            witness.set_proof_with_pis_target(target, proof).expect("a proof of that shape");
        }
        witness
    }

    /// The first row that is not the verification's.
    fn rows(&self) -> usize {
        self.builder.num_gates()
    }
}

/// What a prover gives, and where the circuit's own rows begin.
pub(crate) struct Given {
    pub witness: PartialWitness<F>,
    pub first_row: usize,
}

/// What a circuit says about the proofs that it verifies, in targets.
pub(crate) struct Said {
    /// The public inputs of each proof.
    pub inputs: Vec<Vec<Target>>,
    /// What the prover gives beside the proofs, in order.
    pub given: Vec<Target>,
    /// The first row that is not the verification's.
    pub first_row: usize,
}

/// What a circuit says that verifies proofs of `inner` and takes `count` further values.
pub(crate) fn said(inner: &[&VerifierData], count: usize) -> Said {
    let mut verified = Verified::new(inner);
    let first_row = verified.rows();
    let inputs = verified.proofs.iter().map(|proof| proof.public_inputs.clone()).collect();
    Said { inputs, given: verified.builder.add_virtual_targets(count), first_row }
}

/// What a join is given, with `present` (of each proof behind the first) as the prover likes.
pub(crate) fn join_given(
    inner: &VerifierData,
    proofs: [&Proof; ARITY],
    present: [F; ARITY - 1],
) -> Given {
    let mut verified = Verified::new(&[inner; ARITY]);
    let mut witness = verified.witness(&proofs);
    let first_row = verified.rows();
    for value in present {
        let target = verified.builder.add_virtual_target();
        witness.set_target(target, value).expect("set once");
    }
    Given { witness, first_row }
}

/// What a join over two circuits is given where every part is present, and `are_second` as the
/// prover likes.
pub(crate) fn join_of_two_given(
    inner: &[VerifierData; 2],
    proofs: [&Proof; ARITY],
    are_second: [F; ARITY],
) -> PartialWitness<F> {
    let (mut builder, targets) = join_of_two(inner);
    let mut witness = PartialWitness::new();
    for ((target, is_second), (proof, value)) in
        targets.iter().zip(proofs.into_iter().zip(are_second))
    {
        witness.set_proof_with_pis_target(target, proof).expect("a proof of that shape");
        witness.set_target(*is_second, value).expect("set once");
    }
    for _ in 1..ARITY {
        witness.set_target(builder.add_virtual_target(), F::ONE).expect("set once");
    }
    witness
}

/// The proofs that a join over two circuits takes, each with what says that it is of the second.
pub(crate) fn join_of_two(
    inner: &[VerifierData; 2],
) -> (Builder, [(ProofWithPublicInputsTarget<D>, Target); ARITY]) {
    let mut builder = Builder::new(config());
    let verifiers =
        inner.each_ref().map(|inner| builder.constant_verifier_data(&inner.verifier_only));
    let targets = [(); ARITY].map(|()| {
        let proof = builder.add_virtual_proof_with_pis(&inner[0].common);
        let is_second = builder.add_virtual_bool_target_safe().target;
        builder.verify_proof::<C>(&proof, &verifiers[0], &inner[0].common);
        (proof, is_second)
    });
    (builder, targets)
}

/// A batch's own values as a prover may give them: elements that need not be a machine's.
#[derive(Clone, Copy)]
pub(crate) struct BatchValues {
    pub before: [Fe; MACHINE],
    pub after: [Fe; MACHINE],
    pub z: Challenge,
    pub y: Evaluation,
}

impl BatchValues {
    pub(crate) fn of(statement: &BatchStatement) -> Self {
        let BatchStatement { before, after, z, y } = *statement;
        Self { before: before.elements(), after: after.elements(), z, y }
    }

    /// The segments that these values ask for.
    pub(crate) fn segments(&self) -> Kinds<Segment> {
        let Self { before, after, z, y } = *self;
        let [from, to] = [before, after].map(|machine| hash(tag::MACHINE, &machine));
        let chain = |first: usize| Digest(core::array::from_fn(|i| after[first + i]));
        let [signatures, data, l1] = [26, 30, 34].map(chain);
        let start = Cursor::start(data, l1, z);
        let end = Cursor { data: Digest::ZERO, l1: Digest::ZERO, z, y };
        Kinds {
            entry: Segment { from, to },
            signature: Segment { from: Digest::ZERO, to: signatures },
            data: Segment { from: start.digest(), to: end.digest() },
        }
    }
}

/// What a batch circuit over `tops` is given.
pub(crate) fn batch_given(
    tops: Kinds<&VerifierData>,
    values: &BatchValues,
    proofs: Kinds<&Proof>,
) -> Given {
    let mut verified = Verified::new(&[tops.entry, tops.signature, tops.data]);
    let mut witness = verified.witness(&[proofs.entry, proofs.signature, proofs.data]);
    let first_row = verified.rows();
    let mut give = |value: F| {
        let target = verified.builder.add_virtual_target();
        witness.set_target(target, value).expect("set once");
    };
    let BatchValues { before, after, z, y } = *values;
    before.into_iter().chain(after).for_each(|value| give(element(value)));
    z.into_iter().chain(y).for_each(|limb| give(F::from_canonical_u64(limb)));
    Given { witness, first_row }
}

/// A statement in which every field that a batch may leave other than zero is so.
pub(crate) fn batch_statement() -> BatchStatement {
    let domain = Domain([7, 8, 9].map(Fe::from_u64));
    let before = Machine::start(digest(1), 5, domain, 1_700_000_000);
    let mut after = Machine {
        root: digest(11),
        next_slot: 9,
        token: 3,
        message: digest(21),
        signatures: digest(31),
        data: digest(41),
        l1: digest(51),
        data_words: 77,
        l1_words: 12,
        ..before
    };
    after.pots[2].token = 4;
    BatchStatement { before, after, z: [6, 1, 2, 3], y: [3, 9, 4, 5, 101] }
}
