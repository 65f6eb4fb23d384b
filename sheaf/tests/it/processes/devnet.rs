//! `sheaf devnet` as a user sees it: the page that it prints, Ctrl-C, a second start, and the
//! sentence with which it refuses to start.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use crate::processes::running::{Running, eventually, folder, get, is_in_use};
use nix::sys::signal::Signal;
use serde_json::Value;

/// How long a start may take on a machine that does other things besides.
pub(super) const START_SECONDS_MAX: u64 = 120;
/// How long an end may take.
const END_SECONDS_MAX: u64 = 60;
/// The last words of the page.
pub(super) const READY: &str = "Ctrl-C stops everything";

/// Two ports on which nobody listens, below those of connections that go out.
pub(crate) fn ports() -> [String; 2] {
    let mut free = (0..200)
        .map(|_| rand::random_range(10_000..20_000_u16))
        .filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    [0; 2].map(|_| free.next().expect("there are free ports").to_string())
}

pub(super) fn start(folder: &Path, ports: &[String; 2]) -> Running {
    start_with(folder, ports, &["--development"])
}

/// The same with the proofs that these arguments choose.
pub(super) fn start_with(folder: &Path, [port, l1_port]: &[String; 2], proofs: &[&str]) -> Running {
    let arguments = ["devnet", "--batch-age", "2", "--port", port, "--l1-port", l1_port];
    Running::start(&[&arguments, proofs].concat(), folder)
}

/// The word that follows a name on the page.
pub(super) fn on_page(page: &str, name: &str) -> String {
    let line = page.lines().find_map(|line| line.trim().strip_prefix(name));
    line.unwrap_or_else(|| panic!("the page has no {name}:\n{page}")).trim().to_owned()
}

/// Runs the page's command that begins with `start`, as a shell would that has read the page.
fn run_from_page(page: &str, start: &str) -> String {
    let mut lines = page.lines().map(str::trim);
    let command = lines.find(|line| line.starts_with(start)).expect("the page has the command");
    run(page, command)
}

/// Runs a command with the names that the page gives.
pub(super) fn run(page: &str, command: &str) -> String {
    let output = outcome(page, command);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {errors}");
    String::from_utf8(output.stdout).expect("it is text")
}

/// Runs a command with the names that the page gives, whether the command succeeds or not.
pub(super) fn outcome(page: &str, command: &str) -> Output {
    let before: Vec<&str> = page
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("export ") || line.starts_with("alias "))
        .collect();
    let script = format!("shopt -s expand_aliases\n{}\n{command}\n", before.join("\n"));
    Command::new("bash").args(["-c", &script]).output().expect("bash is there")
}

/// What a wallet of the page has on L2, in L2 units.
pub(super) fn balance(page: &str, name: &str) -> u64 {
    let shown = run(page, &format!("{name} balance --json"));
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    shown["l2"].as_str().and_then(|text| text.parse().ok()).expect("a number as text")
}

pub(super) fn interrupt(mut devnet: Running, folder: &Path) {
    devnet.signal_itself(Signal::SIGINT);
    let status = devnet.end(END_SECONDS_MAX);
    assert!(status.success(), "{}", devnet.errors());
    assert!(!is_in_use(folder), "processes are left behind");
}

/// Ends a devnet with SIGKILL, which tells it nothing; its processes follow it.
fn kill(mut devnet: Running, folder: &Path) {
    devnet.signal_itself(Signal::SIGKILL);
    devnet.end(END_SECONDS_MAX);
    let gone = eventually(END_SECONDS_MAX, || (!is_in_use(folder)).then_some(()));
    assert_eq!(gone, Some(()), "processes are left behind");
}

#[test]
fn ctrl_c_leaves_nothing_behind_and_the_next_start_continues() {
    // The commands of the page work from any folder.
    let (outer, ports) = (folder(), ports());
    let folder = outer.path().join("it's a folder");
    let mut devnet = start(&folder, &ports);
    devnet.wait_for_output(READY, START_SECONDS_MAX);
    let page = devnet.output();
    assert!(page.contains("DEVELOPMENT PROOFS that prove nothing"), "{page}");
    let (api, contract) = (on_page(&page, "API  "), on_page(&page, "contract"));
    assert_eq!(on_page(&page, "API page"), format!("{api}/docs/"));
    let document = get(&format!("{api}/v1/openapi.json")).expect("the API answers");
    assert!(document["paths"].is_object());
    let funded = run_from_page(&page, "alice balance");
    assert!(funded.contains("on L2      10 ether"), "{funded}");
    run_from_page(&page, "alice send");
    let paid = run_from_page(&page, "alice balance");
    assert_ne!(paid, funded);
    run_from_page(&page, "alice withdraw");
    let closed = run_from_page(&page, "curl -X POST");
    let is_closed = closed.contains("\"batch\"") || closed.contains("no_open_batch");
    assert!(is_closed, "the operator is not let through: {closed}");
    let block_of = || get(&format!("{api}/v1/status")).expect("it runs")["block"].as_u64();
    let block = block_of();
    assert!(block > Some(0));
    let left = run_from_page(&page, "alice balance");
    let on_l2 = |balance: &str| on_page(balance, "on L2");
    assert_ne!(on_l2(&left), on_l2(&paid));
    interrupt(devnet, &folder);

    let mut devnet = start(&folder, &ports);
    devnet.wait_for_output(READY, START_SECONDS_MAX);
    assert_eq!(on_page(&devnet.output(), "contract"), contract, "it is another rollup");
    assert!(block_of() >= block, "{:?} comes after {block:?}", block_of());
    assert_eq!(on_l2(&run_from_page(&page, "alice balance")), on_l2(&left));

    // A devnet that is killed can tell nobody, and still leaves nothing behind.
    kill(devnet, &folder);
    let mut devnet = start(&folder, &ports);
    devnet.wait_for_output(READY, START_SECONDS_MAX);
    assert_eq!(on_l2(&run_from_page(&page, "alice balance")), on_l2(&left));
    check_second_in_the_same_folder(&folder);
    interrupt(devnet, &folder);
    check_other_proofs(&folder, &ports);
}

#[test]
fn a_killed_devnet_forgets_nothing_and_an_l1_that_lost_blocks_is_refused() {
    let (folder, ports) = (folder(), ports());
    let mut devnet = start(folder.path(), &ports);
    devnet.wait_for_output(READY, START_SECONDS_MAX);
    interrupt(devnet, folder.path());
    let state = folder.path().join("anvil.json");
    let old = fs::read(&state).expect("anvil has written its state");

    let mut devnet = start(folder.path(), &ports);
    devnet.wait_for_output(READY, START_SECONDS_MAX);
    let page = devnet.output();
    check_deposit(&page);
    // Anvil gets no time to write by itself what the deposit has changed.
    kill(devnet, folder.path());
    let mut devnet = start(folder.path(), &ports);
    devnet.wait_for_output(READY, START_SECONDS_MAX);
    let balance = run_from_page(&page, "alice balance");
    assert!(balance.contains("on L2      11 ether"), "{balance}");
    interrupt(devnet, folder.path());

    // An L1 without the deposit has no cover for what was credited.
    fs::write(&state, old).expect("it can be written");
    let [port, l1_port] = &ports;
    let arguments = ["devnet", "--development", "--port", port, "--l1-port", l1_port];
    let said = refused(&arguments, folder.path());
    assert!(said.contains("has lost blocks; remove"), "{said}");
    assert!(!is_in_use(folder.path()), "processes are left behind");
}

/// A build or an upgrade puts another file in the place of the program, or removes it.
#[test]
fn a_child_is_started_again_from_the_program_that_runs() {
    let (folder, programs, ports) = (folder(), folder(), ports());
    let program = programs.path().join("sheaf");
    fs::copy(env!("CARGO_BIN_EXE_sheaf"), &program).expect("it is copied");
    let [port, l1_port] = &ports;
    let arguments = ["devnet", "--development", "--port", port, "--l1-port", l1_port];
    let mut devnet = Running::start_program(&program, &arguments, folder.path());
    devnet.wait_for_output(READY, START_SECONDS_MAX);
    for (child, replaced) in [("sequencer", true), ("prover", false)] {
        fs::remove_file(&program).expect("a program that runs can be removed");
        if replaced {
            fs::write(&program, "#!/bin/false\n").expect("it is written");
            let executable = Permissions::from_mode(0o755);
            fs::set_permissions(&program, executable).expect("it is ours");
        }
        let killed = devnet.process(child);
        assert!(killed.is_some() && devnet.signal(child, Signal::SIGKILL), "{child} runs");
        let again = eventually(START_SECONDS_MAX, || {
            devnet.process(child).filter(|again| Some(*again) != killed)
        });
        assert!(again.is_some(), "{child} is not started again: {}", devnet.errors());
        let status = format!("http://127.0.0.1:{port}/v1/status");
        let answer = eventually(START_SECONDS_MAX, || get(&status));
        assert!(answer.is_some(), "{}", devnet.errors());
    }
    interrupt(devnet, folder.path());
}

/// Deposits one ether. The hash is told before anything is waited for, and once more at the end.
fn check_deposit(page: &str) {
    let told = outcome(page, "alice deposit 1");
    let [answer, notes] = [&told.stdout, &told.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(told.status.success() && answer.contains("executed"), "{answer}{notes}");
    let hash = on_page(&answer, "L1 transaction ");
    let sent = notes.find(&format!("the deposit is sent in L1 transaction {hash}"));
    assert!(sent.is_some() && sent < notes.find("L1 has taken the deposit"), "{notes}");
}

/// Expects a start to fail, and returns what it says.
fn refused(arguments: &[&str], folder: &Path) -> String {
    let mut devnet = Running::start(arguments, folder);
    assert!(!devnet.end(START_SECONDS_MAX).success(), "it started:\n{}", devnet.output());
    devnet.errors()
}

fn check_second_in_the_same_folder(folder: &Path) {
    let [port, l1_port] = &ports();
    let said = refused(&["devnet", "--development", "--port", port, "--l1-port", l1_port], folder);
    assert!(said.contains("runs in") && said.contains("choose another --folder"), "{said}");
}

fn check_other_proofs(folder: &Path, [port, l1_port]: &[String; 2]) {
    let arguments = ["devnet", "--circuits", "small", "--port", port, "--l1-port", l1_port];
    let said = refused(&arguments, folder);
    assert!(said.contains("was made with development proofs"), "{said}");
    assert!(said.contains("asks for small ones"), "{said}");
}

#[test]
fn a_port_in_use_is_named_with_its_flag() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let taken = taken.local_addr().map(|address| (address.port().to_string(), taken));
    let (taken, _listener) = taken.expect("it has an address");
    let [free, _] = ports();
    for (port, l1_port, flag) in [(&taken, &free, "--port"), (&free, &taken, "--l1-port")] {
        let folder = folder();
        let arguments = ["devnet", "--development", "--port", port, "--l1-port", l1_port];
        let said = refused(&arguments, folder.path());
        assert!(said.contains(&format!("port {taken} cannot be used")), "{said}");
        assert!(said.contains(&format!("choose another with {flag}")), "{said}");
        assert!(!is_in_use(folder.path()), "processes are left behind");
    }
}

#[test]
fn a_process_that_keeps_ending_ends_the_devnet_with_its_last_words() {
    let (folder, ports) = (folder(), ports());
    // No database can be opened here.
    fs::create_dir(folder.path().join("sheaf.sqlite")).expect("a folder in the file's place");
    let mut devnet = start(folder.path(), &ports);
    assert!(!devnet.end(START_SECONDS_MAX).success());
    let said = devnet.errors();
    assert!(said.contains("the sequencer ended with exit code 1"), "{said}");
    assert!(said.contains("the store could not be opened"), "{said}");
    assert!(!is_in_use(folder.path()), "processes are left behind");
}
