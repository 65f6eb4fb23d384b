//! `/v1/blocks`: durable blocks, and the transactions in a block.

use axum::extract::State;
use axum::{Extension, Json};
use sheaf_wire::ErrorBody;
use sheaf_wire::batches::PageParameters;
use sheaf_wire::blocks::{BlockBody, BlocksBody, TransactionsBody, TransactionsParameters};

use super::contents::{self, Asked};
use super::extract::{Parameters, Segment, page_length};
use super::rate::Source;
use super::{ApiError, ApiState};
use crate::limits::{BLOCKS_PER_PAGE_MAX, ENTRIES_PER_PAGE_MAX};
use crate::store::StoreError;

/// Durable blocks, the newest first.
#[utoipa::path(
    get, path = "/v1/blocks", tag = "blocks", operation_id = "blocks", params(PageParameters),
    responses(
        (status = 200, description = "a page of blocks; an empty page is the last one",
            body = BlocksBody),
        (status = 410, description = "the page's blocks are archived and not served here",
            body = ErrorBody),
    )
)]
pub(super) async fn list(
    State(state): State<ApiState>,
    Extension(source): Extension<Source>,
    Parameters(PageParameters { before, limit }): Parameters<PageParameters>,
) -> Result<Json<BlocksBody>, ApiError> {
    let limit = page_length(limit, BLOCKS_PER_PAGE_MAX, "blocks")?;
    // What the log has and the view has not is about to be shown.
    let end = state.view.head().block + 1;
    let before = before.map_or(end, |before| before.min(end));
    let _turn = state.readers.turn(source).await?;
    let mut blocks = state.store.blocks_before(before, limit).await?;
    if blocks.is_empty() {
        blocks = archived(&state, before, limit).await?;
    }
    Ok(Json(BlocksBody { blocks }))
}

/// Blocks without a row below `before`, the newest first: as many as have `ENTRIES_PER_PAGE_MAX`
/// entries together, and one at least.
async fn archived(state: &ApiState, before: u64, limit: u32) -> Result<Vec<BlockBody>, StoreError> {
    let (mut found, mut entries) = (Vec::new(), 0);
    let first = state.store.base().block + 1;
    for number in (first..before).rev().take(limit as usize) {
        if entries >= ENTRIES_PER_PAGE_MAX {
            break;
        }
        let Some(block) = state.store.block(number).await? else { break };
        entries += block.entries.len();
        found.push(BlockBody::from(&block));
    }
    Ok(found)
}

/// One durable block.
#[utoipa::path(
    get, path = "/v1/blocks/{number}", tag = "blocks", operation_id = "block",
    params(("number" = u64, Path, description = "from 1")),
    responses(
        (status = 200, description = "the block", body = BlockBody),
        (status = 404, description = "the log has no such block", body = ErrorBody),
        (status = 410, description = "the block is archived and not served here",
            body = ErrorBody),
    )
)]
pub(super) async fn block(
    State(state): State<ApiState>,
    Extension(source): Extension<Source>,
    Segment(number): Segment<u64>,
) -> Result<Json<BlockBody>, ApiError> {
    let number = shown(&state, number)?;
    let _turn = state.readers.turn(source).await?;
    let mut found = state.store.blocks_before(number + 1, 1).await?;
    found.retain(|block| block.number == number);
    if found.is_empty() {
        found = archived(&state, number + 1, 1).await?;
    }
    found.pop().map(Json).ok_or_else(unknown)
}

/// The transactions of a block, in its order.
#[utoipa::path(
    get, path = "/v1/blocks/{number}/transactions", tag = "blocks",
    operation_id = "block_transactions",
    params(("number" = u64, Path, description = "from 1"), TransactionsParameters),
    responses(
        (status = 200, description = "a page of transactions", body = TransactionsBody),
        (status = 404, description = "the log has no such block", body = ErrorBody),
        (status = 410, description = "the block is archived and not served here",
            body = ErrorBody),
    )
)]
pub(super) async fn transactions(
    State(state): State<ApiState>,
    Extension(source): Extension<Source>,
    Segment(number): Segment<u64>,
    Parameters(parameters): Parameters<TransactionsParameters>,
) -> Result<Json<TransactionsBody>, ApiError> {
    let asked = Asked::read(parameters)?;
    let number = shown(&state, number)?;
    contents::page(&state, source, number..=number, asked).await.map(Json)
}

/// `number`, if readers may see the block.
fn shown(state: &ApiState, number: u64) -> Result<u64, ApiError> {
    let first = state.store.base().block + 1;
    let is_shown = (first..=state.view.head().block).contains(&number);
    if is_shown { Ok(number) } else { Err(unknown()) }
}

fn unknown() -> ApiError {
    ApiError::not_found("block", "the log has no such block")
}
