//! `sheaf ceremony contribute`: one person's contribution.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use rand::TryRngCore;
use rand::rngs::OsRng;
use serde_json::json;
use sheaf_circuits::ceremony::{Secret, WRITING_PARTS};
use zeroize::Zeroizing;

use super::draft::{Draft, require_free};
use super::open_key;
use crate::keys::Progress;
use crate::output;

/// Bytes that are drawn from the operating system.
const RANDOM_BYTES: usize = 64;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// File with the key before the contribution (.zkey)
    #[arg(value_name = "BEFORE")]
    input: PathBuf,
    /// File for the key after the contribution
    #[arg(value_name = "AFTER")]
    output: PathBuf,
    /// Name of the contributor, which everybody will read; at most 64 bytes
    #[arg(long, value_name = "NAME", default_value = "")]
    name: String,
    /// Ask for a line of text at the keyboard, which is mixed into the secret
    ///
    /// The secret is then unknown to others even if the operating system's random numbers are not
    /// random.
    #[arg(long)]
    type_text: bool,
}

/// Adds a contribution.
///
/// # Errors
/// When the key before is refused, the operating system gives no random numbers, or the key after
/// cannot be written.
pub(super) fn run(arguments: &Arguments, json: bool) -> Result<()> {
    let Arguments { input, output: place, name, type_text } = arguments;
    require_free(place)?;
    let mut key = open_key(input)?;
    let pending = key.contribution(&secret(*type_text)?, name)?;
    // Whatever happens now, the contributor can tell which contribution is the own one.
    let digest = hex::encode(pending.digest());
    if json {
        output::answer(json!({ "contribution": digest }));
    } else {
        output::answer(format_args!("contribution  {digest}"));
    }
    let progress = Progress::new(WRITING_PARTS);
    let begin = |name: &str| progress.begin(name);
    let draft = Draft::write(place, |file| Ok(key.write_contributed(&pending, file, &begin)?))?;
    draft.put()?;
    progress.end();
    output::note(format_args!(
        "the key after it is in {}; publish the digest above, and pass the file on",
        place.display()
    ));
    Ok(())
}

fn secret(type_text: bool) -> Result<Secret> {
    let mut random = Zeroizing::new(vec![0; RANDOM_BYTES]);
    OsRng.try_fill_bytes(&mut random).context("the operating system gives no random numbers")?;
    let text = match type_text {
        true => rpassword::prompt_password("Any text, which is not shown: ")
            .context("cannot ask for text; leave --type-text out")?,
        false => String::new(),
    };
    Ok(Secret::draw(&random, &Zeroizing::new(text)))
}
