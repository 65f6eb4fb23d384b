//! What `sheaf sequencer` refuses at its start, with a sentence that gives the reason, and answers
//! that nobody reads.

use std::fs::OpenOptions;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A key that every Ethereum developer knows.
const KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const CONTRACT: &str = "0x5fbdb2315678afecb367f032d93f642f64180aa3";

/// Where nobody but this machine can connect.
const HERE: &str = "127.0.0.1:0";

/// Runs `sheaf sequencer` with an L1 at which nobody answers.
fn sequencer(listen: &str, arguments: &[&str]) -> Output {
    run(Command::new(env!("CARGO_BIN_EXE_sheaf")), listen, arguments)
}

fn run(mut program: Command, listen: &str, arguments: &[&str]) -> Output {
    let folder = TempDir::new().expect("a temporary directory");
    let key = folder.path().join("operator.key");
    std::fs::write(&key, KEY).expect("it is written");
    // Taken and never served: a question there stays without an answer.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let l1 = format!("http://{}", silent.local_addr().expect("it listens"));
    program
        .args(["sequencer", "--listen", listen, "--contract", CONTRACT, "--l1", &l1])
        .args(["--l1-patience", "1"])
        .arg("--operator-key")
        .arg(key)
        .arg("--database")
        .arg(folder.path().join("sheaf.sqlite"))
        .args(arguments)
        .env_remove("SHEAF_WORKER_TOKEN")
        .output()
        .expect("the program starts")
}

/// The sentences of a run that must fail.
fn refusal(listen: &str, arguments: &[&str]) -> String {
    let output = sequencer(listen, arguments);
    assert!(!output.status.success());
    String::from_utf8(output.stderr).expect("sentences are UTF-8")
}

#[test]
fn development_proofs_are_refused_on_other_chains_before_l1_is_asked() {
    let said = refusal(HERE, &["--development", "--chain-id", "1"]);
    assert!(said.contains("development proofs are refused on chain 1"), "{said}");
    assert!(!said.contains("L1"), "{said}");
    // On a local chain the same command gets as far as L1.
    let said = refusal(HERE, &["--development", "--chain-id", "31337"]);
    assert!(said.contains("L1 has not answered"), "{said}");
}

#[test]
fn an_empty_worker_token_is_no_token() {
    let said = refusal(HERE, &["--development", "--worker-token", ""]);
    assert!(said.contains("--worker-token"), "{said}");
    let said = refusal(HERE, &["--development", "--worker-token", "secret"]);
    assert!(said.contains("L1 has not answered"), "{said}");
    assert!(!said.contains("secret"), "{said}");
}

#[test]
fn jobs_are_not_given_to_strangers() {
    let everywhere = "0.0.0.0:0";
    let said = refusal(everywhere, &["--development"]);
    assert!(said.contains("give --worker-token") && !said.contains("L1"), "{said}");
    let said = refusal(everywhere, &["--development", "--worker-token", "secret"]);
    assert!(said.contains("L1 has not answered"), "{said}");
}

/// Without a sentence of its own, the database or a listener would name something else.
#[test]
fn too_few_file_descriptors_are_named_with_the_remedy() {
    let within = |limit: u32| {
        let mut shell = Command::new("sh");
        let script = format!(r#"ulimit -n {limit} && exec "$0" "$@""#);
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_sheaf")]);
        let output = run(shell, HERE, &["--development"]);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).expect("sentences are UTF-8")
    };
    for limit in [32, 64, 256, 384] {
        let said = within(limit);
        assert!(said.contains(&format!("this process may open {limit} files")), "{said}");
        assert!(said.contains("LimitNOFILE") && !said.contains("L1"), "{said}");
    }
    // Enough for a few connections.
    let said = within(428);
    assert!(said.contains("L1 has not answered") && said.contains("connections=44"), "{said}");
}

/// What a command has done is done, whether or not its answer can be written.
#[test]
fn an_answer_that_cannot_be_written_is_dropped() {
    let folder = TempDir::new().expect("a temporary directory");
    let (wallet, passphrase) = (folder.path().join("wallet.json"), folder.path().join("phrase"));
    std::fs::write(&passphrase, "correct horse battery").expect("it is written");
    let full = || OpenOptions::new().write(true).open("/dev/full").expect("Linux has one");
    let new = |wallet: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sheaf"));
        command.args(["wallet", "--url", "http://127.0.0.1:1", "--wallet"]).arg(wallet);
        command.arg("--passphrase-file").arg(&passphrase).arg("new");
        command.stdout(full()).stderr(full()).status().expect("the program starts").code()
    };
    assert_eq!(new(&wallet), Some(0));
    assert!(wallet.exists());
    assert_eq!(new(&wallet), Some(1), "a failure that cannot be told is a failure still");
}
