//! A whole small batch through the whole tree: leaves, joins, batch proof.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use ark_bn254::{G1Affine, G2Affine};
use ark_ff::UniformRand;
use ark_std::rand::SeedableRng as _;
use ark_std::rand::rngs::StdRng;
use plonky2::field::types::Field;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use sheaf_circuits::circuit_name::CircuitName;
use sheaf_circuits::circuits::Circuits;
use sheaf_circuits::error::Error;
use sheaf_circuits::keys::{Provers, StoredProvingKey, Verifiers};
use sheaf_circuits::known_gates::KnownGates;
use sheaf_circuits::leaf::Work;
use sheaf_circuits::public_values::GROTH16_INPUTS;
use sheaf_circuits::sizes::{CircuitSizes, EntryLeafSizes, KindSize, PRODUCTION};
use sheaf_crypto::goldilocks::ORDER;
use sheaf_crypto::key::SecretKey;
use sheaf_ledger::batch::{BatchBuilder, SealedBatch};
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::transaction::{Payment, SignedTransaction, Transaction, Transfer};
use sheaf_ledger::tree::SlotTree;
use sheaf_plonk::error::Error as PlonkError;
use sheaf_plonk::groth16::VerifyingKey;
use sheaf_plonk::proof::{F, Proof};
use sheaf_plonk::verifier_data::VerifierData;
use sheaf_wire::{LeafKind, ProofStep, TreeStep};

const TIMESTAMP: u32 = 1_700_000_000;
/// Tree sizes that prove a batch of two entry leaves.
pub(crate) const TINY: CircuitSizes = CircuitSizes {
    entry: KindSize { degree_bits: 10, levels: 1 },
    entry_leaves: EntryLeafSizes::Rows { signature: KindSize { degree_bits: 10, levels: 0 } },
    data: KindSize { degree_bits: 10, levels: 0 },
};

pub(crate) fn circuits() -> &'static Circuits {
    static CIRCUITS: OnceLock<Circuits> = OnceLock::new();
    CIRCUITS.get_or_init(|| Circuits::build(&TINY, |_| ()).expect("large enough"))
}

/// What is stored of them.
type Stored = BTreeMap<CircuitName, Vec<u8>>;

fn stored() -> Stored {
    circuits().verifier_data().collect()
}

fn read(stored: &Stored) -> Result<Circuits, Error> {
    Circuits::read(&TINY, |name| Ok(stored[&name].clone()))
}

/// Deposits to one owner, who pays others; a fee that is collected; enough entries for two leaves.
fn batch(paid: u64) -> SealedBatch {
    batch_with_deposits(paid, 0)
}

/// The same, with so many deposits at the end.
pub(crate) fn batch_with_deposits(paid: u64, deposits: usize) -> SealedBatch {
    let domain = Domain::on_chain(31_337, L1Address([7; 20]));
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut seed = [0; 40];
    seed[0] = 9;
    let secret = SecretKey::from_bytes(&seed).expect("a scalar");
    let address = L1Address([1; 20]);
    let payer = Owner::new(&secret.public_key(), &address);
    let payee = Owner::new(&secret.public_key(), &L1Address([2; 20]));
    let tree = SlotTree::new();
    let mut builder = BatchBuilder::new(&tree, domain, TIMESTAMP);
    let open = |slot, owner| Entry::Open { slot, owner, token: 0 };
    let arrive = [open(0, payer), Entry::Deposit { slot: 0, amount: 1_000_000 }, open(1, payee)];
    builder.push(&arrive, &[]).expect("kept rules");
    let payments = vec![Payment { owner: payee, amount: paid }; 11];
    let transfer = Transaction::Transfer(Transfer {
        slot: 0,
        token: 0,
        nonce: 0,
        fee: 5,
        valid_until: TIMESTAMP + 60,
        payments,
    });
    let signed = SignedTransaction::sign(transfer, &domain, (&secret, address), &mut rng);
    let checked = signed.and_then(|signed| signed.check(&domain)).expect("kept rules");
    let key = sheaf_crypto::key::DecodedKey::new(secret.public_key()).expect("a key");
    let accepted = checked.accept(&key).expect("signed");
    let entries = accepted.entries(0, |_| Some(1)).expect("open");
    builder.push(&entries, &[accepted.signed_message()]).expect("kept rules");
    builder.push(&[Entry::Collect { slot: 0, pot: 0 }], &[]).expect("kept rules");
    let deposit = Entry::Deposit { slot: 1, amount: 1 };
    builder.push(&vec![deposit; deposits], &[]).expect("kept rules");
    builder.seal(1).expect("settled")
}

/// Each step is proven from proofs that went through bytes, as a worker far away does it: with
/// circuits that it builds over stored verifier data. Proofs are verified by one who builds none.
#[test]
fn slow_a_batch_is_proven_step_by_step() {
    let worker = read(&stored()).expect("what was written");
    let circuits = &read(&stored()).expect("what was written");
    assert_eq!(circuits.digest(), self::circuits().digest());
    let batch = batch(100);
    let work = Work::new(&batch, DataReference::calldata(&batch.data_words));
    let tree = circuits.proof_tree(&batch).expect("within reach");
    assert_eq!(
        [LeafKind::Entry, LeafKind::Signature, LeafKind::Data].map(|k| tree.leaves(k)),
        [2, 1, 1]
    );
    let mut proofs: HashMap<ProofStep, Vec<u8>> = HashMap::new();
    for TreeStep { step, needs } in
        tree.steps().into_iter().filter(|one| one.step != ProofStep::Wrap)
    {
        let inputs: Vec<Proof> = (needs.iter())
            .map(|need| circuits.read_proof(*need, proofs[need].clone()).expect("its bytes"))
            .collect();
        let proof = worker.prove(&work, step, &inputs).expect("an honest batch");
        circuits.verify(&work, step, &proof).expect("a proof of the step");
        proofs.insert(step, proof.to_bytes());
    }
    let last = &proofs[&ProofStep::Batch];
    let last = circuits.read_proof(ProofStep::Batch, last.clone()).expect("its bytes");
    circuits.verify(&work, ProofStep::Batch, &last).expect("a proof of the batch");

    let first = ProofStep::Leaf { kind: LeafKind::Entry, chunk: 0 };
    let second = ProofStep::Leaf { kind: LeafKind::Entry, chunk: 1 };
    let read = |step| circuits.read_proof(step, proofs[&step].clone()).expect("its bytes");
    let join = ProofStep::Join { kind: LeafKind::Entry, level: 0, index: 0 };

    // Another batch's proof, another chunk's proof, another circuit's proof.
    let other_batch = self::batch(101);
    let other = Work::new(&other_batch, DataReference::calldata(&other_batch.data_words));
    let verify = |work: &Work<'_>, step, proof: &Proof| circuits.verify(work, step, proof);
    assert!(matches!(verify(&other, first, &read(first)), Err(Error::OtherStatement)));
    assert!(matches!(verify(&other, ProofStep::Batch, &last), Err(Error::OtherStatement)));
    assert!(matches!(verify(&work, second, &read(first)), Err(Error::OtherStatement)));
    let elsewhere = Work { z: [1, 2, 3, 4], ..work };
    assert!(matches!(verify(&elsewhere, ProofStep::Batch, &last), Err(Error::OtherStatement)));
    let mut broken = read(first);
    broken.proof.openings.wires[0] = broken.proof.openings.wires[1];
    assert!(matches!(verify(&work, first, &broken), Err(Error::Plonk(PlonkError::Refused { .. }))));

    // Inputs that do not belong together, or are too few.
    let swapped = worker.prove(&work, join, &[read(second), read(first)]);
    assert!(matches!(
        swapped,
        Err(Error::Plonk(PlonkError::Witness { .. } | PlonkError::Refused { .. }))
    ));
    let alone = worker.prove(&work, join, &[read(first)]);
    assert!(matches!(alone, Err(Error::InputProofs { expected: 2, found: 1 })));
    let wrap = worker.prove(&work, ProofStep::Wrap, &[read(first)]);
    assert!(matches!(wrap, Err(Error::UnknownStep)));

    assert_public_inputs_are_bound(circuits, &proofs);

    // Bytes.
    let bytes = &proofs[&first];
    let longer = [&bytes[..], &[0]].concat();
    let shorter = bytes[..bytes.len() - 1].to_vec();
    // The modulus itself in place of the first element, which is zero in other bytes.
    let mut not_canonical = bytes.clone();
    not_canonical[..8].copy_from_slice(&ORDER.to_le_bytes());
    for wrong in [longer, shorter, vec![], not_canonical, proofs[&ProofStep::Batch].clone()] {
        assert!(matches!(circuits.read_proof(first, wrong), Err(Error::ProofBytes)));
    }
}

/// Each public input of each finished proof, changed: it is a proof of nothing.
fn assert_public_inputs_are_bound(circuits: &Circuits, proofs: &HashMap<ProofStep, Vec<u8>>) {
    let stored = stored();
    for (step, bytes) in proofs {
        let name = CircuitName::of(*step).expect("no proof is the wrap's");
        let circuit = VerifierData::from_bytes(stored[&name].clone(), &KnownGates);
        let circuit = circuit.expect("what was written");
        let honest = circuits.read_proof(*step, bytes.clone()).expect("its bytes");
        for input in 0..honest.public_inputs.len() {
            let mut forged = honest.clone();
            forged.public_inputs[input] += F::ONE;
            assert!(circuit.verify(forged).is_err(), "{step}: public input {input}");
        }
        circuit.verify(honest).expect("as it was made");
    }
}

#[test]
fn a_batch_beyond_the_circuits_is_refused() {
    let mut sizes = TINY;
    sizes.entry = KindSize { degree_bits: 2, levels: 0 };
    let refused = Circuits::build(&sizes, |_| ()).err();
    assert!(matches!(refused, Some(Error::TooSmall { degree_bits: 2 })));
    // Without a join, one of the two circuits over tables would be left out.
    sizes = PRODUCTION;
    sizes.entry.levels = 0;
    let refused = Circuits::build(&sizes, |_| ()).err();
    assert!(matches!(refused, Some(Error::Unjoined)));
}

#[test]
fn stored_circuits_are_compared_with_this_programs() {
    let batch = batch(100);
    let work = Work::new(&batch, DataReference::calldata(&batch.data_words));
    let entry = ProofStep::Leaf { kind: LeafKind::Entry, chunk: 0 };
    let (leaf, other) = (CircuitName::Leaf(LeafKind::Entry), CircuitName::Leaf(LeafKind::Data));
    let join = CircuitName::Join { kind: LeafKind::Entry, level: 0 };

    // Another circuit in a leaf's place: neither the leaf nor the join above it is built over it.
    let mut swapped = stored();
    swapped.insert(leaf, swapped[&other].clone());
    let swapped = read(&swapped).expect("a circuit, if not this one");
    assert_ne!(swapped.digest(), circuits().digest());
    let refused = swapped.prove(&work, entry, &[]);
    assert!(matches!(refused, Err(Error::OtherCircuit { circuit }) if circuit == leaf));
    let refused = swapped.build_all(|_| ());
    assert!(matches!(refused, Err(Error::OtherCircuit { circuit }) if circuit == leaf));

    // Its own data in place, the join's replaced.
    let mut swapped = stored();
    swapped.insert(join, swapped[&CircuitName::Batch].clone());
    let swapped = read(&swapped).expect("a circuit, if not this one");
    let refused = swapped.build_all(|_| ());
    assert!(matches!(refused, Err(Error::OtherCircuit { circuit }) if circuit == join));
}

#[test]
fn stored_bytes_that_are_no_circuit_are_refused() {
    let mut cut = stored();
    cut.get_mut(&CircuitName::Batch).expect("it is stored").truncate(100);
    let refused = read(&cut).err();
    assert!(matches!(refused, Some(Error::VerifierData { circuit: CircuitName::Batch })));
    let missing = Circuits::read(&TINY, |name| match name {
        CircuitName::Batch => Err(Error::UnknownStep),
        _ => Ok(stored()[&name].clone()),
    });
    assert!(matches!(missing.err(), Some(Error::UnknownStep)), "the caller's own error");
}

/// A key under which nobody has proven anything.
fn verifying_key() -> VerifyingKey {
    let mut rng = StdRng::seed_from_u64(3);
    VerifyingKey {
        alpha_g1: G1Affine::rand(&mut rng),
        beta_g2: G2Affine::rand(&mut rng),
        gamma_g2: G2Affine::rand(&mut rng),
        delta_g2: G2Affine::rand(&mut rng),
        gamma_abc_g1: (0..=GROTH16_INPUTS).map(|_| G1Affine::rand(&mut rng)).collect(),
    }
}

#[test]
fn a_key_with_another_number_of_inputs_is_refused() {
    let circuits = Arc::new(read(&stored()).expect("what was written"));
    let mut short = verifying_key();
    short.gamma_abc_g1.pop();
    let refused = Verifiers::new(circuits, short).err();
    let reason = "number of inputs";
    assert!(matches!(
        refused,
        Some(Error::Plonk(PlonkError::WeakKey { reason: found })) if found == reason
    ));
}

/// A proving key is for one outer circuit, which is compared before the key is even read.
#[test]
fn slow_a_proving_key_of_another_outer_circuit_is_refused() {
    let circuits = Arc::new(read(&stored()).expect("what was written"));
    let verifiers = Verifiers::new(circuits, verifying_key()).expect("a key like any other");
    let open = || unreachable!("the key is not opened");
    let key =
        StoredProvingKey { open: Box::new(open), digest: [0; 32], outer: [1; 32], wrap: [2; 32] };
    let refused = Provers::stored(verifiers, key).outer_digest();
    assert!(matches!(refused, Err(Error::Plonk(PlonkError::OtherOuter))));
}
