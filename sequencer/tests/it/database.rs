//! The database of a test: a SQLite file, or a database of its own on the PostgreSQL server that
//! `SERVER` names.

use std::env;
use std::path::Path;

use sheaf_sequencer::Config;
use sheaf_sequencer::store::Database;
use sqlx::{AnyPool, AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// Names a server on which `Rollup::start` makes databases, by a URL that ends before the name of
/// the database.
pub(crate) const SERVER: &str = "SHEAF_TEST_SERVER";

/// The database of a folder, which is empty at first: a file there, or a database on the server of
/// this run.
pub(crate) async fn of(folder: &Path) -> Database {
    let Ok(server) = env::var(SERVER) else { return folder.join("rollup.sqlite").into() };
    let name = folder.file_name().expect("a folder has a name").as_encoded_bytes();
    let name = format!("of_{}", hex::encode(name));
    let server_itself = format!("{server}postgres");
    let mut connection = PgConnection::connect(&server_itself).await.expect("a server");
    let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    if let Err(error) = connection.execute(create).await {
        let code = error.as_database_error().and_then(|error| error.code());
        assert_eq!(code.as_deref(), Some("42P04"), "it is there already, or: {error}");
    }
    format!("{server}{name}").parse().expect("a URL")
}

/// The SQLite file of a configuration.
pub(crate) fn file(config: &Config) -> &Path {
    let Database::Sqlite(path) = &config.database else { panic!("this test is about SQLite") };
    path
}

/// A connection of the test's own.
pub(crate) async fn connect(config: &Config) -> AnyPool {
    connect_to(&config.database).await
}

/// A connection to a database.
pub(crate) async fn connect_to(database: &Database) -> AnyPool {
    sqlx::any::install_default_drivers();
    let url = match database {
        Database::Sqlite(path) => format!("sqlite://{}", path.display()),
        Database::Postgres(_) => format!("postgres://sheaf@{database}"),
    };
    AnyPool::connect(&url).await.expect("a connection")
}

/// Every row of every table, as text.
pub(crate) async fn rows(config: &Config) -> Vec<String> {
    let is_sqlite = matches!(config.database, Database::Sqlite(_));
    let pool = connect(config).await;
    let names = match is_sqlite {
        true => "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
        false => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    };
    let tables: Vec<String> =
        sqlx::query_scalar(names).fetch_all(&pool).await.expect("the schema can be read");
    let mut rows = Vec::new();
    for table in tables {
        let row = if is_sqlite { literals(&pool, &table).await } else { "t::text".to_owned() };
        let query = AssertSqlSafe(format!("SELECT {row} FROM \"{table}\" AS t ORDER BY 1"));
        let found: Vec<String> =
            sqlx::query_scalar(query).fetch_all(&pool).await.expect("the rows can be read");
        rows.extend(found.into_iter().map(|row| format!("{table}: {row}")));
    }
    pool.close().await;
    rows
}

/// SQLite's expression for a whole row as SQL literals.
async fn literals(pool: &AnyPool, table: &str) -> String {
    let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
        .bind(table)
        .fetch_all(pool)
        .await
        .expect("the columns can be read");
    let quoted: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
    quoted.join(" || ',' || ")
}

/// Has a sequencer lose its turn after another process has led, as one that slept meanwhile. In
/// this order the sequencer cannot notice the loss before there is a successor.
pub(crate) async fn supersede(config: &Config) {
    let pool = connect(config).await;
    let taken = sqlx::query("UPDATE leader SET epoch = epoch + 1").execute(&pool).await;
    taken.expect("a start does the same");
    pool.close().await;
    lose_turn(config).await;
}

/// Has a sequencer lose its turn to lead without noticing: its lock is gone, as on a disk that
/// several machines share, or the server has ended its session.
pub(crate) async fn lose_turn(config: &Config) {
    if let Database::Sqlite(path) = &config.database {
        std::fs::remove_file(path.with_extension("sqlite.lock")).expect("it is beside the file");
        return;
    }
    let pool = connect(config).await;
    let end = "SELECT count(pg_terminate_backend(pid, 10000)::text) FROM pg_stat_activity
               WHERE application_name LIKE 'sheaf sequencer%' AND datname = current_database()";
    let ended: i64 = sqlx::query_scalar(end).fetch_one(&pool).await.expect("it may be ended");
    assert_eq!(ended, 1);
    pool.close().await;
}
