//! A rollup whose database is lost goes on from what L1 has.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output};

use nix::sys::signal::Signal;
use serde_json::Value;
use sqlx::{Connection as _, PgConnection};
use tokio::runtime::Runtime;

use crate::postgres::Server;
use crate::processes::devnet::{
    READY, START_SECONDS_MAX, balance, interrupt, on_page, ports, run, start,
};
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

/// A `sheaf` that is killed when the test ends.
struct Child(std::process::Child);

impl Drop for Child {
    fn drop(&mut self) {
        // It is not there any more if it ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A rollup's L1, as the programs are told of it, and the folder of its devnet.
struct Place<'a> {
    folder: &'a Path,
    l1: &'a str,
    contract: &'a str,
}

impl Place<'_> {
    /// Starts a sequencer with `--takeover` on a database in the folder.
    fn take_over(&self, database: &str, port: &str) -> Child {
        let path = self.folder.join(database);
        self.start(database, port, |command| command.arg("--database").arg(path))
    }

    /// The same on a database that the arguments name. What the sequencer says has a name.
    fn start(
        &self,
        name: &str,
        port: &str,
        database: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Child {
        let errors = File::create(self.folder.join(format!("{name}.errors")));
        let mut command = Command::new(env!("CARGO_BIN_EXE_sheaf"));
        command
            .args(["sequencer", "--takeover", "--development", "--confirmations", "1"])
            .args(["--batch-age", "2", "--listen", &format!("127.0.0.1:{port}")])
            .args(["--l1", self.l1, "--contract", self.contract, "--operator-key"])
            .arg(self.folder.join("operator.key"))
            .env_remove("SHEAF_WORKER_TOKEN")
            .stderr(errors.expect("it can be written"));
        Child(database(&mut command).spawn().expect("the program starts"))
    }

    fn errors(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(format!("{name}.errors"))).unwrap_or_default()
    }

    /// Has another sequencer, which knows what L1 has and no more, make the next batch: alice
    /// withdraws twice as much as elsewhere. Returns what she has then. `page` is for this port.
    fn next_batch_is_made_elsewhere(&self, page: &str, port: &str, bob: u64) -> u64 {
        let other = self.take_over("other.sqlite", port);
        let url = format!("http://127.0.0.1:{port}");
        let status = format!("{url}/v1/status");
        assert!(eventually(START_SECONDS_MAX, || get(&status)).is_some(), "it starts");
        let prover = Command::new(env!("CARGO_BIN_EXE_sheaf"))
            .args(["prover", "--development", "--url", &url])
            .spawn();
        let prover = Child(prover.expect("the program starts"));
        assert_eq!(balance(page, "bob"), bob);
        run(page, "alice withdraw 2 --wait finalised");
        let alice = balance(page, "alice");
        drop((other, prover));
        alice
    }
}

/// A devnet's rollup: the number of the newest batch, once all are final.
fn newest_final(api: &str) -> Value {
    let newest = format!("{api}/v1/batches?limit=1");
    let is_final = |page: &Value| page["batches"][0]["state"] == "finalised";
    let all = eventually(FINAL_SECONDS_MAX, || get(&newest).filter(is_final));
    all.expect("batches become final")["batches"][0]["number"].clone()
}

/// A sequencer without a database begins from L1 by itself, and begins again from what it made.
fn take_over_twice(place: &Place<'_>, slots_before: &[Value]) {
    let [port, _] = ports();
    for _ in 0..2 {
        let child = place.take_over("taken.sqlite", &port);
        let api = format!("http://127.0.0.1:{port}");
        let shown = eventually(START_SECONDS_MAX, || {
            let found = slots(&api);
            (found.len() == slots_before.len()).then_some(found)
        });
        drop(child);
        assert_eq!(shown.as_deref(), Some(slots_before), "{}", place.errors("taken.sqlite"));
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
    take_over_twice(&Place { folder: folder.path(), l1: &l1, contract: &contract }, &before);
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

/// The page with bob's wallet beside alice's, and commands that ask another sequencer.
fn page_for(page: &str, port: &str) -> String {
    let line = page.lines().find(|line| line.trim().starts_with("alias alice="));
    let bob = line.expect("the page names the wallet").replace("alice", "bob");
    format!("{page}\n{bob}\nexport SHEAF_URL=http://127.0.0.1:{port}\n")
}

/// A database that adopted the batch after the batch `common`.
struct Adopted<'a> {
    folder: &'a Path,
    database: &'a str,
    common: Value,
}

impl Adopted<'_> {
    /// Checks that bob's transaction was executed again, that alice's was refused and listed, and
    /// that the old database is set aside. `log` is what the sequencer said.
    fn is_done(&self, log: impl Fn() -> String) {
        let place = |end: &str| self.folder.join(format!("{}.{end}", self.database));
        alices_is_refused(&place("refused"), log);
        let kept = place(&format!("until-{}", self.common));
        assert!(kept.exists(), "{} is set aside", kept.display());
    }
}

/// Waits for the list of what was refused, and checks that alice's transaction is all of it.
fn alices_is_refused(list: &Path, log: impl Fn() -> String) {
    let is_done = || list.exists().then_some(());
    assert!(eventually(START_SECONDS_MAX, is_done).is_some(), "{}", log());
    let refused: Value =
        serde_json::from_slice(&fs::read(list).expect("it is there")).expect("it is JSON");
    assert_eq!(refused.as_array().map(Vec::len), Some(1), "{refused}");
    assert_eq!(refused[0]["error"]["code"], "nonce_used", "alice has spent elsewhere");
}

#[test]
fn what_was_acknowledged_before_anothers_batch_is_executed_again_or_its_sender_is_told() {
    let (folder, ports_of_devnet, [port, _]) = (folder(), ports(), ports());
    let mut devnet = start(folder.path(), &ports_of_devnet);
    devnet.wait_for_output(READY, START_SECONDS_MAX);
    let page = devnet.output();
    let (api, contract) = (on_page(&page, "API  "), on_page(&page, "contract"));
    run(&page, "alice withdraw 1 --wait finalised");
    let common = newest_final(&api);
    let own = page_for(&page, &ports_of_devnet[0]);
    let [alice, bob] = ["alice", "bob"].map(|name| balance(&own, name));
    // Acknowledged, and never on L1: nobody proves.
    assert!(devnet.signal("prover", Signal::SIGSTOP), "it runs");
    run(&own, "alice withdraw 1");
    run(&own, "bob withdraw 1");
    let left = balance(&own, "bob");
    assert!(devnet.signal("sequencer", Signal::SIGSTOP), "it runs");
    for end in ["", "-wal"] {
        let place = |name: &str| folder.path().join(format!("{name}.sqlite{end}"));
        fs::copy(place("sheaf"), place("old")).expect("nobody writes to it");
    }

    // Another sequencer knows nothing of it.
    let l1 = format!("http://127.0.0.1:{}", ports_of_devnet[1]);
    let place = Place { folder: folder.path(), l1: &l1, contract: &contract };
    let elsewhere = page_for(&page, &port);
    let alice_left = place.next_batch_is_made_elsewhere(&elsewhere, &port, bob);
    assert!(alice_left < alice);

    // A copy of the first one's database meets that batch at a start.
    let adopting = place.take_over("old.sqlite", &port);
    let adopted = Adopted { folder: folder.path(), database: "old.sqlite", common };
    adopted.is_done(|| place.errors("old.sqlite"));
    assert_eq!((balance(&elsewhere, "alice"), balance(&elsewhere, "bob")), (alice_left, left));
    drop(adopting);

    // The first one meets the batch while it runs.
    assert!(devnet.signal("sequencer", Signal::SIGCONT), "it is there");
    Adopted { database: "sheaf.sqlite", ..adopted }.is_done(|| devnet.output());
    assert_eq!((balance(&own, "alice"), balance(&own, "bob")), (alice_left, left));
    assert!(devnet.signal("prover", Signal::SIGCONT), "it is there");
    run(&own, "alice withdraw 1 --wait finalised");
    interrupt(devnet, folder.path());
}

/// A database on a server begins anew within itself, while its sequencer runs.
#[test]
fn a_sequencer_on_postgresql_adopts_anothers_batch_in_its_own_database() {
    let runtime = Runtime::new().expect("the system has threads");
    let server = runtime.block_on(Server::start());
    let database = runtime.block_on(server.database());
    let (folder, ports_of_devnet, [port, other_port]) = (folder(), ports(), ports());
    let mut devnet = start(folder.path(), &ports_of_devnet);
    devnet.wait_for_output(READY, START_SECONDS_MAX);
    let page = devnet.output();
    run(&page, "alice withdraw 1 --wait finalised");
    let common = newest_final(&on_page(&page, "API  "));
    for child in ["sequencer", "prover"] {
        assert!(devnet.signal(child, Signal::SIGSTOP), "{child} runs");
    }
    let (l1, contract) =
        (format!("http://127.0.0.1:{}", ports_of_devnet[1]), on_page(&page, "contract"));
    let place = Place { folder: folder.path(), l1: &l1, contract: &contract };
    let derived = folder.path().join("derived");
    let running = place.start("postgres", &port, |command| {
        command.args(["--database", &database, "--derived"]).arg(&derived)
    });
    let status = format!("http://127.0.0.1:{port}/v1/status");
    let is_up = eventually(START_SECONDS_MAX, || get(&status)).is_some();
    assert!(is_up, "{}", place.errors("postgres"));

    // Acknowledged there, and never on L1: nobody proves.
    let own = page_for(&page, &port);
    let bob = balance(&own, "bob");
    run(&own, "alice withdraw 1");
    run(&own, "bob withdraw 1");
    let left = balance(&own, "bob");
    let elsewhere = page_for(&page, &other_port);
    let alice_left = place.next_batch_is_made_elsewhere(&elsewhere, &other_port, bob);
    alices_is_refused(&folder.path().join("derived.refused"), || place.errors("postgres"));
    assert_eq!((balance(&own, "alice"), balance(&own, "bob")), (alice_left, left));
    let kept = runtime.block_on(schemas(&database));
    let name = format!("until_{common}_epoch_");
    assert!(matches!(&kept[..], [one] if one.starts_with(&name)), "{kept:?}");

    // What was made is a database: the next start goes on with it.
    drop(running);
    let again = place.start("again", &port, |command| {
        command.args(["--database", &database, "--derived"]).arg(&derived)
    });
    let is_up = eventually(START_SECONDS_MAX, || get(&status)).is_some();
    assert!(is_up, "{}", place.errors("again"));
    assert_eq!((balance(&own, "alice"), balance(&own, "bob")), (alice_left, left));
    assert_eq!(runtime.block_on(schemas(&database)), kept, "nothing is adopted twice");
    drop(again);
    for child in ["sequencer", "prover"] {
        assert!(devnet.signal(child, Signal::SIGCONT), "{child} is there");
    }
    interrupt(devnet, folder.path());
}

/// The schemas that adoptions have made in a database.
async fn schemas(database: &str) -> Vec<String> {
    let mut connection = PgConnection::connect(database).await.expect("the server answers");
    let names = "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'until%'";
    sqlx::query_scalar(names).fetch_all(&mut connection).await.expect("it may be asked")
}
