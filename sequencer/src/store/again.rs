//! What another database had acknowledged and L1 does not have: it waits to be executed again.

use std::collections::HashSet;

use sheaf_ledger::transaction::SignedTransaction;
use sqlx::{Any, Transaction};

use super::{Store, StoreError, int, uint};
use crate::limits::AGAIN_PER_ROW;

/// What a log acknowledged after a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acknowledged {
    /// In the order of their execution.
    pub transactions: Vec<SignedTransaction>,
    /// How many requests of L1 the log had consumed, from the first on.
    pub requests: u64,
}

impl Acknowledged {
    /// Both, each transaction once.
    #[must_use]
    pub fn before(mut self, later: Self) -> Self {
        let known: HashSet<SignedTransaction> = self.transactions.iter().cloned().collect();
        let new = later.transactions.into_iter().filter(|transaction| !known.contains(transaction));
        self.transactions.extend(new);
        Self { requests: self.requests.max(later.requests), ..self }
    }
}

impl Store {
    /// What waits to be executed again.
    ///
    /// # Errors
    /// `MalformedColumn` when a transaction cannot be read; the database's errors.
    pub async fn again(&self) -> Result<Acknowledged, StoreError> {
        let rows: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT requests, transactions FROM again ORDER BY part")
                .fetch_all(&self.readers)
                .await?;
        let mut waiting = Acknowledged::default();
        let malformed = |_| StoreError::MalformedColumn { column: "again.transactions" };
        for (requests, transactions) in rows {
            waiting.requests = uint("again.requests", requests)?;
            let some: Vec<SignedTransaction> =
                serde_json::from_slice(&transactions).map_err(malformed)?;
            waiting.transactions.extend(some);
        }
        Ok(waiting)
    }

    /// Notes that all of it was executed again or refused.
    ///
    /// # Errors
    /// `Superseded`; the database's errors.
    pub async fn forget_again(&self) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        sqlx::query("DELETE FROM again").execute(&mut *write).await?;
        write.commit().await?;
        Ok(())
    }
}

pub(super) async fn insert(
    write: &mut Transaction<'static, Any>,
    Acknowledged { transactions, requests }: &Acknowledged,
) -> Result<(), StoreError> {
    for (part, some) in (0_u64..).zip(transactions.chunks(AGAIN_PER_ROW)) {
        let some = serde_json::to_vec(some).expect("a signed transaction is plain JSON");
        sqlx::query("INSERT INTO again (part, requests, transactions) VALUES ($1, $2, $3)")
            .bind(int(part))
            .bind(int(*requests))
            .bind(some)
            .execute(&mut **write)
            .await?;
    }
    Ok(())
}
