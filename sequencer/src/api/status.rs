//! `/v1/status` and `/v1/fees/quote`: the state of the rollup, and the fee of a transaction.

use axum::Json;
use axum::extract::State;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::limits::PAYMENTS_MAX;
use sheaf_ledger::rule_error::RuleError;
use sheaf_wire::status::{
    L1Body, L1NodeBody, OperatorBody, QuoteBody, QuoteParameters, StatusBody, VerifyingKeyBody,
};
use sheaf_wire::{ErrorBody, development};
use tokio::sync::oneshot;

use super::extract::Parameters;
use super::{ApiError, ApiState};
use crate::l1::NodeView;
use crate::limits::{QUARANTINED_SHOWN_MAX, QUOTE_LIFETIME};
use crate::operator_account::OperatorAccount;
use crate::ordering::{Command, Load};
use crate::rejection::Rejection;
use crate::store::{BatchState, now_ms};

impl ApiState {
    /// The account that submits batches, once it was read.
    pub(super) fn operator(&self) -> Option<OperatorAccount> {
        *self.operator.borrow()
    }

    /// The L1 nodes, and whether the database has been compared with them.
    pub(super) fn l1(&self) -> Option<L1Body> {
        let l1 = &self.config.l1.as_ref()?.l1;
        let body =
            |NodeView { name, answers, head }| L1NodeBody { node: name, answers, block: head };
        Some(L1Body {
            node: l1.answering().map(str::to_owned),
            compared: *self.compared.borrow(),
            nodes: l1.nodes().into_iter().map(body).collect(),
        })
    }

    /// Whether batches get development proofs.
    pub(super) fn is_development(&self) -> bool {
        self.config.verifier.circuits() == development::CIRCUITS
    }

    /// Asks ordering how full the mempool is, which block it made last, and whether it pauses.
    ///
    /// # Errors
    /// 503 `outcome_unknown` when ordering has ended.
    pub(crate) async fn load(&self) -> Result<Load, ApiError> {
        let (answer, load) = oneshot::channel();
        let sent = self.commands.send(Command::Load { answer }).await;
        sent.map_err(|_| ApiError::stopping())?;
        load.await.map_err(|_| ApiError::stopping())
    }
}

/// The state of the rollup: its newest block, its batches, its mempool and its proving jobs.
#[utoipa::path(
    get, path = "/v1/status", tag = "status", operation_id = "rollup_status",
    responses((status = 200, description = "the state", body = StatusBody))
)]
pub(super) async fn status(State(state): State<ApiState>) -> Result<Json<StatusBody>, ApiError> {
    let head = state.view.head();
    let sealed_batch = *state.sealed.borrow();
    let unproven = state.store.oldest_batch_in(BatchState::Sealed).await?;
    Ok(Json(StatusBody {
        chain_id: state.config.chain_id,
        contract: state.config.contract,
        development: state.is_development(),
        circuits: hex::encode(state.config.verifier.circuits()),
        block: head.block,
        block_executed_ms: head.executed_ms,
        open_batch: head.batch_is_open.then_some(head.batch),
        sealed_batch,
        oldest_unproven_batch: unproven.map(|batch| batch.sealed.number),
        slots: state.view.slots() as u64,
        waiting: state.load().await?.waiting as u64,
        jobs: state.store.job_counts().await?,
        quarantined: state.store.quarantined_jobs(QUARANTINED_SHOWN_MAX).await?,
        operator: state.operator().map(|account| OperatorBody {
            address: L1Address(account.address.0.0),
            wei: account.wei.to_string(),
            batches: account.batches,
        }),
        l1: state.l1(),
        first_l1_block: state.config.l1.as_ref().map(|side| side.watched.first_block),
        verifying_key_hash: state.config.l1.as_ref().map(|side| side.key.hash().to_string()),
    }))
}

/// The key with which the contract verifies proofs.
#[utoipa::path(
    get, path = "/v1/verifying-key", tag = "status", operation_id = "verifying_key",
    responses(
        (status = 200, description = "the key", body = VerifyingKeyBody),
        (status = 404, description = "proofs are development proofs, which no key verifies, or \
            there is no L1", body = ErrorBody),
    )
)]
pub(super) async fn verifying_key(
    State(state): State<ApiState>,
) -> Result<Json<VerifyingKeyBody>, ApiError> {
    let key = state.config.l1.as_ref().map(|side| &side.key);
    let words = key.and_then(|key| Some((key.hash(), key.words()?)));
    let (hash, words) = words.ok_or_else(|| {
        ApiError::not_found("verifying_key", "no key verifies the proofs of this rollup")
    })?;
    let key = words.iter().map(ToString::to_string).collect();
    Ok(Json(VerifyingKeyBody { hash: hash.to_string(), key }))
}

/// The least fee of a transaction, honoured until the quote expires.
#[utoipa::path(
    get, path = "/v1/fees/quote", tag = "status", operation_id = "fee_quote",
    params(QuoteParameters),
    responses(
        (status = 200, description = "the quote", body = QuoteBody),
        (status = 400, description = "no transfer has so many payments", body = ErrorBody),
        (status = 404, description = "the token is not served", body = ErrorBody),
    )
)]
pub(super) async fn quote(
    State(state): State<ApiState>,
    Parameters(QuoteParameters { token, payments }): Parameters<QuoteParameters>,
) -> Result<Json<QuoteBody>, ApiError> {
    let payments = payments.unwrap_or(1);
    let out_of_bounds = match usize::from(payments) {
        0 => Some(RuleError::NoPayments),
        1..=PAYMENTS_MAX => None,
        payments => Some(RuleError::TooManyPayments { payments }),
    };
    if let Some(rule) = out_of_bounds {
        return Err(ApiError::bad_request(rule.code(), rule));
    }
    let fee = state.config.fees.minimum(token, usize::from(payments));
    let fee =
        fee.ok_or_else(|| ApiError::not_found("price", Rejection::TokenNotPriced { token }))?;
    let expires = now_ms() / 1_000 + QUOTE_LIFETIME.as_secs();
    Ok(Json(QuoteBody { token, payments, fee, expires }))
}
