//! Patience with L1: what is repeated, how often and for how long.
//!
//! While L1 is silent, `ask` repeats the same request. After a refusal, `repeat` repeats the
//! stage's whole step, because the step may then make another request. Both give up after the same
//! time, and the process ends.

use std::convert::Infallible;
use std::future::Future;
use std::time::{Duration, Instant};

use alloy::rpc::json_rpc::ErrorPayload;
use alloy::transports::{RpcError, TransportErrorKind, TransportResult};
use tokio::time::{sleep, timeout};
use tracing::warn;

use super::{L1Error, Scope, Sheaf};
use crate::limits::{L1_CALL_TIMEOUT, L1_PAUSE_MAX, L1_PAUSE_MIN, L1_POLL_INTERVAL};

/// The code of the JSON-RPC error for a call that the contract reverted.
const REVERTED: i64 = 3;

/// The result of a stage's step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advance {
    /// The step has done something, and there may be more to do.
    Done,
    /// There is nothing to do until L1 has something new.
    Idle,
    /// The step cannot be done yet: it is repeated after growing pauses.
    Held,
}

/// Repeats a step of a stage until it fails for good.
///
/// # Errors
/// The step's error: at once if a repetition cannot help, otherwise when the step has failed for
/// longer than `patience`.
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

/// Repeats a check of the start while the node refuses it: a limit of requests or a stray error
/// says nothing about the rollup.
///
/// # Errors
/// The check's error: `Refused` after `patience`, every other at once.
pub(crate) async fn insist<T, A>(patience: Duration, check: impl Fn() -> A) -> Result<T, L1Error>
where
    A: Future<Output = Result<T, L1Error>>,
{
    let (start, mut pause) = (Instant::now(), L1_PAUSE_MIN);
    loop {
        match check().await {
            Err(error @ L1Error::Refused { .. }) if start.elapsed() <= patience => {
                warn!(%error, "L1 refuses; trying again");
                sleep(pause).await;
                pause = (pause * 2).min(L1_PAUSE_MAX);
            }
            answer => return answer,
        }
    }
}

/// Repeats a request until L1 answers. An error that the node itself returns is an answer.
///
/// # Errors
/// `Refused` when the node returns an error; `Reverted` when the contract reverts the call;
/// `Unreachable` when there is no answer for as long as `patience`.
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

/// Whether an error means that the node did not answer.
fn is_silence(error: &RpcError<TransportErrorKind>) -> bool {
    matches!(error, RpcError::Transport(_) | RpcError::NullResp)
}

/// The refusal of a request: `Reverted` if the contract refused it, `Refused` if the node did.
fn refusal(request: &'static str, error: &RpcError<TransportErrorKind>) -> L1Error {
    match error.as_error_resp() {
        Some(payload) if payload.code == REVERTED || payload.as_revert_data().is_some() => {
            let (reason, scope) = revert_reason(payload);
            L1Error::Reverted { request, reason, scope }
        }
        Some(payload) => L1Error::Refused { request, reason: payload.to_string() },
        None if error.is_local_usage_error() => {
            L1Error::Unreadable { request, reason: error.to_string() }
        }
        None => L1Error::Refused { request, reason: error.to_string() },
    }
}

/// The name and fields of the contract's error if it is one of Sheaf's, otherwise the node's
/// message; and what the refusal depends on.
fn revert_reason(payload: &ErrorPayload) -> (String, Scope) {
    use Sheaf::SheafErrors::{InvalidL1Word, InvalidProof, InvalidStream, WordTooLarge};
    match payload.as_decoded_interface_error::<Sheaf::SheafErrors>() {
        Some(error @ (InvalidL1Word(_) | InvalidProof(_) | InvalidStream(_) | WordTooLarge(_))) => {
            (format!("{error:?}"), Scope::Call)
        }
        Some(error) => (format!("{error:?}"), Scope::Block),
        None => (payload.message.to_string(), Scope::Block),
    }
}
