//! `sheaf keys`: the folder of keys. `build` makes the keys once; `verify` builds all circuits
//! again and compares them with the stored keys; `export` and `import` carry the folder as one
//! file.

mod bundle;
mod draft;
mod manifest;
mod progress;
mod store;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};
use sheaf_circuits::sizes::{CircuitSizes, PRODUCTION, SMALL};

use crate::output;

pub(crate) use manifest::Setup;
pub(crate) use progress::Progress;
pub(crate) use store::KeyStore;

/// The warning that is printed or logged whenever keys of a local setup are made or used.
const WARNING: &str = "the Groth16 key comes from a local setup and is for development \
                                  only: whoever made it could forge proofs (docs/security.md)";

/// The sizes of the circuits, which decide how much one batch may contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sizes {
    /// Batches of up to six blobs, 12,000 transfers
    Production,
    /// Batches of a few transactions, for tests and small machines
    Small,
}

impl Sizes {
    /// The sizes of all circuits.
    pub(crate) const fn sizes(self) -> &'static CircuitSizes {
        match self {
            Self::Production => &PRODUCTION,
            Self::Small => &SMALL,
        }
    }

    /// The name on the command line and in the keys' folder.
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
    /// Build all circuits and make the Groth16 key, unless there are keys already
    Build,
    /// Build all circuits again and compare them and all files with the manifest
    Verify,
    /// Write the whole folder into one file, to be published
    Export {
        /// File that is written
        file: PathBuf,
    },
    /// Make the folder from a file that `export` wrote, and check every digest in it
    Import {
        /// File that `export` wrote
        file: PathBuf,
        /// Digest that `export` printed, from a source that you trust
        #[arg(long, value_name = "HEX")]
        digest: Option<String>,
    },
}

/// Runs one command of `sheaf keys`.
///
/// # Errors
/// When keys cannot be made, read or written; for `verify`, also when a stored key is not what this
/// program builds.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { store, command } = arguments;
    match command {
        Command::Build => {
            store.build()?;
            output::answer(format_args!("keys are in {}", store.place()?.display()));
        }
        Command::Verify => {
            let digest = store.verify()?;
            output::answer(format_args!("keys are whole; digest {}", hex::encode(digest)));
        }
        Command::Export { file } => bundle::export(store, file)?,
        Command::Import { file, digest } => bundle::import(store, file, digest.as_deref())?,
    }
    Ok(())
}
