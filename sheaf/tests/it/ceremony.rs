//! `sheaf ceremony` as its users see it: what is refused before anything is built or written, and
//! the files that it writes.

mod tiny;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

fn ceremony(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sheaf"))
        .arg("ceremony")
        .args(arguments)
        .current_dir(folder)
        .env("SHEAF_KEYS", folder.join("keys"))
        .output()
        .expect("the program starts")
}

/// What a command says that must fail and leave nothing but `kept` behind.
fn refusal(folder: &Path, arguments: &[&str], kept: &[&str]) -> String {
    let output = ceremony(folder, arguments);
    let words = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(!output.status.success(), "{arguments:?} is accepted: {words}");
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("readable"));
    let name = |entry: fs::DirEntry| entry.file_name().into_string().expect("ASCII names");
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    assert_eq!(names, kept, "{arguments:?}: {words}");
    words
}

#[test]
fn files_that_are_missing_wrong_or_in_the_way_are_named_and_nothing_is_written() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path();
    let missing = refusal(path, &["new", "a.zkey", "--powers", "a.ptau"], &[]);
    assert!(missing.contains("cannot open a.ptau"), "{missing}");
    fs::write(path.join("a.ptau"), b"ptau").expect("a file");
    let short = refusal(path, &["new", "a.zkey", "--powers", "a.ptau"], &["a.ptau"]);
    assert!(short.contains("cannot take a.ptau"), "{short}");
    assert!(short.contains("the file of powers of tau is refused: it is too short"), "{short}");
    let kept = ["a.ptau", "a.zkey"];
    fs::write(path.join("a.zkey"), b"zkey\x01\0\0\0\x0a\0\0\0").expect("a file");
    let taken = refusal(path, &["new", "a.zkey", "--powers", "a.ptau"], &kept);
    assert!(taken.contains("a.zkey exists; nothing was overwritten"), "{taken}");
    let short = refusal(path, &["contribute", "a.zkey", "b.zkey"], &kept);
    assert!(short.contains("cannot take a.zkey") && short.contains("ends after 0 of"), "{short}");
    let taken = refusal(path, &["contribute", "b.zkey", "a.zkey"], &kept);
    assert!(taken.contains("a.zkey exists"), "{taken}");
    let short = refusal(path, &["verify", "a.zkey", "--powers", "a.ptau"], &kept);
    assert!(short.contains("cannot take a.ptau"), "{short}");
}

#[test]
fn a_beacon_that_cannot_be_repeated_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let finish = |more: &[&str]| {
        let arguments = [&["finish", "a.zkey", "--powers", "a.ptau"], more].concat();
        refusal(folder.path(), &arguments, &[])
    };
    let odd = finish(&["--beacon", "0x123", "--output", "b.zkey"]);
    assert!(odd.contains("not an even number of hex digits"), "{odd}");
    let long = finish(&["--beacon", &"00".repeat(256), "--output", "b.zkey"]);
    assert!(long.contains("1 to 255 bytes"), "{long}");
    let often = finish(&["--beacon", "00", "--output", "b.zkey", "--exponent", "33"]);
    assert!(often.contains("10..=32"), "{often}");
    assert!(finish(&["--beacon", "00"]).contains("--output"));
    // Right ones get as far as the files.
    let right = finish(&["--beacon", "0x0102", "--output", "b.zkey"]);
    assert!(right.contains("cannot open a.ptau"), "{right}");
}

#[test]
fn keys_that_exist_are_not_replaced() {
    let folder = TempDir::new().expect("a folder");
    fs::create_dir_all(folder.path().join("keys/production")).expect("a folder");
    let arguments = ["finish", "a.zkey", "--powers", "a.ptau"];
    let words = refusal(folder.path(), &arguments, &["keys"]);
    assert!(words.contains("there are keys in") && words.contains("--keys"), "{words}");
}

#[test]
fn everybody_may_read_what_a_ceremony_publishes() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path();
    fs::write(path.join("a.zkey"), tiny::first_key()).expect("a file");
    let output = ceremony(path, &["contribute", "a.zkey", "b.zkey", "--name", "Ada", "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(answer["contribution"].as_str().map(str::len), Some(128), "{answer}");
    let readers = |name: &str| {
        let metadata = fs::metadata(path.join(name)).expect("it is there");
        metadata.permissions().mode() & 0o444
    };
    // The process's mask decides for both.
    assert_eq!(readers("b.zkey"), readers("a.zkey"));
}

/// Building the circuits takes a minute and says so.
fn is_refused_before_building(words: &str) -> bool {
    words.contains("must not be used") && !words.contains("signature")
}

#[test]
fn wrong_contributions_are_refused_before_a_circuit_is_built() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path();
    fs::write(path.join("a.ptau"), tiny::powers()).expect("a file");
    fs::write(path.join("a.zkey"), tiny::first_key()).expect("a file");
    let output = ceremony(path, &["contribute", "a.zkey", "b.zkey"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // The digest of the circuit is at the beginning of the last section, before one contribution.
    let mut bytes = fs::read(path.join("b.zkey")).expect("it is written");
    let from_end = 64 + 4 + 3 * 64 + 128 + 64 + 8;
    let at = bytes.len() - from_end;
    bytes[at] ^= 1;
    fs::write(path.join("b.zkey"), bytes).expect("a file");
    let kept = ["a.ptau", "a.zkey", "b.zkey"];
    let after = ["--beacon", "00", "--output", "c.zkey"];
    for (command, more) in [("verify", &[][..]), ("finish", &[]), ("finish", &after)] {
        let key = [command, "b.zkey", "--powers", "a.ptau", "--circuits", "small"];
        let words = refusal(path, &[&key, more].concat(), &kept);
        assert!(is_refused_before_building(&words), "{words}");
        assert!(words.contains("contribution 1 is refused"), "{words}");
    }
}

/// Everybody knows the secret of a beacon.
#[test]
fn a_key_without_a_persons_contribution_is_refused_before_a_circuit_is_built() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path();
    fs::write(path.join("a.ptau"), tiny::powers()).expect("a file");
    fs::write(path.join("a.zkey"), tiny::first_key()).expect("a file");
    for more in [&[][..], &["--beacon", "00", "--output", "c.zkey"]] {
        let key = ["finish", "a.zkey", "--powers", "a.ptau", "--circuits", "small"];
        let words = refusal(path, &[&key, more].concat(), &["a.ptau", "a.zkey"]);
        assert!(is_refused_before_building(&words), "{words}");
        assert!(words.contains("no person's contribution"), "{words}");
    }
}

/// A file in the way is no key that an interrupted run has left.
#[test]
fn another_file_in_place_of_the_key_after_the_beacon_is_kept() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path();
    fs::write(path.join("a.ptau"), tiny::powers()).expect("a file");
    fs::write(path.join("a.zkey"), tiny::first_key()).expect("a file");
    let output = ceremony(path, &["contribute", "a.zkey", "b.zkey"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let kept = ["a.ptau", "a.zkey", "b.zkey", "c.zkey"];
    let key = ["finish", "b.zkey", "--powers", "a.ptau", "--circuits", "small"];
    let arguments = [&key, &["--beacon", "00", "--output", "c.zkey"][..]].concat();
    for other in [tiny::first_key(), b"notes".to_vec()] {
        fs::write(path.join("c.zkey"), &other).expect("a file");
        let words = refusal(path, &arguments, &kept);
        assert!(words.contains("c.zkey exists and is not b.zkey after this beacon"), "{words}");
        assert_eq!(fs::read(path.join("c.zkey")).expect("it is there"), other);
    }
}
