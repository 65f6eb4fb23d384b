//! Every route, the callers that it admits, and the sequencers that serve it. The OpenAPI document
//! describes exactly these routes.

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};

use super::{
    ApiError, ApiState, accounts, batches, blobs, blocks, contents, events, health, history, l1,
    openapi, status, transactions, words, workers,
};
use crate::limits::PROOF_BYTES_MAX;

/// The callers that a route admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    Anybody,
    /// A caller with the workers' token; anybody, if the sequencer has no such token.
    Worker,
    /// A caller with the operator's token; nobody, if the sequencer has no such token.
    Operator,
}

/// The sequencers that serve a route. A follower writes nothing, has no jobs, asks no L1, and sees
/// blocks too late for a stream of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Server {
    Every,
    Leader,
}

/// A route's address, the callers that it admits, the sequencers that serve it, and its handlers.
struct Route {
    path: &'static str,
    caller: Caller,
    server: Server,
    methods: MethodRouter<ApiState>,
}

/// A route for anybody at every sequencer.
fn read(path: &'static str, methods: MethodRouter<ApiState>) -> Route {
    Route { path, caller: Caller::Anybody, server: Server::Every, methods }
}

/// A route that only the leader serves.
fn lead(caller: Caller, path: &'static str, methods: MethodRouter<ApiState>) -> Route {
    Route { path, caller, server: Server::Leader, methods }
}

/// A router of all routes, which checks the tokens of workers and operator. A follower answers 503
/// `following` on the routes that only the leader serves.
pub(super) fn router(state: &ApiState) -> Router<ApiState> {
    let worker = middleware::from_fn_with_state(state.clone(), workers::authorise);
    let operator = middleware::from_fn_with_state(state.clone(), workers::authorise_operator);
    let leads = state.store.leads();
    routes().into_iter().fold(Router::new(), |router, Route { path, caller, server, methods }| {
        let methods = match (server, caller) {
            (Server::Leader, _) if !leads => methods.layer(middleware::from_fn(refer)),
            (_, Caller::Anybody) => methods,
            (_, Caller::Worker) => methods.layer(worker.clone()),
            (_, Caller::Operator) => methods.layer(operator.clone()),
        };
        router.route(path, methods)
    })
}

/// Refers a caller to the sequencer that leads.
async fn refer(_request: Request, _next: Next) -> Response {
    ApiError::following().into_response()
}

/// The routes that workers use, and browsers do not.
pub(super) fn of_workers() -> BTreeSet<&'static str> {
    let routes = routes().into_iter();
    routes.filter(|route| route.caller == Caller::Worker).map(|route| route.path).collect()
}

fn routes() -> Vec<Route> {
    use Caller::{Anybody, Operator, Worker};
    let complete = post(workers::complete).layer(DefaultBodyLimit::max(PROOF_BYTES_MAX));
    vec![
        lead(Anybody, "/v1/transactions", post(transactions::submit)),
        read("/v1/transactions/{id}", get(transactions::status)),
        read("/v1/transactions/{id}/body", get(contents::body)),
        read("/v1/accounts/{owner}", get(accounts::account)),
        read("/v1/accounts/{owner}/nonce", get(accounts::nonce)),
        read("/v1/accounts/{owner}/transactions", get(history::history)),
        read("/v1/slots/{index}", get(accounts::slot)),
        read("/v1/slots/{index}/path", get(accounts::path)),
        read("/v1/blocks", get(blocks::list)),
        read("/v1/blocks/{number}", get(blocks::block)),
        read("/v1/blocks/{number}/transactions", get(blocks::transactions)),
        read("/v1/batches", get(batches::list)),
        lead(Operator, "/v1/batches", post(batches::close)),
        read("/v1/batches/{number}", get(batches::batch)),
        read("/v1/batches/{number}/transactions", get(batches::transactions)),
        read("/v1/batches/{number}/words", get(words::list)),
        read("/v1/l1-transactions/{hash}/batch", get(batches::of_l1_transaction)),
        read("/v1/l1-transactions/{hash}/requests", get(l1::requests_of_l1_transaction)),
        read("/v1/batches/{number}/jobs", get(batches::jobs)),
        read("/v1/batches/{number}/proof", get(batches::proof)),
        lead(Anybody, "/v1/tokens", get(l1::tokens)),
        lead(Anybody, "/v1/requests/pending", get(l1::pending_requests)),
        lead(Anybody, "/v1/payouts/{l1_address}", get(l1::payouts)),
        read("/v1/blobs/{versioned_hash}", get(blobs::blob)),
        read("/v1/status", get(status::status)),
        read("/v1/verifying-key", get(status::verifying_key)),
        read("/v1/fees/quote", get(status::quote)),
        lead(Anybody, "/v1/events", get(events::stream)),
        read("/v1/openapi.json", get(openapi::serve)),
        read("/healthz", get(health::health)),
        lead(Worker, "/v1/jobs/lease", post(workers::lease)),
        lead(Worker, "/v1/jobs/{id}/inputs", get(workers::inputs)),
        lead(Worker, "/v1/jobs/{id}/heartbeat", post(workers::heartbeat)),
        lead(Worker, "/v1/jobs/{id}/complete", complete),
        lead(Worker, "/v1/jobs/{id}/fail", post(workers::fail)),
        lead(Worker, "/v1/jobs/{id}/release", post(workers::release)),
        lead(Operator, "/v1/jobs/{id}/requeue", post(workers::requeue)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_describes_these_routes_and_no_others() {
        let document = openapi::document();
        let described: BTreeSet<&str> = document.paths.paths.keys().map(String::as_str).collect();
        let served: BTreeSet<&str> = routes().iter().map(|route| route.path).collect();
        assert_eq!(described, served);
    }

    #[test]
    fn what_asks_for_a_token_says_so() {
        let document = openapi::document();
        for Route { path, caller, .. } in routes() {
            let item = &document.paths.paths[path];
            let operation = match caller {
                Caller::Operator => item.post.as_ref(),
                Caller::Anybody | Caller::Worker => item.get.as_ref().or(item.post.as_ref()),
            };
            let answers = &operation.expect("it is described").responses.responses;
            assert_eq!(answers.contains_key("401"), caller != Caller::Anybody, "{path}");
            assert_eq!(answers.contains_key("403"), caller == Caller::Operator, "{path}");
        }
    }
}
