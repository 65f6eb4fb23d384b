//! Proving: leases for workers, and proofs verified before they count.
//!
//! Workers are strangers: they hold no key, a proof of theirs is stored only after it was
//! verified here, and one that fails counts against the job, not against others. The queue's
//! rules are the store's; circuits are behind `ProofVerifier`.

mod development;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sheaf_ledger::batch::SealedBatch;
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::rule_error::RuleError;
use sheaf_wire::{JobInputs, PlannedStep, ProofStep};
use thiserror::Error;
use tokio::sync::{Semaphore, broadcast};
use tokio::time::MissedTickBehavior;

use crate::error::StageError;
use crate::events::Event;
use crate::limits::{SWEEPS_PER_LEASE, VERIFICATIONS_MAX, WORKER_TEXT_BYTES_MAX};
use crate::metrics;
use crate::store::{
    BatchState, Completion, FailedJob, JobRow, LeasedJob, Store, StoreError, Verified, now_ms,
};

pub use crate::capacity::BatchLimits;
pub use development::{DevelopmentVerifier, NotADevelopmentChain};

/// What the sequencer must know of circuits: the binary gives it the real ones or, where it is
/// asked to by name, the development ones.
pub trait ProofVerifier: Send + Sync + fmt::Debug + 'static {
    /// The digest of all circuits: a worker with another one gets no work.
    fn circuits(&self) -> [u8; 32];

    /// The largest batch that it can verify proofs of, with data words that travel in this mode.
    fn limits(&self, data_mode: DataMode) -> BatchLimits {
        BatchLimits::protocol(data_mode)
    }

    /// The steps that prove a batch within the limits, each behind those it needs, the last one the
    /// final one.
    fn plan(&self, batch: &SealedBatch) -> Vec<PlannedStep>;

    /// Whether `proof` proves that step of that batch, whose data words travel in this mode.
    fn verify(
        &self,
        step: ProofStep,
        batch: &SealedBatch,
        data_mode: DataMode,
        proof: &[u8],
    ) -> bool;

    /// What L1 verifies the final proof against: big-endian integers in order.
    fn public_inputs(&self, batch: &SealedBatch, data_mode: DataMode) -> Vec<[u8; 32]>;
}

/// Why a worker is turned away.
#[derive(Debug, Error)]
pub enum ProvingError {
    #[error("the worker's circuits {found} are not the rollup's, {expected}")]
    OtherCircuits { expected: String, found: String },
    #[error("a worker's name has 1 to {WORKER_TEXT_BYTES_MAX} bytes")]
    WorkerName,
    #[error("there is no job {job}")]
    UnknownJob { job: u64 },
    #[error("attempt {attempt} does not hold job {job} any more")]
    Stale { job: u64, attempt: u32 },
    #[error("the proof of {step} is not valid")]
    InvalidProof { step: ProofStep },
    #[error("the witness of batch {batch} cannot be read")]
    Witness { batch: u64, source: RuleError },
    #[error("batch {batch} has no witness any more")]
    WitnessGone { batch: u64 },
    #[error("a computation panicked")]
    Panicked { source: tokio::task::JoinError },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The queue of proving work, as workers see it.
#[derive(Debug, Clone)]
pub struct Proving {
    store: Store,
    verifier: Arc<dyn ProofVerifier>,
    events: broadcast::Sender<Event>,
    lease_lifetime: Duration,
    /// One permit for each proof that is verified at one time.
    verifications: Arc<Semaphore>,
    /// The batch that was looked at last, because its steps come one after another.
    recent: Arc<Mutex<Option<Arc<SealedBatch>>>>,
}

impl Proving {
    pub fn new(
        store: Store,
        verifier: Arc<dyn ProofVerifier>,
        events: broadcast::Sender<Event>,
        lease_lifetime: Duration,
    ) -> Self {
        let verifications = Arc::new(Semaphore::new(VERIFICATIONS_MAX));
        Self { store, verifier, events, lease_lifetime, verifications, recent: Arc::default() }
    }

    /// How long a worker may hold a job without a heartbeat.
    pub const fn lease_lifetime(&self) -> Duration {
        self.lease_lifetime
    }

    /// Gives the oldest ready job to a worker whose circuits are the rollup's.
    ///
    /// # Errors
    /// `OtherCircuits`, `WorkerName`, or the store's.
    pub async fn lease(
        &self,
        worker: &str,
        circuits: &str,
    ) -> Result<Option<LeasedJob>, ProvingError> {
        let expected = hex::encode(self.verifier.circuits());
        if circuits != expected {
            let found = circuits.chars().take(expected.len()).collect();
            return Err(ProvingError::OtherCircuits { expected, found });
        }
        if worker.is_empty() || worker.len() > WORKER_TEXT_BYTES_MAX {
            return Err(ProvingError::WorkerName);
        }
        Ok(self.store.lease(worker, self.lease_lifetime).await?)
    }

    /// Extends a lease.
    ///
    /// # Errors
    /// `Stale` when the caller does not hold the job any more.
    pub async fn heartbeat(&self, job: u64, attempt: u32) -> Result<(), ProvingError> {
        let holds = self.store.heartbeat(job, attempt, self.lease_lifetime).await?;
        if holds { Ok(()) } else { Err(ProvingError::Stale { job, attempt }) }
    }

    /// What a job is proven from.
    ///
    /// # Errors
    /// `UnknownJob`; `Stale` when the caller does not hold it; `WitnessGone`.
    pub async fn inputs(&self, job: u64, attempt: u32) -> Result<JobInputs, ProvingError> {
        let row = self.held(job, attempt).await?;
        let gone = ProvingError::WitnessGone { batch: row.batch };
        let witness = self.store.witness(row.batch).await?.ok_or(gone)?;
        Ok(JobInputs { witness, proofs: self.store.needed_proofs(job).await? })
    }

    /// Verifies a proof and stores it.
    ///
    /// # Errors
    /// `InvalidProof`, which also counts as a failure of the job; `UnknownJob`; `Stale`.
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
        let batch = self.batch(row.batch).await?;
        let verifier = Arc::clone(&self.verifier);
        let JobRow { step, data_mode, is_final, .. } = row;
        let permit = self.verifications.acquire().await.expect("the semaphore is never closed");
        let (proof, public_inputs) = tokio::task::spawn_blocking(move || {
            let holds = verifier.verify(step, &batch, data_mode, &proof);
            let inputs = is_final.then(|| verifier.public_inputs(&batch, data_mode));
            (holds.then_some(proof), inputs.unwrap_or_default())
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
            let event = Event::Batch { number: row.batch, state: BatchState::Proven };
            // Nobody may be listening.
            let _ = self.events.send(event);
        }
        match completion {
            Completion::Stale => Err(ProvingError::Stale { job, attempt }),
            Completion::Stored | Completion::Repeated => Ok(completion),
        }
    }

    /// Takes a job back from a worker that gives up.
    ///
    /// # Errors
    /// `Stale` when the caller does not hold the job any more.
    pub async fn fail(&self, job: u64, attempt: u32, reason: &str) -> Result<(), ProvingError> {
        let end = (0..=WORKER_TEXT_BYTES_MAX.min(reason.len()))
            .rev()
            .find(|end| reason.is_char_boundary(*end))
            .unwrap_or(0);
        let failed = self.store.fail(job, attempt, &reason[..end]).await?;
        report(&failed.ok_or(ProvingError::Stale { job, attempt })?);
        Ok(())
    }

    /// Takes a job back from a worker that has to end.
    ///
    /// # Errors
    /// `Stale` when the caller does not hold the job any more.
    pub async fn release(&self, job: u64, attempt: u32) -> Result<(), ProvingError> {
        let held = self.store.release(job, attempt).await?;
        if held { Ok(()) } else { Err(ProvingError::Stale { job, attempt }) }
    }

    /// Puts a quarantined job back into the queue.
    ///
    /// # Errors
    /// `UnknownJob` when no job with that id is quarantined.
    pub async fn requeue(&self, job: u64) -> Result<(), ProvingError> {
        let requeued = self.store.requeue(job).await?;
        if requeued { Ok(()) } else { Err(ProvingError::UnknownJob { job }) }
    }

    async fn held(&self, job: u64, attempt: u32) -> Result<JobRow, ProvingError> {
        let row = self.store.job(job).await?.ok_or(ProvingError::UnknownJob { job })?;
        let holds = row.is_leased && row.attempt == attempt;
        if holds { Ok(row) } else { Err(ProvingError::Stale { job, attempt }) }
    }

    async fn batch(&self, number: u64) -> Result<Arc<SealedBatch>, ProvingError> {
        let recent = self.recent.lock().expect("no holder of the lock panics").clone();
        if let Some(batch) = recent.filter(|batch| batch.number == number) {
            return Ok(batch);
        }
        let gone = ProvingError::WitnessGone { batch: number };
        let witness = self.store.witness(number).await?.ok_or(gone)?;
        let batch = tokio::task::spawn_blocking(move || SealedBatch::from_bytes(&witness))
            .await
            .map_err(|source| ProvingError::Panicked { source })?
            .map_err(|source| ProvingError::Witness { batch: number, source })?;
        let batch = Arc::new(batch);
        *self.recent.lock().expect("no holder of the lock panics") = Some(Arc::clone(&batch));
        Ok(batch)
    }
}

/// Takes jobs back whose workers have gone silent. Runs for ever.
///
/// # Errors
/// When the store fails.
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

/// Tells the operator about a job that failed; the last time, that nobody will try again.
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
