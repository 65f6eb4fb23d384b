//! Signed L1 transactions. They are stored before they are sent, so that a restart sends the same
//! transaction again and never a different one with the same nonce by accident.

use super::{Store, StoreError, bytes, int, now_ms, uint};

/// A signed L1 transaction that finalises a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    pub hash: [u8; 32],
    pub batch: u64,
    /// The L1 account's nonce; several submissions with one nonce are replacements.
    pub nonce: u64,
    /// Wei per gas.
    pub max_fee: u128,
    /// The signed transaction as it is sent.
    pub raw: Vec<u8>,
    /// When the transaction was signed, Unix milliseconds.
    pub created_ms: u64,
    /// When the transaction was first sent, Unix milliseconds; `None` before.
    pub sent_ms: Option<u64>,
}

impl Store {
    /// Stores a signed transaction that was not sent yet.
    pub async fn insert_submission(&self, submission: &Submission) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        sqlx::query(
            "INSERT INTO submissions (hash, batch, nonce, max_fee, raw, created_ms)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(submission.hash.as_slice())
        .bind(int(submission.batch))
        .bind(int(submission.nonce))
        .bind(submission.max_fee.to_be_bytes().to_vec())
        .bind(submission.raw.as_slice())
        .bind(int(submission.created_ms))
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(())
    }

    /// Notes that a submission was sent, and makes its batch submitted. True when the batch was
    /// only proven before.
    pub async fn mark_sent(&self, submission: &Submission) -> Result<bool, StoreError> {
        let mut write = self.begin().await?;
        let now = int(now_ms());
        sqlx::query("UPDATE submissions SET sent_ms = coalesce(sent_ms, $1) WHERE hash = $2")
            .bind(now)
            .bind(submission.hash.as_slice())
            .execute(&mut *write)
            .await?;
        let begun = sqlx::query(
            "UPDATE batches SET state = 'submitted', submitted_ms = $1
             WHERE number = $2 AND state = 'proven'",
        )
        .bind(now)
        .bind(int(submission.batch))
        .execute(&mut *write)
        .await?;
        sqlx::query(
            "UPDATE batches SET l1_transaction = $1 WHERE number = $2 AND state = 'submitted'",
        )
        .bind(submission.hash.as_slice())
        .bind(int(submission.batch))
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(begun.rows_affected() == 1)
    }

    /// All submissions of a batch, by nonce and then by fee.
    pub async fn submissions_of(&self, batch: u64) -> Result<Vec<Submission>, StoreError> {
        type Row = (Vec<u8>, i64, Vec<u8>, Vec<u8>, i64, Option<i64>);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT hash, nonce, max_fee, raw, created_ms, sent_ms FROM submissions
             WHERE batch = $1 ORDER BY nonce, max_fee",
        )
        .bind(int(batch))
        .fetch_all(&self.readers)
        .await?;
        let read = |(hash, nonce, max_fee, raw, created_ms, sent_ms): Row| {
            Ok(Submission {
                hash: bytes("submissions.hash", &hash)?,
                batch,
                nonce: uint("submissions.nonce", nonce)?,
                max_fee: u128::from_be_bytes(bytes("submissions.max_fee", &max_fee)?),
                raw,
                created_ms: uint("submissions.created_ms", created_ms)?,
                sent_ms: sent_ms.map(|ms| uint("submissions.sent_ms", ms)).transpose()?,
            })
        };
        rows.into_iter().map(read).collect()
    }
}
