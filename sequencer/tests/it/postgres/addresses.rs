//! What names a database: a file or the address of a server.

use sheaf_sequencer::store::{Database, Store};
use tempfile::TempDir;

use crate::rollup::config;

#[test]
fn an_address_of_a_server_begins_with_its_scheme_and_shows_no_password() {
    for scheme in ["postgres", "postgresql"] {
        let text = format!("{scheme}://me:secret@db.example:6543/rollup?sslmode=require");
        let database: Database = text.parse().expect("an address");
        assert!(matches!(database, Database::Postgres(_)));
        assert_eq!(database.to_string(), "db.example:6543/rollup");
        assert!(!format!("{database:?}").contains("secret"), "{database:?}");
    }
    for file in ["postgres.sqlite", "sheaf.sqlite", "/var/postgres/x", "postgres:/x"] {
        let database: Database = file.parse().expect("a file");
        assert!(matches!(&database, Database::Sqlite(path) if path == file), "{database:?}");
    }
}

#[test]
fn a_malformed_address_is_refused_without_its_password() {
    for text in ["postgres://me:secret@host:port/name", "postgres://me:secret@h/n?sslmode=perhaps"]
    {
        let refused = text.parse::<Database>().expect_err("it is malformed");
        assert_eq!(refused.code(), "malformed_database");
        assert!(refused.to_string().contains("postgres://USER@HOST:PORT/NAME"), "{refused}");
        assert!(!format!("{refused:?}").contains("secret"), "{refused:?}");
    }
}

/// The library names a file by a URL, in which some of these letters mean something else.
#[tokio::test]
async fn a_file_may_have_any_name() {
    let folder = TempDir::new().expect("a temporary directory");
    for name in ["a b", "50%25", "what?mode=ro", "one#two", "grün", ":memory:", "a+b&c"] {
        let path = folder.path().join(name);
        let config = config(path.clone());
        let store = Store::open(&config.database, config.rollup()).await.expect("it opens");
        store.close().await;
        assert!(path.is_file(), "{name}");
    }
}
