//! Where a pass phrase comes from: a file, the environment, or the keyboard without echo.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Args;
use zeroize::Zeroizing;

/// The ways to give a pass phrase, the first that is present counts.
#[derive(Debug, Args)]
pub struct PassphraseSource {
    /// File whose first line is the pass phrase
    #[arg(long, value_name = "FILE", global = true)]
    passphrase_file: Option<PathBuf>,
    /// The pass phrase itself; asked for at the keyboard when neither is given
    #[arg(long, env = "SHEAF_PASSPHRASE", hide_env_values = true, hide = true, global = true)]
    passphrase: Option<String>,
}

impl PassphraseSource {
    /// The pass phrase of an existing wallet.
    pub fn read(&self) -> Result<Zeroizing<String>> {
        match self.given()? {
            Some(given) => Ok(given),
            None => prompt("Pass phrase: "),
        }
    }

    /// The pass phrase for a new wallet: typed twice, so that a slip does not lock it for ever.
    pub fn choose(&self) -> Result<Zeroizing<String>> {
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
        Ok(self.passphrase.clone().map(Zeroizing::new))
    }
}

fn prompt(question: &str) -> Result<Zeroizing<String>> {
    rpassword::prompt_password(question)
        .map(Zeroizing::new)
        .context("cannot ask for the pass phrase; give --passphrase-file or SHEAF_PASSPHRASE")
}
