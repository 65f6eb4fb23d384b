//! Submission: sends proven batches to L1, each once, without waiting for the ones before.
//!
//! The stage owns the account's nonces. A transaction is signed, stored and only then sent, so that
//! a restart sends the same bytes again and never a second transaction for the same batch by
//! accident. A replacement keeps the nonce, so L1 can mine at most one of the two. The stage asks
//! the contract whether a batch is on L1 and never relies on its own memory.
//!
//! The batches that follow the newest one on L1 have consecutive nonces, so L1 mines them in their
//! order, many in one block. Only the first of them can be tried out before it is sent, and only
//! the first is replaced: the others wait for it.

mod contents;
mod transaction;
mod waiting;

use std::convert::Infallible;
use std::sync::Arc;

use alloy::consensus::{SignableTransaction, Transaction as _, TxEnvelope, TypedTransaction};
use alloy::eips::BlockId;
use alloy::eips::eip2718::{Decodable2718, Encodable2718};
use alloy::network::{TransactionBuilder, TxSignerSync};
use alloy::primitives::B256;
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy::signers::local::PrivateKeySigner;
use sheaf_contracts::chain_limits::{BatchSize, ChainLimits};
use sheaf_ledger::data_mode::DataMode;
use tokio::task::spawn_blocking;
use tracing::{Instrument, info, info_span, warn};

use self::contents::{Contents, Parts};
use self::transaction::{Envelope, Fees};
use crate::events::Events;
use crate::l1::{Advance, L1, L1Error, Scope, Standing};
use crate::l1_clock;
use crate::limits::{
    BATCH_LEAD_MAX, SUBMISSION_BLOB_FEE_MAX, SUBMISSION_BLOB_FEE_MIN, SUBMISSION_BLOB_FEE_PERCENT,
    SUBMISSION_FAILURES_MAX, SUBMISSION_GAS_PERCENT, SUBMISSIONS_IN_FLIGHT_MAX,
};
use crate::metrics;
use crate::store::{
    BatchRow, BatchState, Published, SealedRow, Store, StoreError, Submission, now_ms,
};
use crate::witnesses::Witnesses;

pub use waiting::Waiting;

/// The stage, with its ends of the channels to its neighbours.
#[derive(Debug, Clone)]
pub struct Submitter {
    pub l1: L1,
    pub store: Store,
    pub witnesses: Arc<Witnesses>,
    pub events: Arc<Events>,
    /// The account that submits. No other program may use it.
    pub signer: PrivateKeySigner,
    pub chain_id: u64,
    /// What the chain takes in one transaction.
    pub chain: ChainLimits,
    /// Since when the first submission that is not mined waits.
    pub waiting: Waiting,
}

/// A batch among those that may be sent now.
#[derive(Debug, Clone, Copy)]
struct Turn {
    number: u64,
    /// The nonce with which its transaction is mined if those of all batches before are.
    nonce: u64,
    /// Whether the contract expects this batch next.
    is_first: bool,
}

/// What became of a batch's turn.
enum Brought {
    /// A transaction with the batch is on its way, with data words in this mode.
    OnItsWay { data_mode: DataMode, has_failed: bool },
    /// The batch cannot be sent yet, and so none after it.
    NotYet(Advance),
}

impl Submitter {
    /// Submits until something fails.
    ///
    /// # Errors
    /// `Unreachable` or `Refused` when the node does not answer, or refuses, for as long as the
    /// patience lasts; `BatchNotTaken` when the contract refuses a batch for so long for a reason
    /// that another block may explain; `BatchRefused` or `BatchReverted` when the contract does not
    /// accept a batch;
    /// `BatchIncomplete` when the database lacks its proof or witness; `Signing`; `Store`.
    pub async fn run(self) -> Result<Infallible, L1Error> {
        self.l1.repeat(|| self.advance()).await
    }

    /// Does what is due for each of the batches after the newest one on L1: nothing, a first
    /// submission, the same submission again, or a replacement with a higher fee.
    ///
    /// # Errors
    /// As `run`.
    pub async fn advance(&self) -> Result<Advance, L1Error> {
        let Standing { verified, nonce } = self.l1.standing(self.signer.address()).await?;
        let mut mode = None;
        for place in 0..SUBMISSIONS_IN_FLIGHT_MAX {
            let number = verified + 1 + place;
            let turn = Turn { number, nonce: nonce + place, is_first: place == 0 };
            match self.bring(turn, mode).await {
                Ok(Brought::OnItsWay { has_failed: true, .. }) => return Ok(Advance::Idle),
                Ok(Brought::OnItsWay { data_mode, .. }) => mode = Some(data_mode),
                Ok(Brought::NotYet(advance)) => {
                    return Ok(if turn.is_first { advance } else { Advance::Idle });
                }
                // An earlier submission may have been mined meanwhile; then nothing is wrong.
                Err(
                    L1Error::BatchRefused { .. }
                    | L1Error::BatchNotTaken { .. }
                    | L1Error::BatchIncomplete { .. },
                ) if self.l1.batches_verified().await? >= number => return Ok(Advance::Idle),
                Err(error) => return Err(error),
            }
        }
        Ok(Advance::Idle)
    }

    /// Does what is due for one batch. `mode` is that of the batches that are on their way: nodes
    /// keep transactions with blobs and others apart, and take both of one account only one after
    /// the other.
    async fn bring(&self, turn: Turn, mode: Option<DataMode>) -> Result<Brought, L1Error> {
        let idle = Ok(Brought::NotYet(Advance::Idle));
        let Some(batch) = self.store.batch(turn.number).await? else { return idle };
        match batch.state {
            BatchState::Proven | BatchState::Submitted => {}
            BatchState::Sealed | BatchState::Finalised => return idle,
        }
        let data_mode = batch.sealed.data_mode;
        if mode.is_some_and(|mode| mode != data_mode) {
            return idle;
        }
        let earlier = self.store.submissions_of(turn.number).await?;
        let failed = self.failures(turn, &earlier).await?;
        let last = earlier.iter().rfind(|submission| submission.nonce == turn.nonce);
        let advance = match last {
            None => self.submit(&batch, turn).await?,
            Some(last) if turn.is_first && self.is_stuck(last).await? => self.outbid(last).await?,
            Some(last) => self.send(last).await?,
        };
        match advance {
            Advance::Held => Ok(Brought::NotYet(Advance::Held)),
            Advance::Done | Advance::Idle => {
                Ok(Brought::OnItsWay { data_mode, has_failed: failed > 0 })
            }
        }
    }

    /// How many mined submissions of a batch have failed: fewer than `SUBMISSION_FAILURES_MAX`.
    /// After so many failures the process ends, because another one would only cost its fee.
    async fn failures(&self, turn: Turn, earlier: &[Submission]) -> Result<usize, L1Error> {
        let batch = turn.number;
        let mut failed = Vec::new();
        for submission in earlier.iter().filter(|submission| submission.nonce < turn.nonce) {
            let hash = B256::from(submission.hash);
            let receipt = self
                .l1
                .ask("a receipt", || async {
                    self.l1.provider().get_transaction_receipt(hash).await
                })
                .await?;
            if receipt.is_some_and(|receipt| !receipt.status()) {
                failed.push(hash);
            }
        }
        match failed.last() {
            Some(last) if failed.len() >= SUBMISSION_FAILURES_MAX => {
                Err(L1Error::BatchReverted { batch, attempts: failed.len(), transaction: *last })
            }
            _ => Ok(failed.len()),
        }
    }

    /// Makes, stores and sends the transaction of a batch that has no submission with this nonce.
    async fn submit(&self, batch: &BatchRow, turn: Turn) -> Result<Advance, L1Error> {
        let Turn { number, nonce, is_first } = turn;
        if self.is_ahead(number, batch.sealed.timestamp).await? {
            return Ok(Advance::Held);
        }
        let fees = self.market(batch.sealed.data_mode == DataMode::Blobs).await?;
        if !fees.are_bearable() {
            warn!(batch = number, ?fees, "L1 is dearer than the cap; waiting");
            return Ok(Advance::Held);
        }
        let parts = self.parts(batch).await?;
        let contents =
            work(|| parts.contents()).await?.ok_or(L1Error::BatchIncomplete { batch: number })?;
        let gas_limit = match is_first {
            true => self.estimate(number, &contents).await?,
            false => gas_at_most(&batch.sealed, &self.chain),
        };
        let (chain_id, to) = (self.chain_id, self.l1.contract());
        let envelope = Envelope { chain_id, nonce, gas_limit, to, fees };
        self.store_and_send(number, envelope.around(contents)).await
    }

    /// Replaces a submission that is not mined by the same transaction with a higher fee.
    async fn outbid(&self, last: &Submission) -> Result<Advance, L1Error> {
        let malformed = StoreError::MalformedColumn { column: "submissions.raw" };
        let Ok(envelope) = TxEnvelope::decode_2718(&mut last.raw.as_slice()) else {
            return Err(malformed.into());
        };
        let mut transaction = TypedTransaction::from(envelope);
        let offered = Fees::of(&transaction);
        let market = self.market(offered.blob != 0).await?;
        let fees = offered.raised(market);
        if !fees.are_bearable() || !fees.are_near(market) {
            warn!(batch = last.batch, ?fees, ?market, "a higher fee would exceed its cap; waiting");
            return match self.send(last).await {
                // A node may drop a transaction that offers too little; a later step resends it.
                Ok(_) | Err(L1Error::Refused { .. }) => Ok(Advance::Held),
                Err(other) => Err(other),
            };
        }
        fees.offer_in(&mut transaction);
        self.store_and_send(last.batch, transaction).await
    }

    /// What a transaction must offer now.
    async fn market(&self, has_blobs: bool) -> Result<Fees, L1Error> {
        let estimated = self.l1.fees().await?;
        let max = estimated.max_fee_per_gas;
        let priority = estimated.max_priority_fee_per_gas.min(max);
        let blob = match has_blobs {
            true => blob_fee(&self.l1).await?,
            false => 0,
        };
        Ok(Fees { max, priority, blob })
    }

    /// Whether L1 has mined so many blocks without a submission, which could have been mined in
    /// each, that the submission must offer a higher fee. While L1 mines no blocks, no fee is too
    /// low.
    async fn is_stuck(&self, submission: &Submission) -> Result<bool, L1Error> {
        let head = self.l1.head().await?;
        Ok(self.waiting.is_over(B256::from(submission.hash), head))
    }

    /// Whether `timestamp` (Unix seconds) is so far ahead of L1's time that the contract would
    /// refuse the batch: further than `BATCH_LEAD_MAX`.
    async fn is_ahead(&self, batch: u64, timestamp: u32) -> Result<bool, L1Error> {
        let Some(newest) = l1_clock::read(&self.l1).await? else { return Ok(false) };
        let earliest = u64::from(timestamp).saturating_sub(BATCH_LEAD_MAX.as_secs());
        let seconds = earliest.saturating_sub(newest.time);
        if seconds > 0 {
            warn!(batch, seconds, "the batch's time is ahead of L1's; waiting");
        }
        Ok(seconds > 0)
    }

    async fn store_and_send(
        &self,
        batch: u64,
        mut transaction: TypedTransaction,
    ) -> Result<Advance, L1Error> {
        let signature = self.signer.sign_transaction_sync(&mut transaction)?;
        let (nonce, max_fee) = (transaction.nonce(), transaction.max_fee_per_gas());
        let span = info_span!("submission", batch, nonce, max_fee);
        let envelope = TxEnvelope::from(transaction.into_signed(signature));
        let submission = Submission {
            hash: envelope.tx_hash().0,
            batch,
            nonce,
            max_fee,
            raw: envelope.encoded_2718(),
            created_ms: now_ms(),
            sent_ms: None,
        };
        let made = async {
            self.store.insert_submission(&submission).await?;
            metrics::submission_made();
            self.send(&submission).await
        };
        made.instrument(span).await
    }

    /// Sends a stored transaction, unless the node has it already.
    async fn send(&self, submission: &Submission) -> Result<Advance, L1Error> {
        let hash = B256::from(submission.hash);
        let known = self
            .l1
            .ask("a transaction", || async {
                self.l1.provider().get_transaction_by_hash(hash).await
            })
            .await?;
        if known.is_none() {
            let answer = self
                .l1
                .ask("a submission", || async {
                    self.l1.provider().send_raw_transaction(&submission.raw).await.map(|_| ())
                })
                .await;
            // Each node gets the same bytes, so that a node that fails afterwards loses nothing.
            let is_elsewhere = self.l1.send_to_others(&submission.raw).await;
            match answer {
                // A transaction with this nonce was mined meanwhile; the next step reads which.
                Err(L1Error::Refused { reason, .. }) if says(&reason, &NONCE_USED) => {
                    return Ok(Advance::Idle);
                }
                Err(L1Error::Refused { reason, .. }) if says(&reason, &KNOWN) => {}
                Err(error) if is_elsewhere => warn!(%error, "another L1 node took the submission"),
                other => other?,
            }
            info!(batch = submission.batch, transaction = %hash, "submitted to L1");
        }
        if submission.sent_ms.is_none() && self.store.mark_sent(submission).await? {
            self.events.publish_batch(submission.batch, BatchState::Submitted);
        }
        Ok(Advance::Idle)
    }

    /// The parts of a batch from which its transaction is made.
    async fn parts(&self, batch: &BatchRow) -> Result<Parts, L1Error> {
        let number = batch.sealed.number;
        let published = match self.store.published(number).await? {
            Some(published) => published,
            // An older version has sealed the batch.
            None => Published::of(&*self.witnesses.batch(number).await?),
        };
        let proof = self.store.final_proof(number).await?;
        let proof = proof.ok_or(L1Error::BatchIncomplete { batch: number })?.proof;
        Ok(Parts { row: batch.sealed.clone(), published, proof })
    }

    /// The gas limit for the call. The node runs the call for this estimate, so a batch that the
    /// contract would refuse is found before any fee is paid. The node runs it on the newest mined
    /// block, because the transactions pending there may include an earlier submission of ours.
    async fn estimate(&self, batch: u64, contents: &Contents) -> Result<u64, L1Error> {
        let mut request = TransactionRequest::default()
            .with_from(self.signer.address())
            .with_to(self.l1.contract())
            .with_input(contents.input.clone());
        if let Some(sidecar) = &contents.sidecar {
            request.blob_versioned_hashes = Some(sidecar.versioned_hashes().collect());
            request.max_fee_per_blob_gas = Some(SUBMISSION_BLOB_FEE_MAX);
        }
        let answer = self
            .l1
            .ask("the gas of a submission", || async {
                self.l1.provider().estimate_gas(request.clone()).block(BlockId::latest()).await
            })
            .await;
        match answer {
            Ok(gas) => Ok(gas_limit(gas, &self.chain)),
            Err(L1Error::Reverted { reason, scope: Scope::Call, .. }) => {
                Err(L1Error::BatchRefused { batch, reason })
            }
            // The node may have fallen behind: final is only what no other block explains.
            Err(L1Error::Reverted { reason, scope: Scope::Block, .. }) => {
                Err(L1Error::BatchNotTaken { batch, reason })
            }
            Err(other) => Err(other),
        }
    }
}

/// What a submission offers for a unit of blob gas now, in wei.
///
/// # Errors
/// As `L1::blob_base_fee`.
pub(crate) async fn blob_fee(l1: &L1) -> Result<u128, L1Error> {
    let base = l1.blob_base_fee().await?;
    Ok((base.saturating_mul(SUBMISSION_BLOB_FEE_PERCENT) / 100).max(SUBMISSION_BLOB_FEE_MIN))
}

/// The gas limit of a submission that takes `gas`, with some to spare.
pub(crate) fn gas_limit(gas: u64, chain: &ChainLimits) -> u64 {
    (gas.saturating_mul(SUBMISSION_GAS_PERCENT) / 100).min(chain.transaction_gas)
}

/// The gas limit of a submission that cannot be tried out, because the batch before is not on L1
/// yet: the most that the contract can use.
fn gas_at_most(batch: &SealedRow, chain: &ChainLimits) -> u64 {
    let SealedRow { data_mode, data_words, l1_words, .. } = *batch;
    gas_limit(chain.gas_max(BatchSize::of(data_mode, data_words, l1_words)), chain)
}

/// Runs work that keeps a core busy.
async fn work<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, L1Error> {
    spawn_blocking(work).await.map_err(|source| L1Error::Panicked { source })
}

/// Texts in a node's refusal of a transaction that the node has already.
const KNOWN: [&str; 2] = ["already known", "already imported"];
/// Texts in a node's refusal of a transaction whose nonce another transaction has used.
const NONCE_USED: [&str; 1] = ["nonce too low"];

/// Whether a node's refusal contains one of `words`.
fn says(reason: &str, words: &[&str]) -> bool {
    words.iter().any(|words| reason.contains(words))
}
