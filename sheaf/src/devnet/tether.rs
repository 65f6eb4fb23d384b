//! `sheaf tether`: becomes another program, which ends when its parent does.
//!
//! A parent that is killed can tell nobody, so the kernel is asked to: the tethered program gets
//! SIGTERM when the thread that started it ends, even where that thread had no chance to run
//! another line. The request survives `exec`, so there is no process in between.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::unistd::getppid;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The process that must be the parent
    #[arg(long)]
    parent: u32,
    /// What to become
    program: PathBuf,
    /// Its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Becomes the program; returns only if that fails.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    set_pdeathsig(Signal::SIGTERM).context("cannot ask to end with the parent")?;
    // A parent that ended before the line above was reached sends nothing any more.
    let parent = getppid().as_raw();
    ensure!(
        u32::try_from(parent) == Ok(arguments.parent),
        "the parent {} has ended",
        arguments.parent
    );
    let error = Command::new(&arguments.program).args(&arguments.arguments).exec();
    Err(error).with_context(|| format!("cannot start {}", arguments.program.display()))
}
