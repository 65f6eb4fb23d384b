//! A batch goes to L1 in one transaction: the engine closes each batch before it exceeds the size
//! or the gas of a transaction.

use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::Encodable2718;
use alloy::primitives::{Address, Bytes, Signature, TxKind, U256};
use alloy::sol_types::SolCall;
use sheaf_contracts::chain_limits::{BatchSize, ChainLimits};
use sheaf_contracts::{ISheaf, Sheaf};
use sheaf_ledger::batch::SealedBatch;
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::limits::{CALLDATA_WORDS_MAX, L1_TRANSACTION_BYTES_MAX};
use sheaf_ledger::word::Word;
use sheaf_sequencer::block::CloseReason;
use sheaf_sequencer::execution::Execution;
use sheaf_sequencer::limits::{CLOSING_DATA_WORDS, SUBMISSION_GAS_PERCENT};
use sheaf_sequencer::proving::BatchLimits;

use super::{Act, PROTOCOL, World, sealed};

/// Bytes of the largest transaction, whatever its fees and nonce, that publishes so many words.
fn transaction_bytes(data_words: usize, l1_words: usize) -> usize {
    let call = Sheaf::finaliseCall {
        batch: ISheaf::Batch {
            number: u64::MAX,
            postState: [0xff; 32].into(),
            chains: [0xff; 32].into(),
            timestamp: u32::MAX,
        },
        l1Words: vec![0xff; Word::BYTES * l1_words].into(),
        data: vec![0xff; Word::BYTES * data_words].into(),
        proof: [U256::MAX; 8],
    };
    let transaction = TxEip1559 {
        chain_id: u64::MAX,
        nonce: u64::MAX,
        gas_limit: u64::MAX,
        max_fee_per_gas: u128::MAX,
        max_priority_fee_per_gas: u128::MAX,
        to: TxKind::Call(Address::repeat_byte(0xff)),
        value: U256::ZERO,
        access_list: Default::default(),
        input: Bytes::from(call.abi_encode()),
    };
    let signature = Signature::new(U256::MAX, U256::MAX, true);
    TxEnvelope::from(transaction.into_signed(signature)).encoded_2718().len()
}

/// A world in which the first two people are rich.
fn two_rich_people() -> World {
    let mut world = World::new();
    make_rich(&mut world);
    world
}

/// Gives the first two people a million each, in a batch of its own.
fn make_rich(world: &mut World) {
    for to in [0, 1] {
        world.act(&Act::Deposit { to, token: 0, amount: 1_000_000 });
    }
    world.act(&Act::Close);
}

fn batches(world: &mut World) -> Vec<SealedBatch> {
    world.act(&Act::Close);
    let (_, batches) = sealed(&world.blocks, world.domain);
    batches
}

#[test]
fn a_transaction_bears_the_largest_batch_and_not_a_word_more() {
    let (l1, all) = (768, CALLDATA_WORDS_MAX as usize);
    let bytes = L1_TRANSACTION_BYTES_MAX as usize;
    assert!(transaction_bytes(all, 0) <= bytes && transaction_bytes(all - l1, l1) <= bytes);
    assert!(transaction_bytes(all + 1, 0) > bytes && transaction_bytes(all + 1 - l1, l1) > bytes);
}

#[test]
fn a_batch_of_transfers_closes_before_it_outgrows_a_transaction() {
    const TRANSFERS: usize = 2_200;
    let mut world = two_rich_people();
    for transfer in 0..TRANSFERS {
        let (from, to) = (transfer % 2, vec![1 - transfer % 2]);
        world.act(&Act::Pay { from, token: 0, to, amount: 1, fee: 1, lasts: true, ahead: 0 });
    }
    let batches = batches(&mut world);
    let closes: Vec<_> = world.blocks.iter().filter_map(|block| block.closes).collect();
    assert_eq!(closes, [CloseReason::Request, CloseReason::Size, CloseReason::Request]);
    let [_, full, rest] = batches.as_slice() else { panic!("a full batch and the rest") };
    assert_eq!(full.signatures.len() + rest.signatures.len(), TRANSFERS);
    assert!(full.signatures.len() >= 2_000, "{} transfers", full.signatures.len());
    let bytes = transaction_bytes(full.data_words.len(), full.l1_words.len());
    assert!(bytes <= L1_TRANSACTION_BYTES_MAX as usize, "{bytes}");
    // The rest stayed out because it would not have fitted.
    let both = transaction_bytes(full.data_words.len() + rest.data_words.len(), 0);
    assert!(both > L1_TRANSACTION_BYTES_MAX as usize);
}

/// Under each list of prices: a batch of withdrawals, each of which may pay an account for the
/// first time, has as many as the gas of one transaction is enough for.
#[test]
fn a_batch_of_withdrawals_closes_before_it_outgrows_its_gas() {
    for chain in [ChainLimits::OSAKA, ChainLimits::AMSTERDAM] {
        let gas = |data_words, l1_words| {
            let size = BatchSize::of(DataMode::Calldata, data_words, l1_words);
            chain.gas_max(size) * SUBMISSION_GAS_PERCENT / 100
        };
        let closing = CLOSING_DATA_WORDS as u64;
        let fits = |count: &u64| gas(count + closing, 2 * count) <= chain.transaction_gas;
        let most = (1..=512).take_while(fits).last().expect("one withdrawal fits");
        assert!((100..500).contains(&most), "{most}");
        let mut world = World::within(BatchLimits { chain, ..PROTOCOL }, Execution::Serial);
        make_rich(&mut world);
        for _ in 0..most + 16 {
            world.act(&Act::Withdraw { from: 0, token: 0, amount: 1, fee: 0 });
        }
        let batches = batches(&mut world);
        let l1_words: Vec<_> = batches.iter().map(|batch| batch.l1_words.len() as u64).collect();
        assert_eq!(l1_words, [4, 2 * most, 32]);
        let full = batches[1].data_words.len() as u64;
        assert!(gas(full, 2 * most) <= chain.transaction_gas);
        assert!(gas(full + closing + 1, 2 * most + 2) > chain.transaction_gas, "a pair more");
    }
}
