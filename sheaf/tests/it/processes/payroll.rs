//! A file of payments: every fault is told, every line is paid once, whatever happens in between.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;
use sheaf_ledger::Owner;

use crate::processes::devnet::{
    READY, START_SECONDS_MAX, balance, interrupt, on_page, outcome, ports, run, start,
};
use crate::processes::running::{folder, get};

/// Payments of the file: two full transfers and a part of a third.
const LINES: usize = 2 * 1_024 + 52;
/// Recipients of the file. Each is paid by two lines.
const OWNERS: usize = LINES / 2;

fn owner(index: usize) -> Owner {
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&(index as u64 + 1).to_be_bytes());
    Owner::from_bytes(bytes).expect("its parts are below the modulus")
}

/// A payroll in which the line n pays n units of a gwei.
fn payroll() -> String {
    let mut text = "owner,amount,memo\n".to_owned();
    for line in 0..LINES {
        let name = if line == 0 { "First".to_owned() } else { owner(line % OWNERS).to_string() };
        writeln!(text, "{name},0.{:09},\"line, {line}\"", line + 1).expect("a string");
    }
    text
}

/// What an owner has on L2; nothing without a slot.
fn paid(api: &str, owner: &Owner) -> Option<u64> {
    let account = get(&format!("{api}/v1/accounts/{owner}"))?;
    account["slots"][0]["balance"].as_str()?.parse().ok()
}

/// The command's error.
fn refusal(page: &str, command: &str) -> String {
    let output = outcome(page, command);
    assert!(!output.status.success(), "{command}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A faulty file, a file too dear, and a file that nobody agrees to: nothing is paid.
fn check_refusals(page: &str, folder: &Path) {
    let before = balance(page, "alice");
    let place = |name: &str| folder.join(name).display().to_string();
    fs::write(place("faulty.csv"), format!("owner,amount\n{},1\nNobody,x\n", owner(0)))
        .expect("it is ours");
    let said = refusal(page, &format!("alice pay-file {} --yes", place("faulty.csv")));
    assert!(said.contains("line 3") && !said.contains("line 2"), "{said}");
    fs::write(place("dear.csv"), format!("owner,amount\n{},1000\n", owner(0))).expect("ours");
    let said = refusal(page, &format!("alice pay-file {} --yes", place("dear.csv")));
    assert!(said.contains("the balance is too low; nothing was paid"), "{said}");
    fs::write(place("asked.csv"), format!("owner,amount\n{},1\n", owner(0))).expect("ours");
    let said = refusal(page, &format!("alice pay-file {} </dev/null", place("asked.csv")));
    assert!(said.contains("say --yes to pay"), "{said}");
    assert_eq!(balance(page, "alice"), before);
}

#[test]
fn a_payroll_is_paid_once_however_often_its_command_is_killed_and_run_again() {
    let (folder, ports) = (folder(), ports());
    let mut devnet = start(folder.path(), &ports);
    devnet.wait_for_output(READY, START_SECONDS_MAX);
    let page = devnet.output();
    let api = on_page(&page, "API  ");
    check_refusals(&page, folder.path());

    let file = folder.path().join("payroll.csv");
    let names = folder.path().join("names.csv");
    fs::write(&file, payroll()).expect("it is ours");
    fs::write(&names, format!("name,owner\nFirst,{}\n", owner(0))).expect("it is ours");
    let (file, names) = (file.display(), names.display());
    let pay = format!("alice pay-file {file} --names {names} --json");
    let quote = run(&page, &format!("{pay} --dry-run"));
    let quote: Value = serde_json::from_str(&quote).expect("JSON");
    let amount = (LINES * (LINES + 1) / 2).to_string();
    assert_eq!((&quote["transfers"], &quote["amount"]), (&Value::from(3), &Value::from(amount)));
    let before = balance(&page, "alice");

    // Killed once a transfer may be on its way.
    let killed = format!(
        "{pay} --yes &\npid=$!\nuntil grep -q signed {file}.journal; do sleep 0.01; done\n\
         kill -9 $pid\nwait $pid\ntest $? = 137"
    );
    run(&page, &killed);
    let told: Value = serde_json::from_str(&run(&page, &format!("{pay} --yes"))).expect("JSON");
    let number = |name: &str| told[name].as_str().and_then(|text| text.parse::<u64>().ok());
    let (sum, fee) = (number("amount").expect("a number"), number("fee").expect("a number"));
    assert_eq!(balance(&page, "alice"), before - sum - fee);
    for index in 0..OWNERS {
        let units = (index + 1) + (index + OWNERS + 1);
        assert_eq!(paid(&api, &owner(index)), Some(units as u64), "owner {index}");
    }

    let again: Value = serde_json::from_str(&run(&page, &pay)).expect("nothing is asked");
    assert_eq!(again["ids"], told["ids"]);
    assert_eq!(balance(&page, "alice"), before - sum - fee, "nothing is paid twice");
    let receipt = fs::read_to_string(format!("{file}.receipt.csv")).expect("it is there");
    assert_eq!(receipt.lines().count(), LINES + 1);
    let is_whole = |line: &str| line.contains(",\"line, ") && line.contains(",0x");
    assert!(receipt.lines().skip(1).all(is_whole), "{receipt}");

    // Of a file that has grown, nobody knows what was paid.
    let grown = format!("{}{},1,\n", payroll(), owner(0));
    fs::write(folder.path().join("payroll.csv"), grown).expect("it is ours");
    let said = refusal(&page, &format!("{pay} --yes"));
    assert!(said.contains("is about other payments"), "{said}");
    interrupt(devnet, folder.path());
}

#[test]
fn sends_at_once_from_one_wallet_are_all_made() {
    const SENDS: usize = 6;
    let (folder, ports) = (folder(), ports());
    let mut devnet = start(folder.path(), &ports);
    devnet.wait_for_output(READY, START_SECONDS_MAX);
    let page = devnet.output();
    let api = on_page(&page, "API  ");
    let to = owner(7);
    let send = format!("alice send {to}=0.000000001 &\npids=\"$pids $!\"\n").repeat(SENDS);
    run(&page, &format!("{send}for pid in $pids; do wait $pid || exit 1; done"));
    assert_eq!(paid(&api, &to), Some(SENDS as u64));

    // Of everything, the fee is taken off.
    let rest = owner(8);
    run(&page, &format!("alice send {rest} --all"));
    assert_eq!(balance(&page, "alice"), 0);
    assert!(paid(&api, &rest) > Some(0));
    let said = outcome(&page, &format!("alice send {rest} --all --json"));
    let error: Value = serde_json::from_slice(&said.stdout).expect("errors are JSON, too");
    let message = error["error"]["message"].as_str().expect("a sentence");
    assert!(!said.status.success() && message.contains("does not cover"), "{message}");
    let alone = run(&page, "alice address --l2");
    assert!(alone.trim().parse::<Owner>().is_ok(), "{alone}");
    let csv = run(&page, "alice history --csv");
    assert!(csv.starts_with("time,stage,batch,") && csv.lines().count() > SENDS + 1, "{csv}");
    interrupt(devnet, folder.path());
}
