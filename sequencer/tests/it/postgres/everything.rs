//! The sequencer's other tests, once more with their databases on a server.

use std::env;
use std::process::Command;

use super::server::shared;
use crate::database::SERVER;

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

#[tokio::test(flavor = "multi_thread")]
async fn the_other_tests_pass_on_postgresql() {
    let program = env::current_exe().expect("a test program has a path");
    let skip = LEFT_OUT.iter().flat_map(|(name, _)| ["--skip", name]);
    let mut command = Command::new(program);
    command.args(skip).env(SERVER, shared().await.url(""));
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    let output = output.expect("it waits").expect("the test program starts again");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    let passed = printed.lines().filter(|line| line.ends_with(" ... ok")).count();
    assert!(passed >= TESTS_MIN, "{passed} tests ran:\n{printed}");
}
