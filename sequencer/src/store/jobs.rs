//! The queue of proving jobs. SQL statements decide which worker has a job and when a job is
//! quarantined, so that two callers cannot decide differently.

use std::collections::HashMap;
use std::time::Duration;

use sheaf_ledger::data_reference::DataReference;
use sheaf_wire::batches::{JobBody, JobState};
use sheaf_wire::status::{FailedJob, JobCounts};
use sheaf_wire::{ProofStep, TreeStep};
use sqlx::{Any, Transaction};

use super::{Store, StoreError, data_reference, int, narrow, now_ms, uint};
use crate::limits::{JOB_FAILURES_MAX, JOB_LAPSES_MAX};

const MALFORMED_STATE: StoreError = StoreError::MalformedColumn { column: "jobs.state" };

/// A job that was just leased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedJob {
    pub id: u64,
    pub batch: u64,
    pub step: ProofStep,
    /// What names the batch's data words on L1, as `SealedRow` has it.
    pub data_reference: Option<DataReference>,
    /// The number of this lease, which each later message about the job repeats.
    pub attempt: u32,
}

/// A job as the database has it, without its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    pub id: u64,
    pub batch: u64,
    pub step: ProofStep,
    /// What names the batch's data words on L1, as `SealedRow` has it.
    pub data_reference: Option<DataReference>,
    /// The number of the newest lease; 0 before the first.
    pub attempt: u32,
    /// Whether L1 verifies the proof of this job.
    pub is_final: bool,
    pub is_leased: bool,
    pub is_done: bool,
    /// When the job was last leased, Unix milliseconds.
    pub leased_ms: Option<u64>,
}

/// A verified proof, from the worker with the lease of this attempt.
#[derive(Debug, Clone, Copy)]
pub struct Verified<'a> {
    pub job: u64,
    pub attempt: u32,
    pub proof: &'a [u8],
    /// The public inputs with which L1 verifies a final proof, big-endian; empty for other proofs.
    pub public_inputs: &'a [[u8; 32]],
}

/// What `Store::complete` did with a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    /// The proof is stored.
    Stored,
    /// A proof is stored under the same attempt already.
    Repeated,
    /// The lease of this attempt has ended, and nothing is stored.
    Stale,
}

/// The proof of a batch that L1 verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinalProof {
    pub proof: Vec<u8>,
    /// The public inputs with which L1 verifies the proof, in order, as big-endian integers.
    pub public_inputs: Vec<[u8; 32]>,
}

impl Store {
    /// Leases the oldest ready job to `worker` for `lifetime`; `None` when no job is ready.
    pub async fn lease(
        &self,
        worker: &str,
        lifetime: Duration,
    ) -> Result<Option<LeasedJob>, StoreError> {
        // Idle workers ask often. Only a request for which there is work takes the database's lock.
        let ready: Option<i64> =
            sqlx::query_scalar("SELECT 1 FROM jobs WHERE state = 'ready' LIMIT 1")
                .fetch_optional(&self.readers)
                .await?;
        if ready.is_none() {
            return Ok(None);
        }
        let now = now_ms();
        let mut write = self.begin().await?;
        type Row = (i64, i64, String, i64, Option<Vec<u8>>);
        let row: Option<Row> = sqlx::query_as(
            "UPDATE jobs SET state = 'leased', attempt = attempt + 1, worker = $1,
                             leased_ms = $2, lease_until_ms = $3, extended = 0
             WHERE id = (SELECT id FROM jobs WHERE state = 'ready' ORDER BY id LIMIT 1)
             RETURNING id, batch, step, attempt,
                       (SELECT data_reference FROM batches WHERE number = jobs.batch)",
        )
        .bind(worker)
        .bind(int(now))
        .bind(lease_end(now, lifetime))
        .fetch_optional(&mut *write)
        .await?;
        write.commit().await?;
        let Some((id, batch, step, attempt, reference)) = row else { return Ok(None) };
        Ok(Some(LeasedJob {
            id: uint("jobs.id", id)?,
            batch: uint("jobs.batch", batch)?,
            step: read_step(&step)?,
            data_reference: data_reference(reference)?,
            attempt: narrow("jobs.attempt", attempt)?,
        }))
    }

    /// Extends a lease to `lifetime` from this moment. False when the lease of `attempt` has ended.
    pub async fn heartbeat(
        &self,
        job: u64,
        attempt: u32,
        lifetime: Duration,
    ) -> Result<bool, StoreError> {
        let mut write = self.begin().await?;
        let extended = sqlx::query(
            "UPDATE jobs SET lease_until_ms = $1, extended = 0
             WHERE id = $2 AND attempt = $3 AND state = 'leased'",
        )
        .bind(lease_end(now_ms(), lifetime))
        .bind(int(job))
        .bind(int(attempt))
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(extended.rows_affected() == 1)
    }

    /// Stores a verified proof, and makes each job ready whose last missing proof this is. The
    /// proof of a batch's last step also makes the batch proven, in the same database transaction.
    pub async fn complete(&self, verified: Verified<'_>) -> Result<Completion, StoreError> {
        let Verified { job, attempt, proof, public_inputs } = verified;
        let mut write = self.begin().await?;
        let done: Option<(i64, i64)> = sqlx::query_as(
            "UPDATE jobs SET state = 'done', proof = $1, done_ms = $2, lease_until_ms = NULL,
                             failure = NULL
             WHERE id = $3 AND attempt = $4 AND state = 'leased' RETURNING batch, final",
        )
        .bind(proof)
        .bind(int(now_ms()))
        .bind(int(job))
        .bind(int(attempt))
        .fetch_optional(&mut *write)
        .await?;
        let Some((batch, is_final)) = done else {
            let repeated: Option<i64> = sqlx::query_scalar(
                "SELECT 1 FROM jobs WHERE id = $1 AND attempt = $2 AND state = 'done'",
            )
            .bind(int(job))
            .bind(int(attempt))
            .fetch_optional(&mut *write)
            .await?;
            return Ok(repeated.map_or(Completion::Stale, |_| Completion::Repeated));
        };
        release_dependents(&mut write, job).await?;
        if is_final == 1 {
            sqlx::query(
                "UPDATE batches SET state = 'proven', proven_ms = $1, public_inputs = $2
                 WHERE number = $3 AND state = 'sealed'",
            )
            .bind(int(now_ms()))
            .bind(public_inputs.as_flattened())
            .bind(batch)
            .execute(&mut *write)
            .await?;
        }
        write.commit().await?;
        Ok(Completion::Stored)
    }

    /// Takes a job back from a worker that failed. The job is ready again, or quarantined after
    /// `JOB_FAILURES_MAX` failures. `None` when the lease of `attempt` has ended.
    pub async fn fail(
        &self,
        job: u64,
        attempt: u32,
        reason: &str,
    ) -> Result<Option<FailedJob>, StoreError> {
        let mut write = self.begin().await?;
        let failed: Option<FailedRow> = sqlx::query_as(
            "UPDATE jobs SET failures = failures + 1, failure = $1, lease_until_ms = NULL,
                 state = CASE WHEN failures + 1 >= $2 THEN 'quarantined' ELSE 'ready' END
             WHERE id = $3 AND attempt = $4 AND state = 'leased'
             RETURNING id, batch, step, worker, failures, lapses, failure, state",
        )
        .bind(reason)
        .bind(int(JOB_FAILURES_MAX))
        .bind(int(job))
        .bind(int(attempt))
        .fetch_optional(&mut *write)
        .await?;
        write.commit().await?;
        failed.map(read_failed).transpose()
    }

    /// Takes a job back from a worker that has to end. The job is ready again, and no failure is
    /// counted. False when the lease of `attempt` has ended.
    pub async fn release(&self, job: u64, attempt: u32) -> Result<bool, StoreError> {
        let mut write = self.begin().await?;
        let released = sqlx::query(
            "UPDATE jobs SET state = 'ready', lease_until_ms = NULL
             WHERE id = $1 AND attempt = $2 AND state = 'leased'",
        )
        .bind(int(job))
        .bind(int(attempt))
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(released.rows_affected() == 1)
    }

    /// Takes back each job whose lease has ended by `now_ms` (Unix milliseconds). The job is ready
    /// again, or quarantined after `JOB_LAPSES_MAX` lapses.
    pub async fn expire_leases(&self, now_ms: u64) -> Result<Vec<FailedJob>, StoreError> {
        let mut write = self.begin().await?;
        let expired: Vec<FailedRow> = sqlx::query_as(
            "UPDATE jobs SET lapses = lapses + 1, failure = 'the lease ended',
                 lease_until_ms = NULL,
                 state = CASE WHEN lapses + 1 >= $1 THEN 'quarantined' ELSE 'ready' END
             WHERE state = 'leased' AND lease_until_ms <= $2
             RETURNING id, batch, step, worker, failures, lapses, failure, state",
        )
        .bind(int(JOB_LAPSES_MAX))
        .bind(int(now_ms))
        .fetch_all(&mut *write)
        .await?;
        write.commit().await?;
        expired.into_iter().map(read_failed).collect()
    }

    /// At most `limit` quarantined jobs, the oldest first.
    pub async fn quarantined_jobs(&self, limit: u32) -> Result<Vec<FailedJob>, StoreError> {
        let rows: Vec<FailedRow> = sqlx::query_as(
            "SELECT id, batch, step, worker, failures, lapses, failure, state FROM jobs
             WHERE state = 'quarantined' ORDER BY id LIMIT $1",
        )
        .bind(int(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(read_failed).collect()
    }

    /// Extends every lease to `lifetime` from this moment, at the start of the process. No
    /// heartbeat could arrive while the process was away, and its absence is no lapse of a job.
    /// A lease that an earlier start has extended, and whose worker has sent nothing since, stays
    /// as it is.
    pub async fn extend_leases(&self, lifetime: Duration) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        sqlx::query(
            "UPDATE jobs SET lease_until_ms = $1, extended = 1
             WHERE state = 'leased' AND extended = 0",
        )
        .bind(lease_end(now_ms(), lifetime))
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(())
    }

    /// Puts a quarantined job back into the queue, with no failure and no lapse counted. False when
    /// no job with this id is quarantined.
    pub async fn requeue(&self, job: u64) -> Result<bool, StoreError> {
        let mut write = self.begin().await?;
        let requeued = sqlx::query(
            "UPDATE jobs SET state = 'ready', failures = 0, lapses = 0
             WHERE id = $1 AND state = 'quarantined'",
        )
        .bind(int(job))
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(requeued.rows_affected() == 1)
    }

    /// A job, if there is one with that id.
    pub async fn job(&self, id: u64) -> Result<Option<JobRow>, StoreError> {
        type Row = (i64, String, Option<Vec<u8>>, i64, i64, String, Option<i64>);
        let row: Option<Row> = sqlx::query_as(
            "SELECT jobs.batch, step, data_reference, final, attempt, jobs.state, leased_ms
             FROM jobs JOIN batches ON batches.number = jobs.batch WHERE jobs.id = $1",
        )
        .bind(int(id))
        .fetch_optional(&self.readers)
        .await?;
        let Some((batch, step, reference, is_final, attempt, state, leased_ms)) = row else {
            return Ok(None);
        };
        Ok(Some(JobRow {
            id,
            batch: uint("jobs.batch", batch)?,
            step: read_step(&step)?,
            data_reference: data_reference(reference)?,
            attempt: narrow("jobs.attempt", attempt)?,
            is_final: is_final == 1,
            is_leased: state == "leased",
            is_done: state == "done",
            leased_ms: leased_ms.map(|ms| uint("jobs.leased_ms", ms)).transpose()?,
        }))
    }

    /// The proofs of the steps that a job needs, in order.
    ///
    /// # Errors
    /// `MalformedColumn` when one of these proofs is missing; SQLite's.
    pub async fn needed_proofs(&self, job: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let proofs: Vec<Option<Vec<u8>>> = sqlx::query_scalar(
            "SELECT jobs.proof FROM job_needs JOIN jobs ON jobs.id = job_needs.needs
             WHERE job_needs.job = $1 ORDER BY job_needs.position",
        )
        .bind(int(job))
        .fetch_all(&self.readers)
        .await?;
        let missing = StoreError::MalformedColumn { column: "jobs.proof" };
        proofs.into_iter().collect::<Option<Vec<_>>>().ok_or(missing)
    }

    /// The proof that L1 verifies and its public inputs; `None` until the batch is proven.
    pub async fn final_proof(&self, batch: u64) -> Result<Option<FinalProof>, StoreError> {
        type Row = (Option<Vec<u8>>, Option<Vec<u8>>);
        let row: Option<Row> = sqlx::query_as(
            "SELECT jobs.proof, batches.public_inputs FROM jobs
             JOIN batches ON batches.number = jobs.batch WHERE jobs.batch = $1 AND jobs.final = 1",
        )
        .bind(int(batch))
        .fetch_optional(&self.readers)
        .await?;
        let Some((Some(proof), Some(inputs))) = row else { return Ok(None) };
        let public_inputs = inputs
            .chunks(32)
            .map(|input| super::bytes("batches.public_inputs", input))
            .collect::<Result<_, _>>()?;
        Ok(Some(FinalProof { proof, public_inputs }))
    }

    /// The jobs of a batch, each after those whose proofs it needs. Of an older final batch, only
    /// the final job is kept.
    pub async fn jobs_of(&self, batch: u64) -> Result<Vec<JobBody>, StoreError> {
        type Row = (i64, String, String, Option<String>, Option<i64>, Option<i64>);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, step, state, worker, leased_ms, done_ms FROM jobs
             WHERE batch = $1 ORDER BY id",
        )
        .bind(int(batch))
        .fetch_all(&self.readers)
        .await?;
        let read = |(job, step, state, worker, leased_ms, done_ms): Row| {
            let state: JobState = state.parse().map_err(|()| MALFORMED_STATE)?;
            let has_worker = !matches!(state, JobState::Waiting | JobState::Ready);
            let ms = |value: Option<i64>| value.map(|ms| uint("jobs.leased_ms", ms)).transpose();
            Ok(JobBody {
                job: uint("jobs.id", job)?,
                step: read_step(&step)?,
                state,
                worker: worker.filter(|_| has_worker),
                started_ms: ms(leased_ms.filter(|_| has_worker))?,
                finished_ms: ms(done_ms)?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// How many jobs are in each state.
    pub async fn job_counts(&self) -> Result<JobCounts, StoreError> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT state, count(*) FROM jobs GROUP BY state")
                .fetch_all(&self.readers)
                .await?;
        let mut counts = JobCounts::default();
        for (state, count) in rows {
            let count = uint("jobs", count)?;
            match state.parse().map_err(|()| MALFORMED_STATE)? {
                JobState::Waiting => counts.waiting = count,
                JobState::Ready => counts.ready = count,
                JobState::Leased => counts.leased = count,
                JobState::Done => counts.done = count,
                JobState::Quarantined => counts.quarantined = count,
            }
        }
        Ok(counts)
    }
}

/// Inserts a job for each step that proves a batch. A step that needs no proof is ready, and the
/// last step is the final one. Each step must follow the steps that it needs.
pub(super) async fn insert_steps(
    write: &mut Transaction<'static, Any>,
    batch: u64,
    steps: &[TreeStep],
) -> Result<(), StoreError> {
    let mut ids: HashMap<ProofStep, i64> = HashMap::with_capacity(steps.len());
    for (index, planned) in steps.iter().enumerate() {
        let state = if planned.needs.is_empty() { "ready" } else { "waiting" };
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO jobs (batch, step, final, state, waits_for) VALUES ($1, $2, $3, $4, $5)
             RETURNING id",
        )
        .bind(int(batch))
        .bind(planned.step.to_string())
        .bind(int(index + 1 == steps.len()))
        .bind(state)
        .bind(int(planned.needs.len() as u64))
        .fetch_one(&mut **write)
        .await?;
        ids.insert(planned.step, id);
        for (position, need) in (0_u32..).zip(&planned.needs) {
            let needed = ids.get(need).expect("a proof tree lists a step after those it needs");
            sqlx::query("INSERT INTO job_needs (job, position, needs) VALUES ($1, $2, $3)")
                .bind(id)
                .bind(int(position))
                .bind(*needed)
                .execute(&mut **write)
                .await?;
        }
    }
    Ok(())
}

async fn release_dependents(
    write: &mut Transaction<'static, Any>,
    job: u64,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE jobs SET
             waits_for = waits_for - needed.times,
             state = CASE WHEN waits_for = needed.times THEN 'ready' ELSE state END
         FROM (SELECT job, count(*) AS times FROM job_needs WHERE needs = $1 GROUP BY job) AS needed
         WHERE jobs.id = needed.job AND jobs.state = 'waiting'",
    )
    .bind(int(job))
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Drops the jobs of a batch, with their proofs and needs, except the final job.
pub(super) async fn prune(
    write: &mut Transaction<'static, Any>,
    batch: u64,
) -> Result<(), StoreError> {
    for statement in [
        "DELETE FROM job_needs WHERE job IN (SELECT id FROM jobs WHERE batch = $1)",
        "DELETE FROM jobs WHERE batch = $1 AND final = 0",
    ] {
        sqlx::query(statement).bind(int(batch)).execute(&mut **write).await?;
    }
    Ok(())
}

fn lease_end(now_ms: u64, lifetime: Duration) -> i64 {
    int(now_ms) + i64::try_from(lifetime.as_millis()).expect("a lease is short")
}

/// The columns id, batch, step, worker, failures, lapses, failure, state.
type FailedRow = (i64, i64, String, Option<String>, i64, i64, Option<String>, String);

fn read_failed(row: FailedRow) -> Result<FailedJob, StoreError> {
    let (job, batch, step, worker, failures, lapses, reason, state) = row;
    Ok(FailedJob {
        job: uint("jobs.id", job)?,
        batch: uint("jobs.batch", batch)?,
        step: read_step(&step)?,
        worker: worker.unwrap_or_default(),
        failures: narrow("jobs.failures", failures)?,
        lapses: narrow("jobs.lapses", lapses)?,
        reason: reason.unwrap_or_default(),
        is_quarantined: state == "quarantined",
    })
}

fn read_step(text: &str) -> Result<ProofStep, StoreError> {
    text.parse().map_err(|_| StoreError::MalformedColumn { column: "jobs.step" })
}
