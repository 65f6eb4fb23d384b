//! `/v1/batches`: what L1 sees, and how far each has come.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use sheaf_crypto::hash::Digest;
use tokio::sync::oneshot;
use utoipa::{IntoParams, ToSchema};

use super::extract::{Parameters, Segment};
use super::{ApiError, ApiState, ErrorBody};
use crate::limits::BATCHES_PER_PAGE_MAX;
use crate::ordering::Command;
use crate::store::{BatchRow, BatchState};

/// A sealed batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchBody {
    pub number: u64,
    pub state: BatchState,
    /// Unix seconds; the time that transactions are valid against.
    pub timestamp: u32,
    pub first_block: u64,
    pub last_block: u64,
    /// The first request of L1 that it did not find consumed.
    pub first_request: u64,
    pub requests: u64,
    pub transactions: u64,
    pub entries: u64,
    pub data_words: u64,
    pub l1_words: u64,
    #[schema(value_type = String)]
    pub pre_state: Digest,
    #[schema(value_type = String)]
    pub post_state: Digest,
    #[schema(value_type = String)]
    pub post_root: Digest,
    pub next_slot: u64,
    /// Unix milliseconds of the sequencer's clock, as are the next three.
    pub sealed_ms: u64,
    pub proven_ms: Option<u64>,
    pub submitted_ms: Option<u64>,
    pub finalised_ms: Option<u64>,
    pub l1_transaction: Option<String>,
    /// The L1 block that holds it, once the batch is final.
    pub l1_block: Option<u64>,
    /// The gas that the transaction used, once the batch is final.
    pub gas_used: Option<u64>,
}

impl From<BatchRow> for BatchBody {
    fn from(row: BatchRow) -> Self {
        let sealed = row.sealed;
        Self {
            number: sealed.number,
            state: row.state,
            timestamp: sealed.timestamp,
            first_block: sealed.first_block,
            last_block: sealed.last_block,
            first_request: sealed.first_request,
            requests: sealed.requests,
            transactions: sealed.transactions,
            entries: sealed.entries,
            data_words: sealed.data_words,
            l1_words: sealed.l1_words,
            pre_state: sealed.pre_state,
            post_state: sealed.post_state,
            post_root: sealed.post_root,
            next_slot: sealed.next_slot,
            sealed_ms: row.sealed_ms,
            proven_ms: row.proven_ms,
            submitted_ms: row.submitted_ms,
            finalised_ms: row.finalised_ms,
            l1_transaction: row.l1_transaction.map(|hash| format!("0x{}", hex::encode(hash))),
            l1_block: row.l1_block,
            gas_used: row.gas_used,
        }
    }
}

/// A page of batches.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchesBody {
    /// The newest first.
    pub batches: Vec<BatchBody>,
}

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PageParameters {
    /// Only batches with a lower number.
    before: Option<u64>,
    /// At most this many, up to 100.
    limit: Option<u32>,
}

/// The final proof of a batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProofBody {
    pub batch: u64,
    /// What L1 verifies, `0x` and hex digits.
    pub proof: String,
    /// What it is verified against: integers, `0x` and 64 hex digits each.
    pub public_inputs: Vec<String>,
    /// Whether it is a development proof, which convinces no real contract.
    pub development: bool,
}

/// Sealed batches, the newest first.
#[utoipa::path(
    get, path = "/v1/batches", tag = "batches", params(PageParameters),
    responses((status = 200, body = BatchesBody), (status = 400, body = ErrorBody))
)]
pub async fn list(
    State(state): State<ApiState>,
    Parameters(PageParameters { before, limit }): Parameters<PageParameters>,
) -> Result<Json<BatchesBody>, ApiError> {
    let limit = limit.unwrap_or(BATCHES_PER_PAGE_MAX);
    if limit > BATCHES_PER_PAGE_MAX {
        let message = format!("a page has at most {BATCHES_PER_PAGE_MAX} batches");
        return Err(ApiError::bad_request("page_length", message));
    }
    // No batch ever has a number that SQL's signed integers do not hold.
    let before = before.map(|number| number.min(i64::MAX as u64));
    let rows = state.store.batches_before(before, limit).await?;
    Ok(Json(BatchesBody { batches: rows.into_iter().map(BatchBody::from).collect() }))
}

/// One sealed batch.
#[utoipa::path(
    get, path = "/v1/batches/{number}", tag = "batches",
    params(("number" = u64, Path, description = "from 1")),
    responses(
        (status = 200, body = BatchBody),
        (status = 400, description = "this is no number", body = ErrorBody),
        (status = 404, description = "not sealed yet", body = ErrorBody),
    )
)]
pub async fn batch(
    State(state): State<ApiState>,
    Segment(number): Segment<u64>,
) -> Result<Json<BatchBody>, ApiError> {
    let unsealed = || ApiError::not_found("batch", "no such batch is sealed");
    let number = known_number(number).ok_or_else(unsealed)?;
    let row = state.store.batch(number).await?.ok_or_else(unsealed)?;
    Ok(Json(row.into()))
}

/// The proof that L1 verifies, and its public inputs.
#[utoipa::path(
    get, path = "/v1/batches/{number}/proof", tag = "batches",
    params(("number" = u64, Path, description = "from 1")),
    responses(
        (status = 200, body = ProofBody),
        (status = 400, description = "this is no number", body = ErrorBody),
        (status = 404, description = "not proven yet", body = ErrorBody),
    )
)]
pub async fn proof(
    State(state): State<ApiState>,
    Segment(number): Segment<u64>,
) -> Result<Json<ProofBody>, ApiError> {
    let unproven = || ApiError::not_found("proof", "the batch has no proof yet");
    let number = known_number(number).ok_or_else(unproven)?;
    let found = state.store.final_proof(number).await?.ok_or_else(unproven)?;
    let hex = |bytes: &[u8]| format!("0x{}", hex::encode(bytes));
    Ok(Json(ProofBody {
        batch: number,
        proof: hex(&found.proof),
        public_inputs: found.public_inputs.iter().map(|input| hex(input)).collect(),
        development: state.is_development(),
    }))
}

/// A batch that was closed before its time.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct ClosedBody {
    pub batch: u64,
}

/// Closes the open batch now, so that it is sealed and proven; takes the operator's token.
#[utoipa::path(
    post, path = "/v1/batches", tag = "operator",
    responses(
        (status = 202, description = "closed; sealing follows", body = ClosedBody),
        (status = 401, description = "not the operator's token", body = ErrorBody),
        (status = 403, description = "there is no operator's token", body = ErrorBody),
        (status = 409, description = "no batch is open", body = ErrorBody),
        (status = 503, description = "stopping", body = ErrorBody),
    )
)]
pub async fn close(
    State(state): State<ApiState>,
) -> Result<(StatusCode, Json<ClosedBody>), ApiError> {
    let (answer, closed) = oneshot::channel();
    let sent = state.commands.send(Command::CloseBatch { answer }).await;
    sent.map_err(|_| ApiError::stopping())?;
    match closed.await.map_err(|_| ApiError::stopping())? {
        Some(batch) => Ok((StatusCode::ACCEPTED, Json(ClosedBody { batch }))),
        None => {
            let message = "no batch is open; the next transaction opens one";
            Err(ApiError::new(StatusCode::CONFLICT, "no_open_batch", message))
        }
    }
}

/// Numbers that no row can have are not asked for.
fn known_number(number: u64) -> Option<u64> {
    i64::try_from(number).is_ok().then_some(number)
}
