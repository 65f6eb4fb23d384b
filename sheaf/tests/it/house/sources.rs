//! The rules for source files: their length, the length of their lines, and words and modules that
//! they must not use.

use crate::house::{Source, check};

/// Lines in a hand-written source file.
const FILE_LINES_MAX: usize = 500;
/// Characters in a line of Rust or Solidity.
const LINE_CHARACTERS_MAX: usize = 100;
/// Crates that know no files, no sockets and no time.
const PURE: [&str; 4] = ["crypto", "ledger", "plonk", "circuits"];
/// The parts of the standard library that only others may use.
const OUTSIDE: [&str; 5] = ["fs", "net", "time", "env", "process"];

fn faults_of(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    let lines = source.text.lines().count();
    if lines > FILE_LINES_MAX {
        faults.push(format!("{lines} lines, at most {FILE_LINES_MAX}"));
    }
    for (number, line) in (1..).zip(source.text.lines()) {
        if line.chars().count() > LINE_CHARACTERS_MAX {
            faults.push(format!("line {number} is longer than {LINE_CHARACTERS_MAX}"));
        }
        let unfinished = ["TO", "FIX"].iter().zip(["DO", "ME"]);
        for (start, end) in unfinished {
            if line.contains(&format!("{start}{end}")) {
                faults.push(format!("line {number} is unfinished"));
            }
        }
    }
    faults
}

fn unwraps_in(source: &Source) -> Vec<String> {
    let lines = source.product_lines().filter(|(_, line)| line.contains(".unwrap()"));
    lines.map(|(number, _)| format!("line {number} unwraps without saying why it may")).collect()
}

/// The macros of the standard library that panic where their output is closed or full.
const PANICKING_PRINTS: [&str; 5] = ["println!", "print!", "eprintln!", "eprint!", "dbg!"];

fn prints_in(source: &Source) -> Vec<String> {
    let is_print = |line: &str| {
        let mut words =
            line.split(|character: char| !(character.is_alphanumeric() || character == '!'));
        words.any(|word| PANICKING_PRINTS.contains(&word))
    };
    let is_product = source.path.iter().any(|part| part == "src" || part == "rust");
    let lines = source.product_lines().filter(|(_, line)| is_product && is_print(line));
    lines.map(|(number, _)| format!("line {number} panics where nobody reads its output")).collect()
}

/// What a pure crate uses of the world outside.
fn outside_in(source: &Source) -> Vec<String> {
    let is_pure = PURE.iter().any(|name| source.path.starts_with(format!("{name}/src")));
    let lines = source.product_lines().filter(|(_, line)| is_pure && knows_outside(line));
    lines.map(|(number, line)| format!("line {number} knows the outside: {line}")).collect()
}

fn knows_outside(line: &str) -> bool {
    let grouped = line.split_once("std::{").map_or("", |(_, rest)| rest);
    let mut grouped = grouped.split(['{', '}', ',', ':', ' ', ';']);
    OUTSIDE.iter().any(|name| line.contains(&format!("std::{name}")))
        || grouped.any(|word| OUTSIDE.contains(&word))
}

#[test]
fn files_keep_their_length() {
    check(faults_of);
}

#[test]
fn nothing_is_unwrapped_outside_tests() {
    check(unwraps_in);
}

#[test]
fn nothing_panics_because_its_output_is_not_read() {
    check(prints_in);
}

#[test]
fn ledger_and_circuits_know_no_files_no_sockets_and_no_time() {
    check(outside_in);
}

fn source(path: &str, text: &str) -> Source {
    Source { path: path.into(), text: text.to_owned() }
}

#[test]
fn a_long_line_and_a_long_file_are_found() {
    let faults = |text: String| faults_of(&source("ledger/src/a.rs", &text)).len();
    assert_eq!(faults("x".repeat(LINE_CHARACTERS_MAX + 1)), 1);
    assert_eq!(faults("x".repeat(LINE_CHARACTERS_MAX)), 0);
    assert_eq!(faults("\n".repeat(FILE_LINES_MAX + 1)), 1);
    assert_eq!(faults("\n".repeat(FILE_LINES_MAX)), 0);
}

#[test]
fn an_unwrap_is_found_unless_it_is_a_test_s() {
    let text =
        "fn f() {\n    g().unwrap();\n}\n\n#[cfg(test)]\nmod tests {\n    g().unwrap();\n}\n";
    let found = unwraps_in(&source("ledger/src/a.rs", text));
    assert_eq!(found, ["line 2 unwraps without saying why it may"]);
    assert_eq!(unwraps_in(&source("ledger/tests/a.rs", text)), [""; 0]);
    assert_eq!(unwraps_in(&source("ledger/src/a/tests.rs", text)), [""; 0]);
    assert_eq!(unwraps_in(&source("ledger/src/a.rs", "    // g().unwrap()\n")), [""; 0]);
}

#[test]
fn files_sockets_and_time_are_found_in_pure_crates_alone() {
    for line in [
        "use std::fs::File;",
        "use std::{fs, io};",
        "use std::{io::Read, time::Instant};",
        "    let start = std::time::Instant::now();",
        "    std::net::TcpListener::bind(place);",
    ] {
        assert_eq!(outside_in(&source("circuits/src/a.rs", line)).len(), 1, "{line}");
        assert_eq!(outside_in(&source("sheaf/src/a.rs", line)), [""; 0]);
        assert_eq!(outside_in(&source("ledger/benches/a.rs", line)), [""; 0]);
    }
    for line in ["use std::io::Read;", "use std::{fmt, io};", "// std::fs is not for us."] {
        assert_eq!(outside_in(&source("ledger/src/a.rs", line)), [""; 0], "{line}");
    }
}

#[test]
fn a_print_is_found_unless_it_is_a_test_s() {
    let found =
        prints_in(&source("sheaf/src/a.rs", "fn f() {\n    std::eprintln!(\"paid\");\n}\n"));
    assert_eq!(found, ["line 2 panics where nobody reads its output"]);
    for text in
        ["    writeln!(stderr(), \"paid\")", "    // println!(\"paid\")", "    pretty_print(1)"]
    {
        assert_eq!(prints_in(&source("sheaf/src/a.rs", text)), [""; 0]);
    }
    assert_eq!(prints_in(&source("sheaf/tests/a.rs", "    println!(\"paid\")")), [""; 0]);
}
