//! Patience with L1: what is asked again, how often and for how long.
//!
//! Silence is waited out within a question, a refusal by repeating the stage's step, because what
//! is asked then may be another question. Both end after the same time, and the process with them.

use std::convert::Infallible;
use std::future::Future;
use std::time::{Duration, Instant};

use alloy::rpc::json_rpc::ErrorPayload;
use alloy::transports::{RpcError, TransportErrorKind, TransportResult};
use tokio::time::{sleep, timeout};
use tracing::warn;

use super::{L1Error, Sheaf};
use crate::limits::{L1_CALL_TIMEOUT, L1_PAUSE_MAX, L1_PAUSE_MIN, L1_POLL_INTERVAL};

/// The code of a JSON-RPC error that says that the contract reverted.
const REVERTED: i64 = 3;

/// What a step of a stage came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advance {
    /// Something was done, and there may be more.
    Done,
    /// There is nothing to do until L1 has something new.
    Idle,
    /// It is better to wait for a while.
    Held,
}

/// Repeats a step of a stage until it fails for good.
///
/// # Errors
/// The step's, once it is none that may pass, or has not passed for as long as `patience`.
pub(crate) async fn repeat<A>(
    patience: Duration,
    step: impl Fn() -> A,
) -> Result<Infallible, L1Error>
where
    A: Future<Output = Result<Advance, L1Error>>,
{
    let mut refused: Option<Instant> = None;
    let mut pause = L1_PAUSE_MIN;
    loop {
        let advance = match step().await {
            Err(error) if error.may_pass() => {
                if refused.get_or_insert_with(Instant::now).elapsed() > patience {
                    return Err(error);
                }
                warn!(%error, "L1 refuses; trying again");
                Advance::Held
            }
            advance => {
                refused = None;
                advance?
            }
        };
        pause = match advance {
            Advance::Done => continue,
            Advance::Idle => L1_POLL_INTERVAL,
            Advance::Held => (pause * 2).min(L1_PAUSE_MAX),
        };
        sleep(pause).await;
    }
}

/// Asks until L1 answers. An error that the node itself returned is an answer.
///
/// # Errors
/// `Refused` or `Reverted` with that answer; `Unreachable` when there was none for as long as
/// `patience`.
pub(super) async fn ask<T, A>(
    patience: Duration,
    request: &'static str,
    question: impl Fn() -> A,
) -> Result<T, L1Error>
where
    A: Future<Output = TransportResult<T>>,
{
    let (start, limit) = (Instant::now(), L1_CALL_TIMEOUT.min(patience));
    let mut pause = L1_PAUSE_MIN;
    loop {
        let last = match timeout(limit, question()).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) if is_silence(&error) => error.to_string(),
            Ok(Err(error)) => return Err(refusal(request, &error)),
            Err(_) => format!("no answer within {} s", limit.as_secs()),
        };
        let seconds = start.elapsed().as_secs();
        if start.elapsed() > patience {
            return Err(L1Error::Unreachable { seconds, last });
        }
        warn!(request, seconds, last, "L1 does not answer; asking again");
        sleep(pause).await;
        pause = (pause * 2).min(L1_PAUSE_MAX);
    }
}

/// Whether an error says that nobody answered, rather than what the node answered.
fn is_silence(error: &RpcError<TransportErrorKind>) -> bool {
    matches!(error, RpcError::Transport(_) | RpcError::NullResp)
}

/// Tells what the contract refused from what the node did.
fn refusal(request: &'static str, error: &RpcError<TransportErrorKind>) -> L1Error {
    match error.as_error_resp() {
        Some(payload) if payload.code == REVERTED || payload.as_revert_data().is_some() => {
            L1Error::Reverted { request, reason: revert_reason(payload) }
        }
        Some(payload) => L1Error::Refused { request, reason: payload.to_string() },
        None => L1Error::Refused { request, reason: error.to_string() },
    }
}

/// The contract's own error by its name, where it is one of Sheaf's.
fn revert_reason(payload: &ErrorPayload) -> String {
    match payload.as_decoded_interface_error::<Sheaf::SheafErrors>() {
        Some(error) => format!("{error:?}"),
        None => payload.message.to_string(),
    }
}
