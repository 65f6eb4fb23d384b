//! `sheaf ceremony finish`: the folder of keys from the last key of a ceremony.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use clap::Args;
use sheaf_circuits::ceremony::{
    BEACON_EXPONENTS, Beacon, KeyFile, Listed, VERIFY_PARTS, WRITING_PARTS,
};

use super::draft::Draft;
use super::{Powered, Report, build, build_parts, has_a_secret, must_not_be_used, open_key};
use crate::circuits::contract_key;
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
    fn parse(&self) -> Result<Option<BeaconStep<'_>>> {
        let (Some(beacon), Some(output)) = (&self.beacon, &self.output) else { return Ok(None) };
        let digits = beacon.strip_prefix("0x").unwrap_or(beacon);
        let value =
            hex::decode(digits).context("the beacon is not an even number of hex digits")?;
        ensure!((1..=255).contains(&value.len()), "the beacon has 1 to 255 bytes");
        let beacon = Beacon { value, exponent: self.exponent };
        Ok(Some(BeaconStep { beacon, output }))
    }
}

/// The contribution of the beacon.
struct BeaconStep<'a> {
    beacon: Beacon,
    /// The file for the key after the beacon.
    output: &'a Path,
}

impl BeaconStep<'_> {
    /// The number of parts that `run` reports.
    fn parts(&self) -> usize {
        if self.output.exists() { 0 } else { WRITING_PARTS }
    }

    /// Refuses a file that is there and is not the key after the beacon, as an interrupted run
    /// leaves it. `before` are the contributions to the key, whose file is `path`.
    ///
    /// # Errors
    /// When there is another file.
    fn require_fitting(&self, before: &[Listed], path: &Path) -> Result<()> {
        let Self { beacon, output } = self;
        if !output.exists() {
            return Ok(());
        }
        let fits = open_key(output).is_ok_and(|key| is_after(&key.contributions(), before, beacon));
        ensure!(
            fits,
            "{} exists and is not {} after this beacon; nothing was overwritten, give another name",
            output.display(),
            path.display()
        );
        Ok(())
    }

    /// Adds the contribution to a key. Returns the key after it, and its file unless an interrupted
    /// run has put the file in place.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    fn run(
        self,
        mut key: KeyFile<File>,
        begin: &dyn Fn(&str),
    ) -> Result<(KeyFile<File>, Option<Draft>)> {
        let Self { beacon, output } = self;
        if output.exists() {
            return Ok((open_key(output)?, None));
        }
        let pending = key.beacon_contribution(beacon)?;
        let draft = Draft::write(output, |file| Ok(key.write_contributed(&pending, file, begin)?))?;
        Ok((open_key(draft.path())?, Some(draft)))
    }
}

/// Whether contributions are those before and a beacon's.
fn is_after(contributions: &[Listed], before: &[Listed], beacon: &Beacon) -> bool {
    contributions
        .split_last()
        .is_some_and(|(last, rest)| rest == before && last.beacon.as_ref() == Some(beacon))
}

/// Checks the last key and makes the keys' folder.
///
/// # Errors
/// When there are keys already, the key is refused or has no contribution, or files cannot be
/// written.
pub(super) fn run(arguments: &Arguments, json: bool) -> Result<()> {
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
    let beacon_parts = beacon.as_ref().map_or(0, BeaconStep::parts);
    // The last part is writing.
    let progress = Progress::new(beacon_parts + build_parts(sizes) + VERIFY_PARTS + 1);
    let begin = |name: &str| progress.begin(name);
    let after = match beacon {
        None => None,
        Some(step) => {
            step.require_fitting(&contributions, path)?;
            let (next, draft) = step.run(key, &begin)?;
            key = next;
            draft
        }
    };
    let ceremony = build(sizes, &progress)?;
    let verified =
        ceremony.verify(&mut key, &mut powers, begin).with_context(|| must_not_be_used(path))?;
    let (circuit, contributions) = (verified.circuit, verified.contributions.clone());
    let circuits = Arc::clone(ceremony.circuits());
    let provers = ceremony.into_provers(verified)?;
    progress.begin("writing");
    let digests = contributions.iter().map(|one| hex::encode(one.digest)).collect();
    let setup = Setup::Ceremony { circuit: hex::encode(circuit), digests };
    // The folder of keys says that all is done, so it comes last. A run that ends in between leaves
    // the key after the beacon, and the next run takes it.
    let before = || after.map_or(Ok(()), Draft::put);
    store.put_ceremonys((&circuits, &provers), setup, before)?;
    progress.end();
    let key_hash = contract_key(&provers.verifiers().verifying_key()?).hash();
    let report = Report { circuit, contributions, key_hash: Some(key_hash) };
    if json {
        output::answer(report.json());
    } else {
        output::answer(report);
    }
    output::note(format_args!("keys are in {}; publish the key hash", store.place()?.display()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_that_an_interrupted_run_has_left_is_known_by_its_contributions() {
        let listed = |byte: u8, beacon: Option<&Beacon>| Listed {
            digest: [byte; 64],
            name: String::new(),
            beacon: beacon.cloned(),
        };
        let (beacon, other) =
            (Beacon { value: vec![1], exponent: 10 }, Beacon { value: vec![2], exponent: 10 });
        let (one, two, last) = (listed(1, None), listed(2, None), listed(3, Some(&beacon)));
        let before = [one.clone()];
        assert!(is_after(&[one.clone(), last.clone()], &before, &beacon));
        for wrong in [
            vec![],
            vec![one.clone()],
            vec![last.clone()],
            vec![two.clone(), last.clone()],
            vec![one.clone(), two.clone(), last.clone()],
            vec![one.clone(), listed(3, Some(&other))],
            vec![one, two],
        ] {
            assert!(!is_after(&wrong, &before, &beacon), "{wrong:?}");
        }
    }
}
