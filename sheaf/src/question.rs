//! A question at the terminal before something is done that cannot be taken back.

use std::io::{IsTerminal as _, stdin};

use anyhow::{Context as _, Result, ensure};

use crate::output;

/// What is asked, and how the command says that it was not done.
pub(crate) struct Question<'a> {
    pub text: &'a str,
    /// As in "nothing was sent".
    pub refusal: &'a str,
    /// What `--yes` would do, as in "spend this".
    pub act: &'a str,
}

impl Question<'_> {
    /// Asks, and goes on if the answer is yes.
    ///
    /// # Errors
    /// When the answer is another, or there is no terminal to ask at.
    pub(crate) fn ask(&self) -> Result<()> {
        let Self { text, refusal, act } = self;
        ensure!(
            stdin().is_terminal(),
            "{refusal}: there is no terminal to ask at, so say --yes to {act}"
        );
        output::note(format_args!("\n{text} Type yes to go on."));
        let mut line = String::new();
        stdin().read_line(&mut line).context("the answer cannot be read")?;
        ensure!(line.trim() == "yes", "{refusal}");
        Ok(())
    }
}
