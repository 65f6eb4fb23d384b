//! The rules of the house as tests: which crate may depend on which, how long a file, a line and a
//! function may be, what no source may contain, and how pages are laid out.
//!
//! The tests read the sources as text that rustfmt has laid out. They skip build output and
//! installed packages.

mod callers;
mod circles;
mod functions;
mod manifests;
mod prose;
mod sources;
mod tokens;

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the tree is there")
}

/// A source that somebody wrote.
struct Source {
    /// From the root of the tree.
    path: PathBuf,
    text: String,
}

impl Source {
    /// Whether it is Rust that only tests run.
    fn is_test(&self) -> bool {
        self.path.components().any(|part| part.as_os_str() == "tests")
            || self.path.file_name().is_some_and(|name| name == "tests.rs")
    }

    fn is_rust(&self) -> bool {
        self.path.extension().is_some_and(|extension| extension == "rs")
    }

    /// The lines that are the product's, with their numbers: without tests and without comments.
    fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        // A file's tests are its last module.
        let lines = self.text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
        let lines = (1..).zip(lines).filter(|(_, line)| !line.trim_start().starts_with("//"));
        lines.filter(|_| !self.is_test())
    }
}

/// Every source in Rust and Solidity that people wrote: no build output, no installed packages.
fn every_source() -> Vec<Source> {
    let sources = every_file(&["rs", "sol"]);
    assert!(sources.len() > 100, "the walk found the sources");
    sources
}

/// Every file that people wrote with one of these extensions.
fn every_file(extensions: &[&str]) -> Vec<Source> {
    let (root, mut found) = (root(), Vec::new());
    walk(&root, extensions, &mut found);
    let read = |path: PathBuf| Source {
        text: fs::read_to_string(&path).expect("sources are UTF-8"),
        path: path.strip_prefix(&root).expect("it is in the tree").to_owned(),
    };
    found.into_iter().map(read).collect()
}

fn walk(folder: &Path, extensions: &[&str], found: &mut Vec<PathBuf>) {
    const SKIPPED: &[&str] =
        &["target", "node_modules", "out", "cache", ".git", "fixtures", "vectors", "snapshots"];
    for entry in fs::read_dir(folder).expect("the tree is readable") {
        let path = entry.expect("the tree is readable").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !SKIPPED.contains(&name) {
                walk(&path, extensions, found);
            }
        } else if name.rsplit_once('.').is_some_and(|(_, end)| extensions.contains(&end)) {
            found.push(path);
        }
    }
}

/// Demands that no source has a fault.
fn check(faults_of: impl Fn(&Source) -> Vec<String>) {
    check_all(&every_source(), faults_of);
}

/// Demands that none of these files has a fault.
fn check_all(sources: &[Source], faults_of: impl Fn(&Source) -> Vec<String>) {
    let faults = sources.iter().flat_map(|source| {
        let faults = faults_of(source).into_iter();
        faults.map(move |fault| format!("{}: {fault}", source.path.display()))
    });
    let faults: Vec<String> = faults.collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
