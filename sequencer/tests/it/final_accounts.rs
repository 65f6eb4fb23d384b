//! Balances and nonces after the newest final batch, beside those after the newest block.

use crate::rollup::{Rollup, finalise, person, terms};
use serde_json::{Value, json};

/// Balance, final balance and final nonce of a slot.
async fn slot(rollup: &Rollup, index: u32) -> [Value; 3] {
    let mut body = Value::Null;
    rollup
        .wait_for("the final state is read", async || {
            body = rollup.get(&format!("/v1/slots/{index}")).await.1;
            body["final_balance"].is_string()
        })
        .await;
    ["balance", "final_balance", "final_nonce"].map(|name| body[name].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_final_stays_behind_what_is_executed_until_its_batch_is_final() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    let facts = |balance: &str, last: &str, nonce: u32| [json!(balance), json!(last), json!(nonce)];
    assert_eq!(slot(&rollup, 0).await, facts("100", "0", 0));
    rollup.seal().await;
    assert_eq!(slot(&rollup, 0).await, facts("100", "0", 0), "sealed is not final");
    finalise(rollup.handle().store(), 1).await;
    assert_eq!(slot(&rollup, 0).await, facts("100", "100", 0));
    rollup.execute(&alice.pay(terms(0, 0), &[(&bob, 30)])).await;
    assert_eq!(slot(&rollup, 0).await, facts("70", "100", 0));
    assert_eq!(slot(&rollup, 1).await, facts("30", "0", 0));
    rollup.seal().await;
    finalise(rollup.handle().store(), 2).await;
    rollup.execute(&alice.pay(terms(0, 1), &[(&bob, 1)])).await;
    let both = [slot(&rollup, 0).await, slot(&rollup, 1).await];
    assert_eq!(both, [facts("69", "70", 1), facts("31", "30", 0)]);
    let (_, account) = rollup.get(&format!("/v1/accounts/{}", alice.owner)).await;
    assert_eq!(account["slots"][0]["final_balance"], "70");
    // Read once more from the log, after a start.
    let rollup = rollup.restart().await;
    assert_eq!([slot(&rollup, 0).await, slot(&rollup, 1).await], both);
}
