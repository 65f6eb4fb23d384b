//! `sheaf prover`: a worker, with its progress on the screen.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Error, Result};
use clap::Args;
use sheaf_prover::client::Client;
use sheaf_prover::{DevelopmentProver, StepProver, Worker};
use tokio::sync::{oneshot, watch};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::circuits::CircuitProver;
use crate::keys::{KeyStore, WARNING};
use crate::{progress, shutdown};

/// How long giving the job under way back may take when the worker is told to stop.
const GIVE_BACK_TIMEOUT: Duration = Duration::from_secs(3);

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The sequencer to prove for
    #[arg(long, env = "SHEAF_URL", default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// What the sequencer's operator knows this worker by [default: worker- and the process id]
    #[arg(long)]
    pub name: Option<String>,
    /// The token that the sequencer's operator gave out, if he asks for one
    #[arg(long, env = "SHEAF_WORKER_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Make development proofs, which prove nothing; for a sequencer with the same flag
    #[arg(long)]
    pub development: bool,
    #[command(flatten)]
    pub keys: KeyStore,
}

/// Works until it is told to stop.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let (cannot_prove, unable) = oneshot::channel();
    let prover: Arc<dyn StepProver> = if arguments.development {
        Arc::new(DevelopmentProver)
    } else {
        eprintln!("note: {WARNING}");
        let keys = arguments.keys;
        let advice = keys.advice("this worker cannot prove with these keys");
        let prover = spawn_blocking(move || keys.provers()).await??;
        let prover = Arc::new(CircuitProver(prover));
        warm_up(Arc::clone(&prover), advice, cannot_prove);
        prover
    };
    let worker = Worker {
        client: Client::new(&arguments.url, arguments.token)?,
        prover,
        name: arguments.name.unwrap_or_else(|| format!("worker-{}", std::process::id())),
        progress: progress::for_this_output(),
    };
    let (stop, stopped) = watch::channel(false);
    let mut running = pin!(worker.run(stopped));
    tokio::select! {
        ended = &mut running => return Ok(ended?),
        Ok(error) = unable => return Err(error),
        asked = shutdown::requested() => asked?,
    }
    stop.send_replace(true);
    match timeout(GIVE_BACK_TIMEOUT, running).await {
        Ok(ended) => Ok(ended?),
        // Nobody took it back; its lease ends and another worker gets it.
        Err(_) => Ok(()),
    }
}

/// Builds circuits beside the worker, which takes work at once: a step whose turn comes first waits
/// for its own circuit only. The thread is nobody's to wait for, so that the process can end.
fn warm_up(prover: Arc<CircuitProver>, advice: String, cannot_prove: oneshot::Sender<Error>) {
    std::thread::spawn(move || {
        if let Err(error) = prover.warm_up() {
            // The worker may have ended meanwhile.
            let _ = cannot_prove.send(Error::new(error).context(advice));
        }
    });
}
