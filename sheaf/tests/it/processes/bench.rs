//! The measurement of L1 with development proofs: the program, its rollups and their L1.

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::processes::running::folder;

/// Every figure of the report, with the range in which it must lie. A development proof costs
/// 0.2 M gas less than a real one.
const FIGURES: [(&str, RangeInclusive<f64>); 16] = [
    ("blob_gas_per_transfer", 64.0..=65.0),
    ("finalise_gas", 40e3..=400e3),
    ("gas_claim", 40e3..=90e3),
    ("gas_deposit", 90e3..=150e3),
    ("gas_escape", 900e3..=1e6),
    ("gas_exit_request", 140e3..=200e3),
    ("gas_finalise_blobs_1", 100e3..=400e3),
    ("gas_finalise_blobs_6", 350e3..=700e3),
    ("gas_finalise_calldata_full", 1.5e6..=3e6),
    ("gas_per_transfer_blobs_1", 50.0..=200.0),
    ("gas_per_transfer_blobs_6", 30.0..=60.0),
    ("gas_per_transfer_calldata", 700.0..=1_500.0),
    ("gas_used", 40e3..=400e3),
    ("proof_seconds", 0.0..=60.0),
    ("rebuild_peak_bytes", 1e6..=8e9),
    ("rebuild_seconds_100_batches", 0.1..=120.0),
];

#[test]
fn l1_reports_every_figure() {
    let out = folder();
    let measured = Command::new(env!("CARGO_BIN_EXE_sheaf"))
        .args(["bench", "l1", "--development", "--out"])
        .arg(out.path())
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .output()
        .expect("the program starts");
    let told = String::from_utf8_lossy(&measured.stderr);
    assert!(measured.status.success(), "{told}");
    let json = fs::read_to_string(out.path().join("l1.json")).expect("it was written");
    let json: Value = serde_json::from_str(&json).expect("it is JSON");
    for (key, range) in FIGURES {
        let figure = json[key].as_f64().unwrap_or_else(|| panic!("{key} is in {json}"));
        assert!(range.contains(&figure), "{key} is {figure}");
    }
}
