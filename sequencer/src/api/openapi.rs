//! The OpenAPI document, generated from the handlers.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::header;
use axum::response::IntoResponse;
use serde_json::Value;
use sheaf_wire::{ErrorBody, schema};
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, ContentBuilder, Ref, Response, ResponseBuilder};

use super::{
    accounts, batches, blobs, blocks, contents, events, health, history, l1, status, transactions,
    words, workers,
};

#[derive(OpenApi)]
#[openapi(
    info(title = "Sheaf sequencer", description = "Payments on a ZK-rollup."),
    servers((url = "/", description = "the sequencer that serves this document")),
    paths(
        transactions::submit,
        transactions::status,
        contents::body,
        accounts::account,
        accounts::nonce,
        history::history,
        accounts::slot,
        accounts::path,
        blocks::list,
        blocks::block,
        blocks::transactions,
        batches::list,
        batches::batch,
        batches::transactions,
        batches::of_l1_transaction,
        words::list,
        batches::jobs,
        batches::proof,
        batches::close,
        blobs::blob,
        l1::tokens,
        l1::pending_requests,
        l1::requests_of_l1_transaction,
        l1::payouts,
        status::status,
        status::verifying_key,
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
    components(schemas(ErrorBody, schema::AnyHash, schema::Cursor))
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
        "all connections are in use, or too many large bodies arrive; the process is stopping, or \
         follows another one that serves the route",
    ),
];

/// What any route answers to a path, a query or a body that cannot be read.
const UNREADABLE: (&str, &str) = ("400", "the path, the query or the body cannot be read");

/// What any route answers to a body that is too large.
const TOO_LARGE: (&str, &str) = ("413", "the body is too large");

/// The names of the tokens. A sequencer may have no workers' token, and then takes every worker.
const WORKER: &str = "worker";
const OPERATOR: &str = "operator";

/// The formats of numbers: as `utoipa` spells each, as the registry of formats does, and its
/// largest value. The API refuses larger ones.
const NUMBERS: [(&str, &str, u64); 4] = [
    ("u-int8", "uint8", u8::MAX as u64),
    ("u-int16", "uint16", u16::MAX as u64),
    ("u-int32", "uint32", u32::MAX as u64),
    ("u-int64", "uint64", u64::MAX),
];

/// The OpenAPI document of all routes. Besides the answers that a handler lists, the document has
/// the answers that are common to all routes, and to all routes that read something.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            add_common_answers(operation);
            add_token(operation);
        }
    }
    let components = document.components.get_or_insert_default();
    for token in [WORKER, OPERATOR] {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme(token, scheme);
    }
    document
}

fn add_common_answers(operation: &mut Operation) {
    let has_body = operation.request_body.is_some();
    let reads = has_body || operation.parameters.is_some();
    let unreadable = reads.then_some(&UNREADABLE);
    let too_large = has_body.then_some(&TOO_LARGE);
    for (status, description) in COMMON_ANSWERS.iter().chain(unreadable).chain(too_large) {
        let answers = &mut operation.responses.responses;
        answers.entry((*status).to_owned()).or_insert_with(|| error(description).into());
    }
}

/// Says which token a route takes, by the group of the route.
fn add_token(operation: &mut Operation) {
    let token = |name: &str| SecurityRequirement::new(name, Vec::<String>::new());
    let tags = operation.tags.iter().flatten();
    operation.security = tags.last().and_then(|tag| match tag.as_str() {
        "workers" => Some(vec![SecurityRequirement::default(), token(WORKER)]),
        "operator" => Some(vec![token(OPERATOR)]),
        _ => None,
    });
}

fn error(description: &str) -> Response {
    let body = Ref::from_schema_name("ErrorBody");
    let content: Content = ContentBuilder::new().schema(Some(body)).build();
    ResponseBuilder::new().description(description).content("application/json", content).build()
}

/// Gives every number of the document the registered name of its format and the largest value of
/// the format, which not every generator knows.
fn bound_numbers(document: &mut Value) {
    match document {
        Value::Object(fields) => {
            let format = fields.get("format").and_then(Value::as_str);
            let known = NUMBERS.iter().find(|(spelt, ..)| Some(*spelt) == format);
            if let Some((_, registered, maximum)) = known {
                fields.insert("format".to_owned(), (*registered).into());
                fields.entry("maximum").or_insert_with(|| (*maximum).into());
            }
            fields.values_mut().for_each(bound_numbers);
        }
        Value::Array(items) => items.iter_mut().for_each(bound_numbers),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The document as it is served.
fn text() -> Bytes {
    let mut document = serde_json::to_value(document()).expect("the document is plain JSON");
    bound_numbers(&mut document);
    serde_json::to_vec(&document).expect("the document is plain JSON").into()
}

/// The OpenAPI document of this API.
#[utoipa::path(
    get, path = "/v1/openapi.json", tag = "status", operation_id = "openapi_document",
    responses((status = 200, description = "what this API answers", body = Object))
)]
pub(super) async fn serve() -> impl IntoResponse {
    // Making the text costs much more than sending it.
    static TEXT: LazyLock<Bytes> = LazyLock::new(text);
    ([(header::CONTENT_TYPE, "application/json")], TEXT.clone())
}
