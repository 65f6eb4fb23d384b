//! The bodies of `/v1/batches`: the contents, state and proof of each batch.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sheaf_crypto::hash::Digest;
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::data_reference::DataReference;
use utoipa::{IntoParams, ToSchema};

use crate::schema;
use crate::step::ProofStep;

/// The state of a sealed batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    /// The batch is closed and its witness is stored.
    Sealed,
    /// The batch has its final proof.
    Proven,
    /// A signed L1 transaction with the batch is stored and sent.
    Submitted,
    /// The contract has verified the batch, under enough confirmations.
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

    /// Reads the text that `name` writes.
    ///
    /// # Errors
    /// `()` for every other text.
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
    /// Unix seconds. Each of the batch's transactions is valid at this time.
    pub timestamp: u32,
    pub first_block: u64,
    pub last_block: u64,
    /// The first request of L1 that no earlier batch consumed.
    pub first_request: u64,
    /// How many requests of L1 the batch consumed.
    pub requests: u64,
    /// This and the next three counts are 0 in a batch whose words were not read, because a rebuild
    /// began with a snapshot after it.
    pub transactions: u64,
    pub entries: u64,
    pub data_words: u64,
    pub l1_words: u64,
    /// The contract's State before the batch, `0x` and 64 hex digits.
    #[schema(value_type = schema::Hash)]
    pub pre_state: Digest,
    /// The contract's State after the batch, `0x` and 64 hex digits.
    #[schema(value_type = schema::Hash)]
    pub post_state: Digest,
    /// The slot tree's root after the batch, `0x` and 64 hex digits.
    #[schema(value_type = schema::Hash)]
    pub post_root: Digest,
    /// How many slots are open after the batch.
    pub next_slot: u64,
    /// How the data words travel to L1: `calldata` or `blobs`.
    #[schema(value_type = schema::DataMode)]
    pub data_mode: DataMode,
    /// What names the data words on L1, `0x` and 64 hex digits; null for a batch that an older
    /// version has sealed.
    #[schema(value_type = Option<schema::Hash>)]
    pub data_reference: Option<DataReference>,
    /// Unix milliseconds of the sequencer's clock, as in the next three fields. A batch that was
    /// read from L1 at a rebuild has its timestamp here, and neither these three nor `gas_used`.
    pub sealed_ms: u64,
    pub proven_ms: Option<u64>,
    pub submitted_ms: Option<u64>,
    pub finalised_ms: Option<u64>,
    /// The newest L1 transaction with the batch, `0x` and 64 hex digits, once one was sent.
    #[schema(value_type = Option<schema::Hash>)]
    pub l1_transaction: Option<String>,
    /// The number of the L1 block with the transaction, once the batch is final.
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

/// The parameters of a page of batches or of blocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageParameters {
    /// Only those with a lower number.
    pub before: Option<u64>,
    /// The most in the page, 1 to 100; 100 if absent.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
}

/// The final proof of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProofBody {
    pub batch: u64,
    /// The proof that L1 verifies: 256 bytes, the eight words that `finalise` takes.
    #[schema(value_type = schema::Bytes)]
    pub proof: String,
    /// The seven public inputs with which L1 verifies the proof, big-endian integers.
    #[schema(value_type = Vec<schema::Hash>)]
    pub public_inputs: Vec<String>,
    /// Whether the proof is a development proof, which no real contract accepts.
    pub development: bool,
}

/// The state of a job that makes a proof of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// The job waits for the proofs of other jobs.
    Waiting,
    /// The next worker may lease the job.
    Ready,
    /// A worker proves the step.
    Leased,
    /// The proof is stored.
    Done,
    /// No worker gets the job any more, until the operator puts it back into the queue.
    Quarantined,
}

impl JobState {
    /// The state as JSON and the database spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Leased => "leased",
            Self::Done => "done",
            Self::Quarantined => "quarantined",
        }
    }
}

impl FromStr for JobState {
    type Err = ();

    /// Reads the text that `name` writes.
    ///
    /// # Errors
    /// `()` for every other text.
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Waiting, Self::Ready, Self::Leased, Self::Done, Self::Quarantined]
            .into_iter()
            .find(|state| state.name() == text)
            .ok_or(())
    }
}

/// A job that makes one proof of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobBody {
    pub job: u64,
    #[schema(value_type = schema::Step)]
    pub step: ProofStep,
    pub state: JobState,
    /// The name of the worker that has leased the job last; absent while the job waits for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub worker: Option<String>,
    /// When that lease began, Unix milliseconds of the sequencer's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub started_ms: Option<u64>,
    /// When the proof was stored, Unix milliseconds of the sequencer's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub finished_ms: Option<u64>,
}

/// The jobs that prove a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobsBody {
    pub batch: u64,
    /// Each after the jobs whose proofs it needs. Of an older final batch, only the last one is
    /// kept; of a batch that was read from L1 at a rebuild, none.
    pub jobs: Vec<JobBody>,
}

/// A batch that closes early because the operator asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClosedBody {
    pub batch: u64,
}
