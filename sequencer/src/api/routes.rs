//! Every route, and the callers that it admits. The OpenAPI document describes exactly these
//! routes.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{MethodRouter, get, post};

use super::{
    ApiState, accounts, batches, events, health, history, openapi, status, transactions, workers,
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

/// A route's address, the callers that it admits, and its handlers.
struct Route {
    path: &'static str,
    caller: Caller,
    methods: MethodRouter<ApiState>,
}

fn route(caller: Caller, path: &'static str, methods: MethodRouter<ApiState>) -> Route {
    Route { path, caller, methods }
}

/// A router of all routes, which checks the tokens of workers and operator.
pub(super) fn router(state: &ApiState) -> Router<ApiState> {
    let worker = middleware::from_fn_with_state(state.clone(), workers::authorise);
    let operator = middleware::from_fn_with_state(state.clone(), workers::authorise_operator);
    routes().into_iter().fold(Router::new(), |router, Route { path, caller, methods }| {
        let methods = match caller {
            Caller::Anybody => methods,
            Caller::Worker => methods.layer(worker.clone()),
            Caller::Operator => methods.layer(operator.clone()),
        };
        router.route(path, methods)
    })
}

fn routes() -> Vec<Route> {
    use Caller::{Anybody, Operator, Worker};
    let complete = post(workers::complete).layer(DefaultBodyLimit::max(PROOF_BYTES_MAX));
    vec![
        route(Anybody, "/v1/transactions", post(transactions::submit)),
        route(Anybody, "/v1/transactions/{id}", get(transactions::status)),
        route(Anybody, "/v1/accounts/{owner}", get(accounts::account)),
        route(Anybody, "/v1/accounts/{owner}/nonce", get(accounts::nonce)),
        route(Anybody, "/v1/accounts/{owner}/transactions", get(history::history)),
        route(Anybody, "/v1/slots/{index}", get(accounts::slot)),
        route(Anybody, "/v1/batches", get(batches::list)),
        route(Operator, "/v1/batches", post(batches::close)),
        route(Anybody, "/v1/batches/{number}", get(batches::batch)),
        route(Anybody, "/v1/batches/{number}/proof", get(batches::proof)),
        route(Anybody, "/v1/status", get(status::status)),
        route(Anybody, "/v1/fees/quote", get(status::quote)),
        route(Anybody, "/v1/events", get(events::stream)),
        route(Anybody, "/v1/openapi.json", get(openapi::serve)),
        route(Anybody, "/healthz", get(health::health)),
        route(Worker, "/v1/jobs/lease", post(workers::lease)),
        route(Worker, "/v1/jobs/{id}/inputs", get(workers::inputs)),
        route(Worker, "/v1/jobs/{id}/heartbeat", post(workers::heartbeat)),
        route(Worker, "/v1/jobs/{id}/complete", complete),
        route(Worker, "/v1/jobs/{id}/fail", post(workers::fail)),
        route(Worker, "/v1/jobs/{id}/release", post(workers::release)),
        route(Operator, "/v1/jobs/{id}/requeue", post(workers::requeue)),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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
