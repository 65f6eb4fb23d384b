//! `/healthz`: whether blocks and batches advance. A process that answers but does not advance is
//! not healthy. An idle process with nothing to do is healthy.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sheaf_wire::ErrorBody;
use sheaf_wire::status::HealthBody;

use super::{ApiError, ApiState};
use crate::limits::HEALTH_TIMEOUT;
use crate::operator_account::OperatorAccount;
use crate::ordering::Load;
use crate::store::{BatchState, now_ms};

/// Whether blocks and batches advance.
#[utoipa::path(
    get, path = "/healthz", tag = "status", operation_id = "health",
    responses(
        (status = 200, description = "they advance", body = HealthBody),
        (status = 503, description = "the code says what does not advance", body = ErrorBody),
    )
)]
pub(super) async fn health(State(state): State<ApiState>) -> Result<Json<HealthBody>, ApiError> {
    if !state.store.leads() {
        return Ok(Json(HealthBody { healthy: true, following: true, ..HealthBody::default() }));
    }
    let limits = state.config.health;
    let load = tokio::time::timeout(HEALTH_TIMEOUT, state.load())
        .await
        .map_err(|_| unhealthy("ordering_stalled", "ordering does not answer"))??;
    let head = state.view.head();
    if let Some(pause) = load.pause {
        return Err(unhealthy(pause.code(), pause));
    }
    if let Some(newest) = load.newest_block
        && newest.number > head.block
        && age(newest.executed_ms) > limits.block_age_max
    {
        let message = format!("block {} is executed and should have been durable", newest.number);
        return Err(unhealthy("block_too_old", message));
    }
    let unsealed = state.unsealed(load);
    if unsealed.age > unsealed.limit {
        return Err(unhealthy("batch_too_old", "the open batch should have been sealed"));
    }
    if let Some(batch) = state.store.oldest_batch_in(BatchState::Sealed).await?
        && age(batch.sealed_ms) > limits.proof_age_max
    {
        let message = format!("batch {} should have been proven", batch.sealed.number);
        return Err(unhealthy("proof_too_old", message));
    }
    if let Some(batch) = state.store.batch(state.store.last_finalised().await? + 1).await?
        && age(batch.sealed_ms) > limits.finality_age_max
    {
        let message = format!("batch {} should have been final", batch.sealed.number);
        return Err(unhealthy("finality_too_old", message));
    }
    let operator = state.operator();
    if let Some(OperatorAccount { address, batches: 0, .. }) = operator {
        let message = format!("the account {address} cannot pay for another batch: send ether");
        return Err(unhealthy("operator_account_empty", message));
    }
    let operator_batches = operator.map(|account| account.batches);
    let l1_unreachable = state.l1().is_some_and(|l1| l1.node.is_none() || !l1.compared);
    Ok(Json(HealthBody { healthy: true, operator_batches, l1_unreachable, following: false }))
}

/// How old the batch that is not sealed is, and the age at which sealing counts as stuck.
pub(crate) struct Unsealed {
    pub age: Duration,
    pub limit: Duration,
}

impl ApiState {
    /// The age of the batch that is not sealed. A batch's timestamp may be older than the batch, so
    /// ordering says how old an open batch is, and a closed batch counts from its last block.
    pub(crate) fn unsealed(&self, load: Load) -> Unsealed {
        let sealing = self.config.health.sealing_delay_max;
        let while_open = self.config.batch_age_max + sealing;
        let head = self.view.head();
        // The block made last has closed the batch, durable or not.
        let closed_ms = load.newest_block.map_or(head.executed_ms, |newest| newest.executed_ms);
        match load.open_batch {
            Some(age) => Unsealed { age, limit: while_open },
            None if head.batch > *self.sealed.borrow() => {
                Unsealed { age: age(closed_ms), limit: sealing }
            }
            None => Unsealed { age: Duration::ZERO, limit: while_open },
        }
    }
}

fn age(since_ms: u64) -> Duration {
    Duration::from_millis(now_ms().saturating_sub(since_ms))
}

fn unhealthy(code: &str, message: impl ToString) -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, code, message)
}
