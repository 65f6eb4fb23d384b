//! `sheaf prover`: a worker process, which shows its progress on standard error.

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
use crate::keys::KeyStore;
use crate::output;
use crate::{progress, shutdown};

/// How long a worker that is told to stop may take to give back the job under way.
const GIVE_BACK_TIMEOUT: Duration = Duration::from_secs(3);

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// URL of the sequencer to prove for
    #[arg(long, env = "SHEAF_URL", default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// Name by which the sequencer's operator knows this worker [default: worker-PROCESS_ID]
    #[arg(long)]
    pub name: Option<String>,
    /// Token that the sequencer's operator gives to workers, if the sequencer demands one
    #[arg(long, env = "SHEAF_WORKER_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Make development proofs, which prove nothing, for a sequencer with the same flag
    #[arg(long)]
    pub development: bool,
    #[command(flatten)]
    pub keys: KeyStore,
}

/// Proves for a sequencer until the process is told to stop; a job under way is then given back.
///
/// # Errors
/// When the keys cannot be read or are not this program's, or when the worker cannot go on: the
/// sequencer stays silent, refuses the worker or has other circuits.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let (cannot_prove, unable) = oneshot::channel();
    let prover: Arc<dyn StepProver> = if arguments.development {
        Arc::new(DevelopmentProver)
    } else {
        let keys = arguments.keys.of_the_sequencer();
        if let Some(warning) = keys.warning()? {
            output::note(format_args!("note: {warning}"));
        }
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
        // The sequencer did not take the job back. Its lease ends, and another worker gets the job.
        Err(_) => Ok(()),
    }
}

/// Builds circuits on a thread of its own, while the worker already takes jobs: a job whose circuit
/// is not built yet waits for that circuit only. An error of the keys goes to `cannot_prove`. The
/// process does not wait for the thread when it ends.
fn warm_up(prover: Arc<CircuitProver>, advice: String, cannot_prove: oneshot::Sender<Error>) {
    std::thread::spawn(move || {
        if let Err(error) = prover.warm_up() {
            // Sending fails only if the worker has ended meanwhile.
            let _ = cannot_prove.send(Error::new(error).context(advice));
        }
    });
}
