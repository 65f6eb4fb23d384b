//! Several sequencers on one database: one leads, the others serve reads and take over.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};
use sheaf_sequencer::limits::{LEADER_HEARTBEAT, LEADER_LOCK_INTERVAL, LEADER_SILENCE_MAX};
use sheaf_sequencer::store::{BlockLog as _, Database, Store, now_ms};
use sheaf_sequencer::{Config, Handle, Sequencer, StartError};
use sqlx::AnyPool;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::server::{Server, shared};
use crate::database;
use crate::metrics::scraped_at;
use crate::own_process::is_own_process;
use crate::rollup::{PATIENCE, Rollup, config, person, slot, terms, wait_for};

/// How long another sequencer may take to lead once the leader has ended.
const TAKE_OVER_MAX: Duration = Duration::from_secs(5);

/// A sequencer that waits for its turn.
pub(super) struct Follower {
    address: SocketAddr,
    config: Config,
    starting: JoinHandle<Result<Handle, StartError>>,
    folder: Arc<TempDir>,
}

impl Follower {
    /// Starts a sequencer on the database of another one.
    pub(super) fn start(leader: &Config) -> Self {
        let folder = Arc::new(TempDir::new().expect("a temporary directory"));
        let address = free_address();
        let mut config = leader.clone();
        config.listen = address;
        config.service.metrics = leader.service.metrics.map(|_| free_address());
        config.service.derived = Some(folder.path().join("derived"));
        let starting = tokio::spawn(Sequencer::start(config.clone()));
        Self { address, config, starting, folder }
    }

    async fn get(&self, path: &str) -> Option<(StatusCode, Value)> {
        let answer = reqwest::get(format!("http://{}{path}", self.address)).await.ok()?;
        Some((answer.status(), answer.json().await.expect("JSON")))
    }

    /// Waits until a read is answered so.
    pub(super) async fn shows(&self, path: &str, expected: impl Fn(&Value) -> bool) {
        let end = Instant::now() + PATIENCE;
        loop {
            let answer = self.get(path).await;
            if answer.as_ref().is_some_and(|(status, body)| status.is_success() && expected(body)) {
                return;
            }
            assert!(Instant::now() < end, "{path}: {answer:?}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    pub(super) async fn follows(&self) {
        let following = json!({ "healthy": true, "following": true });
        self.shows("/healthz", |body| *body == following).await;
    }

    async fn refuses(&self, request: reqwest::RequestBuilder) {
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.headers().contains_key("retry-after"));
        let body: Value = answer.json().await.expect("JSON");
        assert_eq!(body["error"]["code"], "following", "{body}");
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Why this sequencer ends, which never led.
    pub(super) async fn ends(self) -> StartError {
        let started = timeout(PATIENCE, self.starting).await.expect("it ends");
        started.expect("it does not panic").expect_err("another one leads")
    }

    /// The rollup once this sequencer leads.
    pub(super) async fn leads(self) -> Rollup {
        let started = timeout(PATIENCE, self.starting).await.expect("it takes over");
        let handle = started.expect("it does not panic").expect("it starts");
        assert_eq!(handle.address(), self.address);
        Rollup::of(self.folder, handle, self.config)
    }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    listener.local_addr().expect("it has an address")
}

/// A rollup on a database of its own on a server.
async fn rollup_on(server: &Server) -> Rollup {
    let url = server.database().await;
    Rollup::start_with(|config| config.database = url.parse().expect("a URL")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_serves_reads_and_takes_over_when_the_leader_ends() {
    let rollup = rollup_on(shared().await).await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    rollup.execute(&alice.pay(terms(0, 0), &[(&bob, 10)])).await;
    let follower = Follower::start(&rollup.config);
    follower.follows().await;
    follower.shows("/v1/slots/1", |body| body["balance"] == "10").await;
    // What the leader executes meanwhile is there soon, by slot, by transaction and in history.
    let paid = rollup.execute(&alice.pay(terms(0, 1), &[(&bob, 5)])).await;
    follower.shows("/v1/slots/1", |body| body["balance"] == "15").await;
    let id = paid["id"].as_str().expect("an id");
    follower.shows(&format!("/v1/transactions/{id}"), |body| body["stage"] == "executed").await;
    follower.shows("/v1/slots/0", |body| body["next_nonce"] == 2).await;
    let history = format!("/v1/accounts/{}/transactions", bob.owner);
    follower.shows(&history, |body| body.to_string().matches(id).count() == 1).await;
    rollup.seal().await;
    follower.shows("/v1/batches/1", |body| body["state"] == "sealed").await;
    follower.shows("/v1/status", |body| body["sealed_batch"] == 1 && body["slots"] == 2).await;

    let epoch = rollup.handle().store().epoch();
    let (_folder, handle) = rollup.into_handle();
    drop(handle);
    let start = Instant::now();
    let rollup = follower.leads().await;
    assert!(start.elapsed() < TAKE_OVER_MAX, "{:?}", start.elapsed());
    assert_eq!(rollup.handle().store().epoch(), epoch + 1);
    assert_eq!(rollup.get("/healthz").await, (StatusCode::OK, json!({ "healthy": true })));
    rollup.execute(&alice.pay(terms(0, 2), &[(&bob, 5)])).await;
    assert_eq!(rollup.slots().await, vec![slot(&alice, 80, 3), slot(&bob, 20, 0)]);
}

/// What a follower cannot read, apart from the routes of workers: it sees blocks too late for a
/// stream of events, and asks no L1.
const OF_LEADER: [&str; 4] =
    ["/v1/events", "/v1/tokens", "/v1/requests/pending", "/v1/payouts/{l1_address}"];

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_writes_nothing_and_does_not_lead_beside_the_leader() {
    let rollup = rollup_on(shared().await).await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    let follower = Follower::start(&rollup.config);
    follower.follows().await;
    let client = reqwest::Client::new();
    let payment = alice.pay(terms(0, 0), &[(&bob, 10)]);
    follower.refuses(client.post(follower.url("/v1/transactions")).json(&payment)).await;
    let (_, document) = follower.get("/v1/openapi.json").await.expect("it is read");
    for (path, item) in document["paths"].as_object().expect("an object") {
        let place = path.replace("{owner}", &alice.owner.to_string());
        let numbers = ["{id}", "{index}", "{number}"].into_iter();
        let place = numbers.fold(place, |place, name| place.replace(name, "1"));
        let is_of_leader = path.starts_with("/v1/jobs") || OF_LEADER.contains(&path.as_str());
        if item.get("post").is_some() {
            follower.refuses(client.post(follower.url(&place))).await;
        }
        if item.get("get").is_some() && is_of_leader {
            follower.refuses(client.get(follower.url(&place))).await;
        } else if item.get("get").is_some() {
            let (status, body) = follower.get(&place).await.expect("an answer");
            assert_ne!(status, StatusCode::SERVICE_UNAVAILABLE, "{place}: {body}");
        }
    }
    let refused = Store::open(&rollup.config.database, rollup.config.rollup()).await;
    let refused = refused.expect_err("another one leads");
    assert_eq!(refused.code(), "database_in_use");
    let named = format!("another sequencer, pid {} at 127.0.0.1,", std::process::id());
    assert!(refused.to_string().starts_with(&named), "{refused}");
    let store = Store::follow(&rollup.config.database, rollup.config.rollup()).await;
    let store = store.expect("it may read");
    let written = store.append(store.epoch(), 1, &[]).await.expect_err("it may not write");
    assert_eq!(written.code(), "following");
    // The leader tells the server that it is there for as long as it runs.
    sleep(LEADER_SILENCE_MAX + Duration::from_secs(1)).await;
    follower.follows().await;
    assert!(!follower.starting.is_finished());
    rollup.execute(&payment).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_whose_session_was_ended_is_superseded_and_ends() {
    let rollup = rollup_on(shared().await).await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    let follower = Follower::start(&rollup.config);
    follower.follows().await;
    let config = rollup.config.clone();
    database::supersede(&config).await;
    // The old leader runs on, and what it tries to write is refused.
    let successor = follower.leads().await;
    let store = rollup.handle().store();
    let block = store.block(1).await.expect("readable").expect("it is there");
    let written = store.append(store.epoch(), 1, &[block]).await.expect_err("another one leads");
    assert_eq!(written.code(), "superseded");
    let (_folder, handle) = rollup.into_handle();
    let running = handle.run(std::future::pending::<()>());
    let ended = timeout(PATIENCE, running).await.expect("it finds out").expect_err("it failed");
    assert_eq!(ended.code(), "superseded");
    successor.execute(&alice.pay(terms(0, 0), &[(&bob, 10)])).await;
}

/// The end of a session has two reasons, and the epoch tells which.
#[tokio::test(flavor = "multi_thread")]
async fn a_leader_whose_session_was_ended_says_whether_another_one_leads() {
    let url = shared().await.database().await;
    let config = config(url.parse::<Database>().expect("a URL"));
    for (another_leads, code) in [(true, "superseded"), (false, "database_unreachable")] {
        let store = Store::open(&config.database, config.rollup()).await.expect("nobody leads");
        match another_leads {
            true => database::supersede(&config).await,
            false => database::lose_turn(&config).await,
        }
        let lost = timeout(PATIENCE, store.keep_turn()).await.expect("it finds out");
        assert_eq!(lost.expect_err("the session was ended").code(), code);
    }
}

/// The pipeline's values are told by the process that has the pipeline, and by no other.
#[tokio::test(flavor = "multi_thread")]
async fn a_follower_shows_metrics_of_its_own() {
    let path = "postgres::followers::a_follower_shows_metrics_of_its_own";
    if !is_own_process(path) {
        return;
    }
    let url = shared().await.database().await;
    let rollup = Rollup::start_with(|config| {
        config.database = url.parse().expect("a URL");
        config.service.metrics = Some(([127, 0, 0, 1], 0).into());
    })
    .await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    let follower = Follower::start(&rollup.config);
    follower.follows().await;
    rollup.execute(&alice.pay(terms(0, 0), &[(&bob, 10)])).await;
    follower.shows("/v1/slots/1", |body| body["balance"] == "10").await;
    let head = rollup.get("/v1/status").await.1["block"].as_f64().expect("a number");
    let address = follower.config.service.metrics.expect("the leader has metrics");
    let (text, values) = scraped_at(address).await;
    let own = ["sheaf_following", "sheaf_block_number"].map(|name| values[name]);
    assert_eq!(own, [1.0, head], "{text}");
    assert!(values["process_open_fds"] > 0.0);
    let of_the_leader = [
        "sheaf_leader_epoch",
        "sheaf_paused",
        r#"sheaf_jobs{state="ready"}"#,
        r#"sheaf_batches{state="open"}"#,
        r#"sheaf_queue_length{queue="unsealed_batches"}"#,
    ];
    let told = of_the_leader.map(|name| values.contains_key(name));
    assert_eq!(told, [false; 5], "{text}");

    let epoch = rollup.handle().store().epoch();
    let (_folder, handle) = rollup.into_handle();
    drop(handle);
    let rollup = follower.leads().await;
    assert_eq!(rollup.handle().metrics_address(), Some(address));
    let (text, values) = scraped_at(address).await;
    let told = of_the_leader.map(|name| values.contains_key(name));
    assert_eq!(told, [true; 5], "{text}");
    let own = ["sheaf_following", "sheaf_leader_epoch"].map(|name| values[name]);
    assert_eq!(own, [0.0, epoch as f64 + 1.0], "{text}");
}

/// A start may run the log for longer than a leader may be silent.
#[tokio::test(flavor = "multi_thread")]
async fn a_turn_is_kept_from_the_moment_at_which_it_is_taken() {
    let url = shared().await.database().await;
    let config = config(url.parse::<Database>().expect("a URL"));
    let store = Store::open(&config.database, config.rollup()).await.expect("nobody leads");
    sleep(LEADER_SILENCE_MAX + Duration::from_secs(1)).await;
    let second = Store::open(&config.database, config.rollup()).await;
    assert_eq!(second.expect_err("the first one leads").code(), "database_in_use");
    store.expire_leases(now_ms()).await.expect("it may write");
    store.close().await;
    Store::open(&config.database, config.rollup()).await.expect("the turn is given back");
}

/// A runtime under load looks at its timers and sockets late. This one has a single thread, which
/// is kept busy for longer than a leader may be silent.
#[tokio::test]
async fn a_process_without_a_moment_for_its_tasks_keeps_its_turn() {
    let url = shared().await.database().await;
    let config = config(url.parse::<Database>().expect("a URL"));
    let store = Store::open(&config.database, config.rollup()).await.expect("nobody leads");
    std::thread::sleep(LEADER_SILENCE_MAX + Duration::from_secs(1));
    let second = Store::open(&config.database, config.rollup()).await;
    assert_eq!(second.expect_err("the first one leads").code(), "database_in_use");
    timeout(LEADER_HEARTBEAT, store.keep_turn()).await.expect_err("the turn is not lost");
    store.expire_leases(now_ms()).await.expect("it may write");
    // A lock that is dropped without a word ends its session.
    drop(store);
    let leads = async || Store::open(&config.database, config.rollup()).await.is_ok();
    let end = Instant::now() + TAKE_OVER_MAX;
    while !leads().await {
        assert!(Instant::now() < end, "nobody else may lead");
        sleep(LEADER_LOCK_INTERVAL).await;
    }
}

/// Waits until a statement that begins so waits in the database for another session's lock.
async fn waits(pool: &AnyPool, statement: &str) {
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                   AND wait_event_type = 'Lock' AND starts_with(query, $1)";
    wait_for(statement, async || {
        let found = sqlx::query_scalar(waiting).bind(statement).fetch_one(pool);
        found.await.is_ok_and(|found: i64| found > 0)
    })
    .await;
}

/// A write that has compared the epoch holds the next leader back, so no write of an older epoch
/// becomes durable after a later epoch was taken.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_under_way_ends_before_the_next_leader_begins() {
    let rollup = rollup_on(shared().await).await;
    rollup.fund(&[(&person(0), 100)]).await;
    let config = rollup.config.clone();
    let pool = database::connect(&config).await;
    let mut slow = pool.begin().await.expect("a connection");
    sqlx::query("LOCK TABLE blocks IN EXCLUSIVE MODE").execute(&mut *slow).await.expect("a lock");
    let store = rollup.handle().store().clone();
    let mut block = store.block(1).await.expect("readable").expect("it is there");
    block.number = 2;
    let appended = tokio::spawn(async move { store.append(store.epoch(), 1, &[block]).await });
    waits(&pool, "INSERT INTO blocks").await;
    database::lose_turn(&config).await;
    let opening = {
        let config = config.clone();
        tokio::spawn(async move { Store::open(&config.database, config.rollup()).await })
    };
    waits(&pool, "UPDATE leader").await;
    assert!(!appended.is_finished() && !opening.is_finished(), "one waits for the other");
    slow.commit().await.expect("the lock is given back");
    appended.await.expect("it does not panic").expect("its epoch was the newest");
    let successor = opening.await.expect("it does not panic").expect("it leads");
    assert!(successor.block(2).await.expect("readable").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sequencer_has_derived_files_of_its_own() {
    let rollup = rollup_on(shared().await).await;
    let config = Config { listen: ([127, 0, 0, 1], 0).into(), ..rollup.config.clone() };
    let refused = timeout(PATIENCE, Sequencer::start(config)).await.expect("at once");
    let refused = refused.expect_err("the leader uses the folder");
    let StartError::Store(error) = refused else { panic!("{refused}") };
    assert_eq!(error.code(), "derived_in_use");
    assert!(error.to_string().contains("--derived"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_may_lose_commits_is_refused() {
    let server = shared().await;
    let url = server.database().await;
    let off = format!("{url}?options=-c%20synchronous_commit%3Doff");
    let mut config = config(off.parse::<Database>().expect("a URL"));
    let folder = TempDir::new().expect("a temporary directory");
    config.service.derived = Some(folder.path().to_owned());
    let refused = Sequencer::start(config.clone()).await.expect_err("it may lose commits");
    let StartError::Store(error) = refused else { panic!("{refused}") };
    assert_eq!(error.code(), "database_not_durable");
    assert!(error.to_string().contains("synchronous_commit"), "{error}");
    config.database = url.parse().expect("a URL");
    Sequencer::start(config).await.expect("the server's own settings are safe");
}
