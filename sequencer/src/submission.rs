//! Submission: brings the oldest proven batch to L1, once.
//!
//! It owns the account's nonces. A transaction is signed, stored and only then sent, so that a
//! restart sends the same bytes again and never a second transaction for the same batch by
//! accident; a replacement keeps the nonce, so at most one of them can be mined. Whether a batch is
//! on L1 the contract itself is asked, never our own memory.

use std::convert::Infallible;

use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::Encodable2718;
use alloy::network::{TransactionBuilder, TxSignerSync};
use alloy::primitives::{B256, TxKind, U256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::SolCall;
use sheaf_ledger::batch::SealedBatch;
use tokio::time::sleep;
use tracing::{info, warn};

use crate::l1::{ISheaf, L1, L1Error, Sheaf};
use crate::limits::{
    L1_POLL_INTERVAL, SUBMISSION_BUMP_PERCENT, SUBMISSION_FAILURES_MAX, SUBMISSION_FEE_MAX,
    SUBMISSION_GAS_PERCENT, SUBMISSION_PATIENCE,
};
use crate::store::{BatchRow, BatchState, Store, Submission, now_ms};

/// Bytes of a Groth16 proof as the contract takes it: eight numbers of 32 bytes.
const PROOF_BYTES: usize = 256;

/// Who submits.
#[derive(Debug, Clone)]
pub struct Submitter {
    l1: L1,
    store: Store,
    signer: PrivateKeySigner,
    chain_id: u64,
}

impl Submitter {
    pub fn new(l1: L1, store: Store, signer: PrivateKeySigner, chain_id: u64) -> Self {
        Self { l1, store, signer, chain_id }
    }

    /// Submits until something fails.
    ///
    /// # Errors
    /// When L1 stays silent too long, the contract refuses a batch, or the database fails.
    pub async fn run(self) -> Result<Infallible, L1Error> {
        loop {
            self.advance().await?;
            sleep(L1_POLL_INTERVAL).await;
        }
    }

    /// Does what is due for the next batch: nothing, a first submission, the same again, or one
    /// with a higher fee.
    ///
    /// # Errors
    /// As `run`.
    pub async fn advance(&self) -> Result<(), L1Error> {
        let next = self.l1.batches_verified().await? + 1;
        let Some(batch) = self.store.batch(next).await? else { return Ok(()) };
        match batch.state {
            BatchState::Proven | BatchState::Submitted => {}
            BatchState::Sealed | BatchState::Finalised => return Ok(()),
        }
        let nonce = self.next_nonce().await?;
        let earlier = self.store.submissions_of(next).await?;
        self.check_failures(next, &earlier, nonce).await?;
        match earlier.iter().rfind(|submission| submission.nonce == nonce) {
            None => self.submit(&batch, nonce, None).await,
            Some(last) if is_stuck(last) => self.submit(&batch, nonce, Some(last)).await,
            Some(last) => self.send(last).await,
        }
    }

    /// The first nonce of the account that no mined transaction has used.
    async fn next_nonce(&self) -> Result<u64, L1Error> {
        let account = self.signer.address();
        self.l1
            .ask("the account's nonce", || async {
                self.l1.provider().get_transaction_count(account).await
            })
            .await
    }

    /// Ends the process when a batch was mined and failed too often: sending it again would only
    /// burn the fee.
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

    /// Makes, stores and sends a transaction for a batch; `replaced` is the one that it outbids.
    async fn submit(
        &self,
        batch: &BatchRow,
        nonce: u64,
        replaced: Option<&Submission>,
    ) -> Result<(), L1Error> {
        let number = batch.sealed.number;
        let input = self.call(number).await?.abi_encode();
        let gas_limit = self.estimate(number, &input).await?;
        let fees = self
            .l1
            .ask("the fees", || async { self.l1.provider().estimate_eip1559_fees().await })
            .await?;
        let (max_fee, priority) = match replaced {
            None => (fees.max_fee_per_gas, fees.max_priority_fee_per_gas),
            Some(last) => {
                let outbid = last.max_fee.saturating_mul(SUBMISSION_BUMP_PERCENT).div_ceil(100);
                (fees.max_fee_per_gas.max(outbid), fees.max_priority_fee_per_gas.max(outbid))
            }
        };
        if max_fee > SUBMISSION_FEE_MAX {
            warn!(batch = number, max_fee, "L1 is dearer than the cap; waiting");
            return match replaced {
                Some(last) => self.send(last).await,
                None => Ok(()),
            };
        }
        let mut transaction = TxEip1559 {
            chain_id: self.chain_id,
            nonce,
            gas_limit,
            max_fee_per_gas: max_fee,
            max_priority_fee_per_gas: priority.min(max_fee),
            to: TxKind::Call(self.l1.contract()),
            value: U256::ZERO,
            access_list: Default::default(),
            input: input.into(),
        };
        let signature = self.signer.sign_transaction_sync(&mut transaction)?;
        let envelope = TxEnvelope::from(transaction.into_signed(signature));
        let submission = Submission {
            hash: envelope.tx_hash().0,
            batch: number,
            nonce,
            max_fee,
            raw: envelope.encoded_2718(),
            sent_ms: None,
            l1_block: None,
        };
        self.store.insert_submission(&submission).await?;
        self.send(&submission).await
    }

    /// Sends a stored transaction; a node that has it already is content.
    async fn send(&self, submission: &Submission) -> Result<(), L1Error> {
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
            match answer {
                Err(L1Error::Refused { reason, .. }) if is_known(&reason) => {}
                other => other?,
            }
            info!(batch = submission.batch, transaction = %hash, "submitted to L1");
        }
        if submission.sent_ms.is_none() {
            self.store.mark_sent(submission.hash).await?;
            self.store.mark_submitted(submission.batch, submission.hash).await?;
        }
        Ok(())
    }

    /// The call that finalises a batch.
    async fn call(&self, number: u64) -> Result<Sheaf::finaliseCall, L1Error> {
        let incomplete = || L1Error::BatchIncomplete { batch: number };
        let witness = self.store.witness(number).await?.ok_or_else(incomplete)?;
        let sealed = SealedBatch::from_bytes(&witness).map_err(|_| incomplete())?;
        let proof = self.store.final_proof(number).await?.ok_or_else(incomplete)?;
        let proof: &[u8; PROOF_BYTES] =
            proof.proof.as_slice().try_into().map_err(|_| incomplete())?;
        let (words, _) = proof.as_chunks::<32>();
        let bytes = |stream: &[sheaf_ledger::Word]| -> Vec<u8> {
            stream.iter().flat_map(|word| word.to_bytes()).collect()
        };
        Ok(Sheaf::finaliseCall {
            batch: ISheaf::Batch {
                number,
                postState: sealed.post().to_bytes().into(),
                chains: sealed.after.chains().to_bytes().into(),
                timestamp: sealed.timestamp(),
            },
            l1Words: bytes(&sealed.l1_words).into(),
            data: bytes(&sealed.data_words).into(),
            proof: std::array::from_fn(|index| U256::from_be_bytes(words[index])),
        })
    }

    /// The gas that the call needs. The node runs it for that, so a batch that the contract would
    /// refuse is found before anything is paid.
    async fn estimate(&self, batch: u64, input: &[u8]) -> Result<u64, L1Error> {
        let request = TransactionRequest::default()
            .with_from(self.signer.address())
            .with_to(self.l1.contract())
            .with_input(input.to_vec());
        let answer = self
            .l1
            .ask("the gas of a submission", || async {
                self.l1.provider().estimate_gas(request.clone()).await
            })
            .await;
        match answer {
            Ok(gas) => Ok(gas.saturating_mul(SUBMISSION_GAS_PERCENT) / 100),
            Err(L1Error::Refused { reason, .. }) => Err(L1Error::BatchRefused { batch, reason }),
            Err(other) => Err(other),
        }
    }
}

/// Whether a node's refusal says that the transaction, or one with its nonce, got there before.
fn is_known(reason: &str) -> bool {
    ["already known", "already imported", "nonce too low"].iter().any(|said| reason.contains(said))
}

/// Whether a submission has waited so long that it must offer more.
fn is_stuck(submission: &Submission) -> bool {
    let patience = u64::try_from(SUBMISSION_PATIENCE.as_millis()).unwrap_or(u64::MAX);
    submission.sent_ms.is_some_and(|sent| now_ms().saturating_sub(sent) > patience)
}
