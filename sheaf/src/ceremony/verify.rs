//! `sheaf ceremony verify`: whether a key follows from circuits, powers of τ and contributions.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use sheaf_circuits::ceremony::VERIFY_PARTS;

use super::{Powered, build, build_parts, list, open_key};
use crate::keys::{Progress, Sizes};
use crate::output;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// File with the key (.zkey)
    #[arg(value_name = "KEY")]
    key: PathBuf,
    #[command(flatten)]
    powered: Powered,
    /// Sizes of the circuits, which decide how much one batch may contain
    #[arg(long, value_enum, default_value_t = Sizes::Production)]
    circuits: Sizes,
}

/// Checks a key and lists its contributions.
///
/// # Errors
/// When the key is refused.
pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { key: path, powered, circuits } = arguments;
    let mut powers = powered.open()?;
    let mut key = open_key(path)?;
    let progress = Progress::new(build_parts(*circuits) + VERIFY_PARTS);
    let ceremony = build(*circuits, &progress)?;
    let verified = ceremony
        .verify(&mut key, &mut powers, |name| progress.begin(name))
        .with_context(|| format!("{} must not be used", path.display()))?;
    progress.end();
    output::answer(format_args!("circuit  {}", hex::encode(verified.circuit)));
    list(&verified.contributions);
    if verified.contributions.is_empty() {
        output::note("the key is right and has no contribution yet: everybody can forge under it");
    } else {
        output::note("the key is right; compare the digests with those that were published");
    }
    Ok(())
}
