//! The measurement under load, in small: the program and the sequencer that it starts.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use sheaf_ledger::L1Address;
use sheaf_sequencer::store::{RollupId, Store};

use crate::postgres::Server;
use crate::processes::running::folder;

/// Every figure of the report.
const KEYS: [&str; 43] = [
    "ack_p50_ms",
    "ack_p50_ms_at_100_percent",
    "ack_p50_ms_at_25_percent",
    "ack_p50_ms_at_50_percent",
    "ack_p50_ms_at_75_percent",
    "ack_p50_ms_at_90_percent",
    "ack_p999_ms",
    "ack_p999_ms_at_100_percent",
    "ack_p999_ms_at_25_percent",
    "ack_p999_ms_at_50_percent",
    "ack_p999_ms_at_75_percent",
    "ack_p999_ms_at_90_percent",
    "ack_p99_ms",
    "ack_p99_ms_at_100_percent",
    "ack_p99_ms_at_25_percent",
    "ack_p99_ms_at_50_percent",
    "ack_p99_ms_at_75_percent",
    "ack_p99_ms_at_90_percent",
    "ack_p99_ms_under_bad_signatures",
    "acknowledged_transactions",
    "bad_signatures_per_second",
    "binary_form",
    "connections",
    "cores",
    "cpu_us_per_payment",
    "cpu_us_per_transfer",
    "date",
    "history_transfers",
    "machine",
    "peer_parsed_binary_per_second",
    "peer_parsed_json_per_second",
    "revision",
    "rss_bytes_2048_slots",
    "signatures_per_second",
    "signatures_per_second_new_signers",
    "slots",
    "start_seconds",
    "sustained_payments_per_second",
    "sustained_transfers_per_second",
    "transfers_per_request",
    "window_seconds",
    "written_bytes_per_payment",
    "written_bytes_per_transfer",
];

/// Runs a quick measurement on a prepared folder.
fn measure(prepared: &Path, out: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sheaf"))
        .args(["bench", "load", "--quick", "--prepared"])
        .arg(prepared)
        .arg("--out")
        .arg(out)
        .args(more)
        .output()
        .expect("the program starts")
}

/// How many transactions the log in a folder has.
#[tokio::main]
async fn transactions_in(folder: &Path) -> u64 {
    let rollup = RollupId::new(31_337, L1Address([7; 20]));
    let store = Store::open(&folder.join("sheaf.sqlite").into(), rollup).await.expect("it opens");
    let blocks = store.blocks_after(0, u32::MAX).await.expect("the log can be read");
    blocks.iter().map(|block| block.transactions.len() as u64).sum()
}

#[test]
fn a_load_reports_every_figure_and_the_log_has_every_acknowledged_transfer() {
    let (prepared, out) = (folder(), folder());
    let measured = measure(prepared.path(), out.path(), &[]);
    let told = String::from_utf8_lossy(&measured.stderr);
    assert!(measured.status.success(), "{told}");
    let json = fs::read_to_string(out.path().join("load.json")).expect("it was written");
    let json: Value = serde_json::from_str(&json).expect("it is JSON");
    let found: Vec<&String> = json.as_object().expect("an object").keys().collect();
    assert_eq!(found, KEYS);
    let figure = |key: &str| json[key].as_f64().unwrap_or_else(|| panic!("{key} is a number"));
    for key in ["sustained_transfers_per_second", "sustained_payments_per_second", "ack_p50_ms"] {
        assert!(figure(key) > 0.0, "{key}: {json}");
    }
    assert!(figure("ack_p50_ms") <= figure("ack_p999_ms"), "{json}");
    assert_eq!(json["acknowledged_transactions"], transactions_in(prepared.path()));
    assert!(out.path().join("load.svg").exists());

    // The folder is of use again, but for no other size.
    let other = measure(prepared.path(), out.path(), &["--slots", "4096"]);
    let told = String::from_utf8_lossy(&other.stderr);
    assert!(!other.status.success() && told.contains("is prepared for"), "{told}");
    fs::remove_file(prepared.path().join("prepared.json")).expect("it was written");
    let broken_off = measure(prepared.path(), out.path(), &[]);
    let told = String::from_utf8_lossy(&broken_off.stderr);
    assert!(!broken_off.status.success() && told.contains("was broken off"), "{told}");
}

/// Also in the same run: sustained payments on SQLite, and PostgreSQL's share of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_load_on_postgresql_is_compared_with_sqlite() {
    let server = Server::start().await;
    let database = server.database().await;
    let (prepared, out) = (folder(), folder());
    let measured = measure(prepared.path(), out.path(), &["--database", &database]);
    let told = String::from_utf8_lossy(&measured.stderr);
    assert!(measured.status.success(), "{told}");
    let json = fs::read_to_string(out.path().join("load.json")).expect("it was written");
    let json: Value = serde_json::from_str(&json).expect("it is JSON");
    let mut expected = KEYS.to_vec();
    expected.extend(["postgres_over_sqlite", "sustained_payments_per_second_sqlite"]);
    expected.push("takeover_seconds");
    expected.sort_unstable();
    let found: Vec<&String> = json.as_object().expect("an object").keys().collect();
    assert_eq!(found, expected);
    let figure = |key: &str| json[key].as_f64().unwrap_or_else(|| panic!("{key} is a number"));
    let on_sqlite = figure("sustained_payments_per_second_sqlite");
    let share = figure("sustained_payments_per_second") / on_sqlite;
    assert!((figure("postgres_over_sqlite") - share).abs() < 0.01, "{json}");
    assert!(prepared.path().join("sqlite").join("sheaf.sqlite").exists());
}
