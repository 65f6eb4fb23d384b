//! `sheaf bench`: what Sheaf costs and reaches on this machine, as a table and as JSON.
//!
//! These are measurements and not tests: a bound that is missed is printed as `MISSED`, and the
//! command still ends with success.

mod events;
mod execution;
mod full_batch;
mod l1;
mod load;
mod machine;
mod picture;
mod proofs;
mod report;
mod sequencer;
mod shares;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use tokio::task::spawn_blocking;

use crate::keys::KeyStore;
use crate::output;
use machine::Machine;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    hidden: Option<Hidden>,
    /// Parts to measure; all parts but load unless given
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// Folder for the JSON files of the parts, proofs.svg and load.svg
    #[arg(long, value_name = "FOLDER", default_value = "target/bench")]
    out: PathBuf,
    /// Print the JSON objects instead of the table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    load: load::Options,
    #[command(flatten)]
    l1: l1::Options,
    #[command(flatten)]
    keys: KeyStore,
}

/// What the measurement starts in a process of its own.
#[derive(Debug, Subcommand)]
enum Hidden {
    /// Run the sequencer that `sheaf bench load` measures
    #[command(hide = true)]
    Serve(load::server::Arguments),
    /// Rebuild a state as `sheaf bench l1` measures it
    #[command(hide = true)]
    Rebuild(l1::rebuild::Arguments),
}

/// A group of measurements, which are written to one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Rates of executor and signature checks, and what a block's events cost; takes seconds
    Sequencer,
    /// Proofs of full batches of one and of six blobs, every circuit and the wrap; takes minutes
    Proofs,
    /// One transfer, from sending to finality on an L1 of its own, the gas of each call, and the
    /// state rebuilt from L1; takes minutes
    L1,
    /// Rates and latencies of a sequencer in a process of its own, over HTTP; takes half an hour
    Load,
}

/// Measures one part after another, so that the parts do not disturb each other, and writes and
/// prints each report.
///
/// # Errors
/// When a part cannot be measured, or its file cannot be written.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    match arguments.hidden {
        Some(Hidden::Serve(arguments)) => return load::server::serve(arguments).await,
        Some(Hidden::Rebuild(arguments)) => return l1::rebuild::run(arguments).await,
        None => {}
    }
    let parts = match arguments.parts.as_slice() {
        [] => vec![Part::Sequencer, Part::Proofs, Part::L1],
        parts => parts.to_vec(),
    };
    let machine = Machine::here();
    output::note(&machine);
    for part in parts {
        let keys = arguments.keys.clone();
        let report = match part {
            Part::Sequencer => spawn_blocking(sequencer::measure).await??,
            Part::Proofs => {
                let out = arguments.out.clone();
                spawn_blocking(move || proofs::measure(&keys, &out)).await??
            }
            Part::L1 => l1::measure(keys, arguments.l1).await?,
            Part::Load => load::measure(&arguments.load, &arguments.out).await?,
        };
        let object = report.with_machine(&machine);
        let path = object.write(&arguments.out)?;
        if arguments.json {
            output::answer(object.json());
        } else {
            output::answer(format_args!("{report}\n  written to {}\n", path.display()));
        }
    }
    Ok(())
}
