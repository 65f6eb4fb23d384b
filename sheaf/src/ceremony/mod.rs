//! `sheaf ceremony`: a Groth16 key whose trapdoor nobody knows, if one contributor was honest.
//!
//! `new` makes the first key from powers of τ, `contribute` adds a contribution, `verify` checks a
//! key, and `finish` makes the keys' folder. docs/ceremony.md tells how to hold a ceremony. The
//! files are snarkjs'.
//!
//! A command writes a file beside its final place and renames it when it is whole, so that a
//! command that fails leaves nothing behind.

mod contribute;
mod draft;
mod finish;
mod first;
mod verify;

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use sheaf_circuits::ceremony::{Beacon, Ceremony, KeyFile, Listed, Powers};
use sheaf_circuits::circuit_name::CircuitName;
use sheaf_circuits::keys::build_circuits;

use crate::keys::{Progress, Sizes};
use crate::output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the first key of this program's circuits from a file of powers of tau
    New(first::Arguments),
    /// Add a contribution to a key, with a secret that is drawn, used and forgotten
    Contribute(contribute::Arguments),
    /// Check a key against this program's circuits, powers of tau and every contribution
    Verify(verify::Arguments),
    /// Check the last key, perhaps after a public beacon, and make the folder of keys from it
    Finish(finish::Arguments),
}

/// What a key is checked against: the circuits, and the powers of τ of the first phase.
#[derive(Debug, Args)]
struct Powered {
    /// File with the powers of tau of the first phase (.ptau)
    #[arg(long, value_name = "FILE")]
    powers: PathBuf,
}

/// Runs one command of `sheaf ceremony`.
///
/// # Errors
/// When a file cannot be read or written, or is refused.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    match &arguments.command {
        Command::New(arguments) => first::run(arguments),
        Command::Contribute(arguments) => contribute::run(arguments),
        Command::Verify(arguments) => verify::run(arguments),
        Command::Finish(arguments) => finish::run(arguments),
    }
}

impl Powered {
    /// Opens the file.
    ///
    /// # Errors
    /// When the file cannot be read or is no file of powers of τ.
    fn open(&self) -> Result<Powers<File>> {
        let path = &self.powers;
        Powers::open(open(path)?).with_context(|| format!("cannot take {}", path.display()))
    }
}

fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| format!("cannot open {}", path.display()))
}

fn open_key(path: &Path) -> Result<KeyFile<File>> {
    KeyFile::open(open(path)?).with_context(|| format!("cannot take {}", path.display()))
}

/// The beginning of the sentence that refuses a key.
fn must_not_be_used(path: &Path) -> String {
    format!("{} must not be used", path.display())
}

/// Whether somebody's secret is in a key: everybody knows a beacon's.
fn has_a_secret(contributions: &[Listed]) -> bool {
    contributions.iter().any(|one| one.beacon.is_none())
}

/// The number of parts of building circuits of these sizes and the wrap above them.
fn build_parts(sizes: Sizes) -> usize {
    CircuitName::all(sizes.sizes()).len() + Ceremony::BUILD_PARTS
}

/// Builds circuits of these sizes and the wrap above them.
///
/// # Errors
/// When a circuit cannot be built.
fn build(sizes: Sizes, progress: &Progress) -> Result<Ceremony> {
    let circuits = build_circuits(sizes.sizes(), |name| progress.begin(name))?;
    let ceremony = Ceremony::build(circuits, |name| progress.begin(name))?;
    output::note(format_args!("the wrap has {} constraints", ceremony.constraints().count()));
    Ok(ceremony)
}

/// Lists contributions, one in a line: number, digest, and name or beacon.
fn list(contributions: &[Listed]) {
    for (index, Listed { digest, name, beacon }) in contributions.iter().enumerate() {
        let author = match beacon {
            Some(Beacon { value, exponent }) => {
                format!("beacon {}, hashed 2^{exponent} times", hex::encode(value))
            }
            // A name is whatever its file says: only what cannot move the cursor is shown.
            None => name.chars().filter(|one| !one.is_control()).collect(),
        };
        output::answer(format_args!("{:>3}  {}  {author}", index + 1, hex::encode(digest)));
    }
}
