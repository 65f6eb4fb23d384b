//! `sheaf ceremony new`: the first key of this program's circuits.

use std::path::PathBuf;

use anyhow::{Error, Result};
use clap::Args;
use serde_json::json;
use sheaf_circuits::ceremony::FIRST_KEY_PARTS;

use super::draft::{Draft, require_free};
use super::{Powered, build, build_parts};
use crate::keys::{Progress, Sizes};
use crate::output;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// File for the first key (.zkey)
    #[arg(value_name = "KEY")]
    output: PathBuf,
    #[command(flatten)]
    powered: Powered,
    /// Sizes of the circuits, which decide how much one batch may contain
    #[arg(long, value_enum, default_value_t = Sizes::Production)]
    circuits: Sizes,
    /// File for the constraints (.r1cs), with which snarkjs can verify keys
    #[arg(long, value_name = "FILE")]
    r1cs: Option<PathBuf>,
}

/// Makes the first key.
///
/// # Errors
/// When the powers of τ are refused, a circuit cannot be built, or a file cannot be written.
pub(super) fn run(arguments: &Arguments, json: bool) -> Result<()> {
    let Arguments { output: place, powered, circuits, r1cs } = arguments;
    // Building takes long, so that the files are looked at first.
    require_free(place)?;
    let mut powers = powered.open()?;
    // The last part is writing.
    let progress = Progress::new(build_parts(*circuits) + FIRST_KEY_PARTS + 1);
    let ceremony = build(*circuits, &progress)?;
    let constraints = ceremony.constraints();
    let r1cs = r1cs.as_deref().map(|r1cs| {
        let draft = Draft::write(r1cs, |file| Ok(constraints.write_r1cs(file)?))?;
        draft.require_same()?;
        Ok::<_, Error>(draft)
    });
    let r1cs = r1cs.transpose()?;
    let first = ceremony.first_key(&mut powers, |name| progress.begin(name))?;
    progress.begin("writing");
    let key = Draft::write(place, |file| Ok(first.write(constraints, file)?))?;
    // The key says that all is done, so it comes last. A run that ends in between leaves the
    // constraints, and the next run takes them.
    r1cs.map_or(Ok(()), Draft::put_again)?;
    key.put()?;
    progress.end();
    let circuit = hex::encode(first.digest());
    if json {
        output::answer(json!({ "circuit": circuit }));
    } else {
        output::answer(format_args!("circuit  {circuit}"));
    }
    output::note(format_args!("the first key is in {}", place.display()));
    Ok(())
}
