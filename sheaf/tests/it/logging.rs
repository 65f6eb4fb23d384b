//! The log on standard error, as text and as JSON.

use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// A key that every Ethereum developer knows.
const KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const CONTRACT: &str = "0x5fbdb2315678afecb367f032d93f642f64180aa3";

/// The log of a sequencer whose L1 refuses connections: warnings, then the sentence of its end.
fn log(arguments: &[&str], format: Option<&str>) -> Vec<String> {
    let folder = TempDir::new().expect("a temporary directory");
    let key = folder.path().join("operator.key");
    std::fs::write(&key, KEY).expect("it is written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_sheaf"));
    command.env_remove("SHEAF_LOG").env_remove("RUST_LOG");
    command.envs(format.map(|format| ("SHEAF_LOG", format)));
    let output = command
        .args(["sequencer", "--development", "--listen", "127.0.0.1:0", "--contract", CONTRACT])
        .args(["--l1", "http://127.0.0.1:1", "--l1-patience", "1", "--operator-key"])
        .arg(key)
        .arg("--database")
        .arg(folder.path().join("sheaf.sqlite"))
        .args(arguments)
        .output()
        .expect("the program starts");
    let text = String::from_utf8(output.stderr).expect("the log is UTF-8");
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    let end = lines.pop().expect("the program says why it ends");
    assert!(end.starts_with("sheaf: "), "{end}");
    assert!(!lines.is_empty(), "the program has warned");
    lines
}

fn objects(lines: &[String]) -> Vec<Value> {
    lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[test]
fn each_line_is_a_json_object_if_the_operator_asks_for_json() {
    for (arguments, format) in [(&["--log", "json"][..], None), (&[], Some("json"))] {
        let lines = log(arguments, format);
        let objects = objects(&lines);
        assert_eq!(objects.len(), lines.len(), "{lines:?}");
        let is = |object: &Value, field: &str, text: &str| object[field] == text;
        assert!(objects.iter().all(|object| is(object, "level", "WARN")), "{lines:?}");
        let message = "L1 does not do what a step asks; trying again";
        assert!(objects.iter().any(|object| is(&object["fields"], "message", message)));
    }
}

#[test]
fn the_log_is_text_for_people_otherwise() {
    let lines = log(&[], None);
    assert_eq!(objects(&lines), [Value::Null; 0]);
    assert!(lines[0].contains("WARN"), "{lines:?}");
    // The flag beats the environment.
    assert_eq!(objects(&log(&["--log", "text"], Some("json"))), [Value::Null; 0]);
}
