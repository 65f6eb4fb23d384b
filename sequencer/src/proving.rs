//! Proving: leases for workers, and the verification of their proofs.
//!
//! Workers are untrusted: no worker has a key, a proof is stored only after it was verified here,
//! and an invalid proof counts as a failure of its own job and of no other. The store has the rules
//! of the queue; `ProofVerifier` separates this module from the circuits.

mod development;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sheaf_contracts::chain_limits::ChainLimits;
use sheaf_ledger::batch::SealedBatch;
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::data_reference::DataReference;
use sheaf_wire::{JobInputs, ProofStep, TreeStep};
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::time::MissedTickBehavior;
use tracing::Instrument;

use crate::error::StageError;
use crate::events::Events;
use crate::limits::{SWEEPS_PER_LEASE, VERIFICATIONS_MAX, WORKER_TEXT_BYTES_MAX};
use crate::metrics;
use crate::store::{
    BatchState, Completion, FailedJob, JobRow, LeasedJob, Store, StoreError, Verified, now_ms,
};
use crate::witnesses::{WitnessError, Witnesses};

pub use crate::capacity::BatchLimits;
pub use development::{DevelopmentVerifier, NotADevelopmentChain};

/// What the sequencer must know of circuits. The binary passes a verifier with the real circuits
/// or, if the operator asks for development proofs by name, the development verifier.
pub trait ProofVerifier: Send + Sync + fmt::Debug + 'static {
    /// The digest of all circuits. A worker with another digest gets no job.
    fn circuits(&self) -> [u8; 32];

    /// The largest batch whose proofs the circuits can verify, with data words in this mode, on
    /// this chain.
    fn limits(&self, data_mode: DataMode, chain: ChainLimits) -> BatchLimits {
        BatchLimits::protocol(data_mode, chain)
    }

    /// The steps that prove a batch within the limits. Each step follows the steps whose proofs it
    /// needs, and the last step makes the proof for L1.
    fn steps(&self, batch: &SealedBatch) -> Vec<TreeStep>;

    /// Whether `proof` is a valid proof of `step` for `batch`, whose data words have this reference
    /// on L1.
    fn verify(
        &self,
        step: ProofStep,
        batch: &SealedBatch,
        data_reference: DataReference,
        proof: &[u8],
    ) -> bool;

    /// The public inputs with which L1 verifies the final proof, in order, as big-endian integers.
    fn public_inputs(&self, batch: &SealedBatch, data_reference: DataReference) -> Vec<[u8; 32]>;
}

/// Why a worker's request was refused or failed.
#[derive(Debug, Error)]
pub enum ProvingError {
    #[error("the worker's circuits {found} are not the rollup's, {expected}")]
    OtherCircuits { expected: String, found: String },
    #[error("a worker's name has 1 to {WORKER_TEXT_BYTES_MAX} bytes")]
    WorkerName,
    #[error("there is no job {job}")]
    UnknownJob { job: u64 },
    #[error("attempt {attempt} has no lease of job {job} any more")]
    Stale { job: u64, attempt: u32 },
    #[error("the proof of {step} is not valid")]
    InvalidProof { step: ProofStep },
    #[error(transparent)]
    Witness(#[from] WitnessError),
    #[error("a computation panicked")]
    Panicked { source: tokio::task::JoinError },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The worker API's operations on the queue of jobs.
#[derive(Debug, Clone)]
pub struct Proving {
    store: Store,
    verifier: Arc<dyn ProofVerifier>,
    events: Arc<Events>,
    lease_lifetime: Duration,
    /// Bounds how many proofs are verified at one time: `VERIFICATIONS_MAX`.
    verifications: Arc<Semaphore>,
    witnesses: Arc<Witnesses>,
}

impl Proving {
    /// The operations on the jobs of the batches in `witnesses`, whose proofs `verifier` verifies.
    pub fn new(
        witnesses: Arc<Witnesses>,
        verifier: Arc<dyn ProofVerifier>,
        events: Arc<Events>,
        lease_lifetime: Duration,
    ) -> Self {
        let verifications = Arc::new(Semaphore::new(VERIFICATIONS_MAX));
        let store = witnesses.store().clone();
        Self { store, verifier, events, lease_lifetime, verifications, witnesses }
    }

    /// How long a lease lasts after the last heartbeat.
    pub const fn lease_lifetime(&self) -> Duration {
        self.lease_lifetime
    }

    /// Leases the oldest ready job to a worker whose circuits have the rollup's digest (64 hex
    /// digits), with what names the data words of the job's batch on L1; `None` when no job is
    /// ready.
    ///
    /// # Errors
    /// `OtherCircuits` for another digest; `WorkerName` for a name that is empty or longer than
    /// `WORKER_TEXT_BYTES_MAX`; `Witness` when an older version has sealed the batch and its
    /// witness cannot be made again; `Store` when the database fails.
    pub async fn lease(
        &self,
        worker: &str,
        circuits: &str,
    ) -> Result<Option<(LeasedJob, DataReference)>, ProvingError> {
        let expected = hex::encode(self.verifier.circuits());
        if circuits != expected {
            let found = circuits.chars().take(expected.len()).collect();
            return Err(ProvingError::OtherCircuits { expected, found });
        }
        if worker.is_empty() || worker.len() > WORKER_TEXT_BYTES_MAX {
            return Err(ProvingError::WorkerName);
        }
        let Some(job) = self.store.lease(worker, self.lease_lifetime).await? else {
            return Ok(None);
        };
        let named = match job.data_reference {
            Some(named) => named,
            None => reference(None, &*self.witnesses.batch(job.batch).await?),
        };
        Ok(Some((job, named)))
    }

    /// Extends a lease to a whole lease lifetime from this moment.
    ///
    /// # Errors
    /// `Stale` when the caller's lease has ended; `Store`.
    pub async fn heartbeat(&self, job: u64, attempt: u32) -> Result<(), ProvingError> {
        let is_leased = self.store.heartbeat(job, attempt, self.lease_lifetime).await?;
        if is_leased { Ok(()) } else { Err(ProvingError::Stale { job, attempt }) }
    }

    /// The witness and the proofs from which a worker proves a job.
    ///
    /// # Errors
    /// `UnknownJob` when there is no such job; `Stale` when the caller's lease has ended;
    /// `Witness` when the batch is final for long or its witness cannot be made again; `Store`.
    pub async fn inputs(&self, job: u64, attempt: u32) -> Result<JobInputs, ProvingError> {
        let row = self.held(job, attempt).await?;
        let sealed = self.witnesses.batch(row.batch).await?;
        let witness = tokio::task::spawn_blocking(move || sealed.to_bytes())
            .await
            .map_err(|source| ProvingError::Panicked { source })?;
        Ok(JobInputs { witness, proofs: self.store.needed_proofs(job).await? })
    }

    /// Verifies a proof and stores it. A second delivery under the same attempt is `Repeated` and
    /// changes nothing.
    ///
    /// # Errors
    /// `InvalidProof`, which also counts as a failure of the job; `UnknownJob` when there is no
    /// such job; `Stale` when the caller's lease has ended; `Witness` when the batch is final for
    /// long or its witness cannot be made again; `Panicked`; `Store`.
    pub async fn complete(
        &self,
        job: u64,
        attempt: u32,
        proof: Vec<u8>,
    ) -> Result<Completion, ProvingError> {
        let row = self.store.job(job).await?.ok_or(ProvingError::UnknownJob { job })?;
        if row.attempt == attempt && row.is_done {
            return Ok(Completion::Repeated);
        }
        let row = self.held(job, attempt).await?;
        let (batch, step) = (row.batch, row.step);
        let span = tracing::info_span!("proof", batch, job, attempt, %step);
        self.take(row, Delivery { job, attempt, proof }).instrument(span).await
    }

    /// Verifies and stores the proof of a leased job.
    async fn take(&self, row: JobRow, delivery: Delivery) -> Result<Completion, ProvingError> {
        let Delivery { job, attempt, proof } = delivery;
        let batch = self.witnesses.batch(row.batch).await?;
        let verifier = Arc::clone(&self.verifier);
        let JobRow { step, data_reference, is_final, .. } = row;
        let reference = reference(data_reference, &batch);
        let permit = self.verifications.acquire().await.expect("the semaphore is never closed");
        let (proof, public_inputs) = tokio::task::spawn_blocking(move || {
            let is_valid = verifier.verify(step, &batch, reference, &proof);
            let inputs = is_final.then(|| verifier.public_inputs(&batch, reference));
            (is_valid.then_some(proof), inputs.unwrap_or_default())
        })
        .await
        .map_err(|source| ProvingError::Panicked { source })?;
        drop(permit);
        let Some(proof) = proof else {
            let failed = self.store.fail(job, attempt, "the proof is not valid").await?;
            failed.iter().for_each(report);
            return Err(ProvingError::InvalidProof { step });
        };
        let verified = Verified { job, attempt, proof: &proof, public_inputs: &public_inputs };
        let completion = self.store.complete(verified).await?;
        if completion == Completion::Stored {
            let since = row.leased_ms.map_or(0, |since| now_ms().saturating_sub(since));
            metrics::proven(step, Duration::from_millis(since));
        }
        if completion == Completion::Stored && row.is_final {
            self.witnesses.forget(row.batch);
            self.events.publish_batch(row.batch, BatchState::Proven);
        }
        match completion {
            Completion::Stale => Err(ProvingError::Stale { job, attempt }),
            Completion::Stored | Completion::Repeated => Ok(completion),
        }
    }

    /// Takes a job back from a worker that gives up, which counts as a failure of the job. The
    /// reason is cut to `WORKER_TEXT_BYTES_MAX`.
    ///
    /// # Errors
    /// `Stale` when the caller's lease has ended; `Store`.
    pub async fn fail(&self, job: u64, attempt: u32, reason: &str) -> Result<(), ProvingError> {
        let end = (0..=WORKER_TEXT_BYTES_MAX.min(reason.len()))
            .rev()
            .find(|end| reason.is_char_boundary(*end))
            .unwrap_or(0);
        let failed = self.store.fail(job, attempt, &reason[..end]).await?;
        report(&failed.ok_or(ProvingError::Stale { job, attempt })?);
        Ok(())
    }

    /// Takes a job back from a worker that has to end, which is no failure of the job.
    ///
    /// # Errors
    /// `Stale` when the caller's lease has ended; `Store`.
    pub async fn release(&self, job: u64, attempt: u32) -> Result<(), ProvingError> {
        let held = self.store.release(job, attempt).await?;
        if held { Ok(()) } else { Err(ProvingError::Stale { job, attempt }) }
    }

    /// Puts a quarantined job back into the queue.
    ///
    /// # Errors
    /// `UnknownJob` when no job with that id is quarantined; `Store`.
    pub async fn requeue(&self, job: u64) -> Result<(), ProvingError> {
        let requeued = self.store.requeue(job).await?;
        if requeued { Ok(()) } else { Err(ProvingError::UnknownJob { job }) }
    }

    async fn held(&self, job: u64, attempt: u32) -> Result<JobRow, ProvingError> {
        let row = self.store.job(job).await?.ok_or(ProvingError::UnknownJob { job })?;
        let is_leased = row.is_leased && row.attempt == attempt;
        if is_leased { Ok(row) } else { Err(ProvingError::Stale { job, attempt }) }
    }
}

/// What names the data words of a batch on L1.
fn reference(stored: Option<DataReference>, batch: &SealedBatch) -> DataReference {
    stored.unwrap_or_else(|| DataReference::calldata(&batch.data_words))
}

/// A proof that a worker hands in.
struct Delivery {
    job: u64,
    attempt: u32,
    proof: Vec<u8>,
}

/// Takes back each job whose lease has ended without a message from its worker. First extends every
/// lease, because no heartbeat could arrive while this process was away. Runs for ever.
///
/// # Errors
/// `Store` when the database fails.
pub async fn sweep(store: Store, lease_lifetime: Duration) -> Result<(), StageError> {
    store.extend_leases(lease_lifetime).await?;
    let period = (lease_lifetime / SWEEPS_PER_LEASE).max(Duration::from_millis(1));
    let mut clock = tokio::time::interval(period);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        clock.tick().await;
        store.expire_leases(now_ms()).await?.iter().for_each(report);
    }
}

/// Logs a job that was taken back: a warning, or an error when the job is quarantined and no worker
/// gets it any more.
fn report(failed: &FailedJob) {
    let FailedJob { job, batch, step, worker, failures, lapses, reason, is_quarantined } = failed;
    metrics::proof_failed(*step);
    if *is_quarantined {
        tracing::error!(
            job, batch, %step, worker, failures, lapses, reason,
            "a job failed too often and is quarantined: its batch waits until the operator puts \
             it back with POST /v1/jobs/{job}/requeue"
        );
    } else {
        tracing::warn!(job, batch, %step, worker, failures, lapses, reason, "a job was taken back");
    }
}
