//! `sheaf ceremony`: a Groth16 key whose trapdoor nobody knows, if one contributor was honest.
//!
//! `new` makes the first key from powers of τ, `contribute` adds a contribution, `verify` checks a
//! key, and `finish` makes the keys' folder. docs/ceremony.md tells how to hold a ceremony. The
//! files are snarkjs'.
//!
//! A command writes a file beside its final place and renames it when it is whole, so that a
//! command that fails leaves nothing behind.

mod contribute;
mod draft;
mod finish;
mod first;
mod verify;

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use alloy::primitives::B256;
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sheaf_circuits::ceremony::{Beacon, Ceremony, Digest, KeyFile, Listed, Powers};
use sheaf_circuits::circuit_name::CircuitName;
use sheaf_circuits::keys::build_circuits;

use crate::keys::{Progress, Sizes};
use crate::output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Print JSON to standard output instead of text
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the first key of this program's circuits from a file of powers of tau
    New(first::Arguments),
    /// Add a contribution to a key, with a secret that is drawn, used and forgotten
    Contribute(contribute::Arguments),
    /// Check a key against this program's circuits, powers of tau and every contribution
    Verify(verify::Arguments),
    /// Check the last key, perhaps after a public beacon, and make the folder of keys from it
    Finish(finish::Arguments),
}

/// What a key is checked against: the circuits, and the powers of τ of the first phase.
#[derive(Debug, Args)]
struct Powered {
    /// File with the powers of tau of the first phase (.ptau)
    #[arg(long, value_name = "FILE")]
    powers: PathBuf,
}

/// Runs one command of `sheaf ceremony`.
///
/// # Errors
/// When a file cannot be read or written, or is refused.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { command, json } = arguments;
    match command {
        Command::New(arguments) => first::run(arguments, *json),
        Command::Contribute(arguments) => contribute::run(arguments, *json),
        Command::Verify(arguments) => verify::run(arguments, *json),
        Command::Finish(arguments) => finish::run(arguments, *json),
    }
}

impl Powered {
    /// Opens the file.
    ///
    /// # Errors
    /// When the file cannot be read or is no file of powers of τ.
    fn open(&self) -> Result<Powers<File>> {
        let path = &self.powers;
        Powers::open(open(path)?).with_context(|| format!("cannot take {}", path.display()))
    }
}

fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| format!("cannot open {}", path.display()))
}

fn open_key(path: &Path) -> Result<KeyFile<File>> {
    KeyFile::open(open(path)?).with_context(|| format!("cannot take {}", path.display()))
}

/// The beginning of the sentence that refuses a key.
fn must_not_be_used(path: &Path) -> String {
    format!("{} must not be used", path.display())
}

/// Whether somebody's secret is in a key: everybody knows a beacon's.
fn has_a_secret(contributions: &[Listed]) -> bool {
    contributions.iter().any(|one| one.beacon.is_none())
}

/// The number of parts of building circuits of these sizes and the wrap above them.
fn build_parts(sizes: Sizes) -> usize {
    CircuitName::all(sizes.sizes()).len() + Ceremony::BUILD_PARTS
}

/// Builds circuits of these sizes and the wrap above them.
///
/// # Errors
/// When a circuit cannot be built.
fn build(sizes: Sizes, progress: &Progress) -> Result<Ceremony> {
    let circuits = build_circuits(sizes.sizes(), |name| progress.begin(name))?;
    let ceremony = Ceremony::build(circuits, |name| progress.begin(name))?;
    output::note(format_args!("the wrap has {} constraints", ceremony.constraints().count()));
    Ok(ceremony)
}

/// What everybody should know of a key that was checked.
struct Report {
    /// The digest of the circuit and the first key.
    circuit: Digest,
    contributions: Vec<Listed>,
    /// What the verifier contract answers to `keyHash`; `None` where everybody can forge.
    key_hash: Option<B256>,
}

impl Report {
    /// For programs.
    fn json(&self) -> Value {
        let Self { circuit, contributions, key_hash } = self;
        let contributions = contributions.iter().map(|Listed { digest, name, beacon }| {
            let beacon = beacon.as_ref().map(|Beacon { value, exponent }| {
                json!({ "value": hex::encode(value), "exponent": exponent })
            });
            json!({ "digest": hex::encode(digest), "name": name, "beacon": beacon })
        });
        json!({
            "circuit": hex::encode(circuit),
            "contributions": contributions.collect::<Value>(),
            "key_hash": key_hash,
        })
    }
}

/// For people: circuit, contributions and key hash, one in a line. A contribution has its number,
/// its digest, and its name or beacon.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { circuit, contributions, key_hash } = self;
        write!(f, "circuit  {}", hex::encode(circuit))?;
        for (index, Listed { digest, name, beacon }) in contributions.iter().enumerate() {
            let author = match beacon {
                Some(Beacon { value, exponent }) => {
                    format!("beacon {}, hashed 2^{exponent} times", hex::encode(value))
                }
                // A name is whatever its file says: only what cannot move the cursor is shown.
                None => name.chars().filter(|one| !one.is_control()).collect(),
            };
            write!(f, "\n{:>3}  {}  {author}", index + 1, hex::encode(digest))?;
        }
        key_hash.map_or(Ok(()), |hash| write!(f, "\nkey hash  {hash}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_the_key_hash_for_people_and_for_programs() {
        let beacon = Beacon { value: vec![0xbe, 0xac], exponent: 10 };
        let contributions = vec![
            Listed { digest: [1; 64], name: "Ada\x1b[2J".to_owned(), beacon: None },
            Listed { digest: [2; 64], name: String::new(), beacon: Some(beacon) },
        ];
        let report =
            |key_hash| Report { circuit: [0; 64], contributions: contributions.clone(), key_hash };
        let [circuit, one, two] = ["00", "01", "02"].map(|byte| byte.repeat(64));
        let hash = format!("0x{}", "03".repeat(32));
        let lines = format!(
            "circuit  {circuit}\n  1  {one}  Ada[2J\n  2  {two}  beacon beac, hashed 2^10 times"
        );
        let whole = report(Some(B256::repeat_byte(3)));
        assert_eq!(whole.to_string(), format!("{lines}\nkey hash  {hash}"));
        assert_eq!(report(None).to_string(), lines);
        let expected = json!({
            "circuit": circuit,
            "contributions": [
                { "digest": one, "name": "Ada\u{1b}[2J", "beacon": null },
                { "digest": two, "name": "", "beacon": { "value": "beac", "exponent": 10 } },
            ],
            "key_hash": hash,
        });
        assert_eq!(whole.json(), expected);
        assert_eq!(report(None).json()["key_hash"], Value::Null);
    }
}
