//! The metrics in the text that Prometheus reads.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use crate::monitoring::documented;
use crate::own_process::is_own_process;
use crate::rollup::{Rollup, person, terms};

/// Every value by its name and labels, as the text says it.
pub(crate) type Values = BTreeMap<String, f64>;

async fn scraped(rollup: &Rollup) -> (String, Values) {
    scraped_at(rollup.handle().metrics_address().expect("metrics are on")).await
}

/// The metrics that are served at an address, as text and by their names.
pub(crate) async fn scraped_at(address: SocketAddr) -> (String, Values) {
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

/// The labels of each series in the text, by the series' name without the ends of a histogram.
fn labels_in(values: &Values) -> BTreeMap<String, BTreeSet<String>> {
    let mut labels: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for series in values.keys() {
        let (name, rest) = series.split_once('{').unwrap_or((series, ""));
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        let of = labels.entry(base.unwrap_or(name).to_owned()).or_default();
        let conditions = rest.trim_end_matches('}').split(',').filter(|text| !text.is_empty());
        let names = conditions.filter_map(|condition| condition.split('=').next());
        of.extend(names.filter(|label| *label != "le").map(str::to_owned));
    }
    labels
}

/// Waits for a series: a batch is counted by its event, which comes after the batch's row.
async fn is_counted(rollup: &Rollup, series: &str) {
    let counted = async || scraped(rollup).await.1.contains_key(series);
    rollup.wait_for("the batch is counted", counted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stages_queues_and_answers_are_measured_as_the_page_says() {
    if !is_own_process("metrics::stages_queues_and_answers_are_measured_as_the_page_says") {
        return;
    }
    let rollup = Rollup::start_with(|config| {
        config.service.metrics = Some(([127, 0, 0, 1], 0).into());
        config.batch_age_max = Duration::from_secs(600);
    })
    .await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    rollup.execute(&alice.pay(terms(0, 0), &[(&bob, 10)])).await;
    rollup.execute(&alice.pay(terms(0, 1), &[(&bob, 10), (&bob, 1)])).await;
    // Held: the nonce before it is missing.
    let held = alice.pay(terms(0, 3), &[(&bob, 1), (&bob, 2), (&bob, 3)]);
    assert_eq!(rollup.post("/v1/transactions", &held).await.0, 202);
    let (_, open) = scraped(&rollup).await;
    assert!(!open.contains_key(r#"sheaf_batch_stage_seconds_count{stage="sealed"}"#));
    assert_eq!(open[r#"sheaf_batch_age_limit_seconds{state="open"}"#], 660.0);
    rollup.seal().await;
    assert!(!open.contains_key("sheaf_witness_rebuild_seconds_count"));
    is_counted(&rollup, r#"sheaf_batch_stage_seconds_count{stage="sealed"}"#).await;
    let rollup = rollup.restart().await;
    let lease = rollup.lease().await.expect("a job is ready");
    rollup.prove(&lease).await;

    let (text, values) = scraped(&rollup).await;
    let expected = [
        (r#"sheaf_stage_seconds_count{stage="accepted"}"#, 3.0),
        (r#"sheaf_stage_seconds_count{stage="executed"}"#, 2.0),
        (r#"sheaf_stage_seconds_count{stage="durable"}"#, 2.0),
        (r#"sheaf_stage_seconds_count{stage="acknowledged"}"#, 2.0),
        (r#"sheaf_batch_stage_seconds_count{stage="sealed"}"#, 1.0),
        ("sheaf_sealing_seconds_count", 1.0),
        ("sheaf_witness_rebuild_seconds_count", 1.0),
        (r#"sheaf_http_responses_total{route="/v1/transactions",status="200"}"#, 2.0),
        (r#"sheaf_http_responses_total{route="/v1/transactions",status="202"}"#, 1.0),
        (r#"sheaf_queue_length{queue="unsealed_batches"}"#, 0.0),
        (r#"sheaf_queue_length{queue="not_final_batches"}"#, 1.0),
        (r#"sheaf_queue_limit{queue="not_final_batches"}"#, 256.0),
        (r#"sheaf_queue_limit{queue="executed_blocks"}"#, 2.0),
        ("sheaf_following", 0.0),
        ("sheaf_leader_epoch", 2.0),
        ("sheaf_paused", 0.0),
        ("sheaf_block_wait_seconds", 0.0),
        ("sheaf_index_runs", 0.0),
    ];
    for (name, value) in expected {
        assert_eq!(values.get(name), Some(&value), "{name}\n{text}");
    }
    assert_eq!(open[r#"sheaf_queue_length{queue="held_payments"}"#], 3.0);
    assert_eq!(open[r#"sheaf_queue_length{queue="not_final_batches"}"#], 0.0);
    for above_zero in [
        r#"sheaf_queue_length{queue="index_records"}"#,
        "sheaf_snapshot_age_entries",
        "process_resident_memory_bytes",
        "process_open_fds",
    ] {
        assert!(values[above_zero] > 0.0, "{above_zero}\n{text}");
    }
    assert!(values["process_open_fds"] < values["process_max_fds"]);
    let documented = documented();
    for (name, labels) in labels_in(&values) {
        let of = documented.get(name.as_str()).map(|metric| &metric.labels);
        let of = of.map(|labels| labels.iter().map(|label| (*label).to_owned()).collect());
        assert_eq!(of, Some(labels), "{name}");
    }
}
