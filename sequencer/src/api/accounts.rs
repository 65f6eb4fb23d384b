//! `/v1/accounts` and `/v1/slots`: balances and nonces, as durable blocks have them, and paths, as
//! the newest final batch has them.

use axum::Json;
use axum::extract::State;
use sheaf_ledger::owner::Owner;
use sheaf_wire::ErrorBody;
use sheaf_wire::accounts::{AccountBody, NonceBody, NonceParameters, PathBody, SlotBody};
use sheaf_wire::history::Decimal;
use sheaf_wire::schema;
use tokio::sync::oneshot;

use super::extract::{Parameters, Segment};
use super::{ApiError, ApiState};
use crate::directory::Identity;
use crate::limits::SLOTS_PER_ACCOUNT_MAX;
use crate::ordering::Command;
use crate::paths::Opening;

/// The slots of an owner, in the order in which they were opened. For an owner with more than 256
/// slots, the 256 opened last.
#[utoipa::path(
    get, path = "/v1/accounts/{owner}", tag = "accounts", operation_id = "account",
    params(("owner" = schema::Owner, Path, description = "bech32m with the prefix `sheaf`")),
    responses(
        (status = 200, description = "the owner's slots", body = AccountBody),
        (status = 400, description = "this is no owner", body = ErrorBody),
    )
)]
pub(super) async fn account(
    State(state): State<ApiState>,
    Segment(owner): Segment<String>,
) -> Result<Json<AccountBody>, ApiError> {
    let owner = parse_owner(&owner)?;
    let mut slots: Vec<u32> =
        state.directory.read().of(&owner).take(SLOTS_PER_ACCOUNT_MAX).collect();
    slots.reverse();
    Ok(Json(AccountBody { owner, slots: bodies(&state, slots).await? }))
}

/// The nonce to sign next: the nonce after the transactions that are ready in the mempool.
#[utoipa::path(
    get, path = "/v1/accounts/{owner}/nonce", tag = "accounts", operation_id = "next_nonce",
    params(
        ("owner" = schema::Owner, Path, description = "bech32m with the prefix `sheaf`"),
        NonceParameters,
    ),
    responses(
        (status = 200, description = "the nonce to sign next", body = NonceBody),
        (status = 400, description = "this is no owner, or no token", body = ErrorBody),
        (status = 404, description = "the owner has no slot of the token", body = ErrorBody),
    )
)]
pub(super) async fn nonce(
    State(state): State<ApiState>,
    Segment(owner): Segment<String>,
    Parameters(NonceParameters { token }): Parameters<NonceParameters>,
) -> Result<Json<NonceBody>, ApiError> {
    let owner = parse_owner(&owner)?;
    let unopened = || ApiError::not_found("slot", "the owner has no slot of this token");
    let slot = state.directory.find(Identity { owner, token }).ok_or_else(unopened)?;
    let found = bodies(&state, vec![slot]).await?;
    let body = found.first().ok_or_else(unopened)?;
    Ok(Json(NonceBody { slot, token, nonce: body.next_nonce }))
}

/// One slot.
#[utoipa::path(
    get, path = "/v1/slots/{index}", tag = "accounts", operation_id = "slot",
    params(("index" = u32, Path, description = "the slot's index")),
    responses(
        (status = 200, description = "the slot", body = SlotBody),
        (status = 400, description = "this is no index", body = ErrorBody),
        (status = 404, description = "the slot is not open", body = ErrorBody),
    )
)]
pub(super) async fn slot(
    State(state): State<ApiState>,
    Segment(index): Segment<u32>,
) -> Result<Json<SlotBody>, ApiError> {
    let found = bodies(&state, vec![index]).await?;
    let unopened = || ApiError::not_found("slot", "the slot is not open");
    found.into_iter().next().map(Json).ok_or_else(unopened)
}

/// A slot after the newest final batch, with its Merkle path to that batch's root: what the
/// contract's `freeze` and `escape` take beside the owner's key.
#[utoipa::path(
    get, path = "/v1/slots/{index}/path", tag = "accounts", operation_id = "slot_path",
    params(("index" = u32, Path, description = "the slot's index")),
    responses(
        (status = 200, description = "the slot and its path", body = PathBody),
        (status = 400, description = "this is no index", body = ErrorBody),
        (status = 404, description = "no final batch has opened the slot", body = ErrorBody),
        (status = 503, description = "the final state is being read; ask again", body = ErrorBody),
    )
)]
pub(super) async fn path(
    State(state): State<ApiState>,
    Segment(index): Segment<u32>,
) -> Result<Json<PathBody>, ApiError> {
    let unopened = || ApiError::not_found("slot", "no final batch has opened the slot");
    let opening = state.paths.of(index).await?.ok_or_else(unopened)?;
    let Opening { batch, root, next_slot, slot, siblings } = opening;
    Ok(Json(PathBody {
        slot: index,
        owner: slot.owner,
        token: slot.token,
        balance: slot.balance,
        nonce: slot.nonce,
        siblings: siblings.to_vec(),
        batch,
        root,
        next_slot,
    }))
}

/// Reads an owner from bech32m.
///
/// # Errors
/// 400 `malformed_owner` when the text is no owner.
pub(super) fn parse_owner(text: &str) -> Result<Owner, ApiError> {
    text.parse().map_err(|error| ApiError::bad_request("malformed_owner", error))
}

/// The bodies of the slots in `slots` that durable blocks have opened, in the same order.
///
/// # Errors
/// 503 `outcome_unknown` when ordering has ended.
async fn bodies(state: &ApiState, slots: Vec<u32>) -> Result<Vec<SlotBody>, ApiError> {
    let accounts = state.view.accounts(slots.iter().copied());
    let (answer, next) = oneshot::channel();
    let command = Command::NextNonces { slots: slots.clone(), answer };
    state.commands.send(command).await.map_err(|_| ApiError::stopping())?;
    let next = next.await.map_err(|_| ApiError::stopping())?;
    let finals = state.final_accounts.of(&slots).await?;
    let directory = state.directory.read();
    let body = |(index, slot): (usize, u32)| {
        let (account, Identity { owner, token }) = (accounts[index]?, directory.identity(slot)?);
        let last = finals.as_ref().map(|finals| finals[index]);
        Some(SlotBody {
            slot,
            owner,
            token,
            balance: account.balance,
            nonce: account.nonce,
            next_nonce: next[index].unwrap_or(account.nonce),
            final_balance: last.map(|last| Decimal(last.balance)),
            final_nonce: last.map(|last| last.nonce),
        })
    };
    Ok(slots.into_iter().enumerate().filter_map(body).collect())
}
