//! `sheaf bench`: what Sheaf costs and reaches on this machine, as a table and as JSON.
//!
//! These are measurements and not tests: a bound that is missed is printed as `MISSED`, and the
//! command still ends with success.

mod execution;
mod full_batch;
mod l1;
mod machine;
mod proofs;
mod report;
mod sequencer;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use tokio::task::spawn_blocking;

use crate::keys::KeyStore;
use crate::output;
use machine::Machine;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Parts to measure; all parts unless given
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// Folder for proofs.json, l1.json and sequencer.json
    #[arg(long, value_name = "FOLDER", default_value = "target/bench")]
    out: PathBuf,
    /// Print the JSON objects instead of the table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    keys: KeyStore,
}

/// A group of measurements, which are written to one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Rates of executor and signature checks; takes seconds
    Sequencer,
    /// Proofs of a full batch, with every circuit and the wrap; takes minutes
    Proofs,
    /// One transfer, from sending to finality on an L1 of its own; takes minutes
    L1,
}

/// Measures one part after another, so that the parts do not disturb each other, and writes and
/// prints each report.
///
/// # Errors
/// When a part cannot be measured, or its file cannot be written.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
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
            Part::Proofs => spawn_blocking(move || proofs::measure(&keys)).await??,
            Part::L1 => l1::measure(keys).await?,
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
