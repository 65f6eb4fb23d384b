//! A rollup for tests: the real application on a free port with a database of its own, and people
//! with keys that sign transactions.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sheaf_contracts::chain_limits::ChainLimits;
use sheaf_crypto::key::{DecodedKey, PublicKey, SecretKey};
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::domain::{Domain, LOCAL_CHAIN_ID};
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::transaction::{
    AcceptedTransaction, Payment, SignedTransaction, Transaction, Transfer, Withdrawal,
};
use sheaf_sequencer::fees::FeePolicy;
use sheaf_sequencer::lifecycle::{L1Request, RequestKind};
use sheaf_sequencer::proving::DevelopmentVerifier;
use sheaf_sequencer::store::{Database, FinalisedBatch, L1Cursor, Store, StoredRequest};
use sheaf_sequencer::{Config, Handle, HealthLimits, Sequencer, ServiceConfig};
use sheaf_wire::{JobInputs, development};
use tempfile::TempDir;

use crate::database;

/// The chain of these rollups: a local one, as development proofs demand.
pub(crate) const CHAIN: u64 = LOCAL_CHAIN_ID;
pub(crate) const CONTRACT: L1Address = L1Address([0xc0; 20]);
/// Who sends every request of L1.
const SENDER: L1Address = L1Address([0x5e; 20]);
/// What the operator of these rollups sends.
pub(crate) const OPERATOR_TOKEN: &str = "operator";
/// Far enough away for every test.
pub(crate) const LATER: u32 = 4_000_000_000;
/// How long a test waits for what must happen. Other programs may keep the machine busy, and
/// sealing's threads give way to all of them.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// Somebody with a key.
pub(crate) struct Person {
    secret: SecretKey,
    pub key: PublicKey,
    pub address: L1Address,
    pub owner: Owner,
}

pub(crate) fn person(number: u8) -> Person {
    let mut bytes = [0; 40];
    bytes[0] = number + 1;
    bytes[7] = 0x5a;
    let secret = SecretKey::from_bytes(&bytes).expect("a small scalar is no zero");
    let address = L1Address([number + 1; 20]);
    let key = secret.public_key();
    Person { secret, key, address, owner: Owner::new(&key, &address) }
}

/// The terms that tests vary; everything else is plain.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
    pub slot: u32,
    pub nonce: u32,
    pub fee: u64,
    pub valid_until: u32,
}

pub(crate) fn terms(slot: u32, nonce: u32) -> Terms {
    Terms { slot, nonce, fee: 0, valid_until: LATER }
}

impl Person {
    pub(crate) fn sign(&self, transaction: Transaction) -> SignedTransaction {
        self.sign_in(&Domain::on_chain(CHAIN, CONTRACT), transaction)
    }

    /// Signs for the rollup of this domain, which may be another than the tests'. One transaction
    /// has one signature, so that tests can compare the blocks of two engines.
    pub(crate) fn sign_in(&self, domain: &Domain, transaction: Transaction) -> SignedTransaction {
        let signer = (&self.secret, self.address);
        let mut rng = StdRng::seed_from_u64(1);
        SignedTransaction::sign(transaction, domain, signer, &mut rng)
            .expect("tests sign what keeps the rules of form")
    }

    /// What the ledger accepts when it has checked the person's signature.
    pub(crate) fn accepted(&self, signed: SignedTransaction) -> AcceptedTransaction {
        let key = DecodedKey::new(self.key).expect("a key of a secret is a point");
        let checked = signed.check(&Domain::on_chain(CHAIN, CONTRACT));
        checked.and_then(|checked| checked.accept(&key)).expect("it is signed for this rollup")
    }

    pub(crate) fn pay(&self, terms: Terms, payments: &[(&Person, u64)]) -> SignedTransaction {
        let Terms { slot, nonce, fee, valid_until } = terms;
        let payments = payments
            .iter()
            .map(|(to, amount)| Payment { owner: to.owner, amount: *amount })
            .collect();
        let transfer = Transfer { slot, token: 0, nonce, fee, valid_until, payments };
        self.sign(Transaction::Transfer(transfer))
    }

    pub(crate) fn withdraw(&self, terms: Terms, amount: u64) -> SignedTransaction {
        let Terms { slot, nonce, fee, valid_until } = terms;
        let recipient = self.address;
        let withdrawal = Withdrawal { slot, token: 0, nonce, fee, valid_until, amount, recipient };
        self.sign(Transaction::Withdrawal(withdrawal))
    }
}

/// Has the operator close the open batch, and returns its number.
pub(crate) async fn close_batch(sequencer: SocketAddr) -> u64 {
    let close = reqwest::Client::new().post(format!("http://{sequencer}/v1/batches"));
    let answer = close.bearer_auth(OPERATOR_TOKEN).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::ACCEPTED, "a batch is open");
    answer.json::<Value>().await.expect("JSON")["batch"].as_u64().expect("a number")
}

/// The configuration of a rollup without an L1 side, on a database.
pub(crate) fn config(database: impl Into<Database>) -> Config {
    Config {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        database: database.into(),
        chain_id: CHAIN,
        contract: CONTRACT,
        operator: person(200).owner,
        fees: FeePolicy::default(),
        data_mode: DataMode::Calldata,
        chain: ChainLimits::OSAKA,
        batch_age_max: Duration::from_secs(3_600),
        health: HealthLimits::default(),
        worker_token: None,
        verifier: Arc::new(DevelopmentVerifier::new(CHAIN).expect("a local chain")),
        l1: None,
        service: ServiceConfig {
            operator_token: Some(OPERATOR_TOKEN.into()),
            ..ServiceConfig::default()
        },
    }
}

/// A running rollup. Its database outlives the sequencer.
pub(crate) struct Rollup {
    directory: Arc<TempDir>,
    handle: Handle,
    client: reqwest::Client,
    pub config: Config,
}

impl Rollup {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let directory = Arc::new(TempDir::new().expect("a temporary directory"));
        let mut config = config(database::of(directory.path()).await);
        config.service.derived = Some(directory.path().join("rollup.sqlite.derived"));
        change(&mut config);
        Self::open(directory, config).await
    }

    pub(crate) async fn open(directory: Arc<TempDir>, config: Config) -> Self {
        let handle = Sequencer::start(config.clone()).await.expect("the sequencer starts");
        Self::of(directory, handle, config)
    }

    /// The rollup of a sequencer that was started.
    pub(crate) fn of(directory: Arc<TempDir>, handle: Handle, config: Config) -> Self {
        Self { directory, handle, client: reqwest::Client::new(), config }
    }

    /// Stops in order and starts again.
    pub(crate) async fn restart(self) -> Self {
        let Self { directory, handle, config, client: _ } = self;
        handle.stop().await.expect("the sequencer stops");
        Self::open(directory, config).await
    }

    /// Drops everything at once, as a killed process would, and starts again.
    pub(crate) async fn kill_and_restart(self) -> Self {
        let Self { directory, handle, config, client: _ } = self;
        drop(handle);
        Self::open(directory, config).await
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    pub(crate) fn into_handle(self) -> (Arc<TempDir>, Handle) {
        (self.directory, self.handle)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.handle.address())
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        let response = self.client.get(self.url(path)).send().await.expect("an answer");
        (response.status(), response.json().await.expect("JSON"))
    }

    pub(crate) async fn post(
        &self,
        path: &str,
        body: &impl serde::Serialize,
    ) -> (StatusCode, Value) {
        self.post_bytes(path, serde_json::to_vec(body).expect("plain JSON")).await
    }

    pub(crate) async fn post_bytes(&self, path: &str, body: Vec<u8>) -> (StatusCode, Value) {
        let response = self.client.post(self.url(path)).body(body).send().await.expect("an answer");
        let (status, bytes) = (response.status(), response.bytes().await.expect("a body"));
        let body = if bytes.is_empty() { Value::Null } else { parsed(&bytes) };
        (status, body)
    }

    pub(crate) async fn send(&self, transaction: &SignedTransaction) -> (StatusCode, Value) {
        self.post("/v1/transactions", transaction).await
    }

    /// Sends a transaction that must be executed.
    pub(crate) async fn execute(&self, transaction: &SignedTransaction) -> Value {
        let (status, body) = self.send(transaction).await;
        assert_eq!((status, &body["stage"]), (StatusCode::OK, &json!("executed")), "{body}");
        body
    }

    /// Sends a transaction that must be refused by the rule with this code.
    pub(crate) async fn refuse(&self, transaction: &SignedTransaction, code: &str) {
        let (status, body) = self.send(transaction).await;
        assert!(status.is_client_error(), "{status} {body}");
        assert_eq!(body["error"]["code"], code, "{body}");
    }

    /// Has L1 request these, from `first` on, and waits until a block has consumed them.
    pub(crate) async fn request(&self, first: u64, kinds: &[RequestKind]) {
        let requests: Vec<StoredRequest> = (first..)
            .zip(kinds)
            .map(|(number, kind)| StoredRequest {
                request: L1Request { number, kind: *kind },
                sender: Some(SENDER),
                l1_block: number,
                l1_transaction: [7; 32],
            })
            .collect();
        let end = first + kinds.len() as u64;
        let cursor = L1Cursor { block: end, hash: [8; 32] };
        let store = self.handle.store();
        store.advance_l1(&requests, &[], cursor).await.expect("in order");
        self.wait_for("requests are consumed", async || {
            let blocks = store.blocks_after(0, u32::MAX).await.expect("the log can be read");
            let last = blocks.last();
            last.is_some_and(|block| block.first_request + u64::from(block.requests) >= end)
        })
        .await;
    }

    /// Deposits for each of these, in order, into slots 0, 1, ….
    pub(crate) async fn fund(&self, people: &[(&Person, u64)]) {
        let deposit = |(person, amount): &(&Person, u64)| RequestKind::Deposit {
            owner: person.owner,
            token: 0,
            amount: *amount,
        };
        self.request(0, &people.iter().map(deposit).collect::<Vec<_>>()).await;
    }

    /// Every open slot as the API shows it: owner, token, balance, nonce.
    pub(crate) async fn slots(&self) -> Vec<(Value, Value, Value, Value)> {
        let mut slots = Vec::new();
        loop {
            let (status, mut body) = self.get(&format!("/v1/slots/{}", slots.len())).await;
            if status == StatusCode::NOT_FOUND {
                return slots;
            }
            let mut take = |field: &str| body[field].take();
            slots.push((take("owner"), take("token"), take("balance"), take("nonce")));
        }
    }

    /// Closes the open batch and waits until it is sealed. Sealing may be behind by many batches,
    /// each of which has as long as other waits have.
    pub(crate) async fn seal(&self) -> u64 {
        let number = close_batch(self.handle.address()).await;
        let store = self.handle.store();
        let last = store.last_batch().await.expect("the store can be read");
        for batch in last.map_or(0, |last| last.sealed.number) + 1..=number {
            self.wait_for("the batch is sealed", async || {
                store.batch(batch).await.expect("the store can be read").is_some()
            })
            .await;
        }
        number
    }

    pub(crate) async fn lease(&self) -> Option<Value> {
        let circuits = hex::encode(development::CIRCUITS);
        let request = json!({ "worker": "test", "circuits": circuits });
        let (status, body) = self.post("/v1/jobs/lease", &request).await;
        assert!(status.is_success(), "{status} {body}");
        (status == StatusCode::OK).then_some(body)
    }

    /// The development proof of a leased job, made from its inputs.
    pub(crate) async fn prove(&self, lease: &Value) -> Vec<u8> {
        let path = format!("/v1/jobs/{}/inputs?attempt={}", lease["job"], lease["attempt"]);
        let response = self.client.get(self.url(&path)).send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        let bytes = response.bytes().await.expect("a body");
        let inputs = JobInputs::from_bytes(&bytes).expect("whole inputs");
        development::prove(&inputs.witness, reference_of(lease))
            .expect("the witness keeps every rule")
    }

    pub(crate) async fn complete(&self, lease: &Value, proof: Vec<u8>) -> (StatusCode, Value) {
        let path = format!("/v1/jobs/{}/complete?attempt={}", lease["job"], lease["attempt"]);
        self.post_bytes(&path, proof).await
    }

    pub(crate) async fn wait_for(&self, what: &str, holds: impl AsyncFnMut() -> bool) {
        wait_for(what, holds).await;
    }
}

/// Waits until something holds that must hold soon.
pub(crate) async fn wait_for(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let end = tokio::time::Instant::now() + PATIENCE;
    while !holds().await {
        assert!(tokio::time::Instant::now() < end, "{what}: waited in vain");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Notes in the database that L1 has verified a batch, as the watcher does.
pub(crate) async fn finalise(store: &Store, number: u64) {
    let batch = store.batch(number).await.expect("readable").expect("it is sealed");
    let post_state = batch.sealed.post_state.to_bytes();
    let (l1_transaction, l1_block, gas_used) = ([9; 32], 1, 1);
    let batch = FinalisedBatch { number, post_state, l1_transaction, l1_block, gas_used };
    let cursor = L1Cursor { block: 9, hash: [9; 32] };
    store.advance_l1(&[], &[batch], cursor).await.expect("it is written");
}

/// A slot as `Rollup::slots` shows it.
pub(crate) fn slot(person: &Person, balance: u64, nonce: u32) -> (Value, Value, Value, Value) {
    (json!(person.owner), json!(0), json!(balance.to_string()), json!(nonce))
}

fn parsed(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

/// What a lease says of its batch's data words.
pub(crate) fn reference_of(lease: &Value) -> DataReference {
    lease["data_reference"].as_str().expect("a text").parse().expect("a reference")
}
