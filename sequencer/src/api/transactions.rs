//! `/v1/transactions`: sending transactions, and asking which stage they have reached.

use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use sheaf_crypto::hash::Digest;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::transaction::{SignedTransaction, Transaction};
use sheaf_wire::transactions::{Stage, SubmissionAnswer, SubmissionBody, TransactionStatus};
use sheaf_wire::{ErrorBody, schema};
use tokio::sync::oneshot;

use super::extract::{Body, Segment};
use super::submission::{Submission, answer};
use super::{ApiError, ApiState};
use crate::index::TransactionPosition;
use crate::intake::{Lane, NotTaken};
use crate::lifecycle::Outcome;
use crate::limits::ACKNOWLEDGEMENT_TIMEOUT;
use crate::rejection::Rejection;
use crate::store::{BatchOfBlock, BatchState, StoreError};
use crate::tracker::{Tracked, Tracker};

/// The status of a transaction at `stage`, without its place in the log.
fn at(id: Option<Digest>, stage: Stage) -> TransactionStatus {
    let durable = stage.is_durable();
    let (block, position, batch, l1_transaction) = (None, None, None, None);
    TransactionStatus { id, stage, durable, block, position, batch, l1_transaction, error: None }
}

/// The status of a transaction that a rule refuses.
fn rejected(id: Option<Digest>, rejection: &Rejection) -> TransactionStatus {
    refused(ApiError::rejected(id, rejection))
}

/// The status of a transaction that an error is about.
fn refused(error: ApiError) -> TransactionStatus {
    let error = error.detail();
    TransactionStatus { error: Some(error.clone()), ..at(error.transaction, Stage::Rejected) }
}

/// The place of a transaction in the log, and the batch of its block.
type Place = (TransactionPosition, BatchOfBlock);

/// The place of a transaction, if the log has it.
async fn place(state: &ApiState, id: &Digest) -> Result<Option<Place>, StoreError> {
    let Some(position) = state.index.transaction(id).await? else { return Ok(None) };
    let batch = state.store.batch_of_block(position.block).await?;
    Ok(batch.map(|batch| (position, batch)))
}

/// The status of a transaction that the log has.
fn placed(id: Digest, (position, batch): &Place) -> TransactionStatus {
    let stage = stage_in(batch.batch_state);
    TransactionStatus {
        block: Some(position.block),
        position: Some(position.position),
        batch: Some(batch.batch),
        l1_transaction: batch.l1_transaction.map(|hash| format!("0x{}", hex::encode(hash))),
        ..at(Some(id), stage)
    }
}

/// Sends one transaction or an array. The answer comes when each transaction is durable, held or
/// refused, or after 10 seconds. Sending the same transaction again is harmless: the answer then
/// says how far the transaction has come.
///
/// With `Content-Type: application/octet-stream` the body is an array in the binary form of
/// docs/protocol.md, section 11; with any other type, or without one, the body is JSON. With
/// `Accept: application/octet-stream` the answer to an array is binary. Errors are always JSON.
#[utoipa::path(
    post, path = "/v1/transactions", tag = "transactions",
    operation_id = "submit_transactions",
    request_body(content(
        (SubmissionBody = "application/json"),
        (schema::Binary = "application/octet-stream"),
    )),
    responses(
        (status = 200, description = "executed in a durable block; for an array, see each result",
            content(
                (SubmissionAnswer = "application/json"),
                (schema::Binary = "application/octet-stream"),
            )),
        (status = 202, description = "on its way or held in memory, not durable",
            body = TransactionStatus),
        (status = 422, description = "refused by the rule that the code names", body = ErrorBody),
        (status = 429, description = "too many of this owner's, or of all, are waiting; no batch \
            may be opened now; or this address asks too often", body = ErrorBody),
        (status = 503, description = "overloaded, or stopping: what became of it is not \
            known", body = ErrorBody),
    )
)]
pub(super) async fn submit(
    State(state): State<ApiState>,
    Extension(lane): Extension<Lane>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    match Submission::read(&headers, body).await? {
        Submission::One(transaction) => {
            let waiting = enqueue(&state, lane, *transaction)?;
            single(&state, outcome(waiting, &state.config.domain(), deadline()).await?).await
        }
        Submission::Many(transactions) => {
            Ok(answer(&headers, submit_all(&state, lane, transactions).await?))
        }
    }
}

/// Sends an array. Returns the status of each transaction, in order.
async fn submit_all(
    state: &ApiState,
    lane: Lane,
    transactions: Vec<SignedTransaction>,
) -> Result<Vec<TransactionStatus>, ApiError> {
    if !state.intake.has_room(lane, &transactions) {
        return Err(ApiError::overloaded());
    }
    let waiting: Vec<_> =
        transactions.into_iter().map(|transaction| enqueue(state, lane, transaction)).collect();
    let (domain, deadline) = (state.config.domain(), deadline());
    let mut results = Vec::with_capacity(waiting.len());
    for waiting in waiting {
        let status = match waiting {
            Ok(waiting) => status_of(state, outcome(waiting, &domain, deadline).await?).await?,
            Err(error) => refused(error),
        };
        results.push(status);
    }
    Ok(results)
}

/// The stage that a transaction has reached.
#[utoipa::path(
    get, path = "/v1/transactions/{id}", tag = "transactions",
    operation_id = "transaction_status",
    params(("id" = schema::AnyHash, Path, description = "the signed message")),
    responses(
        (status = 200, description = "how far it has come", body = TransactionStatus),
        (status = 400, description = "this is no id", body = ErrorBody),
        (status = 404, description = "neither in the log nor on its way; refusals are forgotten \
            after a while", body = ErrorBody),
    )
)]
pub(super) async fn status(
    State(state): State<ApiState>,
    Segment(id): Segment<String>,
) -> Result<Json<TransactionStatus>, ApiError> {
    let id = parse_id(&id)?;
    let known = known(&state.tracker, &id, async || place(&state, &id).await).await?;
    let unknown = || ApiError::not_found("transaction", "nothing is known about it");
    known.map(Json).ok_or_else(unknown)
}

/// Reads the id of a transaction.
///
/// # Errors
/// 400 `malformed_id` when the text is no digest.
pub(super) fn parse_id(text: &str) -> Result<Digest, ApiError> {
    text.parse().map_err(|error| ApiError::bad_request("malformed_id", error))
}

/// The status of a transaction: from the log if the log has the transaction, otherwise from the
/// tracker.
///
/// The tracker is asked before the log, because a transaction leaves the tracker only after the log
/// has it. In the other order, a transaction that is committed between the two would be found in
/// neither.
async fn known(
    tracker: &Tracker,
    id: &Digest,
    ask_log: impl AsyncFnOnce() -> Result<Option<Place>, StoreError>,
) -> Result<Option<TransactionStatus>, ApiError> {
    let tracked = tracker.get(id);
    if let Some(place) = ask_log().await? {
        return Ok(Some(placed(*id, &place)));
    }
    Ok(tracked.map(|tracked| match tracked {
        Tracked::Received => at(Some(*id), Stage::Received),
        Tracked::Accepted => at(Some(*id), Stage::Accepted),
        Tracked::Rejected(rejection) => rejected(Some(*id), &rejection),
    }))
}

/// The stage of an executed transaction, from the state of its batch; no state before sealing.
pub(super) const fn stage_in(batch: Option<BatchState>) -> Stage {
    match batch {
        None => Stage::Executed,
        Some(BatchState::Sealed) => Stage::Sealed,
        Some(BatchState::Proven) => Stage::Proven,
        Some(BatchState::Submitted) => Stage::Submitted,
        Some(BatchState::Finalised) => Stage::Finalised,
    }
}

fn deadline() -> tokio::time::Instant {
    tokio::time::Instant::now() + ACKNOWLEDGEMENT_TIMEOUT
}

/// A transaction that the intake has taken, and the receiver of its outcome.
struct Sent {
    transaction: Transaction,
    waiting: oneshot::Receiver<Outcome>,
}

fn enqueue(state: &ApiState, lane: Lane, signed: SignedTransaction) -> Result<Sent, ApiError> {
    let transaction = signed.transaction.clone();
    match state.intake.send(lane, signed) {
        Ok(waiting) => Ok(Sent { transaction, waiting }),
        Err(reason) => Err(not_taken(reason, &transaction, &state.config.domain())),
    }
}

/// The refusal of a transaction that did not enter the intake: nothing is wrong with it.
fn not_taken(reason: NotTaken, transaction: &Transaction, domain: &Domain) -> ApiError {
    let error = match reason {
        NotTaken::Full => ApiError::overloaded(),
        NotTaken::Closed => ApiError::stopping(),
    };
    error.about(transaction.message(domain).ok())
}

/// What the answer to a client is made of.
enum Answer {
    Outcome(Outcome),
    /// No outcome came in time: the transaction is still on its way.
    Late(Transaction),
}

async fn outcome(
    sent: Sent,
    domain: &Domain,
    deadline: tokio::time::Instant,
) -> Result<Answer, ApiError> {
    match tokio::time::timeout_at(deadline, sent.waiting).await {
        Ok(Ok(outcome)) => Ok(Answer::Outcome(outcome)),
        Ok(Err(_)) => Err(ApiError::stopping().about(sent.transaction.message(domain).ok())),
        Err(_) => Ok(Answer::Late(sent.transaction)),
    }
}

/// The status of a transaction without an outcome. A transaction that breaks a rule of form has no
/// id.
fn on_its_way(transaction: &Transaction, domain: &Domain, tracker: &Tracker) -> TransactionStatus {
    let id = transaction.message(domain).ok();
    match id.and_then(|id| tracker.get(&id)) {
        Some(Tracked::Accepted) => at(id, Stage::Accepted),
        Some(Tracked::Received | Tracked::Rejected(_)) | None => at(id, Stage::Received),
    }
}

async fn single(state: &ApiState, answer: Answer) -> Result<Response, ApiError> {
    let refused = match &answer {
        Answer::Outcome(Outcome::Rejected { id, rejection }) => Some((*id, *rejection)),
        Answer::Outcome(Outcome::Executed { .. } | Outcome::Held { .. }) | Answer::Late(_) => None,
    };
    let status = status_of(state, answer).await?;
    if let (Stage::Rejected, Some((id, rejection))) = (status.stage, refused) {
        return Err(ApiError::rejected(id, &rejection));
    }
    let code = if status.durable { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((code, Json(status)).into_response())
}

async fn status_of(state: &ApiState, answer: Answer) -> Result<TransactionStatus, ApiError> {
    let outcome = match answer {
        Answer::Outcome(outcome) => outcome,
        Answer::Late(transaction) => {
            return Ok(on_its_way(&transaction, &state.config.domain(), &state.tracker));
        }
    };
    match outcome {
        Outcome::Held { id } => Ok(at(Some(id), Stage::Accepted)),
        Outcome::Executed { id, block } => {
            Ok(TransactionStatus { block: Some(block), ..at(Some(id), Stage::Executed) })
        }
        Outcome::Rejected { id: Some(id), rejection: rejection @ Rejection::NonceUsed { .. } } => {
            repeated(state, id, rejection).await
        }
        Outcome::Rejected { id, rejection } => Ok(rejected(id, &rejection)),
    }
}

/// The status of a transaction whose nonce is used. When the transaction itself has used the nonce,
/// the status is its stage and no error.
async fn repeated(
    state: &ApiState,
    id: Digest,
    rejection: Rejection,
) -> Result<TransactionStatus, ApiError> {
    let known = known(&state.tracker, &id, async || place(state, &id).await).await?;
    let on_its_way = known.filter(|status| status.durable || status.stage == Stage::Accepted);
    Ok(on_its_way.unwrap_or_else(|| rejected(Some(id), &rejection)))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use sheaf_crypto::goldilocks::Fe;
    use sheaf_ledger::l1_address::L1Address;
    use sheaf_ledger::owner::Owner;
    use sheaf_ledger::transaction::{Payment, Transfer};
    use sheaf_wire::ErrorDetail;

    use super::*;

    fn transfer(amount: u64) -> Transaction {
        let payments = vec![Payment { owner: Owner([Fe::ZERO; 3]), amount }];
        let (slot, token, nonce, fee, valid_until) = (1, 0, 2, 3, 4);
        Transaction::Transfer(Transfer { slot, token, nonce, fee, valid_until, payments })
    }

    #[tokio::test]
    async fn who_waits_in_vain_is_told_id_and_stage() {
        let (domain, tracker) = (Domain::on_chain(1, L1Address([0; 20])), Tracker::default());
        let (_waiter, waiting) = oneshot::channel();
        let sent = Sent { transaction: transfer(5), waiting };
        let late = match outcome(sent, &domain, tokio::time::Instant::now()).await {
            Ok(Answer::Late(transaction)) => transaction,
            Ok(Answer::Outcome(_)) | Err(_) => panic!("nobody has answered"),
        };
        let known = |transaction| {
            let status = on_its_way(transaction, &domain, &tracker);
            (status.id, status.stage, status.durable)
        };
        let id = transfer(5).message(&domain).expect("it keeps the rules of form");
        // Admission may not have come to it: then nothing is checked.
        assert_eq!(known(&late), (Some(id), Stage::Received, false));
        tracker.note([(id, Tracked::Received)]);
        assert_eq!(known(&late), (Some(id), Stage::Received, false));
        tracker.note([(id, Tracked::Accepted)]);
        assert_eq!(known(&late), (Some(id), Stage::Accepted, false));
        assert_eq!(known(&transfer(0)), (None, Stage::Received, false));
    }

    /// The log commits right after it was asked, and then has the tracker forget.
    #[tokio::test]
    async fn what_becomes_durable_between_two_questions_stays_known() {
        let (tracker, id) = (Tracker::default(), Digest::ZERO);
        tracker.note([(id, Tracked::Accepted)]);
        let position = TransactionPosition { block: 7, position: 1 };
        let batch = BatchOfBlock { batch: 2, batch_state: None, l1_transaction: None };
        let place = (position, batch);
        let committed = Cell::new(None);
        let stage = async || {
            let ask_log = async || {
                let found = committed.replace(Some(place));
                tracker.forget([&id]);
                Ok(found)
            };
            let status = known(&tracker, &id, ask_log).await.expect("the log can be read");
            status.map(|status| (status.stage, status.durable))
        };
        assert_eq!(stage().await, Some((Stage::Accepted, false)));
        assert_eq!(stage().await, Some((Stage::Executed, true)));
        let nothing = known(&tracker, &id, async || Ok(None)).await.expect("the log can be read");
        assert!(nothing.is_none());
    }

    #[tokio::test]
    async fn an_outcome_in_time_is_the_answer() {
        let domain = Domain::on_chain(1, L1Address([0; 20]));
        let (waiter, waiting) = oneshot::channel();
        let executed = Outcome::Executed { id: Digest::ZERO, block: 7 };
        waiter.send(executed).expect("somebody waits");
        let sent = Sent { transaction: transfer(5), waiting };
        let answer = outcome(sent, &domain, deadline()).await;
        assert!(matches!(answer, Ok(Answer::Outcome(outcome)) if outcome == executed));
        let (gone, waiting) = oneshot::channel();
        drop(gone);
        let sent = Sent { transaction: transfer(5), waiting };
        let stopped = outcome(sent, &domain, deadline()).await.err().expect("nobody answers");
        let id = transfer(5).message(&domain).ok();
        assert_eq!((id.is_some(), stopped.detail().transaction), (true, id));
    }

    #[test]
    fn what_finds_no_room_has_an_id_and_a_time_to_come_back() {
        let domain = Domain::on_chain(1, L1Address([0; 20]));
        let (id, later) = (transfer(5).message(&domain).ok(), |error: Option<ErrorDetail>| {
            error.and_then(|error| error.retry_after_s)
        });
        let full = refused(not_taken(NotTaken::Full, &transfer(5), &domain));
        assert!(id.is_some());
        assert_eq!((full.id, full.stage, later(full.error)), (id, Stage::Rejected, Some(1)));
        let closed = refused(not_taken(NotTaken::Closed, &transfer(5), &domain));
        assert_eq!((closed.id, later(closed.error)), (id, Some(5)));
        let lasting = rejected(id, &Rejection::HoldTimeout);
        assert_eq!((lasting.id, later(lasting.error)), (id, None));
    }
}
