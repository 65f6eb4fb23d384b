//! The sources of what the circuit over tables states: the digests of both machines, and what it
//! exchanges with the tables.

use sheaf_circuits::entry::machine::MachineWires;
use sheaf_circuits::entry_tables::circuit::EntryTablesCircuit;
use sheaf_crypto::hash::DIGEST;
use sheaf_crypto::poseidon::RATE;
use sheaf_ledger::machine::MACHINE;
use sheaf_ledger::tag;
use sheaf_plonk::gates::range_check::RangeCheckRow;
use sheaf_plonk::gates::wires::Wires;

use crate::entry_tables::HEIGHTS;
use crate::trace::Layout;
use crate::wiring::net::{Net, Wire};

pub(super) fn build() -> EntryTablesCircuit {
    EntryTablesCircuit::build(HEIGHTS, 0)
}

/// Compares the circuit's own rows, and the first rows of the transcript.
pub(super) fn compare(net: &mut Net) {
    let zero = net.zero();
    let timestamp = net.row::<RangeCheckRow>();
    let hashes = [net.hash(MACHINE), net.hash(MACHINE)];
    let machines = hashes.each_ref().map(|hash| hash.run::<MACHINE>(0));
    let [before, after] = &machines;
    net.given(&machines.concat());
    let mut elements = before.iter().copied();
    let first = MachineWires::read(&mut || elements.next().expect("a machine's elements"));
    let checked = [first.timestamp[0], zero, zero, zero];
    net.same("range check of the timestamp", &timestamp.inputs.values, &checked);
    for (hash, machine) in hashes.iter().zip(&machines) {
        net.hashes_tagged("a machine", hash, (tag::MACHINE, machine));
    }
    let [one, last] = [1, 1 + (1 << HEIGHTS.entries)].map(|time| net.constant(time));
    // Both machines without their roots at their times, then the root's node.
    let (before_root, before_rest) = before.split_at(DIGEST);
    let (after_root, after_rest) = after.split_at(DIGEST);
    let messages =
        [&[one][..], before_rest, &[last], after_rest, &[one], before_root, after_root].concat();
    // The transcript begins with a digest of the tables.
    let whole = (DIGEST + messages.len()) / RATE * RATE;
    let transcript = net.hash(whole + RATE);
    let observed: Vec<Wire> =
        (DIGEST..DIGEST + messages.len()).map(|i| transcript.run::<1>(i)[0]).collect();
    net.same("what is exchanged with the tables", &observed, &messages);
    net.publishes(&hashes.each_ref().map(|hash| hash.digest).concat());
}

#[test]
fn machines_are_those_that_the_tables_lead_from_and_to() {
    let circuit = build();
    let layout = Layout::new(&circuit.data);
    let mut net = Net::new(&layout);
    compare(&mut net);
    assert_eq!(net.into_faults(), Vec::<String>::new());
}
