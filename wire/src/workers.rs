//! `/v1/jobs`: the messages of the worker API.
//!
//! A job belongs to the worker whose messages repeat the job's `attempt`, the fencing token. Each
//! lease of a job raises the attempt, so that the sequencer recognises and refuses an answer under
//! an earlier lease.

use serde::{Deserialize, Serialize};
use sheaf_ledger::data_reference::DataReference;
use utoipa::{IntoParams, ToSchema};

use crate::schema;
use crate::step::ProofStep;

/// A worker's request for a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaseRequest {
    /// The worker's name, 1 to 256 bytes, for people who look for the machine that fails.
    #[schema(min_length = 1, max_length = 256)]
    pub worker: String,
    /// The digest of the worker's circuits, 64 hexadecimal digits without `0x`.
    #[schema(value_type = schema::Circuits)]
    pub circuits: String,
}

/// A job that belongs to the worker until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Lease {
    pub job: u64,
    pub batch: u64,
    #[schema(value_type = schema::Step)]
    pub step: ProofStep,
    /// What names the batch's data words on L1, `0x` and 64 hex digits; the proof depends on it.
    #[schema(value_type = schema::Hash)]
    pub data_reference: DataReference,
    /// The fencing token, which every later message about the job must repeat.
    pub attempt: u32,
    /// Milliseconds until the lease ends unless a heartbeat extends it.
    pub lease_ms: u64,
}

/// The attempt to which a request about a job belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AttemptParameters {
    /// The fencing token of the lease.
    pub attempt: u32,
}

/// The worker still works on the job, which extends the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    pub attempt: u32,
}

/// The lease as a heartbeat has extended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeartbeatAnswer {
    /// Milliseconds until the lease ends unless another heartbeat extends it.
    pub lease_ms: u64,
}

/// The worker gives the job up, which counts as a failure of the job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FailureReport {
    pub attempt: u32,
    /// Why, in one line; cut to 256 bytes.
    pub reason: String,
}

/// The worker gives the job back because the worker has to end. No failure of the job is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Release {
    pub attempt: u32,
}

/// The proof is verified and stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Completed {
    /// False when a proof was stored under the same attempt before.
    pub stored: bool,
}

/// The inputs from which a step is proven.
///
/// As bytes: for each part a 32-bit little-endian length and the part. The first part is the
/// batch's witness; the others are the proofs of the steps that the step needs, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobInputs {
    pub witness: Vec<u8>,
    pub proofs: Vec<Vec<u8>>,
}

impl JobInputs {
    /// The parts as bytes, each after its length.
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

    /// Reads what `to_bytes` writes; `None` when there is no part or a length exceeds the rest.
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

/// Bytes of the length before each part.
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
