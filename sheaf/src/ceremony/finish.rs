//! `sheaf ceremony finish`: the folder of keys from the last key of a ceremony.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use clap::Args;
use sheaf_circuits::ceremony::{BEACON_EXPONENTS, Beacon, VERIFY_PARTS, WRITING_PARTS};

use super::draft::{Draft, require_free};
use super::{Powered, build, build_parts, has_a_secret, list, must_not_be_used, open_key};
use crate::keys::{KeyStore, Progress, Setup};
use crate::output;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// File with the key after the last person's contribution (.zkey)
    #[arg(value_name = "KEY")]
    key: PathBuf,
    #[command(flatten)]
    powered: Powered,
    #[command(flatten)]
    beacon: BeaconArguments,
    #[command(flatten)]
    store: KeyStore,
}

/// The public random value of the last contribution.
#[derive(Debug, Args)]
struct BeaconArguments {
    /// Public random value in hex, such as the hash of a block that was agreed upon in advance
    #[arg(long, value_name = "HEX", requires = "output")]
    beacon: Option<String>,
    /// The beacon is hashed 2 to this power times
    #[arg(long, value_name = "POWER", default_value_t = *BEACON_EXPONENTS.start())]
    #[arg(value_parser = exponents())]
    exponent: u8,
    /// File for the key after the beacon (.zkey), which everybody can verify
    #[arg(long, value_name = "AFTER", requires = "beacon")]
    output: Option<PathBuf>,
}

fn exponents() -> clap::builder::RangedI64ValueParser<u8> {
    let (first, last) = BEACON_EXPONENTS.into_inner();
    clap::value_parser!(u8).range(i64::from(first)..=i64::from(last))
}

impl BeaconArguments {
    /// The beacon and the file for the key after it, if there is one.
    ///
    /// # Errors
    /// When the beacon is no hex or has a wrong length.
    fn parse(&self) -> Result<Option<(Beacon, &Path)>> {
        let (Some(beacon), Some(output)) = (&self.beacon, &self.output) else { return Ok(None) };
        let digits = beacon.strip_prefix("0x").unwrap_or(beacon);
        let value =
            hex::decode(digits).context("the beacon is not an even number of hex digits")?;
        ensure!((1..=255).contains(&value.len()), "the beacon has 1 to 255 bytes");
        require_free(output)?;
        Ok(Some((Beacon { value, exponent: self.exponent }, output)))
    }
}

/// Checks the last key and makes the keys' folder.
///
/// # Errors
/// When there are keys already, the key is refused or has no contribution, or files cannot be
/// written.
pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { key: path, powered, beacon, store } = arguments;
    store.require_none()?;
    let beacon = beacon.parse()?;
    let mut powers = powered.open()?;
    let mut key = open_key(path)?;
    // Building takes long, so that what needs no circuits is checked first.
    let contributions = key.check_contributions(&powers).with_context(|| must_not_be_used(path))?;
    ensure!(
        has_a_secret(&contributions),
        "{}: it has no person's contribution, so that everybody can forge under it",
        must_not_be_used(path)
    );
    let sizes = store.circuits;
    let beacon_parts = beacon.as_ref().map_or(0, |_| WRITING_PARTS);
    // The last part is writing.
    let progress = Progress::new(beacon_parts + build_parts(sizes) + VERIFY_PARTS + 1);
    let begin = |name: &str| progress.begin(name);
    let after = match beacon {
        None => None,
        Some((beacon, output)) => {
            let pending = key.beacon_contribution(beacon)?;
            let draft =
                Draft::write(output, |file| Ok(key.write_contributed(&pending, file, &begin)?))?;
            key = open_key(draft.path())?;
            Some(draft)
        }
    };
    let ceremony = build(sizes, &progress)?;
    let verified =
        ceremony.verify(&mut key, &mut powers, begin).with_context(|| must_not_be_used(path))?;
    let (circuit, contributions) = (verified.circuit, verified.contributions.clone());
    let circuits = Arc::clone(ceremony.circuits());
    let provers = ceremony.into_provers(verified)?;
    progress.begin("writing");
    after.map_or(Ok(()), Draft::put)?;
    let digests = contributions.iter().map(|one| hex::encode(one.digest)).collect();
    let setup = Setup::Ceremony { circuit: hex::encode(circuit), digests };
    store.put_ceremonys((&circuits, &provers), setup)?;
    progress.end();
    output::answer(format_args!("circuit  {}", hex::encode(circuit)));
    list(&contributions);
    output::note(format_args!("keys are in {}", store.place()?.display()));
    Ok(())
}
