//! The measured sequencer, which runs in a process of its own: `sheaf bench serve`, a command that
//! the help does not show. The sequencer has no L1, takes development proofs and charges nothing.
//! Its limits on addresses and on batches that wait for finality are so high that one busy client
//! meets none.

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sheaf_contracts::chain_limits::ChainLimits;
use sheaf_crypto::goldilocks::Fe;
use sheaf_ledger::domain::LOCAL_CHAIN_ID;
use sheaf_ledger::{DataMode, Domain, L1Address, Owner};
use sheaf_sequencer::fees::FeePolicy;
use sheaf_sequencer::limits::CONNECTIONS_MAX;
use sheaf_sequencer::proving::DevelopmentVerifier;
use sheaf_sequencer::store::{Database, RollupId};
use sheaf_sequencer::{Config, HealthLimits, Sequencer, ServiceConfig};
use sheaf_wire::status::HealthBody;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::connection::Connection;
use super::form::JSON;
use crate::demo::free_port;
use crate::descriptors;
use crate::devnet::{Process, Program};
use crate::shutdown;

const CONTRACT: L1Address = L1Address([7; 20]);
/// The token of the operator's routes. Only this machine reaches the sequencer, for minutes.
const OPERATOR_TOKEN: &str = "bench";
/// Age at which an open batch closes.
const BATCH_AGE: Duration = Duration::from_secs(60);
/// An age at which nothing is too old: no worker proves the batches of a measurement, and a
/// prepared folder may be used again after years.
const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 3_600);
/// Seconds that a start may take.
const START_SECONDS_MAX: u64 = 600;
/// The pause between two questions whether the sequencer answers.
const START_PAUSE: Duration = Duration::from_millis(10);

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Address and port of the API
    #[arg(long, value_name = "ADDRESS")]
    listen: SocketAddr,
    /// SQLite file or PostgreSQL database
    #[arg(long, value_name = "FILE|URL")]
    database: Database,
    /// Folder of what is derived from the database
    #[arg(long, value_name = "FOLDER")]
    derived: Option<PathBuf>,
}

/// Runs the sequencer until the process is told to stop.
///
/// # Errors
/// When the sequencer does not start, or a stage ends with an error.
pub(crate) async fn serve(arguments: Arguments) -> Result<()> {
    let handle = Sequencer::start(configuration(arguments)?).await?;
    let stopped = handle.run(shutdown::requested()).await;
    stopped.context("the sequencer ends because a stage did")?
}

fn configuration(Arguments { listen, database, derived }: Arguments) -> Result<Config> {
    Ok(Config {
        listen,
        database,
        chain_id: LOCAL_CHAIN_ID,
        contract: CONTRACT,
        // Nobody pays a fee, so no slot of the operator is opened.
        operator: Owner([Fe::ONE; 3]),
        fees: FeePolicy::default(),
        data_mode: DataMode::Calldata,
        chain: ChainLimits::OSAKA,
        batch_age_max: BATCH_AGE,
        health: HealthLimits {
            proof_age_max: NEVER,
            finality_age_max: NEVER,
            ..HealthLimits::default()
        },
        worker_token: None,
        verifier: Arc::new(DevelopmentVerifier::new(LOCAL_CHAIN_ID)?),
        l1: None,
        service: ServiceConfig {
            requests_per_second: NonZeroU32::MAX,
            connections: descriptors::connections()?,
            connections_per_address: CONNECTIONS_MAX,
            not_final_batches: NonZeroU64::MAX,
            operator_token: Some(OPERATOR_TOKEN.to_owned()),
            derived,
            ..ServiceConfig::default()
        },
    })
}

/// The rollup that the measured sequencer serves.
pub(super) fn rollup() -> RollupId {
    RollupId::new(LOCAL_CHAIN_ID, CONTRACT)
}

/// The domain of the measured transfers.
pub(super) fn domain() -> Domain {
    Domain::on_chain(LOCAL_CHAIN_ID, CONTRACT)
}

/// Where the measured sequencer keeps its rollup.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The folder of everything but a database on a server.
    pub folder: PathBuf,
    /// A SQLite file, or the URL of a PostgreSQL database.
    database: String,
    derived: PathBuf,
}

impl Place {
    /// A folder, with the database that the flags name instead of a file there.
    pub(super) fn new(folder: &Path, url: Option<&str>) -> Self {
        let file = || folder.join("sheaf.sqlite").to_string_lossy().into_owned();
        let database = url.map_or_else(file, str::to_owned);
        let derived = folder.join("sheaf.sqlite.derived");
        Self { folder: folder.to_owned(), database, derived }
    }

    /// Where a second sequencer keeps the same rollup; `None` for a SQLite file.
    pub(super) fn of_follower(&self) -> Result<Option<Self>> {
        let derived = self.folder.join("follower.derived");
        let is_shared = matches!(self.database()?, Database::Postgres(_));
        Ok(is_shared.then(|| Self { derived, ..self.clone() }))
    }

    /// Where the same measurement on SQLite keeps its rollup; `None` for a SQLite file.
    ///
    /// # Errors
    /// When a URL is malformed.
    pub(super) fn on_sqlite(&self) -> Result<Option<Self>> {
        let is_on_server = matches!(self.database()?, Database::Postgres(_));
        Ok(is_on_server.then(|| Self::new(&self.folder.join("sqlite"), None)))
    }

    /// # Errors
    /// When a URL is malformed.
    pub(super) fn database(&self) -> Result<Database> {
        Ok(self.database.parse()?)
    }
}

/// The running sequencer, as the generator sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub address: SocketAddr,
    pub process: Pid,
}

impl Target {
    /// A connection that may use the operator's routes.
    pub(super) const fn control(&self) -> Connection {
        Connection::of_operator(self.address, OPERATOR_TOKEN)
    }
}

/// The process of the measured sequencer.
#[derive(Debug)]
pub(super) struct Server {
    process: Process,
    target: Target,
}

impl Server {
    /// Starts the sequencer on the database of a place, and waits until the sequencer leads. Also
    /// returns how long that took. Await this on the program's main thread, as `Process` wants.
    ///
    /// # Errors
    /// When the process cannot be started, ends, or does not lead after `START_SECONDS_MAX`.
    pub(super) async fn start(place: &Place) -> Result<(Self, Duration)> {
        let start = Instant::now();
        let mut server = Self::spawn(place)?;
        server.leads().await?;
        Ok((server, start.elapsed()))
    }

    /// Starts a sequencer on a database that another one leads, and waits until the second one has
    /// followed so far.
    ///
    /// # Errors
    /// As `start`.
    pub(super) async fn follow(place: &Place) -> Result<Self> {
        let mut server = Self::spawn(place)?;
        let address = server.target.address;
        server.during(healthy(address, true)).await?;
        Ok(server)
    }

    /// Waits until the sequencer leads.
    ///
    /// # Errors
    /// As `start`.
    pub(super) async fn leads(&mut self) -> Result<()> {
        let address = self.target.address;
        self.during(healthy(address, false)).await
    }

    fn spawn(place: &Place) -> Result<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let mut arguments = ["bench", "serve", "--listen"].map(Into::into).to_vec();
        arguments.extend([address.to_string().into(), "--database".into()]);
        arguments.push(place.database.clone().into());
        arguments.extend(["--derived".into(), place.derived.clone().into()]);
        let program = Program { name: "sequencer", path: None, arguments };
        let process = Process::start(program, &place.folder)?;
        let target = Target { address, process: process.id().context("it has just started")? };
        Ok(Self { process, target })
    }

    pub(super) const fn target(&self) -> Target {
        self.target
    }

    /// Waits for work with the sequencer. A failure shows the sequencer's last words.
    ///
    /// # Errors
    /// When the work fails, or the sequencer ends before.
    pub(super) async fn during<T>(&mut self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let outcome = tokio::select! {
            outcome = work => outcome,
            ended = self.process.ended() => Err(anyhow!("the sequencer ended: {}", ended?)),
        };
        outcome.map_err(|error| anyhow!("{error:#}\n\n{}", self.process.last_lines()))
    }

    /// Kills the sequencer.
    ///
    /// # Errors
    /// When the process cannot be signalled.
    pub(super) fn kill(&self) -> Result<()> {
        kill(self.target.process, Signal::SIGKILL).context("cannot kill the sequencer")
    }

    /// Has the sequencer end in order.
    ///
    /// # Errors
    /// As `Process::stop`.
    pub(super) async fn stop(self) -> Result<()> {
        self.process.stop().await
    }
}

/// Waits until the sequencer at an address leads, or follows, and is healthy.
async fn healthy(address: SocketAddr, follows: bool) -> Result<()> {
    let start = Instant::now();
    while start.elapsed().as_secs() < START_SECONDS_MAX {
        let ask = move || Connection::new(address, JSON).request("GET", "/healthz", &[]);
        if let Ok(answer) = spawn_blocking(ask).await?
            && answer.status == 200
            && serde_json::from_slice::<HealthBody>(&answer.body)?.following == follows
        {
            return Ok(());
        }
        sleep(START_PAUSE).await;
    }
    bail!("the sequencer is not healthy after {START_SECONDS_MAX} s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_on_a_server_has_one_on_sqlite_beside_it() {
        let folder = Path::new("/folder");
        let on_server = Place::new(folder, Some("postgres://sheaf@127.0.0.1/bench"));
        let beside = on_server.on_sqlite().expect("a URL").expect("it is on a server");
        let Database::Sqlite(path) = beside.database().expect("a file") else { panic!("a URL") };
        assert_eq!(path, folder.join("sqlite").join("sheaf.sqlite"));
        assert_ne!(beside.derived, on_server.derived);
        assert!(Place::new(folder, None).on_sqlite().expect("a file").is_none());
    }
}
