//! The processes of a rollup on one machine: started in order, kept alive, and stopped in order
//! whatever happens.

use std::fs::{self, File, TryLockError};
use std::net::TcpListener;
use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow, bail};
use futures::future::select_all;
use sheaf_client::{Api, Payer};
use sheaf_contracts::deployment::Deployed;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use super::accounts::signer;
use super::settings::Settings;
use super::supervisor::Supervised;
use super::{deployment, programs};
use crate::shutdown;

/// How long a process may take until it answers, at its first start or at a later one.
const START_SECONDS_MAX: u64 = 300;
/// How often it is asked.
const START_PAUSE: Duration = Duration::from_millis(100);

/// A running network, as those see it who use it.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    settings: Settings,
    deployed: Deployed,
}

impl Site {
    /// What it was started with.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where the contracts stand.
    pub(crate) fn deployed(&self) -> &Deployed {
        &self.deployed
    }

    /// The sequencer's API, through its restarts.
    pub(crate) fn api(&self) -> Result<Api> {
        Ok(Api::patient(&self.settings.url(), Duration::from_secs(START_SECONDS_MAX))?)
    }

    /// Somebody with an L1 key, in this rollup.
    pub(crate) async fn payer(&self, key: &str) -> Result<Payer> {
        let api = self.api()?;
        let status = api.status().await?;
        Ok(Payer::new(signer(key)?, api, &self.settings.l1_url(), &status)?)
    }
}

/// Starts a network, does `work` with it, and stops it. Returns nothing when it was told to stop
/// before the work was done.
///
/// It must be awaited on the program's main thread: that is the one the processes are tied to.
///
/// # Errors
/// When the network does not start, a process ends for good, or the work fails; with the last lines
/// of every process.
pub(crate) async fn run<T>(
    settings: Settings,
    work: impl AsyncFnOnce(&Site) -> Result<T>,
) -> Result<Option<T>> {
    let mut processes = Processes::default();
    let outcome = tokio::select! {
        stop = shutdown::requested() => {
            eprintln!("\nsheaf: stopping…");
            stop.map(|()| None)
        }
        outcome = processes.run(settings, work) => outcome.map(Some),
    };
    let outcome = outcome.map_err(|error| processes.explain(&error));
    let stopped = processes.stop().await;
    outcome.and_then(|outcome| stopped.map(|()| outcome))
}

/// What has been started so far, each behind those it needs.
#[derive(Debug, Default)]
struct Processes {
    started: Vec<Supervised>,
    /// Of the folder, until everything is stopped.
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
        self.started.push(Supervised::start(programs::prover(&settings)?, folder)?);
        self.during("the sequencer", answer(&settings)).await?;
        self.started.iter_mut().for_each(Supervised::note_work);

        let site = Site { settings, deployed };
        tokio::select! {
            outcome = work(&site) => outcome,
            error = self.keep() => Err(error),
        }
    }

    /// Waits for something that the processes do when they start.
    async fn during<T>(&mut self, who: &str, what: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            outcome = timeout(Duration::from_secs(START_SECONDS_MAX), what) => match outcome {
                Ok(outcome) => outcome,
                Err(_) => bail!("{who} does not answer for {START_SECONDS_MAX} s"),
            },
            error = self.keep() => Err(error),
        }
    }

    /// Keeps everything alive. Returns when one of the processes is given up, with the reason.
    async fn keep(&mut self) -> Error {
        let kept = self.started.iter_mut().map(|one| Box::pin(one.keep()));
        select_all(kept).await.0
    }

    /// An error, and what each process said last.
    fn explain(&self, error: &Error) -> Error {
        let words = self.started.iter().map(|one| format!("\n\n{}", one.process().last_lines()));
        anyhow!("{error:#}{}", words.collect::<String>())
    }

    /// Stops everything, the last in the pipeline first. One that cannot be stopped does not keep
    /// the others running.
    async fn stop(mut self) -> Result<()> {
        let mut outcome = Ok(());
        while let Some(last) = self.started.pop() {
            outcome = outcome.and(last.stop().await);
        }
        outcome
    }
}

/// Makes the folder, and makes sure that no other devnet uses it while the lock lives.
fn take_folder(settings: &Settings) -> Result<File> {
    let folder = &settings.folder;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let path = folder.join("lock");
    let lock = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => bail!(
            "a devnet runs in {} already: stop it, or choose another --folder",
            folder.display()
        ),
        Err(TryLockError::Error(error)) => bail!("cannot lock {}: {error}", path.display()),
    }
}

/// Refuses a port on which somebody listens: whoever it is would be taken for a part of this
/// network.
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
