//! The worker's loop: lease a job, fetch the inputs, prove while heartbeats extend the lease, hand
//! the proof in.

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use sheaf_wire::{JobInputs, Lease, LeaseRequest};
use tokio::sync::{oneshot, watch};
use tokio::time::{interval_at, sleep};

use crate::answer::Leased;
use crate::client::Client;
use crate::error::WorkerError;
use crate::limits::{HEARTBEATS_PER_LEASE, IDLE_PAUSE, REASON_BYTES_MAX};
use crate::step_prover::{StepError, StepProver};

/// Shows to a person how the work proceeds. The worker itself logs nothing about its jobs, so that
/// nothing is shown twice.
pub trait Progress: Send + Sync + fmt::Debug + 'static {
    /// The worker has leased a job.
    fn started(&self, lease: &Lease);
    /// The sequencer has accepted the job's proof, of so many bytes. `time` is how long the proof
    /// took.
    fn proven(&self, lease: &Lease, time: Duration, bytes: usize);
    /// The lease ended during the proof. The worker waits for the end of the proof, because a proof
    /// cannot be stopped; `dropped` follows.
    fn lost(&self, lease: &Lease);
    /// The job ended for this worker without an accepted proof: the worker gives the job back, or
    /// the lease was lost, or the sequencer refused the proof.
    fn dropped(&self, lease: &Lease, reason: &str);
}

/// A worker of one sequencer.
#[derive(Debug)]
pub struct Worker {
    /// The client of the sequencer that leases the jobs.
    pub client: Client,
    /// The prover of the jobs' steps.
    pub prover: Arc<dyn StepProver>,
    /// The name by which the sequencer's operator recognises this worker.
    pub name: String,
    /// The display of the work.
    pub progress: Arc<dyn Progress>,
}

impl Worker {
    /// Works until `stop` turns true, the sender of `stop` is dropped, or an error occurs. A worker
    /// that stops during a proof gives the job back.
    ///
    /// # Errors
    /// `Unreachable` when the sequencer does not answer for `OUTAGE_MAX`; `Refused` when the
    /// sequencer refuses this worker; `OtherCircuits` when its circuits differ from the prover's;
    /// `Unreadable` when this version cannot read an answer; `Thread` when no thread can be started
    /// for a proof; `Panicked` when a proof panics. A step that cannot be proven is no error: the
    /// worker gives the job back and continues.
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
        let Leased::Yes(inputs) = self.client.inputs(lease).await? else {
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
                // The next job waits: two proofs at once would compete for cores and memory.
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

    /// Gives a job back at once, so that another worker gets the job before the lease ends. The
    /// proof's thread cannot be stopped and runs until the process ends.
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
            Ok(Leased::Yes(())) => {
                self.progress.proven(lease, time, proof.len());
                Ok(())
            }
            Ok(Leased::No) => {
                self.progress.dropped(lease, "another worker was faster");
                Ok(())
            }
            // The sequencer has counted a failure of the job. The next job may succeed.
            Err(WorkerError::Refused { code, message, .. }) if code == "invalid_proof" => {
                self.progress.dropped(lease, &format!("the proof was refused: {message}"));
                Ok(())
            }
            Err(other) => Err(other),
        }
    }

    /// Extends the lease again and again. Returns when the lease is lost.
    async fn heartbeats(&self, lease: &Lease) -> Result<(), WorkerError> {
        let period = Duration::from_millis(lease.lease_ms.max(1)) / HEARTBEATS_PER_LEASE;
        let mut beats = interval_at(tokio::time::Instant::now() + period, period);
        loop {
            beats.tick().await;
            if self.client.heartbeat(lease).await? == Leased::No {
                return Ok(());
            }
        }
    }

    /// Starts the proof on a thread of its own. Unlike a thread of the runtime, this thread does
    /// not keep the process alive.
    fn prove(
        &self,
        lease: &Lease,
        inputs: JobInputs,
    ) -> Result<oneshot::Receiver<Result<Vec<u8>, StepError>>, WorkerError> {
        let (prover, step) = (Arc::clone(&self.prover), lease.step);
        let data_reference = lease.data_reference;
        let (answer, proof) = oneshot::channel();
        let work = move || {
            // Nobody receives the proof when the worker has stopped or ended meanwhile.
            let _ = answer.send(prover.prove(step, &inputs, data_reference));
        };
        let started = thread::Builder::new().name(format!("prove {step}")).spawn(work);
        started.map_err(|source| WorkerError::Thread { step, source })?;
        Ok(proof)
    }
}

/// The error for a proof whose thread ended without an answer, which only a panic causes.
fn panicked(lease: &Lease) -> WorkerError {
    WorkerError::Panicked { step: lease.step }
}

/// Returns once `stop` is true, or the sender of `stop` is dropped.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// An error with its causes, cut to the length of a reason that the sequencer accepts.
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
