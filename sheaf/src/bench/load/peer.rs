//! The peer of acknowledgements: an axum route that only parses what a sequencer acknowledges.
//!
//! The generator sends the route what it sends the sequencer, in a closed loop: each request as
//! soon as the one before is answered. Like the sequencer, the route shares the processor with the
//! generator. The route checks no signature, executes and stores nothing, and calls every transfer
//! durable, so the distance to the sustained rate is what all of that costs.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use rayon::prelude::*;
use sheaf_ledger::{Domain, L1Address, SignedTransaction};
use sheaf_wire::transactions::binary::{decode_transactions, encode_statuses};
use sheaf_wire::transactions::{Stage, SubmissionResults, TransactionStatus};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, spawn_blocking};

use super::form::Form;
use super::generator::{Pace, run};
use super::lane::{Lane, SUBMIT};
use super::owners::Owners;
use super::scale::{CONNECTIONS, Scale};
use super::workload::Workload;
use crate::bench::report::{Bound, Report};

/// Requests that are signed for each connection, and how long they are sent, if they last.
const REQUESTS: usize = 300;
const TIME: Duration = Duration::from_secs(3);

/// The answer to so many transfers.
fn durable(transfers: usize) -> Vec<TransactionStatus> {
    let one = TransactionStatus {
        id: None,
        stage: Stage::Executed,
        durable: true,
        block: None,
        position: None,
        batch: None,
        l1_transaction: None,
        error: None,
    };
    vec![one; transfers]
}

async fn parse_text(Json(transfers): Json<Vec<SignedTransaction>>) -> Json<SubmissionResults> {
    Json(SubmissionResults { results: durable(transfers.len()) })
}

async fn parse_bytes(body: Bytes) -> Result<Vec<u8>, StatusCode> {
    let transfers = decode_transactions(&body, body.len()).map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok(encode_statuses(&durable(transfers.len())))
}

/// Serves the route for a form until the task is aborted.
async fn serve(form: Form) -> Result<(SocketAddr, JoinHandle<std::io::Result<()>>)> {
    let route = match form {
        Form::Json => post(parse_text),
        Form::Binary => post(parse_bytes),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let served = axum::serve(listener, Router::new().route(SUBMIT, route));
    Ok((address, tokio::spawn(async { served.await })))
}

/// Transfers a second that the route at this address parses and answers.
fn rate(scale: &Scale, address: SocketAddr, form: Form) -> Result<f64> {
    let domain = Domain::on_chain(31_337, L1Address([7; 20]));
    let (owners, mut payers) = Owners::new(scale.slots, scale.payers)?;
    let of_each = payers.len() / CONNECTIONS;
    let mut lanes: Vec<Lane> = (0..CONNECTIONS)
        .map(|number| Lane::new(address, form, number, payers.split_off(payers.len() - of_each)))
        .collect();
    let requests = REQUESTS.min(scale.probe_payments / CONNECTIONS);
    lanes
        .par_iter_mut()
        .try_for_each(|lane| lane.load(Workload::Uniform, requests, (&owners, &domain)))?;
    Ok(run(&mut lanes, Pace::ClosedLoop { ends: TIME })?.per_second())
}

/// Adds the rates of both forms.
///
/// # Errors
/// When no port is free, or the route does not answer.
pub(super) async fn measure(scale: &Scale, report: &mut Report) -> Result<()> {
    for (form, key) in [
        (Form::Json, "peer_parsed_json_per_second"),
        (Form::Binary, "peer_parsed_binary_per_second"),
    ] {
        let (address, server) = serve(form).await?;
        let scale = scale.clone();
        let rate = spawn_blocking(move || rate(&scale, address, form)).await?;
        server.abort();
        report.add(key, rate?, Bound::None);
    }
    Ok(())
}
