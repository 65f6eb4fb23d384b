//! `/v1/blobs`: the blobs of batches, which Ethereum forgets after 18 days.

use std::str::FromStr;

use alloy::primitives::B256;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use sheaf_contracts::blobs;
use sheaf_ledger::limits::BLOB_WORDS;
use sheaf_ledger::word::Word;
use sheaf_wire::{ErrorBody, schema};
use tokio::task::spawn_blocking;

use super::extract::Segment;
use super::{ApiError, ApiState};
use crate::store::{BlobPlace, StoreError};

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
    let hash = text.strip_prefix("0x").and_then(|digits| B256::from_str(digits).ok());
    let hash = hash.ok_or_else(|| {
        ApiError::bad_request("versioned_hash", "a versioned hash is 0x and 64 hex digits")
    })?;
    let unknown = || ApiError::not_found("blob", "no batch has published a blob of this hash");
    let place = state.store.blob(&hash.0).await?.ok_or_else(unknown)?;
    let published = state.store.published(place.batch).await?.ok_or_else(unknown)?;
    let blob = spawn_blocking(move || blob_at(&published.data_words, place)).await;
    let blob = blob.expect("making a blob does not panic")?;
    Ok(Bytes::from(blob.to_vec()).into_response())
}

/// The blob at a place of a batch with these data words, 32 bytes each.
fn blob_at(data_words: &[u8], place: BlobPlace) -> Result<blobs::Blob, StoreError> {
    let malformed = || StoreError::MalformedColumn { column: "published.data_words" };
    let words = Word::stream(data_words).ok_or_else(malformed)?;
    let own = words.chunks(BLOB_WORDS as usize).nth(place.position as usize).unwrap_or_default();
    blobs::of_words(own).into_iter().next().ok_or_else(malformed)
}
