//! Measures the tree of circuits: builds every circuit, proves every step of a batch of one deposit
//! up to the batch proof, and prints the time of each.
//!
//! `cargo run --release -p sheaf-circuits --example tree_measure [entry signature data]`, where the
//! three numbers are the rows of the leaf circuits as powers of two. Without numbers the sizes are
//! those of `PRODUCTION`.

use std::collections::HashMap;
use std::time::Instant;

use sheaf_circuits::circuits::Circuits;
use sheaf_circuits::kinds::Kinds;
use sheaf_circuits::leaf::Work;
use sheaf_circuits::sizes::PRODUCTION;
use sheaf_ledger::batch::BatchBuilder;
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::tree::SlotTree;
use sheaf_plonk::proof::Proof;
use sheaf_wire::{ProofStep, TreeStep};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> anyhow::Result<()> {
    let bits: Vec<usize> =
        std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    let mut sizes = PRODUCTION;
    if let [entry, data] = bits[..] {
        (sizes.entry.degree_bits, sizes.data.degree_bits) = (entry, data);
    }
    let started = Instant::now();
    let circuits = Circuits::build(&sizes, |name| {
        println!("{:8.1} s  build {name}", started.elapsed().as_secs_f64());
    })?;
    println!("{:8.1} s  all built", started.elapsed().as_secs_f64());
    for kind in Kinds::<()>::ALL {
        println!("{kind}: {} items a leaf", circuits.capacities().get(kind).leaf);
    }

    let tree = SlotTree::new();
    let domain = Domain::on_chain(31_337, L1Address::default());
    let mut builder = BatchBuilder::new(&tree, domain, 1);
    let open = Entry::Open { slot: 0, owner: Owner::default(), token: 0 };
    builder.push(&[open, Entry::Deposit { slot: 0, amount: 1 }], &[])?;
    let batch = builder.seal(1)?;
    let work = Work::new(&batch, DataReference::calldata(&batch.data_words));
    let mut proofs: HashMap<ProofStep, Proof> = HashMap::new();
    for TreeStep { step, needs } in circuits.proof_tree(&batch)?.steps() {
        let Some(shape) = circuits.shape(step) else { continue };
        let inputs: Vec<Proof> = needs.iter().map(|need| proofs[need].clone()).collect();
        let started = Instant::now();
        let proof = circuits.prove(&work, step, &inputs)?;
        let (seconds, bytes) = (started.elapsed().as_secs_f64(), proof.to_bytes().len());
        println!("{seconds:8.2} s  {} 2^{} rows, {bytes} bytes", step, shape.degree_bits());
        proofs.insert(step, proof);
    }
    Ok(())
}
