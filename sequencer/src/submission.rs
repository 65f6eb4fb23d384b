//! Submission: sends the oldest proven batch to L1, once.
//!
//! The stage owns the account's nonces. A transaction is signed, stored and only then sent, so that
//! a restart sends the same bytes again and never a second transaction for the same batch by
//! accident. A replacement keeps the nonce, so L1 can mine at most one of the two. The stage asks
//! the contract whether a batch is on L1 and never relies on its own memory.

use std::convert::Infallible;
use std::sync::Arc;

use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy::eips::BlockId;
use alloy::eips::eip2718::{Decodable2718, Encodable2718};
use alloy::network::{TransactionBuilder, TxSignerSync};
use alloy::primitives::{B256, TxKind, U256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::SolCall;
use sheaf_ledger::data_mode::DataMode;
use tokio::sync::broadcast;
use tracing::{Instrument, info, info_span, warn};

use crate::events::Event;
use crate::l1::{Advance, ISheaf, L1, L1Error, Scope, Sheaf, Standing};
use crate::l1_clock;
use crate::limits::{
    BATCH_LEAD_MAX, SUBMISSION_ABOVE_MARKET_MAX, SUBMISSION_BUMP_PERCENT, SUBMISSION_FAILURES_MAX,
    SUBMISSION_FEE_MAX, SUBMISSION_GAS_MAX, SUBMISSION_GAS_PERCENT, SUBMISSION_PATIENCE,
};
use crate::metrics;
use crate::store::{BatchState, Published, SealedRow, Store, StoreError, Submission, now_ms};
use crate::witnesses::Witnesses;

/// Bytes of a Groth16 proof as the contract takes it: eight numbers of 32 bytes.
const PROOF_BYTES: usize = 256;

/// The stage, with its ends of the channels to its neighbours.
#[derive(Debug, Clone)]
pub struct Submitter {
    pub l1: L1,
    pub store: Store,
    pub witnesses: Arc<Witnesses>,
    pub events: broadcast::Sender<Event>,
    /// The account that submits. No other program may use it.
    pub signer: PrivateKeySigner,
    pub chain_id: u64,
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

    /// Does what is due for the next batch: nothing, a first submission, the same submission again,
    /// or a replacement with a higher fee.
    ///
    /// # Errors
    /// As `run`.
    pub async fn advance(&self) -> Result<Advance, L1Error> {
        let Standing { verified, nonce } = self.l1.standing(self.signer.address()).await?;
        let next = verified + 1;
        match self.bring(next, nonce).await {
            // An earlier submission may have been mined meanwhile; then nothing is wrong.
            Err(
                L1Error::BatchRefused { .. }
                | L1Error::BatchNotTaken { .. }
                | L1Error::BatchIncomplete { .. },
            ) if self.l1.batches_verified().await? >= next => Ok(Advance::Idle),
            result => result,
        }
    }

    async fn bring(&self, number: u64, nonce: u64) -> Result<Advance, L1Error> {
        let Some(batch) = self.store.batch(number).await? else { return Ok(Advance::Idle) };
        match batch.state {
            BatchState::Proven | BatchState::Submitted => {}
            BatchState::Sealed | BatchState::Finalised => return Ok(Advance::Idle),
        }
        let earlier = self.store.submissions_of(number).await?;
        self.check_failures(number, &earlier, nonce).await?;
        match earlier.iter().rfind(|submission| submission.nonce == nonce) {
            None => self.submit(&batch.sealed, nonce).await,
            Some(last) if self.is_stuck(last).await? => self.outbid(last).await,
            Some(last) => self.send(last).await,
        }
    }

    /// Checks that fewer than `SUBMISSION_FAILURES_MAX` mined submissions of a batch have failed.
    /// After so many failures the process ends, because another one would only cost its fee.
    async fn check_failures(
        &self,
        batch: u64,
        earlier: &[Submission],
        nonce: u64,
    ) -> Result<(), L1Error> {
        let mut failed = Vec::new();
        for submission in earlier.iter().filter(|submission| submission.nonce < nonce) {
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
            _ => Ok(()),
        }
    }

    /// Makes, stores and sends the transaction of a batch that has no submission with this nonce.
    async fn submit(&self, sealed: &SealedRow, nonce: u64) -> Result<Advance, L1Error> {
        let SealedRow { number: batch, timestamp, data_mode, .. } = *sealed;
        let input = match data_mode {
            DataMode::Calldata => self.call(batch).await?.abi_encode(),
        };
        if self.is_ahead(batch, timestamp).await? {
            return Ok(Advance::Held);
        }
        let gas_limit = self.estimate(batch, &input).await?;
        let fees = self.l1.fees().await?;
        if fees.max_fee_per_gas > SUBMISSION_FEE_MAX {
            warn!(batch, max_fee = fees.max_fee_per_gas, "L1 is dearer than the cap; waiting");
            return Ok(Advance::Held);
        }
        let transaction = TxEip1559 {
            chain_id: self.chain_id,
            nonce,
            gas_limit,
            max_fee_per_gas: fees.max_fee_per_gas,
            max_priority_fee_per_gas: fees.max_priority_fee_per_gas.min(fees.max_fee_per_gas),
            to: TxKind::Call(self.l1.contract()),
            value: U256::ZERO,
            access_list: Default::default(),
            input: input.into(),
        };
        self.store_and_send(batch, transaction).await
    }

    /// Replaces a submission that is not mined by the same transaction with a higher fee.
    async fn outbid(&self, last: &Submission) -> Result<Advance, L1Error> {
        let malformed = StoreError::MalformedColumn { column: "submissions.raw" };
        let Ok(TxEnvelope::Eip1559(signed)) = TxEnvelope::decode_2718(&mut last.raw.as_slice())
        else {
            return Err(malformed.into());
        };
        let mut transaction = signed.strip_signature();
        let fees = self.l1.fees().await?;
        let more = |fee: u128| fee.saturating_mul(SUBMISSION_BUMP_PERCENT).div_ceil(100);
        let max_fee = fees.max_fee_per_gas.max(more(transaction.max_fee_per_gas));
        let priority =
            fees.max_priority_fee_per_gas.max(more(transaction.max_priority_fee_per_gas));
        let dearest = fees.max_fee_per_gas.saturating_mul(SUBMISSION_ABOVE_MARKET_MAX);
        if max_fee > SUBMISSION_FEE_MAX || max_fee > dearest {
            let market = fees.max_fee_per_gas;
            warn!(
                batch = last.batch,
                max_fee, market, "a higher fee would exceed its cap; waiting"
            );
            return match self.send(last).await {
                // A node may drop a transaction that offers too little; a later step resends it.
                Ok(_) | Err(L1Error::Refused { .. }) => Ok(Advance::Held),
                Err(other) => Err(other),
            };
        }
        transaction.max_fee_per_gas = max_fee;
        transaction.max_priority_fee_per_gas = priority.min(max_fee);
        self.store_and_send(last.batch, transaction).await
    }

    /// Whether L1 has gone on for longer than `SUBMISSION_PATIENCE` since a submission was sent,
    /// and the submission must offer a higher fee. While L1 mines no blocks, no fee is too low.
    async fn is_stuck(&self, submission: &Submission) -> Result<bool, L1Error> {
        let patience = u64::try_from(SUBMISSION_PATIENCE.as_millis()).unwrap_or(u64::MAX);
        let since = submission.sent_ms.unwrap_or(submission.created_ms);
        let end = since.saturating_add(patience);
        if now_ms() <= end {
            return Ok(false);
        }
        let newest = l1_clock::read(&self.l1).await?;
        Ok(newest.is_some_and(|newest| newest.time.saturating_mul(1_000) > end))
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
        mut transaction: TxEip1559,
    ) -> Result<Advance, L1Error> {
        let signature = self.signer.sign_transaction_sync(&mut transaction)?;
        let (nonce, max_fee) = (transaction.nonce, transaction.max_fee_per_gas);
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
            let event = Event::Batch { number: submission.batch, state: BatchState::Submitted };
            // There may be no subscriber.
            let _ = self.events.send(event);
        }
        Ok(Advance::Idle)
    }

    /// The call that finalises a batch, with its proof, its data words and its L1 words.
    async fn call(&self, number: u64) -> Result<Sheaf::finaliseCall, L1Error> {
        let incomplete = || L1Error::BatchIncomplete { batch: number };
        let row = self.store.batch(number).await?.ok_or_else(incomplete)?.sealed;
        let Published { chains, data_words, l1_words } = match self.store.published(number).await? {
            Some(published) => published,
            // An older version has sealed the batch.
            None => Published::of(&*self.witnesses.batch(number).await?),
        };
        let proof = self.store.final_proof(number).await?.ok_or_else(incomplete)?;
        let proof: &[u8; PROOF_BYTES] =
            proof.proof.as_slice().try_into().map_err(|_| incomplete())?;
        let (words, _) = proof.as_chunks::<32>();
        Ok(Sheaf::finaliseCall {
            batch: ISheaf::Batch {
                number,
                postState: row.post_state.to_bytes().into(),
                chains: chains.to_bytes().into(),
                timestamp: row.timestamp,
            },
            l1Words: l1_words.into(),
            data: data_words.into(),
            proof: std::array::from_fn(|index| U256::from_be_bytes(words[index])),
        })
    }

    /// The gas limit for the call. The node runs the call for this estimate, so a batch that the
    /// contract would refuse is found before any fee is paid. The node runs it on the newest mined
    /// block, because the transactions pending there may include an earlier submission of ours.
    async fn estimate(&self, batch: u64, input: &[u8]) -> Result<u64, L1Error> {
        let request = TransactionRequest::default()
            .with_from(self.signer.address())
            .with_to(self.l1.contract())
            .with_input(input.to_vec());
        let answer = self
            .l1
            .ask("the gas of a submission", || async {
                self.l1.provider().estimate_gas(request.clone()).block(BlockId::latest()).await
            })
            .await;
        match answer {
            Ok(gas) => Ok(gas_limit(gas)),
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

/// The gas limit of a submission that takes `gas`, with some to spare.
pub(crate) fn gas_limit(gas: u64) -> u64 {
    (gas.saturating_mul(SUBMISSION_GAS_PERCENT) / 100).min(SUBMISSION_GAS_MAX)
}

/// Texts in a node's refusal of a transaction that the node has already.
const KNOWN: [&str; 2] = ["already known", "already imported"];
/// Texts in a node's refusal of a transaction whose nonce another transaction has used.
const NONCE_USED: [&str; 1] = ["nonce too low"];

/// Whether a node's refusal contains one of `words`.
fn says(reason: &str, words: &[&str]) -> bool {
    words.iter().any(|words| reason.contains(words))
}
