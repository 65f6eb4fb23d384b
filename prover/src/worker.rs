//! The worker's loop: lease, inputs, prove with heartbeats, complete.

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use sheaf_wire::{JobInputs, Lease, LeaseRequest};
use tokio::sync::{oneshot, watch};
use tokio::time::{interval_at, sleep};

use crate::answer::Held;
use crate::client::Client;
use crate::error::WorkerError;
use crate::limits::{HEARTBEATS_PER_LEASE, IDLE_PAUSE, REASON_BYTES_MAX};
use crate::step_prover::{StepError, StepProver};

/// Who is told how the work goes, to show it. The worker itself says nothing of its jobs, so that
/// nothing is said twice.
pub trait Progress: Send + Sync + fmt::Debug + 'static {
    /// A job was taken.
    fn started(&self, lease: &Lease);
    /// Its proof counts.
    fn proven(&self, lease: &Lease, time: Duration, bytes: usize);
    /// It is somebody else's now; its proof is waited for, because it cannot be stopped.
    fn lost(&self, lease: &Lease);
    /// It was given back, or what was made for it is worth nothing.
    fn dropped(&self, lease: &Lease, reason: &str);
}

/// A worker of one sequencer.
#[derive(Debug)]
pub struct Worker {
    /// Where the work is.
    pub client: Client,
    /// What does it.
    pub prover: Arc<dyn StepProver>,
    /// What the sequencer's operator knows this worker by.
    pub name: String,
    pub progress: Arc<dyn Progress>,
}

impl Worker {
    /// Works until `stop` turns true or something cannot be repaired by asking again. A job that
    /// is under way when it stops is given back.
    ///
    /// # Errors
    /// When the sequencer stays silent, refuses this worker, has other circuits, or answers what
    /// this version cannot read.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) -> Result<(), WorkerError> {
        let request = LeaseRequest {
            worker: self.name.clone(),
            circuits: hex::encode(self.prover.circuits()),
        };
        loop {
            let lease = tokio::select! {
                biased;
                () = stopped(&mut stop) => return Ok(()),
                lease = self.client.lease(&request) => lease?,
            };
            match lease {
                Some(lease) => self.work(&lease, &mut stop).await?,
                None => tokio::select! {
                    () = stopped(&mut stop) => return Ok(()),
                    () = sleep(IDLE_PAUSE) => {}
                },
            }
        }
    }

    async fn work(
        &self,
        lease: &Lease,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<(), WorkerError> {
        self.progress.started(lease);
        let Held::Yes(inputs) = self.client.inputs(lease).await? else {
            self.progress.dropped(lease, "the lease had ended");
            return Ok(());
        };
        let start = Instant::now();
        let mut proof = self.prove(lease, inputs)?;
        let proven = tokio::select! {
            biased;
            () = stopped(stop) => return self.give_back(lease).await,
            lost = self.heartbeats(lease) => {
                lost?;
                self.progress.lost(lease);
                // A second proof beside this one would fight with it for cores and memory.
                tokio::select! {
                    () = stopped(stop) => {}
                    proven = &mut proof => drop(proven.map_err(|_| panicked(lease))?),
                }
                self.progress.dropped(lease, "the lease was lost");
                return Ok(());
            }
            proven = &mut proof => proven.map_err(|_| panicked(lease))?,
        };
        match proven {
            Ok(proof) => self.hand_in(lease, &proof, start.elapsed()).await,
            Err(error) => {
                let reason = reason_of(&error);
                self.progress.dropped(lease, &reason);
                self.client.fail(lease, reason).await.map(|_| ())
            }
        }
    }

    /// Gives a job back at once, so that nobody has to wait for the end of its lease. The proof's
    /// thread cannot be stopped; the process ends under it.
    async fn give_back(&self, lease: &Lease) -> Result<(), WorkerError> {
        self.progress.dropped(lease, "the worker stops");
        self.client.release(lease).await.map(|_| ())
    }

    async fn hand_in(
        &self,
        lease: &Lease,
        proof: &[u8],
        time: Duration,
    ) -> Result<(), WorkerError> {
        match self.client.complete(lease, proof).await {
            Ok(Held::Yes(())) => {
                self.progress.proven(lease, time, proof.len());
                Ok(())
            }
            Ok(Held::No) => {
                self.progress.dropped(lease, "another worker was faster");
                Ok(())
            }
            // The sequencer has counted it against the job; the next one may go well.
            Err(WorkerError::Refused { code, message, .. }) if code == "invalid_proof" => {
                self.progress.dropped(lease, &format!("the proof was refused: {message}"));
                Ok(())
            }
            Err(other) => Err(other),
        }
    }

    /// Keeps the lease alive; returns when it is lost.
    async fn heartbeats(&self, lease: &Lease) -> Result<(), WorkerError> {
        let period = Duration::from_millis(lease.lease_ms.max(1)) / HEARTBEATS_PER_LEASE;
        let mut beats = interval_at(tokio::time::Instant::now() + period, period);
        loop {
            beats.tick().await;
            if self.client.heartbeat(lease).await? == Held::No {
                return Ok(());
            }
        }
    }

    /// Starts the proof on a thread of its own: unlike the runtime's, it keeps no process alive.
    fn prove(
        &self,
        lease: &Lease,
        inputs: JobInputs,
    ) -> Result<oneshot::Receiver<Result<Vec<u8>, StepError>>, WorkerError> {
        let (prover, step) = (Arc::clone(&self.prover), lease.step);
        let data_mode = lease.data_mode;
        let (answer, proof) = oneshot::channel();
        let work = move || {
            // Whoever stopped waiting does not mind.
            let _ = answer.send(prover.prove(step, &inputs, data_mode));
        };
        let started = thread::Builder::new().name(format!("prove {step}")).spawn(work);
        started.map_err(|source| WorkerError::Thread { step, source })?;
        Ok(proof)
    }
}

/// A thread that ends without an answer has panicked.
fn panicked(lease: &Lease) -> WorkerError {
    WorkerError::Panicked { step: lease.step }
}

/// Returns once the worker was told to stop, or nobody is left to tell it.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// An error with its causes in one line that the sequencer takes.
fn reason_of(error: &StepError) -> String {
    let mut reason = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        reason.push_str(": ");
        reason.push_str(&error.to_string());
        cause = error.source();
    }
    let mut end = reason.len().min(REASON_BYTES_MAX);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    reason.truncate(end);
    reason
}
