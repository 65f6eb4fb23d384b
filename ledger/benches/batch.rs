//! What a batch costs: the root of a block of updates, sealing, reading a sealed batch, chunks.

use criterion::{Criterion, criterion_group, criterion_main};
use sheaf_crypto::goldilocks::Fe;
use sheaf_ledger::limits::DATA_WORDS_MAX;
use sheaf_ledger::tree_update::TreeUpdate;
use sheaf_ledger::{BatchBuilder, Domain, Entry, L1Address, Owner, SealedBatch};
use sheaf_ledger::{Slot, SlotTree};

const SLOTS: u32 = 1 << 20;
const TOUCHED: u32 = 20_000;
/// Entries of one proof of 2^16 rows, about.
const CHUNK: usize = 700;

fn slot(index: u32) -> Slot {
    Slot { balance: 1_000, ..Slot::opened(Owner([Fe::from(index); 3]), 0) }
}

/// A full batch: every word there may be, each on another slot.
fn sealed(tree: &SlotTree) -> SealedBatch {
    let domain = Domain::on_chain(31_337, L1Address::default());
    let mut builder = BatchBuilder::new(tree, domain, 1_800_000_000);
    let first = tree.len() as u32;
    let entries: Vec<Entry> = (0..DATA_WORDS_MAX)
        .map(|i| Entry::Open { slot: first + i, owner: Owner([Fe::from(i); 3]), token: 0 })
        .collect();
    builder.push(&entries, &[]).expect("within the limits");
    builder.seal(1).expect("settled")
}

fn batches(criterion: &mut Criterion) {
    let mut tree = SlotTree::from_slots((0..SLOTS).map(slot).collect());
    let step = SLOTS / TOUCHED;
    let mut round = 0;
    criterion.bench_function("root after 20 k of 1 M slots changed", |bencher| {
        bencher.iter(|| {
            round += 1;
            let changed = |i| Some(Slot { nonce: round, ..slot(i * step) });
            let updates = (0..TOUCHED).map(|i| (i * step, changed(i)));
            let update = TreeUpdate::new(&tree, updates).expect("open slots in order");
            tree.update(&update).expect("it was made over this tree");
        });
    });
    criterion.bench_function("seal 4096 entries", |bencher| bencher.iter(|| sealed(&tree)));
    let batch = sealed(&tree);
    let bytes = batch.to_bytes();
    criterion.bench_function("read a sealed batch of 4096 entries", |bencher| {
        bencher.iter(|| SealedBatch::from_bytes(&bytes).expect("just written"));
    });
    criterion.bench_function("paths of the last chunk of 4096 entries", |bencher| {
        let last = batch.entries.len() - CHUNK..batch.entries.len();
        bencher.iter(|| batch.entry_chunk(last.clone()).expect("the batch has this chunk"));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = batches
}
criterion_main!(benches);
