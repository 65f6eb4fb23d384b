//! Beginning anew in one database, which takes a server: what the database has is set aside in a
//! schema of its own, and the rollup as L1 shows it takes its place.
//!
//! Everything happens in one transaction, so that other processes see one database or the other. A
//! follower learns of the new one by its base.

use sheaf_contracts::history::History;
use sheaf_ledger::slot::Slot;
use sqlx::{Any, AssertSqlSafe, Transaction, raw_sql};

use super::{Acknowledged, Store, StoreError, base, claim, int};

/// PostgreSQL's code for what a user may not do.
const INSUFFICIENT_PRIVILEGE: &str = "42501";

impl Store {
    /// Sets aside what the database has, and fills it as [`Store::found`] does, all or nothing.
    /// Blobs that the database keeps are kept. Returns the name of the schema that has the rest
    /// now; `common` is the newest batch that both have. Open the database again afterwards.
    ///
    /// # Errors
    /// `NoSchema` when the server does not let the user do it; `MalformedHistory`; `Superseded`;
    /// the database's errors: a SQLite file has no schemas.
    pub async fn replace(
        &self,
        history: &History,
        slots: &[Slot],
        acknowledged: &Acknowledged,
        common: u64,
    ) -> Result<String, StoreError> {
        let epoch = self.own_epoch();
        // Each start has another epoch, so no schema has this name.
        let aside = format!("until_{common}_epoch_{epoch}");
        let mut write = self.begin().await?;
        set_aside(&mut write, &aside).await.map_err(|error| self.may_not(error))?;
        for migration in self.database.migrations().iter() {
            raw_sql(migration.sql.clone()).execute(&mut *write).await?;
        }
        claim(&mut write, Some(self.rollup)).await?;
        // Who led before stays superseded.
        sqlx::query("UPDATE leader SET epoch = $1").bind(int(epoch)).execute(&mut *write).await?;
        let blobs = format!("INSERT INTO kept_blobs SELECT * FROM {aside}.kept_blobs");
        raw_sql(AssertSqlSafe(blobs)).execute(&mut *write).await?;
        base::fill(&mut write, (history, slots), acknowledged).await?;
        write.commit().await?;
        Ok(aside)
    }

    /// Checks that nobody has replaced what the database had when it was opened.
    ///
    /// # Errors
    /// `Replaced`; the database's errors.
    pub async fn check_base(&self) -> Result<(), StoreError> {
        let mut reader = self.readers.acquire().await?;
        if base::read(&mut reader).await? == self.base { Ok(()) } else { Err(StoreError::Replaced) }
    }

    fn may_not(&self, error: sqlx::Error) -> StoreError {
        let code = error.as_database_error().and_then(|error| error.code());
        if code.as_deref() == Some(INSUFFICIENT_PRIVILEGE) {
            StoreError::NoSchema { database: self.database.to_string(), source: error }
        } else {
            error.into()
        }
    }
}

/// Moves every table to a new schema. The schema's own table of migrations lets it be opened as a
/// database, and the one that stays says that the new tables are of the same version.
async fn set_aside(write: &mut Transaction<'static, Any>, aside: &str) -> Result<(), sqlx::Error> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT quote_ident(tablename) FROM pg_tables
         WHERE schemaname = current_schema() AND tablename <> '_sqlx_migrations'",
    )
    .fetch_all(&mut **write)
    .await?;
    let moved = tables.iter().map(|table| format!("ALTER TABLE {table} SET SCHEMA {aside};"));
    let statements = [
        format!("CREATE SCHEMA {aside};"),
        moved.collect(),
        format!("CREATE TABLE {aside}._sqlx_migrations (LIKE _sqlx_migrations INCLUDING ALL);"),
        format!("INSERT INTO {aside}._sqlx_migrations SELECT * FROM _sqlx_migrations;"),
    ];
    raw_sql(AssertSqlSafe(statements.concat())).execute(&mut **write).await?;
    Ok(())
}
