//! The sources of what the batch circuit states about the proofs that it verifies.

use sheaf_circuits::batch::BatchCircuit;
use sheaf_circuits::entry::machine::MachineWires;
use sheaf_circuits::kinds::Kinds;
use sheaf_crypto::hash::DIGEST;
use sheaf_ledger::limits::{DATA_WORDS_MAX, L1_WORDS_MAX};
use sheaf_ledger::machine::MACHINE;
use sheaf_ledger::tag;
use sheaf_plonk::gates::wires::Wires;

use crate::any_segment::AnySegment;
use crate::recursion::{Said, said};
use crate::trace::Layout;
use crate::wiring::net::{Net, Wire};

/// Limbs of z and of y.
const LIMBS: [usize; 2] = [4, 5];

/// A batch circuit over leaves that prove any segment, and what it says about them.
pub(super) fn build() -> (BatchCircuit, Said) {
    let leaves = [1, 2, 3].map(|mark| AnySegment::build(mark).circuit.verifier_data());
    let [entry, signature, data] = leaves.each_ref().map(|leaf| vec![leaf]);
    let batch = BatchCircuit::build(&Kinds { entry, signature, data });
    (batch, said(&leaves.each_ref(), 2 * MACHINE + LIMBS[0] + LIMBS[1]))
}

/// What the prover gives.
struct Values {
    before: MachineWires<Wire>,
    after: MachineWires<Wire>,
    z: Vec<Wire>,
    y: Vec<Wire>,
}

fn elements(machine: &MachineWires<Wire>) -> Vec<Wire> {
    let mut elements = Vec::new();
    machine.visit(&mut |wire| elements.push(wire));
    elements
}

/// Hashes elements in the next rows, and returns the digest.
fn hashed(net: &mut Net, what: &str, tag: sheaf_crypto::hash::Tag, elements: &[Wire]) -> Vec<Wire> {
    let hash = net.hash(elements.len());
    net.hashes_tagged(what, &hash, (tag, elements));
    hash.digest.to_vec()
}

/// Statements 3 and 4: what is zero, and what does not change.
fn compare_ends(net: &mut Net, Values { before, after, .. }: &Values) {
    let zero = net.zero();
    let MachineWires { signer, token, remaining, message, pots, .. } = before;
    let MachineWires { signatures, data, l1, data_words, l1_words, .. } = before;
    for (what, wires) in [
        ("the signer before", &signer[..]),
        ("the token before", token),
        ("what remains before", remaining),
        ("the message before", message),
        ("the pots before", pots),
        ("the signatures before", signatures),
        ("the data words before", data),
        ("the L1 words before", l1),
        ("the number of data words before", data_words),
        ("the number of L1 words before", l1_words),
        ("what remains after", &after.remaining),
    ] {
        net.same(what, wires, &vec![zero; wires.len()]);
    }
    for [_, amount] in after.pots.as_chunks().0 {
        net.same("a pot's amount after", &[*amount], &[zero]);
    }
    net.same("the domain", &after.domain, &before.domain);
    net.same("the timestamp", &after.timestamp, &before.timestamp);
}

/// Statements 7 and 9.
fn compare_ranges(net: &mut Net, Values { after, z, y, .. }: &Values) {
    let counts = [
        ("data words", after.data_words, DATA_WORDS_MAX),
        ("L1 words", after.l1_words, L1_WORDS_MAX),
    ];
    for (what, [count], limit) in counts {
        let bits = limit.ilog2() as usize + 1;
        let limit = net.constant(u64::from(limit));
        let left = net.difference(what, limit, count);
        net.has_bits(&format!("the number of {what}"), count, bits);
        net.has_bits(&format!("what is left of the limit of {what}"), left, bits);
    }
    let (top, limbs) = y.split_last().expect("y has limbs");
    for limb in z.iter().chain(limbs) {
        net.has_bits("a limb", *limb, 62);
    }
    net.has_bits("the top limb of y", *top, 7);
    net.has_bits("the timestamp", after.timestamp[0], 32);
}

/// Compares the batch circuit's own rows with statements 2 to 9.
pub(super) fn compare(net: &mut Net, said: &Said) {
    let mut given = said.given.iter().map(|target| net.target(*target));
    let mut next = || given.next().expect("as many as a batch has");
    let (before, after) = (MachineWires::read(&mut next), MachineWires::read(&mut next));
    let [z, y] = LIMBS.map(|limbs| (0..limbs).map(|_| next()).collect());
    let values = Values { before, after, z, y };
    let segments: Vec<[Vec<Wire>; 2]> = said
        .inputs
        .iter()
        .map(|inputs| {
            let (from, to) = inputs.split_at(DIGEST);
            [from, to].map(|digest| digest.iter().map(|target| net.target(*target)).collect())
        })
        .collect();
    let [entries, signatures, words] = segments.as_slice() else { panic!("three kinds") };
    let Values { before, after, z, y } = &values;
    for (what, machine, stated) in
        [("the machine before", before, &entries[0]), ("the machine after", after, &entries[1])]
    {
        let digest = hashed(net, what, tag::MACHINE, &elements(machine));
        net.same(&format!("digest of {what}"), &digest, stated);
    }
    compare_ends(net, &values);
    let zero = net.zero();
    net.same("the start of signatures", &signatures[0], &[zero; DIGEST]);
    net.same("the signatures", &signatures[1], &after.signatures);
    let start = [&after.data[..], &after.l1, z, &[zero; 5]].concat();
    let end = [&[zero; 2 * DIGEST][..], z, y].concat();
    for (what, cursor, stated) in
        [("the cursor before", start, &words[0]), ("the cursor after", end, &words[1])]
    {
        let digest = hashed(net, what, tag::CURSOR, &cursor);
        net.same(&format!("digest of {what}"), &digest, stated);
    }
    compare_ranges(net, &values);
    let mut public = Vec::new();
    for (what, machine) in [("the state before", before), ("the state after", after)] {
        let state = [&machine.root[..], &machine.next_slot, &machine.domain].concat();
        public.extend(hashed(net, what, tag::STATE, &state));
    }
    let chains = [after.data, after.l1].concat();
    public.extend(hashed(net, "the chains", tag::CHAINS, &chains));
    public.extend([&z[..], y, &after.timestamp, &after.l1_words].concat());
    net.publishes(&public);
}

#[test]
fn a_batchs_own_rows_have_their_sources() {
    let (batch, said) = build();
    let layout = Layout::new(&batch.circuit);
    let mut net = Net::without(&layout, said.first_row, None);
    compare(&mut net, &said);
    assert_eq!(net.into_faults(), Vec::<String>::new());
}
