//! Real PostgreSQL servers for tests, and what the tests rely on when they start such a server.

mod addresses;
mod adoption;
mod failover;
mod followers;
pub(crate) mod server;

use std::pin::pin;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, Executor as _, PgConnection};

use self::server::{Server, shared};

/// How long a commit is watched that must not end.
const WATCHED: Duration = Duration::from_millis(500);
/// Rows that a test writes, each in a commit of its own.
const ROWS: i32 = 50;

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.expect("the server answers")
}

async fn create_table(connection: &mut PgConnection) {
    connection.execute("CREATE TABLE numbers (number INT)").await.expect("it is a new database");
}

async fn insert(connection: &mut PgConnection, number: i32) {
    let insert = sqlx::query("INSERT INTO numbers VALUES ($1)").bind(number);
    insert.execute(connection).await.expect("the row is written");
}

async fn numbers(connection: &mut PgConnection) -> Vec<i32> {
    let all = sqlx::query_scalar("SELECT number FROM numbers ORDER BY number");
    all.fetch_all(connection).await.expect("the table is there")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_standby_has_every_commit() {
    let primary = Server::start().await;
    let standby = primary.standby().await;
    let url = primary.database().await;
    let options: PgConnectOptions = url.parse().expect("it is a URL");
    let mut connection = connect(&url).await;
    create_table(&mut connection).await;
    for number in 0..ROWS {
        insert(&mut connection, number).await;
    }
    primary.kill();
    sqlx::query("SELECT 1").execute(&mut connection).await.expect_err("its process is dead");
    PgConnection::connect(&url).await.expect_err("nobody listens");

    standby.promote().await;
    let database = options.get_database().expect("the URL names the database");
    let mut connection = connect(&standby.url(database)).await;
    assert_eq!(numbers(&mut connection).await, (0..ROWS).collect::<Vec<_>>());
    insert(&mut connection, ROWS).await;
    assert_ne!(standby.port(), primary.port());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_waits_for_the_standby() {
    let primary = Server::start().await;
    let standby = primary.standby().await;
    let mut connection = connect(&primary.database().await).await;
    create_table(&mut connection).await;
    standby.pause();
    let mut commit = pin!(insert(&mut connection, 1));
    tokio::time::timeout(WATCHED, &mut commit).await.expect_err("the standby does not have it");
    standby.resume();
    commit.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_database_of_the_shared_server_is_empty() {
    let server = shared().await;
    for _ in 0..2 {
        create_table(&mut connect(&server.database().await).await).await;
    }
}
