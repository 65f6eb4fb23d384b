//! Paths of slots: each opens to the state that the contract has verified, also while later batches
//! are sealed and not final, and the contract's `escape` takes it.

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::process::Command;

use alloy::primitives::{Address, FixedBytes, U256};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sheaf_client::Api;
use sheaf_contracts::{ISheaf, Sheaf};
use sheaf_crypto::hash::hash_node;
use sheaf_ledger::machine::state_digest;
use sheaf_ledger::{Domain, L1Address, Slot};
use sheaf_wire::accounts::PathBody;

use crate::l1::anvil::address;
use crate::l1::rollup::{Rollup, price, terms, user};
use crate::rollup::CHAIN;

async fn path(rollup: &Rollup, slot: u32) -> PathBody {
    let api = Api::new(&rollup.url("")).expect("an address");
    api.slot_path(slot).await.expect("it has a path")
}

fn domain(rollup: &Rollup) -> Domain {
    Domain::on_chain(CHAIN, L1Address(rollup.deployed.contract.0.0))
}

/// The State digest to which a path leads.
fn state_of(rollup: &Rollup, path: &PathBody) -> [u8; 32] {
    let PathBody { slot: index, owner, token, balance, nonce, .. } = *path;
    let leaf = Slot { owner, token, balance, nonce }.leaf();
    let root = path.siblings.iter().enumerate().fold(leaf, |node, (height, sibling)| {
        let is_right = (index >> height) & 1 == 1;
        if is_right { hash_node(sibling, &node) } else { hash_node(&node, sibling) }
    });
    state_digest(&root, path.next_slot, &domain(rollup)).to_bytes()
}

async fn on_l1(rollup: &Rollup) -> [u8; 32] {
    rollup.contract().state().call().await.expect("an answer").0
}

async fn is_unopened(rollup: &Rollup, slot: u32) -> bool {
    let answer = rollup.get(&format!("/v1/slots/{slot}/path")).await;
    answer["error"]["code"] == "slot_not_found"
}

/// A rollup whose first batch is final, with the slots of both users.
async fn two_slots() -> Rollup {
    let rollup = Rollup::start().await;
    assert!(is_unopened(&rollup, 0).await, "no batch is final");
    rollup.deposit(1, 10).await;
    rollup.deposit(2, 20).await;
    rollup.confirm().await;
    rollup.consume().await;
    rollup.withdraw(1, 0, 4).await;
    let batch = rollup.close_and_prove().await;
    assert!(is_unopened(&rollup, 0).await, "its batch is not final");
    rollup.submit(batch).await;
    rollup.confirm().await;
    rollup
}

#[tokio::test(flavor = "multi_thread")]
async fn the_path_of_each_slot_opens_to_the_state_on_l1_while_later_batches_are_not_final() {
    let rollup = two_slots().await;
    let first = [path(&rollup, 0).await, path(&rollup, 1).await];
    for (path, balance) in first.iter().zip([6, 20]) {
        assert_eq!(state_of(&rollup, path), on_l1(&rollup).await);
        assert_eq!((path.batch, path.next_slot, path.balance), (1, 2, balance));
    }
    // A later batch changes a slot and opens another; it is sealed, and L1 does not have it.
    let third = FixedBytes(user(0).owner.to_bytes());
    let amount = U256::from(1_000_000_000_u64);
    let deposit = Sheaf::depositEtherCall { amount, owner: third };
    rollup.call(0, deposit, amount + price()).await;
    rollup.deposit(2, 7).await;
    rollup.confirm().await;
    rollup.consume().await;
    let batch = rollup.close_and_prove().await;
    assert_eq!([path(&rollup, 0).await, path(&rollup, 1).await], first);
    assert!(is_unopened(&rollup, 2).await);
    let rollup = rollup.kill_and_restart().await;
    assert_eq!(path(&rollup, 1).await, first[1], "the same after a start");
    rollup.submit(batch).await;
    rollup.confirm().await;
    for slot in 0..3 {
        let path = path(&rollup, slot).await;
        assert_eq!(state_of(&rollup, &path), on_l1(&rollup).await);
        assert_eq!((path.batch, path.next_slot), (2, 3));
    }
    assert_eq!(path(&rollup, 1).await.balance, 27);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_opens_nothing_else() {
    let rollup = two_slots().await;
    let [zero, one] = [path(&rollup, 0).await, path(&rollup, 1).await];
    let state = on_l1(&rollup).await;
    let wrong = [
        PathBody { balance: zero.balance + 1, ..zero.clone() },
        PathBody { nonce: zero.nonce + 1, ..zero.clone() },
        PathBody { slot: 1, ..zero.clone() },
        PathBody { siblings: one.siblings.clone(), ..zero.clone() },
        PathBody { next_slot: 3, ..zero.clone() },
        PathBody { owner: one.owner, ..zero.clone() },
    ];
    for path in wrong {
        assert_ne!(state_of(&rollup, &path), state, "{path:?}");
    }
    for asked in ["/v1/slots/x/path", "/v1/slots/4294967296/path"] {
        assert!(rollup.get(asked).await["error"]["code"].is_string(), "{asked}");
    }
}

/// A file that whoever reads it waits for, until the value is dropped.
fn unfinished(path: &Path) -> File {
    let made = Command::new("mkfifo").arg(path).status().expect("the program starts");
    assert!(made.success());
    // A reader of a pipe waits as long as somebody may write to it.
    OpenOptions::new().read(true).write(true).open(path).expect("the pipe is there")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_while_the_slots_are_being_read_is_told_to_come_back() {
    let rollup = two_slots().await.kill_and_restart().await;
    // A snapshot on a disk that is very slow.
    let snapshot = unfinished(&rollup.derived().join(format!("slots-{:020}", 1)));
    let ask = async || {
        let answer = reqwest::get(rollup.url("/v1/slots/0/path")).await.expect("an answer");
        let (status, later) = (answer.status(), answer.headers().get("retry-after").cloned());
        (status, later, answer.json::<Value>().await.expect("JSON"))
    };
    // The first has the tree made; the second waits for its turn.
    for (status, later, body) in <[_; 2]>::from(tokio::join!(ask(), ask())) {
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(body["error"]["code"], "paths_not_ready", "{body}");
        let seconds = later.expect("it says when").to_str().ok().and_then(|text| text.parse().ok());
        assert!(seconds.is_some_and(|seconds: u64| seconds > 0));
    }
    // The work went on without them. What was read is no snapshot, so the log is run again.
    drop(snapshot);
    let (status, later, body) = ask().await;
    assert_eq!((status, later), (StatusCode::OK, None), "{body}");
    let path = path(&rollup, 0).await;
    assert_eq!((path.batch, state_of(&rollup, &path)), (1, on_l1(&rollup).await));
}

fn escape_of(account: usize, path: &PathBody) -> Sheaf::escapeCall {
    let siblings: Vec<FixedBytes<32>> =
        path.siblings.iter().map(|sibling| FixedBytes(sibling.to_bytes())).collect();
    let PathBody { slot: index, token, balance, nonce, .. } = *path;
    Sheaf::escapeCall {
        slot: ISheaf::Slot { index, token, balance, nonce },
        key: user(account).key_elements(),
        account: address(account),
        siblings: siblings.try_into().expect("there are 32"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_takes_the_path_of_a_slot_that_escapes() {
    let rollup = two_slots().await;
    let exit = Sheaf::requestExitCall { slot: 1, key: user(2).key_elements() };
    let bond = rollup.contract().exitBond().call().await.expect("an answer");
    let bond = U256::from(bond) * U256::from(1_000_000_000_u64);
    rollup.call(2, exit, price() + bond).await;
    let _: Value =
        rollup.node.anvil.rpc("evm_increaseTime", json!([terms().freeze_delay + 1])).await;
    rollup.node.anvil.mine(1).await;
    let [zero, one] = [path(&rollup, 0).await, path(&rollup, 1).await];
    let root = FixedBytes(one.root.to_bytes());
    rollup.call(1, Sheaf::freezeCall { root, nextSlot: one.next_slot }, U256::ZERO).await;
    // The key of one slot with the path of another.
    let mixed = Sheaf::escapeCall { siblings: escape_of(1, &zero).siblings, ..escape_of(2, &one) };
    let escape = async |call: Sheaf::escapeCall| {
        let Sheaf::escapeCall { slot, key, account, siblings } = call;
        let from: Address = address(0);
        rollup.contract().escape(slot, key, account, siblings).from(from).call().await
    };
    assert!(escape(mixed).await.is_err(), "the contract takes another slot's path");
    for (account, path, earlier) in [(1, &zero, 4), (2, &one, 0)] {
        rollup.call(0, escape_of(account, path), U256::ZERO).await;
        let pending = rollup.contract().pending(address(account), 0).call().await;
        assert_eq!(pending.expect("an answer").amount, path.balance + earlier);
    }
}
