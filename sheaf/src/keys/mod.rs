//! `sheaf keys`: keys on disk, made once by `build`, compared with this program by `verify`.

mod manifest;
mod progress;
mod store;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};
use sheaf_circuits::sizes::{CircuitSizes, PRODUCTION, SMALL};

pub(crate) use store::KeyStore;

/// What is said whenever keys are made or used.
pub(crate) const WARNING: &str = "the Groth16 key comes from a local setup and is for development \
                                  only: whoever made it could forge proofs (docs/security.md)";

/// How large the circuits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sizes {
    /// For batches of up to 4,096 entries
    Production,
    /// For a few transactions a batch: tests and small machines
    Small,
}

impl Sizes {
    /// The sizes that the name stands for.
    pub(crate) const fn sizes(self) -> &'static CircuitSizes {
        match self {
            Self::Production => &PRODUCTION,
            Self::Small => &SMALL,
        }
    }

    /// As on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Small => "small",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    store: KeyStore,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build all circuits and make the Groth16 key, unless they are there
    Build,
    /// Build all circuits again and compare everything with the manifest
    Verify,
}

/// `sheaf keys`.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { store, command } = arguments;
    match command {
        Command::Build => {
            store.build()?;
            println!("keys are in {}", store.place()?.display());
        }
        Command::Verify => {
            let digest = store.verify()?;
            println!("keys are whole; digest {}", hex::encode(digest));
        }
    }
    Ok(())
}
