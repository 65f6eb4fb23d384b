//! A sequencer that is killed again and again while clients send transfers: what was acknowledged
//! is in the log once, nothing is there twice, and every start finds the log and the roots whole.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use sheaf_client::Api;
use sheaf_crypto::hash::Digest;
use sheaf_crypto::key::SecretKey;
use sheaf_ledger::domain::{Domain, LOCAL_CHAIN_ID};
use sheaf_ledger::transaction::{Payment, SignedTransaction, Transaction, Transfer};
use sheaf_ledger::{L1Address, Owner};
use sheaf_sequencer::block::Block;
use sheaf_sequencer::lifecycle::{L1Request, RequestKind};
use sheaf_sequencer::replay::Replay;
use sheaf_sequencer::store::{Database, L1Cursor, RollupId, Store, StoreError, StoredRequest};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::postgres::Server;
use crate::processes::running::folder;

/// The contract of the rollup that `sheaf bench serve` serves.
const CONTRACT: L1Address = L1Address([7; 20]);
const ADDRESS: L1Address = L1Address([1; 20]);
/// Clients, each with payers of its own and one request under way.
const CLIENTS: u32 = 8;
const PAYERS_PER_CLIENT: u32 = 4;
/// Transfers of each payer in one request.
const NONCES_PER_REQUEST: u32 = 16;
const DEPOSIT: u64 = 1 << 40;
/// Between the moment when the sequencer answers and its end.
const KILL_MS: std::ops::Range<u64> = 20..500;
/// How long a start may take, and a client may be without an answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long another sequencer may take to lead once the leader is silent.
const STOPPED_MAX: Duration = Duration::from_secs(15);
/// How often a test looks again.
const PAUSE: Duration = Duration::from_millis(5);

/// What the clients were told, and when they shall stop.
#[derive(Default)]
struct Told {
    acknowledged: Mutex<Vec<Digest>>,
    is_over: AtomicBool,
}

fn domain() -> Domain {
    Domain::on_chain(LOCAL_CHAIN_ID, CONTRACT)
}

/// The key and the owner of the payer with this number, who owns the slot with this index.
fn payer(number: u32) -> (SecretKey, Owner) {
    let mut bytes = [0; 40];
    bytes[..4].copy_from_slice(&(number + 1).to_le_bytes());
    let secret = SecretKey::from_bytes(&bytes).expect("a small scalar is no zero");
    let owner = Owner::new(&secret.public_key(), &ADDRESS);
    (secret, owner)
}

async fn open(database: &str) -> Store {
    let rollup = RollupId::new(LOCAL_CHAIN_ID, CONTRACT);
    let database: Database = database.parse().expect("a file or a URL");
    let end = Instant::now() + PATIENCE;
    loop {
        // A server notices a moment later that the process with the turn was killed.
        match Store::open(&database, rollup).await {
            Err(StoreError::InUse { .. }) if Instant::now() < end => sleep(PAUSE).await,
            opened => return opened.expect("nobody else uses it"),
        }
    }
}

/// Stores a deposit for each payer, as the watcher of L1 does.
async fn deposit(database: &str) {
    let store = open(database).await;
    let request = |number: u32| StoredRequest {
        request: L1Request {
            number: u64::from(number),
            kind: RequestKind::Deposit { owner: payer(number).1, token: 0, amount: DEPOSIT },
        },
        sender: None,
        l1_block: 1,
        l1_transaction: [7; 32],
    };
    let requests: Vec<_> = (0..CLIENTS * PAYERS_PER_CLIENT).map(request).collect();
    let cursor = L1Cursor { block: 1, hash: [8; 32] };
    store.advance_l1(&requests, &[], cursor).await.expect("in order");
    store.close().await;
}

fn start(address: SocketAddr, database: &str, derived: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_sheaf"))
        .args(["bench", "serve", "--listen", &address.to_string()])
        .args(["--database", database, "--derived"])
        .arg(derived)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts")
}

/// Whether a sequencer leads, or follows, at an address.
async fn is(follower: bool, address: SocketAddr) -> bool {
    let Ok(answer) = reqwest::get(format!("http://{address}/healthz")).await else { return false };
    let is_success = answer.status().is_success();
    let Ok(body) = answer.json::<Value>().await else { return false };
    is_success && (body["following"] == true) == follower
}

async fn healthy(address: SocketAddr, child: &mut Child) {
    let start = Instant::now();
    while !is(false, address).await {
        assert_eq!(child.try_wait().expect("it is our child"), None, "a start has failed");
        assert!(start.elapsed() < PATIENCE, "it does not start");
        sleep(PAUSE).await;
    }
}

/// Sends transfers of its payers, one request after another, each until all of it is durable.
async fn client(number: u32, url: String, told: Arc<Told>) {
    let api = Api::patient(&url, PATIENCE).expect("a URL");
    let own = number * PAYERS_PER_CLIENT..(number + 1) * PAYERS_PER_CLIENT;
    let payers: Vec<_> = own.map(|slot| (slot, payer(slot).0)).collect();
    let mut first = 0;
    while !told.is_over.load(Relaxed) {
        let nonces = first..first + NONCES_PER_REQUEST;
        let transfers: Vec<SignedTransaction> = nonces
            .flat_map(|nonce| payers.iter().map(move |(slot, secret)| (nonce, *slot, secret)))
            .map(|(nonce, slot, secret)| signed(slot, nonce, secret))
            .collect();
        loop {
            // A client that was not answered in time sends the same again.
            let Ok(statuses) = api.submit_all(&transfers).await else { continue };
            let durable = statuses.iter().filter(|status| status.durable);
            let ids: Vec<Digest> = durable.filter_map(|status| status.id).collect();
            let is_whole = ids.len() == transfers.len();
            told.acknowledged.lock().expect("no holder panics").extend(ids);
            if is_whole {
                break;
            }
        }
        first += NONCES_PER_REQUEST;
    }
}

fn signed(slot: u32, nonce: u32, secret: &SecretKey) -> SignedTransaction {
    let payee = (slot + 1 + nonce) % (CLIENTS * PAYERS_PER_CLIENT);
    let payments = vec![Payment { owner: payer(payee).1, amount: 1 }];
    let (token, fee, valid_until) = (0, 0, u32::MAX - 1);
    let transfer =
        Transaction::Transfer(Transfer { slot, token, nonce, fee, valid_until, payments });
    let mut rng = StdRng::seed_from_u64(u64::from(slot) << 32 | u64::from(nonce));
    SignedTransaction::sign(transfer, &domain(), (secret, ADDRESS), &mut rng)
        .expect("it keeps the rules of form")
}

/// Demands that the log has what was acknowledged, nothing twice, and that it runs again with every
/// payer's balances kept.
async fn audit(database: &str, acknowledged: &[Digest]) {
    let store = open(database).await;
    let blocks: Vec<Block> = store.blocks_after(0, u32::MAX).await.expect("the log can be read");
    let mut counts: HashMap<Digest, usize> = HashMap::new();
    for transaction in blocks.iter().flat_map(|block| &block.transactions) {
        *counts.entry(*transaction.id()).or_default() += 1;
    }
    let doubled = counts.values().filter(|count| **count > 1).count();
    let lost = acknowledged.iter().filter(|id| !counts.contains_key(id)).count();
    assert_eq!((lost, doubled), (0, 0), "of {} acknowledged", acknowledged.len());
    let replay = Replay::new(domain(), None, Vec::new());
    let replay = replay.run_to(&store, u64::MAX).await.expect("the log can be run again");
    let balances: u64 = replay.slots.iter().map(|slot| slot.balance).sum();
    assert_eq!(balances, DEPOSIT * u64::from(CLIENTS * PAYERS_PER_CLIENT));
    let nonces: u32 = replay.slots.iter().map(|slot| slot.nonce).sum();
    assert_eq!(nonces as usize, counts.len());
    store.close().await;
}

fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it listens")
}

/// Clients that send until they are told to stop.
struct Load {
    told: Arc<Told>,
    clients: Vec<JoinHandle<()>>,
}

impl Load {
    fn start(address: SocketAddr) -> Self {
        let told = Arc::new(Told::default());
        let client = |number| client(number, format!("http://{address}"), Arc::clone(&told));
        let clients = (0..CLIENTS).map(|number| tokio::spawn(client(number))).collect();
        Self { told, clients }
    }

    /// What was acknowledged.
    async fn end(self) -> Vec<Digest> {
        self.told.is_over.store(true, Relaxed);
        for client in self.clients {
            client.await.expect("a client does not panic");
        }
        std::mem::take(&mut *self.told.acknowledged.lock().expect("no holder panics"))
    }
}

fn signal(child: &Child, signal: Signal) {
    let id = i32::try_from(child.id()).expect("process ids fit 31 bits");
    kill(Pid::from_raw(id), signal).expect("it runs");
}

async fn killed(kills: u32, database: &str, derived: &Path) {
    let seed = std::env::var("SHEAF_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(rand::random);
    println!("SHEAF_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    deposit(database).await;
    let address = free_address();
    let mut child = start(address, database, derived);
    healthy(address, &mut child).await;
    let load = Load::start(address);
    for _ in 0..kills {
        sleep(Duration::from_millis(random.random_range(KILL_MS))).await;
        child.kill().expect("it runs");
        child.wait().expect("it is our child");
        child = start(address, database, derived);
        healthy(address, &mut child).await;
    }
    let acknowledged = load.end().await;
    signal(&child, Signal::SIGTERM);
    assert!(child.wait().expect("it is our child").success(), "it ends in order");
    println!("{kills} kills, {} acknowledged", acknowledged.len());
    assert!(acknowledged.len() >= 10 * kills as usize, "there was a load");
    audit(database, &acknowledged).await;
}

async fn killed_on_sqlite(kills: u32) {
    let folder = folder();
    let file = folder.path().join("sheaf.sqlite");
    killed(kills, &file.to_string_lossy(), &folder.path().join("derived")).await;
}

async fn killed_on_postgresql(kills: u32) {
    let (folder, server) = (folder(), Server::start().await);
    killed(kills, &server.database().await, &folder.path().join("derived")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_kills_under_load_lose_nothing_acknowledged() {
    killed_on_sqlite(10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_kills_under_load_lose_nothing_acknowledged_on_postgresql() {
    killed_on_postgresql(10).await;
}

/// The long mode.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "two hundred starts take minutes: make test-end-to-end"]
async fn two_hundred_kills_under_load_lose_nothing_acknowledged() {
    killed_on_sqlite(200).await;
}

/// The long mode.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "two hundred starts take minutes: make test-end-to-end"]
async fn two_hundred_kills_under_load_lose_nothing_acknowledged_on_postgresql() {
    killed_on_postgresql(200).await;
}

/// A stopped leader keeps its connections, so the server must find out that the leader is silent.
#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_leader_that_wakes_after_a_take_over_writes_nothing() {
    let (folder, server) = (folder(), Server::start().await);
    let database = server.database().await;
    deposit(&database).await;
    let [leading, following] = [free_address(), free_address()];
    let mut leader = start(leading, &database, &folder.path().join("one"));
    healthy(leading, &mut leader).await;
    let mut follower = start(following, &database, &folder.path().join("two"));
    while !is(true, following).await {
        assert_eq!(follower.try_wait().expect("it is our child"), None);
        sleep(PAUSE).await;
    }
    let load = Load::start(leading);
    sleep(Duration::from_secs(1)).await;
    signal(&leader, Signal::SIGSTOP);
    let stopped = Instant::now();
    healthy(following, &mut follower).await;
    println!("taken over after {:?}", stopped.elapsed());
    assert!(stopped.elapsed() < STOPPED_MAX, "{:?}", stopped.elapsed());
    let other = Load::start(following);
    sleep(Duration::from_secs(1)).await;
    signal(&leader, Signal::SIGCONT);
    // The clients of the old leader give up once the old leader has ended.
    load.told.is_over.store(true, Relaxed);
    let ended = tokio::task::spawn_blocking(move || leader.wait()).await.expect("it waits");
    assert!(!ended.expect("it is our child").success(), "another one leads");
    load.clients.iter().for_each(JoinHandle::abort);
    let mut acknowledged = other.end().await;
    acknowledged.append(&mut load.told.acknowledged.lock().expect("no holder panics"));
    signal(&follower, Signal::SIGTERM);
    assert!(follower.wait().expect("it is our child").success(), "it ends in order");
    audit(&database, &acknowledged).await;
}
