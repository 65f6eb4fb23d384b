//! The metrics in the text that Prometheus reads.

use std::collections::BTreeMap;

use sheaf_sequencer::metrics;

use crate::own_process::is_own_process;
use crate::rollup::{Rollup, person, terms};

/// Every value by its name and labels, as the text says it.
type Values = BTreeMap<String, f64>;

async fn scraped(rollup: &Rollup) -> (String, Values) {
    let address = rollup.handle().metrics_address().expect("metrics are on");
    let answer = reqwest::get(format!("http://{address}/metrics")).await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4");
    let text = answer.text().await.expect("text");
    let value = |line: &str| {
        let (name, value) = line.rsplit_once(' ').expect("a name and a value");
        (name.to_owned(), value.parse().expect("a number"))
    };
    let values =
        text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(value).collect();
    (text, values)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_counted_and_what_is_can_be_read() {
    if !is_own_process("metrics::what_happens_is_counted_and_what_is_can_be_read") {
        return;
    }
    let off = Rollup::start().await;
    assert_eq!(off.handle().metrics_address(), None);
    let rollup = Rollup::start_with(|config| {
        config.service.metrics = Some(([127, 0, 0, 1], 0).into());
    })
    .await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    rollup.execute(&alice.pay(terms(0, 0), &[(&bob, 10)])).await;
    rollup.execute(&alice.pay(terms(0, 1), &[(&bob, 10)])).await;
    rollup.refuse(&alice.pay(terms(0, 2), &[(&bob, 1_000)]), "balance_too_low").await;
    rollup.refuse(&alice.pay(terms(0, 0), &[(&bob, 11)]), "nonce_used").await;
    let (_, open) = scraped(&rollup).await;
    assert_eq!(open[r#"sheaf_batches{state="open"}"#], 1.0);
    rollup.seal().await;
    let lease = rollup.lease().await.expect("a job is ready");
    let (_, leased) = scraped(&rollup).await;
    assert_eq!(leased[r#"sheaf_jobs{state="leased"}"#], 1.0);
    let mut wrong = rollup.prove(&lease).await;
    wrong[0] ^= 1;
    rollup.complete(&lease, wrong).await;
    let lease = rollup.lease().await.expect("the job is ready again");
    let proof = rollup.prove(&lease).await;
    rollup.complete(&lease, proof).await;
    let proven = r#"sheaf_transactions_total{stage="proven"}"#;
    rollup
        .wait_for("the event is counted", async || scraped(&rollup).await.1.contains_key(proven))
        .await;

    let (text, values) = scraped(&rollup).await;
    let head = rollup.get("/v1/status").await.1["block"].as_f64().expect("a number");
    let expected = [
        (r#"sheaf_transactions_total{stage="received"}"#, 4.0),
        (r#"sheaf_transactions_total{stage="accepted"}"#, 2.0),
        (r#"sheaf_transactions_total{stage="executed"}"#, 2.0),
        (r#"sheaf_transactions_total{stage="sealed"}"#, 2.0),
        (proven, 2.0),
        (r#"sheaf_transactions_total{stage="rejected"}"#, 2.0),
        (r#"sheaf_rejections_total{code="balance_too_low"}"#, 1.0),
        (r#"sheaf_rejections_total{code="nonce_used"}"#, 1.0),
        (r#"sheaf_proof_failures_total{kind="wrap"}"#, 1.0),
        (r#"sheaf_proof_seconds_count{kind="wrap"}"#, 1.0),
        (r#"sheaf_jobs{state="quarantined"}"#, 0.0),
        (r#"sheaf_batches{state="open"}"#, 0.0),
        (r#"sheaf_batches{state="sealed"}"#, 0.0),
        (r#"sheaf_batches{state="proven"}"#, 1.0),
        (r#"sheaf_batch_age_seconds{state="sealed"}"#, 0.0),
        ("sheaf_mempool_transactions", 0.0),
        ("sheaf_event_subscribers", 0.0),
        ("sheaf_block_number", head),
        ("sheaf_block_seconds_count", head),
    ];
    for (name, value) in expected {
        assert_eq!(values.get(name), Some(&value), "{name}\n{text}");
    }
    assert!(values["sheaf_commit_seconds_count"] >= 1.0);
    assert!(values[r#"sheaf_batch_age_seconds{state="proven"}"#] > 0.0);
    // Nothing else is on this listener, and the metrics are not on the other one.
    let address = rollup.handle().metrics_address().expect("metrics are on");
    let other = reqwest::get(format!("http://{address}/v1/status")).await.expect("an answer");
    assert_eq!(other.status(), 404);
    assert_eq!(rollup.get("/metrics").await.0, 404);
}

#[test]
fn every_metric_is_documented_where_operators_look() {
    let page = include_str!("../../../docs/operating.md");
    for name in metrics::names() {
        assert!(page.contains(&format!("`{name}`")), "{name} is not in docs/operating.md");
    }
    assert!(!page.contains("`sheaf_no_such_metric`"));
}
