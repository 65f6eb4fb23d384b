//! The two databases, and everything in which they differ: addresses, connections, migrations, and
//! the few statements that only one of them has.

use std::ffi::OsStr;
use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Connection as _};

use super::StoreError;
use crate::limits::{BUSY_TIMEOUT, READ_CONNECTIONS_MAX, TRANSACTION_SILENCE_MAX};

static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

/// Where a rollup is stored. Text that begins with `postgres://` names a server, other text a file.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file on this machine, for one process.
    Sqlite(PathBuf),
    /// A database of a server, for one process that leads and others that follow.
    Postgres(Server),
}

/// A database of a PostgreSQL server. Shows neither user nor password.
#[derive(Clone)]
pub struct Server {
    options: Box<AnyConnectOptions>,
    /// Host, port and database.
    name: String,
}

impl FromStr for Database {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        if !["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
            return Ok(Self::Sqlite(text.into()));
        }
        let parsed: PgConnectOptions = text.parse().map_err(StoreError::MalformedAddress)?;
        let options = Box::new(text.parse().map_err(StoreError::MalformedAddress)?);
        let database = parsed.get_database().unwrap_or_else(|| parsed.get_username());
        let name = format!("{}:{}/{database}", parsed.get_host(), parsed.get_port());
        Ok(Self::Postgres(Server { options, name }))
    }
}

impl From<PathBuf> for Database {
    fn from(path: PathBuf) -> Self {
        Self::Sqlite(path)
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Postgres(server) => write!(f, "{server}"),
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Server").field(&self.name).finish()
    }
}

impl Database {
    /// False when there is certainly no such database.
    pub fn may_exist(&self) -> bool {
        match self {
            Self::Sqlite(path) => path.is_file(),
            Self::Postgres(_) => true,
        }
    }

    /// The connection that writes, and the log's: the same on SQLite, which has one writer.
    pub(super) async fn writers(&self) -> Result<(AnyPool, AnyPool), StoreError> {
        let writer = self.writer().await?;
        let log = match self {
            Self::Sqlite(_) => writer.clone(),
            Self::Postgres(_) => self.writer().await?,
        };
        Ok((writer, log))
    }

    async fn writer(&self) -> Result<AnyPool, StoreError> {
        let one = || {
            AnyPoolOptions::new()
                .max_connections(1)
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
        };
        match self {
            Self::Sqlite(path) => {
                let pool = one().after_connect(|connection, _| {
                    Box::pin(async move { prepare_sqlite(connection, WRITER_PRAGMAS).await })
                });
                Ok(pool.connect_with(file_options(path, "rwc")?).await?)
            }
            Self::Postgres(server) => {
                let pool = one().after_connect(|connection, _| {
                    Box::pin(async move { prepare_postgres_writer(connection).await })
                });
                let pool = pool.connect_with(server.options()).await?;
                check_durable(&mut *pool.acquire().await?).await?;
                Ok(pool)
            }
        }
    }

    /// The connections that read.
    pub(super) async fn readers(&self) -> Result<AnyPool, StoreError> {
        let some = AnyPoolOptions::new().max_connections(READ_CONNECTIONS_MAX);
        match self {
            Self::Sqlite(path) => {
                let pool = some.after_connect(|connection, _| {
                    Box::pin(async move { prepare_sqlite(connection, "").await })
                });
                Ok(pool.connect_with(file_options(path, "ro")?).await?)
            }
            Self::Postgres(server) => Ok(some.connect_with(server.options()).await?),
        }
    }

    /// Brings the schema up to date.
    pub(super) async fn migrate(&self, writer: &AnyPool) -> Result<(), StoreError> {
        Ok(self.migrations().run(writer).await?)
    }

    /// What makes the schema.
    pub(super) fn migrations(&self) -> &'static Migrator {
        match self {
            Self::Sqlite(_) => &SQLITE,
            Self::Postgres(_) => &POSTGRES,
        }
    }

    /// Whether the schema is that of this version.
    pub(super) async fn has_this_schema(
        &self,
        read: &mut AnyConnection,
    ) -> Result<bool, StoreError> {
        let exists: i64 = match self {
            Self::Sqlite(_) => sqlx::query_scalar(
                "SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'",
            ),
            Self::Postgres(_) => {
                sqlx::query_scalar("SELECT count(to_regclass('_sqlx_migrations')::text)")
            }
        }
        .fetch_one(&mut *read)
        .await?;
        if exists == 0 {
            return Ok(false);
        }
        let newest: Option<i64> =
            sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
                .fetch_one(read)
                .await?;
        Ok(newest == self.migrations().iter().map(|migration| migration.version).max())
    }

    /// The statement that begins a write transaction. On SQLite a transaction excludes other
    /// writers from its start, so that it cannot fail half way because another process wrote.
    pub(super) const fn begin(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
            Self::Postgres(_) => "BEGIN",
        }
    }

    /// The query for the epoch. On PostgreSQL the row is locked against the next start, and shared
    /// among this process's transactions.
    pub(super) const fn epoch_query(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SELECT epoch FROM leader",
            Self::Postgres(_) => "SELECT epoch FROM leader FOR SHARE",
        }
    }
}

impl Server {
    fn options(&self) -> AnyConnectOptions {
        sqlx::any::install_default_drivers();
        (*self.options).clone()
    }

    /// A session apart from every pool.
    pub(super) async fn session(&self) -> Result<AnyConnection, StoreError> {
        Ok(AnyConnection::connect_with(&self.options()).await?)
    }
}

/// What makes a commit of SQLite survive a loss of power, beside others that read meanwhile.
const WRITER_PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";

async fn prepare_sqlite(
    connection: &mut AnyConnection,
    pragmas: &'static str,
) -> Result<(), sqlx::Error> {
    let patience = format!("PRAGMA busy_timeout = {};", BUSY_TIMEOUT.as_millis());
    sqlx::raw_sql(AssertSqlSafe(patience)).execute(&mut *connection).await?;
    sqlx::raw_sql(pragmas).execute(connection).await?;
    Ok(())
}

/// A transaction whose process is stopped must not hold back the process that takes over. A limit
/// on a statement's time would end a commit's wait for a synchronous standby with success.
async fn prepare_postgres_writer(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    let settings = [
        ("idle_in_transaction_session_timeout", TRANSACTION_SILENCE_MAX.as_millis().to_string()),
        ("lock_timeout", BUSY_TIMEOUT.as_millis().to_string()),
        ("statement_timeout", "0".to_owned()),
    ];
    configure(connection, settings).await
}

/// Gives settings of a PostgreSQL session their values, until the session ends.
pub(super) async fn configure<const N: usize>(
    session: &mut AnyConnection,
    settings: [(&str, String); N],
) -> Result<(), sqlx::Error> {
    for (setting, value) in settings {
        sqlx::query("SELECT set_config($1, $2, false)")
            .bind(setting)
            .bind(value)
            .execute(&mut *session)
            .await?;
    }
    Ok(())
}

/// # Errors
/// `NotDurable` when a commit may return before it survives a crash of the server.
async fn check_durable(connection: &mut AnyConnection) -> Result<(), StoreError> {
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let value: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(setting)
            .fetch_one(&mut *connection)
            .await?;
        if value == "off" {
            return Err(StoreError::NotDurable { setting });
        }
    }
    Ok(())
}

/// Options for a SQLite file. A URL has no other bytes than these; the library decodes the rest.
fn file_options(path: &Path, mode: &str) -> Result<AnyConnectOptions, StoreError> {
    sqlx::any::install_default_drivers();
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut url = "sqlite://".to_owned();
    for byte in AsRef::<OsStr>::as_ref(&absolute).as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                url.push(char::from(*byte));
            }
            _ => write!(url, "%{byte:02X}").expect("a string takes every text"),
        }
    }
    url.push_str("?mode=");
    url.push_str(mode);
    url.parse().map_err(|error: sqlx::Error| error.into())
}
