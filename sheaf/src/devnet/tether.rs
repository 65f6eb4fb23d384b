//! `sheaf tether`: turns into another program, which gets SIGTERM when its parent ends.
//!
//! A killed parent cannot stop its children, so the kernel does: it sends SIGTERM to the tethered
//! program when the thread that started the program ends, however that thread ends. The request to
//! the kernel survives `exec`, so there is no process in between.

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
    /// Id of the process that must be the parent
    #[arg(long)]
    parent: u32,
    /// Program to turn into; this program, if absent
    #[arg(long)]
    program: Option<PathBuf>,
    /// Arguments of the program
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// This program, by the file that the kernel runs and not by the file's name: a build or an upgrade
/// puts another file in its place, and a child must not become another version than its parent.
pub(super) fn this_program() -> Command {
    let mut command = Command::new("/proc/self/exe");
    command.arg0("sheaf");
    command
}

/// Replaces this process with the program; returns only an error.
///
/// # Errors
/// When the parent has ended, or the kernel refuses the request or the program.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    set_pdeathsig(Signal::SIGTERM).context("cannot ask to end with the parent")?;
    // A parent that ended before the line above causes no signal, so its id is checked here.
    let parent = getppid().as_raw();
    ensure!(
        u32::try_from(parent) == Ok(arguments.parent),
        "the parent {} has ended",
        arguments.parent
    );
    let mut command = arguments.program.as_ref().map_or_else(this_program, Command::new);
    let error = command.args(&arguments.arguments).exec();
    let name = command.get_program().display();
    Err(error).with_context(|| format!("cannot start {name}"))
}
