//! `sheaf bench`: what Sheaf costs and reaches on this machine, as a table and as JSON.
//!
//! These are measurements. Nothing here passes or fails: a bound that is missed is printed as such,
//! and the command ends well.

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
use machine::Machine;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What to measure; everything unless given
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

/// A group of measurements, and the file that it goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Executor and signatures: seconds
    Sequencer,
    /// A full batch through every circuit and the wrap: minutes
    Proofs,
    /// One transfer, from sent to finalised on an L1 of its own: minutes
    L1,
}

/// Measures one part after another, so that they do not disturb each other.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let parts = match arguments.parts.as_slice() {
        [] => vec![Part::Sequencer, Part::Proofs, Part::L1],
        parts => parts.to_vec(),
    };
    let machine = Machine::here();
    eprintln!("{machine}");
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
            println!("{}", object.json());
        } else {
            println!("{report}\n  written to {}\n", path.display());
        }
    }
    Ok(())
}
