//! The OpenAPI document, generated from the handlers.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::header;
use axum::response::IntoResponse;
use sheaf_wire::ErrorBody;
use sheaf_wire::transactions::{SignedTransactionBody, SubmissionResults};
use utoipa::OpenApi;
use utoipa::openapi::{ContentBuilder, Ref, Response, ResponseBuilder};

use super::{accounts, batches, blobs, events, health, history, status, transactions, workers};

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
        accounts::path,
        batches::list,
        batches::batch,
        batches::proof,
        batches::close,
        blobs::blob,
        status::status,
        status::quote,
        events::stream,
        serve,
        health::health,
        workers::lease,
        workers::inputs,
        workers::heartbeat,
        workers::complete,
        workers::fail,
        workers::release,
        workers::requeue,
    ),
    components(schemas(SignedTransactionBody, SubmissionResults, ErrorBody))
)]
struct Document;

/// Statuses that any route may answer with, and their descriptions. A handler's own description of
/// a status takes precedence.
const COMMON_ANSWERS: [(&str, &str); 4] = [
    ("408", "reading or answering the request took too long"),
    ("429", "this address asks too often, or has too many connections"),
    ("500", "the database failed, or something inside"),
    (
        "503",
        "all connections are in use, or too many large bodies arrive; or the process is stopping",
    ),
];

/// Statuses that any route with a body may answer with, and their descriptions.
const BODY_ANSWERS: [(&str, &str); 2] =
    [("400", "the body cannot be read"), ("413", "the body is too large")];

/// The OpenAPI document of all routes. Besides the answers that a handler lists, the document has
/// the answers that are common to all routes, and to all routes with a body.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            let has_body = operation.request_body.is_some();
            let of_body = BODY_ANSWERS.iter().filter(|_| has_body);
            for (status, description) in COMMON_ANSWERS.iter().chain(of_body) {
                let answers = &mut operation.responses.responses;
                answers.entry((*status).to_owned()).or_insert_with(|| error(description).into());
            }
        }
    }
    document
}

fn error(description: &str) -> Response {
    let body = Ref::from_schema_name("ErrorBody");
    let content = ContentBuilder::new().schema(Some(body)).build();
    ResponseBuilder::new().description(description).content("application/json", content).build()
}

/// The OpenAPI document of this API.
#[utoipa::path(
    get, path = "/v1/openapi.json", tag = "status",
    responses((status = 200, description = "what this API answers", body = Object))
)]
pub(super) async fn serve() -> impl IntoResponse {
    // Making the text costs much more than sending it.
    static TEXT: LazyLock<Bytes> = LazyLock::new(|| {
        serde_json::to_vec(&document()).expect("the document is plain JSON").into()
    });
    ([(header::CONTENT_TYPE, "application/json")], TEXT.clone())
}
