//! The processes of a rollup on one machine: started in order, restarted when they end, and stopped
//! in order whatever happens.

use std::fs::{self, File};
use std::net::TcpListener;
use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow, bail, ensure};
use futures::future::select_all;
use sheaf_client::{Api, Payer};
use sheaf_contracts::deployment::Deployed;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use super::accounts::signer;
use super::settings::Settings;
use super::supervisor::Supervised;
use super::{deployment, programs};
use crate::file_lock;
use crate::output;
use crate::shutdown;

/// Seconds within which a process must answer after its first start or a restart.
const START_SECONDS_MAX: u64 = 300;
/// The pause between two questions whether the sequencer answers.
const START_PAUSE: Duration = Duration::from_millis(100);

/// A running network, as its users see it.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    settings: Settings,
    deployed: Deployed,
}

impl Site {
    /// The settings that the network was started with.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The addresses of the contracts, their chain and their first block.
    pub(crate) fn deployed(&self) -> &Deployed {
        &self.deployed
    }

    /// A client of the sequencer's API, which asks again while the sequencer is being restarted.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub(crate) fn api(&self) -> Result<Api> {
        Ok(Api::patient(&self.settings.url(), Duration::from_secs(START_SECONDS_MAX))?)
    }

    /// The owner of an L1 key (64 hex digits) as a user of this rollup.
    ///
    /// # Errors
    /// When the key is malformed or yields no Sheaf key, or the sequencer does not answer.
    pub(crate) async fn payer(&self, key: &str) -> Result<Payer> {
        let api = self.api()?;
        let status = api.status().await?;
        Ok(Payer::new(signer(key)?, api, &self.settings.l1_url(), &status)?)
    }
}

/// Starts a network, does `work` with it, and stops it. Returns `None` when the program is told to
/// stop before the work is done.
///
/// Await this on the program's main thread, because the kernel ties the processes to the thread
/// that starts them.
///
/// # Errors
/// When the network does not start, a process ends for good, or the work fails. The error contains
/// the last lines of every process.
pub(crate) async fn run<T>(
    settings: Settings,
    work: impl AsyncFnOnce(&Site) -> Result<T>,
) -> Result<Option<T>> {
    let mut processes = Processes::default();
    let outcome = tokio::select! {
        stop = shutdown::requested() => {
            output::note("\nsheaf: stopping…");
            stop.map(|()| None)
        }
        outcome = processes.run(settings, work) => outcome.map(Some),
    };
    let outcome = outcome.map_err(|error| processes.explain(&error));
    let stopped = processes.stop().await;
    outcome.and_then(|outcome| stopped.map(|()| outcome))
}

/// The processes that have been started so far, each after the processes that it needs.
#[derive(Debug, Default)]
struct Processes {
    started: Vec<Supervised>,
    /// The lock of the folder, kept until every process is stopped.
    lock: Option<File>,
}

impl Processes {
    async fn run<T>(
        &mut self,
        settings: Settings,
        work: impl AsyncFnOnce(&Site) -> Result<T>,
    ) -> Result<T> {
        self.lock = Some(take_folder(&settings)?);
        deployment::check_proofs(&settings)?;
        check_port(settings.port, "--port")?;
        check_port(settings.l1_port, "--l1-port")?;
        if !settings.development {
            let keys = settings.keys.clone();
            spawn_blocking(move || keys.build()).await??;
        }
        let folder = &settings.folder;
        self.started
            .push(Supervised::start(programs::anvil(&settings)?, folder)?.never_restarted());
        let deployed = self.during("L1", deployment::deployed(&settings)).await?;
        self.started.push(Supervised::start(programs::sequencer(&settings, &deployed)?, folder)?);
        self.started.push(Supervised::start(programs::prover(&settings), folder)?);
        self.during("the sequencer", answer(&settings)).await?;
        self.started.iter_mut().for_each(Supervised::note_work);

        let site = Site { settings, deployed };
        tokio::select! {
            outcome = work(&site) => outcome,
            error = self.keep() => Err(error),
        }
    }

    /// Waits for `what`, which the process `who` does when it starts.
    ///
    /// # Errors
    /// When `what` fails or takes longer than `START_SECONDS_MAX`, or a process ends for good.
    async fn during<T>(&mut self, who: &str, what: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            outcome = timeout(Duration::from_secs(START_SECONDS_MAX), what) => match outcome {
                Ok(outcome) => outcome,
                Err(_) => bail!("{who} does not answer for {START_SECONDS_MAX} s"),
            },
            error = self.keep() => Err(error),
        }
    }

    /// Restarts every process that ends. Returns when one of them is given up, with the reason.
    async fn keep(&mut self) -> Error {
        let kept = self.started.iter_mut().map(|one| Box::pin(one.keep()));
        select_all(kept).await.0
    }

    /// The error, followed by the last lines of every process.
    fn explain(&self, error: &Error) -> Error {
        let words = self.started.iter().map(|one| format!("\n\n{}", one.process().last_lines()));
        anyhow!("{error:#}{}", words.collect::<String>())
    }

    /// Stops every process, the one started last first. A process that cannot be stopped does not
    /// keep the others running.
    async fn stop(mut self) -> Result<()> {
        let mut outcome = Ok(());
        while let Some(last) = self.started.pop() {
            outcome = outcome.and(last.stop().await);
        }
        outcome
    }
}

/// Makes the folder and locks it, so that no other devnet uses it while the lock lives.
///
/// # Errors
/// When another devnet uses the folder, or the folder or its lock cannot be made.
fn take_folder(settings: &Settings) -> Result<File> {
    let folder = &settings.folder;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let path = folder.join("lock");
    let lock = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    ensure!(
        file_lock::lock(&lock, &path, Duration::ZERO)?,
        "a devnet runs in {} already: stop it, or choose another --folder",
        folder.display()
    );
    Ok(lock)
}

/// Refuses a port on which another program listens, because the network would take that program
/// for a part of itself.
fn check_port(port: u16, flag: &str) -> Result<()> {
    TcpListener::bind(("127.0.0.1", port)).map(drop).with_context(|| {
        format!("port {port} cannot be used: end what listens there, or choose another with {flag}")
    })
}

/// Waits until the sequencer answers.
async fn answer(settings: &Settings) -> Result<()> {
    let api = Api::new(&settings.url())?;
    while api.status().await.is_err() {
        sleep(START_PAUSE).await;
    }
    Ok(())
}
