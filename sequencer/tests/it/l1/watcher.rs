//! The watcher against a chain that grows, reorganises or falls behind.

use alloy::primitives::{Address, B256, Bytes, FixedBytes, U256};
use serde_json::{Value, json};
use sheaf_contracts::Sheaf;
use sheaf_ledger::l1_address::L1Address;
use sheaf_sequencer::l1::{Advance, L1Error};
use sheaf_sequencer::lifecycle::{L1Request, RequestKind};
use sheaf_sequencer::limits::L1_BLOCKS_PER_QUERY_MAX;
use sheaf_sequencer::store::{L1Cursor, StoredRequest};

use crate::l1::anvil::address;
use crate::l1::erc20;
use crate::l1::node::Fault;
use crate::l1::rollup::{CONFIRMATIONS, GWEI, PATIENCE, Rollup, price, terms, user};

/// Where tests put their ERC-20.
const TOKEN: Address = Address::repeat_byte(0x20);
/// L1 units of it in one L2 unit.
const SCALE: u64 = 1_000;

fn deposit(account: usize, token: u16, amount: u64) -> RequestKind {
    RequestKind::Deposit { owner: user(account).owner, token, amount }
}

async fn kinds(rollup: &Rollup) -> Vec<RequestKind> {
    rollup.requests().await.into_iter().map(|stored| stored.request.kind).collect()
}

async fn cursor(rollup: &Rollup) -> L1Cursor {
    rollup.store().l1_cursor().await.expect("readable").expect("something was read")
}

#[tokio::test(flavor = "multi_thread")]
async fn deposits_and_exits_of_all_tokens_are_read_in_order_once_they_are_confirmed() {
    let rollup = Rollup::start().await;
    let anvil = &rollup.node.anvil;
    erc20::install(anvil, TOKEN).await;
    let listing = Sheaf::listTokenCall {
        erc20: TOKEN,
        scale: u128::from(SCALE),
        cap: 1 << 40,
        outflowLimit: 0,
    };
    rollup.call(0, listing, U256::ZERO).await;
    let first = rollup.deposit(1, 7).await;
    let sent = Sheaf::depositTokenCall {
        number: 1,
        amount: U256::from(9 * SCALE),
        owner: FixedBytes(user(2).owner.to_bytes()),
    };
    let second = rollup.call(2, sent, price()).await;
    let exit = Sheaf::requestExitCall { slot: 3, key: user(1).key_elements() };
    let third =
        rollup.call(1, exit, price() + U256::from(terms().exit_bond) * U256::from(GWEI)).await;
    let head = anvil.head().await;
    let expected = [
        (deposit(1, 0, 7), 1, first),
        (deposit(2, 1, 9), 2, second),
        (RequestKind::Exit { owner: user(1).owner, slot: 3 }, 1, third),
    ];
    type Sent = (RequestKind, usize, B256);
    let stored = |(index, (kind, from, transaction)): (usize, &Sent)| StoredRequest {
        request: L1Request { number: index as u64, kind: *kind },
        sender: Some(L1Address(address(*from).0.0)),
        l1_block: head - 2 + index as u64,
        l1_transaction: transaction.0,
    };
    let expected: Vec<_> = expected.iter().enumerate().map(stored).collect();
    // The last two have too few blocks on top, then one of them.
    rollup.watch().await;
    assert_eq!(rollup.requests().await, expected[..1]);
    anvil.mine(1).await;
    rollup.watch().await;
    assert_eq!(rollup.requests().await, expected[..2]);
    anvil.mine(1).await;
    rollup.watch().await;
    assert_eq!(rollup.requests().await, expected);
    let last = L1Cursor { block: head, hash: anvil.hash(head).await };
    assert_eq!(cursor(&rollup).await, last);
    // Nothing new is nothing read.
    assert_eq!(rollup.watch_once().await.expect("L1 is well"), Advance::Idle);
    assert_eq!((rollup.requests().await, cursor(&rollup).await), (expected, last));
    assert_eq!(erc20::balance(anvil, TOKEN, rollup.deployed.contract).await, U256::from(9 * SCALE));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_contract_refuses_is_never_read() {
    let rollup = Rollup::start().await;
    let owner = FixedBytes(user(1).owner.to_bytes());
    let contract = rollup.contract();
    // Less than one L2 unit, and an owner that is none.
    let dust = U256::from(GWEI - 1);
    let dust = contract.depositEther(dust, owner).value(dust + price()).call().await;
    assert!(dust.is_err());
    let (unit, nobody) = (U256::from(GWEI), FixedBytes([0xff; 24]));
    let nobody = contract.depositEther(unit, nobody).value(unit + price()).call().await;
    assert!(nobody.is_err());
    let unpaid = contract.depositEther(unit, owner).value(unit).call().await;
    assert!(unpaid.is_err());
    // Another contract may say what it likes: this one logs a topic that Sheaf does not know.
    let talkative = Bytes::from_static(&[0x60, 0x09, 0x5f, 0x5f, 0xa1]);
    let () = rollup.node.anvil.rpc("anvil_setCode", (TOKEN, talkative)).await;
    let said = rollup.call_at(TOKEN, 1, (Vec::new(), U256::ZERO)).await;
    assert_eq!(rollup.mined(said).await.logs().len(), 1);
    rollup.confirm().await;
    assert!(kinds(&rollup).await.is_empty());
    rollup.deposit(1, 1).await;
    rollup.confirm().await;
    assert_eq!(kinds(&rollup).await, [deposit(1, 0, 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_way_is_read_in_bounded_ranges_and_a_restart_goes_on_where_it_was() {
    let mut rollup = Rollup::start().await;
    let first = rollup.deployed.first_block;
    rollup.deposit(1, 1).await;
    rollup.node.anvil.mine(L1_BLOCKS_PER_QUERY_MAX).await;
    rollup.deposit(1, 2).await;
    rollup.node.anvil.mine(L1_BLOCKS_PER_QUERY_MAX).await;
    rollup.deposit(1, 3).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    let head = rollup.node.anvil.head().await;
    let ends = [
        first + L1_BLOCKS_PER_QUERY_MAX - 1,
        first + 2 * L1_BLOCKS_PER_QUERY_MAX - 1,
        head - CONFIRMATIONS,
    ];
    for (index, end) in ends.into_iter().enumerate() {
        assert_eq!(rollup.watch_once().await.expect("L1 is well"), Advance::Done);
        assert_eq!(cursor(&rollup).await.block, end);
        assert_eq!(rollup.requests().await.len(), index + 1);
        rollup = rollup.kill_and_restart().await;
    }
    assert_eq!(rollup.watch_once().await.expect("L1 is well"), Advance::Idle);
    let amounts = [1, 2, 3].map(|amount| deposit(1, 0, amount));
    assert_eq!(kinds(&rollup).await, amounts);
    let from = |range: &Value| (range[0]["fromBlock"].clone(), range[0]["toBlock"].clone());
    let asked: Vec<_> = rollup.node.asked("eth_getLogs").iter().map(from).collect();
    let hex = |block: u64| Value::from(format!("{block:#x}"));
    let begins = [first, ends[0] + 1, ends[1] + 1];
    let ranges: Vec<_> =
        begins.into_iter().zip(ends).map(|(from, to)| (hex(from), hex(to))).collect();
    assert_eq!(asked, ranges);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_answers_for_few_blocks_is_asked_for_fewer() {
    const SPAN_MAX: u64 = 40;
    let rollup = Rollup::start().await;
    rollup.deposit(1, 1).await;
    rollup.node.anvil.mine(100).await;
    rollup.deposit(1, 2).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    rollup.node.obey(|method, parameters| {
        let block = |name: &str| {
            let text = parameters[0][name].as_str()?.strip_prefix("0x")?;
            u64::from_str_radix(text, 16).ok()
        };
        let too_many =
            method == "eth_getLogs" && block("toBlock")? - block("fromBlock")? >= SPAN_MAX;
        too_many.then_some(Fault::Refusal("query spans too many blocks"))
    });
    rollup.watch().await;
    assert_eq!(kinds(&rollup).await, [deposit(1, 0, 1), deposit(1, 0, 2)]);
    // One that answers for none is not asked for ever.
    rollup.deposit(1, 3).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    let refuses = |method: &str, _: &Value| {
        (method == "eth_getLogs").then_some(Fault::Refusal("no logs here"))
    };
    rollup.node.obey(refuses);
    let refused = rollup.watch_once().await.expect_err("it answers nothing");
    assert!(matches!(refused, L1Error::Refused { .. }), "{refused}");
    rollup.node.recover();
    rollup.watch().await;
    assert_eq!(rollup.requests().await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reorg_before_the_confirmations_is_read_again_as_it_became() {
    let rollup = Rollup::start().await;
    rollup.watch().await;
    rollup.deposit(1, 1).await;
    rollup.watch().await;
    rollup.node.anvil.reorg(1).await;
    rollup.deposit(2, 2).await;
    rollup.confirm().await;
    // The first deposit went with its block: number 0 is the second.
    assert_eq!(kinds(&rollup).await, [deposit(2, 0, 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reorg_while_events_are_read_stores_nothing() {
    let rollup = Rollup::start().await;
    rollup.confirm().await;
    let before = cursor(&rollup).await;
    rollup.deposit(1, 1).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    // The chain changes after the question for the newest block and before that for its events.
    rollup.node.obey(move |method, _| {
        (method == "eth_getLogs").then(|| Fault::After("anvil_reorg", json!([3, []])))
    });
    assert_eq!(rollup.watch_once().await.expect("L1 is well"), Advance::Idle);
    assert_eq!((rollup.requests().await, cursor(&rollup).await), (Vec::new(), before));
    rollup.node.recover();
    rollup.deposit(2, 2).await;
    rollup.confirm().await;
    assert_eq!(kinds(&rollup).await, [deposit(2, 0, 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reorg_below_the_confirmations_ends_the_process() {
    let rollup = Rollup::start().await;
    rollup.deposit(1, 1).await;
    rollup.confirm().await;
    let (requests, read) = (rollup.requests().await, cursor(&rollup).await);
    // As deep as the confirmations is no harm.
    rollup.node.anvil.reorg(CONFIRMATIONS).await;
    rollup.watch().await;
    assert_eq!((rollup.requests().await, cursor(&rollup).await), (requests.clone(), read));
    let rollup = rollup.run_stages(PATIENCE).await;
    rollup.node.anvil.reorg(CONFIRMATIONS + 1).await;
    let refused = rollup.watch_once().await.expect_err("it was believed");
    let L1Error::DeepReorg { block, read: hash } = refused else { panic!("{refused}") };
    assert_eq!(L1Cursor { block, hash: hash.0 }, read);
    assert_eq!((rollup.requests().await, cursor(&rollup).await), (requests, read));
    let (_node, code) = rollup.end().await;
    assert_eq!(code, "l1_deep_reorg");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_fell_behind_is_waited_for() {
    let rollup = Rollup::start().await;
    rollup.deposit(1, 1).await;
    rollup.confirm().await;
    let read = cursor(&rollup).await;
    // A node that restored itself from an old copy has none of the newest blocks.
    let missing = format!("{:#x}", read.block);
    rollup.node.obey(move |method, parameters| {
        let is_missing = method == "eth_getBlockByNumber" && parameters[0] == missing.as_str();
        is_missing.then_some(Fault::Null)
    });
    let refused = rollup.watch_once().await.expect_err("a block is missing");
    assert!(matches!(refused, L1Error::Behind { block } if block == read.block), "{refused}");
    rollup.node.recover();
    rollup.deposit(1, 2).await;
    rollup.confirm().await;
    assert_eq!(kinds(&rollup).await, [deposit(1, 0, 1), deposit(1, 0, 2)]);
}
