//! `/v1/tokens`, requests of L1 and `/v1/payouts`: what is on its way between the rollup and its
//! contract on L1.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::{Extension, Json};
use sheaf_ledger::entry::Entry;
use sheaf_ledger::l1_address::L1Address;
use sheaf_wire::history::Decimal;
use sheaf_wire::l1::{
    L1RequestBody, L1RequestsBody, PayoutBody, PayoutsBody, RequestKind as Kind, TokenBody,
    TokensBody,
};
use sheaf_wire::transactions::Stage;
use sheaf_wire::{ErrorBody, schema};

use super::extract::Segment;
use super::rate::Source;
use super::transactions::stage_in;
use super::{ApiError, ApiState, batches};
use crate::lifecycle::RequestKind;
use crate::limits::{PAYOUT_ENTRIES_MAX, REQUESTS_PENDING_MAX};
use crate::store::{StoreError, StoredRequest};
use crate::token_list::ether;
use crate::unconfirmed::Unconfirmed;

/// The tokens of the contract's list.
#[utoipa::path(
    get, path = "/v1/tokens", tag = "l1", operation_id = "tokens",
    responses(
        (status = 200, description = "the list; ether alone without an L1", body = TokensBody),
        (status = 503, description = "the list was not read yet, or this sequencer follows \
            another one", body = ErrorBody),
    )
)]
pub(super) async fn tokens(State(state): State<ApiState>) -> Result<Json<TokensBody>, ApiError> {
    Ok(Json(TokensBody { tokens: listed(&state)? }))
}

fn listed(state: &ApiState) -> Result<Vec<TokenBody>, ApiError> {
    if state.config.l1.is_none() {
        return Ok(vec![ether(None)]);
    }
    let tokens = state.tokens.borrow().clone();
    tokens.map(|tokens| tokens.to_vec()).ok_or_else(ApiError::tokens_not_ready)
}

/// The requests of L1 that no durable block has consumed, those included that do not have their
/// confirmations yet.
#[utoipa::path(
    get, path = "/v1/requests/pending", tag = "l1", operation_id = "pending_requests",
    responses(
        (status = 200, description = "in the order of the contract's queue",
            body = L1RequestsBody),
    )
)]
pub(super) async fn pending_requests(
    State(state): State<ApiState>,
    Extension(source): Extension<Source>,
) -> Result<Json<L1RequestsBody>, ApiError> {
    let _turn = state.readers.turn(source).await?;
    let next = state.view.head().next_request;
    // What is not confirmed is taken first: what is confirmed meanwhile is then in the store.
    let unconfirmed = state.unconfirmed.borrow().clone();
    let stored = state.store.requests_from(next, REQUESTS_PENDING_MAX).await?;
    let end = stored.last().map_or(next, |last| last.request.number + 1);
    let newer = unconfirmed.iter().flat_map(|unconfirmed| &unconfirmed.requests);
    let newer = newer.filter(|request| request.request.number >= end).copied();
    let depth = Depth::of(&state, unconfirmed.as_deref());
    let body = |request: StoredRequest| pending(request, depth);
    let requests = stored.into_iter().chain(newer).map(body).collect();
    Ok(Json(L1RequestsBody { requests }))
}

/// The requests that an L1 transaction made, those included that do not have their confirmations
/// yet, and how far each has come.
#[utoipa::path(
    get, path = "/v1/l1-transactions/{hash}/requests", tag = "l1",
    operation_id = "requests_of_l1_transaction",
    params(("hash" = schema::AnyHash, Path, description = "of the transaction on L1")),
    responses(
        (status = 200, description = "in the order of the contract's queue; none if the \
            sequencer has seen no request of the transaction", body = L1RequestsBody),
        (status = 400, description = "this is no hash", body = ErrorBody),
    )
)]
pub(super) async fn requests_of_l1_transaction(
    State(state): State<ApiState>,
    Extension(source): Extension<Source>,
    Segment(text): Segment<String>,
) -> Result<Json<L1RequestsBody>, ApiError> {
    let hash = batches::l1_hash(&text)?;
    let _turn = state.readers.turn(source).await?;
    // As in `pending_requests`. An L1 transaction's requests are confirmed together.
    let unconfirmed = state.unconfirmed.borrow().clone();
    let mut found = state.store.requests_of(hash).await?;
    if found.is_empty() {
        let newer = unconfirmed.iter().flat_map(|unconfirmed| &unconfirmed.requests);
        found = newer.filter(|request| request.l1_transaction == hash).copied().collect();
    }
    let depth = Depth::of(&state, unconfirmed.as_deref());
    let mut requests = Vec::with_capacity(found.len());
    for request in found {
        let body = pending(request, depth);
        let is_consumed = body.number < state.view.head().next_request;
        requests.push(if is_consumed { consumed(&state, body).await? } else { body });
    }
    Ok(Json(L1RequestsBody { requests }))
}

/// L1's newest block, if an L1 node answers, and how many blocks a request must have on top.
#[derive(Debug, Clone, Copy)]
struct Depth {
    head: Option<u64>,
    needed: u64,
}

impl Depth {
    fn of(state: &ApiState, unconfirmed: Option<&Unconfirmed>) -> Self {
        let head = unconfirmed.map(|unconfirmed| unconfirmed.head);
        let needed = state.config.l1.as_ref().map_or(0, |side| side.watched.confirmations);
        Self { head, needed }
    }
}

fn pending(stored: StoredRequest, Depth { head, needed }: Depth) -> L1RequestBody {
    let StoredRequest { request, sender: _, l1_block, l1_transaction } = stored;
    let (kind, owner, token, amount, slot) = match request.kind {
        RequestKind::Deposit { owner, token, amount } => {
            (Kind::Deposit, owner, Some(token), Some(Decimal(amount)), None)
        }
        RequestKind::Exit { owner, slot } => (Kind::Exit, owner, None, None, Some(slot)),
    };
    L1RequestBody {
        number: request.number,
        kind,
        owner,
        token,
        amount,
        slot,
        l1_transaction: format!("0x{}", hex::encode(l1_transaction)),
        l1_block,
        confirmations: head.map(|head| head.saturating_sub(l1_block)),
        confirmations_needed: needed,
        stage: None,
        batch: None,
    }
}

/// What a request that a durable block has consumed says beside what `pending` says.
async fn consumed(state: &ApiState, body: L1RequestBody) -> Result<L1RequestBody, StoreError> {
    let batch = state.store.batch_of_request(body.number).await?;
    let (stage, number) = batch.map_or((Stage::Executed, None), |batch| {
        (stage_in(Some(batch.state)), Some(batch.sealed.number))
    });
    let body = L1RequestBody { stage: Some(stage), batch: number, ..body };
    let Some(slot) = body.slot else { return Ok(body) };
    let amount = state.store.exit_amount(body.number).await?.map(Decimal);
    let identity = amount.and_then(|_| state.directory.identity(slot));
    Ok(L1RequestBody { amount, token: identity.map(|identity| identity.token), ..body })
}

/// What the contract pays to an L1 address, and what it will pay once batches are final that are
/// not yet.
#[utoipa::path(
    get, path = "/v1/payouts/{l1_address}", tag = "l1", operation_id = "payouts",
    params(("l1_address" = schema::AnyAddress, Path, description = "0x and 40 hex digits")),
    responses(
        (status = 200, description = "by token", body = PayoutsBody),
        (status = 400, description = "this is no address of L1", body = ErrorBody),
        (status = 503, description = "no L1 node answers, the list of tokens was not read yet, \
            too many ask, or this sequencer follows another one", body = ErrorBody),
    )
)]
pub(super) async fn payouts(
    State(state): State<ApiState>,
    Extension(source): Extension<Source>,
    Segment(text): Segment<String>,
) -> Result<Json<PayoutsBody>, ApiError> {
    let l1_address: L1Address =
        text.parse().map_err(|error| ApiError::bad_request("malformed_address", error))?;
    let tokens = listed(&state)?;
    let _turn = state.readers.turn(source).await?;
    // What L1 has by now is asked last: a batch that becomes final meanwhile is counted twice
    // rather than not at all.
    let pending = not_final(&state, l1_address).await?;
    let numbers: Vec<u16> = tokens.iter().map(|token| token.token).collect();
    let claimable = match &state.config.l1 {
        Some(side) => side.l1.claimable(l1_address, &numbers).await.map_err(|error| {
            tracing::warn!(%error, "L1 does not say what may be claimed");
            ApiError::l1_unreachable()
        })?,
        None => Vec::new(),
    };
    let claimable: BTreeMap<u16, String> =
        claimable.into_iter().map(|(token, amount)| (token, amount.to_string())).collect();
    let payout = |TokenBody { token, .. }: &TokenBody| {
        let pending = pending.get(token).copied().unwrap_or_default();
        let claimable = claimable.get(token).cloned().unwrap_or_else(|| "0".to_owned());
        let pays = pending > 0 || claimable != "0";
        pays.then_some(PayoutBody { token: *token, claimable, pending: Decimal(pending) })
    };
    Ok(Json(PayoutsBody { l1_address, payouts: tokens.iter().filter_map(payout).collect() }))
}

/// What the withdrawals and exits of batches that are not final, and the withdrawals of blocks that
/// are not sealed, pay to an L1 address, L2 units by token. The log does not say what an exit pays,
/// so exits are counted once their batch is sealed.
async fn not_final(
    state: &ApiState,
    l1_address: L1Address,
) -> Result<BTreeMap<u16, u64>, ApiError> {
    let mut sums = BTreeMap::new();
    // What is sealed meanwhile is counted twice rather than not at all.
    let last_sealed = state.store.last_batch().await?.map_or(0, |batch| batch.sealed.last_block);
    for (token, amount) in state.store.not_final_payouts(l1_address).await? {
        *sums.entry(token).or_default() += amount;
    }
    let (head, mut read, mut entries) = (state.view.head().block, last_sealed, 0);
    loop {
        let blocks = state.store.blocks_between(read, head).await?;
        let Some(last) = blocks.last() else { return Ok(sums) };
        read = last.number;
        for block in &blocks {
            entries += block.entries.len();
            let directory = state.directory.read();
            for entry in &block.entries {
                if let Entry::Withdraw { slot, amount, recipient, .. } = *entry
                    && recipient == l1_address
                    && let Some(identity) = directory.identity(slot)
                {
                    *sums.entry(identity.token).or_default() += amount;
                }
            }
        }
        if entries > PAYOUT_ENTRIES_MAX {
            return Err(ApiError::overloaded());
        }
    }
}
