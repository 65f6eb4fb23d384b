//! The manifest of a folder of keys: which circuits and files the folder contains, by digest.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::Sizes;

/// The number of the folder's format. Another format has another number.
pub(super) const FORMAT: u32 = 5;

/// The manifest. Digests are in hex.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// `FORMAT` when the keys were made.
    pub format: u32,
    /// The sizes of the circuits.
    pub sizes: Sizes,
    /// Digest of the circuits below the outer one.
    pub circuits: String,
    /// Digest of the outer circuit, for which the proving key was made.
    pub outer: String,
    /// Digest of the wrap's constraints, for which the proving key was made.
    pub wrap: String,
    /// The digest that worker and sequencer compare, of all circuits and the verifying key.
    pub digest: String,
    /// Where the Groth16 key comes from.
    pub setup: Setup,
    /// keccak256 of each other file, by its name.
    pub files: BTreeMap<String, String>,
}

/// Where a Groth16 key comes from. Digests are in hex.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Setup {
    /// `sheaf keys build` drew its secrets.
    Local,
    /// A ceremony made it.
    Ceremony {
        /// Digest of the circuit and the first key.
        circuit: String,
        /// Digest of each contribution, in order.
        digests: Vec<String>,
    },
}

/// The one field that the manifest of every format has.
#[derive(Deserialize)]
struct Form {
    format: u32,
}

/// Whether a manifest has this program's format. `None` if `text` names no format.
pub(super) fn has_known_form(text: &[u8]) -> Option<bool> {
    let Form { format } = serde_json::from_slice(text).ok()?;
    Some(format == FORMAT)
}

/// Reads a digest of 32 bytes from hex.
///
/// # Errors
/// When `text` is not 64 hex digits; the error calls the digest `what`.
pub(super) fn digest(what: &str, text: &str) -> Result<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest)
        .with_context(|| format!("the manifest's digest of {what} is malformed"))?;
    Ok(digest)
}
