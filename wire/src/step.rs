//! The steps that prove a batch, and their names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sheaf_crypto::text;
use thiserror::Error;

/// The kind of a leaf proof, and of the joins above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeafKind {
    /// A chunk of the batch's entries.
    Entry,
    /// A chunk of the batch's signatures.
    Signature,
    /// A chunk of the batch's data words.
    Data,
}

/// One proof to be made. Its text is its name in JSON and in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProofStep {
    /// `entry-3`: one chunk of the batch.
    Leaf { kind: LeafKind, chunk: u32 },
    /// `join-entry-0-2`: a join of up to three proofs of one kind. Level 0 is the lowest, and index
    /// 2 is the third join of that level.
    Join { kind: LeafKind, level: u32, index: u32 },
    /// `batch`: the three kinds agree.
    Batch,
    /// `wrap`: the outer proof and the Groth16 proof that L1 verifies.
    Wrap,
}

impl ProofStep {
    /// The name under which metrics count and time all steps of this sort together.
    pub const fn sort(self) -> &'static str {
        match self {
            Self::Leaf { kind: LeafKind::Entry, .. } => "entry",
            Self::Leaf { kind: LeafKind::Signature, .. } => "signature",
            Self::Leaf { kind: LeafKind::Data, .. } => "data",
            Self::Join { .. } => "join",
            Self::Batch => "batch",
            Self::Wrap => "wrap",
        }
    }
}

/// A step and the steps whose proofs it needs, in the order in which its circuit verifies them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeStep {
    pub step: ProofStep,
    pub needs: Vec<ProofStep>,
}

/// The error for a text that names no step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a step is entry-N, signature-N, data-N, join-KIND-LEVEL-INDEX, batch or wrap")]
pub struct StepTextError;

impl fmt::Display for LeafKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Entry => "entry",
            Self::Signature => "signature",
            Self::Data => "data",
        })
    }
}

impl FromStr for LeafKind {
    type Err = StepTextError;

    fn from_str(text: &str) -> Result<Self, StepTextError> {
        match text {
            "entry" => Ok(Self::Entry),
            "signature" => Ok(Self::Signature),
            "data" => Ok(Self::Data),
            _ => Err(StepTextError),
        }
    }
}

impl fmt::Display for ProofStep {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leaf { kind, chunk } => write!(formatter, "{kind}-{chunk}"),
            Self::Join { kind, level, index } => write!(formatter, "join-{kind}-{level}-{index}"),
            Self::Batch => formatter.write_str("batch"),
            Self::Wrap => formatter.write_str("wrap"),
        }
    }
}

impl FromStr for ProofStep {
    type Err = StepTextError;

    fn from_str(text: &str) -> Result<Self, StepTextError> {
        let parts: Vec<&str> = text.split('-').collect();
        let step = match parts.as_slice() {
            ["batch"] => Self::Batch,
            ["wrap"] => Self::Wrap,
            ["join", kind, level, index] => {
                let kind = kind.parse()?;
                Self::Join { kind, level: number(level)?, index: number(index)? }
            }
            [kind, chunk] => Self::Leaf { kind: kind.parse()?, chunk: number(chunk)? },
            _ => return Err(StepTextError),
        };
        // Each step has one spelling, so that unique texts in the database are unique steps.
        if step.to_string() == text { Ok(step) } else { Err(StepTextError) }
    }
}

fn number(text: &str) -> Result<u32, StepTextError> {
    text.parse().map_err(|_| StepTextError)
}

impl Serialize for ProofStep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ProofStep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_round() {
        let steps = [
            (ProofStep::Leaf { kind: LeafKind::Entry, chunk: 0 }, "entry-0"),
            (ProofStep::Leaf { kind: LeafKind::Signature, chunk: 12 }, "signature-12"),
            (ProofStep::Join { kind: LeafKind::Data, level: 1, index: 3 }, "join-data-1-3"),
            (ProofStep::Batch, "batch"),
            (ProofStep::Wrap, "wrap"),
        ];
        for (step, name) in steps {
            assert_eq!((step.to_string().as_str(), name.parse()), (name, Ok(step)));
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for name in [
            "",
            "entry",
            "entry-",
            "entry-01",
            "entry-+1",
            "Entry-1",
            "join-entry-1",
            "join-wrap-0-0",
            "batch-1",
            "wrap-",
            "entry-4294967296",
        ] {
            assert_eq!(name.parse::<ProofStep>(), Err(StepTextError), "{name}");
        }
    }
}
