//! The OpenAPI document, generated from the handlers.

use axum::Json;
use utoipa::OpenApi;

use super::{accounts, batches, events, health, history, schema, status, transactions, workers};

#[derive(OpenApi)]
#[openapi(
    info(title = "Sheaf sequencer", description = "Payments on a ZK-rollup."),
    paths(
        transactions::submit,
        transactions::status,
        accounts::account,
        accounts::nonce,
        history::history,
        accounts::slot,
        batches::list,
        batches::batch,
        batches::proof,
        batches::close,
        status::status,
        status::quote,
        events::stream,
        health::health,
        workers::lease,
        workers::inputs,
        workers::heartbeat,
        workers::complete,
        workers::fail,
        workers::release,
        workers::requeue,
    ),
    components(schemas(schema::SignedTransactionBody, transactions::SubmissionResults))
)]
struct Document;

/// The document as JSON.
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

pub async fn serve() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}
