//! The metrics that Prometheus reads: every name, its unit and its meaning, in one place.
//!
//! Stages call the functions of this module and use no names. Without `--metrics` the process
//! counts nothing, and a call costs a load. A name ends in its unit (`_seconds`, `_blocks`) or, for
//! a counter, in `_total`.

use std::sync::OnceLock;
use std::time::Duration;

use ::metrics::{counter, gauge, histogram};
use alloy::primitives::U256;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use sheaf_wire::ProofStep;

use crate::rejection::Rejection;

// The names. `COUNTERS`, `GAUGES` and `HISTOGRAMS` below have their meanings.
pub const TRANSACTIONS: &str = "sheaf_transactions_total";
pub const REJECTIONS: &str = "sheaf_rejections_total";
pub const REFUSED_REQUESTS: &str = "sheaf_refused_requests_total";
pub const MEMPOOL: &str = "sheaf_mempool_transactions";
pub const SUBSCRIBERS: &str = "sheaf_event_subscribers";
pub const BLOCK_NUMBER: &str = "sheaf_block_number";
pub const BLOCK_SECONDS: &str = "sheaf_block_seconds";
pub const COMMIT_SECONDS: &str = "sheaf_commit_seconds";
pub const BATCHES: &str = "sheaf_batches";
pub const BATCH_AGE: &str = "sheaf_batch_age_seconds";
pub const JOBS: &str = "sheaf_jobs";
pub const PROOF_SECONDS: &str = "sheaf_proof_seconds";
pub const PROOF_FAILURES: &str = "sheaf_proof_failures_total";
pub const L1_LAG: &str = "sheaf_l1_lag_blocks";
pub const SUBMISSIONS: &str = "sheaf_l1_submissions_total";
pub const GAS: &str = "sheaf_l1_gas_total";
pub const OPERATOR_ETHER: &str = "sheaf_l1_account_ether";
pub const OPERATOR_BATCHES: &str = "sheaf_l1_account_batches";
pub const L1_NODE: &str = "sheaf_l1_node_answers";

/// Wei in an ether.
const WEI_PER_ETHER: f64 = 1e18;

/// Bounds of the histograms of blocks and commits, which take milliseconds; in seconds.
const SHORT_SECONDS: &[f64] = &[0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];
/// Bounds of the histogram of proofs, in seconds.
const PROOF_SECONDS_BOUNDS: &[f64] =
    &[0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0];

/// The counters, each with its meaning as Prometheus shows it; gauges and histograms follow.
const COUNTERS: &[(&str, &str)] = &[
    (TRANSACTIONS, "Transactions that reached a stage since the start, by stage"),
    (REJECTIONS, "Transactions refused since the start, by the rule's code"),
    (REFUSED_REQUESTS, "Requests and connections over a limit, by limit"),
    (PROOF_FAILURES, "Attempts at a proof that failed or let their lease end, by kind"),
    (SUBMISSIONS, "L1 transactions made for batches, replacements included"),
    (GAS, "Gas that the L1 transactions of final batches have used"),
];
const GAUGES: &[(&str, &str)] = &[
    (MEMPOOL, "Transactions that wait for a block"),
    (SUBSCRIBERS, "Open streams of events"),
    (BLOCK_NUMBER, "The newest durable block"),
    (BATCHES, "Batches that are not final, by state"),
    (BATCH_AGE, "Seconds since the oldest batch of a state was opened or sealed, 0 without one"),
    (JOBS, "Proving jobs that are not done, by state"),
    (OPERATOR_ETHER, "Ether of the account that submits batches"),
    (OPERATOR_BATCHES, "Batches that the account pays for at today's fees"),
    (L1_NODE, "1 while the L1 node answers, otherwise 0, by host and port"),
    (L1_LAG, "L1 blocks that exist and are not read yet, unconfirmed ones included"),
];
const HISTOGRAMS: &[(&str, &str)] = &[
    (BLOCK_SECONDS, "Seconds to execute a block"),
    (COMMIT_SECONDS, "Seconds to make blocks durable"),
    (PROOF_SECONDS, "Seconds from a job's lease to its verified proof, by kind"),
];

/// The name of every metric.
pub fn names() -> impl Iterator<Item = &'static str> {
    [COUNTERS, GAUGES, HISTOGRAMS].into_iter().flatten().map(|(name, _)| *name)
}

/// Starts counting for this process. Later calls return the same recorder.
///
/// # Panics
/// When the process has installed another recorder, which no program of this workspace does.
pub fn recorder() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(install).clone()
}

fn install() -> PrometheusHandle {
    let proofs = Matcher::Full(PROOF_SECONDS.to_owned());
    let recorder = PrometheusBuilder::new()
        .set_buckets(SHORT_SECONDS)
        .and_then(|builder| builder.set_buckets_for_metric(proofs, PROOF_SECONDS_BOUNDS))
        .expect("neither list of bounds is empty")
        .build_recorder();
    let handle = recorder.handle();
    ::metrics::set_global_recorder(recorder).expect("nobody else installs a recorder");
    for (name, meaning) in COUNTERS {
        ::metrics::describe_counter!(*name, *meaning);
    }
    for (name, meaning) in GAUGES {
        ::metrics::describe_gauge!(*name, *meaning);
    }
    for (name, meaning) in HISTOGRAMS {
        ::metrics::describe_histogram!(*name, *meaning);
    }
    handle
}

/// Notes the balance of the account that submits batches, and the batches that it pays for.
pub fn operator_account(wei: U256, batches: u64) {
    gauge!(OPERATOR_ETHER).set(f64::from(wei) / WEI_PER_ETHER);
    gauge!(OPERATOR_BATCHES).set(batches as f64);
}

/// Counts transactions that have reached `stage`.
pub fn reached(stage: &'static str, transactions: usize) {
    counter!(TRANSACTIONS, "stage" => stage).increment(transactions as u64);
}

/// Counts a refused transaction, by the rule's code.
pub fn rejected(rejection: &Rejection) {
    counter!(TRANSACTIONS, "stage" => "rejected").increment(1);
    counter!(REJECTIONS, "code" => rejection.code()).increment(1);
}

/// Counts a request or a connection that `limit` turned away.
pub fn refused(limit: &'static str) {
    counter!(REFUSED_REQUESTS, "limit" => limit).increment(1);
}

/// Notes how long the execution of a block took.
pub fn block_executed(time: Duration) {
    histogram!(BLOCK_SECONDS).record(time);
}

/// Notes how long one commit of blocks took.
pub fn committed(time: Duration) {
    histogram!(COMMIT_SECONDS).record(time);
}

/// Notes that a proof was verified and stored, `time` after its job was leased.
pub fn proven(step: ProofStep, time: Duration) {
    histogram!(PROOF_SECONDS, "kind" => step.sort()).record(time);
}

/// Counts a job that failed or whose lease ended.
pub fn proof_failed(step: ProofStep) {
    counter!(PROOF_FAILURES, "kind" => step.sort()).increment(1);
}

/// Notes the newest L1 block, `head`, and the newest L1 block that was read.
pub fn l1_seen(head: u64, read: u64) {
    gauge!(L1_LAG).set(head.saturating_sub(read) as f64);
}

/// Notes whether an L1 node, by its host and port, has answered a question.
pub fn l1_node(node: &str, answers: bool) {
    gauge!(L1_NODE, "node" => node.to_owned()).set(f64::from(u8::from(answers)));
}

/// Counts an L1 transaction that was signed for a batch.
pub fn submission_made() {
    counter!(SUBMISSIONS).increment(1);
}

/// Adds the gas that the L1 transaction of a final batch has used.
pub fn gas_used(gas: u64) {
    counter!(GAS).increment(gas);
}

/// The values that are measured when Prometheus asks, not when they change.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Transactions that wait for a block.
    pub mempool: usize,
    /// Open streams of events.
    pub subscribers: usize,
    /// The newest durable block.
    pub block: u64,
    /// For each state of a batch: the state's name, the number of batches in it, and the age of
    /// the oldest.
    pub batches: Vec<(&'static str, u64, Duration)>,
    /// For each state of a job: the state's name and the number of jobs in it.
    pub jobs: [(&'static str, u64); 4],
}

/// Sets the gauges to the values of a sample.
pub fn sampled(sample: &Sample) {
    gauge!(MEMPOOL).set(sample.mempool as f64);
    gauge!(SUBSCRIBERS).set(sample.subscribers as f64);
    gauge!(BLOCK_NUMBER).set(sample.block as f64);
    for (state, count, age) in &sample.batches {
        gauge!(BATCHES, "state" => *state).set(*count as f64);
        gauge!(BATCH_AGE, "state" => *state).set(age.as_secs_f64());
    }
    for (state, count) in sample.jobs {
        gauge!(JOBS, "state" => state).set(count as f64);
    }
}
