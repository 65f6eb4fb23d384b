//! Patience with L1: what is repeated, how often and for how long.
//!
//! A step that fails is repeated as a whole, with another node if there is one, because its answers
//! must be of one node and the repetition may ask for something else. All repetitions of a step end
//! after the same time, and the process ends.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::future::Future;
use std::time::{Duration, Instant};

use alloy::rpc::json_rpc::ErrorPayload;
use alloy::transports::{RpcError, TransportErrorKind, TransportResult};
use tokio::time::{sleep, timeout};
use tracing::warn;

use super::{L1, L1Error, Scope, Sheaf};
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

/// The failures of a step that is repeated.
#[derive(Debug)]
struct Trouble {
    start: Instant,
    pause: Duration,
    /// The nodes by whose word the step fails for good, and the first such word.
    condemning: BTreeSet<usize>,
    verdict: Option<L1Error>,
}

impl Trouble {
    fn new() -> Self {
        let (condemning, verdict) = (BTreeSet::new(), None);
        Self { start: Instant::now(), pause: Duration::ZERO, condemning, verdict }
    }

    /// Notes that the step failed with the node at `index`, and returns the pause before the next
    /// attempt.
    ///
    /// # Errors
    /// The error that ends the stage: one that no node explains, one for good that all nodes
    /// confirm, or any when the patience is over.
    fn note(&mut self, l1: &L1, patience: Duration, error: L1Error) -> Result<Duration, L1Error> {
        let (nodes, index) = (&l1.nodes, l1.index());
        if !error.is_of_a_node() {
            return Err(error);
        }
        let (elapsed, node) = (self.start.elapsed(), l1.node_name());
        if error.is_for_good() {
            self.condemning.insert(index);
            if self.condemning.len() == nodes.list.len() {
                return Err(error);
            }
            warn!(%error, node, "another L1 node is asked whether it says the same");
        } else {
            warn!(%error, node, "L1 does not do what a step asks; trying again");
        }
        if elapsed > patience {
            return Err(self.verdict.take().unwrap_or_else(|| error.after(elapsed)));
        }
        if error.is_for_good() {
            self.verdict.get_or_insert(error);
        }
        if nodes.has_well(&self.condemning) {
            return Ok(Duration::ZERO);
        }
        self.pause = (self.pause * 2).clamp(L1_PAUSE_MIN, L1_PAUSE_MAX);
        Ok(self.pause)
    }
}

impl L1 {
    /// Does a step with the first node that is well, once.
    ///
    /// # Errors
    /// The step's error.
    pub(crate) async fn attempt<T, A>(&self, step: impl Fn() -> A) -> Result<T, L1Error>
    where
        A: Future<Output = Result<T, L1Error>>,
    {
        self.step_avoiding(&BTreeSet::new(), step).await
    }

    /// Repeats a step of a stage until it fails for good.
    ///
    /// # Errors
    /// The step's error: at once if no node can change it, otherwise when the step has failed with
    /// every node for longer than the patience.
    pub(crate) async fn repeat<A>(&self, step: impl Fn() -> A) -> Result<Infallible, L1Error>
    where
        A: Future<Output = Result<Advance, L1Error>>,
    {
        let mut held = L1_PAUSE_MIN;
        loop {
            held = match self.insist(&step).await? {
                Advance::Done => continue,
                Advance::Idle => L1_POLL_INTERVAL,
                Advance::Held => (held * 2).min(L1_PAUSE_MAX),
            };
            sleep(held).await;
        }
    }

    /// Reads a value at every interval, and passes it on to `show`. The value has a name for the
    /// log.
    ///
    /// # Errors
    /// An error that no node causes. A value that no node tells is asked for again without a limit:
    /// the stages that need L1 limit silence and refusals.
    pub(crate) async fn watch<T, A>(
        &self,
        (value, interval): (&'static str, Duration),
        read: impl Fn() -> A,
        show: impl Fn(T),
    ) -> Result<Infallible, L1Error>
    where
        A: Future<Output = Result<T, L1Error>>,
    {
        loop {
            match self.attempt(&read).await {
                Ok(told) => show(told),
                Err(error) if error.is_of_a_node() => warn!(%error, "{value} is not known"),
                Err(error) => return Err(error),
            }
            sleep(interval).await;
        }
    }

    /// Repeats a step until it is done, with another node after each failure.
    ///
    /// # Errors
    /// As `repeat`.
    pub(crate) async fn insist<T, A>(&self, step: impl Fn() -> A) -> Result<T, L1Error>
    where
        A: Future<Output = Result<T, L1Error>>,
    {
        self.insist_for(self.nodes.patience, step).await
    }

    /// As `insist`, with another patience.
    ///
    /// # Errors
    /// As `repeat`.
    pub(crate) async fn insist_for<T, A>(
        &self,
        patience: Duration,
        step: impl Fn() -> A,
    ) -> Result<T, L1Error>
    where
        A: Future<Output = Result<T, L1Error>>,
    {
        let mut trouble = Trouble::new();
        loop {
            match self.step_avoiding(&trouble.condemning, &step).await {
                Ok(done) => return Ok(done),
                Err(error) => sleep(trouble.note(self, patience, error)?).await,
            }
        }
    }
}

/// Asks a question once.
///
/// # Errors
/// `Silent` when there is no answer within `L1_CALL_TIMEOUT`, or within `patience` if that is
/// shorter; `Refused` when the node returns an error; `Reverted` when the contract reverts the
/// call.
pub(super) async fn ask<T, A>(
    patience: Duration,
    request: &'static str,
    question: impl Fn() -> A,
) -> Result<T, L1Error>
where
    A: Future<Output = TransportResult<T>>,
{
    let limit = L1_CALL_TIMEOUT.min(patience);
    let silent = |last| L1Error::Silent { request, last };
    match timeout(limit, question()).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) if is_silence(&error) => Err(silent(error.to_string())),
        Ok(Err(error)) => Err(refusal(request, &error)),
        Err(_) => Err(silent(format!("no answer within {} s", limit.as_secs()))),
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
