//! `sheaf archive`: moves old blocks from a sequencer's database to files, and checks such files.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use sheaf_sequencer::limits::FINALISED_WITNESSES_KEPT;
use sheaf_sequencer::store::{Database, Store, archive};
use sheaf_sequencer::{archiving, derived};

use crate::output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// SQLite file or PostgreSQL database of a sequencer that does not run
    #[arg(long, env = "SHEAF_DATABASE", hide_env_values = true, value_name = "FILE|URL")]
    #[arg(default_value = "sheaf.sqlite", conflicts_with = "verify")]
    database: Database,
    /// Folder of what is derived from the database, if the sequencer has the flag
    #[arg(long, value_name = "FOLDER", conflicts_with = "verify")]
    derived: Option<PathBuf>,
    /// Folder to which blocks are moved, the same one every time
    #[arg(long, value_name = "FOLDER", required_unless_present = "verify")]
    to: Option<PathBuf>,
    /// How many of the newest final batches keep their blocks in the database; at least 16
    #[arg(long, value_name = "BATCHES", default_value_t = FINALISED_WITNESSES_KEPT)]
    #[arg(value_parser = clap::value_parser!(u64).range(FINALISED_WITNESSES_KEPT..))]
    #[arg(conflicts_with = "verify")]
    keep: u64,
    /// Check every file in a folder, and that no block is missing between the files
    #[arg(long, value_name = "FOLDER", conflicts_with = "to")]
    verify: Option<PathBuf>,
}

/// Moves blocks, or checks files.
///
/// # Errors
/// When a sequencer uses the database, a file is damaged or not this database's, or database or
/// files cannot be read or written.
pub(crate) async fn run(arguments: &Arguments) -> Result<()> {
    if let Some(folder) = &arguments.verify {
        let (files, last) = archive::verify(folder)?;
        output::answer(format_args!("files that are whole: {files}, with the blocks 1 to {last}"));
    }
    if let Some(folder) = &arguments.to {
        move_blocks(arguments, folder).await?;
    }
    Ok(())
}

async fn move_blocks(arguments: &Arguments, folder: &Path) -> Result<()> {
    let Arguments { database, derived, keep, .. } = arguments;
    let store = Store::open_existing(database).await?;
    let derived = derived::folder(database, derived.as_deref());
    let moved = archiving::run(&store, &derived, folder, *keep).await;
    store.close().await;
    let moved = moved.with_context(|| {
        format!("not every block was moved to {}; no block is lost", folder.display())
    })?;
    match moved {
        Some(moved) => output::answer(format_args!(
            "blocks moved: {}, files written: {}; the blocks up to {} (batch {}) are archived",
            moved.blocks, moved.files, moved.last_block, moved.batch
        )),
        None => output::answer(
            "nothing to archive: no snapshot of the slots is old enough to have the batches that \
             are kept after it",
        ),
    }
    Ok(())
}
