//! The name, the kind and the meaning of every metric, and the bounds of the histograms.

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder};

// The names. `COUNTERS`, `GAUGES` and `HISTOGRAMS` below have their meanings.
pub(super) const TRANSACTIONS: &str = "sheaf_transactions_total";
pub(super) const REJECTIONS: &str = "sheaf_rejections_total";
pub(super) const REFUSED_REQUESTS: &str = "sheaf_refused_requests_total";
pub(super) const RESPONSES: &str = "sheaf_http_responses_total";
pub(super) const REQUEST_SECONDS: &str = "sheaf_http_request_seconds";
pub(super) const STAGE_SECONDS: &str = "sheaf_stage_seconds";
pub(super) const BATCH_STAGE_SECONDS: &str = "sheaf_batch_stage_seconds";
pub(super) const QUEUE_LENGTH: &str = "sheaf_queue_length";
pub(super) const QUEUE_LIMIT: &str = "sheaf_queue_limit";
pub(super) const MEMPOOL: &str = "sheaf_mempool_transactions";
pub(super) const SUBSCRIBERS: &str = "sheaf_event_subscribers";
pub(super) const PAUSED: &str = "sheaf_paused";
pub(super) const BLOCK_NUMBER: &str = "sheaf_block_number";
pub(super) const BLOCK_SECONDS: &str = "sheaf_block_seconds";
pub(super) const BLOCK_WAIT: &str = "sheaf_block_wait_seconds";
pub(super) const COMMIT_SECONDS: &str = "sheaf_commit_seconds";
pub(super) const FOLLOWING: &str = "sheaf_following";
pub(super) const EPOCH: &str = "sheaf_leader_epoch";
pub(super) const INDEX_RUNS: &str = "sheaf_index_runs";
pub(super) const INDEX_RUN_SECONDS: &str = "sheaf_index_run_seconds";
pub(super) const BATCHES: &str = "sheaf_batches";
pub(super) const BATCH_AGE: &str = "sheaf_batch_age_seconds";
pub(super) const BATCH_AGE_LIMIT: &str = "sheaf_batch_age_limit_seconds";
pub(super) const SEALING_SECONDS: &str = "sheaf_sealing_seconds";
pub(super) const SNAPSHOT_AGE: &str = "sheaf_snapshot_age_entries";
pub(super) const SNAPSHOT_SECONDS: &str = "sheaf_snapshot_seconds";
pub(super) const JOBS: &str = "sheaf_jobs";
pub(super) const PROOF_SECONDS: &str = "sheaf_proof_seconds";
pub(super) const PROOF_FAILURES: &str = "sheaf_proof_failures_total";
pub(super) const WITNESS_SECONDS: &str = "sheaf_witness_rebuild_seconds";
pub(super) const L1_LAG: &str = "sheaf_l1_lag_blocks";
pub(super) const L1_SEEN: &str = "sheaf_l1_seen_timestamp_seconds";
pub(super) const L1_NODE: &str = "sheaf_l1_node_answers";
pub(super) const SUBMISSIONS: &str = "sheaf_l1_submissions_total";
pub(super) const GAS: &str = "sheaf_l1_gas_total";
pub(super) const OPERATOR_ETHER: &str = "sheaf_l1_account_ether";
pub(super) const OPERATOR_BATCHES: &str = "sheaf_l1_account_batches";
// The names that Prometheus' own clients give a process.
pub(super) const PROCESS_CPU: &str = "process_cpu_seconds_total";
pub(super) const PROCESS_MEMORY: &str = "process_resident_memory_bytes";
pub(super) const PROCESS_FILES: &str = "process_open_fds";
pub(super) const PROCESS_FILES_MAX: &str = "process_max_fds";
pub(super) const PROCESS_THREADS: &str = "process_threads";
pub(super) const PROCESS_START: &str = "process_start_time_seconds";

/// Bounds of the histograms of work that takes milliseconds; in seconds.
const SHORT_SECONDS: &[f64] = &[0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];
/// Bounds of the histogram of stages before the acknowledgement, in seconds. The acknowledgement is
/// to take at most 0.05 s, so the bounds are close together around that value.
const STAGE_SECONDS_BOUNDS: &[f64] = &[
    0.0003, 0.001, 0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0,
];
/// Bounds of the histogram of proofs, in seconds.
const PROOF_SECONDS_BOUNDS: &[f64] =
    &[0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0];
/// Bounds of the histogram of a batch's stages, in seconds: up to the ages at which `/healthz`
/// fails, and beyond.
const BATCH_SECONDS_BOUNDS: &[f64] =
    &[1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_200.0, 2_400.0, 3_600.0, 7_200.0];

/// The histograms with bounds of their own; the others have `SHORT_SECONDS`.
const BOUNDS: &[(&str, &[f64])] = &[
    (STAGE_SECONDS, STAGE_SECONDS_BOUNDS),
    (REQUEST_SECONDS, STAGE_SECONDS_BOUNDS),
    (PROOF_SECONDS, PROOF_SECONDS_BOUNDS),
    (BATCH_STAGE_SECONDS, BATCH_SECONDS_BOUNDS),
];

/// The counters, each with its meaning as Prometheus shows it; gauges and histograms follow.
const COUNTERS: &[(&str, &str)] = &[
    (TRANSACTIONS, "Transactions that reached a stage since the start, by stage"),
    (REJECTIONS, "Transactions refused since the start, by the rule's code"),
    (REFUSED_REQUESTS, "Requests and connections over a limit, by limit"),
    (RESPONSES, "Answers of the API, by route and status"),
    (PROOF_FAILURES, "Attempts at a proof that failed or let their lease end, by kind"),
    (SUBMISSIONS, "L1 transactions made for batches, replacements included"),
    (GAS, "Gas that the L1 transactions of final batches have used"),
    (PROCESS_CPU, "Seconds of CPU that the process has used, of all threads"),
];
const GAUGES: &[(&str, &str)] = &[
    (QUEUE_LENGTH, "What waits in a queue, by queue"),
    (QUEUE_LIMIT, "What may wait in a queue, by queue"),
    (MEMPOOL, "Transactions that wait for a block"),
    (SUBSCRIBERS, "Open streams of events"),
    (PAUSED, "1 while no batch may be opened, else 0"),
    (BLOCK_NUMBER, "The newest durable block"),
    (BLOCK_WAIT, "Seconds since the newest block was executed, 0 when it is durable"),
    (FOLLOWING, "1 while another sequencer leads and this one follows, else 0"),
    (EPOCH, "The epoch of this start: a later start has a higher one"),
    (INDEX_RUNS, "Files of the index"),
    (BATCHES, "Batches that are not final, by state"),
    (BATCH_AGE, "Seconds since the oldest batch of a state was opened or sealed, 0 without one"),
    (BATCH_AGE_LIMIT, "The age at which /healthz fails, by state"),
    (SNAPSHOT_AGE, "Entries sealed after the newest snapshot of the slots"),
    (JOBS, "Proving jobs that are not done, by state"),
    (OPERATOR_ETHER, "Ether of the account that submits batches"),
    (OPERATOR_BATCHES, "Batches that the account pays for at today's fees"),
    (L1_LAG, "L1 blocks that exist and are not read yet, unconfirmed ones included"),
    (L1_SEEN, "When an L1 node last told its newest block, Unix time"),
    (L1_NODE, "1 while the L1 node answers, else 0, by host and port"),
    (PROCESS_MEMORY, "Bytes of memory that the process has in use"),
    (PROCESS_FILES, "File descriptors that are open"),
    (PROCESS_FILES_MAX, "File descriptors that may be open"),
    (PROCESS_THREADS, "Threads of the process"),
    (PROCESS_START, "When the process began to count, Unix time"),
];
const HISTOGRAMS: &[(&str, &str)] = &[
    (REQUEST_SECONDS, "Seconds to answer a request, by route"),
    (STAGE_SECONDS, "Seconds that a transaction took to reach a stage from the one before"),
    (BLOCK_SECONDS, "Seconds to execute a block"),
    (COMMIT_SECONDS, "Seconds to make blocks durable"),
    (INDEX_RUN_SECONDS, "Seconds to write a file of the index"),
    (BATCH_STAGE_SECONDS, "Seconds that a batch took to reach a stage from the one before"),
    (SEALING_SECONDS, "Seconds to seal a batch"),
    (SNAPSHOT_SECONDS, "Seconds to write a snapshot"),
    (PROOF_SECONDS, "Seconds from a job's lease to its verified proof, by kind"),
    (WITNESS_SECONDS, "Seconds to make a witness again"),
];

/// What a metric is to Prometheus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// The name, the kind and the meaning of every metric.
pub fn catalogue() -> impl Iterator<Item = (&'static str, Kind, &'static str)> {
    let kinds = [(Kind::Counter, COUNTERS), (Kind::Gauge, GAUGES), (Kind::Histogram, HISTOGRAMS)];
    kinds
        .into_iter()
        .flat_map(|(kind, all)| all.iter().map(move |(name, meaning)| (*name, kind, *meaning)))
}

/// Gives each histogram its bounds.
pub(super) fn with_bounds(builder: PrometheusBuilder) -> Result<PrometheusBuilder, BuildError> {
    BOUNDS.iter().try_fold(builder.set_buckets(SHORT_SECONDS)?, |builder, (name, bounds)| {
        builder.set_buckets_for_metric(Matcher::Full((*name).to_owned()), bounds)
    })
}

/// Tells the recorder what each metric means.
pub(super) fn describe() {
    for (name, kind, meaning) in catalogue() {
        match kind {
            Kind::Counter => ::metrics::describe_counter!(name, meaning),
            Kind::Gauge => ::metrics::describe_gauge!(name, meaning),
            Kind::Histogram => ::metrics::describe_histogram!(name, meaning),
        }
    }
}
