//! `sheaf archive` as its users see it: whole databases are archived, a killed call loses no block,
//! and each refusal has a sentence that names the file or the process.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use sheaf_sequencer::Config;
use sheaf_sequencer::block::Block;
use sheaf_sequencer::limits::FINALISED_WITNESSES_KEPT;
use sheaf_sequencer::replay::Replay;
use sheaf_sequencer::snapshots::{Snapshot, Snapshots};
use sheaf_sequencer::store::Store;
use tempfile::TempDir;

use crate::database;
use crate::rollup::{Rollup, finalise, person, terms};

/// Times from the start of a call to its kill, ms.
const KILLS_MS: [u64; 8] = [0, 4, 8, 12, 20, 30, 50, 90];

/// A rollup of which batch 1 may be archived.
async fn rollup() -> Rollup {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 1_000)]).await;
    let store = rollup.handle().store().clone();
    for nonce in 0..=u32::try_from(FINALISED_WITNESSES_KEPT).expect("a few") {
        rollup.execute(&alice.pay(terms(0, nonce), &[(&bob, 1)])).await;
        finalise(&store, rollup.seal().await).await;
    }
    let first = store.batch(1).await.expect("readable").expect("it is sealed").sealed;
    let replay = Replay::new(rollup.config.domain(), None, Vec::new());
    let replay = replay.run_to(&store, first.last_block).await.expect("the log can be run");
    let snapshot = Snapshot { batch: 1, root: first.post_root, slots: replay.slots };
    let snapshots = Snapshots::new(&rollup.config.derived());
    snapshots.write(&snapshot).expect("the folder is there");
    rollup
}

async fn stopped() -> (Arc<TempDir>, Config) {
    let rollup = rollup().await;
    let config = rollup.config.clone();
    let (directory, handle) = rollup.into_handle();
    handle.stop().await.expect("it stops");
    (directory, config)
}

fn command(database: &Path, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sheaf"));
    command.args(["archive", "--database"]).arg(database).arg("--to").arg(folder);
    command
}

fn verify(folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sheaf"));
    command.args(["archive", "--verify"]).arg(folder).output().expect("the program starts")
}

/// What a command that must succeed answers.
fn answer(output: Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).expect("sentences are UTF-8")
}

/// What a command that must fail says.
fn refusal(output: Output) -> String {
    assert!(!output.status.success());
    String::from_utf8(output.stderr).expect("sentences are UTF-8")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    entries.map(|entry| entry.expect("readable").path()).collect()
}

async fn log_of(database: &Path, folder: &Path) -> Vec<Block> {
    let store = Store::open_existing(&database.to_owned().into()).await.expect("it opens");
    let store = store.with_archive(folder).await.expect("its files are there");
    let blocks = store.blocks_after(0, u32::MAX).await.expect("the log can be read");
    store.close().await;
    blocks
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_are_archived_while_no_sequencer_runs_and_files_are_checked() {
    let rollup = rollup().await;
    let (database, config) = (database::file(&rollup.config).to_owned(), rollup.config.clone());
    let folder = database.with_extension("archive");
    let said = refusal(command(&database, &folder).output().expect("the program starts"));
    assert!(said.contains(&format!("pid {}", std::process::id())), "{said}");
    let (directory, handle) = rollup.into_handle();
    handle.stop().await.expect("it stops");
    let run = |command: &mut Command| command.output().expect("the program starts");
    let said = answer(run(command(&database, &folder).args(["--keep", "17"])));
    assert!(said.contains("nothing to archive"), "{said}");
    let said = refusal(run(command(&database, &folder).args(["--keep", "15"])));
    assert!(said.contains("15 is not in 16.."), "{said}");
    let said = answer(run(&mut command(&database, &folder)));
    assert!(said.contains("files written: 1;") && said.contains("(batch 1)"), "{said}");
    let said = answer(run(&mut command(&database, &folder)));
    assert!(said.starts_with("blocks moved: 0, files written: 0;"), "{said}");
    assert!(answer(verify(&folder)).starts_with("files that are whole: 1, with the blocks 1 to "));
    // A sequencer reads the files only if it is told where they are.
    for (archive, status) in [(Some(folder.clone()), 200), (None, 410)] {
        let mut config = config.clone();
        config.service.archive = archive;
        let rollup = Rollup::open(Arc::clone(&directory), config).await;
        let path = format!("/v1/accounts/{}/transactions?before=2-0", person(0).owner);
        assert_eq!(rollup.get(&path).await.0, status);
        rollup.into_handle().1.stop().await.expect("it stops");
    }
    let file = files(&folder).pop().expect("there is one");
    let mut bytes = std::fs::read(&file).expect("readable");
    bytes[100] ^= 1;
    std::fs::write(&file, bytes).expect("it is damaged");
    let said = refusal(verify(&folder));
    assert!(said.contains(&format!("{} is damaged", file.display())), "{said}");
    let nothing = folder.join("nothing.sqlite");
    let said = refusal(run(&mut command(&nothing, &folder)));
    assert!(said.contains("nothing.sqlite is no database of a rollup"), "{said}");
    assert!(!nothing.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_call_loses_no_block_and_the_next_one_goes_on() {
    let (directory, config) = stopped().await;
    let (database, copy) =
        (database::file(&config), database::file(&config).with_extension("copy"));
    let blocks = log_of(database, directory.path()).await;
    std::fs::copy(database, &copy).expect("nobody writes");
    for milliseconds in KILLS_MS {
        let folder = TempDir::new().expect("a temporary directory");
        for suffix in ["-wal", "-shm"] {
            let mut name = database.to_owned().into_os_string();
            name.push(suffix);
            // A killed call has left the file, or there is none.
            let _ = std::fs::remove_file(name);
        }
        std::fs::copy(&copy, database).expect("nobody writes");
        let mut call = command(database, folder.path()).spawn().expect("the program starts");
        sleep(Duration::from_millis(milliseconds));
        call.kill().expect("it is the test's own");
        call.wait().expect("it has ended");
        assert_eq!(log_of(database, folder.path()).await, blocks, "after {milliseconds} ms");
        answer(command(database, folder.path()).output().expect("the program starts"));
        assert_eq!(log_of(database, folder.path()).await, blocks, "after {milliseconds} ms");
        assert!(verify(folder.path()).status.success());
    }
}
