//! `/v1/jobs`: the worker API. Proofs and inputs travel as bytes, everything else as JSON.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sheaf_wire::workers::{
    AttemptParameters, Completed, FailureReport, Heartbeat, HeartbeatAnswer, Lease, LeaseRequest,
    Release,
};
use sheaf_wire::{ErrorBody, schema};

use super::extract::{Body, JsonBody, Parameters, Segment};
use super::{ApiError, ApiState};
use crate::proving::ProvingError;
use crate::store::Completion;

/// Passes on requests that carry the workers' token; every request, if the sequencer has no such
/// token. Other requests are answered with 401.
pub(super) async fn authorise(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    match &state.config.worker_token {
        Some(token) if !sends(&request, token) => {
            let message = "workers must send the token that the operator gave them";
            ApiError::new(StatusCode::UNAUTHORIZED, "unauthorised", message).into_response()
        }
        Some(_) | None => next.run(request).await,
    }
}

/// Passes on requests that carry the operator's token. Other requests are answered with 401; every
/// request is answered with 403, if the sequencer has no such token.
pub(super) async fn authorise_operator(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    match &state.config.service.operator_token {
        Some(token) if sends(&request, token) => next.run(request).await,
        Some(_) => {
            let message = "this route takes the operator's token only";
            ApiError::new(StatusCode::UNAUTHORIZED, "unauthorised", message).into_response()
        }
        None => {
            let message = "the sequencer was started without an operator's token";
            ApiError::new(StatusCode::FORBIDDEN, "operator_routes_off", message).into_response()
        }
    }
}

/// Whether a request carries `token` as its bearer token.
fn sends(request: &Request, token: &str) -> bool {
    let sent = request.headers().get(header::AUTHORIZATION);
    let sent = sent.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    sent.is_some_and(|sent| same(sent, token.as_bytes()))
}

/// Compares in a time that does not depend on the place of the first difference.
fn same(left: &[u8], right: &[u8]) -> bool {
    let differences = left.iter().zip(right).fold(0, |all, (left, right)| all | (left ^ right));
    left.len() == right.len() && differences == 0
}

/// Leases the oldest ready job.
#[utoipa::path(
    post, path = "/v1/jobs/lease", tag = "workers", operation_id = "lease_job",
    request_body = LeaseRequest,
    responses(
        (status = 200, description = "a job", body = Lease),
        (status = 204, description = "no job is ready"),
        (status = 401, description = "not the workers' token", body = ErrorBody),
        (status = 409, description = "the worker built other circuits", body = ErrorBody),
        (status = 410, description = "the batch is final, and its witness gone", body = ErrorBody),
    )
)]
pub(super) async fn lease(
    State(state): State<ApiState>,
    JsonBody(LeaseRequest { worker, circuits }): JsonBody<LeaseRequest>,
) -> Result<Response, ApiError> {
    let Some((job, data_reference)) = state.proving.lease(&worker, &circuits).await? else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let lease = Lease {
        job: job.id,
        batch: job.batch,
        step: job.step,
        data_reference,
        attempt: job.attempt,
        lease_ms: lease_ms(&state),
    };
    Ok(Json(lease).into_response())
}

/// The inputs of a job, as parts, each after its 32-bit little-endian length: first the batch's
/// witness, then the proofs that the job needs.
#[utoipa::path(
    get, path = "/v1/jobs/{id}/inputs", tag = "workers", operation_id = "job_inputs",
    params(("id" = u64, Path, description = "the job's id, from its lease"), AttemptParameters),
    responses(
        (status = 200, description = "the inputs", body = schema::Binary,
            content_type = "application/octet-stream"),
        (status = 401, description = "not the workers' token", body = ErrorBody),
        (status = 404, description = "there is no such job", body = ErrorBody),
        (status = 409, description = "the attempt has no lease of the job", body = ErrorBody),
        (status = 410, description = "the batch is final, and its witness gone", body = ErrorBody),
    )
)]
pub(super) async fn inputs(
    State(state): State<ApiState>,
    Segment(id): Segment<u64>,
    Parameters(AttemptParameters { attempt }): Parameters<AttemptParameters>,
) -> Result<Response, ApiError> {
    let inputs = state.proving.inputs(job_id(id)?, attempt).await?;
    Ok(Bytes::from(inputs.to_bytes()).into_response())
}

/// Extends the lease.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/heartbeat", tag = "workers", operation_id = "extend_lease",
    request_body = Heartbeat,
    params(("id" = u64, Path, description = "the job's id, from its lease")),
    responses(
        (status = 200, description = "extended", body = HeartbeatAnswer),
        (status = 401, description = "not the workers' token", body = ErrorBody),
        (status = 404, description = "there is no such job", body = ErrorBody),
        (status = 409, description = "the attempt has no lease of the job", body = ErrorBody),
    )
)]
pub(super) async fn heartbeat(
    State(state): State<ApiState>,
    Segment(id): Segment<u64>,
    JsonBody(Heartbeat { attempt }): JsonBody<Heartbeat>,
) -> Result<Json<HeartbeatAnswer>, ApiError> {
    state.proving.heartbeat(job_id(id)?, attempt).await?;
    Ok(Json(HeartbeatAnswer { lease_ms: lease_ms(&state) }))
}

/// Hands in a proof, as the body's bytes.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/complete", tag = "workers", operation_id = "complete_job",
    request_body(content = schema::Binary, content_type = "application/octet-stream"),
    params(("id" = u64, Path, description = "the job's id, from its lease"), AttemptParameters),
    responses(
        (status = 200, description = "the proof is valid", body = Completed),
        (status = 401, description = "not the workers' token", body = ErrorBody),
        (status = 404, description = "there is no such job", body = ErrorBody),
        (status = 409, description = "the attempt has no lease of the job", body = ErrorBody),
        (status = 422, description = "the proof is not valid", body = ErrorBody),
        (status = 410, description = "the batch is final, and its witness gone", body = ErrorBody),
    )
)]
pub(super) async fn complete(
    State(state): State<ApiState>,
    Segment(id): Segment<u64>,
    Parameters(AttemptParameters { attempt }): Parameters<AttemptParameters>,
    Body { bytes, place }: Body,
) -> Result<Json<Completed>, ApiError> {
    // Proofs wait for their verification under a limit of their own.
    drop(place);
    let completion = state.proving.complete(job_id(id)?, attempt, bytes.into()).await?;
    Ok(Json(Completed { stored: completion == Completion::Stored }))
}

/// Gives a job back that the worker failed to prove. The failure counts against the job.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/fail", tag = "workers", operation_id = "fail_job",
    request_body = FailureReport,
    params(("id" = u64, Path, description = "the job's id, from its lease")),
    responses(
        (status = 204, description = "done"),
        (status = 401, description = "not the workers' token", body = ErrorBody),
        (status = 404, description = "there is no such job", body = ErrorBody),
        (status = 409, description = "the attempt has no lease of the job", body = ErrorBody),
    )
)]
pub(super) async fn fail(
    State(state): State<ApiState>,
    Segment(id): Segment<u64>,
    JsonBody(FailureReport { attempt, reason }): JsonBody<FailureReport>,
) -> Result<StatusCode, ApiError> {
    state.proving.fail(job_id(id)?, attempt, &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a job back because the worker has to end. No failure is counted.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/release", tag = "workers", operation_id = "release_job",
    request_body = Release,
    params(("id" = u64, Path, description = "the job's id, from its lease")),
    responses(
        (status = 204, description = "done"),
        (status = 401, description = "not the workers' token", body = ErrorBody),
        (status = 404, description = "there is no such job", body = ErrorBody),
        (status = 409, description = "the attempt has no lease of the job", body = ErrorBody),
    )
)]
pub(super) async fn release(
    State(state): State<ApiState>,
    Segment(id): Segment<u64>,
    JsonBody(Release { attempt }): JsonBody<Release>,
) -> Result<StatusCode, ApiError> {
    state.proving.release(job_id(id)?, attempt).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a quarantined job back into the queue. Requires the operator's token.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/requeue", tag = "operator", operation_id = "requeue_job",
    params(("id" = u64, Path, description = "the job's id, from its lease")),
    responses(
        (status = 204, description = "done"),
        (status = 401, description = "not the operator's token", body = ErrorBody),
        (status = 403, description = "there is no operator's token", body = ErrorBody),
        (status = 404, description = "no such job is quarantined", body = ErrorBody),
    )
)]
pub(super) async fn requeue(
    State(state): State<ApiState>,
    Segment(id): Segment<u64>,
) -> Result<StatusCode, ApiError> {
    state.proving.requeue(job_id(id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn lease_ms(state: &ApiState) -> u64 {
    u64::try_from(state.proving.lease_lifetime().as_millis()).expect("a lease is short")
}

/// The job's id in the database.
///
/// # Errors
/// 404 `job_not_found` when `id` exceeds SQL's signed integers: no job has such an id.
fn job_id(id: u64) -> Result<u64, ApiError> {
    i64::try_from(id).map_err(|_| ProvingError::UnknownJob { job: id })?;
    Ok(id)
}
