//! A rollup with its L1, for tests: the real sequencer, and the contract on an anvil of its own.
//! The L1 side of the sequencer runs by itself, or a test runs watcher and submitter step by step.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use alloy::network::{Ethereum, TransactionBuilder};
use alloy::primitives::{Address, B256, FixedBytes, U256};
use alloy::providers::{DynProvider, Provider};
use alloy::rpc::types::{TransactionReceipt, TransactionRequest};
use alloy::sol_types::SolCall;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sheaf_contracts::Sheaf;
use sheaf_contracts::chain_limits::ChainLimits;
use sheaf_contracts::deployment::{Deployed, Terms, VerifierKey, deploy};
use sheaf_crypto::key::{PublicKey, SecretKey};
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::transaction::{SignedTransaction, Transaction, Withdrawal};
use sheaf_sequencer::l1::{Advance, L1};
use sheaf_sequencer::snapshots::Snapshots;
use sheaf_sequencer::store::{BatchRow, BatchState, Database, Store, StoredRequest, Submission};
use sheaf_sequencer::submission::{Submitter, Waiting};
use sheaf_sequencer::watcher::{Watcher, WatcherConfig};
use sheaf_sequencer::witnesses::Witnesses;
use sheaf_sequencer::{Config, Handle, L1Side, Sequencer, StartError};
use sheaf_wire::{JobInputs, development};
use sqlx::AnyPool;
use tempfile::TempDir;

use crate::database;
use crate::l1::anvil::{Anvil, address, signer};
use crate::l1::node::{Front, Node};
use crate::rollup::{CHAIN, OPERATOR_TOKEN, config, reference_of, wait_for};

/// Blocks on top of one before it is believed.
pub(super) const CONFIRMATIONS: u64 = 2;
/// Wei in one L2 unit of ether.
pub(super) const GWEI: u64 = 1_000_000_000;
/// How long L1 may be silent, where a test has no other wish: longer than a busy machine keeps
/// anvil from answering.
pub(super) const PATIENCE: Duration = crate::rollup::PATIENCE;
/// Patience with an L1 node of a process that must end, above what a busy machine takes to answer.
/// A step that is refused at once is tried for the last time after 7.75 s.
pub(super) const LITTLE_PATIENCE: Duration = Duration::from_secs(7);

/// What a request costs while few wait, in wei.
pub(super) fn price() -> U256 {
    U256::from(terms().request_price) * U256::from(GWEI)
}

/// What every test's contract is deployed with: all roles are the operator's.
pub(super) fn terms() -> Terms {
    Terms::usual(address(0), address(0))
}

/// A user: anvil's account of this number, with an L2 key.
pub(super) struct User {
    pub secret: SecretKey,
    pub key: PublicKey,
    pub owner: Owner,
}

pub(super) fn user(account: usize) -> User {
    let mut bytes = [0; 40];
    bytes[0] = u8::try_from(account).expect("few accounts") + 1;
    let secret = SecretKey::from_bytes(&bytes).expect("a small scalar is no zero");
    let key = secret.public_key();
    let owner = Owner::new(&key, &L1Address(address(account).0.0));
    User { secret, key, owner }
}

impl User {
    /// The key as the contract takes it.
    pub(super) fn key_elements(&self) -> [u64; 5] {
        let bytes = self.key.to_bytes();
        let (elements, _) = bytes.as_chunks::<8>();
        std::array::from_fn(|index| u64::from_le_bytes(elements[index]))
    }
}

pub(super) struct Rollup {
    pub node: Node,
    pub deployed: Deployed,
    pub watcher: Watcher,
    pub submitter: Submitter,
    handle: Handle,
    client: reqwest::Client,
    directory: TempDir,
    /// Nodes that are asked from the next start on, if `node` does not answer.
    pub others: Vec<Front>,
    /// How data words travel to L1 from the next start on.
    pub data_mode: DataMode,
}

/// Where a rollup is, whether its process lives or not.
struct Place {
    node: Node,
    deployed: Deployed,
    directory: TempDir,
    others: Vec<Front>,
    data_mode: DataMode,
    confirmations: u64,
}

impl Rollup {
    pub(super) async fn start() -> Self {
        Self::start_on(Anvil::start()).await
    }

    pub(super) async fn start_on(anvil: Anvil) -> Self {
        Self::start_with(anvil, DataMode::Calldata, CONFIRMATIONS).await
    }

    /// The same with data words in blobs.
    pub(super) async fn start_with_blobs() -> Self {
        Self::start_with(Anvil::start(), DataMode::Blobs, CONFIRMATIONS).await
    }

    /// Starts one that believes a block with so many blocks on top.
    pub(super) async fn start_with(anvil: Anvil, data_mode: DataMode, confirmations: u64) -> Self {
        let node = Node::before(anvil).await;
        let url = node.anvil.url().parse().expect("an address");
        let deployed = deploy(url, signer(0), VerifierKey::Development, terms()).await;
        let directory = TempDir::new().expect("a temporary directory");
        let deployed = deployed.expect("it is deployed");
        let others = Vec::new();
        let place = Place { node, deployed, directory, others, data_mode, confirmations };
        Self::open(place, None).await.expect("the sequencer starts")
    }

    /// Starts on a directory's database, with an L1 side that runs by itself if it is given the
    /// patience for that.
    async fn open(place: Place, patience: Option<Duration>) -> Result<Self, StartError> {
        let Place { node, deployed, directory, others, data_mode, confirmations } = place;
        let contract = L1Address(deployed.contract.0.0);
        let connect = |patience| {
            let urls = [node.url()].into_iter().chain(others.iter().map(Front::url));
            L1::new(urls, CHAIN, contract, patience).expect("they are URLs")
        };
        let watched = WatcherConfig { first_block: deployed.first_block, confirmations };
        let side = match patience {
            Some(patience) => {
                let (l1, key) = (connect(patience), VerifierKey::Development);
                Some(L1Side { l1, watched, signer: signer(0), key })
            }
            None => None,
        };
        let l1 = connect(PATIENCE);
        let mut config = Config {
            contract,
            operator: user(0).owner,
            l1: side,
            data_mode,
            ..config(database::of(directory.path()).await)
        };
        config.service.derived = Some(directory.path().join("derived"));
        let (derived, domain) = (config.derived(), config.domain());
        let handle = Sequencer::start(config).await?;
        let (store, events) = (handle.store().clone(), handle.events().clone());
        let watcher = Watcher {
            l1: l1.clone(),
            store: store.clone(),
            events: events.clone(),
            config: watched,
        };
        let witnesses = Witnesses::new(store.clone(), Snapshots::new(&derived), domain);
        let witnesses = Arc::new(witnesses);
        let (signer, chain_id) = (signer(0), CHAIN);
        let waiting = Waiting::default();
        let chain = ChainLimits::OSAKA;
        let submitter =
            Submitter { l1, store, witnesses, events, signer, chain_id, chain, waiting };
        let client = reqwest::Client::new();
        Ok(Self {
            node,
            deployed,
            watcher,
            submitter,
            handle,
            client,
            directory,
            others,
            data_mode,
        })
    }

    /// Drops everything at once, as a killed process would.
    fn kill(self) -> Place {
        let Self { node, deployed, watcher, directory, others, data_mode, .. } = self;
        let confirmations = watcher.config.confirmations;
        Place { node, deployed, directory, others, data_mode, confirmations }
    }

    /// Kills the process and starts again.
    pub(super) async fn kill_and_restart(self) -> Self {
        Self::open(self.kill(), None).await.expect("the sequencer starts")
    }

    /// The same with an L1 side that runs by itself, so that the start may be refused.
    pub(super) async fn try_restart(self) -> Result<Self, StartError> {
        self.try_run_stages(PATIENCE).await
    }

    /// The same with another patience.
    pub(super) async fn try_run_stages(self, patience: Duration) -> Result<Self, StartError> {
        Self::open(self.kill(), Some(patience)).await
    }

    /// The same with what another directory holds.
    pub(super) async fn try_restart_on(self, directory: TempDir) -> Result<Self, StartError> {
        self.try_run_on(directory, PATIENCE).await
    }

    /// The same with another patience.
    pub(super) async fn try_run_on(
        mut self,
        directory: TempDir,
        patience: Duration,
    ) -> Result<Self, StartError> {
        self.directory = directory;
        self.try_run_stages(patience).await
    }

    /// The same L1 with an empty database, which is not compared with it.
    pub(super) async fn forget_everything(self) -> Self {
        self.restart_on(TempDir::new().expect("a temporary directory")).await
    }

    /// The same L1 with what another directory holds, which is not compared with it.
    pub(super) async fn restart_on(mut self, directory: TempDir) -> Self {
        self.directory = directory;
        self.kill_and_restart().await
    }

    /// The folder of what is derived from the database.
    pub(super) fn derived(&self) -> PathBuf {
        self.directory.path().join("derived")
    }

    /// A copy of the database as it is now.
    pub(super) async fn back_up(&self) -> TempDir {
        let directory = TempDir::new().expect("a temporary directory");
        let Database::Sqlite(target) = database::of(directory.path()).await else {
            panic!("this test copies a SQLite file")
        };
        let copy = sqlx::query("VACUUM INTO $1").bind(target.to_string_lossy().into_owned());
        copy.execute(&self.database().await).await.expect("it is copied");
        directory
    }

    /// Starts again with an L1 side that runs by itself and bears a silent L1 for so long.
    pub(super) async fn run_stages(self, patience: Duration) -> Self {
        self.try_run_stages(patience).await.expect("the sequencer starts")
    }

    /// Waits until the process ends, and says why. L1 lives on with what is returned beside it.
    pub(super) async fn end(self) -> (Node, String) {
        // All nodes answer, or refuse, until the process has ended.
        let Self { node, others, directory, handle, .. } = self;
        let ended = handle.run(std::future::pending::<()>()).await;
        drop((others, directory));
        let error = ended.expect_err("a process only ends with an error");
        (node, error.code().to_owned())
    }

    /// L1, the folder of the database, and the process.
    pub(super) fn into_parts(self) -> (Node, TempDir, Handle) {
        let Self { node, directory, handle, .. } = self;
        (node, directory, handle)
    }

    pub(super) fn store(&self) -> &Store {
        self.handle.store()
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.handle.address())
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        let response = self.client.get(self.url(path)).send().await.expect("an answer");
        response.json().await.expect("JSON")
    }

    /// A second connection to the database, for what only time or damage would bring about.
    pub(super) async fn database(&self) -> AnyPool {
        Self::database_in(&self.directory).await
    }

    /// A connection to a back-up.
    pub(super) async fn database_in(directory: &TempDir) -> AnyPool {
        database::connect_to(&database::of(directory.path()).await).await
    }

    pub(super) fn contract(&self) -> Sheaf::SheafInstance<&DynProvider<Ethereum>> {
        Sheaf::new(self.deployed.contract, self.node.anvil.provider())
    }

    /// The newest batch that the contract has verified.
    pub(super) async fn verified(&self) -> u64 {
        self.contract().progress().call().await.expect("an answer").number
    }

    /// Calls the contract in a transaction of an account, and waits until it is mined.
    pub(super) async fn call(&self, account: usize, call: impl SolCall, value: U256) -> B256 {
        let sent = (call.abi_encode(), value);
        let hash = self.call_at(self.deployed.contract, account, sent).await;
        self.mined(hash).await;
        hash
    }

    /// Waits until a transaction is mined: even at once is a moment later.
    pub(super) async fn mined(&self, hash: B256) -> TransactionReceipt {
        let mut receipt = None;
        self.wait_for("it is mined", async || {
            receipt = self.node.anvil.receipt(hash).await;
            receipt.is_some()
        })
        .await;
        receipt.expect("it was waited for")
    }

    /// Sends the next batch to an L1 that mines at once.
    pub(super) async fn submit(&self, batch: u64) {
        self.submit_once().await.expect("L1 is well");
        self.wait_for("the batch is mined", async || self.verified().await == batch).await;
    }

    /// Sends a transaction of an account, whenever it may be mined.
    pub(super) async fn call_at(&self, to: Address, account: usize, sent: (Vec<u8>, U256)) -> B256 {
        let (input, value) = sent;
        let request = TransactionRequest::default()
            .with_from(address(account))
            .with_to(to)
            .with_value(value)
            .with_input(input);
        let sent = self.node.anvil.provider().send_transaction(request).await;
        *sent.expect("L1 takes it").tx_hash()
    }

    /// A deposit of ether for a user's own L2 address.
    pub(super) async fn deposit(&self, account: usize, gwei: u64) -> B256 {
        let owner = FixedBytes(user(account).owner.to_bytes());
        let amount = U256::from(gwei) * U256::from(GWEI);
        self.call(account, Sheaf::depositEtherCall { amount, owner }, amount + price()).await
    }

    /// Reads all of L1 that is confirmed.
    pub(super) async fn watch(&self) {
        while self.watch_once().await.expect("L1 is well") == Advance::Done {}
    }

    /// Lets enough blocks pass, and reads.
    pub(super) async fn confirm(&self) {
        self.node.anvil.mine(CONFIRMATIONS).await;
        self.watch().await;
    }

    pub(super) async fn requests(&self) -> Vec<StoredRequest> {
        self.store().requests_from(0, 1_000).await.expect("readable")
    }

    pub(super) async fn batch(&self, number: u64) -> BatchRow {
        self.store().batch(number).await.expect("readable").expect("it is sealed")
    }

    pub(super) async fn submissions(&self, batch: u64) -> Vec<Submission> {
        self.store().submissions_of(batch).await.expect("readable")
    }

    /// Makes a batch with one deposit in it, and proves it.
    pub(super) async fn prove_batch(&self) -> u64 {
        self.deposit(1, 5).await;
        self.confirm().await;
        self.consume().await;
        self.close_and_prove().await
    }

    /// Waits until the log has consumed every request that was read.
    pub(super) async fn consume(&self) {
        let read = self.requests().await.len() as u64;
        let base = self.store().base();
        let row = self.store().batch(base.batch).await.expect("readable");
        let before = row.map_or(0, |row| row.sealed.first_request + row.sealed.requests);
        self.wait_for("requests are consumed", async || {
            let blocks = self.store().blocks_after(base.block, u32::MAX).await.expect("readable");
            before + blocks.iter().map(|block| u64::from(block.requests)).sum::<u64>() == read
        })
        .await;
    }

    pub(super) async fn close_and_prove(&self) -> u64 {
        let close = self.client.post(self.url("/v1/batches")).bearer_auth(OPERATOR_TOKEN);
        let closed = close.send().await.expect("an answer").json::<Value>().await.expect("JSON");
        let number = closed["batch"].as_u64().expect("a batch is open");
        let mut lease = None;
        self.wait_for("there is work", async || {
            lease = self.lease().await;
            lease.is_some()
        })
        .await;
        let lease = lease.expect("it was waited for");
        assert_eq!(lease["batch"], number);
        let (job, attempt) = (&lease["job"], &lease["attempt"]);
        let inputs = self.url(&format!("/v1/jobs/{job}/inputs?attempt={attempt}"));
        let inputs = self.client.get(inputs).send().await.expect("an answer");
        let inputs = JobInputs::from_bytes(&inputs.bytes().await.expect("a body"));
        let named = reference_of(&lease);
        let proof = development::prove(&inputs.expect("whole inputs").witness, named);
        let proof = proof.expect("it holds");
        let complete = self.url(&format!("/v1/jobs/{job}/complete?attempt={attempt}"));
        let answer = self.client.post(complete).body(proof).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        number
    }

    async fn lease(&self) -> Option<Value> {
        let request = json!({ "worker": "test", "circuits": hex::encode(development::CIRCUITS) });
        let sent = self.client.post(self.url("/v1/jobs/lease")).json(&request).send().await;
        let answer = sent.expect("an answer");
        match answer.status() {
            StatusCode::OK => Some(answer.json().await.expect("JSON")),
            _ => None,
        }
    }

    /// Withdraws ether from a slot to the account of the same user, and returns the transaction's
    /// id.
    pub(super) async fn withdraw(&self, account: usize, slot: u32, amount: u64) -> String {
        let (_, answer) = self.send_withdrawal(account, slot, amount).await;
        assert_eq!(answer["stage"], "executed", "{answer}");
        answer["id"].as_str().expect("an id").to_owned()
    }

    /// The same, whatever the answer is.
    pub(super) async fn send_withdrawal(
        &self,
        account: usize,
        slot: u32,
        amount: u64,
    ) -> (StatusCode, Value) {
        let recipient = L1Address(address(account).0.0);
        let (token, nonce, fee, valid_until) = (0, 0, 0, 4_000_000_000);
        let withdrawal = Withdrawal { slot, token, nonce, fee, valid_until, amount, recipient };
        self.send(account, Transaction::Withdrawal(withdrawal)).await
    }

    /// Signs a transaction as the user of an account, and sends it.
    pub(super) async fn send(
        &self,
        account: usize,
        transaction: Transaction,
    ) -> (StatusCode, Value) {
        let contract = L1Address(self.deployed.contract.0.0);
        let user = user(account);
        let signed = SignedTransaction::sign(
            transaction,
            &Domain::on_chain(CHAIN, contract),
            (&user.secret, L1Address(address(account).0.0)),
            &mut rand::rng(),
        );
        let signed = signed.expect("it keeps the rules of form");
        let sent = self.client.post(self.url("/v1/transactions")).json(&signed).send().await;
        let answer = sent.expect("an answer");
        (answer.status(), answer.json().await.expect("JSON"))
    }

    /// Waits until a batch is mined, confirms it, and waits until it is final.
    pub(super) async fn becomes_final(&self, batch: u64) {
        self.wait_for("the batch is mined", async || self.verified().await == batch).await;
        self.node.anvil.mine(CONFIRMATIONS).await;
        self.wait_for("the batch is final", async || {
            self.batch(batch).await.state == BatchState::Finalised
        })
        .await;
    }

    pub(super) async fn wait_for(&self, what: &str, holds: impl AsyncFnMut() -> bool) {
        wait_for(what, holds).await;
    }
}
