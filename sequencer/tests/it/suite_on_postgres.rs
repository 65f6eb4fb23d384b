//! The sequencer's other tests, once more with their databases on a server.
//!
//! Tests run in the order of their names. This module has the last one, so that the second run has
//! the machine to itself, and not twice as many tests run at a time as the machine has processors.

use std::env;
use std::process::Command;

use crate::database::SERVER;
use crate::postgres::server::shared;

/// Tests that are about SQLite, its file or its locks, and tests that open no database.
const LEFT_OUT: [(&str, &str); 20] = [
    ("postgres::", "they have servers of their own"),
    ("archive::archiving_goes_on_where_it_was_interrupted", "copies a SQLite file"),
    ("archive_files::a_file_has_bounds", "fills a SQLite file by its own SQL"),
    ("failing_sync::", "the server synchronises the disk"),
    ("full_disk::", "the server writes to the disk"),
    ("health::health_fails_while_a_batch_that_should_be_sealed_is_not", "locks a SQLite file"),
    ("health::health_fails_while_an_executed_block", "locks a SQLite file"),
    ("leadership::a_second_sequencer_is_refused", "on a server the second one follows"),
    ("recovery::a_database_from_before_versions", "no version before this one had a server"),
    ("storage::", "locks and fills a SQLite file"),
    ("l1::agreement::an_old_copy_of_the_database", "copies a SQLite file"),
    ("l1::agreement::a_database_with_another_state", "copies a SQLite file"),
    ("l1::agreement::a_database_that_l1_is_older_than", "copies a SQLite file"),
    ("l1::agreement::a_database_that_misses_a_request", "copies a SQLite file"),
    ("l1::away::requests_that_were_read_before", "copies a SQLite file"),
    ("l1::away::a_difference_that_is_found_later", "copies a SQLite file"),
    ("engine::", "opens no database"),
    ("execution::", "opens no database"),
    ("monitoring::", "opens no database"),
    ("limits::", "opens no database"),
];
/// Tests that run at least.
const TESTS_MIN: usize = 100;
/// What a test that panics prints: where it did, and in the next line why.
const PANICKED: &str = " panicked at ";

/// The names of the tests that failed, each with where and why, as far as the output tells.
fn failures(printed: &str) -> String {
    let failed = printed.lines().filter_map(|line| {
        line.strip_prefix("test ").and_then(|line| line.strip_suffix(" ... FAILED"))
    });
    let told = |name: &str| {
        let (_, said) = printed.split_once(&format!("---- {name} stdout ----"))?;
        let (said, _) = said.split_once("\n---- ").unwrap_or((said, ""));
        let (_, reason) = said.split_once(PANICKED)?;
        Some(reason.lines().take(2).collect::<Vec<_>>().join(" "))
    };
    failed.map(|name| format!("\n{name}: {}", told(name).unwrap_or_default())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_tests_pass_on_postgresql() {
    let program = env::current_exe().expect("a test program has a path");
    let skip = LEFT_OUT.iter().flat_map(|(name, _)| ["--skip", name]);
    let mut command = Command::new(program);
    command.args(skip).env(SERVER, shared().await.url(""));
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    let output = output.expect("it waits").expect("the test program starts again");
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    // A report may show the last lines alone.
    assert!(output.status.success(), "{printed}{errors}\nfailed:{}", failures(&printed));
    let passed = printed.lines().filter(|line| line.ends_with(" ... ok")).count();
    assert!(passed >= TESTS_MIN, "{passed} tests ran:\n{printed}");
}

#[test]
fn the_tests_that_failed_are_named_with_their_reasons() {
    let printed = "
running 3 tests
test a::holds ... ok
test b::ends ... FAILED
test c::fails ... FAILED

failures:

---- b::ends stdout ----
Error: nothing

---- c::fails stdout ----

thread 'c::fails' (7) panicked at tests/c.rs:1:2:
it is mined: waited in vain
note: run with `RUST_BACKTRACE=1`

failures:
    b::ends
    c::fails
";
    let expected = "\nb::ends: \nc::fails: tests/c.rs:1:2: it is mined: waited in vain";
    assert_eq!(failures(printed), expected);
}
