//! `sheaf keys`: the folder of keys. `build` makes the keys once; `verify` builds all circuits
//! again and compares them with the stored keys; `export` and `import` carry the folder as one
//! file.

mod bundle;
mod draft;
mod manifest;
mod progress;
mod store;

use std::path::PathBuf;

use alloy::primitives::B256;
use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
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
    /// Print JSON to standard output instead of text
    #[arg(long, global = true)]
    json: bool,
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
    let Arguments { store, command, json } = arguments;
    let place = || store.place().map(|place| place.display().to_string());
    let (words, answer) = match command {
        Command::Build => {
            store.build()?;
            (format!("keys are in {}", place()?), json!({ "keys": place()? }))
        }
        Command::Verify => {
            let digest = hex::encode(store.verify()?);
            (format!("keys are whole; digest {digest}"), json!({ "digest": digest }))
        }
        Command::Export { file } => {
            let digest = bundle::export(store, file)?;
            (format!("digest {digest}"), json!({ "digest": digest }))
        }
        Command::Import { file, digest } => {
            let digest = bundle::import(store, file, digest.as_deref())?;
            let answer = json!({ "keys": place()?, "digest": digest });
            (format!("keys are in {}; digest {digest}", place()?), answer)
        }
    };
    tell(&words, answer, (store.key_hash()?, *json));
    Ok(())
}

/// Prints what a command has done, and the key hash, for people or for programs.
fn tell(words: &str, mut answer: Value, (key_hash, json): (B256, bool)) {
    if json {
        answer["key_hash"] = json!(key_hash);
        output::answer(answer);
    } else {
        output::answer(format_args!("{words}\nkey hash {key_hash}"));
    }
}
