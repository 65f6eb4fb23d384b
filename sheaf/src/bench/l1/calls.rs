//! The gas of each call of the contract, everything paid: what the transaction starts with, its
//! calldata, and its execution.
//!
//! A request is made on a place of the ring that was never used, and an account is credited for the
//! first time, so each figure is the larger one of the two that the call can cost.

use alloy::primitives::{B256, FixedBytes, U256};
use alloy::providers::Provider;
use anyhow::Result;
use serde_json::Value;
use sheaf_contracts::ISheaf;
use sheaf_contracts::token::ETHER_SCALE;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::{Digest, hash_node};
use sheaf_crypto::key::SecretKey;
use sheaf_crypto::scalar::Scalar;
use sheaf_ledger::l1_word::L1Effect;
use sheaf_ledger::limits::{BLOB_WORDS, CALLDATA_WORDS_MAX};
use sheaf_ledger::rebuild::rebuild;
use sheaf_ledger::{L1Address, Owner, Slot, SlotTree};

use super::rollup::{Rollup, account, gas_of, gas_when_mined};
use super::words::{OWNERS, Words, transfers_in};
use crate::bench::report::{Bound, Report};
use crate::devnet::{ALICE, BOB};

/// What is deposited and withdrawn, in L2 units.
const AMOUNT: u64 = 5_000_000;
/// The slot of alice that escapes.
const SLOT: u32 = 1_234;
/// The largest gas of an escape that is aimed at.
const ESCAPE_GAS_MAX: f64 = 1e6;
/// Numbers of blobs with the largest gas for each transfer that is aimed at.
const BLOBS: [(u32, f64); 2] = [(1, 170.0), (6, 55.0)];
/// Gas of a blob (EIP-4844).
const BLOB_GAS: f64 = 131_072.0;

/// Measures each call on a new rollup, which is frozen at the end.
///
/// # Errors
/// When L1 does not answer or refuses a call.
pub(super) async fn measure(rollup: &mut Rollup, report: &mut Report) -> Result<()> {
    // The first request writes the ends of the queue for the first time, once in its life.
    deposit(rollup).await?;
    report.add("gas_deposit", deposit(rollup).await? as f64, Bound::None);
    report.add("gas_exit_request", request_exit(rollup).await? as f64, Bound::None);
    report.add("gas_claim", claim(rollup).await? as f64, Bound::None);
    batches(rollup, report).await?;
    report.add("gas_escape", escape(rollup).await? as f64, Bound::AtMost(ESCAPE_GAS_MAX));
    Ok(())
}

async fn deposit(rollup: &Rollup) -> Result<u64> {
    let amount = U256::from(AMOUNT) * U256::from(ETHER_SCALE);
    let owner = FixedBytes(owner()?.to_bytes());
    let call = rollup.contract.depositEther(amount, owner).value(amount + rollup.price().await?);
    gas_of(call.from(account(ALICE)?)).await
}

async fn request_exit(rollup: &Rollup) -> Result<u64> {
    let bond = U256::from(rollup.contract.exitBond().call().await?) * U256::from(ETHER_SCALE);
    let call = rollup.contract.requestExit(SLOT, key()?).value(bond + rollup.price().await?);
    gas_of(call.from(account(ALICE)?)).await
}

/// Finalises a batch with one withdrawal to alice, which bob then has sent to her.
async fn claim(rollup: &mut Rollup) -> Result<u64> {
    let recipient = L1Address(account(ALICE)?.0.0);
    let withdrawal = L1Effect::Withdraw { token: 0, amount: AMOUNT, recipient };
    gas_when_mined(rollup.send(&withdrawal.encode(), &[], some_state(1)).await?).await?;
    gas_of(rollup.contract.claimFor(account(ALICE)?, 0).from(account(BOB)?)).await
}

/// Full batches of transfers to one payee each, in calldata and in blobs.
async fn batches(rollup: &mut Rollup, report: &mut Report) -> Result<()> {
    let mut words = Words::new();
    let full = words.transfers(CALLDATA_WORDS_MAX);
    let gas = gas_when_mined(rollup.send(&[], &full, some_state(2)).await?).await? as f64;
    let each = gas / f64::from(transfers_in(CALLDATA_WORDS_MAX));
    report.add("gas_finalise_calldata_full", gas, Bound::None);
    report.add("gas_per_transfer_calldata", each, Bound::None);
    for (blobs, most) in BLOBS {
        let full = words.transfers(blobs * BLOB_WORDS);
        let sent = rollup.send_blobs(&full, some_state(2 + blobs)).await?;
        let gas = gas_when_mined(sent).await? as f64;
        let transfers = f64::from(transfers_in(blobs * BLOB_WORDS));
        report.add(format!("gas_finalise_blobs_{blobs}"), gas, Bound::None);
        let key = format!("gas_per_transfer_blobs_{blobs}");
        report.add(key, gas / transfers, Bound::AtMost(most));
    }
    let each = BLOB_GAS / f64::from(transfers_in(BLOB_WORDS));
    report.add("blob_gas_per_transfer", each, Bound::None);
    Ok(())
}

/// Freezes the rollup with the slots of `Words` and lets one of them escape.
async fn escape(rollup: &mut Rollup) -> Result<u64> {
    let mut slots = Vec::new();
    rebuild(&mut slots, &Words::deposits(0, OWNERS))?;
    slots[SLOT as usize].owner = owner()?;
    let slot = slots[SLOT as usize];
    let tree = SlotTree::from_slots(slots);
    gas_when_mined(rollup.send(&[], &[], rollup.state_of(&tree)).await?).await?;

    let provider = rollup.contract.provider();
    let delay = rollup.contract.freezeDelay().call().await? + 1;
    let _: Value = provider.raw_request("evm_increaseTime".into(), [delay]).await?;
    let _: Value = provider.raw_request("evm_mine".into(), [(); 0]).await?;
    let root = B256::from(tree.root().to_bytes());
    gas_of(rollup.contract.freeze(root, tree.len() as u64).from(account(BOB)?)).await?;

    let siblings = tree.path(SLOT).map(|sibling| B256::from(sibling.to_bytes()));
    let Slot { token, balance, nonce, .. } = slot;
    let leaf = ISheaf::Slot { index: SLOT, token, balance, nonce };
    let call = rollup.contract.escape(leaf, key()?, account(ALICE)?, siblings);
    gas_of(call.from(account(BOB)?)).await
}

/// A State that no tree has to have.
fn some_state(number: u32) -> Digest {
    let of_slots = Digest([Fe::from(number); 4]);
    hash_node(&of_slots, &of_slots)
}

fn secret() -> Result<SecretKey> {
    Ok(SecretKey::from_scalar(Scalar::from(u64::from(SLOT)))?)
}

/// The key of the slot as the contract takes it: five elements, constant term first.
fn key() -> Result<[u64; 5]> {
    Ok(secret()?.public_key().elements().map(|element| element.canonical()))
}

fn owner() -> Result<Owner> {
    Ok(Owner::new(&secret()?.public_key(), &L1Address(account(ALICE)?.0.0)))
}
