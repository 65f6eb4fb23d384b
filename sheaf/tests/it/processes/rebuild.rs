//! A rollup whose database is lost goes on from what L1 has.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::processes::devnet::{READY, START_SECONDS_MAX, interrupt, on_page, ports, run, start};
use crate::processes::running::{eventually, folder, get};

/// How long a batch may take to become final.
const FINAL_SECONDS_MAX: u64 = 60;

/// Runs `sheaf rebuild` into a file of a folder.
fn rebuild(folder: &Path, l1: &str, contract: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sheaf"))
        .args(["rebuild", "--json", "--confirmations", "1", "--l1", l1, "--contract", contract])
        .arg("--database")
        .arg(folder.join("rebuilt.sqlite"))
        .env_remove("SHEAF_DATABASE")
        .output()
        .expect("the program starts")
}

fn refusal(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Every slot that a sequencer shows.
fn slots(api: &str) -> Vec<Value> {
    (0..).map_while(|slot| get(&format!("{api}/v1/slots/{slot}"))).collect()
}

/// A sequencer without a database begins from L1 by itself, and begins again from what it made.
fn take_over(folder: &Path, (l1, contract): (&str, &str), slots_before: &[Value]) {
    let [port, _] = ports();
    for _ in 0..2 {
        let child = Command::new(env!("CARGO_BIN_EXE_sheaf"))
            .args(["sequencer", "--takeover", "--development", "--confirmations", "1"])
            .args(["--listen", &format!("127.0.0.1:{port}"), "--l1", l1, "--contract", contract])
            .arg("--operator-key")
            .arg(folder.join("operator.key"))
            .arg("--database")
            .arg(folder.join("taken.sqlite"))
            .env_remove("SHEAF_WORKER_TOKEN")
            .stderr(Stdio::null())
            .spawn();
        let mut child = child.expect("the program starts");
        let api = format!("http://127.0.0.1:{port}");
        let shown = eventually(START_SECONDS_MAX, || {
            let found = slots(&api);
            (found.len() == slots_before.len()).then_some(found)
        });
        child.kill().expect("it is our child");
        child.wait().expect("it is our child");
        assert_eq!(shown.as_deref(), Some(slots_before));
    }
}

#[test]
fn a_rollup_whose_database_is_lost_goes_on_from_what_l1_has() {
    let (folder, ports) = (folder(), ports());
    let mut devnet = start(folder.path(), &ports);
    devnet.wait_for_output(READY, START_SECONDS_MAX);
    let page = devnet.output();
    let (api, contract) = (on_page(&page, "API  "), on_page(&page, "contract"));
    run(&page, "alice withdraw 1 --wait finalised");
    let is_final = |page: &Value| page["batches"][0]["state"] == "finalised";
    let newest = format!("{api}/v1/batches?limit=1");
    let all = eventually(FINAL_SECONDS_MAX, || get(&newest).filter(is_final));
    let batch = all.expect("batches become final")["batches"][0].clone();
    let before = slots(&api);
    for child in ["sequencer", "prover"] {
        assert!(devnet.signal(child, Signal::SIGSTOP), "{child} runs");
    }
    let l1 = format!("http://127.0.0.1:{}", ports[1]);
    let wrong = refusal(&rebuild(folder.path(), &l1, "0x5fbdb2315678afecb367f032d93f642f64180aa4"));
    assert!(wrong.contains("sheaf: "), "{wrong}");
    assert!(!folder.path().join("rebuilt.sqlite").exists(), "nothing is left behind");

    let rebuilt = rebuild(folder.path(), &l1, &contract);
    assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stderr));
    let told: Value = serde_json::from_slice(&rebuilt.stdout).expect("it prints JSON");
    assert_eq!((&told["batch"], &told["root"]), (&batch["number"], &batch["post_root"]));
    assert_eq!(told["slots"], before.len());
    let twice = refusal(&rebuild(folder.path(), &l1, &contract));
    assert!(twice.contains("rebuilt.sqlite is not empty"), "{twice}");
    take_over(folder.path(), (&l1, &contract), &before);
    for child in ["sequencer", "prover"] {
        assert!(devnet.signal(child, Signal::SIGCONT), "{child} is there");
    }
    interrupt(devnet, folder.path());

    // All of the old database is lost, and what was derived from it.
    for lost in fs::read_dir(folder.path()).expect("it is a folder") {
        let path = lost.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match name.starts_with("sheaf.sqlite") {
            true if path.is_dir() => fs::remove_dir_all(&path).expect("it is ours"),
            true => fs::remove_file(&path).expect("it is ours"),
            false => {}
        }
    }
    let place = |name: &str| folder.path().join(name);
    fs::rename(place("rebuilt.sqlite"), place("sheaf.sqlite")).expect("it was closed");
    let mut devnet = start(folder.path(), &ports);
    devnet.wait_for_output(READY, START_SECONDS_MAX);
    assert_eq!(slots(&api), before);
    run(&page, "alice withdraw 1 --wait finalised");
    let after = get(&newest).expect("it runs")["batches"][0]["number"].as_u64();
    assert!(after > batch["number"].as_u64(), "{after:?} comes after {batch}");
    interrupt(devnet, folder.path());
}
