//! What `/healthz` answers while blocks, sealing or finality do not advance.

use std::time::Duration;

use crate::rollup::{Rollup, person, terms};
use crate::storage::intruder;
use reqwest::StatusCode;
use serde_json::Value;
use sqlx::Executor;

fn code((status, body): (StatusCode, Value)) -> (u16, String) {
    (status.as_u16(), body["error"]["code"].as_str().unwrap_or_default().to_owned())
}

/// How long an overdue rollup of these tests may take to make a block durable.
const BLOCK_AGE_MAX: Duration = Duration::from_millis(200);

async fn health(rollup: &Rollup) -> (u16, String) {
    code(rollup.get("/healthz").await)
}

#[tokio::test(flavor = "multi_thread")]
async fn health_fails_while_an_executed_block_does_not_become_durable() {
    let patient = Rollup::start().await;
    let overdue = Rollup::start_with(|config| config.health.block_age_max = BLOCK_AGE_MAX).await;
    let [alice, bob] = [0, 1].map(person);
    for (rollup, fails) in [(&patient, false), (&overdue, true)] {
        rollup.fund(&[(&alice, 100)]).await;
        // However old the newest block is, nobody waits for another.
        tokio::time::sleep(BLOCK_AGE_MAX * 2).await;
        assert_eq!(health(rollup).await.0, 200);
        let mut lock = intruder(&rollup.config).await;
        lock.execute("BEGIN IMMEDIATE").await.expect("nobody writes");
        let payment = alice.pay(terms(0, 0), &[(&bob, 1)]);
        let (answer, ()) = tokio::join!(rollup.send(&payment), async {
            if fails {
                let too_old = (503, "block_too_old".to_owned());
                rollup.wait_for("it is told", async || health(rollup).await == too_old).await;
            } else {
                tokio::time::sleep(BLOCK_AGE_MAX * 2).await;
                assert_eq!(health(rollup).await.0, 200);
            }
            lock.execute("ROLLBACK").await.expect("the lock is given back");
        });
        assert_eq!(answer.0, StatusCode::OK, "it is durable at last");
        assert_eq!(health(rollup).await.0, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_fails_while_a_batch_that_should_be_sealed_is_not() {
    let start = async |sealing_delay_max| {
        let rollup = Rollup::start_with(|config| {
            config.batch_age_max = Duration::from_secs(1);
            config.health.sealing_delay_max = sealing_delay_max;
        });
        rollup.await
    };
    let patient = start(Duration::from_secs(60)).await;
    let overdue = start(Duration::ZERO).await;
    for (rollup, expected) in [(&patient, (200, "")), (&overdue, (503, "batch_too_old"))] {
        rollup.fund(&[(&person(0), 100)]).await;
        let mut lock = intruder(&rollup.config).await;
        lock.execute("BEGIN IMMEDIATE").await.expect("nobody writes");
        // The batch's timestamp has whole seconds, and its age ends after one.
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        assert_eq!(health(rollup).await, (expected.0, expected.1.to_owned()));
        lock.execute("ROLLBACK").await.expect("the lock is given back");
        rollup.wait_for("the batch is sealed", async || health(rollup).await.0 == 200).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_fails_when_a_batch_does_not_become_final() {
    let patient = Rollup::start().await;
    let overdue =
        Rollup::start_with(|config| config.health.finality_age_max = Duration::ZERO).await;
    for rollup in [&patient, &overdue] {
        rollup.fund(&[(&person(0), 5)]).await;
        assert_eq!(rollup.get("/healthz").await.0, StatusCode::OK);
        rollup.seal().await;
    }
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(patient.get("/healthz").await.0, StatusCode::OK);
    assert_eq!(code(overdue.get("/healthz").await), (503, "finality_too_old".into()));
}
