//! `/v1/blobs`: the blobs of batches, which Ethereum forgets after 18 days.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use sheaf_contracts::blobs;
use sheaf_wire::{ErrorBody, schema};
use tokio::task::spawn_blocking;

use super::batches::read_hash;
use super::extract::Segment;
use super::{ApiError, ApiState};

/// A blob of a batch: 131,072 bytes.
#[utoipa::path(
    get, path = "/v1/blobs/{versioned_hash}", tag = "batches", operation_id = "blob",
    params(("versioned_hash" = schema::AnyHash, Path, description = "the hash of EIP-4844")),
    responses(
        (status = 200, description = "the blob's bytes", body = schema::Binary,
            content_type = "application/octet-stream"),
        (status = 400, description = "this is no versioned hash", body = ErrorBody),
        (status = 404, description = "no batch has published such a blob", body = ErrorBody),
    )
)]
pub(super) async fn blob(
    State(state): State<ApiState>,
    Segment(text): Segment<String>,
) -> Result<Response, ApiError> {
    let hash = read_hash(&text).ok_or_else(|| {
        ApiError::bad_request("versioned_hash", "a versioned hash is 0x and 64 hex digits")
    })?;
    let unknown = || ApiError::not_found("blob", "no batch has published a blob of this hash");
    let words = state.store.blob(&hash).await?.ok_or_else(unknown)?;
    let blob = spawn_blocking(move || blobs::of_words(&words).concat()).await;
    Ok(Bytes::from(blob.expect("making a blob does not panic")).into_response())
}
