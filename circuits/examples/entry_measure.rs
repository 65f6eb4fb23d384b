//! Measures the entry circuit: rows, the time to build the circuit, to generate a witness of idle
//! entries, and to prove a chunk.
//!
//! `cargo run --release -p sheaf-circuits --example entry_measure -- 14` for 2^14 rows.

use std::time::Instant;

use plonky2::iop::generator::generate_partial_witness;
use sheaf_circuits::entry::circuit::EntryCircuit;
use sheaf_circuits::entry::witness::EntryWitness;
use sheaf_crypto::goldilocks::Fe;
use sheaf_ledger::apply::Touch;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::machine::Machine;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::slot::Slot;
use sheaf_ledger::tree::SlotTree;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Rows of the circuit, as a power of two, where the command line names no other number.
const DEGREE_BITS: usize = 12;

fn main() {
    let degree_bits = std::env::args().nth(1).map_or(DEGREE_BITS, |text| {
        text.parse().expect("the argument is the binary logarithm of the number of rows")
    });
    let capacity = EntryCircuit::capacity_for(degree_bits);
    let start = Instant::now();
    let circuit = EntryCircuit::build(capacity);
    println!("2^{} rows, {capacity} entries", circuit.data.common.degree_bits());
    println!("built in {:.2?}", start.elapsed());

    let owner = Owner([1, 2, 3].map(Fe::from_u64));
    let tree = SlotTree::from_slots(vec![Slot { owner, token: 0, balance: 1 << 40, nonce: 0 }]);
    let domain = Domain::new([1; 32], L1Address([2; 20]));
    let machine = Machine::start(tree.root(), 1, domain, 0);
    let siblings = Box::new(tree.path(0));
    let entry = Entry::Deposit { slot: 0, amount: 1 };
    let touch = Touch { entry, leaf: tree.get(0), siblings };

    let start = Instant::now();
    let idle = Touch { entry: Entry::Idle { slot: 0 }, ..touch.clone() };
    let entries = vec![EntryWitness::new(&machine, &idle); capacity];
    let inputs = circuit.partial_witness(&machine, &entries).expect("as many as it has");
    generate_partial_witness(inputs, &circuit.data.prover_only, &circuit.data.common)
        .expect("idle entries are allowed");
    println!("witness of as many idle entries in {:.2?}", start.elapsed());

    let start = Instant::now();
    let proof = circuit.prove(&machine, &[touch]).expect("a deposit is allowed");
    let elapsed = start.elapsed();
    println!("proven in {elapsed:.2?}: {:.1} entries/s", capacity as f64 / elapsed.as_secs_f64());
    println!("proof of {} bytes", proof.to_bytes().len());
    circuit.data.verify(proof).expect("the proof verifies");
}
