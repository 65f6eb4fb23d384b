//! The whole rollup as processes: anvil, sequencer, worker and the demo's story, with development
//! proofs. The demo itself compares L1 balances, L2 balances and roots, and fails if one is wrong.

use std::fs::OpenOptions;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn sheaf(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sheaf"));
    command.args(arguments).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    command
}

#[test]
fn the_story_ends_as_it_must() {
    let mut demo = sheaf(&["demo", "--development", "--json", "--batch-age", "4"]);
    let output = demo.output().expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let text = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    let stages: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("one object a line")).collect();
    let names: Vec<&str> = stages.iter().filter_map(|stage| stage["stage"].as_str()).collect();
    for name in ["ready", "deposited", "transferred", "withdrawn", "claimed"] {
        assert!(names.contains(&name), "{name} is missing in {names:?}");
    }
    let last = stages.last().expect("there are stages");
    assert_eq!(last["stage"], "finalised");
    assert!(last["gas_used"].as_u64().is_some_and(|gas| gas > 21_000));
    for number in ["batch", "proof_seconds", "seconds"] {
        assert!(last[number].is_number(), "{number} is missing in {last}");
    }
    assert!(last["l1_tx"].as_str().is_some_and(|hash| hash.starts_with("0x")));
}

/// What a command needs before the demo starts is not in the demo's output, which is for programs.
#[test]
fn what_is_made_before_the_demo_is_told_on_standard_error() {
    let mut make = Command::new("make");
    make.args(["-s", "contracts"]).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    let output = make.output().expect("make is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}

/// The disk of the log is full, and nobody reads the answers: demo, sequencer and worker, which
/// share these outputs, do their work all the same.
#[test]
fn outputs_that_cannot_be_written_stop_nobody() {
    let full = || OpenOptions::new().write(true).open("/dev/full").expect("Linux has one");
    let mut demo = sheaf(&["demo", "--development", "--batch-age", "3"]);
    let status = demo.stdout(full()).stderr(full()).env("RUST_LOG", "debug").status();
    assert!(status.expect("the program starts").success());
}
