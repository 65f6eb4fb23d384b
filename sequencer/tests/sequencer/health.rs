//! What clients and `/healthz` say where no batch may be opened, or none becomes final.

use std::time::{Duration, Instant};

use crate::rollup::{Rollup, person, slot, terms};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sheaf_sequencer::l1_clock::Reading;
use sheaf_sequencer::limits::CLOCK_DISTANCE_MAX;
use sheaf_sequencer::store::now_ms;
use tokio::sync::watch;

fn code((status, body): (StatusCode, Value)) -> (u16, String) {
    (status.as_u16(), body["error"]["code"].as_str().unwrap_or_default().to_owned())
}

/// L1's time when it is so far ahead of ours.
fn ahead(distance: Duration) -> Option<Reading> {
    Some(Reading { time: now_ms() / 1_000 + distance.as_secs(), read: Instant::now() })
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_while_the_clock_is_far_from_l1s() {
    let (shown, l1_time) = watch::channel(ahead(Duration::ZERO));
    let rollup = Rollup::start_with(|config| config.l1_time = Some(l1_time)).await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    rollup.seal().await;
    let payment = alice.pay(terms(0, 0), &[(&bob, 1)]);
    shown.send_replace(ahead(CLOCK_DISTANCE_MAX + Duration::from_secs(60)));
    assert_eq!(code(rollup.send(&payment).await), (429, "clock_apart".into()));
    assert_eq!(code(rollup.get("/healthz").await), (503, "clock_apart".into()));
    assert_eq!(rollup.slots().await, vec![slot(&alice, 100, 0)]);
    shown.send_replace(ahead(Duration::ZERO));
    assert_eq!(rollup.get("/healthz").await, (StatusCode::OK, json!({ "healthy": true })));
    rollup.execute(&payment).await;
    assert_eq!(rollup.slots().await, vec![slot(&alice, 99, 1), slot(&bob, 1, 0)]);
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
