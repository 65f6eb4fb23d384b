//! Execution alone: pre-verified transfers over a million slots, planned and applied, in the way
//! the executor picks and in each way by itself. Two threads, as DESIGN's machine has.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use sheaf_sequencer::execution::{
    Credit, Executor, Plan, Record, Records, WavePlanner, apply_serially,
};

const SLOTS: u32 = 1_000_000;
/// Of one block here; a rollup's blocks are smaller, which is to serial execution's advantage.
const TRANSFERS: u32 = 100_000;
const THREADS: usize = 2;

/// A stream of numbers from a seed.
struct Stream(u64);

impl Stream {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        ((self.0 >> 33) % u64::from(bound)) as u32
    }
}

/// Payer and recipient of each transfer; slot 0 is one of them in `hot` of a hundred.
fn transfers(hot: u32) -> Vec<(u32, u32)> {
    let mut stream = Stream(7);
    let mut pair = || {
        let (from, to) = (stream.below(SLOTS), stream.below(SLOTS));
        if stream.below(100) < hot { (from, 0) } else { (from, to) }
    };
    (0..TRANSFERS).map(|_| pair()).collect()
}

/// A block of one-unit transfers that all succeed when applied to fresh records.
fn block(transfers: &[(u32, u32)]) -> Plan {
    let mut nonces = vec![0; SLOTS as usize];
    let mut plan = Plan::default();
    for (from, to) in transfers {
        let nonce = &mut nonces[*from as usize];
        plan.push(*from, *nonce, 1, [Credit { slot: *to, amount: 1 }]);
        *nonce += 1;
    }
    plan
}

fn fresh() -> Records {
    (0..SLOTS).map(|_| Record { balance: 1_000, nonce: 0 }).collect()
}

fn execution(criterion: &mut Criterion) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(THREADS).build().expect("threads");
    for (name, hot) in [("uniform", 0), ("hot slot in half", 50)] {
        let transfers = transfers(hot);
        let mut group = criterion.benchmark_group(name);
        group
            .throughput(Throughput::Elements(u64::from(TRANSFERS)))
            .sample_size(10)
            .measurement_time(Duration::from_secs(3));
        let mut executor = Executor::default();
        group.bench_function("plan and execute", |bencher| {
            let apply = |records: Records| {
                let plan = block(black_box(&transfers));
                (pool.install(|| executor.apply(&records, &plan)), records)
            };
            bencher.iter_batched(fresh, apply, BatchSize::PerIteration);
        });
        let plan = block(&transfers);
        let mut planner = WavePlanner::default();
        group.bench_function("waves", |bencher| {
            let apply = |records: Records| {
                (pool.install(|| planner.apply(&records, black_box(&plan))), records)
            };
            bencher.iter_batched(fresh, apply, BatchSize::PerIteration);
        });
        group.bench_function("serial", |bencher| {
            let apply = |records: Records| (apply_serially(&records, black_box(&plan)), records);
            bencher.iter_batched(fresh, apply, BatchSize::PerIteration);
        });
        group.finish();
    }
}

criterion_group!(benches, execution);
criterion_main!(benches);
