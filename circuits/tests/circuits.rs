//! A whole small batch through the whole tree: leaves, joins, batch.

use std::collections::HashMap;
use std::sync::OnceLock;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use sheaf_circuits::circuits::{CircuitSizes, Circuits, KindSize};
use sheaf_circuits::error::Error;
use sheaf_circuits::kinds::Kinds;
use sheaf_circuits::leaf::Work;
use sheaf_circuits::proof::Proof;
use sheaf_jobs::{LeafKind, ProofStep};
use sheaf_ledger::batch::{BatchBuilder, SealedBatch};
use sheaf_ledger::domain::Domain;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::key::SecretKey;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::transaction::{Payment, SignedTransaction, Transaction, Transfer};
use sheaf_ledger::tree::SlotTree;

const TIMESTAMP: u32 = 1_700_000_000;
const TINY: CircuitSizes = Kinds {
    entry: KindSize { degree_bits: 10, levels: 1 },
    signature: KindSize { degree_bits: 10, levels: 0 },
    data: KindSize { degree_bits: 10, levels: 0 },
};

fn circuits() -> &'static Circuits {
    static CIRCUITS: OnceLock<Circuits> = OnceLock::new();
    CIRCUITS.get_or_init(|| Circuits::build(&TINY, |_| ()).expect("large enough"))
}

/// Deposits to one owner, who pays others; a fee that is collected; enough entries for two leaves.
fn batch(paid: u64) -> SealedBatch {
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
    let key = sheaf_ledger::key::DecodedKey::new(secret.public_key()).expect("a key");
    let accepted = checked.accept(&key).expect("signed");
    let entries = accepted.entries(0, |_| Some(1)).expect("open");
    builder.push(&entries, &[accepted.signed_message()]).expect("kept rules");
    builder.push(&[Entry::Collect { slot: 0, pot: 0 }], &[]).expect("kept rules");
    builder.seal(1).expect("settled")
}

/// Each step is proven from proofs that went through bytes, as a worker far away does it.
#[test]
fn a_batch_is_proven_step_by_step() {
    let circuits = circuits();
    let batch = batch(100);
    let work = Work::calldata(&batch);
    let plan = circuits.plan(&batch).expect("within reach");
    assert_eq!(
        [LeafKind::Entry, LeafKind::Signature, LeafKind::Data].map(|k| plan.leaves(k)),
        [2, 1, 1]
    );
    let mut proofs: HashMap<ProofStep, Vec<u8>> = HashMap::new();
    for planned in plan.steps().iter().filter(|planned| planned.step != ProofStep::Wrap) {
        let inputs: Vec<Proof> = (planned.needs.iter())
            .map(|need| circuits.read_proof(*need, proofs[need].clone()).expect("its bytes"))
            .collect();
        let proof = circuits.prove(&work, planned.step, &inputs).expect("an honest batch");
        proofs.insert(planned.step, proof.to_bytes());
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
    let other = Work::calldata(&other_batch);
    let verify = |work: &Work<'_>, step, proof: &Proof| circuits.verify(work, step, proof);
    assert!(matches!(verify(&other, first, &read(first)), Err(Error::OtherStatement)));
    assert!(matches!(verify(&other, ProofStep::Batch, &last), Err(Error::OtherStatement)));
    assert!(matches!(verify(&work, second, &read(first)), Err(Error::OtherStatement)));
    let elsewhere = Work { z: [1, 2, 3, 4], ..work };
    assert!(matches!(verify(&elsewhere, ProofStep::Batch, &last), Err(Error::OtherStatement)));
    let mut broken = read(first);
    broken.proof.openings.wires[0] = broken.proof.openings.wires[1];
    assert!(matches!(verify(&work, first, &broken), Err(Error::Refused { .. })));

    // Inputs that do not belong together, or are too few.
    let swapped = circuits.prove(&work, join, &[read(second), read(first)]);
    assert!(matches!(swapped, Err(Error::Witness { .. } | Error::Refused { .. })));
    let alone = circuits.prove(&work, join, &[read(first)]);
    assert!(matches!(alone, Err(Error::InputProofs { expected: 2, found: 1 })));
    let wrap = circuits.prove(&work, ProofStep::Wrap, &[read(first)]);
    assert!(matches!(wrap, Err(Error::UnknownStep)));

    // Bytes.
    let bytes = &proofs[&first];
    let longer = [&bytes[..], &[0]].concat();
    let shorter = bytes[..bytes.len() - 1].to_vec();
    for wrong in [longer, shorter, vec![], proofs[&ProofStep::Batch].clone()] {
        assert!(matches!(circuits.read_proof(first, wrong), Err(Error::ProofBytes)));
    }
}

#[test]
fn a_batch_beyond_the_circuits_is_refused() {
    let sizes = Kinds { entry: KindSize { degree_bits: 2, levels: 0 }, ..TINY };
    let refused = Circuits::build(&sizes, |_| ()).err();
    assert!(matches!(refused, Some(Error::TooSmall { degree_bits: 2 })));
}
