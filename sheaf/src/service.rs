//! How a sequencer serves: the flags that do not depend on which rollup the sequencer runs.

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use sheaf_sequencer::ServiceConfig;
use sheaf_sequencer::execution::Execution;
use sheaf_sequencer::limits::{
    CONNECTIONS_PER_ADDRESS_DEFAULT, LEASE_LIFETIME_DEFAULT, NOT_FINAL_BATCHES_DEFAULT,
    REQUESTS_PER_SECOND_DEFAULT,
};

/// The flags that decide how a sequencer serves.
#[derive(Debug, Clone, Args)]
pub struct Service {
    /// Requests that one address may send a second, and in one burst
    ///
    /// A request may contain 1,024 transactions.
    #[arg(long, value_name = "NUMBER")]
    #[arg(default_value_t = NonZeroU32::new(REQUESTS_PER_SECOND_DEFAULT).expect("not 0"))]
    pub requests_per_second: NonZeroU32,
    /// Connections that one address may have open at one time
    #[arg(long, value_name = "NUMBER", default_value_t = CONNECTIONS_PER_ADDRESS_DEFAULT)]
    pub connections_per_address: usize,
    /// Batches closed and not yet final at which no further batch is opened
    ///
    /// Each such batch keeps its witness and its proofs in the database.
    #[arg(long, value_name = "NUMBER")]
    #[arg(default_value_t = NonZeroU64::new(NOT_FINAL_BATCHES_DEFAULT).expect("not 0"))]
    pub not_final_batches: NonZeroU64,
    /// Seconds for which a job stays with a worker that sends no heartbeat
    #[arg(long, value_name = "SECONDS", default_value_t = LEASE_LIFETIME_DEFAULT.as_secs(),
          value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub lease: u64,
    /// How blocks are executed; `sheaf bench sequencer` measures both ways on your machine
    #[arg(long, value_enum, default_value_t = BlockExecution::Serial)]
    pub execution: BlockExecution,
    /// Serve Prometheus metrics under /metrics on this address
    #[arg(long, value_name = "ADDRESS")]
    pub metrics: Option<SocketAddr>,
    /// Folder of the files to which `sheaf archive` has moved old blocks
    ///
    /// Without the folder, questions about these blocks are refused.
    #[arg(long, value_name = "FOLDER")]
    pub archive: Option<PathBuf>,
    /// Folder of what is derived from the database: index and snapshots
    ///
    /// [default: beside the SQLite file; sheaf.derived for a database on a server]
    #[arg(long, value_name = "FOLDER")]
    pub derived: Option<PathBuf>,
    /// Bearer token of the operator's routes, which close a batch or requeue a job
    ///
    /// Without a token nobody may use these routes.
    #[arg(long, env = "SHEAF_OPERATOR_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub operator_token: Option<String>,
    /// Serve the API alone, without the page for people at /
    #[arg(long)]
    pub no_explorer: bool,
}

/// How blocks are executed. Both ways give the same result.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum BlockExecution {
    /// Transactions in their order, on one thread
    Serial,
    /// The effects of large blocks on partitions of the slots, one on each thread
    Partitions,
}

impl From<BlockExecution> for Execution {
    fn from(execution: BlockExecution) -> Self {
        match execution {
            BlockExecution::Serial => Self::Serial,
            BlockExecution::Partitions => Self::Partitions { threads: None },
        }
    }
}

impl From<Service> for ServiceConfig {
    fn from(service: Service) -> Self {
        Self {
            requests_per_second: service.requests_per_second,
            connections_per_address: service.connections_per_address,
            not_final_batches: service.not_final_batches,
            lease_lifetime: Duration::from_secs(service.lease),
            execution: service.execution.into(),
            metrics: service.metrics,
            archive: service.archive,
            derived: service.derived,
            operator_token: service.operator_token,
            explorer: !service.no_explorer,
            ..Self::default()
        }
    }
}
