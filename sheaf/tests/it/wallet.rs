//! The wallet as its user sees it: every command on a whole rollup with development proofs, each
//! with what it must refuse.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long the rollup may take to start; seconds on an idle machine.
const START_SECONDS_MAX: u64 = 300;
/// One ether in L2 units.
const ETHER: u64 = 1_000_000_000;
/// What the devnet gives to alice and bob.
const FUNDS: u64 = 10 * ETHER;
/// The devnet's fees, of a transaction and of each recipient.
const FEE: u64 = 1_000;

/// A devnet that ends with its test.
struct Devnet {
    folder: TempDir,
    process: Child,
    url: String,
    l1: String,
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it has an address").port()
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sheaf"));
    // Anvil is looked for beside the contracts.
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    command
}

impl Devnet {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (port, l1_port) = (free_port(), free_port());
        let mut process = program()
            .args(["devnet", "--development", "--batch-age", "2", "--folder"])
            .arg(folder.path())
            .args(["--port", &port.to_string(), "--l1-port", &l1_port.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let output = BufReader::new(process.stdout.take().expect("it is piped"));
        let (url, l1) = (format!("http://127.0.0.1:{port}"), format!("http://127.0.0.1:{l1_port}"));
        let devnet = Self { folder, process, url, l1 };
        let (ready, is_ready) = mpsc::channel();
        std::thread::spawn(move || {
            let mut lines = output.lines().map_while(Result::ok);
            if lines.any(|line| line.contains("is ready")) {
                // The test may have given up.
                let _ = ready.send(());
            }
            lines.for_each(drop);
        });
        let patience = Duration::from_secs(START_SECONDS_MAX);
        is_ready.recv_timeout(patience).expect("the devnet becomes ready");
        devnet
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The wallet in the file `name`, opened with the devnet's pass phrase.
    fn wallet(&self, name: &str) -> Wallet {
        let passphrase = self.path("passphrase");
        let (url, l1) = (self.url.clone(), self.l1.clone());
        Wallet { url, l1, file: self.path(name), passphrase, token: 0 }
    }

    /// Posts `body` as curl would.
    async fn post(&self, body: String) -> Value {
        let request = reqwest::Client::new().post(format!("{}/v1/transactions", self.url));
        let response = request.body(body).send().await.expect("an answer");
        response.json().await.expect("JSON")
    }
}

impl Drop for Devnet {
    fn drop(&mut self) {
        let id = i32::try_from(self.process.id()).expect("process ids fit 31 bits");
        // It may have ended by itself.
        let _ = kill(Pid::from_raw(id), Signal::SIGINT);
        let _ = self.process.wait();
    }
}

struct Wallet {
    url: String,
    l1: String,
    file: PathBuf,
    passphrase: PathBuf,
    /// What it pays with.
    token: u16,
}

impl Wallet {
    /// Whether a command succeeds, and what it prints: JSON, or the error.
    fn run(&self, arguments: &[&str]) -> Result<Value, String> {
        let output = program()
            .args(["wallet", "--json", "--url", &self.url, "--l1", &self.l1])
            .arg("--wallet")
            .arg(&self.file)
            .arg("--passphrase-file")
            .arg(&self.passphrase)
            .args(["--token", &self.token.to_string()])
            .args(arguments)
            .output()
            .expect("the program runs");
        if output.status.success() {
            let text = String::from_utf8(output.stdout).expect("JSON is UTF-8");
            return Ok(serde_json::from_str(&text).expect("one JSON value"));
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // A wrong argument is told before anybody knows how the answer is to be printed.
        if !output.stdout.is_empty() {
            let answer: Value = serde_json::from_slice(&output.stdout).expect("errors are JSON");
            let message = answer["error"]["message"].as_str().expect("an error has a message");
            assert!(said.contains(message), "{said} does not tell {message}");
        }
        Err(said)
    }

    fn does(&self, arguments: &[&str]) -> Value {
        self.run(arguments).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
    }

    /// The command must fail and say `reason`.
    fn refuses(&self, arguments: &[&str], reason: &str) {
        let error = self.run(arguments).expect_err("it must be refused");
        assert!(error.contains(reason), "{arguments:?}: {error}");
    }

    fn owner(&self) -> String {
        self.does(&["address"])["owner"].as_str().expect("an owner").to_owned()
    }

    /// The balance on L2.
    fn balance(&self) -> u64 {
        number_of(&self.does(&["balance"])["l2"])
    }

    /// Waits until the deposit of the devnet itself is credited.
    fn wait_for(&self, balance: u64) {
        let start = Instant::now();
        while self.balance() != balance {
            assert!(start.elapsed().as_secs() < START_SECONDS_MAX, "the deposit does not come");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

fn number_of(text: &Value) -> u64 {
    text.as_str().and_then(|digits| digits.parse().ok()).expect("a decimal string")
}

/// The named fields of every transaction on a page.
fn fields<const N: usize>(page: &Value, names: [&str; N]) -> Vec<[Value; N]> {
    let list = page["transactions"].as_array().expect("a list");
    list.iter().map(|one| names.map(|name| one[name].clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_every_command_does_what_it_says_and_refuses_what_it_must() {
    let devnet = Devnet::start();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| {
        let file = format!("{name}.json");
        devnet.wallet(&file)
    });
    keys(&devnet, &carol);
    payments(&alice, &bob, &carol);
    refusals(&devnet, &alice, &bob);
    printed(&devnet, &alice, &bob).await;
    deposits(&alice, &carol);
    withdrawals(&alice);
    histories(&alice, &carol);
    tokens(&devnet, &alice, &bob).await;
}

/// `new` and `address`.
fn keys(devnet: &Devnet, carol: &Wallet) {
    carol.refuses(&["address"], "there is no wallet at");
    let short = Wallet { passphrase: devnet.path("short"), ..devnet.wallet("carol.json") };
    fs::write(&short.passphrase, "1234567").expect("a file");
    short.refuses(&["new"], "at least 8 characters");
    assert!(!carol.file.exists(), "nothing is written for a pass phrase that is refused");
    let made = carol.does(&["new"]);
    assert_eq!(
        carol.does(&["address"]),
        json!({
            "owner": made["owner"], "l1_address": made["l1_address"]
        })
    );
    assert!(carol.owner().starts_with("sheaf1"));
    let mode = fs::metadata(&carol.file).expect("the file is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "nobody else may read it");
    let before = fs::read(&carol.file).expect("the file can be read");
    carol.refuses(&["new"], "exists already");
    assert_eq!(fs::read(&carol.file).expect("the file can be read"), before);
    addresses(devnet, carol);
    carol.refuses(&["--passphrase", "12345678", "address"], "unexpected argument");
    assert_eq!(carol.balance(), 0);
    carol.refuses(&["send", &format!("{}=1", carol.owner())], "has no balance on L2 yet");
}

/// `new` and `address` while no sequencer runs: chain and contract name the rollup as well.
fn addresses(devnet: &Devnet, carol: &Wallet) {
    let text = fs::read(devnet.path("deployment.json")).expect("the devnet has written it");
    let deployment: Value = serde_json::from_slice(&text).expect("JSON");
    let contract = deployment["contract"].as_str().expect("an address");
    let nobody = || format!("http://127.0.0.1:{}", free_port());
    let alone = Wallet { url: nobody(), ..devnet.wallet("carol.json") };
    alone.refuses(&["address"], "does not answer");
    alone.refuses(&["address", "--contract", contract], "does not answer");
    let named = ["address", "--contract", contract, "--chain-id", "31337"];
    assert_eq!(alone.does(&named)["owner"], carol.owner());
    let file = devnet.path("deployment.json");
    let file = ["address", "--deployment", file.to_str().expect("a plain path")];
    assert_eq!(alone.does(&file)["owner"], carol.owner());
    alone.refuses(&["address", "--deployment", "nowhere"], "cannot read nowhere");
    let elsewhere = ["address", "--contract", contract, "--chain-id", "1"];
    assert_ne!(alone.does(&elsewhere)["owner"], carol.owner());
    carol.refuses(&["balance", "--chain-id", "1"], "not on 1");
    let dave = Wallet { url: nobody(), ..devnet.wallet("dave.json") };
    assert_eq!(dave.does(&["new"])["owner"], Value::Null, "the key is made all the same");
    assert!(dave.file.exists());
}

/// `send` and `balance`.
fn payments(alice: &Wallet, bob: &Wallet, carol: &Wallet) {
    alice.wait_for(FUNDS);
    bob.wait_for(FUNDS);
    let sent = alice.does(&[
        "send",
        &format!("{}=1.5", carol.owner()),
        &format!("{}=0.25", bob.owner()),
        "--wait",
        "sealed",
    ]);
    assert!(
        ["sealed", "proven", "submitted", "finalised"].map(Value::from).contains(&sent["stage"])
    );
    assert!(sent["batch"].is_u64(), "{sent}");
    let left = FUNDS - ETHER * 7 / 4 - 3 * FEE;
    assert_eq!((number_of(&sent["fee"]), number_of(&sent["left"])), (3 * FEE, left));
    assert_eq!(alice.balance(), left);
    assert_eq!(bob.balance(), FUNDS + ETHER / 4);
    assert_eq!(carol.balance(), ETHER * 3 / 2);
    let id = sent["id"].as_str().expect("an id");
    let found = alice.does(&["history", id]);
    assert_eq!((&found[0]["id"], &found[0]["batch"]), (&sent["id"], &sent["batch"]));
}

/// What a slip of the hand or a stranger tries; nothing of it moves a balance.
fn refusals(devnet: &Devnet, alice: &Wallet, bob: &Wallet) {
    let (before, owner) = (alice.balance(), bob.owner());
    let pay = |amount: &str| format!("{owner}={amount}");
    // One character is another.
    let mut slipped = owner.clone().into_bytes();
    let last = slipped.len() - 1;
    slipped[last] = if slipped[last] == b'q' { b'p' } else { b'q' };
    let slipped = String::from_utf8(slipped).expect("ASCII");
    alice.refuses(&["send", &format!("{slipped}=1")], "is no L2 address");
    alice.refuses(&["send", &pay("1"), &format!("{slipped}=1")], "is no L2 address");
    alice.refuses(&["deposit", "1", "--to", &slipped], "valid checksum");
    alice.refuses(&["send", &owner], "write OWNER=AMOUNT");
    for (amount, reason) in [
        ("1000", "does not cover the payment"),
        ("0", "more than zero"),
        ("-1", "is not an amount"),
        ("1e3", "is not an amount"),
        ("0.0000000001", "more than the 9 decimals"),
        ("4611686018.427387904", "too large"),
    ] {
        alice.refuses(&["send", &pay(amount)], reason);
        if !amount.starts_with('-') {
            alice.refuses(&["withdraw", amount], reason);
        }
    }
    alice.refuses(&["deposit", "1000000"], "less than the deposit");
    alice.refuses(&["claim"], "nothing to claim yet");
    let unlisted = Wallet { token: 7, ..devnet.wallet("alice.json") };
    unlisted.refuses(&["balance"], "token 7");
    let unknown = format!("0x{}", "00".repeat(32));
    alice.refuses(&["history", &unknown], "transaction_not_found");
    alice.refuses(&["history", "--before", "yesterday"], "malformed_cursor");
    alice.refuses(&["history", "--limit", "101"], "101");
    let stranger = Wallet { passphrase: devnet.path("wrong"), ..devnet.wallet("alice.json") };
    fs::write(&stranger.passphrase, "not the pass phrase").expect("a file");
    stranger.refuses(&["send", &pay("1")], "the pass phrase does not open");
    let no_key_file = Wallet { file: stranger.passphrase.clone(), ..devnet.wallet("alice.json") };
    no_key_file.refuses(&["balance"], "is no key file");
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let without_l2 = Wallet { url: nobody.clone(), ..devnet.wallet("alice.json") };
    without_l2.refuses(&["balance"], "does not answer");
    let without_l1 = Wallet { l1: nobody, ..devnet.wallet("alice.json") };
    without_l1.refuses(&["deposit", "1"], "the L1 node does not answer");
    assert_eq!(without_l1.does(&["balance"])["l1"], Value::Null);
    let other = format!("0x{}", "11".repeat(20));
    alice.refuses(&["--contract", &other, "send", &pay("1")], "not of 0x1111");
    assert_eq!(alice.balance(), before);
}

/// `send --print`, and what curl does with it.
async fn printed(devnet: &Devnet, alice: &Wallet, bob: &Wallet) {
    let before = bob.balance();
    let signed = alice.does(&["send", "--print", &format!("{}=0.125", bob.owner())]);
    assert_eq!(bob.balance(), before, "nothing was sent");
    let mut forged = signed.clone();
    forged["transfer"]["payments"][0]["amount"] = json!("999");
    let answer = devnet.post(forged.to_string()).await;
    assert_eq!(answer["error"]["code"], "wrong_signature", "{answer}");
    for _ in 0..2 {
        // The second time it is the same transaction, and is not paid again.
        let answer = devnet.post(signed.to_string()).await;
        assert_eq!(answer["durable"], true, "{answer}");
    }
    assert_eq!(bob.balance(), before + ETHER / 8);
}

/// `deposit`, for oneself and for somebody else.
fn deposits(alice: &Wallet, carol: &Wallet) {
    let before = [alice.balance(), carol.balance()];
    let own = alice.does(&["deposit", "0.5"]);
    assert_eq!((&own["amount"], &own["owner"]), (&json!("500000000"), &json!(alice.owner())));
    alice.does(&["deposit", "0.25", "--to", &carol.owner(), "--wait", "executed"]);
    let after = [alice.balance(), carol.balance()];
    assert_eq!(after, [before[0] + ETHER / 2, before[1] + ETHER / 4]);
}

/// `withdraw` and `claim`.
fn withdrawals(alice: &Wallet) {
    let before = alice.balance();
    let gone = alice.does(&["withdraw", "1", "--wait", "finalised"]);
    assert_eq!(gone["stage"], "finalised");
    assert!(gone["l1_transaction"].as_str().is_some_and(|hash| hash.starts_with("0x")), "{gone}");
    assert_eq!(alice.balance(), before - ETHER - 2 * FEE);
    assert_eq!(number_of(&gone["left"]), before - ETHER - 2 * FEE);
    assert_eq!(alice.does(&["balance"])["claimable"], json!(ETHER.to_string()));
    let recipient = format!("0x{}", "22".repeat(20));
    let claimed = alice.does(&["claim", "--to", &recipient]);
    assert_eq!(claimed["amount"], json!(ETHER.to_string()));
    assert_eq!(alice.does(&["balance"])["claimable"], "0");
    alice.refuses(&["claim"], "nothing to claim yet");
}

/// `history`, whole and by pages.
fn histories(alice: &Wallet, carol: &Wallet) {
    let whole = alice.does(&["history"]);
    let kinds = fields(&whole, ["kind", "amount"]);
    let expected = [
        ["withdrawn", "1000000000"],
        ["deposited", "500000000"],
        ["sent", "125000000"],
        ["sent", "1750000000"],
        ["deposited", "10000000000"],
    ];
    assert_eq!(kinds, expected.map(|row| row.map(Value::from)));
    assert_eq!(whole["transactions"][0]["stage"], "finalised");
    let first = alice.does(&["history", "--limit", "2"]);
    let next = first["next"].as_str().expect("there is more");
    let second = alice.does(&["history", "--limit", "3", "--before", next]);
    assert_eq!(second["next"], Value::Null);
    let joined = [first, second].map(|page| page["transactions"].as_array().cloned());
    let joined: Vec<Value> = joined.into_iter().flatten().flatten().collect();
    assert_eq!(json!(joined), whole["transactions"]);
    let of_carol = fields(&carol.does(&["history"]), ["kind", "amount", "counterparty"]);
    let received = [json!("received"), json!("1500000000"), json!(alice.owner())];
    assert_eq!(of_carol[1], received);
    assert_eq!(of_carol[0][..2], [json!("deposited"), json!("250000000")]);
    assert_eq!(of_carol.len(), 2);
}

/// Every command that moves money, with an ERC-20 that is listed with a scale.
async fn tokens(devnet: &Devnet, alice: &Wallet, bob: &Wallet) {
    let holder = alice.does(&["address"])["l1_address"].clone();
    let status = reqwest::get(format!("{}/v1/status", devnet.url)).await.expect("an answer");
    let status: Value = status.json().await.expect("JSON");
    let address = |value: &Value| value.as_str().expect("text").parse().expect("an address");
    let place = crate::listed_token::Place {
        folder: devnet.folder.path(),
        l1: &devnet.l1,
        lister: &devnet.path("operator.key"),
        rollup: address(&status["contract"]),
    };
    let number = crate::listed_token::list(place, address(&holder), 1_000_000_000).await;
    let [of_alice, of_bob] =
        ["alice.json", "bob.json"].map(|file| Wallet { token: number, ..devnet.wallet(file) });
    let held = |wallet: &Wallet| {
        let balance = wallet.does(&["balance"]);
        ["l2", "claimable", "l1"].map(|side| number_of(&balance[side]))
    };
    let ether = alice.balance();
    of_alice.refuses(&["deposit", "0.00001"], "more than the 4 decimals");
    of_alice.refuses(&["deposit", "1000.1"], "less than the deposit");
    of_alice.does(&["deposit", "12.5"]);
    assert_eq!(held(&of_alice), [125_000, 0, 987_500_000]);
    of_alice.refuses(&["send", &format!("{}=12.6", bob.owner())], "does not cover");
    of_alice.does(&["send", &format!("{}=2.5", bob.owner())]);
    assert_eq!(of_bob.balance(), 25_000);
    of_alice.does(&["withdraw", "1", "--wait", "finalised"]);
    assert_eq!(held(&of_alice), [90_000, 10_000, 987_500_000]);
    of_alice.does(&["claim"]);
    assert_eq!(held(&of_alice), [90_000, 0, 988_500_000]);
    assert_eq!(alice.balance(), ether, "no ether moved");
}
