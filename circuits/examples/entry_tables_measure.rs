//! Measures the tables of a chunk of entries: transfers between random slots, the time to fill the
//! rows, to prove and to verify over the tables, and to prove the circuit that verifies.
//!
//! `cargo run --release -p sheaf-circuits --example entry_tables_measure -- 2033 20` for 2,033
//! transfers on 2^20 open slots, under the circuit that production proves them with.

use std::time::Instant;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use sheaf_circuits::entry_tables::circuit::EntryTablesCircuit;
use sheaf_circuits::entry_tables::rows::Rows;
use sheaf_circuits::sizes::{Heights, PRODUCTION, TableSizes};
use sheaf_crypto::key::SecretKey;
use sheaf_crypto::scalar::Scalar;
use sheaf_ledger::apply::{Touch, apply};
use sheaf_ledger::chunk::EntryChunk;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::machine::Machine;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::slot::Slot;
use sheaf_ledger::step::{OwedSignature, Stepped};
use sheaf_ledger::transaction::SignedMessage;
use sheaf_ledger::tree::SlotTree;
use sheaf_ledger::tree_update::TreeUpdate;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Transfers, and open slots as a power of two, where the command line names no others.
const DEFAULTS: [usize; 2] = [100, 12];

/// What one transfer moves.
const AMOUNT: u64 = 5;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let [transferred, slots] = DEFAULTS
        .map(|default| arguments.next().map_or(default, |text| text.parse().expect("a number")));
    let chunk = transfers(2 * transferred, 1 << slots);
    let start = Instant::now();
    let rows = Rows::new(&chunk, 0).expect("the transfers are honest");
    println!("rows filled in {:.2?}", start.elapsed());
    let heights = heights(&rows);
    drop(rows);
    let start = Instant::now();
    let circuit = EntryTablesCircuit::build(heights, PRODUCTION.entry.degree_bits);
    let degree_bits = circuit.data.common.degree_bits();
    println!("{heights:?}, circuit of 2^{degree_bits} rows built in {:.2?}", start.elapsed());
    let tables = circuit.tables.tables();
    let (messages, fields) = (tables.messages(), tables.fields());
    println!("{messages} messages of at most {fields} fields, {:?}", tables.fri());
    for _ in 0..3 {
        let start = Instant::now();
        let proof = circuit.tables.prove(&chunk).expect("an honest chunk");
        println!("proven over the tables in {:.2?}", start.elapsed());
        let start = Instant::now();
        circuit.tables.verify(&chunk.before, &chunk.after, &proof).expect("the proof verifies");
        println!("verified in {:.2?}", start.elapsed());
    }
    let start = Instant::now();
    let proof = circuit.prove(&chunk).expect("an honest chunk");
    println!("with the circuit in {:.2?}, {} bytes", start.elapsed(), proof.to_bytes().len());
}

/// The heights of the lower of production's tables that have room for these rows.
fn heights(rows: &Rows) -> Heights {
    let Rows { entries, slots, tree, signatures, ladder, permutations } = rows;
    let [entries, slots, tree, signatures, ladder, permutations] =
        [entries, slots, tree, signatures, ladder, permutations].map(Vec::len);
    println!("{entries} entries, {slots} slots, {tree} nodes, {permutations} permutations");
    println!("{signatures} signatures, {ladder} steps of ladders");
    let TableSizes { small, full } = PRODUCTION.tables().expect("production has tables");
    let is_small = [
        (entries, small.entries),
        (slots, small.slots),
        (tree, small.tree),
        (signatures, small.signatures),
        (ladder, small.ladder),
        (permutations, small.permutations),
    ];
    if is_small.iter().all(|(rows, bits)| *rows <= 1 << bits) { small } else { full }
}

/// Transfers between random slots of one owner.
fn transfers(entries: usize, slots: u32) -> EntryChunk {
    let mut random = ChaCha20Rng::seed_from_u64(1);
    let secret = SecretKey::from_scalar(Scalar::from(1_000u64)).expect("not zero");
    let (key, address) = (secret.public_key(), L1Address([7; 20]));
    let owner = Owner::new(&key, &address);
    let slot = |_| Slot { owner, token: 0, balance: 1 << 40, nonce: 0 };
    let mut tree = SlotTree::from_slots((0..slots).map(slot).collect());
    let domain = Domain::new([1; 32], L1Address([2; 20]));
    let before = Machine::start(tree.root(), u64::from(slots), domain, 0);
    let (mut after, mut touches, mut signed) = (before, Vec::with_capacity(entries), Vec::new());
    for place in 0..entries {
        let slot = random.random_range(0..slots);
        let entry = if place % 2 == 0 {
            Entry::Debit { slot, total: AMOUNT, fee: 0, valid_until: 1, pot: 0 }
        } else {
            Entry::Credit { slot, amount: AMOUNT }
        };
        let siblings = Box::new(tree.path(slot));
        let touch = Touch { entry, leaf: tree.get(slot), siblings };
        let Stepped { leaf, owed, .. } = apply(&mut after, &touch).expect("the entry is allowed");
        let update = TreeUpdate::new(&tree, [(slot, leaf)]).expect("the slot is open");
        tree.update(&update).expect("the update was made over this tree");
        touches.push(touch);
        signed.extend(owed.map(|OwedSignature { signer: _, message }| {
            let signature = secret.sign(&message, &mut random);
            SignedMessage { key, address, message, signature }
        }));
    }
    EntryChunk { before, touches, signed, after }
}
