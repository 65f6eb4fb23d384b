//! The settings that an operator chooses. Bounds that no operator needs to choose are in `limits`.

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use alloy::signers::local::PrivateKeySigner;
use sheaf_contracts::chain_limits::ChainLimits;
use sheaf_contracts::deployment::VerifierKey;
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;

use crate::derived;
use crate::execution::Execution;
use crate::fees::FeePolicy;
use crate::l1::L1;
use crate::limits::{
    CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_DEFAULT, LEASE_LIFETIME_DEFAULT,
    NOT_FINAL_BATCHES_DEFAULT, REQUESTS_PER_SECOND_DEFAULT,
};
use crate::proving::{BatchLimits, ProofVerifier};
use crate::store::{Database, RollupId};
use crate::watcher::WatcherConfig;

/// Everything a sequencer is started with.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address on which the API listens. With port 0 the system chooses a free port.
    pub listen: SocketAddr,
    pub database: Database,
    /// The chain id of the rollup's L1.
    pub chain_id: u64,
    /// The rollup's contract.
    pub contract: L1Address,
    /// The owner of the slots into which fees are collected.
    pub operator: Owner,
    pub fees: FeePolicy,
    /// The way to L1 of the data words of the batches that this process seals.
    pub data_mode: DataMode,
    /// What the rollup's L1 takes in one transaction.
    pub chain: ChainLimits,
    /// How long a batch stays open at most.
    pub batch_age_max: Duration,
    pub health: HealthLimits,
    /// The bearer token that workers must send. Without a token, anybody who reaches the API may
    /// prove.
    pub worker_token: Option<String>,
    /// Verifies the proofs of workers, and defines the steps and the limits of a batch.
    pub verifier: Arc<dyn ProofVerifier>,
    /// The rollup's L1. Without an L1, no requests arrive, and `proven` is a batch's last state.
    pub l1: Option<L1Side>,
    pub service: ServiceConfig,
}

/// The rollup's L1, and what the sequencer does there.
#[derive(Debug, Clone)]
pub struct L1Side {
    pub l1: L1,
    /// The L1 block at which reading begins, and the confirmations that a block needs.
    pub watched: WatcherConfig,
    /// The account that submits batches; no other program may use it.
    pub signer: PrivateKeySigner,
    /// The key with which the contract must verify proofs.
    pub key: VerifierKey,
}

/// Settings that depend on the machine and its network, not on the rollup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceConfig {
    /// Requests that one address may send a second, and in one burst.
    pub requests_per_second: NonZeroU32,
    /// Connections at one time, of all addresses; at most `CONNECTIONS_MAX`.
    pub connections: usize,
    /// Connections that one address may have at one time.
    pub connections_per_address: usize,
    /// Batches closed and not yet final at which no further batch is opened.
    pub not_final_batches: NonZeroU64,
    /// How long a lease lasts after its start or its last heartbeat.
    pub lease_lifetime: Duration,
    /// Whether blocks are applied serially or in partitions.
    pub execution: Execution,
    /// The address on which metrics are served to Prometheus. Without an address there are no
    /// metrics.
    pub metrics: Option<SocketAddr>,
    /// The bearer token that the operator's own routes require. Without a token, nobody may use
    /// those routes.
    pub operator_token: Option<String>,
    /// The folder of archive files, from which blocks are read that have been moved there. Without
    /// a folder, questions about such blocks are refused.
    pub archive: Option<PathBuf>,
    /// The folder of what is derived from the log, if the operator has chosen one.
    pub derived: Option<PathBuf>,
    /// Whether the explorer is served at `/`.
    pub explorer: bool,
}

impl Default for ServiceConfig {
    fn default() -> Self {
        Self {
            requests_per_second: NonZeroU32::new(REQUESTS_PER_SECOND_DEFAULT)
                .expect("the default is not 0"),
            connections: CONNECTIONS_MAX,
            connections_per_address: CONNECTIONS_PER_ADDRESS_DEFAULT,
            not_final_batches: NonZeroU64::new(NOT_FINAL_BATCHES_DEFAULT)
                .expect("the default is not 0"),
            lease_lifetime: LEASE_LIFETIME_DEFAULT,
            execution: Execution::default(),
            metrics: None,
            operator_token: None,
            archive: None,
            derived: None,
            explorer: true,
        }
    }
}

/// The limits beyond which `/healthz` fails: a process that answers but does not advance is not
/// healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthLimits {
    /// How long an executed block may take to be durable.
    pub block_age_max: Duration,
    /// How long a batch may stay unsealed beyond `batch_age_max`, the age at which it is closed.
    pub sealing_delay_max: Duration,
    /// How long the oldest batch without a proof may have been sealed.
    pub proof_age_max: Duration,
    /// How long the oldest batch that is not final may have been sealed.
    pub finality_age_max: Duration,
}

impl Default for HealthLimits {
    fn default() -> Self {
        Self {
            block_age_max: Duration::from_secs(10),
            sealing_delay_max: Duration::from_secs(60),
            proof_age_max: Duration::from_secs(3_600),
            finality_age_max: Duration::from_secs(2 * 3_600),
        }
    }
}

impl Config {
    /// The chain and contract that the database must belong to.
    pub fn rollup(&self) -> RollupId {
        RollupId::new(self.chain_id, self.contract)
    }

    /// The folder of what is derived from the log: see `derived`.
    pub fn derived(&self) -> PathBuf {
        derived::folder(&self.database, self.service.derived.as_deref())
    }

    /// The largest batch that the circuits can prove and one L1 transaction can carry.
    pub fn limits(&self) -> BatchLimits {
        self.verifier.limits(self.data_mode, self.chain)
    }

    /// The domain, part of each message that owners of this rollup sign.
    pub fn domain(&self) -> Domain {
        Domain::on_chain(self.chain_id, self.contract)
    }
}
