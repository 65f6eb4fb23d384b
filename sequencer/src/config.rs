//! What an operator chooses. Bounds that nobody needs to choose stand in `limits`.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use alloy::signers::local::PrivateKeySigner;
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;

use crate::execution::Execution;
use crate::fees::FeePolicy;
use crate::l1::L1;
use crate::limits::{
    CONNECTIONS_PER_ADDRESS_DEFAULT, LEASE_LIFETIME_DEFAULT, REQUESTS_PER_SECOND_DEFAULT,
};
use crate::proving::{BatchLimits, ProofVerifier};
use crate::store::RollupId;
use crate::watcher::WatcherConfig;

/// Everything a sequencer is started with.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the API listens; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The SQLite file.
    pub database: PathBuf,
    pub chain_id: u64,
    /// The rollup's contract.
    pub contract: L1Address,
    /// Who collects the fees.
    pub operator: Owner,
    pub fees: FeePolicy,
    /// How the data words of the batches travel that are sealed from now on.
    pub data_mode: DataMode,
    /// How long a batch stays open at most.
    pub batch_age_max: Duration,
    pub health: HealthLimits,
    /// What workers must send as a bearer token; without one, whoever reaches the
    /// API may prove.
    pub worker_token: Option<String>,
    pub verifier: Arc<dyn ProofVerifier>,
    /// The rollup's L1; without one, nothing comes from L1 and batches end as proven.
    pub l1: Option<L1Side>,
    pub service: ServiceConfig,
}

/// The rollup's L1, and what the sequencer does there.
#[derive(Debug, Clone)]
pub struct L1Side {
    pub l1: L1,
    /// From where and how deep L1 is read.
    pub watched: WatcherConfig,
    /// The account that submits batches; no other program may use it.
    pub signer: PrivateKeySigner,
}

/// How the process serves: what depends on where it runs and not on which rollup it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceConfig {
    /// Requests that one address may send a second, and in one burst.
    pub requests_per_second: NonZeroU32,
    /// Connections that one address may hold at one time.
    pub connections_per_address: usize,
    /// How long a worker may hold a job without a heartbeat.
    pub lease_lifetime: Duration,
    /// How blocks are applied.
    pub execution: Execution,
    /// Where Prometheus finds the metrics; nowhere unless it is said.
    pub metrics: Option<SocketAddr>,
    /// What the operator must send as a bearer token to the routes that are his alone; without
    /// one, nobody may use them.
    pub operator_token: Option<String>,
}

impl Default for ServiceConfig {
    fn default() -> Self {
        Self {
            requests_per_second: NonZeroU32::new(REQUESTS_PER_SECOND_DEFAULT)
                .expect("the default is not 0"),
            connections_per_address: CONNECTIONS_PER_ADDRESS_DEFAULT,
            lease_lifetime: LEASE_LIFETIME_DEFAULT,
            execution: Execution::default(),
            metrics: None,
            operator_token: None,
        }
    }
}

/// When `/healthz` fails: a process that answers but does not advance is not healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthLimits {
    /// How long an executed block may take to be durable.
    pub block_age_max: Duration,
    /// How long a batch may be unsealed beyond the age at which it is closed.
    pub sealing_delay_max: Duration,
    /// Age of the oldest batch without a proof.
    pub proof_age_max: Duration,
    /// Age of the oldest batch that is not final.
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
    pub fn rollup(&self) -> RollupId {
        RollupId::new(self.chain_id, self.contract)
    }

    /// The largest batch that can be proven, and go to L1 in one transaction.
    pub fn limits(&self) -> BatchLimits {
        self.verifier.limits(self.data_mode)
    }

    pub fn domain(&self) -> Domain {
        Domain::on_chain(self.chain_id, self.contract)
    }
}
