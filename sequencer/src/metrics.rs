//! The metrics that Prometheus reads: `names` has every name with its kind and its meaning.
//!
//! Stages call the functions of this module and use no names. Without `--metrics` the process
//! counts nothing, and a call costs a load. A name ends in its unit (`_seconds`, `_blocks`) or, for
//! a counter, in `_total`.

mod names;
mod process;
mod sample;

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use ::metrics::{counter, gauge, histogram};
use alloy::primitives::U256;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use sheaf_wire::ProofStep;

use self::names::{
    BATCH_STAGE_SECONDS, BLOCK_SECONDS, COMMIT_SECONDS, GAS, INDEX_RUN_SECONDS, L1_LAG, L1_NODE,
    L1_SEEN, OPERATOR_BATCHES, OPERATOR_ETHER, PROCESS_START, PROOF_FAILURES, PROOF_SECONDS,
    REFUSED_REQUESTS, REJECTIONS, REQUEST_SECONDS, RESPONSES, SEALING_SECONDS, SNAPSHOT_AGE,
    SNAPSHOT_SECONDS, STAGE_SECONDS, SUBMISSIONS, TRANSACTIONS, WITNESS_SECONDS,
};
use crate::rejection::Rejection;

pub use names::{Kind, catalogue};
pub use sample::{Batches, PipelineSample, Queue, Sample, sampled};

/// Wei in an ether.
const WEI_PER_ETHER: f64 = 1e18;

/// Starts counting for this process. Later calls return the same recorder.
///
/// # Panics
/// When the process has installed another recorder, which no program of this workspace does.
pub fn recorder() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(install).clone()
}

fn install() -> PrometheusHandle {
    let recorder = names::with_bounds(PrometheusBuilder::new())
        .expect("no list of bounds is empty")
        .build_recorder();
    let handle = recorder.handle();
    ::metrics::set_global_recorder(recorder).expect("nobody else installs a recorder");
    names::describe();
    gauge!(PROCESS_START).set(unix_seconds());
    handle
}

fn unix_seconds() -> f64 {
    // A clock before 1970 shows as 1970.
    SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs_f64()
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

/// Notes how long each of several transactions took to reach `stage` from the stage before.
pub fn took(stage: &'static str, times: impl IntoIterator<Item = Duration>) {
    let histogram = histogram!(STAGE_SECONDS, "stage" => stage);
    times.into_iter().for_each(|time| histogram.record(time));
}

/// Notes how long a batch took to reach `stage` from the stage before.
pub fn batch_took(stage: &'static str, time: Duration) {
    histogram!(BATCH_STAGE_SECONDS, "stage" => stage).record(time);
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

/// Counts an answer with `status`, and notes how long it took. `route` is the route's pattern, so
/// that there are no more of them than routes.
pub fn answered(route: &str, status: &str, time: Duration) {
    let route = route.to_owned();
    histogram!(REQUEST_SECONDS, "route" => route.clone()).record(time);
    counter!(RESPONSES, "route" => route, "status" => status.to_owned()).increment(1);
}

/// Notes how long the execution of a block took.
pub fn block_executed(time: Duration) {
    histogram!(BLOCK_SECONDS).record(time);
}

/// Notes how long one commit of blocks took.
pub fn committed(time: Duration) {
    histogram!(COMMIT_SECONDS).record(time);
}

/// Notes how long a file of the index took to write.
pub fn run_written(time: Duration) {
    histogram!(INDEX_RUN_SECONDS).record(time);
}

/// Notes how long the sealing of a batch took.
pub fn sealed(time: Duration) {
    histogram!(SEALING_SECONDS).record(time);
}

/// Notes how many entries were sealed after the newest snapshot.
pub fn snapshot_age(entries: u64) {
    gauge!(SNAPSHOT_AGE).set(entries as f64);
}

/// Notes how long a snapshot took to write.
pub fn snapshot_written(time: Duration) {
    histogram!(SNAPSHOT_SECONDS).record(time);
}

/// Notes how long a witness took to make again.
pub fn witness_made(time: Duration) {
    histogram!(WITNESS_SECONDS).record(time);
}

/// Notes that a proof was verified and stored, `time` after its job was leased.
pub fn proven(step: ProofStep, time: Duration) {
    histogram!(PROOF_SECONDS, "kind" => step.sort()).record(time);
}

/// Counts a job that failed or whose lease ended.
pub fn proof_failed(step: ProofStep) {
    counter!(PROOF_FAILURES, "kind" => step.sort()).increment(1);
}

/// Notes that L1 has answered: the newest L1 block, `head`, and the newest L1 block that was read.
pub fn l1_seen(head: u64, read: u64) {
    gauge!(L1_LAG).set(head.saturating_sub(read) as f64);
    gauge!(L1_SEEN).set(unix_seconds());
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
