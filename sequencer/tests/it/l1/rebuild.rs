//! A database from L1 alone: a sequencer goes on from it as from the old one, and a node that shows
//! anything but what the contract has is found out.

mod blobs;

use alloy::primitives::{Address, U256};
use alloy::providers::{Provider, ProviderBuilder};
use alloy::sol_types::{SolCall, SolEvent};
use serde_json::{Value, json};
use sheaf_client::{ClientError, L1Data, Rebuilt};
use sheaf_contracts::Sheaf;
use sheaf_contracts::history::History;
use sheaf_ledger::transaction::{Payment, Transfer, Withdrawal};
use sheaf_ledger::{L1Address, Slot, Transaction};
use sheaf_sequencer::snapshots::{self, Snapshot, Snapshots};
use sheaf_sequencer::store::{
    Acknowledged, BatchRow, BatchState, RollupId, Store, StoreError, StoredRequest,
};
use sheaf_wire::accounts::SlotBody;
use tempfile::TempDir;

use crate::database;
use crate::l1::anvil::address;
use crate::l1::node::Fault;
use crate::l1::rollup::{CONFIRMATIONS, GWEI, Rollup, price, user};
use crate::rollup::CHAIN;

const LATER: u32 = 4_000_000_000;

fn contract(rollup: &Rollup) -> L1Address {
    L1Address(rollup.deployed.contract.0.0)
}

async fn data_of(rollup: &Rollup, contract: L1Address) -> sheaf_client::Result<L1Data> {
    let url = rollup.node.url().parse().expect("an address");
    L1Data::new(ProviderBuilder::default().connect_http(url).erased(), contract).await
}

/// What L1 shows of a rollup, through the door of its node.
async fn read(rollup: &Rollup) -> sheaf_client::Result<(History, Rebuilt)> {
    let data = data_of(rollup, contract(rollup)).await?;
    let mut rebuilt = Rebuilt::new(data.domain());
    let history = data.history(&mut rebuilt, CONFIRMATIONS, |_| {}).await?;
    Ok((history, rebuilt))
}

async fn open(directory: &TempDir, rollup: &Rollup) -> Store {
    let id = RollupId::new(CHAIN, contract(rollup));
    Store::open(&database::of(directory.path()).await, id).await.expect("it opens")
}

/// A folder with a database of what L1 shows.
async fn founded(rollup: &Rollup, history: &History, slots: &[Slot]) -> TempDir {
    let directory = TempDir::new().expect("a temporary directory");
    let store = open(&directory, rollup).await;
    store.found(history, slots, &Acknowledged::default()).await.expect("it is empty");
    store.close().await;
    directory
}

async fn pay(rollup: &Rollup, nonce: u32, amount: u64) {
    let owners = [user(2).owner, user(0).owner];
    let payments = owners.map(|owner| Payment { owner, amount }).to_vec();
    let (slot, token, fee, valid_until) = (0, 0, 0, LATER);
    let transfer = Transfer { slot, token, nonce, fee, valid_until, payments };
    let (_, answer) = rollup.send(1, Transaction::Transfer(transfer)).await;
    assert_eq!(answer["stage"], "executed", "{answer}");
}

async fn request_exit(rollup: &Rollup, account: usize, slot: u32) {
    let exit = Sheaf::requestExitCall { slot, key: user(account).key_elements() };
    let bond = rollup.contract().exitBond().call().await.expect("an answer");
    rollup.call(account, exit, price() + U256::from(bond) * U256::from(GWEI)).await;
}

async fn make_final(rollup: &Rollup) -> u64 {
    rollup.confirm().await;
    rollup.consume().await;
    let batch = rollup.close_and_prove().await;
    rollup.submit(batch).await;
    rollup.confirm().await;
    batch
}

/// Three final batches with deposits, a withdrawal, transfers and an exit.
async fn three_batches() -> Rollup {
    let rollup = Rollup::start().await;
    rollup.deposit(1, 100).await;
    rollup.deposit(2, 20).await;
    rollup.confirm().await;
    rollup.consume().await;
    rollup.withdraw(1, 0, 4).await;
    make_final(&rollup).await;
    pay(&rollup, 1, 3).await;
    pay(&rollup, 2, 5).await;
    make_final(&rollup).await;
    request_exit(&rollup, 2, 1).await;
    rollup.deposit(1, 7).await;
    assert_eq!(make_final(&rollup).await, 3);
    rollup
}

/// Every slot as the API shows it.
async fn slots(rollup: &Rollup) -> Vec<SlotBody> {
    let mut slots = Vec::new();
    loop {
        let slot = rollup.get(&format!("/v1/slots/{}", slots.len())).await;
        match serde_json::from_value(slot) {
            Ok(slot) => slots.push(slot),
            Err(_) => return slots,
        }
    }
}

async fn batches(rollup: &Rollup) -> Vec<BatchRow> {
    rollup.store().batches_before(None, u32::MAX).await.expect("readable")
}

/// The parts of a row that L1 has.
fn on_l1(rows: Vec<BatchRow>) -> Vec<BatchRow> {
    let without = |mut row: BatchRow| {
        (row.sealed.first_block, row.sealed.last_block, row.sealed_ms) = (0, 0, 0);
        (row.proven_ms, row.submitted_ms, row.finalised_ms, row.gas_used) =
            (None, None, None, None);
        row
    };
    rows.into_iter().map(without).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuilt_database_is_the_old_one_and_goes_on() {
    let rollup = three_batches().await;
    // Two requests wait, of which no batch knows.
    rollup.deposit(2, 50).await;
    request_exit(&rollup, 2, 1).await;
    rollup.confirm().await;
    let old: (Vec<BatchRow>, Vec<StoredRequest>) =
        (batches(&rollup).await, rollup.requests().await);
    let (history, rebuilt) = read(&rollup).await.expect("L1 has everything");
    // The open batch of the old sequencer is on no L1; its requests are executed anew.
    let final_slots = rebuilt.tree().slots();
    assert_eq!(rebuilt.tree().root(), old.0[0].sealed.post_root);
    let directory = founded(&rollup, &history, final_slots).await;
    let rollup = rollup.restart_on(directory).await;
    assert_eq!(on_l1(batches(&rollup).await), on_l1(old.0));
    assert_eq!(rollup.requests().await, old.1);
    // L1 has no blocks, and the words that it has are not kept twice.
    for (path, code) in [
        ("/v1/batches/1/transactions", "before_log"),
        ("/v1/batches/1/words", "words_gone"),
        ("/v1/blocks/1", "block_not_found"),
    ] {
        assert_eq!(rollup.get(path).await["error"]["code"], code, "{path}");
    }
    assert_eq!(rollup.get("/v1/batches/1/jobs").await, json!({ "batch": 1, "jobs": [] }));

    rollup.confirm().await;
    rollup.consume().await;
    let answer = rollup.send(1, withdrawal(2, 1)).await.1;
    assert_eq!(answer["error"]["code"], "nonce_used", "it was executed before: {answer}");
    let shown = slots(&rollup).await;
    let expected = [(0, 87), (1, 0), (2, 8)];
    let found: Vec<(u32, u64)> = shown.iter().map(|slot| (slot.slot, slot.balance)).collect();
    assert_eq!(found, expected, "100 - 4 - 16 + 7; 20 + 8, twice an exit; 3 + 5");
    pay(&rollup, 3, 2).await;
    let batch = rollup.close_and_prove().await;
    rollup.submit(batch).await;
    rollup.confirm().await;
    assert_eq!((batch, rollup.batch(batch).await.state), (4, BatchState::Finalised));
    let before = (slots(&rollup).await, rollup.get("/v1/slots/0/path").await);
    assert_eq!(before.1["batch"], 4);

    // Nothing that is derived is needed.
    std::fs::remove_dir_all(rollup.derived()).expect("it is there");
    let rollup = rollup.kill_and_restart().await;
    assert_eq!((slots(&rollup).await, rollup.get("/v1/slots/0/path").await), before);
    let rollup = rollup.try_restart().await.expect("it agrees with L1");
    assert_eq!(slots(&rollup).await, before.0);
    let again = read(&rollup).await.expect("L1 has everything").1;
    let row = rollup.batch(4).await.sealed;
    assert_eq!((again.tree().root(), again.batches()), (row.post_root, 4));
}

fn withdrawal(nonce: u32, amount: u64) -> Transaction {
    let recipient = L1Address(address(1).0.0);
    let (slot, token, fee, valid_until) = (0, 0, 0, LATER);
    Transaction::Withdrawal(Withdrawal { slot, token, nonce, fee, valid_until, amount, recipient })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollup_without_batches_is_rebuilt_with_what_waits() {
    let rollup = Rollup::start().await;
    rollup.deposit(1, 10).await;
    rollup.confirm().await;
    let (history, rebuilt) = read(&rollup).await.expect("L1 has everything");
    assert_eq!((history.batches.len(), history.requests.len(), rebuilt.batches()), (0, 1, 0));
    let directory = founded(&rollup, &history, &[]).await;
    let rollup = rollup.restart_on(directory).await;
    assert_eq!(make_final(&rollup).await, 1);
    assert_eq!(slots(&rollup).await[0].balance, 10);
}

/// The state after a batch, as a snapshot in a file has it.
async fn snapshot_after(rollup: &Rollup, batch: u64) -> Snapshot {
    let slots = rollup.store().base_slots().await.expect("readable");
    assert!(slots.is_empty(), "this database has its whole log");
    let row = rollup.batch(batch).await;
    let replay = sheaf_sequencer::replay::Replay::new(
        sheaf_ledger::Domain::on_chain(CHAIN, contract(rollup)),
        None,
        Vec::new(),
    );
    let replay = replay.run_to(rollup.store(), row.sealed.last_block).await.expect("it runs");
    let snapshots = Snapshots::new(&rollup.derived());
    let written = Snapshot { batch, root: row.sealed.post_root, slots: replay.slots };
    snapshots.write(&written).expect("the folder is there");
    let path = rollup.derived().join(format!("slots-{batch:020}"));
    snapshots::read(&path).expect("readable").expect("it is a snapshot")
}

/// What L1 shows after a snapshot.
async fn read_after(
    rollup: &Rollup,
    batch: u64,
    slots: Vec<Slot>,
) -> sheaf_client::Result<(History, Rebuilt)> {
    let data = data_of(rollup, contract(rollup)).await?;
    let mut rebuilt = Rebuilt::from_slots(data.domain(), batch, slots);
    let history = data.history(&mut rebuilt, CONFIRMATIONS, |_| {}).await?;
    Ok((history, rebuilt))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_of_anybody_saves_reading_the_words_before() {
    let rollup = three_batches().await;
    let whole = read(&rollup).await.expect("L1 has everything");
    for batch in [2, 3] {
        let snapshot = snapshot_after(&rollup, batch).await;
        let asked = rollup.node.asked("eth_getTransactionByHash").len();
        let (history, rebuilt) =
            read_after(&rollup, batch, snapshot.slots).await.expect("it is right");
        let words_read = rollup.node.asked("eth_getTransactionByHash").len() - asked;
        // The snapshot's own transaction tells how its words travelled.
        assert_eq!((words_read as u64, rebuilt.tree()), (1 + 3 - batch, whole.1.tree()));
        assert_eq!(history.requests, whole.0.requests);
        assert_eq!(history.batches[1..], whole.0.batches[batch as usize..]);
        let first = (history.batches[0].number, history.batches[0].post_root);
        assert_eq!(first, (batch, whole.0.batches[batch as usize - 1].post_root));
    }
    let snapshot = snapshot_after(&rollup, 2).await;
    let (history, rebuilt) = read_after(&rollup, 2, snapshot.slots).await.expect("it is right");
    let before = slots(&rollup).await;
    let directory = founded(&rollup, &history, rebuilt.tree().slots()).await;
    let rollup = rollup.restart_on(directory).await;
    assert_eq!(slots(&rollup).await, before);
    rollup.deposit(1, 1).await;
    assert_eq!(make_final(&rollup).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_slots_than_those_of_the_batch_are_refused() {
    let rollup = three_batches().await;
    let Snapshot { slots, .. } = snapshot_after(&rollup, 2).await;
    let mut richer = slots.clone();
    richer[0].balance += 1;
    let fewer = slots[..slots.len() - 1].to_vec();
    for (batch, slots) in
        [(2, richer), (2, fewer), (3, slots.clone()), (1, slots.clone()), (9, slots)]
    {
        let refused = read_after(&rollup, batch, slots).await.expect_err("they are others");
        let is_it =
            matches!(refused, ClientError::OtherSnapshot { batch: found } if found == batch);
        assert!(is_it, "{batch}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_anything_in_it_is_refused_and_a_wrong_history_leaves_nothing() {
    let rollup = three_batches().await;
    let (history, rebuilt) = read(&rollup).await.expect("L1 has everything");
    let directory = TempDir::new().expect("a temporary directory");
    let store = open(&directory, &rollup).await;
    let (slots, nothing) = (rebuilt.tree().slots(), Acknowledged::default());
    let short = store.found(&history, &slots[1..], &nothing).await.expect_err("a slot is missing");
    assert!(matches!(short, StoreError::MalformedHistory { batch: 3 }), "{short}");
    store.check_empty().await.expect("nothing was stored");
    store.found(&history, slots, &nothing).await.expect("it is empty");
    for refused in [store.check_empty().await, store.found(&history, slots, &nothing).await] {
        let refused = refused.expect_err("it has a rollup");
        assert!(matches!(refused, StoreError::NotEmpty { .. }), "{refused}");
    }
    let refused = rollup.store().check_empty().await.expect_err("it has a log");
    assert!(matches!(refused, StoreError::NotEmpty { .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_not_enough_blocks_on_top_is_waited_for() {
    let rollup = three_batches().await;
    rollup.deposit(1, 1).await;
    rollup.confirm().await;
    rollup.consume().await;
    let batch = rollup.close_and_prove().await;
    rollup.submit(batch).await;
    let refused = read(&rollup).await.expect_err("a reorganisation may take it back");
    assert!(matches!(refused, ClientError::Unconfirmed { batch: 4, .. }), "{refused}");
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    assert_eq!(read(&rollup).await.expect("it is confirmed").1.batches(), 4);
}

/// Whether a question is for events of this kind, or for every kind.
fn is_for_events(method: &str, parameters: &Value, topic: Option<String>) -> bool {
    let topics = parameters[0]["topics"].to_string();
    method == "eth_getLogs" && topic.is_none_or(|topic| topics.contains(&topic))
}

/// Whether a question calls a function of the contract.
fn calls<C: SolCall>(method: &str, parameters: &Value) -> bool {
    let selector = hex::encode(C::SELECTOR);
    let call = &parameters[0];
    let input = call["input"].as_str().or(call["data"].as_str()).unwrap_or_default();
    method == "eth_call" && input.starts_with(&format!("0x{selector}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn another_contract_is_refused() {
    let rollup = three_batches().await;
    for other in [rollup.deployed.verifier, address(1), Address::repeat_byte(7)] {
        let refused = data_of(&rollup, L1Address(other.0.0)).await;
        assert!(refused.is_err(), "{other} is taken for the contract");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_leaves_out_or_changes_anything_is_found_out() {
    let rollup = three_batches().await;
    let node = &rollup.node;
    let topic = |hash: &alloy::primitives::B256| Some(hash.to_string());

    let batches = topic(&Sheaf::BatchFinalised::SIGNATURE_HASH);
    node.obey(move |method, asked| {
        is_for_events(method, asked, batches.clone()).then_some(Fault::NoLogs)
    });
    let refused = read(&rollup).await.expect_err("batches are left out");
    assert!(matches!(refused, ClientError::Incomplete { expected: 3, found: 0 }), "{refused}");

    for (kind, expected) in
        [(Sheaf::DepositRequested::SIGNATURE_HASH, 0), (Sheaf::ExitRequested::SIGNATURE_HASH, 2)]
    {
        let kind = topic(&kind);
        node.obey(move |method, asked| {
            is_for_events(method, asked, kind.clone()).then_some(Fault::NoLogs)
        });
        let refused = read(&rollup).await.expect_err("requests are left out");
        let ClientError::MissingRequest { expected: 4, found } = refused else {
            panic!("{refused}")
        };
        assert_eq!(found, expected);
    }

    node.obey(|method, asked| {
        let other = json!(format!("0x{}", "11".repeat(32)));
        calls::<Sheaf::stateCall>(method, asked).then_some(Fault::Answer(other))
    });
    let refused = read(&rollup).await.expect_err("it is another state");
    assert!(matches!(refused, ClientError::OtherState { batch: 3, source: None }), "{refused}");
    node.recover();
    read(&rollup).await.expect("it is honest again");
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_are_cut_off_or_changed_are_found_out() {
    let rollup = three_batches().await;
    let hash = rollup.batch(2).await.l1_transaction.expect("it is final");
    let hash = alloy::primitives::B256::from(hash);
    let provider = rollup.node.anvil.provider();
    let whole = provider.get_transaction_by_hash(hash).await.expect("an answer");
    let whole = serde_json::to_value(whole.expect("it is mined")).expect("JSON");
    let input = whole["input"].as_str().expect("bytes");
    let call = hex::decode(&input[2..]).expect("hex");
    let call = Sheaf::finaliseCall::abi_decode(&call).expect("a call");
    let with = |data: Vec<u8>| {
        let call = Sheaf::finaliseCall { data: data.into(), ..call.clone() };
        format!("0x{}", hex::encode(call.abi_encode()))
    };
    let (mut changed, cut) = (call.data.to_vec(), call.data[..call.data.len() - 32].to_vec());
    changed[5] ^= 1;
    let broken_off = input[..input.len() - 64].to_owned();
    for (input, is_call) in [(with(changed), true), (with(cut), true), (broken_off, false)] {
        let mut answer = whole.clone();
        answer["input"] = json!(input);
        let asked = json!([hash]);
        rollup.node.obey(move |method, parameters| {
            let is_it = method == "eth_getTransactionByHash" && *parameters == asked;
            is_it.then(|| Fault::Answer(answer.clone()))
        });
        let refused = read(&rollup).await.expect_err("they are other words");
        let is_it = match refused {
            ClientError::OtherWords { batch: 2 } => is_call,
            ClientError::WordsElsewhere { batch: 2 } => !is_call,
            _ => false,
        };
        assert!(is_it, "{refused}");
    }
}
