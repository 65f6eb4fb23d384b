//! What a batch costs on L1 is at most what is reckoned before it is sealed.

use alloy::primitives::{Address, B256};
use serde_json::Value;
use sheaf_contracts::chain_limits::{BatchSize, ChainLimits};
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::transaction::{SignedTransaction, Transaction, Withdrawal};
use sheaf_sequencer::limits::{CLOSING_DATA_WORDS, SUBMISSION_GAS_PERCENT};

use crate::l1::anvil::address;
use crate::l1::rollup::{Rollup, user};
use crate::rollup::CHAIN;

/// What a real verifier costs, of which a development verifier costs next to nothing.
const VERIFY_GAS: u64 = 230_468;

/// As many withdrawals as a batch has room for, each to an account that was never paid before.
#[tokio::test(flavor = "multi_thread")]
async fn the_largest_batch_of_withdrawals_costs_no_more_than_is_reckoned() {
    let chain = ChainLimits::OSAKA;
    let fits = |pairs: &u64| {
        let data_words = pairs + CLOSING_DATA_WORDS as u64;
        let size = BatchSize::of(DataMode::Calldata, data_words, 2 * pairs);
        chain.fit(size, SUBMISSION_GAS_PERCENT)
    };
    let most = (1..=512).take_while(fits).last().expect("one fits");
    let rollup = Rollup::start().await;
    rollup.deposit(1, 1_000).await;
    rollup.confirm().await;
    rollup.consume().await;
    let first = rollup.close_and_prove().await;
    rollup.submit(first).await;
    let account = |number: u64| Address::left_padding_from(&(number + (1 << 40)).to_be_bytes());
    let recipients: Vec<Address> = (1..=most).map(account).collect();
    withdraw_to(&rollup, &recipients).await;
    let batch = rollup.close_and_prove().await;
    rollup.submit(batch).await;

    let row = rollup.batch(batch).await.sealed;
    assert_eq!(row.l1_words, 2 * most, "they are in one batch");
    let sent = rollup.submissions(batch).await.pop().expect("it was sent");
    let receipt = rollup.mined(B256::from(sent.hash)).await;
    assert!(receipt.status());
    let size = BatchSize::of(row.data_mode, row.data_words, row.l1_words);
    let (used, reckoned) = (receipt.gas_used + VERIFY_GAS, chain.gas_max(size));
    assert!(used <= reckoned, "{used} used, {reckoned} reckoned");
    // New places of storage are most of the cost, so the bound is near.
    assert!(reckoned < used * 120 / 100, "{used} used, {reckoned} reckoned");
}

/// Withdraws one unit of ether from the first user's slot to each of these accounts.
async fn withdraw_to(rollup: &Rollup, recipients: &[Address]) {
    let domain = Domain::on_chain(CHAIN, L1Address(rollup.deployed.contract.0.0));
    let (user, l1_address) = (user(1), L1Address(address(1).0.0));
    let sign = |(nonce, recipient): (u32, &Address)| {
        let transaction = Transaction::Withdrawal(Withdrawal {
            slot: 0,
            token: 0,
            nonce,
            fee: 0,
            valid_until: 4_000_000_000,
            amount: 1,
            recipient: L1Address(recipient.0.0),
        });
        let signer = (&user.secret, l1_address);
        SignedTransaction::sign(transaction, &domain, signer, &mut rand::rng())
            .expect("it keeps the rules of form")
    };
    let signed: Vec<SignedTransaction> = (0..).zip(recipients).map(sign).collect();
    let client = reqwest::Client::new();
    for some in signed.chunks(32) {
        let sent = client.post(rollup.url("/v1/transactions")).json(&some).send().await;
        let answer: Value = sent.expect("an answer").json().await.expect("JSON");
        let answers = answer["results"].as_array().unwrap_or_else(|| panic!("{answer}"));
        assert!(answers.iter().all(|one| one["stage"] == "executed"), "{answer}");
    }
}
