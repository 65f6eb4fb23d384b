//! `/v1/jobs`: the messages of the worker API.
//!
//! A job is held by whoever knows its `attempt`, the fencing token: each lease of a job raises it,
//! so that an answer from an earlier holder is recognised and refused.

use serde::{Deserialize, Serialize};
use sheaf_ledger::data_mode::DataMode;
use utoipa::{IntoParams, ToSchema};

use crate::step::ProofStep;

/// A worker asks for work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaseRequest {
    /// The worker's name, for people who look for the machine that fails.
    pub worker: String,
    /// The digest of the circuits that the worker has built, 64 hexadecimal digits.
    pub circuits: String,
}

/// A job that is the worker's until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Lease {
    pub job: u64,
    pub batch: u64,
    #[schema(value_type = String, example = "join-entry-0-2")]
    pub step: ProofStep,
    /// How the batch's data words travel to L1, which the proof states.
    #[schema(value_type = String, example = "calldata")]
    pub data_mode: DataMode,
    /// The fencing token that every later message about the job must carry.
    pub attempt: u32,
    /// Milliseconds until the lease ends unless a heartbeat extends it.
    pub lease_ms: u64,
}

/// Which attempt a request for a job belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AttemptParameters {
    /// The fencing token of the lease.
    pub attempt: u32,
}

/// The worker still works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    pub attempt: u32,
}

/// The lease as a heartbeat has extended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeartbeatAnswer {
    pub lease_ms: u64,
}

/// The worker gives up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FailureReport {
    pub attempt: u32,
    /// Why, in one line.
    pub reason: String,
}

/// The worker gives the job back because it has to end; nothing is wrong with the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Release {
    pub attempt: u32,
}

/// The proof was verified and stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Completed {
    /// False when the same job had been completed by the same holder before.
    pub stored: bool,
}

/// What a step is proven from.
///
/// As bytes: for each part a 32-bit little-endian length and the part; first the witness of the
/// batch, then the proofs of the steps it needs, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobInputs {
    pub witness: Vec<u8>,
    pub proofs: Vec<Vec<u8>>,
}

impl JobInputs {
    /// The parts, each behind its length.
    ///
    /// # Panics
    /// When a part has 4 GiB or more, which no witness and no proof has.
    pub fn to_bytes(&self) -> Vec<u8> {
        let parts = || std::iter::once(&self.witness).chain(&self.proofs);
        let mut bytes = Vec::with_capacity(parts().map(|part| part.len() + LENGTH).sum());
        for part in parts() {
            let length = u32::try_from(part.len()).expect("a part is far below 4 GiB");
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }

    /// Reads what `to_bytes` writes; nothing when a length points beyond the end.
    pub fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let mut parts = Vec::new();
        while !bytes.is_empty() {
            let (length, rest) = bytes.split_first_chunk::<LENGTH>()?;
            let length = u32::from_le_bytes(*length) as usize;
            let (part, rest) = rest.split_at_checked(length)?;
            parts.push(part.to_vec());
            bytes = rest;
        }
        let mut parts = parts.into_iter();
        Some(Self { witness: parts.next()?, proofs: parts.collect() })
    }
}

/// Bytes of a length.
const LENGTH: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_go_round() {
        let inputs = JobInputs { witness: vec![], proofs: vec![vec![1, 2, 3], vec![], vec![4]] };
        assert_eq!(JobInputs::from_bytes(&inputs.to_bytes()), Some(inputs));
    }

    #[test]
    fn cut_inputs_are_refused() {
        let whole = JobInputs { witness: vec![7; 5], proofs: vec![vec![1, 2, 3]] }.to_bytes();
        // A cut between two parts leaves shorter inputs; everywhere else it is seen.
        for length in (0..whole.len()).filter(|length| *length != LENGTH + 5) {
            assert_eq!(JobInputs::from_bytes(&whole[..length]), None, "{length}");
        }
    }
}
