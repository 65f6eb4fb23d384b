//! `/v1/accounts/{owner}/transactions`: the movements of an account's balances, a page at a time.

use std::cmp::Reverse;

use axum::extract::State;
use axum::{Extension, Json};
use sheaf_ledger::owner::Owner;
use sheaf_wire::ErrorBody;
use sheaf_wire::history::{Decimal, HistoryBody, HistoryParameters, MovementBody, RequestBody};
use sheaf_wire::schema;

use super::accounts::parse_owner;
use super::extract::{Parameters, Segment, page_length};
use super::rate::Source;
use super::transactions::stage_in;
use super::{ApiError, ApiState};
use crate::block::Block;
use crate::limits::{ENTRIES_PER_PAGE_MAX, SLOTS_PER_ACCOUNT_MAX, TRANSACTIONS_PER_PAGE_MAX};
use crate::movement::{Cause, LogPosition, Movement, movements_of};
use crate::store::{BatchRow, StoreError};

/// The movements of an account's balances, the newest first: transfers sent and received,
/// withdrawals, deposits and exits in durable blocks. For an account with more than 256 slots, the
/// movements of the 256 opened last.
#[utoipa::path(
    get, path = "/v1/accounts/{owner}/transactions", tag = "accounts",
    operation_id = "account_transactions",
    params(
        ("owner" = schema::Owner, Path, description = "bech32m with the prefix `sheaf`"),
        HistoryParameters,
    ),
    responses(
        (status = 200, description = "a page of movements", body = HistoryBody),
        (status = 410, description = "the page's blocks are archived and not served here",
            body = ErrorBody),
        (status = 503, body = ErrorBody,
            description = "too many read history, or another reason of 503"),
    )
)]
pub(super) async fn history(
    State(state): State<ApiState>,
    Extension(source): Extension<Source>,
    Segment(owner): Segment<String>,
    Parameters(HistoryParameters { before, limit }): Parameters<HistoryParameters>,
) -> Result<Json<HistoryBody>, ApiError> {
    let owner = parse_owner(&owner)?;
    let limit = page_length(limit, TRANSACTIONS_PER_PAGE_MAX, "transactions")?;
    let before = before.map(|text| text.parse::<LogPosition>()).transpose().map_err(|()| {
        let message = "`before` must be the `next` of another page";
        ApiError::bad_request("malformed_cursor", message)
    })?;
    let _turn = state.readers.turn(source).await?;
    let (positions, has_more) = positions(&state, &owner, before, limit).await?;
    let mut page = Page::new(&state, owner);
    let mut last = None;
    for position in positions.iter().copied() {
        if !page.has_room_for(position) {
            break;
        }
        match page.read(position).await {
            Ok(()) => last = Some(position),
            // The page ends before the archived blocks, and the next page says that they are.
            Err(StoreError::Archived { .. }) if last.is_some() => break,
            Err(error) => return Err(error.into()),
        }
    }
    let is_whole = !has_more && last == positions.last().copied();
    let next = last.filter(|_| !is_whole).map(|position| position.to_string());
    Ok(Json(HistoryBody { owner, transactions: page.transactions, next }))
}

/// The places in the log of the newest `limit` movements of the account's slots before `before`,
/// the newest first, and whether there are earlier movements.
async fn positions(
    state: &ApiState,
    owner: &Owner,
    before: Option<LogPosition>,
    limit: u32,
) -> Result<(Vec<LogPosition>, bool), ApiError> {
    let slots: Vec<u32> = state.directory.read().of(owner).take(SLOTS_PER_ACCOUNT_MAX).collect();
    let mut positions = Vec::new();
    for slot in slots {
        // One movement more than the page has room for shows whether there is a next page.
        positions.extend(state.index.movements(slot, before, limit as usize + 1).await?);
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
    /// The block read last, and its movements.
    block: Option<(Block, Vec<Movement>)>,
    /// The batch of that block, if it is sealed.
    batch: Option<BatchRow>,
    entries_read: usize,
}

impl<'a> Page<'a> {
    fn new(state: &'a ApiState, owner: Owner) -> Self {
        Self { state, owner, transactions: vec![], block: None, batch: None, entries_read: 0 }
    }

    /// Whether the page may read the movement at `position`. The first block is always read, so
    /// that every page advances.
    fn has_room_for(&self, position: LogPosition) -> bool {
        self.entries_read < ENTRIES_PER_PAGE_MAX || self.is_in(position.block)
    }

    fn is_in(&self, number: u64) -> bool {
        self.block.as_ref().is_some_and(|(block, _)| block.number == number)
    }

    /// Adds the movement at a place that the index names. An exit that another owner asked for took
    /// nothing and is left out.
    async fn read(&mut self, position: LogPosition) -> Result<(), StoreError> {
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

    async fn open(&mut self, number: u64) -> Result<(), StoreError> {
        let Some(block) = self.state.store.block(number).await? else { return Ok(()) };
        self.entries_read += block.entries.len();
        self.batch = self.state.store.batch(block.batch).await?;
        let movements = movements_of(&block);
        self.block = Some((block, movements));
        Ok(())
    }

    async fn body(&self, movement: Movement) -> Result<Option<MovementBody>, StoreError> {
        let (id, request) = match movement.cause {
            Cause::Transaction(id) => (Some(id), None),
            Cause::Request(number) => (None, Some(self.request(number).await?)),
        };
        let amount = match (movement.amount, movement.cause) {
            (None, Cause::Request(number)) => self.state.store.exit_amount(number).await?,
            (amount, _) => amount,
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
            amount: amount.map(Decimal),
            fee: movement.fee.map(Decimal),
            payments: movement.payments,
            counterparty: other.map(|other| other.owner),
            recipient: movement.recipient,
            id,
            request,
            block: block.number,
            executed_ms: block.executed_ms,
            batch: block.batch,
            l1_transaction: l1_transaction.map(hex_of),
        }))
    }

    async fn request(&self, number: u64) -> Result<RequestBody, StoreError> {
        let found = self.state.store.requests_from(number, 1).await?;
        let found = found.first().filter(|stored| stored.request.number == number);
        let l1_transaction = found.map(|stored| hex_of(stored.l1_transaction));
        Ok(RequestBody { number, l1_transaction })
    }
}

fn hex_of(hash: [u8; 32]) -> String {
    format!("0x{}", hex::encode(hash))
}
