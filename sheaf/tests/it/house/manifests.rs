//! The rules for manifests: which crate may depend on which.

use std::fs;

use crate::house::{Source, check, root};

/// What a crate may know of the others, and what it must never know of the world.
struct Edges {
    name: &'static str,
    /// The crates of the workspace that this crate may depend on, without `sheaf-`.
    may: &'static [&'static str],
    /// Other dependencies that this crate must never have, by the start of their names.
    never: &'static [&'static str],
}

/// Proof systems.
const PROOFS: [&str; 2] = ["ark-", "plonky2"];

/// `crypto` and `plonk` know no payments; `ledger` is pure rules; `wire` says what is sent, and
/// sends nothing; `circuits` does no input or output; provers know neither SQL nor Ethereum;
/// `sequencer` and `prover` do not know each other; a `client` reaches a rollup from outside.
const CRATES: [Edges; 10] = [
    Edges { name: "crypto", may: &[], never: &["tokio", "sqlx", "axum", "alloy", "reqwest"] },
    Edges {
        name: "ledger",
        may: &["crypto"],
        never: &["tokio", "sqlx", "axum", "alloy", "reqwest", PROOFS[0], PROOFS[1]],
    },
    Edges {
        name: "plonk",
        may: &["crypto"],
        never: &["tokio", "sqlx", "axum", "alloy", "reqwest"],
    },
    Edges {
        name: "wire",
        may: &["crypto", "ledger"],
        never: &["tokio", "sqlx", "axum", "alloy", "reqwest", PROOFS[0], PROOFS[1]],
    },
    Edges {
        name: "circuits",
        may: &["crypto", "ledger", "plonk", "wire"],
        never: &["tokio", "sqlx", "axum", "alloy", "reqwest"],
    },
    Edges {
        name: "contracts",
        may: &["crypto", "ledger"],
        // Of arkworks, the field of blobs and its Fourier transform.
        never: &["tokio", "sqlx", "axum", PROOFS[1], "ark-groth16", "ark-relations", "ark-ec"],
    },
    Edges {
        name: "client",
        may: &["crypto", "ledger", "wire", "contracts"],
        never: &["sqlx", "axum", "clap", PROOFS[0], PROOFS[1]],
    },
    Edges {
        name: "sequencer",
        may: &["crypto", "ledger", "wire", "contracts"],
        never: &["clap", PROOFS[0], PROOFS[1]],
    },
    Edges {
        name: "prover",
        may: &["wire"],
        never: &["sqlx", "axum", "alloy", PROOFS[0], PROOFS[1]],
    },
    Edges {
        name: "sheaf",
        may: &[
            "crypto",
            "ledger",
            "wire",
            "circuits",
            "contracts",
            "client",
            "sequencer",
            "prover",
        ],
        never: &["sqlx", PROOFS[0], PROOFS[1]],
    },
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

/// The dependencies of a manifest that a crate with these edges must not have.
fn forbidden_in(manifest: &str, edges: &Edges) -> Vec<String> {
    let is_forbidden = |name: &String| match name.strip_prefix("sheaf-") {
        Some(of_the_workspace) => !edges.may.contains(&of_the_workspace),
        None => edges.never.iter().any(|start| name.starts_with(start)),
    };
    dependencies(manifest).into_iter().filter(is_forbidden).collect()
}

fn manifest_of(name: &str) -> String {
    let path = root().join(name).join("Cargo.toml");
    fs::read_to_string(&path).expect("every crate has a manifest")
}

#[test]
fn crates_know_only_what_they_may() {
    for edges in &CRATES {
        let (name, manifest) = (edges.name, manifest_of(edges.name));
        assert!(!dependencies(&manifest).is_empty(), "the dependencies of {name} are found");
        let found = forbidden_in(&manifest, edges);
        assert!(found.is_empty(), "{name} must not depend on {found:?}");
    }
}

/// A crate that the list leaves out could know everything.
#[test]
fn every_member_of_the_workspace_is_listed() {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).expect("the tree has a manifest");
    let members = workspace.lines().find_map(|line| line.strip_prefix("members = ["));
    let members = members.expect("the workspace has members, in one line");
    let quoted = members.split('"').skip(1).step_by(2);
    let mut members: Vec<&str> = quoted.collect();
    let mut listed: Vec<&str> = CRATES.iter().map(|edges| edges.name).collect();
    members.sort_unstable();
    listed.sort_unstable();
    assert_eq!(members, listed);
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
    for Edges { name, .. } in &CRATES {
        assert!(takes_the_lints(&manifest_of(name)), "{name} has lints of its own, or none");
    }
    assert!(!takes_the_lints("[package]\nname = \"x\"\n[lints.rust]\nunsafe_code = \"allow\"\n"));
}

#[test]
fn a_forbidden_edge_is_found_in_every_kind_of_table() {
    const EDGES: Edges = Edges { name: "x", may: &["ledger"], never: &["tokio", "sqlx"] };
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
        assert_eq!(forbidden_in(&manifest, &EDGES), ["tokio"], "{manifest}");
    }
    let crates = "[dependencies]\nsheaf-ledger.workspace = true\nsheaf-wire.workspace = true\n";
    assert_eq!(forbidden_in(crates, &EDGES), ["sheaf-wire"]);
    let tests = "[dev-dependencies.tokio]\n[target.'cfg(unix)'.dev-dependencies]\ntokio = \"1\"\n";
    assert_eq!(forbidden_in(tests, &EDGES), [""; 0]);
}
