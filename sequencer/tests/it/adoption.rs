//! What a log gives back for another database to execute again.

use sheaf_ledger::{Domain, SignedTransaction};
use sheaf_sequencer::adoption::acknowledged_after;
use sheaf_sequencer::replay::ReplayError;
use sheaf_sequencer::snapshots::Snapshots;
use sheaf_sequencer::store::Acknowledged;

use crate::rollup::{CHAIN, CONTRACT, Rollup, person, terms};

async fn after(rollup: &Rollup, domain: Domain, batch: u64) -> Result<Acknowledged, ReplayError> {
    let snapshots = Snapshots::new(&rollup.config.derived());
    acknowledged_after((rollup.handle().store(), &snapshots), domain, batch).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_gives_back_what_its_owners_signed_in_order() {
    let rollup = Rollup::start().await;
    let [alice, bob, carol, dave] = [0, 1, 2, 3].map(person);
    rollup.fund(&[(&alice, 1_000), (&bob, 500)]).await;
    // New owners are paid beside old ones, an owner twice, and one who was paid in the same block.
    let signed: Vec<SignedTransaction> = vec![
        alice.pay(terms(0, 0), &[(&carol, 10), (&bob, 20), (&carol, 1)]),
        bob.withdraw(terms(1, 0), 7),
        carol.pay(terms(2, 0), &[(&dave, 2)]),
        alice.pay(terms(0, 1), &[(&bob, 3)]),
        bob.pay(terms(1, 1), &[(&alice, 4)]),
    ];
    rollup.execute(&signed[0]).await;
    rollup.execute(&signed[1]).await;
    let first = rollup.seal().await;
    rollup.execute(&signed[2]).await;
    let second = rollup.seal().await;
    rollup.execute(&signed[3]).await;
    rollup.execute(&signed[4]).await;
    let domain = Domain::on_chain(CHAIN, CONTRACT);
    for (batch, expected) in [(0, &signed[..]), (first, &signed[2..]), (second, &signed[3..])] {
        let found = after(&rollup, domain, batch).await.expect("the log is whole");
        assert_eq!((found.transactions.as_slice(), found.requests), (expected, 2), "{batch}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_signed_for_another_rollup_is_refused() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 1_000)]).await;
    rollup.execute(&alice.pay(terms(0, 0), &[(&bob, 1)])).await;
    let refused = after(&rollup, Domain::on_chain(CHAIN + 1, CONTRACT), 0).await;
    let refused = refused.expect_err("it is another domain");
    assert!(matches!(refused, ReplayError::Unsigned { .. }), "{refused}");
}
