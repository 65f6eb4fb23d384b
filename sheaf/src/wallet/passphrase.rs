//! Where a pass phrase comes from: a file, the environment, or the keyboard without echo. Never the
//! command line, which every process on the machine can read.

use std::env::VarError;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use zeroize::Zeroizing;

/// The environment's name for a pass phrase.
const VARIABLE: &str = "SHEAF_PASSPHRASE";

/// The ways to give a pass phrase, the first that is present counts.
#[derive(Debug, Args)]
pub(super) struct PassphraseSource {
    /// File whose first line is the pass phrase; else SHEAF_PASSPHRASE is, or the keyboard is asked
    #[arg(long, value_name = "FILE", global = true)]
    passphrase_file: Option<PathBuf>,
}

impl PassphraseSource {
    /// The pass phrase of an existing wallet.
    pub(super) fn read(&self) -> Result<Zeroizing<String>> {
        match self.given()? {
            Some(given) => Ok(given),
            None => prompt("Pass phrase: "),
        }
    }

    /// The pass phrase for a new wallet: typed twice, so that a slip does not lock it for ever.
    pub(super) fn choose(&self) -> Result<Zeroizing<String>> {
        if let Some(given) = self.given()? {
            return Ok(given);
        }
        let first = prompt("New pass phrase: ")?;
        let second = prompt("Once more: ")?;
        ensure!(*first == *second, "the two pass phrases differ; nothing was written");
        Ok(first)
    }

    fn given(&self) -> Result<Option<Zeroizing<String>>> {
        if let Some(path) = &self.passphrase_file {
            let text = Zeroizing::new(
                fs::read_to_string(path)
                    .with_context(|| format!("cannot read {}", path.display()))?,
            );
            let line = text.lines().next().unwrap_or_default();
            return Ok(Some(Zeroizing::new(line.to_owned())));
        }
        match std::env::var(VARIABLE) {
            Ok(given) => Ok(Some(Zeroizing::new(given))),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => bail!("{VARIABLE} is no text"),
        }
    }
}

fn prompt(question: &str) -> Result<Zeroizing<String>> {
    rpassword::prompt_password(question)
        .map(Zeroizing::new)
        .context("cannot ask for the pass phrase; give --passphrase-file or SHEAF_PASSPHRASE")
}
