//! The house rules as tests: which crate may know which, and how long a file and a line may be.
//!
//! It reads the sources as text; it judges no code that git ignores.

use std::fs;
use std::path::{Path, PathBuf};

/// Lines in a hand-written source file.
const FILE_LINES_MAX: usize = 500;
/// Characters in a line of Rust or Solidity.
const LINE_CHARACTERS_MAX: usize = 100;

/// For each crate, the dependencies that it must never have, by the start of their names.
///
/// `ledger` is pure rules; `circuits` does no input or output; provers hold neither SQL nor
/// Ethereum; `sequencer` and `prover` do not know each other.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("ledger", &["tokio", "sqlx", "axum", "alloy", "ark-", "plonky2", "reqwest", "sheaf-"]),
    ("circuits", &["tokio", "sqlx", "axum", "alloy", "reqwest", "sheaf-sequencer", "sheaf-prover"]),
    ("jobs", &["tokio", "sqlx", "axum", "alloy", "ark-", "plonky2", "reqwest", "sheaf-circuits"]),
    ("sequencer", &["sheaf-prover", "sheaf-circuits", "ark-", "plonky2"]),
    ("prover", &["sqlx", "axum", "alloy", "ark-", "plonky2", "sheaf-sequencer"]),
    ("sheaf", &["sqlx", "ark-", "plonky2"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Names in the `[dependencies]` table of a manifest; tests may know more than the product.
fn dependencies(manifest: &str) -> Vec<String> {
    manifest
        .lines()
        .skip_while(|line| line.trim() != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

fn forbidden_in(manifest: &str, forbidden: &[&str]) -> Vec<String> {
    dependencies(manifest)
        .into_iter()
        .filter(|name| forbidden.iter().any(|start| name.starts_with(start)))
        .collect()
}

#[test]
fn crates_know_only_what_they_may() {
    for (name, forbidden) in FORBIDDEN {
        let path = root().join(name).join("Cargo.toml");
        let manifest = fs::read_to_string(&path).expect("every crate has a manifest");
        let found = forbidden_in(&manifest, forbidden);
        assert!(found.is_empty(), "{name} must not depend on {found:?}");
    }
}

#[test]
fn a_forbidden_edge_is_found() {
    let manifest = "[package]\n[dependencies]\ntokio.workspace = true\n\
                    [dev-dependencies]\nsqlx = \"1\"\n";
    assert_eq!(forbidden_in(manifest, &["tokio", "sqlx"]), ["tokio"]);
}

/// Rust and Solidity sources that people wrote: no build output, no installed packages.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    const SKIPPED: &[&str] =
        &["target", "node_modules", "out", "cache", ".git", "fixtures", "vectors", "snapshots"];
    for entry in fs::read_dir(folder).expect("the tree is readable") {
        let path = entry.expect("the tree is readable").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !SKIPPED.contains(&name) {
                sources(&path, found);
            }
        } else if name.ends_with(".rs") || name.ends_with(".sol") {
            found.push(path);
        }
    }
}

fn faults_of(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let lines = text.lines().count();
    if lines > FILE_LINES_MAX {
        faults.push(format!("{lines} lines, at most {FILE_LINES_MAX}"));
    }
    for (index, line) in text.lines().enumerate() {
        if line.chars().count() > LINE_CHARACTERS_MAX {
            faults.push(format!("line {} is longer than {LINE_CHARACTERS_MAX}", index + 1));
        }
        let unfinished = ["TO", "FIX"].iter().zip(["DO", "ME"]);
        for (start, end) in unfinished {
            if line.contains(&format!("{start}{end}")) {
                faults.push(format!("line {} is unfinished", index + 1));
            }
        }
    }
    faults
}

#[test]
fn files_keep_the_house_rules() {
    let mut files = Vec::new();
    sources(&root(), &mut files);
    assert!(files.len() > 10, "the walk found the sources");
    let faults: Vec<String> = files
        .iter()
        .flat_map(|path| {
            let text = fs::read_to_string(path).expect("sources are UTF-8");
            let faults = faults_of(&text);
            faults.into_iter().map(move |fault| format!("{}: {fault}", path.display()))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_long_line_is_found() {
    assert_eq!(faults_of(&"x".repeat(LINE_CHARACTERS_MAX + 1)).len(), 1);
    assert!(faults_of(&"x".repeat(LINE_CHARACTERS_MAX)).is_empty());
}
