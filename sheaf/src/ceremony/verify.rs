//! `sheaf ceremony verify`: whether a key follows from circuits, powers of τ and contributions.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use sheaf_circuits::ceremony::VERIFY_PARTS;
use sheaf_circuits::keys::VerifyingKeyWords;

use super::{Powered, Report, build, build_parts, has_a_secret, must_not_be_used, open_key};
use crate::circuits::contract_key;
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
pub(super) fn run(arguments: &Arguments, json: bool) -> Result<()> {
    let Arguments { key: path, powered, circuits } = arguments;
    let mut powers = powered.open()?;
    let mut key = open_key(path)?;
    // Building takes long, so that what needs no circuits is checked first.
    key.check_contributions(&powers).with_context(|| must_not_be_used(path))?;
    let progress = Progress::new(build_parts(*circuits) + VERIFY_PARTS);
    let ceremony = build(*circuits, &progress)?;
    let verified = ceremony
        .verify(&mut key, &mut powers, |name| progress.begin(name))
        .with_context(|| must_not_be_used(path))?;
    progress.end();
    let has_a_secret = has_a_secret(&verified.contributions);
    let words = has_a_secret.then(|| VerifyingKeyWords::encode(&verified.key.vk)).transpose()?;
    let key_hash = words.map(|words| contract_key(&words).hash());
    let (circuit, contributions) = (verified.circuit, verified.contributions);
    let report = Report { circuit, contributions, key_hash };
    if json {
        output::answer(report.json());
    } else {
        output::answer(report);
    }
    if !has_a_secret {
        output::note("the key is right and has no person's contribution: everybody can forge");
    } else {
        output::note("the key is right; compare digests and key hash with the published ones");
    }
    Ok(())
}
