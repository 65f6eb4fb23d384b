//! The history of a rollup, read from an L1 node and compared with the contract: what a sequencer's
//! database needs to go on.

use alloy::consensus::Transaction as _;
use alloy::primitives::{Address, B256};
use alloy::providers::Provider as _;
use alloy::rpc::types::Log;
use alloy::sol_types::SolCall as _;
use sheaf_contracts::Sheaf::finaliseCall;
use sheaf_contracts::history::{Asked, Contents, FinalBatch, History, QueuedRequest};
use sheaf_crypto::hash::Digest;
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::data_word::DataWord;
use sheaf_ledger::{DataMode, Kind, Owner, Word};

use crate::error::{ClientError, Result};
use crate::l1_data::{Applied, L1Data, Progress, Standing};
use crate::rebuilt::Rebuilt;

impl L1Data {
    /// Reads the history of the rollup up to the newest block that has `confirmations` blocks on
    /// top, and brings `rebuilt` to the newest batch of it. The words of batches that `rebuilt` has
    /// are not read. Calls `on_batch` after each batch.
    ///
    /// # Errors
    /// `Unconfirmed` when a later block has a further batch; `OtherSnapshot` when the State after
    /// the last batch of `rebuilt` is not that of L1; `MissingRequest` or `UnreadableRequest` when
    /// the node leaves out requests or shows others; as [`Self::rebuild`], and then `rebuilt` is of
    /// no use.
    pub async fn history(
        &self,
        rebuilt: &mut Rebuilt,
        confirmations: u64,
        mut on_batch: impl FnMut(Progress),
    ) -> Result<History> {
        let (newest, at) = (self.standing(0).await?, self.standing(confirmations).await?);
        if newest.batches != at.batches {
            return Err(ClientError::Unconfirmed { batch: newest.batches, confirmations });
        }
        let snapshot = rebuilt.batches();
        if snapshot > at.batches {
            return Err(ClientError::OtherSnapshot { batch: snapshot });
        }
        let state = rebuilt.state().to_bytes();
        let (mut batches, mut consumed) = (Vec::new(), 0);
        self.apply_batches(rebuilt, &at, |applied| {
            let (number, event) = (applied.event.number, applied.event);
            if number == snapshot && event.postState.0 != state {
                return Err(ClientError::OtherSnapshot { batch: number });
            }
            if number >= snapshot {
                batches.push(final_batch(&applied, consumed)?);
            }
            consumed = event.requests;
            on_batch(applied.progress);
            Ok(())
        })
        .await?;
        if let Some(first) = batches.first_mut().filter(|first| first.number == snapshot) {
            // Its words were not read, and the reference does not tell calldata from blobs.
            first.data_mode = self.mode_of(first).await?;
        }
        let requests = self.requests_to(&at).await?;
        Ok(History { batches, requests, block: at.block, block_hash: at.hash })
    }

    /// How the data words of a batch travelled to L1.
    async fn mode_of(&self, batch: &FinalBatch) -> Result<DataMode> {
        let provider = self.contract().provider();
        let found = provider.get_transaction_by_hash(batch.l1_transaction).await?;
        let found = found.ok_or(ClientError::WordsElsewhere { batch: batch.number })?;
        Ok(match finaliseCall::abi_decode(found.input()) {
            Ok(_) => DataMode::Calldata,
            Err(_) => DataMode::Blobs,
        })
    }

    /// Every request up to `at`, in the queue's order.
    async fn requests_to(&self, at: &Standing) -> Result<Vec<QueuedRequest>> {
        let mut requests = Vec::new();
        for (from, to) in self.ranges_to(at.block).await? {
            let deposits = self.contract().DepositRequested_filter().from_block(from).to_block(to);
            for (event, log) in deposits.query().await? {
                let asked = Asked::Deposit { token: event.token, amount: event.amount };
                requests.push(queued((event.index, event.owner.0, event.sender), asked, &log)?);
            }
            let exits = self.contract().ExitRequested_filter().from_block(from).to_block(to);
            for (event, log) in exits.query().await? {
                let asked = Asked::Exit { slot: event.slot };
                requests.push(queued((event.index, event.owner.0, event.sender), asked, &log)?);
            }
        }
        requests.sort_unstable_by_key(|request| request.number);
        let gap = (0..).zip(&requests).find(|(expected, request)| request.number != *expected);
        let found = gap.map_or(requests.len() as u64, |(expected, _)| expected);
        if found != at.requests || gap.is_some() {
            return Err(ClientError::MissingRequest { expected: at.requests, found });
        }
        Ok(requests)
    }
}

fn queued(
    (number, owner, sender): (u64, [u8; 24], Address),
    asked: Asked,
    log: &Log,
) -> Result<QueuedRequest> {
    let unreadable = ClientError::UnreadableRequest { number };
    let places = log.block_number.zip(log.transaction_hash);
    match (Owner::from_bytes(owner), places) {
        (Some(owner), Some((l1_block, l1_transaction))) => {
            Ok(QueuedRequest { number, owner, sender, asked, l1_block, l1_transaction })
        }
        _ => Err(unreadable),
    }
}

/// The facts about a batch, before which `consumed` requests had been consumed.
fn final_batch(applied: &Applied<'_>, consumed: u64) -> Result<FinalBatch> {
    let Applied { event, log, words, after, .. } = applied;
    let batch = event.number;
    let other = || ClientError::OtherState { batch, source: None };
    let digest = |bytes: B256| Digest::from_bytes(bytes.0).ok_or_else(other);
    let places = log.block_number.zip(log.transaction_hash);
    let data_reference = DataReference(event.dataReference.0);
    let is_calldata = DataReference::calldata(words) == data_reference;
    let (l1_block, l1_transaction) = places.ok_or(ClientError::WordsElsewhere { batch })?;
    Ok(FinalBatch {
        number: batch,
        timestamp: event.timestamp,
        first_request: consumed,
        requests: event.requests.checked_sub(consumed).ok_or_else(other)?,
        contents: contents(words),
        pre_state: digest(event.preState)?,
        post_state: digest(event.postState)?,
        post_root: after.tree().root(),
        next_slot: after.tree().len() as u64,
        data_mode: if is_calldata { DataMode::Calldata } else { DataMode::Blobs },
        data_reference,
        l1_block,
        l1_transaction,
    })
}

/// What the words of a batch are about. Zero words at the end are padding.
fn contents(words: &[Word]) -> Contents {
    let mut contents = Contents::default();
    for word in words.iter().filter_map(|word| DataWord::decode(word).ok()) {
        let facts = match word {
            DataWord::Open { .. } => Kind::Open.facts(),
            DataWord::Moved { kind, .. } => kind.facts(),
        };
        contents.transactions += u64::from(facts.spends);
        contents.entries += 1;
        contents.data_words += u64::from(facts.data_words());
        contents.l1_words += u64::from(facts.l1_words());
    }
    contents
}
