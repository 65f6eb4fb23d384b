//! `sheaf prover`: a worker, with its progress on the screen.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use sheaf_jobs::Lease;
use sheaf_prover::client::Client;
use sheaf_prover::{DevelopmentProver, Progress, StepProver, Worker};
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use crate::circuits::CircuitProver;
use crate::keys::{KeyStore, WARNING};
use crate::shutdown;

#[derive(Debug, Args)]
pub struct Arguments {
    /// The sequencer to prove for
    #[arg(long, env = "SHEAF_URL", default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// What the sequencer's operator knows this worker by
    #[arg(long, default_value_t = format!("worker-{}", std::process::id()))]
    pub name: String,
    /// The token that the sequencer's operator gave out, if he asks for one
    #[arg(long, env = "SHEAF_WORKER_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Make development proofs, which prove nothing
    #[arg(long)]
    pub development: bool,
    #[command(flatten)]
    pub keys: KeyStore,
}

/// Works until it is told to stop.
pub async fn run(arguments: Arguments) -> Result<()> {
    let prover: Arc<dyn StepProver> = if arguments.development {
        Arc::new(DevelopmentProver)
    } else {
        eprintln!("note: {WARNING}");
        let keys = arguments.keys;
        Arc::new(CircuitProver(spawn_blocking(move || keys.provers()).await??))
    };
    let worker = Worker {
        client: Client::new(&arguments.url, arguments.token)?,
        prover,
        name: arguments.name,
        progress: Arc::new(Lines),
    };
    let (stop, stopped) = watch::channel(false);
    tokio::select! {
        ended = worker.run(stopped) => return Ok(ended?),
        asked = shutdown::requested() => asked?,
    }
    // The job under way is lost with this process; its lease ends and another worker takes it.
    stop.send_replace(true);
    Ok(())
}

/// A line for each proof.
#[derive(Debug)]
struct Lines;

impl Progress for Lines {
    fn started(&self, lease: &Lease) {
        println!("batch {} {}: proving, attempt {}", lease.batch, lease.step, lease.attempt);
    }

    fn proven(&self, lease: &Lease, time: Duration, bytes: usize) {
        let seconds = time.as_secs_f32();
        println!("batch {} {}: proven in {seconds:.1} s, {bytes} bytes", lease.batch, lease.step);
    }

    fn dropped(&self, lease: &Lease, reason: &str) {
        println!("batch {} {}: dropped, {reason}", lease.batch, lease.step);
    }
}
