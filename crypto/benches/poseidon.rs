//! What a permutation costs: alone, and as one of several side by side.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::poseidon::lanes::{LANES, Lanes};
use sheaf_crypto::poseidon::{WIDTH, permute};

fn permutations(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("poseidon");
    group.throughput(Throughput::Elements(1));
    let mut state = [Fe::ONE; WIDTH];
    group.bench_function("one", |bencher| bencher.iter(|| permute(&mut state)));
    group.throughput(Throughput::Elements(LANES as u64));
    let mut lanes = Lanes::default();
    group.bench_function("side by side", |bencher| bencher.iter(|| lanes.permute()));
}

criterion_group!(benches, permutations);
criterion_main!(benches);
