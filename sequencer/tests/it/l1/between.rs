//! What is on its way between L1 and L2: the contract's tokens, requests that no block has consumed
//! yet, and payouts that are not final or not claimed.

use alloy::primitives::{Address, B256, U256};
use serde_json::{Value, json};
use sheaf_contracts::Sheaf;
use sheaf_ledger::limits::AMOUNT_MAX;

use crate::l1::anvil::address;
use crate::l1::erc20;
use crate::l1::rollup::{CONFIRMATIONS, GWEI, PATIENCE, Rollup, price, terms, user};

const TOKEN: Address = Address::repeat_byte(0x77);

async fn pending(rollup: &Rollup) -> Vec<Value> {
    let body = rollup.get("/v1/requests/pending").await;
    body["requests"].as_array().expect("a list").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deposit_is_shown_from_its_first_block_on_until_it_is_credited() {
    let rollup = Rollup::start().await.run_stages(PATIENCE).await;
    assert_eq!(pending(&rollup).await, [] as [Value; 0]);
    let hash = rollup.deposit(1, 10).await;
    rollup.wait_for("it is seen", async || !pending(&rollup).await.is_empty()).await;
    let [seen] = &pending(&rollup).await[..] else { panic!("one was made") };
    assert_eq!(seen["l1_transaction"], hash.to_string());
    let facts = ["number", "kind", "token", "amount", "owner", "confirmations_needed"];
    let owner = json!(user(1).owner);
    let expected = [json!(0), json!("deposit"), json!(0), json!("10"), owner, json!(CONFIRMATIONS)];
    assert_eq!(facts.map(|name| seen[name].clone()), expected);
    assert_eq!((&seen["confirmations"], seen.get("slot")), (&json!(0), None));
    rollup.node.anvil.mine(1).await;
    rollup
        .wait_for("a block is on top", async || {
            pending(&rollup).await.first().is_some_and(|seen| seen["confirmations"] == 1)
        })
        .await;
    rollup.node.anvil.mine(CONFIRMATIONS - 1).await;
    rollup.wait_for("it is credited", async || pending(&rollup).await.is_empty()).await;
    let slot = rollup.get("/v1/slots/0").await;
    assert_eq!((&slot["balance"], &slot["final_balance"]), (&json!("10"), &json!("0")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tokens_are_those_of_the_contract_with_their_scales_and_caps() {
    let rollup = Rollup::start().await;
    erc20::install(&rollup.node.anvil, TOKEN).await;
    let (scale, cap) = (10, 1_000);
    let listing = Sheaf::listTokenCall { erc20: TOKEN, scale, cap, outflowLimit: 0 };
    rollup.call(0, listing, U256::ZERO).await;
    let rollup = rollup.run_stages(PATIENCE).await;
    let mut tokens = Value::Null;
    rollup
        .wait_for("the list is read", async || {
            tokens = rollup.get("/v1/tokens").await["tokens"].clone();
            tokens.is_array()
        })
        .await;
    let zero = Address::ZERO.to_string();
    let ether = json!({
        "token": 0, "address": zero, "symbol": "ETH", "decimals": 18, "scale": GWEI.to_string(),
        "cap": AMOUNT_MAX.to_string(),
    });
    assert_eq!(tokens[0], ether);
    let token = &tokens[1];
    let facts = ["token", "address", "scale", "cap"].map(|name| token[name].clone());
    let place = json!(TOKEN.to_string().to_lowercase());
    assert_eq!(facts, [json!(1), place, json!("10"), json!("1000")]);
    // Its contract has no symbol that can be read, which must not hide the token.
    assert_eq!(token["symbol"], "");
    assert_eq!(tokens.as_array().map(Vec::len), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_is_pending_until_it_is_final_and_then_claimable() {
    let rollup = Rollup::start().await.run_stages(PATIENCE).await;
    let payouts = async |account: usize| {
        rollup.get(&format!("/v1/payouts/{}", address(account))).await["payouts"].clone()
    };
    rollup.deposit(1, 10).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    rollup
        .wait_for("it is credited", async || !rollup.get("/v1/slots/0").await["balance"].is_null())
        .await;
    rollup.wait_for("tokens are read", async || payouts(1).await.is_array()).await;
    assert_eq!(payouts(1).await, json!([]));
    rollup.withdraw(1, 0, 4).await;
    let pending = json!([{ "token": 0, "claimable": "0", "pending": "4" }]);
    assert_eq!(payouts(1).await, pending, "it is executed");
    let batch = rollup.close_and_prove().await;
    assert_eq!((payouts(1).await, payouts(2).await), (pending, json!([])));
    rollup.wait_for("the batch is mined", async || rollup.verified().await == batch).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    let wei = (4 * GWEI).to_string();
    let claimable = json!([{ "token": 0, "claimable": wei, "pending": "0" }]);
    rollup.wait_for("it is final", async || payouts(1).await == claimable).await;
    rollup.call(1, Sheaf::claimCall { number: 0, recipient: address(1) }, U256::ZERO).await;
    assert_eq!(payouts(1).await, json!([]));
    let refused = rollup.get("/v1/payouts/0x12").await;
    assert_eq!(refused["error"]["code"], "malformed_address");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exit_is_pending_for_whoever_asked_for_it_once_its_batch_is_sealed() {
    let rollup = Rollup::start().await.run_stages(PATIENCE).await;
    let payouts = async |account: usize| {
        rollup.get(&format!("/v1/payouts/{}", address(account))).await["payouts"].clone()
    };
    rollup.deposit(1, 10).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    let has = async |balance: &str| rollup.get("/v1/slots/0").await["balance"] == balance;
    rollup.wait_for("it is credited", async || has("10").await).await;
    rollup.wait_for("tokens are read", async || payouts(1).await.is_array()).await;
    request_exit(&rollup, 1).await;
    // Somebody else's request for a slot that is not theirs pays nobody.
    request_exit(&rollup, 2).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    rollup.wait_for("the slot is paid out", async || has("0").await).await;
    let batch = rollup.close_and_prove().await;
    let pending = json!([{ "token": 0, "claimable": "0", "pending": "10" }]);
    assert_eq!((payouts(1).await, payouts(2).await), (pending, json!([])));
    rollup.wait_for("the batch is mined", async || rollup.verified().await == batch).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    let wei = (10 * GWEI).to_string();
    let claimable = json!([{ "token": 0, "claimable": wei, "pending": "0" }]);
    rollup.wait_for("it is final", async || payouts(1).await == claimable).await;
}

/// Asks L1 for the exit of slot 0, and returns the hash of the L1 transaction.
async fn request_exit(rollup: &Rollup, account: usize) -> B256 {
    let bond = U256::from(terms().exit_bond) * U256::from(GWEI);
    let exit = Sheaf::requestExitCall { slot: 0, key: user(account).key_elements() };
    rollup.call(account, exit, price() + bond).await
}

/// The only request of an L1 transaction, once the sequencer has seen it.
async fn requested(rollup: &Rollup, hash: B256) -> Value {
    let path = format!("/v1/l1-transactions/{hash}/requests");
    let mut found = Value::Null;
    rollup
        .wait_for("the request is seen", async || {
            found = rollup.get(&path).await["requests"].clone();
            found.as_array().is_some_and(|requests| requests.len() == 1)
        })
        .await;
    found[0].clone()
}

/// Stage, batch, amount and token of a request, where they are told.
fn told(request: &Value) -> [Value; 4] {
    ["stage", "batch", "amount", "token"].map(|name| request[name].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hash_of_an_l1_transaction_leads_to_its_requests_and_how_far_they_are() {
    let rollup = Rollup::start().await.run_stages(PATIENCE).await;
    let deposit = rollup.deposit(1, 10).await;
    let seen = requested(&rollup, deposit).await;
    assert_eq!(told(&seen), [Value::Null, Value::Null, json!("10"), json!(0)]);
    assert_eq!(pending(&rollup).await, [seen], "it is told as among those on their way");
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    let has = async |balance: &str| rollup.get("/v1/slots/0").await["balance"] == balance;
    rollup.wait_for("it is credited", async || has("10").await).await;
    let executed = json!("executed");
    let credited = told(&requested(&rollup, deposit).await);
    assert_eq!(credited, [executed.clone(), Value::Null, json!("10"), json!(0)]);
    let batch = rollup.close_and_prove().await;
    rollup.wait_for("the batch is mined", async || rollup.verified().await == batch).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    let finalised = [json!("finalised"), json!(batch), json!("10"), json!(0)];
    rollup
        .wait_for("the batch is final", async || {
            told(&requested(&rollup, deposit).await) == finalised
        })
        .await;
    // One exit takes the balance, and the other, which is not the owner's, nothing.
    let [own, foreign] = [request_exit(&rollup, 1).await, request_exit(&rollup, 2).await];
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    rollup.wait_for("the slot is paid out", async || has("0").await).await;
    let exit = requested(&rollup, own).await;
    assert_eq!(told(&exit), [executed, Value::Null, Value::Null, Value::Null]);
    assert_eq!((&exit["kind"], &exit["slot"]), (&json!("exit"), &json!(0)));
    let batch = rollup.close_and_prove().await;
    for (hash, amount) in [(own, "10"), (foreign, "0")] {
        let [stage, number, paid, token] = told(&requested(&rollup, hash).await);
        assert_eq!([number, paid, token], [json!(batch), json!(amount), json!(0)]);
        assert_ne!(stage, json!("executed"));
    }
    let path = format!("/v1/l1-transactions/{}/requests", B256::ZERO);
    assert_eq!(rollup.get(&path).await, json!({ "requests": [] }), "L1 has other transactions");
}
