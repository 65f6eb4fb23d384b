//! A tree whose leaves for entries are over tables: two circuits of one shape, and one join for the
//! proofs of both.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use sheaf_circuits::circuit_name::CircuitName;
use sheaf_circuits::circuits::Circuits;
use sheaf_circuits::error::Error;
use sheaf_circuits::leaf::Work;
use sheaf_circuits::proof_tree::ProofTree;
use sheaf_circuits::sizes::{CircuitSizes, EntryLeafSizes, Heights, KindSize, TableSizes};
use sheaf_ledger::batch::SealedBatch;
use sheaf_ledger::data_reference::DataReference;
use sheaf_plonk::error::Error as PlonkError;
use sheaf_plonk::proof::Proof;
use sheaf_wire::{LeafKind, ProofStep, TreeStep};

use crate::circuits::{TINY, batch_with_deposits};

/// Tables for sixteen entries.
const SMALL: Heights =
    Heights { entries: 4, slots: 4, tree: 9, permutations: 11, signatures: 4, ladder: 9 };

/// The tiny tree with tables for 32 and for sixteen entries. The circuits have the rows of
/// production, because tables hardly become cheaper to verify when they become lower.
pub(crate) const OVER_TABLES: CircuitSizes = {
    let mut sizes = TINY;
    sizes.entry = KindSize { degree_bits: 15, levels: 2 };
    sizes.data.degree_bits = 12;
    sizes.entry_leaves =
        EntryLeafSizes::Tables(TableSizes { small: SMALL, full: Heights { entries: 5, ..SMALL } });
    sizes
};

fn circuits() -> &'static Circuits {
    static CIRCUITS: OnceLock<Circuits> = OnceLock::new();
    CIRCUITS.get_or_init(|| Circuits::build(&OVER_TABLES, |_| ()).expect("large enough"))
}

const fn leaf(chunk: u32) -> ProofStep {
    ProofStep::Leaf { kind: LeafKind::Entry, chunk }
}

const fn join(level: u32) -> ProofStep {
    ProofStep::Join { kind: LeafKind::Entry, level, index: 0 }
}

/// Proves the steps up to the batch proof.
fn prove(batch: &SealedBatch) -> (ProofTree, HashMap<ProofStep, Proof>) {
    let circuits = circuits();
    let work = Work::new(batch, DataReference::calldata(&batch.data_words));
    let tree = circuits.proof_tree(batch).expect("within reach");
    let mut proofs: HashMap<ProofStep, Proof> = HashMap::new();
    for TreeStep { step, needs } in tree.steps() {
        if step != ProofStep::Wrap {
            let inputs: Vec<Proof> = needs.iter().map(|need| proofs[need].clone()).collect();
            proofs.insert(step, circuits.prove(&work, step, &inputs).expect("an honest batch"));
        }
    }
    (tree, proofs)
}

/// Three full chunks and a small one: the proof of the small circuit is joined with the others, two
/// levels up.
#[test]
fn slow_a_batch_over_tables_is_proven_with_both_circuits() {
    let batch = batch_with_deposits(100, 84);
    let (tree, proofs) = prove(&batch);
    let leaf_circuits: Vec<Option<CircuitName>> =
        (0..5).map(|chunk| tree.circuit(leaf(chunk))).collect();
    let full = Some(CircuitName::Leaf(LeafKind::Entry));
    assert_eq!(leaf_circuits, [full, full, full, Some(CircuitName::SmallEntry), None]);
    assert_eq!(tree.needs(ProofStep::Batch).expect("a step")[0], join(1));

    // Another chunk's proof, of the same circuit and of the other one.
    let circuits = circuits();
    let work = Work::new(&batch, DataReference::calldata(&batch.data_words));
    for (step, other) in [(leaf(0), leaf(1)), (leaf(3), leaf(0)), (leaf(0), leaf(3))] {
        let verified = circuits.verify(&work, step, &proofs[&other]);
        assert!(matches!(verified, Err(Error::OtherStatement)), "{step} {other}");
    }
    // A join that takes a chunk's proof of the one circuit for one of the other.
    let swapped = [leaf(3), leaf(1), leaf(2)].map(|step| proofs[&step].clone());
    assert!(matches!(
        circuits.prove(&work, join(0), &swapped),
        Err(Error::Plonk(PlonkError::Witness { .. } | PlonkError::Refused { .. }))
    ));
}

/// A batch of few entries has one leaf and one level of joins, although there are two.
#[test]
fn slow_a_lone_small_chunk_takes_one_join() {
    let batch = batch_with_deposits(100, 0);
    let (tree, proofs) = prove(&batch);
    assert_eq!(tree.circuit(leaf(0)), Some(CircuitName::SmallEntry));
    assert_eq!(tree.needs(ProofStep::Batch).expect("a step")[0], join(0));
    assert!(!proofs.contains_key(&join(1)));
    // Whoever builds nothing reads both circuits and verifies.
    let stored: BTreeMap<CircuitName, Vec<u8>> = circuits().verifier_data().collect();
    let read = Circuits::read::<Error>(&OVER_TABLES, |name| Ok(stored[&name].clone()));
    let read = read.expect("what was written");
    assert_eq!(read.digest(), circuits().digest());
    let work = Work::new(&batch, DataReference::calldata(&batch.data_words));
    read.verify(&work, leaf(0), &proofs[&leaf(0)]).expect("a proof of the small circuit");
    // The other circuit has the same shape, and refuses the proof.
    let mut swapped = stored.clone();
    let full = swapped[&CircuitName::Leaf(LeafKind::Entry)].clone();
    swapped.insert(CircuitName::SmallEntry, full);
    let swapped = Circuits::read::<Error>(&OVER_TABLES, |name| Ok(swapped[&name].clone()));
    let verified = swapped.expect("circuits").verify(&work, leaf(0), &proofs[&leaf(0)]);
    assert!(matches!(verified, Err(Error::Plonk(PlonkError::Refused { .. }))), "{verified:?}");
}
