//! The worker API against the real application: each lease has an attempt number, a proof is
//! verified before it counts, and a job that keeps failing is quarantined.

use crate::rollup::{OPERATOR_TOKEN, Rollup, person, reference_of, terms};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sheaf_ledger::batch::SealedBatch;
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::public_values::PublicValues;
use sheaf_sequencer::limits::{FINALISED_WITNESSES_KEPT, JOB_FAILURES_MAX, JOB_LAPSES_MAX};
use sheaf_sequencer::proving::ProofVerifier;
use sheaf_sequencer::snapshots::Snapshots;
use sheaf_sequencer::store::{FinalisedBatch, L1Cursor, now_ms};
use sheaf_sequencer::witnesses::{WitnessError, Witnesses};
use sheaf_wire::{LeafKind, ProofStep, TreeStep, development};
use std::sync::Arc;

/// A rollup with one sealed batch and its jobs.
async fn sealed() -> (Rollup, u64) {
    let rollup = Rollup::start().await;
    let number = with_batch(&rollup).await;
    (rollup, number)
}

async fn with_batch(rollup: &Rollup) -> u64 {
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    rollup.execute(&alice.pay(terms(0, 0), &[(&bob, 10)])).await;
    rollup.seal().await
}

fn code(answer: (StatusCode, Value)) -> (u16, String) {
    (answer.0.as_u16(), answer.1["error"]["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_takes_its_batch_to_proven() {
    let (rollup, number) = sealed().await;
    let path = format!("/v1/batches/{number}/proof");
    assert_eq!(code(rollup.get(&path).await), (404, "proof_not_found".into()));
    let lease = rollup.lease().await.expect("a job is ready");
    assert_eq!((&lease["batch"], &lease["step"]), (&json!(number), &json!("wrap")));
    assert_eq!(rollup.lease().await, None);
    let proof = rollup.prove(&lease).await;
    let (status, body) = rollup.complete(&lease, proof.clone()).await;
    assert_eq!((status, &body["stored"]), (StatusCode::OK, &json!(true)));
    // Handing the same in again is harmless.
    let (status, body) = rollup.complete(&lease, proof.clone()).await;
    assert_eq!((status, &body["stored"]), (StatusCode::OK, &json!(false)));
    let (_, found) = rollup.get(&path).await;
    assert_eq!(found["proof"], format!("0x{}", hex::encode(&proof)));
    assert_eq!(found["development"], true);
    let batch = witnesses(&rollup).batch(number).await.expect("it is sealed");
    assert_eq!(reference_of(&lease), DataReference::calldata(&batch.data_words));
    let values = PublicValues::of(&batch, DataReference::calldata(&batch.data_words));
    let shown = values.to_packed_bytes().map(|input| format!("0x{}", hex::encode(input)));
    assert_eq!(found["public_inputs"], json!(shown));
    assert_eq!(proof, development::proof_of(&values));
    let (_, batch) = rollup.get(&format!("/v1/batches/{number}")).await;
    assert_eq!(batch["state"], "proven");
    let (_, page) = rollup.get("/v1/batches").await;
    assert_eq!(page["batches"], json!([batch]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_proof_is_refused_and_after_too_many_the_job_is_set_aside() {
    let rollup = Rollup::start().await;
    with_batch(&rollup).await;
    let mut job = Value::Null;
    for attempt in 1..=JOB_FAILURES_MAX {
        let lease = rollup.lease().await.expect("the job is ready again");
        assert_eq!(lease["attempt"], attempt);
        let mut proof = rollup.prove(&lease).await;
        proof[attempt as usize] ^= 1;
        assert_eq!(code(rollup.complete(&lease, proof).await), (422, "invalid_proof".into()));
        job = lease["job"].clone();
    }
    assert_eq!(rollup.lease().await, None);
    assert_eq!(rollup.get("/v1/status").await.1["jobs"]["quarantined"], 1);
    // The operator puts it back, and attempts go on counting: old tokens stay worthless.
    let requeue = async || {
        let post = reqwest::Client::new().post(rollup.url(&format!("/v1/jobs/{job}/requeue")));
        post.bearer_auth(OPERATOR_TOKEN).send().await.expect("an answer").status()
    };
    assert_eq!(requeue().await, StatusCode::NO_CONTENT);
    assert_eq!(requeue().await, StatusCode::NOT_FOUND);
    let lease = rollup.lease().await.expect("the job is back");
    assert_eq!(lease["attempt"], 6);
    let proof = rollup.prove(&lease).await;
    assert_eq!(rollup.complete(&lease, proof).await.0, StatusCode::OK);
}

/// A job whose workers die is not a job that fails: it takes many more of those to set it aside.
#[tokio::test(flavor = "multi_thread")]
async fn workers_that_vanish_are_counted_apart_from_those_that_fail() {
    let (rollup, _) = sealed().await;
    let store = rollup.handle().store();
    let mut job = None;
    for lapses in 1..=JOB_LAPSES_MAX {
        if lapses < JOB_FAILURES_MAX {
            let lease = rollup.lease().await.expect("the job is ready again");
            let path = format!("/v1/jobs/{}/fail", lease["job"]);
            let report = json!({ "attempt": lease["attempt"], "reason": "tired" });
            assert_eq!(rollup.post(&path, &report).await.0, StatusCode::NO_CONTENT);
        }
        rollup.lease().await.expect("the job is ready again");
        let vanished = store.expire_leases(now_ms() + 3_600_000).await.expect("the store works");
        assert_eq!((vanished.len(), vanished[0].lapses), (1, lapses));
        assert_eq!(vanished[0].failures, lapses.min(JOB_FAILURES_MAX - 1));
        assert_eq!(vanished[0].is_quarantined, lapses == JOB_LAPSES_MAX);
        job = Some(vanished[0].job);
    }
    assert_eq!(rollup.lease().await, None);
    assert!(store.requeue(job.expect("there were some")).await.expect("the store works"));
    // With all its attempts: the next one that vanishes is the first.
    rollup.lease().await.expect("the job is back");
    let vanished = store.expire_leases(now_ms() + 3_600_000).await.expect("the store works");
    assert_eq!((vanished[0].failures, vanished[0].lapses), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_the_lease_is_fenced_off() {
    let (rollup, _) = sealed().await;
    let old = rollup.lease().await.expect("a job is ready");
    let proof = rollup.prove(&old).await;
    let store = rollup.handle().store();
    // Nothing has expired yet; an hour from now it has.
    assert_eq!(store.expire_leases(now_ms()).await.expect("the store works"), []);
    let expired = store.expire_leases(now_ms() + 3_600_000).await.expect("the store works");
    assert_eq!((expired.len(), expired[0].reason.as_str()), (1, "the lease ended"));
    let heartbeat = format!("/v1/jobs/{}/heartbeat", old["job"]);
    let beat = |lease: &Value| json!({ "attempt": lease["attempt"] });
    assert_eq!(code(rollup.post(&heartbeat, &beat(&old)).await), (409, "stale_attempt".into()));
    let new = rollup.lease().await.expect("the job is ready again");
    assert_eq!(rollup.post(&heartbeat, &beat(&new)).await.0, StatusCode::OK);
    let stale = (409, "stale_attempt".to_owned());
    assert_eq!(code(rollup.complete(&old, proof.clone()).await), stale);
    let fail = format!("/v1/jobs/{}/fail", old["job"]);
    let report = |lease: &Value| json!({ "attempt": lease["attempt"], "reason": "tired" });
    assert_eq!(code(rollup.post(&fail, &report(&old)).await), stale);
    assert_eq!(rollup.complete(&new, proof).await.0, StatusCode::OK);
    assert_eq!(code(rollup.post(&fail, &report(&new)).await), stale);
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_need_the_rollups_circuits_and_the_operators_token() {
    let (rollup, _) = sealed().await;
    let request = json!({ "worker": "test", "circuits": "00".repeat(32) });
    let refused = (409, "other_circuits".to_owned());
    assert_eq!(code(rollup.post("/v1/jobs/lease", &request).await), refused);
    let guarded = Rollup::start_with(|config| config.worker_token = Some("secret".into())).await;
    let refused = (401, "unauthorised".to_owned());
    assert_eq!(code(guarded.post("/v1/jobs/lease", &request).await), refused);
    let with_token = |token: &str| {
        let post = reqwest::Client::new().post(guarded.url("/v1/jobs/lease"));
        post.bearer_auth(token).json(&request).send()
    };
    assert_eq!(with_token("secreT").await.expect("an answer").status(), 401);
    assert_eq!(with_token("secret").await.expect("an answer").status(), 409);
}

/// Two leaves, a join of them, and the final step: proofs are the steps' names.
#[derive(Debug)]
struct NamedSteps;

impl ProofVerifier for NamedSteps {
    fn circuits(&self) -> [u8; 32] {
        development::CIRCUITS
    }

    fn steps(&self, _batch: &SealedBatch) -> Vec<TreeStep> {
        let leaf = |chunk| ProofStep::Leaf { kind: LeafKind::Data, chunk };
        let join = ProofStep::Join { kind: LeafKind::Data, level: 0, index: 0 };
        let tree_step = |step, needs: &[ProofStep]| TreeStep { step, needs: needs.to_vec() };
        vec![
            tree_step(leaf(0), &[]),
            tree_step(leaf(1), &[]),
            tree_step(join, &[leaf(1), leaf(0)]),
            tree_step(ProofStep::Wrap, &[join]),
        ]
    }

    fn verify(
        &self,
        step: ProofStep,
        _batch: &SealedBatch,
        _reference: DataReference,
        proof: &[u8],
    ) -> bool {
        proof == step.to_string().as_bytes()
    }

    fn public_inputs(&self, _batch: &SealedBatch, _reference: DataReference) -> Vec<[u8; 32]> {
        vec![[1; 32], [2; 32]]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_waits_for_the_proofs_it_takes() {
    let rollup = Rollup::start_with(|config| config.verifier = Arc::new(NamedSteps)).await;
    let number = with_batch(&rollup).await;
    let first = rollup.lease().await.expect("a leaf");
    let second = rollup.lease().await.expect("the other leaf");
    assert_eq!((&first["step"], &second["step"]), (&json!("data-0"), &json!("data-1")));
    assert_eq!(rollup.lease().await, None);
    assert_eq!(rollup.complete(&second, b"data-1".to_vec()).await.0, StatusCode::OK);
    assert_eq!(rollup.lease().await, None);
    assert_eq!(rollup.complete(&first, b"data-0".to_vec()).await.0, StatusCode::OK);
    let join = rollup.lease().await.expect("the join");
    assert_eq!(join["step"], "join-data-0-0");
    let path = format!("/v1/jobs/{}/inputs?attempt={}", join["job"], join["attempt"]);
    let inputs = reqwest::get(rollup.url(&path)).await.expect("an answer");
    let inputs = sheaf_wire::JobInputs::from_bytes(&inputs.bytes().await.expect("a body"));
    let inputs = inputs.expect("whole inputs");
    assert!(!inputs.witness.is_empty());
    assert_eq!(inputs.proofs, [b"data-1".to_vec(), b"data-0".to_vec()]);
    assert_eq!(rollup.complete(&join, b"join-data-0-0".to_vec()).await.0, StatusCode::OK);
    let last = rollup.lease().await.expect("the last step");
    assert_eq!(rollup.complete(&last, b"wrap".to_vec()).await.0, StatusCode::OK);
    let (_, proof) = rollup.get(&format!("/v1/batches/{number}/proof")).await;
    let inputs = json!([format!("0x{}", "01".repeat(32)), format!("0x{}", "02".repeat(32))]);
    assert_eq!(proof["public_inputs"], inputs);
    finalised_batches_are_pruned(&rollup, (number, proof)).await;
}

/// The witnesses of a rollup's batches, all of them made from its log again.
fn witnesses(rollup: &Rollup) -> Witnesses {
    let config = &rollup.config;
    let store = rollup.handle().store().clone();
    Witnesses::new(store, Snapshots::new(&config.derived()), config.domain())
}

/// Batches become final behind `oldest`, which is proven, until it is pruned.
async fn finalised_batches_are_pruned(rollup: &Rollup, (oldest, proof): (u64, Value)) {
    let store = rollup.handle().store();
    let [alice, bob] = [0, 1].map(person);
    let mut cursor = L1Cursor { block: 1, hash: [1; 32] };
    let mut number = oldest;
    for nonce in 1..=FINALISED_WITNESSES_KEPT {
        finalise(rollup, number, cursor).await;
        // It is among the newest: everything is there still.
        assert!(store.published(oldest).await.expect("the store works").is_some());
        witnesses(rollup).batch(oldest).await.expect("the log has it");
        assert_eq!(rollup.get("/v1/status").await.1["jobs"]["done"], 4);
        let nonce = nonce.try_into().expect("a few");
        rollup.execute(&alice.pay(terms(0, nonce), &[(&bob, 1)])).await;
        number = rollup.seal().await;
        cursor.block += 1;
    }
    finalise(rollup, number, cursor).await;
    // Witness, words and the proofs on the way are gone, the last one and the batch stay.
    assert_eq!(store.published(oldest).await.expect("the store works"), None);
    let gone = witnesses(rollup).batch(oldest).await;
    assert!(matches!(gone, Err(WitnessError::Gone { batch }) if batch == oldest));
    assert_eq!(rollup.get("/v1/status").await.1["jobs"]["done"], 1);
    assert!(store.published(oldest + 1).await.expect("the store works").is_some());
    witnesses(rollup).batch(oldest + 1).await.expect("the log has it");
    let (_, still) = rollup.get(&format!("/v1/batches/{oldest}/proof")).await;
    assert_eq!(still, proof);
    let (_, batch) = rollup.get(&format!("/v1/batches/{oldest}")).await;
    assert_eq!(batch["l1_transaction"], format!("0x{}", "09".repeat(32)));
    assert_eq!((&batch["l1_block"], &batch["gas_used"]), (&json!(1), &json!(400_000)));
}

async fn finalise(rollup: &Rollup, number: u64, cursor: L1Cursor) {
    let store = rollup.handle().store();
    let batch = store.batch(number).await.expect("the store works").expect("it is sealed");
    let post_state = batch.sealed.post_state.to_bytes();
    let l1_transaction = [9; 32];
    let finalised =
        FinalisedBatch { number, post_state, l1_transaction, l1_block: 1, gas_used: 400_000 };
    store.advance_l1(&[], &[finalised], cursor).await.expect("the store works");
}
