//! `/v1/status`, `/v1/fees/quote` and `/healthz`: how the rollup is, and what a transaction costs.

use serde::{Deserialize, Serialize};
use sheaf_ledger::decimal;
use sheaf_ledger::l1_address::L1Address;
use utoipa::{IntoParams, ToSchema};

use crate::step::ProofStep;

/// How the rollup is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatusBody {
    pub chain_id: u64,
    /// The rollup's contract, `0x` and 40 hex digits.
    #[schema(value_type = String)]
    pub contract: L1Address,
    /// Whether batches get development proofs, which prove nothing.
    pub development: bool,
    /// The digest of the circuits, 64 hex digits.
    pub circuits: String,
    /// The newest durable block; 0 before the first.
    pub block: u64,
    /// When it was executed, Unix milliseconds.
    pub block_executed_ms: u64,
    /// The batch that takes blocks, if one is open.
    pub open_batch: Option<u64>,
    /// The newest sealed batch; 0 before the first.
    pub sealed_batch: u64,
    /// The oldest batch without a proof, if there is one.
    pub oldest_unproven_batch: Option<u64>,
    /// Open slots.
    pub slots: u64,
    /// Transactions in the mempool.
    pub waiting: u64,
    pub jobs: JobCounts,
    /// Jobs that failed too often, the oldest 16: their batches wait for the operator.
    pub quarantined: Vec<FailedJob>,
}

/// Of which transaction the fee is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct QuoteParameters {
    pub token: u16,
    /// Recipients of a transfer, 1 to 1,024, and 1 unless said otherwise; a withdrawal has one.
    pub payments: Option<u16>,
}

/// What a transaction must pay at least.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuoteBody {
    pub token: u16,
    pub payments: u16,
    /// L2 units, a decimal string.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub fee: u64,
    /// Unix seconds until which the fee is honoured, unless the operator restarts the sequencer
    /// with other fees.
    pub expires: u64,
}

/// How many jobs are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobCounts {
    pub waiting: u64,
    pub ready: u64,
    pub leased: u64,
    pub done: u64,
    pub quarantined: u64,
}

/// A job that was taken back from a worker who failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FailedJob {
    pub job: u64,
    pub batch: u64,
    #[schema(value_type = String, example = "join-entry-0-2")]
    pub step: ProofStep,
    /// Who held it last.
    pub worker: String,
    /// How often it has failed since it was last put into the queue.
    pub failures: u32,
    /// How often its lease has ended without a word since then.
    pub lapses: u32,
    /// Why it was taken back last.
    pub reason: String,
    /// Whether it failed so often that nobody gets it any more.
    pub is_quarantined: bool,
}

/// All is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HealthBody {
    pub healthy: bool,
}
