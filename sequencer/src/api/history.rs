//! `/v1/accounts/{owner}/transactions`: what moved an account's balances, a page at a time.

use std::cmp::Reverse;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use sheaf_crypto::hash::Digest;
use sheaf_ledger::owner::Owner;
use utoipa::{IntoParams, ToSchema};

use super::accounts::parse_owner;
use super::extract::{Parameters, Segment};
use super::transactions::stage_in;
use super::{ApiError, ApiState, ErrorBody};
use crate::block::Block;
use crate::lifecycle::Stage;
use crate::limits::{ENTRIES_PER_PAGE_MAX, SLOTS_PER_ACCOUNT_MAX, TRANSACTIONS_PER_PAGE_MAX};
use crate::movement::{Cause, LogPosition, Movement, MovementKind, movements_of};
use crate::store::BatchRow;

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
    /// At most this many, 1 to 100. Only an absent `next` says that a page is the last: one that
    /// took much to read ends before its limit.
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
    let (positions, has_more) = positions(&state, &owner, before, limit).await?;
    let mut page = Page::new(&state, owner);
    let mut last = None;
    for position in positions.iter().copied() {
        if !page.has_room_for(position) {
            break;
        }
        page.read(position).await?;
        last = Some(position);
    }
    let is_whole = !has_more && last == positions.last().copied();
    let next = last.filter(|_| !is_whole).map(|position| position.to_string());
    Ok(Json(HistoryBody { owner, transactions: page.transactions, next }))
}

/// Where the account's slots moved, the newest first, and whether they moved before that.
async fn positions(
    state: &ApiState,
    owner: &Owner,
    before: Option<LogPosition>,
    limit: u32,
) -> Result<(Vec<LogPosition>, bool), ApiError> {
    let slots: Vec<u32> = state.directory.read().of(owner).take(SLOTS_PER_ACCOUNT_MAX).collect();
    let mut positions = Vec::new();
    for slot in slots {
        // One more than the page holds says whether there is a next one.
        positions.extend(state.store.movements(slot, before, limit + 1).await?);
    }
    positions.sort_by_key(|position| Reverse(*position));
    let has_more = positions.len() > limit as usize;
    positions.truncate(limit as usize);
    Ok((positions, has_more))
}

/// A page while it is read.
struct Page<'a> {
    state: &'a ApiState,
    owner: Owner,
    transactions: Vec<MovementBody>,
    /// The block read last, and what moved in it.
    block: Option<(Block, Vec<Movement>)>,
    /// The batch of that block, if it is sealed.
    batch: Option<BatchRow>,
    entries_read: usize,
}

impl<'a> Page<'a> {
    fn new(state: &'a ApiState, owner: Owner) -> Self {
        Self { state, owner, transactions: vec![], block: None, batch: None, entries_read: 0 }
    }

    /// The first block is always read, so that every page gets on.
    fn has_room_for(&self, position: LogPosition) -> bool {
        self.entries_read < ENTRIES_PER_PAGE_MAX || self.is_in(position.block)
    }

    fn is_in(&self, number: u64) -> bool {
        self.block.as_ref().is_some_and(|(block, _)| block.number == number)
    }

    /// Adds what moved at a place that the index names.
    async fn read(&mut self, position: LogPosition) -> Result<(), ApiError> {
        if !self.is_in(position.block) {
            self.open(position.block).await?;
        }
        let movement = self.block.as_ref().and_then(|(_, movements)| {
            let found = movements.binary_search_by_key(&position, |movement| movement.position);
            found.ok().map(|index| movements[index].clone())
        });
        if let Some(movement) = movement
            && movement.exits.is_none_or(|owner| owner == self.owner)
        {
            let body = self.body(movement).await?;
            self.transactions.extend(body);
        }
        Ok(())
    }

    async fn open(&mut self, number: u64) -> Result<(), ApiError> {
        let Some(block) = self.state.store.block(number).await? else { return Ok(()) };
        self.entries_read += block.entries.len();
        self.batch = self.state.store.batch(block.batch).await?;
        let movements = movements_of(&block);
        self.block = Some((block, movements));
        Ok(())
    }

    async fn body(&self, movement: Movement) -> Result<Option<MovementBody>, ApiError> {
        let (id, request) = match movement.cause {
            Cause::Transaction(id) => (Some(id), None),
            Cause::Request(number) => (None, Some(self.request(number).await?)),
        };
        let Some((block, _)) = &self.block else { return Ok(None) };
        let directory = self.state.directory.read();
        let Some(identity) = directory.identity(movement.slot) else { return Ok(None) };
        let other = movement.other_slot.and_then(|slot| directory.identity(slot));
        let l1_transaction = self.batch.as_ref().and_then(|batch| batch.l1_transaction);
        Ok(Some(MovementBody {
            kind: movement.kind,
            stage: stage_in(self.batch.as_ref().map(|batch| batch.state)),
            slot: movement.slot,
            token: identity.token,
            amount: movement.amount.map(|amount| amount.to_string()),
            fee: movement.fee.map(|fee| fee.to_string()),
            payments: movement.payments,
            counterparty: other.map(|other| other.owner),
            recipient: movement.recipient.map(|address| address.to_string()),
            id,
            request,
            block: block.number,
            executed_ms: block.executed_ms,
            batch: block.batch,
            l1_transaction: l1_transaction.map(hex_of),
        }))
    }

    async fn request(&self, number: u64) -> Result<RequestBody, ApiError> {
        let found = self.state.store.requests_from(number, 1).await?;
        let found = found.first().filter(|stored| stored.request.number == number);
        let l1_transaction = found.map(|stored| hex_of(stored.l1_transaction));
        Ok(RequestBody { number, l1_transaction })
    }
}

fn hex_of(hash: [u8; 32]) -> String {
    format!("0x{}", hex::encode(hash))
}
