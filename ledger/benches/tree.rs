//! The root after a block beside a peer's: the same 2,000 of a million slots change in our tree and
//! in the Jellyfish Merkle tree of the crate `jmt`, both in memory.
//!
//! What differs: jmt hashes with SHA-256, which no circuit of ours could afford, and has a leaf
//! where a hashed key differs from all others, some 20 levels deep; our leaf is 32 levels deep and
//! its digest is Poseidon's. jmt keeps a node for 16 children and each version of a node; what is
//! stale is removed here, as our tree overwrites it. jmt has one thread.

use std::collections::HashMap;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jmt::storage::{LeafNode, Node, NodeKey, TreeReader, TreeUpdateBatch};
use jmt::{KeyHash, OwnedValue, RootHash, Sha256Jmt, Version};
use rayon::ThreadPoolBuilder;
use sha2::Sha256;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::Digest;
use sheaf_ledger::tree_update::TreeUpdate;
use sheaf_ledger::{Owner, Slot, SlotTree};

const SLOTS: u32 = 1_000_000;
const TOUCHED: u32 = 2_000;
/// Slots that the peer's tree takes at once while it is filled.
const FILLED_AT_ONCE: usize = 50_000;

fn slot(index: u32, nonce: u32) -> Slot {
    let opened = Slot::opened(Owner([Fe::from(index); 3]), 0);
    Slot { balance: 1_000, nonce, ..opened }
}

/// The slots that change: equally far from each other.
fn touched() -> impl Iterator<Item = u32> {
    (0..TOUCHED).map(|number| number * (SLOTS / TOUCHED))
}

/// The new root after the slots have got this nonce.
fn update(tree: &mut SlotTree, nonce: u32) -> Digest {
    let leaves = touched().map(|index| (index, Some(slot(index, nonce))));
    let update = TreeUpdate::new(tree, leaves).expect("open slots in order");
    tree.update(&update).expect("it was made over this tree");
    update.root()
}

/// The peer's tree in memory.
#[derive(Default)]
struct Peer {
    nodes: HashMap<NodeKey, Node>,
    version: Version,
}

impl TreeReader for Peer {
    fn get_node_option(&self, key: &NodeKey) -> anyhow::Result<Option<Node>> {
        Ok(self.nodes.get(key).cloned())
    }

    fn get_value_option(&self, _: Version, _: KeyHash) -> anyhow::Result<Option<OwnedValue>> {
        // Updates read no value.
        Ok(None)
    }

    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(NodeKey, LeafNode)>> {
        // Only a tree that is restored from proofs asks.
        Ok(None)
    }
}

impl Peer {
    fn filled() -> Self {
        let mut peer = Self::default();
        let all: Vec<u32> = (0..SLOTS).collect();
        for some in all.chunks(FILLED_AT_ONCE) {
            peer.update(some.iter().map(|index| (key(*index), value(*index, 0))));
        }
        peer
    }

    /// The new root after these values have changed.
    fn update(&mut self, values: impl Iterator<Item = (KeyHash, OwnedValue)>) -> RootHash {
        let values = values.map(|(key, value)| (key, Some(value)));
        let updated = Sha256Jmt::new(self).put_value_set(values, self.version);
        let (root, TreeUpdateBatch { node_batch, stale_node_index_batch, node_stats: _ }) =
            updated.expect("every node is there");
        for stale in stale_node_index_batch {
            self.nodes.remove(&stale.node_key);
        }
        let added = node_batch.nodes().iter().map(|(key, node)| (key.clone(), node.clone()));
        self.nodes.extend(added);
        self.version += 1;
        root
    }
}

fn key(index: u32) -> KeyHash {
    KeyHash::with::<Sha256>(index.to_be_bytes())
}

/// What a slot has, in 38 bytes.
fn value(index: u32, nonce: u32) -> OwnedValue {
    let Slot { owner, token, balance, nonce } = slot(index, nonce);
    let numbers = (token.to_be_bytes(), balance.to_be_bytes(), nonce.to_be_bytes());
    [&owner.to_bytes()[..], &numbers.0, &numbers.1, &numbers.2].concat()
}

fn roots(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("root after 2 k of 1 M slots changed");
    group.throughput(Throughput::Elements(TOUCHED.into()));
    let mut tree = SlotTree::from_slots((0..SLOTS).map(|index| slot(index, 0)).collect());
    let mut nonce = 0;
    group.bench_function("ours, all threads", |bencher| {
        bencher.iter(|| {
            nonce += 1;
            update(&mut tree, nonce)
        });
    });
    let alone = ThreadPoolBuilder::new().num_threads(1).build().expect("one thread");
    group.bench_function("ours, one thread", |bencher| {
        bencher.iter(|| {
            nonce += 1;
            alone.install(|| update(&mut tree, nonce))
        });
    });
    drop(tree);
    let mut peer = Peer::filled();
    let keys: Vec<(u32, KeyHash)> = touched().map(|index| (index, key(index))).collect();
    group.bench_function("jmt, one thread", |bencher| {
        bencher.iter(|| {
            nonce += 1;
            peer.update(keys.iter().map(|(index, key)| (*key, value(*index, nonce))))
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = roots
}
criterion_main!(benches);
