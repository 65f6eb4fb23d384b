//! Which crate may depend on which.

use std::fs;

use crate::{Source, check, root};

/// For each crate, the dependencies that it must never have, by the start of their names.
///
/// `ledger` is pure rules; `circuits` does no input or output; `wire` says what is sent, and sends
/// nothing; provers hold neither SQL nor Ethereum; `sequencer` and `prover` do not know each other;
/// a `client` reaches a rollup from outside.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("ledger", &["tokio", "sqlx", "axum", "alloy", "ark-", "plonky2", "reqwest", "sheaf-"]),
    (
        "circuits",
        &[
            "tokio",
            "sqlx",
            "axum",
            "alloy",
            "reqwest",
            "sheaf-contracts",
            "sheaf-client",
            "sheaf-sequencer",
            "sheaf-prover",
        ],
    ),
    (
        "wire",
        &[
            "tokio",
            "sqlx",
            "axum",
            "alloy",
            "ark-",
            "plonky2",
            "reqwest",
            "sheaf-circuits",
            "sheaf-contracts",
            "sheaf-client",
            "sheaf-sequencer",
            "sheaf-prover",
        ],
    ),
    (
        "contracts",
        &[
            "tokio",
            "sqlx",
            "axum",
            "ark-",
            "plonky2",
            "sheaf-wire",
            "sheaf-circuits",
            "sheaf-client",
            "sheaf-sequencer",
            "sheaf-prover",
        ],
    ),
    (
        "client",
        &[
            "sqlx",
            "axum",
            "clap",
            "ark-",
            "plonky2",
            "sheaf-circuits",
            "sheaf-sequencer",
            "sheaf-prover",
        ],
    ),
    ("sequencer", &["sheaf-prover", "sheaf-circuits", "sheaf-client", "ark-", "plonky2"]),
    (
        "prover",
        &[
            "sqlx",
            "axum",
            "alloy",
            "ark-",
            "plonky2",
            "sheaf-contracts",
            "sheaf-client",
            "sheaf-sequencer",
        ],
    ),
    ("sheaf", &["sqlx", "ark-", "plonky2"]),
];

/// The parts of the binary that reach a rollup from outside, as any client does.
const OUTSIDE: [&str; 3] = ["sheaf/src/wallet", "sheaf/src/demo", "sheaf/src/devnet"];

/// What the product depends on, and so does its build: of each table of a manifest, for every
/// platform, written as a line or as a table of its own. Tests may know more than the product.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_list = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            let header = header.trim_end_matches(']');
            let (table, name) = split_header(header);
            is_list = is_dependencies(table) && name.is_none();
            found.extend(name.filter(|_| is_dependencies(table)).map(str::to_owned));
        } else if is_list && !line.is_empty() && !line.starts_with('#') {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            found.push(name.trim_matches('"').to_owned());
            // What a dependency is called here may not be what it is.
            let package =
                line.split_once("package = \"").and_then(|(_, rest)| rest.split_once('"'));
            found.extend(package.map(|(package, _)| package.to_owned()));
        }
    }
    found
}

/// Splits `dependencies.name`, or `target.'…'.dependencies.name`, into the table and the name.
fn split_header(header: &str) -> (&str, Option<&str>) {
    match header.rfind("dependencies.") {
        Some(start) => {
            let (table, name) = header.split_at(start + "dependencies".len());
            (table, Some(&name[1..]))
        }
        None => (header, None),
    }
}

fn is_dependencies(table: &str) -> bool {
    table.ends_with("dependencies") && !table.ends_with("dev-dependencies")
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
        assert!(dependencies(&manifest).len() > 2, "the dependencies of {name} are found");
        let found = forbidden_in(&manifest, forbidden);
        assert!(found.is_empty(), "{name} must not depend on {found:?}");
    }
}

/// Whether a source reaches into the sequencer although it stands outside.
fn reaches_in(source: &Source) -> bool {
    OUTSIDE.iter().any(|part| source.path.starts_with(part))
        && source.text.contains("sheaf_sequencer::")
}

#[test]
fn who_stands_outside_does_not_reach_into_the_sequencer() {
    check(|source| {
        let fault = "it uses the sequencer's crate; ask the API, or L1".to_owned();
        if reaches_in(source) { vec![fault] } else { Vec::new() }
    });
    let source = |path: &str| Source { path: path.into(), text: "use sheaf_sequencer::l1;".into() };
    assert!(reaches_in(&source("sheaf/src/wallet/mod.rs")));
    assert!(!reaches_in(&source("sheaf/src/sequencer.rs")));
}

fn takes_the_lints(manifest: &str) -> bool {
    manifest.contains("\n[lints]\nworkspace = true\n")
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    for (name, _) in FORBIDDEN {
        let path = root().join(name).join("Cargo.toml");
        let manifest = fs::read_to_string(&path).expect("every crate has a manifest");
        assert!(takes_the_lints(&manifest), "{name} has lints of its own, or none");
    }
    assert!(!takes_the_lints("[package]\nname = \"x\"\n[lints.rust]\nunsafe_code = \"allow\"\n"));
}

#[test]
fn a_forbidden_edge_is_found_in_every_kind_of_table() {
    for manifest in [
        "[package]\n[dependencies]\nserde = \"1\"\ntokio.workspace = true\n",
        "[dependencies]\n\"tokio\" = \"1\"\n",
        "[dependencies]\nruntime = { package = \"tokio\", version = \"1\" }\n",
        "[dependencies.tokio]\nversion = \"1\"\n",
        "[build-dependencies]\ntokio = \"1\"\n",
        "[build-dependencies.tokio]\nversion = \"1\"\n",
        "[target.'cfg(unix)'.dependencies]\ntokio = \"1\"\n",
        "[target.x86_64-unknown-linux-gnu.dependencies.tokio]\nversion = \"1\"\n",
    ] {
        let manifest = format!("{manifest}[dev-dependencies]\nsqlx = \"1\"\n");
        assert_eq!(forbidden_in(&manifest, &["tokio", "sqlx"]), ["tokio"], "{manifest}");
    }
    let tests = "[dev-dependencies.tokio]\n[target.'cfg(unix)'.dev-dependencies]\ntokio = \"1\"\n";
    assert_eq!(forbidden_in(tests, &["tokio"]), [""; 0]);
}
