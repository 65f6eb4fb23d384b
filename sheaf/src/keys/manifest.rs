//! What a folder of keys says about itself.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::Sizes;

/// The form of the folder; another form has another number.
pub(super) const FORMAT: u32 = 3;

/// The manifest. Digests are in hex.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub format: u32,
    pub sizes: Sizes,
    /// Of the circuits below the outer one.
    pub circuits: String,
    /// Of the outer circuit, for which the proving key was made.
    pub outer: String,
    /// Of the wrap's constraints, for which the proving key was made as well.
    pub wrap: String,
    /// What workers, sequencer and contract compare.
    pub digest: String,
    /// keccak256 of each other file, by its name.
    pub files: BTreeMap<String, String>,
}

/// The field that every form has.
#[derive(Deserialize)]
struct Form {
    format: u32,
}

/// Whether a manifest has this program's form. Nothing if it has none at all.
pub(super) fn has_known_form(text: &[u8]) -> Option<bool> {
    let Form { format } = serde_json::from_slice(text).ok()?;
    Some(format == FORMAT)
}

/// A digest as bytes; `what` names it in an error.
pub(super) fn digest(what: &str, text: &str) -> Result<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest)
        .with_context(|| format!("the manifest's digest of {what} is malformed"))?;
    Ok(digest)
}
