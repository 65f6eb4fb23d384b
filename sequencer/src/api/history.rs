//! `/v1/accounts/{owner}/transactions`: what moved an account's balances, a page at a time.

use std::cmp::Reverse;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use sheaf_ledger::hash::Digest;
use sheaf_ledger::owner::Owner;
use utoipa::{IntoParams, ToSchema};

use super::accounts::parse_owner;
use super::extract::{Parameters, Segment};
use super::transactions::stage_in;
use super::{ApiError, ApiState, ErrorBody};
use crate::directory::Identity;
use crate::lifecycle::Stage;
use crate::limits::{SLOTS_PER_ACCOUNT_MAX, TRANSACTIONS_PER_PAGE_MAX};
use crate::movement::{Cause, LogPosition, MovementKind};
use crate::store::{MovementPage, MovementRow};

/// A page of an account's history.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistoryBody {
    #[schema(value_type = String)]
    pub owner: Owner,
    /// The newest first.
    pub transactions: Vec<MovementBody>,
    /// What `before` must be for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What one durable transaction or one request of L1 did to a slot of the account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MovementBody {
    pub kind: MovementKind,
    pub stage: Stage,
    pub slot: u32,
    pub token: u16,
    /// L2 units without the fee, a decimal string; absent for an exit, which takes the whole
    /// balance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// L2 units, a decimal string: what the owner paid on top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee: Option<String>,
    /// The recipients of a transfer that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payments: Option<u32>,
    /// Who paid, or was paid where there is one recipient.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub counterparty: Option<Owner>,
    /// Where a withdrawal goes, `0x` and 40 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// The signed transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub id: Option<Digest>,
    /// The request of L1, where one caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestBody>,
    pub block: u64,
    /// Unix milliseconds of the sequencer's clock.
    pub executed_ms: u64,
    pub batch: u64,
    /// The L1 transaction that brings the batch to L1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub l1_transaction: Option<String>,
}

/// A request of L1.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RequestBody {
    /// Its place in the contract's queue, from 0.
    pub number: u64,
    /// The L1 transaction that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub l1_transaction: Option<String>,
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct HistoryParameters {
    /// Only what is older than this: `next` of the page before.
    before: Option<String>,
    /// At most this many, 1 to 100.
    limit: Option<u32>,
}

/// What moved an account's balances, the newest first: transfers sent and received, withdrawals,
/// deposits and exits that durable blocks hold. Of an account with more than 256 slots, the 256
/// opened last.
#[utoipa::path(
    get, path = "/v1/accounts/{owner}/transactions", tag = "accounts",
    params(("owner" = String, Path, description = "bech32m"), HistoryParameters),
    responses((status = 200, body = HistoryBody), (status = 400, body = ErrorBody))
)]
pub async fn history(
    State(state): State<ApiState>,
    Segment(owner): Segment<String>,
    Parameters(HistoryParameters { before, limit }): Parameters<HistoryParameters>,
) -> Result<Json<HistoryBody>, ApiError> {
    let owner = parse_owner(&owner)?;
    let limit = limit.unwrap_or(TRANSACTIONS_PER_PAGE_MAX);
    if limit == 0 || limit > TRANSACTIONS_PER_PAGE_MAX {
        let message = format!("a page has 1 to {TRANSACTIONS_PER_PAGE_MAX} transactions");
        return Err(ApiError::bad_request("page_length", message));
    }
    let before = before.map(|text| text.parse::<LogPosition>()).transpose().map_err(|()| {
        let message = "`before` must be the `next` of another page";
        ApiError::bad_request("malformed_cursor", message)
    })?;
    let slots: Vec<u32> = state.directory.read().of(&owner).take(SLOTS_PER_ACCOUNT_MAX).collect();
    let mut rows = Vec::new();
    for slot in slots {
        // One more than the page holds says whether there is a next one.
        let page = MovementPage { slot, owner, before, limit: limit + 1 };
        rows.extend(state.store.movements(page).await?);
    }
    rows.sort_by_key(|row| Reverse(row.movement.position));
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let last = rows.last().map(|row| row.movement.position.to_string());
    let directory = state.directory.read();
    let transactions =
        rows.into_iter().filter_map(|row| body(row, |slot| directory.identity(slot))).collect();
    Ok(Json(HistoryBody { owner, transactions, next: last.filter(|_| has_more) }))
}

/// A row as it is shown; `identity` knows every slot that a durable block has touched.
fn body(row: MovementRow, identity: impl Fn(u32) -> Option<Identity>) -> Option<MovementBody> {
    let hex = |hash: [u8; 32]| format!("0x{}", hex::encode(hash));
    let movement = row.movement;
    let (id, request) = match movement.cause {
        Cause::Transaction(id) => (Some(id), None),
        Cause::Request(number) => {
            let l1_transaction = row.request_transaction.map(hex);
            (None, Some(RequestBody { number, l1_transaction }))
        }
    };
    Some(MovementBody {
        kind: movement.kind,
        stage: stage_in(row.batch_state),
        slot: movement.slot,
        token: identity(movement.slot)?.token,
        amount: movement.amount.map(|amount| amount.to_string()),
        fee: movement.fee.map(|fee| fee.to_string()),
        payments: movement.payments,
        counterparty: movement.other_slot.and_then(identity).map(|other| other.owner),
        recipient: movement.recipient.map(|address| address.to_string()),
        id,
        request,
        block: movement.position.block,
        executed_ms: row.executed_ms,
        batch: row.batch,
        l1_transaction: row.l1_transaction.map(hex),
    })
}
