//! `/v1/batches`: what L1 sees, and how far each batch has come.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sheaf_crypto::hash::Digest;
use utoipa::{IntoParams, ToSchema};

/// How far a batch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    Sealed,
    Proven,
    Submitted,
    Finalised,
}

impl BatchState {
    /// The state as JSON and the database spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sealed => "sealed",
            Self::Proven => "proven",
            Self::Submitted => "submitted",
            Self::Finalised => "finalised",
        }
    }
}

impl FromStr for BatchState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Sealed, Self::Proven, Self::Submitted, Self::Finalised]
            .into_iter()
            .find(|state| state.name() == text)
            .ok_or(())
    }
}

/// A sealed batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BatchBody {
    pub number: u64,
    pub state: BatchState,
    /// Unix seconds; the time that transactions are valid against.
    pub timestamp: u32,
    pub first_block: u64,
    pub last_block: u64,
    /// The first request of L1 that it did not find consumed.
    pub first_request: u64,
    pub requests: u64,
    pub transactions: u64,
    pub entries: u64,
    pub data_words: u64,
    pub l1_words: u64,
    #[schema(value_type = String)]
    pub pre_state: Digest,
    #[schema(value_type = String)]
    pub post_state: Digest,
    #[schema(value_type = String)]
    pub post_root: Digest,
    pub next_slot: u64,
    /// Unix milliseconds of the sequencer's clock, as are the next three.
    pub sealed_ms: u64,
    pub proven_ms: Option<u64>,
    pub submitted_ms: Option<u64>,
    pub finalised_ms: Option<u64>,
    pub l1_transaction: Option<String>,
    /// The L1 block that holds it, once the batch is final.
    pub l1_block: Option<u64>,
    /// The gas that the transaction used, once the batch is final.
    pub gas_used: Option<u64>,
}

/// A page of batches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BatchesBody {
    /// The newest first.
    pub batches: Vec<BatchBody>,
}

/// Which page of batches is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PageParameters {
    /// Only batches with a lower number.
    pub before: Option<u64>,
    /// At most this many, up to 100.
    pub limit: Option<u32>,
}

/// The final proof of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProofBody {
    pub batch: u64,
    /// What L1 verifies, `0x` and hex digits.
    pub proof: String,
    /// What it is verified against: integers, `0x` and 64 hex digits each.
    pub public_inputs: Vec<String>,
    /// Whether it is a development proof, which convinces no real contract.
    pub development: bool,
}

/// A batch that was closed before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClosedBody {
    pub batch: u64,
}
