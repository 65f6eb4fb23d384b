//! The story: two deposits, three transfers, a withdrawal, the proof on L1, and the claim.
//!
//! At the end the balances on L1 and L2 are compared with what they must be. Everything that the
//! data on L1 show is read from L1 and not from the sequencer.

use std::time::Duration;

use alloy::primitives::{B256, U256};
use alloy::providers::{Provider, ProviderBuilder};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use sheaf_client::waiting::{self, credited};
use sheaf_client::{Api, BlobSource, L1Data, Payer, Payment, Stage, Token, TransactionStatus};
use sheaf_contracts::Sheaf;
use sheaf_crypto::hash::Digest;
use sheaf_crypto::key::SecretKey;
use sheaf_crypto::scalar::Scalar;
use sheaf_ledger::{L1Address, Owner};
use sheaf_wire::batches::BatchBody;

use super::Teller;
use super::expectation::{Acknowledged, Expectation, Found};
use super::money::Money;
use crate::devnet::{ALICE, BOB, OPERATOR, Site};

/// One ether in L2 units.
const ETHER: u64 = 1_000_000_000;
/// The deposits of alice and bob, in L2 units.
const DEPOSITS: [u64; 2] = [10 * ETHER, 5 * ETHER];
/// The amount that alice pays to bob, in L2 units.
const TRANSFER: u64 = ETHER;
/// Recipients of bob's multi-transfer. Alice has paid the first half of them before.
const RECIPIENTS: usize = 10;
/// The amount that alice pays to each of the first half, and bob to each of all, in L2 units.
const SHARE: u64 = ETHER / 10;
/// The amount that alice withdraws, in L2 units.
const WITHDRAWAL: u64 = 2 * ETHER;

/// Plays the story on a running rollup and prints its steps.
///
/// # Errors
/// When a step fails, or a balance or the state is wrong; the error says which.
pub(super) async fn tell(site: &Site, teller: &mut Teller) -> Result<()> {
    let api = site.api()?;
    let (alice, bob) = (site.payer(ALICE).await?, site.payer(BOB).await?);
    let mut expected = Expectation::default();
    let on_l1 = deposit([&alice, &bob], &mut expected).await?;
    teller.stage("deposited", json!({ "accounts": DEPOSITS.len() }));

    let recipients: Vec<Owner> = (1..=RECIPIENTS as u64).map(recipient).collect::<Result<_>>()?;
    let share = |owner: &Owner| (*owner, SHARE);
    let known: Vec<_> = recipients[..RECIPIENTS / 2].iter().map(share).collect();
    let all: Vec<_> = recipients.iter().map(share).collect();
    let mut transactions = Vec::new();
    for (payer, payments) in [(&alice, vec![(bob.owner(), TRANSFER)]), (&alice, known), (&bob, all)]
    {
        transactions.push(pay(&api, payer, &payments, &mut expected).await?);
    }
    teller.stage("transferred", json!({ "recipients": RECIPIENTS, "transactions": transactions }));

    let withdrawal = withdraw(&api, &alice, &mut expected).await?;
    teller.stage("withdrawn", json!({ "transaction": withdrawal }));

    let batch = finalised(&api, &withdrawal, teller).await?;
    check_l2(&api, &expected).await?;
    check_l1(site, &expected).await?;
    let [of_alice, of_bob] = on_l1;
    claim(&alice, of_alice, teller).await?;
    check_l1(site, &expected).await?;
    let found = bob.l1_balance().await?;
    ensure!(found == of_bob, "bob has {found} wei on L1 instead of {of_bob}");
    conclude(site, &batch, teller).await
}

/// Makes the deposits, and waits until L2 has credited them. Returns the L1 balance that each payer
/// must have afterwards, in wei.
async fn deposit(payers: [&Payer; 2], expected: &mut Expectation) -> Result<[U256; 2]> {
    let mut on_l1 = [U256::ZERO; 2];
    for ((payer, amount), on_l1) in payers.into_iter().zip(DEPOSITS).zip(&mut on_l1) {
        let before = payer.l1_balance().await?;
        let deposited = payer.deposit(amount, payer.owner()).await.context("the deposit failed")?;
        let (_, cost) = deposited;
        *on_l1 = before - payer.token().on_l1(amount) - cost;
        expected.deposit(payer.owner(), amount);
    }
    for (payer, amount) in payers.into_iter().zip(DEPOSITS) {
        credited(payer, amount).await.context("the deposit is not credited on L2")?;
    }
    Ok(on_l1)
}

/// Sends one transfer and notes its effects in `expected`.
async fn pay(
    api: &Api,
    payer: &Payer,
    payments: &[(Owner, u64)],
    expected: &mut Expectation,
) -> Result<Digest> {
    let fee = api.quote(0, payments.len()).await?;
    let sent = payments.iter().map(|&(owner, amount)| Payment { owner, amount }).collect();
    let id = durable(&payer.send(sent).await?)?;
    let payer = payer.owner();
    expected.acknowledge(&Acknowledged { id, payer, payments, withdrawn: 0, fee });
    Ok(id)
}

/// Withdraws from alice's slot to her own L1 address, and notes the effects in `expected`.
async fn withdraw(api: &Api, alice: &Payer, expected: &mut Expectation) -> Result<Digest> {
    let fee = api.quote(0, 1).await?;
    let to = L1Address(alice.l1_address().0.0);
    let id = durable(&alice.withdraw(WITHDRAWAL, to).await?)?;
    let (payer, withdrawn) = (alice.owner(), WITHDRAWAL);
    expected.acknowledge(&Acknowledged { id, payer, payments: &[], withdrawn, fee });
    Ok(id)
}

/// Waits until the batch of a transaction is final, and prints each stage on the way.
async fn finalised(api: &Api, id: &Digest, teller: &mut Teller) -> Result<BatchBody> {
    let tell = |TransactionStatus { stage, batch, .. }: &TransactionStatus| {
        if *stage != Stage::Executed {
            teller.stage(stage.name(), json!({ "batch": batch }));
        }
    };
    let status = waiting::transaction(api, id, Stage::Finalised, tell);
    let batch = status.await?.batch.context("a final transaction is in a batch")?;
    Ok(api.batch(batch).await?)
}

/// Compares what the sequencer reports about every owner with what must be.
async fn check_l2(api: &Api, expected: &Expectation) -> Result<()> {
    for owner in expected.owners() {
        let account = api.account(&owner).await?;
        let slot = account.slot_of(0);
        let mut found = Found {
            balance: slot.map_or(0, |slot| slot.balance),
            next_nonce: slot.map_or(0, |slot| slot.next_nonce),
            ..Found::default()
        };
        for id in expected.acknowledged(&owner) {
            if api.transaction(&id).await?.stage == Stage::Finalised {
                found.finalised.insert(id);
            }
        }
        expected.check(&owner, &found)?;
    }
    Ok(())
}

/// Compares what L1 alone shows with what must be: the state that the published data lead to, slot
/// for slot, and the ether of the contract.
async fn check_l1(site: &Site, expected: &Expectation) -> Result<()> {
    let provider = ProviderBuilder::new().connect_http(site.settings().l1_url().parse()?).erased();
    let contract = Sheaf::new(site.deployed().contract, &provider);
    let anvil = BlobSource::Anvil(site.settings().l1_url().parse()?);
    let data = L1Data::new(provider.clone(), L1Address(contract.address().0.0)).await?;
    let data = data.with_blobs(vec![anvil]);
    let rebuilt = data.rebuild(|_| {}).await?;
    let state = contract.state().call().await?;
    ensure!(
        state == B256::from(rebuilt.state().to_bytes()),
        "the contract's state {state} is not the one that its data lead to"
    );
    let slots = rebuilt.tree().slots();
    expected.check_slots(slots, site.payer(OPERATOR).await?.owner())?;
    Money::read(&contract).await?.check(slots)
}

/// Claims the withdrawal and compares alice's L1 balance, which was `before`, with what it must be,
/// to the wei.
async fn claim(alice: &Payer, before: U256, teller: &mut Teller) -> Result<()> {
    let claimable = alice.claimable().await?;
    ensure!(claimable == WITHDRAWAL, "{claimable} is claimable instead of {WITHDRAWAL}");
    let (transaction, gas_fee) = alice.claim(alice.l1_address()).await?;
    let expected = before + alice.token().on_l1(WITHDRAWAL) - gas_fee;
    let found = alice.l1_balance().await?;
    ensure!(found == expected, "alice has {found} wei on L1 instead of {expected}");
    ensure!(alice.claimable().await? == 0, "something is claimable after the claim");
    teller.stage("claimed", json!({ "l1_tx": transaction }));
    Ok(())
}

/// Compares the contract with the batch in the sequencer's API, and prints the last step.
async fn conclude(site: &Site, batch: &BatchBody, teller: &mut Teller) -> Result<()> {
    let provider = ProviderBuilder::new().connect_http(site.settings().l1_url().parse()?);
    let contract = Sheaf::new(site.deployed().contract, &provider);
    let state = contract.state().call().await?;
    ensure!(
        state == B256::from(batch.post_state.to_bytes()),
        "the contract's state {state} is not the batch's"
    );
    let escrow = contract.token(0).call().await?.escrow;
    // The operator has not claimed the prices of the deposits.
    let operator = contract.operator().call().await?;
    let earned = contract.pending(operator, 0).call().await?.amount;
    let price = contract.priceOfRequest().call().await? * U256::from(DEPOSITS.len());
    ensure!(Token::ether().on_l1(earned) == price, "the operator has earned {earned}");
    let held = DEPOSITS.iter().sum::<u64>() - WITHDRAWAL + earned;
    ensure!(escrow == held, "the contract has {escrow} instead of {held}");
    let queue = contract.queue().call().await?;
    ensure!(queue.head == queue.tail, "requests are left in the queue");

    let hash = batch.l1_transaction.as_deref().context("a final batch has its transaction")?;
    let hash: B256 = hash.parse()?;
    let receipt = provider.get_transaction_receipt(hash).await?.context("it is on L1")?;
    let proof = batch.proven_ms.unwrap_or(batch.sealed_ms).saturating_sub(batch.sealed_ms);
    teller.stage(
        "finalised",
        json!({
            "batch": batch.number,
            "l1_tx": hash,
            "gas_used": receipt.gas_used,
            "proof_seconds": Duration::from_millis(proof).as_secs_f64(),
            "seconds": teller.seconds(),
        }),
    );
    Ok(())
}

/// An owner that only receives payments; `number` is its secret key.
fn recipient(number: u64) -> Result<Owner> {
    let secret = SecretKey::from_scalar(Scalar::from(number))?;
    Ok(Owner::new(&secret.public_key(), &L1Address([0; 20])))
}

/// The id of a transaction that the sequencer has made durable.
///
/// # Errors
/// When the sequencer holds the transaction in the mempool instead.
fn durable(status: &TransactionStatus) -> Result<Digest> {
    ensure!(status.stage != Stage::Accepted, "the transaction is held, not executed");
    status.id.context("an executed transaction has an id")
}
