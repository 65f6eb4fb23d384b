//! `/v1/batches`: sealed batches, their states and their proofs, and closing the open batch.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use sheaf_wire::batches::{
    BatchBody, BatchesBody, ClosedBody, JobsBody, PageParameters, ProofBody,
};
use sheaf_wire::blocks::{TransactionsBody, TransactionsParameters};
use sheaf_wire::{ErrorBody, schema};
use tokio::sync::oneshot;

use super::contents::{self, Asked};
use super::extract::{Parameters, Segment, page_length};
use super::rate::Source;
use super::{ApiError, ApiState};
use crate::limits::BATCHES_PER_PAGE_MAX;
use crate::ordering::Command;
use crate::store::BatchRow;

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
            data_mode: sealed.data_mode,
            data_reference: sealed.data_reference,
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

/// Sealed batches, the newest first.
#[utoipa::path(
    get, path = "/v1/batches", tag = "batches", operation_id = "batches", params(PageParameters),
    responses((status = 200, description = "a page of batches", body = BatchesBody))
)]
pub(super) async fn list(
    State(state): State<ApiState>,
    Parameters(PageParameters { before, limit }): Parameters<PageParameters>,
) -> Result<Json<BatchesBody>, ApiError> {
    let limit = page_length(limit, BATCHES_PER_PAGE_MAX, "batches")?;
    // SQL's integers are signed: no batch has a larger number.
    let before = before.map(|number| number.min(i64::MAX as u64));
    let rows = state.store.batches_before(before, limit).await?;
    Ok(Json(BatchesBody { batches: rows.into_iter().map(BatchBody::from).collect() }))
}

/// One sealed batch.
#[utoipa::path(
    get, path = "/v1/batches/{number}", tag = "batches", operation_id = "batch",
    params(("number" = u64, Path, description = "from 1")),
    responses(
        (status = 200, description = "the batch", body = BatchBody),
        (status = 404, description = "not sealed yet", body = ErrorBody),
    )
)]
pub(super) async fn batch(
    State(state): State<ApiState>,
    Segment(number): Segment<u64>,
) -> Result<Json<BatchBody>, ApiError> {
    Ok(Json(row(&state, number).await?.into()))
}

/// The batch that an L1 transaction brings to L1: the newest transaction that was sent with the
/// batch, or the one that L1 has verified.
#[utoipa::path(
    get, path = "/v1/l1-transactions/{hash}/batch", tag = "batches",
    operation_id = "batch_of_l1_transaction",
    params(("hash" = schema::AnyHash, Path, description = "of the transaction on L1")),
    responses(
        (status = 200, description = "the batch; the first, if the transaction brought several",
            body = BatchBody),
        (status = 400, description = "this is no hash", body = ErrorBody),
        (status = 404, description = "no batch has this transaction", body = ErrorBody),
    )
)]
pub(super) async fn of_l1_transaction(
    State(state): State<ApiState>,
    Segment(text): Segment<String>,
) -> Result<Json<BatchBody>, ApiError> {
    let hash = l1_hash(&text)?;
    let unknown = || ApiError::not_found("batch", "no batch was sent in this L1 transaction");
    let row = state.store.batch_of_l1_transaction(hash).await?.ok_or_else(unknown)?;
    Ok(Json(row.into()))
}

/// Reads the hash of an L1 transaction.
///
/// # Errors
/// 400 `malformed_hash` when the text is no hash.
pub(super) fn l1_hash(text: &str) -> Result<[u8; 32], ApiError> {
    let malformed = || ApiError::bad_request("malformed_hash", "a hash is 0x and 64 hex digits");
    read_hash(text).ok_or_else(malformed)
}

/// Reads 32 bytes from `0x` and 64 hexadecimal digits of either case.
pub(super) fn read_hash(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 64)?;
    let mut hash = [0; 32];
    hex::decode_to_slice(digits, &mut hash).ok().map(|()| hash)
}

/// The row of a sealed batch.
///
/// # Errors
/// 404 `batch_not_found` before the batch is sealed; 500.
pub(super) async fn row(state: &ApiState, number: u64) -> Result<BatchRow, ApiError> {
    let number = known_number(number).ok_or_else(unsealed)?;
    state.store.batch(number).await?.ok_or_else(unsealed)
}

fn unsealed() -> ApiError {
    ApiError::not_found("batch", "no such batch is sealed")
}

/// The transactions of a sealed batch, in its order.
#[utoipa::path(
    get, path = "/v1/batches/{number}/transactions", tag = "batches",
    operation_id = "batch_transactions",
    params(("number" = u64, Path, description = "from 1"), TransactionsParameters),
    responses(
        (status = 200, description = "a page of transactions", body = TransactionsBody),
        (status = 404, description = "not sealed yet", body = ErrorBody),
        (status = 410, description = "the batch's blocks are archived and not served here, or \
            the batch was read from L1, which has no transactions", body = ErrorBody),
    )
)]
pub(super) async fn transactions(
    State(state): State<ApiState>,
    Extension(source): Extension<Source>,
    Segment(number): Segment<u64>,
    Parameters(parameters): Parameters<TransactionsParameters>,
) -> Result<Json<TransactionsBody>, ApiError> {
    let asked = Asked::read(parameters)?;
    let sealed = row(&state, number).await?.sealed;
    // A follower may see the row before it has run the blocks.
    if sealed.last_block > state.view.head().block {
        return Err(unsealed());
    }
    let blocks = sealed.first_block..=sealed.last_block;
    contents::page(&state, source, blocks, asked).await.map(Json)
}

/// The jobs that prove a batch: what each proves, how far it is, and which worker has it.
#[utoipa::path(
    get, path = "/v1/batches/{number}/jobs", tag = "batches", operation_id = "batch_jobs",
    params(("number" = u64, Path, description = "from 1")),
    responses(
        (status = 200, description = "the jobs", body = JobsBody),
        (status = 404, description = "not sealed yet", body = ErrorBody),
    )
)]
pub(super) async fn jobs(
    State(state): State<ApiState>,
    Segment(number): Segment<u64>,
) -> Result<Json<JobsBody>, ApiError> {
    let batch = row(&state, number).await?.sealed.number;
    Ok(Json(JobsBody { batch, jobs: state.store.jobs_of(batch).await? }))
}

/// The proof that L1 verifies, and its public inputs.
#[utoipa::path(
    get, path = "/v1/batches/{number}/proof", tag = "batches", operation_id = "batch_proof",
    params(("number" = u64, Path, description = "from 1")),
    responses(
        (status = 200, description = "the proof", body = ProofBody),
        (status = 404, description = "not sealed, or not proven yet", body = ErrorBody),
    )
)]
pub(super) async fn proof(
    State(state): State<ApiState>,
    Segment(number): Segment<u64>,
) -> Result<Json<ProofBody>, ApiError> {
    let number = known_number(number).ok_or_else(unsealed)?;
    let Some(found) = state.store.final_proof(number).await? else {
        state.store.batch(number).await?.ok_or_else(unsealed)?;
        return Err(ApiError::not_found("proof", "the batch has no proof yet"));
    };
    let hex = |bytes: &[u8]| format!("0x{}", hex::encode(bytes));
    Ok(Json(ProofBody {
        batch: number,
        proof: hex(&found.proof),
        public_inputs: found.public_inputs.iter().map(|input| hex(input)).collect(),
        development: state.is_development(),
    }))
}

/// Closes the open batch now, so that the batch is sealed and proven. Requires the operator's
/// token.
#[utoipa::path(
    post, path = "/v1/batches", tag = "operator", operation_id = "close_batch",
    responses(
        (status = 202, description = "closed; sealing follows", body = ClosedBody),
        (status = 401, description = "not the operator's token", body = ErrorBody),
        (status = 403, description = "there is no operator's token", body = ErrorBody),
        (status = 409, description = "no batch is open", body = ErrorBody),
    )
)]
pub(super) async fn close(
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

/// `number`, unless it exceeds SQL's signed integers: no row has such a number.
fn known_number(number: u64) -> Option<u64> {
    i64::try_from(number).is_ok().then_some(number)
}
