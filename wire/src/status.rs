//! The bodies of `/v1/status`, `/v1/fees/quote` and `/healthz`: the rollup's state, and the least
//! fee of a transaction.

use serde::{Deserialize, Serialize};
use sheaf_ledger::decimal;
use sheaf_ledger::l1_address::L1Address;
use utoipa::{IntoParams, ToSchema};

use crate::schema;
use crate::step::ProofStep;

/// The state of the rollup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatusBody {
    pub chain_id: u64,
    /// The rollup's contract, `0x` and 40 hex digits.
    #[schema(value_type = schema::Address)]
    pub contract: L1Address,
    /// Whether batches get development proofs, which prove nothing.
    pub development: bool,
    /// The digest of the circuits, 64 hex digits without `0x`.
    #[schema(value_type = schema::Circuits)]
    pub circuits: String,
    /// The newest durable block; 0 before the first.
    pub block: u64,
    /// When the newest durable block was executed, Unix milliseconds.
    pub block_executed_ms: u64,
    /// The batch that takes blocks; null if no batch is open.
    pub open_batch: Option<u64>,
    /// The newest sealed batch; 0 before the first.
    pub sealed_batch: u64,
    /// The oldest sealed batch without a final proof; null if there is none.
    pub oldest_unproven_batch: Option<u64>,
    /// How many slots durable blocks have opened.
    pub slots: u64,
    /// How many transactions are in the mempool.
    pub waiting: u64,
    pub jobs: JobCounts,
    /// The quarantined jobs, at most the oldest 16. Their batches wait for the operator.
    pub quarantined: Vec<FailedJob>,
    /// The L1 account that submits batches; null without an L1, or until the account was read.
    pub operator: Option<OperatorBody>,
    /// The rollup's L1; null without an L1.
    pub l1: Option<L1Body>,
    /// The L1 block from which the rollup's events are read; null without an L1.
    pub first_l1_block: Option<u64>,
    /// What the contract's verifier answers to `keyHash`, `0x` and 64 hex digits; null without an
    /// L1.
    #[schema(value_type = Option<schema::Hash>)]
    pub verifying_key_hash: Option<String>,
}

/// The key with which the contract verifies proofs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerifyingKeyBody {
    /// What the contract's verifier answers to `keyHash`: keccak256 of the words of `key`.
    #[schema(value_type = schema::Hash)]
    pub hash: String,
    /// The 33 words of docs/protocol.md, section 9, each `0x` and 64 hex digits.
    #[schema(value_type = Vec<schema::Hash>)]
    pub key: Vec<String>,
}

/// The L1 nodes of the sequencer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct L1Body {
    /// Host and port of the node that did the last step; null while no node answers.
    pub node: Option<String>,
    /// Whether the database has been compared with L1 since the start. Before that, deposits wait
    /// and no batch is submitted.
    pub compared: bool,
    /// All nodes, in the operator's order.
    pub nodes: Vec<L1NodeBody>,
}

/// An L1 node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct L1NodeBody {
    /// Host and port.
    pub node: String,
    /// Whether the node answered the last question, if only with an error.
    pub answers: bool,
    /// The newest block that the node has shown; null before the first.
    pub block: Option<u64>,
}

/// The L1 account that submits batches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OperatorBody {
    /// `0x` and 40 hex digits.
    #[schema(value_type = schema::Address)]
    pub address: L1Address,
    /// The balance in wei, a decimal string.
    #[schema(value_type = schema::L1Amount)]
    pub wei: String,
    /// How many batches the balance pays for, at the gas of the newest final batch and today's fee.
    pub batches: u64,
}

/// The parameters of a fee quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct QuoteParameters {
    /// The token's number in the contract's list; ether is 0.
    pub token: u16,
    /// How many payments a transfer makes, 1 to 1,024; 1 if absent. A withdrawal counts as one.
    #[param(minimum = 1, maximum = 1024)]
    pub payments: Option<u16>,
}

/// The least fee of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuoteBody {
    pub token: u16,
    pub payments: u16,
    /// L2 units, a decimal string.
    #[serde(with = "decimal")]
    #[schema(value_type = schema::Amount)]
    pub fee: u64,
    /// Unix seconds until which the sequencer accepts the fee, unless the operator restarts it with
    /// other fees.
    pub expires: u64,
}

/// How many jobs are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobCounts {
    /// Jobs that wait for the proofs of other jobs.
    pub waiting: u64,
    /// Jobs that the next worker may lease.
    pub ready: u64,
    /// Jobs that a worker proves.
    pub leased: u64,
    /// Jobs whose proof is stored. Of an older final batch, only the final job is kept.
    pub done: u64,
    /// Jobs that no worker gets any more, until the operator puts them back into the queue.
    pub quarantined: u64,
}

/// A job that was taken back because its worker failed or let the lease end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FailedJob {
    pub job: u64,
    pub batch: u64,
    #[schema(value_type = schema::Step)]
    pub step: ProofStep,
    /// The name of the worker that leased the job last.
    pub worker: String,
    /// How often the job has failed since it was last put into the queue.
    pub failures: u32,
    /// How often its lease has ended since then without a message from the worker.
    pub lapses: u32,
    /// Why the job was taken back last.
    pub reason: String,
    /// Whether the job is quarantined: after too many failures or lapses, no worker gets it.
    pub is_quarantined: bool,
}

/// The answer of a healthy sequencer; an unhealthy one answers with an error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HealthBody {
    /// Always true.
    pub healthy: bool,
    /// How many batches the operator's L1 account pays for; absent without an L1, or until the
    /// account was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub operator_batches: Option<u64>,
    /// True while no L1 node answers, or the database has not been compared with L1 since the
    /// start: payments go on, deposits wait and no batch becomes final. Absent otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub l1_unreachable: bool,
    /// True while another sequencer leads: this one serves reads and takes over when the other one
    /// ends. Absent otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub following: bool,
}
