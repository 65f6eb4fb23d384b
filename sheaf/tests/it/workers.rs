//! Workers and a sequencer together: the real `Worker` against the real application over HTTP, with
//! development proofs. The steps are proven by provers that wait, lie or give up when a test says
//! so.

mod crew;

use std::sync::Arc;
use std::time::Duration;

use crate::rollup::{Person, Rollup, person, terms};
use crew::{Corrupting, Failing, Gate, Gated, OtherCircuits, Recorder, hire, hire_with, log_lines};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sheaf_prover::{DevelopmentProver, WorkerError};
use sheaf_sequencer::limits::JOB_FAILURES_MAX;
use sheaf_sequencer::store::{JobCounts, now_ms};
use sheaf_wire::development;

/// An hour: every lease has ended by then.
const HOUR_MS: u64 = 3_600_000;

/// A rollup with a short lease, and somebody in slot 0 who can pay.
async fn funded(lease: Duration) -> (Rollup, Person) {
    let rollup = Rollup::start_with(|config| {
        config.service.lease_lifetime = lease;
        config.service.operator_token = Some("operator".into());
    })
    .await;
    let alice = person(0);
    rollup.fund(&[(&alice, 1_000)]).await;
    (rollup, alice)
}

async fn with_batches(lease: Duration, count: u32) -> Rollup {
    let (rollup, alice) = funded(lease).await;
    for nonce in 0..count {
        rollup.execute(&alice.pay(terms(0, nonce), &[(&person(1), 1)])).await;
        rollup.seal().await;
    }
    rollup
}

async fn counts(rollup: &Rollup) -> JobCounts {
    rollup.handle().store().job_counts().await.expect("the store can be read")
}

async fn wait_for_counts(rollup: &Rollup, expected: JobCounts) {
    rollup.wait_for(&format!("{expected:?}"), async || counts(rollup).await == expected).await;
}

/// Everything about batches and jobs that the API shows.
async fn shown(rollup: &Rollup) -> [Value; 3] {
    let status = rollup.get("/v1/status").await.1;
    [status, rollup.get("/v1/batches").await.1, rollup.get("/v1/batches/1/proof").await.1]
}

async fn attempts(rollup: &Rollup, job: u64) -> u32 {
    let row = rollup.handle().store().job(job).await.expect("the store can be read");
    row.expect("the job is there").attempt
}

async fn requeue(rollup: &Rollup, job: u64, token: &str) -> StatusCode {
    let post = reqwest::Client::new().post(rollup.url(&format!("/v1/jobs/{job}/requeue")));
    post.bearer_auth(token).send().await.expect("an answer").status()
}

const LONG: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn several_workers_share_the_work_and_prove_each_batch_once() {
    const BATCHES: u32 = 12;
    let rollup = with_batches(LONG, BATCHES).await;
    let recorders: Vec<Arc<Recorder>> = (0..4).map(|_| Arc::default()).collect();
    let provers = || Arc::new(DevelopmentProver);
    let crew: Vec<_> =
        recorders.iter().map(|one| hire_with(&rollup, provers(), Arc::clone(one))).collect();
    wait_for_counts(&rollup, JobCounts { done: BATCHES.into(), ..JobCounts::default() }).await;
    for worker in crew {
        worker.stop().await.expect("a worker that is told to stop ends well");
    }
    let proven: usize = recorders.iter().map(|one| one.count("proven")).sum();
    assert_eq!(proven, BATCHES as usize);
    for job in 1..=BATCHES {
        assert_eq!(attempts(&rollup, job.into()).await, 1);
    }
    let (_, page) = rollup.get("/v1/batches").await;
    let states = page["batches"].as_array().expect("a list").iter().map(|batch| &batch["state"]);
    assert!(states.eq([&json!("proven"); BATCHES as usize]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_vanishes_is_replaced_and_its_late_proof_changes_nothing() {
    let rollup = with_batches(Duration::from_millis(600), 1).await;
    let gate = Gate::closed();
    let vanishing = hire(&rollup, Arc::new(Gated(gate.clone())));
    wait_for_counts(&rollup, JobCounts { leased: 1, ..JobCounts::default() }).await;
    // Not even its sockets are closed politely: it just says nothing any more.
    vanishing.vanish();
    let other = hire(&rollup, Arc::new(DevelopmentProver));
    wait_for_counts(&rollup, JobCounts { done: 1, ..JobCounts::default() }).await;
    assert_eq!(attempts(&rollup, 1).await, 2);
    let before = shown(&rollup).await;
    let late = json!({ "job": 1, "attempt": 1 });
    let proof = before[2]["proof"].as_str().and_then(|text| text.strip_prefix("0x"));
    let proof = hex::decode(proof.expect("a proof")).expect("hex digits");
    let (status, body) = rollup.complete(&late, proof.clone()).await;
    assert_eq!((status, &body["error"]["code"]), (StatusCode::CONFLICT, &json!("stale_attempt")));
    assert_eq!(shown(&rollup).await, before);
    // Whoever holds the job may say the same again.
    let (status, _) = rollup.complete(&json!({ "job": 1, "attempt": 2 }), proof).await;
    assert_eq!(status, StatusCode::OK);
    other.stop().await.expect("a worker that is told to stop ends well");
    gate.open();
}

#[tokio::test(flavor = "multi_thread")]
async fn heartbeats_keep_a_lease_far_beyond_its_life() {
    let lease = Duration::from_secs(3);
    let rollup = with_batches(lease, 1).await;
    let (gate, idle) = (Gate::closed(), Arc::<Recorder>::default());
    let slow = hire(&rollup, Arc::new(Gated(gate.clone())));
    wait_for_counts(&rollup, JobCounts { leased: 1, ..JobCounts::default() }).await;
    let envious = hire_with(&rollup, Arc::new(DevelopmentProver), Arc::clone(&idle));
    tokio::time::sleep(lease * 2 + lease / 2).await;
    gate.open();
    wait_for_counts(&rollup, JobCounts { done: 1, ..JobCounts::default() }).await;
    assert_eq!((attempts(&rollup, 1).await, idle.count("started")), (1, 0));
    for worker in [slow, envious] {
        worker.stop().await.expect("a worker that is told to stop ends well");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_lost_its_lease_ends_the_old_proof_before_it_takes_a_job() {
    let rollup = with_batches(Duration::from_secs(6), 1).await;
    let (gate, recorder) = (Gate::closed(), Arc::<Recorder>::default());
    let worker = hire_with(&rollup, Arc::new(Gated(gate.clone())), Arc::clone(&recorder));
    wait_for_counts(&rollup, JobCounts { leased: 1, ..JobCounts::default() }).await;
    let store = rollup.handle().store();
    let taken = store.expire_leases(now_ms() + HOUR_MS).await.expect("the store works");
    assert_eq!(taken.len(), 1);
    rollup.wait_for("the loss is noticed", async || recorder.count("lost") == 1).await;
    // Several times the pause of an idle worker: it is not idle.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(counts(&rollup).await, JobCounts { ready: 1, ..JobCounts::default() });
    gate.open();
    wait_for_counts(&rollup, JobCounts { done: 1, ..JobCounts::default() }).await;
    worker.stop().await.expect("a worker that is told to stop ends well");
    assert_eq!(recorder.all(), ["started 1", "lost 1", "dropped 1", "started 2", "proven 2"]);
    assert_eq!(gate.most_at_once(), 1);
}

#[tokio::test]
async fn a_poisoned_job_is_set_aside_told_and_does_not_stop_the_others() {
    let log = log_lines();
    let rollup = with_batches(LONG, 2).await;
    let worker = hire(&rollup, Arc::new(Failing::times(JOB_FAILURES_MAX)));
    wait_for_counts(&rollup, JobCounts { done: 1, quarantined: 1, ..JobCounts::default() }).await;
    assert_eq!((attempts(&rollup, 1).await, attempts(&rollup, 2).await), (JOB_FAILURES_MAX, 1));
    let status = rollup.get("/v1/status").await.1;
    let set_aside = json!([{
        "job": 1, "batch": 1, "step": "wrap", "worker": "test", "failures": JOB_FAILURES_MAX,
        "lapses": 0, "reason": "the step wrap is not one of these circuits'",
        "is_quarantined": true,
    }]);
    assert_eq!((&status["quarantined"], &status["oldest_unproven_batch"]), (&set_aside, &json!(1)));
    let told = |level: &str, text: &str| log.count(&[level, "job=1 ", text]);
    let retried = JOB_FAILURES_MAX as usize - 1;
    assert_eq!(
        (told("ERROR", "is quarantined"), told("WARN", "a job was taken back")),
        (1, retried)
    );
    assert_eq!(log.count(&["job=2 ", "fail"]), 0);
    // What happens to a job the worker tells its `Progress`, and nobody else.
    assert_eq!(log.count(&["sheaf_prover"]), 0);
    // Only the operator puts it back.
    assert_eq!(requeue(&rollup, 1, "worker").await, StatusCode::UNAUTHORIZED);
    assert_eq!(counts(&rollup).await.quarantined, 1);
    assert_eq!(requeue(&rollup, 1, "operator").await, StatusCode::NO_CONTENT);
    wait_for_counts(&rollup, JobCounts { done: 2, ..JobCounts::default() }).await;
    assert_eq!(rollup.get("/v1/status").await.1["quarantined"], json!([]));
    worker.stop().await.expect("a worker that is told to stop ends well");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_told_to_stop_gives_its_job_back_unharmed() {
    let rollup = with_batches(LONG, 1).await;
    let gate = Gate::closed();
    // More often than a job may fail: none of this is its fault.
    for attempt in 1..=JOB_FAILURES_MAX + 1 {
        let worker = hire(&rollup, Arc::new(Gated(gate.clone())));
        wait_for_counts(&rollup, JobCounts { leased: 1, ..JobCounts::default() }).await;
        assert_eq!(attempts(&rollup, 1).await, attempt);
        worker.stop().await.expect("a worker that is told to stop ends well");
        assert_eq!(counts(&rollup).await, JobCounts { ready: 1, ..JobCounts::default() });
    }
    gate.open();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrupted_proof_is_refused_and_counts() {
    let rollup = with_batches(LONG, 1).await;
    let recorder = Arc::<Recorder>::default();
    let before = rollup.get("/v1/batches/1").await;
    let lying = hire_with(&rollup, Arc::new(Corrupting), Arc::clone(&recorder));
    wait_for_counts(&rollup, JobCounts { quarantined: 1, ..JobCounts::default() }).await;
    lying.stop().await.expect("its proofs are refused, not itself");
    assert_eq!((attempts(&rollup, 1).await, recorder.count("proven")), (JOB_FAILURES_MAX, 0));
    assert_eq!(rollup.get("/v1/batches/1").await, before);
    let reason = &rollup.get("/v1/status").await.1["quarantined"][0]["reason"];
    assert_eq!(reason, "the proof is not valid");
    // The same job from somebody who does not lie.
    assert_eq!(requeue(&rollup, 1, "operator").await, StatusCode::NO_CONTENT);
    let honest = hire(&rollup, Arc::new(DevelopmentProver));
    wait_for_counts(&rollup, JobCounts { done: 1, ..JobCounts::default() }).await;
    honest.stop().await.expect("a worker that is told to stop ends well");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_with_other_circuits_is_told_both_digests_and_gets_nothing() {
    let rollup = with_batches(LONG, 1).await;
    let before = shown(&rollup).await;
    let refused = hire(&rollup, Arc::new(OtherCircuits)).ended().await;
    let Err(WorkerError::OtherCircuits { message }) = refused else { panic!("{refused:?}") };
    for digest in [development::CIRCUITS, OtherCircuits::DIGEST] {
        assert!(message.contains(&hex::encode(digest)), "{message}");
    }
    assert_eq!(shown(&rollup).await, before);
    assert_eq!(attempts(&rollup, 1).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_needs_the_token() {
    let rollup = Rollup::start_with(|config| config.worker_token = Some("secret".into())).await;
    rollup.fund(&[(&person(0), 5)]).await;
    rollup.seal().await;
    for token in [None, Some("secreT")] {
        let refused = crew::hire_guarded(&rollup, token).ended().await;
        let Err(WorkerError::Refused { code, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(code, "unauthorised");
        assert_eq!(counts(&rollup).await, JobCounts { ready: 1, ..JobCounts::default() });
    }
    let worker = crew::hire_guarded(&rollup, Some("secret"));
    wait_for_counts(&rollup, JobCounts { done: 1, ..JobCounts::default() }).await;
    worker.stop().await.expect("a worker that is told to stop ends well");
}

#[tokio::test]
async fn a_worker_waits_for_its_sequencer_and_says_so_once() {
    let log = log_lines();
    let rollup = with_batches(LONG, 1).await;
    let (url, mut config) = (rollup.url(""), rollup.config.clone());
    config.listen = rollup.handle().address();
    let worker = hire(&rollup, Arc::new(DevelopmentProver));
    wait_for_counts(&rollup, JobCounts { done: 1, ..JobCounts::default() }).await;
    let (_directory, handle) = rollup.into_handle();
    drop(handle);
    // Some requests go unanswered: the first pauses are a quarter and half of a second.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let _handle = sheaf_sequencer::Sequencer::start(config).await.expect("it starts again");
    let back = async {
        while log.count(&["INFO", "answers again"]) == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), back).await.expect("the worker comes back");
    let told = [&["WARN", "does not answer"], &["INFO", "answers again"]].map(|one| log.count(one));
    assert_eq!(told, [1, 1], "about {url}");
    worker.stop().await.expect("a worker that is told to stop ends well");
}
