//! An anvil for one test, on a free port, which is killed when the test ends.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use alloy::network::Ethereum;
use alloy::primitives::{Address, B256, U256};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::rpc::types::TransactionReceipt;
use alloy::signers::local::PrivateKeySigner;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::rollup::CHAIN;

/// The keys of anvil's first accounts, which every Ethereum developer knows.
const KEYS: [&str; 6] = [
    "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
    "7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
    "47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a",
    "8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba",
];

/// The signer of one of anvil's accounts: 0 is the operator, the others are users.
pub(super) fn signer(account: usize) -> PrivateKeySigner {
    KEYS[account].parse().expect("a well-formed key")
}

/// The address of one of anvil's accounts.
pub(super) fn address(account: usize) -> Address {
    signer(account).address()
}

pub(super) struct Anvil {
    child: Child,
    url: String,
    provider: DynProvider<Ethereum>,
}

impl Anvil {
    /// Starts one that mines a block for each transaction.
    pub(super) fn start() -> Self {
        Self::start_on(CHAIN)
    }

    pub(super) fn start_on(chain_id: u64) -> Self {
        Self::start_with(&["--chain-id", &chain_id.to_string()])
    }

    /// Starts one whose time is at `seconds`, Unix seconds, and goes on from there.
    pub(super) fn start_at(seconds: u64) -> Self {
        Self::start_with(&["--timestamp", &seconds.to_string()])
    }

    fn start_with(arguments: &[&str]) -> Self {
        let mut child = Command::new(program())
            .args(["--host", "127.0.0.1", "--port", "0", "--accounts", "6"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("anvil starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| Some(line.strip_prefix("Listening on ")?.to_owned()))
            .expect("anvil says where it listens");
        // Whoever writes into a pipe that nobody reads comes to a halt.
        thread::spawn(move || lines.for_each(drop));
        let url = format!("http://{address}");
        let parsed = url.parse().expect("an address");
        let provider = ProviderBuilder::default().connect_http(parsed).erased();
        Self { child, url, provider }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Anvil signs for its own accounts, so this provider knows no key and caches no nonce.
    pub(super) fn provider(&self) -> &DynProvider<Ethereum> {
        &self.provider
    }

    /// One of anvil's own methods.
    pub(super) async fn rpc<
        R: DeserializeOwned + Send + Sync + Unpin + std::fmt::Debug + 'static,
    >(
        &self,
        method: &'static str,
        parameters: impl Serialize,
    ) -> R {
        let parameters = serde_json::to_value(parameters).expect("plain JSON");
        let answer = self.provider.raw_request(method.into(), parameters).await;
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    pub(super) async fn mine(&self, blocks: u64) {
        let () = self.rpc("anvil_mine", [U256::from(blocks)]).await;
    }

    /// Whether each transaction is mined at once, or waits for `mine`.
    pub(super) async fn mine_at_once(&self, at_once: bool) {
        let () = self.rpc("evm_setAutomine", [at_once]).await;
    }

    /// Replaces the last blocks by as many empty ones.
    pub(super) async fn reorg(&self, depth: u64) {
        let () = self.rpc("anvil_reorg", (depth, [(); 0])).await;
    }

    pub(super) async fn head(&self) -> u64 {
        self.provider.get_block_number().await.expect("an answer")
    }

    pub(super) async fn hash(&self, block: u64) -> [u8; 32] {
        let found = self.provider.get_block_by_number(block.into()).await.expect("an answer");
        found.expect("it has the block").header.hash.0
    }

    pub(super) async fn receipt(&self, hash: B256) -> Option<TransactionReceipt> {
        self.provider.get_transaction_receipt(hash).await.expect("an answer")
    }

    /// Sends a signal to the process by its usual name, without "SIG".
    pub(super) fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status()
            .expect("kill is everywhere");
        assert!(status.success());
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        // It may have ended already; there is nobody left to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program that npm installs beside the contracts, or the one that ANVIL names.
fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("ANVIL") {
        return path.into();
    }
    let packages =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts/node_modules/@foundry-rs");
    fs::read_dir(&packages)
        .into_iter()
        .flatten()
        .filter_map(|package| Some(package.ok()?.path().join("bin/anvil")))
        .find(|path| path.exists() && !path.starts_with(packages.join("anvil")))
        .expect("`make contracts` installs anvil")
}
