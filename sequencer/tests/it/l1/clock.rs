//! What clients and `/healthz` are answered while the sequencer's clock is far ahead of L1's time.

use reqwest::StatusCode;
use serde_json::Value;
use sheaf_sequencer::store::now_ms;

use crate::l1::anvil::Anvil;
use crate::l1::rollup::{PATIENCE, Rollup};

/// How far L1's clock is behind at first.
const BEHIND_SECONDS: u64 = 2 * 3_600;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_while_the_clock_is_far_ahead_of_l1s() {
    let rollup = Rollup::start_on(Anvil::start_at(now_ms() / 1_000 - BEHIND_SECONDS)).await;
    // Without its L1 side, the sequencer knows no clock but its own.
    rollup.prove_batch().await;
    let rollup = rollup.run_stages(PATIENCE).await;
    let (status, refused) = rollup.send_withdrawal(1, 0, 4).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{refused}");
    assert_eq!(refused["error"]["code"], "clock_apart");
    assert_eq!(rollup.get("/healthz").await["error"]["code"], "clock_apart");
    let anvil = &rollup.node.anvil;
    let _: Value = anvil.rpc("evm_increaseTime", [BEHIND_SECONDS]).await;
    anvil.mine(1).await;
    rollup
        .wait_for("the clocks agree", async || rollup.get("/healthz").await["healthy"] == true)
        .await;
    rollup.withdraw(1, 0, 4).await;
}
