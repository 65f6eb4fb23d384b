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

/// An empty database: a file in `folder`, or one on the server of this run.
pub(crate) async fn empty(folder: &Path) -> Database {
    let Ok(server) = env::var(SERVER) else { return folder.join("rollup.sqlite").into() };
    let name = folder.file_name().and_then(|name| name.to_str()).expect("a plain name");
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = format!("d{}", hex::encode(name));
    let mut connection =
        PgConnection::connect(&format!("{server}postgres")).await.expect("a server");
    let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    connection.execute(create).await.expect("a new name");
    format!("{server}{name}").parse().expect("a URL")
}

/// The SQLite file of a configuration.
pub(crate) fn file(config: &Config) -> &Path {
    let Database::Sqlite(path) = &config.database else { panic!("this test is about SQLite") };
    path
}

/// A connection of the test's own.
pub(crate) async fn connect(config: &Config) -> AnyPool {
    sqlx::any::install_default_drivers();
    let url = match &config.database {
        Database::Sqlite(path) => format!("sqlite://{}", path.display()),
        Database::Postgres(_) => format!("postgres://sheaf@{}", config.database),
    };
    AnyPool::connect(&url).await.expect("a connection")
}
