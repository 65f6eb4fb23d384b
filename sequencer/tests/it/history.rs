//! An account's history: which movements it contains, page by page, and which it does not.

use crate::rollup::{Person, Rollup, Terms, person, terms};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sheaf_ledger::entry::Entry;
use sheaf_sequencer::block::Block;
use sheaf_sequencer::fees::{FeePolicy, Price};
use sheaf_sequencer::lifecycle::RequestKind;
use sheaf_sequencer::limits::ENTRIES_PER_PAGE_MAX;
use sheaf_sequencer::store::{BlockLog as _, Store};

async fn page(rollup: &Rollup, person: &Person, query: &str) -> Value {
    let path = format!("/v1/accounts/{}/transactions{query}", person.owner);
    let (status, body) = rollup.get(&path).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body
}

/// The named fields of every transaction on a page.
fn fields<const N: usize>(page: &Value, names: [&str; N]) -> Vec<[Value; N]> {
    let list = page["transactions"].as_array().expect("a list");
    list.iter().map(|one| names.map(|name| one[name].clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_sees_what_moved_its_balance_from_both_sides() {
    let price = Price { per_transaction: 2, per_payment: 0 };
    let prices = FeePolicy::new([(0, price)].into());
    let rollup = Rollup::start_with(|config| config.fees = prices).await;
    let [alice, bob, carol] = [0, 1, 2].map(person);
    rollup.fund(&[(&alice, 100), (&bob, 50)]).await;
    let with_fee = |slot, nonce| Terms { fee: 2, ..terms(slot, nonce) };
    let one = rollup.execute(&alice.pay(with_fee(0, 0), &[(&bob, 10)])).await;
    let many = rollup.execute(&alice.pay(with_fee(0, 1), &[(&carol, 5), (&alice, 7)])).await;
    let out = rollup.execute(&alice.withdraw(with_fee(0, 2), 4)).await;
    let names = ["kind", "amount", "fee", "payments", "counterparty", "recipient", "id"];
    let null = Value::Null;
    let expected = [
        [json!("withdrawn"), json!("4"), json!("2"), null.clone(), null.clone()],
        [json!("received"), json!("7"), null.clone(), null.clone(), json!(alice.owner)],
        [json!("sent"), json!("12"), json!("2"), json!(2), null.clone()],
        [json!("sent"), json!("10"), json!("2"), json!(1), json!(bob.owner)],
        [json!("deposited"), json!("100"), null.clone(), null.clone(), null.clone()],
    ];
    let recipients = [json!(alice.address.to_string()), null.clone(), null.clone(), null.clone()];
    let ids = [&out["id"], &many["id"], &many["id"], &one["id"]];
    let history = page(&rollup, &alice, "").await;
    let found = fields(&history, names);
    assert_eq!(found.len(), expected.len(), "{history}");
    for (index, row) in expected.iter().enumerate() {
        assert_eq!(found[index][..5], row[..], "{history}");
        assert_eq!(&found[index][5], recipients.get(index).unwrap_or(&null));
        assert_eq!(&found[index][6], ids.get(index).copied().unwrap_or(&null));
    }
    let deposit = &history["transactions"][4]["request"];
    assert_eq!(deposit["number"], 0);
    assert_eq!(deposit["l1_transaction"], format!("0x{}", "07".repeat(32)));
    // Bob sees the same payment from his side, and nothing of the others.
    let of_bob = fields(&page(&rollup, &bob, "").await, ["kind", "amount", "counterparty", "id"]);
    let received = [json!("received"), json!("10"), json!(alice.owner), one["id"].clone()];
    assert_eq!(of_bob[0], received);
    assert_eq!(of_bob[1][..2], [json!("deposited"), json!("50")]);
    assert_eq!(of_bob.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stage_follows_the_batch_and_a_restart_changes_nothing() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    rollup.execute(&alice.pay(terms(0, 0), &[(&bob, 1)])).await;
    let stages = async |rollup: &Rollup| fields(&page(rollup, &bob, "").await, ["stage", "batch"]);
    assert_eq!(stages(&rollup).await, [[json!("executed"), json!(1)]]);
    rollup.seal().await;
    assert_eq!(stages(&rollup).await, [[json!("sealed"), json!(1)]]);
    let before = page(&rollup, &alice, "").await;
    let rollup = rollup.kill_and_restart().await;
    assert_eq!(page(&rollup, &alice, "").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 1_000), (&bob, 1_000)]).await;
    // Both payments of the first transfer go to one slot in one block.
    rollup.execute(&alice.pay(terms(0, 0), &[(&bob, 1), (&bob, 2)])).await;
    for nonce in 1..5 {
        rollup.execute(&alice.pay(terms(0, nonce), &[(&bob, nonce as u64 + 2)])).await;
    }
    let all = page(&rollup, &bob, "").await;
    assert_eq!(all["next"], Value::Null);
    let amounts: Vec<_> = fields(&all, ["amount"]).into_iter().flatten().collect();
    assert_eq!(amounts, ["6", "5", "4", "3", "2", "1", "1000"]);
    for limit in [1, 2, 3, 7] {
        let (mut found, mut query) = (Vec::new(), format!("?limit={limit}"));
        loop {
            let page = page(&rollup, &bob, &query).await;
            let list = page["transactions"].as_array().expect("a list").clone();
            assert!(!list.is_empty() && list.len() <= limit, "{page}");
            found.extend(list);
            let Some(next) = page["next"].as_str() else { break };
            query = format!("?limit={limit}&before={next}");
        }
        assert_eq!(json!(found), all["transactions"], "limit {limit}");
    }
}

/// A rollup in which Alice has a deposit of 1 in block 1 and of `number` in each block up to `last`
/// with so many entries. The blocks are written to the log while the sequencer is down, because
/// filling as many would take long.
pub(crate) async fn with_long_blocks(alice: &Person, last: u64, entries: usize) -> Rollup {
    let rollup = Rollup::start().await;
    rollup.fund(&[(alice, 1)]).await;
    let config = rollup.config.clone();
    let (directory, handle) = rollup.into_handle();
    handle.stop().await.expect("it stops");
    let store = Store::open(&config.database, config.rollup()).await.expect("it opens");
    let first = store.block(1).await.expect("readable").expect("it is there");
    let blocks: Vec<_> = (2..=last).map(|number| long_block(&first, number, entries)).collect();
    store.append(store.epoch(), 1, &blocks).await.expect("they can be written");
    store.close().await;
    Rollup::open(directory, config).await
}

/// A block in the batch of the first, of so many entries, the last of which deposits into slot 0.
fn long_block(first: &Block, number: u64, entries: usize) -> Block {
    let (transactions, changes) = (Vec::new(), Vec::new());
    let mut long = vec![Entry::Idle { slot: 0 }; entries - 1];
    long.push(Entry::Deposit { slot: 0, amount: number });
    let first_request = number - 1;
    Block { number, first_request, entries: long, transactions, changes, ..first.clone() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_ends_early_once_it_has_read_its_entries_and_the_next_goes_on() {
    const PER_PAGE: u64 = 4;
    let alice = person(0);
    let amounts = |page: &Value| fields(page, ["amount"]).into_iter().flatten().collect::<Vec<_>>();
    for (entries, on_first) in [
        (ENTRIES_PER_PAGE_MAX / PER_PAGE as usize, PER_PAGE),
        // One entry less in each, and another block fits.
        (ENTRIES_PER_PAGE_MAX / PER_PAGE as usize - 1, PER_PAGE + 1),
        // A block that is too long by itself is read all the same: every page gets on.
        (ENTRIES_PER_PAGE_MAX + 1, 1),
    ] {
        let rollup = with_long_blocks(&alice, PER_PAGE + 2, entries).await;
        let first = page(&rollup, &alice, "").await;
        let mut found = amounts(&first);
        assert_eq!(found.len() as u64, on_first, "{entries} entries a block");
        let mut next = first["next"].clone();
        while let Some(before) = next.as_str() {
            let more = page(&rollup, &alice, &format!("?before={before}")).await;
            found.extend(amounts(&more));
            next = more["next"].clone();
        }
        let all: Vec<_> =
            (1..=PER_PAGE + 2).rev().map(|amount| json!(amount.to_string())).collect();
        assert_eq!(found, all, "{entries} entries a block");
    }
    // Short blocks end no page.
    let rollup = with_long_blocks(&alice, 50, 10).await;
    let whole = page(&rollup, &alice, "").await;
    assert_eq!((amounts(&whole).len(), &whole["next"]), (50, &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exit_is_in_the_history_of_whoever_it_paid_alone() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100), (&bob, 50)]).await;
    let exit = |owner, slot| RequestKind::Exit { owner, slot };
    rollup.request(2, &[exit(bob.owner, 0), exit(bob.owner, 1)]).await;
    let kinds = async |person| {
        let page = page(&rollup, person, "").await;
        fields(&page, ["kind", "amount"])
    };
    assert_eq!(kinds(&alice).await, [[json!("deposited"), json!("100")]]);
    let expected = [[json!("exited"), Value::Null], [json!("deposited"), json!("50")]];
    assert_eq!(kinds(&bob).await, expected);
    // The log does not have the amount, and sealing finds it.
    rollup.seal().await;
    let expected = [[json!("exited"), json!("50")], [json!("deposited"), json!("50")]];
    assert_eq!(kinds(&bob).await, expected);
    assert_eq!(kinds(&alice).await, [[json!("deposited"), json!("100")]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_questions_are_refused_and_an_unknown_owner_has_no_history() {
    let rollup = Rollup::start().await;
    rollup.fund(&[(&person(0), 5)]).await;
    let owner = person(0).owner;
    let cases = [
        ("limit=0", "page_length"),
        ("limit=101", "page_length"),
        ("limit=-1", "malformed_query"),
        ("before=", "malformed_query"),
        ("before=7", "malformed_cursor"),
        ("before=01-0", "malformed_cursor"),
        ("before=+1-0", "malformed_cursor"),
        ("before=9223372036854775808-0", "malformed_cursor"),
        ("before=1-4294967296", "malformed_cursor"),
        ("after=1-0", "malformed_query"),
    ];
    for (query, code) in cases {
        let path = format!("/v1/accounts/{owner}/transactions?{query}");
        let (status, body) = rollup.get(&path).await;
        assert_eq!((status.as_u16(), &body["error"]["code"]), (400, &json!(code)), "{query}");
    }
    let misspelt = owner.to_string().replace("sheaf1", "sheaf1q");
    let (status, body) = rollup.get(&format!("/v1/accounts/{misspelt}/transactions")).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (400, &json!("malformed_owner")));
    let nobody = page(&rollup, &person(9), "").await;
    assert_eq!(nobody, json!({ "owner": person(9).owner, "transactions": [] }));
    // The same questions rightly put are answered.
    let right = page(&rollup, &person(0), "?limit=100&before=9223372036854775807-0").await;
    assert_eq!(right["transactions"].as_array().map(Vec::len), Some(1));
}
