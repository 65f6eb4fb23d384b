//! Where a pass phrase comes from: a file, the environment, or the keyboard without echo.
//!
//! A pass phrase is never a command-line argument, because every process on the machine can read
//! command lines.

use std::env::VarError;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use zeroize::Zeroizing;

/// The environment variable that contains a pass phrase.
const VARIABLE: &str = "SHEAF_PASSPHRASE";

/// The flag that gives a pass phrase; without it the environment counts, then the keyboard.
#[derive(Debug, Args)]
pub(super) struct PassphraseSource {
    /// File whose first line is the pass phrase
    ///
    /// Without this flag the environment variable SHEAF_PASSPHRASE is the pass phrase; without that
    /// variable the wallet asks at the keyboard.
    #[arg(long, value_name = "FILE", global = true)]
    passphrase_file: Option<PathBuf>,
}

impl PassphraseSource {
    /// The pass phrase of an existing wallet.
    ///
    /// # Errors
    /// When the file cannot be read, the variable is no text, or there is no keyboard to ask at.
    pub(super) fn read(&self) -> Result<Zeroizing<String>> {
        match self.given()? {
            Some(given) => Ok(given),
            None => prompt("Pass phrase: "),
        }
    }

    /// The pass phrase for a new wallet. At the keyboard the user types it twice, so that a typing
    /// error does not lock the wallet for ever.
    ///
    /// # Errors
    /// As `read`; when the two typed pass phrases differ.
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
