//! `sheaf deploy` as an operator uses it, on an anvil: what it shows, asks, spends and refuses.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use alloy::primitives::{Address, Bytes, U256};
use alloy::providers::Provider;
use serde_json::{Value, json};
use sheaf_contracts::{Groth16Verifier, Sheaf};
use tempfile::TempDir;
use tokio::task::block_in_place;

use crate::anvil::{Anvil, address, signer};
use crate::keys;
use crate::processes::{Spawned, eventually, get, ports};

/// A chain that is nobody's, so that no key of a local setup belongs there.
const FOREIGN_CHAIN: u64 = 424_242;
/// The code of a contract that answers 6 to every question, and so has six decimals.
const SIX: [u8; 8] = [0x60, 6, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3];
/// How long a command or a sequencer may take to get somewhere.
const SECONDS_MAX: u64 = 60;

/// An L1, and a folder in which an operator works.
struct Site {
    anvil: Anvil,
    folder: TempDir,
}

impl Site {
    fn new(chain_id: u64) -> Self {
        let site = Self { anvil: Anvil::start_on(chain_id), folder: crate::processes::folder() };
        let key = hex::encode(signer(0).to_bytes());
        fs::write(site.path("operator.key"), key).expect("it is written");
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sheaf"));
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command.args(["deploy", "--l1", self.anvil.url(), "--operator-key", "operator.key"]);
        command.args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program starts")
    }

    /// What a run that must succeed answers.
    fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        String::from_utf8(output.stdout).expect("it is text")
    }

    /// What a run says that must fail, and spend nothing.
    async fn refuses(&self, arguments: &[&str]) -> String {
        let before = self.account().await;
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?} is taken");
        assert_eq!(self.account().await, before, "{arguments:?} spends");
        String::from_utf8(output.stderr).expect("it is text")
    }

    /// Nonce and balance of the operator.
    async fn account(&self) -> (u64, U256) {
        let provider = self.anvil.provider();
        let nonce = provider.get_transaction_count(address(0)).await.expect("an answer");
        (nonce, provider.get_balance(address(0)).await.expect("an answer"))
    }

    /// Puts code at an address and returns the address as text.
    async fn put(&self, place: u8, code: &[u8]) -> String {
        let place = Address::repeat_byte(place);
        let () = self.anvil.rpc("anvil_setCode", (place, Bytes::copy_from_slice(code))).await;
        format!("{place:?}")
    }

    fn tokens(&self, list: &Value) {
        fs::write(self.path("tokens.json"), list.to_string()).expect("it is written");
    }

    fn file(&self) -> Value {
        let text = fs::read(self.path("deployment.json")).expect("it was written");
        serde_json::from_slice(&text).expect("it is JSON")
    }

    fn contract(&self) -> Address {
        parsed(&self.file()["contract"])
    }

    /// The names of the files in the folder.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("it is there");
        let name = |entry: fs::DirEntry| entry.file_name().into_string().expect("plain names");
        let mut names: Vec<String> = entries.map(|entry| name(entry.expect("readable"))).collect();
        names.sort();
        names
    }
}

fn parsed(address: &Value) -> Address {
    address.as_str().expect("a text").parse().expect("an address")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_tells_everything_and_spends_nothing() {
    let site = Site::new(31337);
    let coin = site.put(0x11, &SIX).await;
    site.tokens(&json!([{ "address": coin, "scale": 100, "cap": "12340000" }]));
    let before = site.account().await;
    let dry = ["--development", "--dry-run", "--tokens", "tokens.json", "--exit-bond", "7000000"];
    let said = site.succeeds(&dry);
    for part in [
        "chain 31337",
        "which has 10000 ether",
        "development proofs, which prove nothing",
        "silence delay   1 day; exits bind the operator after 2 days",
        "freeze delay    7 days",
        "exit bond       0.007 ether",
        "at most 1234 of token 1",
        "verifier ",
        "contract ",
        "list token 1",
        "together ",
    ] {
        assert!(said.contains(part), "no '{part}' in\n{said}");
    }
    let plan: Value =
        serde_json::from_str(&site.succeeds(&[&dry[..], &["--json"]].concat())).expect("JSON");
    assert_eq!((&plan["chain_id"], &plan["tokens"][0]["cap"]), (&json!(31337), &json!("12340000")));
    assert_eq!(plan["transactions"].as_array().map(Vec::len), Some(3));
    assert_eq!(site.account().await, before);
    assert_eq!(site.names(), ["operator.key", "tokens.json"]);

    // What was reckoned is what is spent, or a little more.
    site.succeeds(&["--development", "--yes", "--tokens", "tokens.json"]);
    let (mut used, receipts) = (0, site.anvil.head().await);
    for block in 1..=receipts {
        let block = site.anvil.provider().get_block_by_number(block.into()).await;
        used += block.expect("an answer").expect("it is there").header.gas_used;
    }
    let reckoned = plan["gas"].as_u64().expect("a number");
    assert!(used <= reckoned && reckoned < used + 300_000, "{used} used, {reckoned} reckoned");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_spent_before_somebody_agrees_and_pays() {
    let site = Site::new(31337);
    let said = site.refuses(&["--development"]).await;
    assert!(said.contains("nothing was sent") && said.contains("--yes"), "{said}");
    let said = site.refuses(&["--development", "--yes", "--chain-id", "1"]).await;
    assert!(said.contains("on chain 31337, not on 1"), "{said}");
    let said = site.refuses(&["--development", "--yes", "--freeze-delay", "90000"]).await;
    assert!(said.contains("four silence delays"), "{said}");
    let () = site.anvil.rpc("anvil_setBalance", (address(0), U256::from(1_000))).await;
    let said = site.refuses(&["--development", "--yes"]).await;
    assert!(said.contains("the deployment may cost") && said.contains("send it more"), "{said}");
    assert_eq!(site.names(), ["operator.key"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollup_is_deployed_once_and_a_sequencer_starts_from_the_file() {
    let site = Site::new(31337);
    let coin = site.put(0x11, &SIX).await;
    let token = json!({ "address": coin, "scale": 100, "cap": 12_340_000, "outflow_limit": 50 });
    site.tokens(&json!([token]));
    let yes = ["--development", "--yes", "--tokens", "tokens.json", "--silence-delay", "7200"];
    let answer = site.succeeds(&[&yes[..], &["--json"]].concat());
    let file = site.file();
    assert_eq!(serde_json::from_str::<Value>(&answer).expect("JSON"), file);
    assert_eq!((&file["chain_id"], &file["proofs"]), (&json!(31337), &json!("development")));
    assert_eq!(site.names(), ["deployment.json", "operator.key", "tokens.json"], "a note is left");

    let sheaf = Sheaf::new(site.contract(), site.anvil.provider());
    let listed = sheaf.token(1).call().await.expect("it is listed");
    assert_eq!((listed.scale, listed.cap, listed.outflowLimit), (100, 12_340_000, 50));
    assert_eq!(sheaf.silenceDelay().call().await.expect("an answer"), 7_200);
    assert_eq!(sheaf.operator().call().await.expect("an answer"), address(0));
    let first_block = sheaf.firstBlock().call().await.expect("an answer");
    assert_eq!(file["first_block"], json!(first_block));
    let verifier = Groth16Verifier::new(parsed(&file["verifier"]), site.anvil.provider());
    let key_hash = verifier.keyHash().call().await.expect("an answer");
    assert_eq!(file["key_hash"], json!(key_hash));

    let said = site.refuses(&yes).await;
    assert!(said.contains("deployment.json exists and tells of the rollup"), "{said}");
    assert!(said.contains("--deployment"), "{said}");
    assert_eq!(site.file(), file);
    check_sequencer(&site);
}

/// A sequencer takes contract, chain and first block from the file, and refuses a file of other
/// proofs.
fn check_sequencer(site: &Site) {
    let [port, _] = ports();
    let listen = format!("127.0.0.1:{port}");
    let sequencer = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sheaf"));
        command.current_dir(site.folder.path()).args(["sequencer", "--listen", &listen]);
        command.args(["--operator-key", "operator.key", "--deployment", "deployment.json"]);
        command.args(["--l1", site.anvil.url()]).args(arguments);
        command
    };
    let refused = |arguments: &[&str]| {
        let output = sequencer(arguments).output().expect("the program starts");
        assert!(!output.status.success(), "{arguments:?} is taken");
        String::from_utf8(output.stderr).expect("it is text")
    };
    let said = refused(&["--circuits", "small"]);
    assert!(said.contains("takes development proofs") && said.contains("small ones"), "{said}");
    let said = refused(&["--development", "--first-block", "3"]);
    assert!(said.contains("cannot be used with"), "{said}");

    let log = site.path("log");
    let output = File::create(&log).expect("it is written");
    let mut command = sequencer(&["--development"]);
    command.stdout(Stdio::null()).stderr(output);
    let _running = Spawned(command.spawn().expect("the program starts"));
    let address = format!("http://{listen}/v1/status");
    let status = block_in_place(|| eventually(SECONDS_MAX, || get(&address)));
    let said = fs::read_to_string(&log).expect("it is text");
    let status = status.unwrap_or_else(|| panic!("it does not start: {said}"));
    assert_eq!(status["contract"], site.file()["contract"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_ended_half_way_is_not_paid_for_twice() {
    let site = Site::new(31337);
    site.anvil.mine_at_once(false).await;
    let errors = site.path("errors");
    let mut command = site.command(&["--development", "--yes"]);
    command.stdout(Stdio::null()).stderr(File::create(&errors).expect("it is written"));
    let run = Spawned(command.spawn().expect("the program starts"));
    let said = || fs::read_to_string(&errors).expect("it is text");
    let sent =
        eventually(SECONDS_MAX, || said().contains("verifier: transaction 0x").then_some(()));
    assert!(sent.is_some(), "{}", said());
    drop(run);

    let said = site.refuses(&["--development", "--yes"]).await;
    assert!(said.contains("wait until it is mined"), "{said}");
    site.anvil.mine(1).await;
    site.anvil.mine_at_once(true).await;
    let said = site.refuses(&["--development", "--yes"]).await;
    let verifier = said.split("--verifier ").nth(1).and_then(|rest| rest.split(' ').next());
    let verifier = verifier.unwrap_or_else(|| panic!("it names no verifier: {said}"));
    site.succeeds(&["--development", "--yes", "--verifier", verifier]);
    assert_eq!(site.account().await.0, 2, "the verifier was paid for twice");
    assert_eq!(parsed(&site.file()["verifier"]), verifier.parse::<Address>().expect("an address"));
    check_contract_is_taken_up(&site).await;
}

/// The file about a contract that is there can be written again, and tokens can be added.
async fn check_contract_is_taken_up(site: &Site) {
    let (file, contract) = (site.file(), format!("{:?}", site.contract()));
    fs::remove_file(site.path("deployment.json")).expect("it is there");
    let again = ["--development", "--contract", &contract];
    let said = site.refuses(&[&again[..], &["--takeover-bond", "5"]].concat()).await;
    assert!(said.contains("another takeover bond"), "{said}");
    let before = site.account().await;
    // Nothing is sent, so nobody has to agree.
    site.succeeds(&again);
    assert_eq!((site.file(), site.account().await), (file.clone(), before));

    fs::remove_file(site.path("deployment.json")).expect("it is there");
    let coin = site.put(0x11, &SIX).await;
    site.tokens(&json!([{ "address": coin, "scale": 1, "cap": 5_000_000 }]));
    let listing = [&again[..], &["--yes", "--tokens", "tokens.json"]].concat();
    site.succeeds(&listing);
    assert_eq!(site.account().await.0, before.0 + 1);
    fs::remove_file(site.path("deployment.json")).expect("it is there");
    assert!(site.succeeds(&listing).contains("No transaction is left"), "it is listed again");
    assert_eq!(site.account().await.0, before.0 + 1);
    fs::remove_file(site.path("deployment.json")).expect("it is there");
    site.tokens(&json!([{ "address": coin, "scale": 1, "cap": 6_000_000 }]));
    let said = site.refuses(&listing).await;
    assert!(said.contains("lists it already, with cap 5000000"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_verifier_or_no_rollup_is_not_taken_up() {
    let site = Site::new(31337);
    let six = site.put(0x11, &SIX).await;
    let nothing = format!("{:?}", Address::repeat_byte(0x22));
    for (flag, value, reason) in [
        ("--verifier", &nothing, "L1 has no contract at"),
        ("--verifier", &six, "has key hash 0x0000"),
        ("--contract", &nothing, "L1 has no contract at"),
        ("--contract", &six, "is not a rollup's of this version"),
    ] {
        let said = site.refuses(&["--development", "--yes", flag, value]).await;
        assert!(said.contains(reason), "{flag} {value}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_list_of_tokens_is_refused_before_anything_is_spent() {
    let site = Site::new(31337);
    let six = site.put(0x11, &SIX).await;
    // Code that returns nothing.
    let mute = site.put(0x33, &[0]).await;
    let nothing = format!("{:?}", Address::repeat_byte(0x22));
    let entry = |address: &str, scale: u64, cap: u64| {
        let token = json!({ "address": address, "scale": scale, "cap": cap });
        json!([token])
    };
    for (list, reason) in [
        (entry(&nothing, 1, 5_000_000), "there is no contract at this address"),
        (entry(&mute, 1, 5_000_000), "does not say how many decimals"),
        (entry(&six, 10_000_000, 5_000_000), "cannot be written as decimal numbers"),
        (entry(&six, 1, 999_999), "less than one whole token, which is 1000000 L2 units"),
        (entry(&six, 3, 5_000_000), "the scale 3 is no power of ten"),
        (entry("0x12", 1, 5_000_000), "is no list of tokens"),
    ] {
        site.tokens(&list);
        let said = site.refuses(&["--development", "--yes", "--tokens", "tokens.json"]).await;
        assert!(said.contains(reason) && said.contains("tokens.json"), "{list}: {said}");
    }
    site.tokens(&entry(&six, 1, 5_000_000));
    let tokens = ["--development", "--yes", "--tokens", "tokens.json"];
    let said = site.refuses(&[&tokens[..], &["--lister", "nobody"]].concat()).await;
    assert!(said.contains("only the lister"), "{said}");
    // Only that was wrong.
    site.succeeds(&tokens);
}

/// A folder of keys that names its origin and has nothing else.
fn keys_without_files(folder: &Path, setup: &Value) {
    let digest = "00".repeat(32);
    let manifest = json!({
        "format": 5, "sizes": "small", "circuits": digest, "outer": digest, "wrap": digest,
        "digest": digest, "setup": setup, "files": {},
    });
    fs::create_dir_all(folder.join("small")).expect("a folder");
    fs::write(folder.join("small/manifest.json"), manifest.to_string()).expect("it is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_a_local_setup_is_for_development_alone() {
    let foreign = Site::new(FOREIGN_CHAIN);
    let keys = ["--yes", "--circuits", "small", "--keys", "keys"];
    let forged = |said: &str| said.contains("whose maker could forge proofs on chain 424242");
    keys_without_files(&foreign.path("keys"), &json!("local"));
    let said = foreign.refuses(&keys).await;
    assert!(forged(&said) && said.contains("say --development"), "{said}");
    // With the flag, the keys are read, of which this folder has none.
    let said = foreign.refuses(&[&keys[..], &["--development"]].concat()).await;
    assert!(!forged(&said) && said.contains("the manifest has no"), "{said}");
    // So are the keys of a ceremony.
    keys_without_files(
        &foreign.path("keys"),
        &json!({ "ceremony": { "circuit": "00", "digests": [] } }),
    );
    let said = foreign.refuses(&keys).await;
    assert!(!forged(&said) && said.contains("the manifest has no"), "{said}");
    // On a local chain, everybody knows that nothing has value.
    let local = Site::new(31337);
    keys_without_files(&local.path("keys"), &json!("local"));
    let said = local.refuses(&keys).await;
    assert!(!forged(&said) && said.contains("the manifest has no"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_a_rollup_with_a_real_key_is_deployed_on_a_foreign_chain() {
    let site = Site::new(FOREIGN_CHAIN);
    let folder = keys::keys().to_str().expect("a plain path");
    let keys = ["--circuits", "small", "--keys", folder, "--yes"];
    let said = site.refuses(&keys).await;
    assert!(said.contains("could forge proofs on chain 424242"), "{said}");
    let said = site.succeeds(&[&keys[..], &["--development"]].concat());
    assert!(said.contains("small circuits, key of a local setup: never keep value here"), "{said}");
    let file = site.file();
    assert_eq!((&file["chain_id"], &file["proofs"]), (&json!(FOREIGN_CHAIN), &json!("small")));
    let verifier = Groth16Verifier::new(parsed(&file["verifier"]), site.anvil.provider());
    let key_hash = verifier.keyHash().call().await.expect("an answer");
    assert_eq!(file["key_hash"], json!(key_hash));
}
