//! The peer of acknowledgements: an axum route that only parses what the sequencer acknowledges.
//!
//! The generator of `sheaf bench load` sends it what it sends the sequencer in a closed loop: 64
//! signed transfers a request, on 32 connections, each request as soon as the one before is
//! answered. Like the sequencer, the route shares the processor with the generator. It checks no
//! signature, executes and stores nothing, and calls every transfer durable, so the distance to
//! `sheaf bench load` is what all of that costs.

#[expect(dead_code, reason = "the measurement under load uses the rest")]
#[path = "../src/bench/load/connection.rs"]
mod connection;
#[path = "../src/bench/load/form.rs"]
mod form;
#[expect(dead_code, reason = "the measurement under load uses the rest")]
#[path = "../src/bench/load/generator.rs"]
mod generator;
#[expect(dead_code, reason = "the measurement under load uses the rest")]
#[path = "../src/bench/load/lane.rs"]
mod lane;
#[expect(dead_code, reason = "the measurement under load uses the rest")]
#[path = "../src/bench/load/owners.rs"]
mod owners;
#[expect(dead_code, reason = "the measurement under load uses the rest")]
#[path = "../src/bench/load/workload.rs"]
mod workload;

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
use tikv_jemallocator::Jemalloc;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use form::Form;
use generator::{Pace, run};
use lane::{Lane, SUBMIT};
use owners::Owners;
use workload::Workload;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// As many as in `sheaf bench load`.
const CONNECTIONS: u32 = 32;
const SLOTS: u32 = 1_000_000;
const PAYERS: u32 = 32_768;
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

fn serve(runtime: &Runtime, form: Form) -> Result<SocketAddr> {
    let route = match form {
        Form::Json => post(parse_text),
        Form::Binary => post(parse_bytes),
    };
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    runtime.spawn(async { axum::serve(listener, Router::new().route(SUBMIT, route)).await });
    Ok(address)
}

fn main() -> Result<()> {
    let runtime = Runtime::new()?;
    let domain = Domain::on_chain(31_337, L1Address([7; 20]));
    for form in [Form::Json, Form::Binary] {
        let address = serve(&runtime, form)?;
        let (owners, mut payers) = Owners::new(SLOTS, PAYERS)?;
        let mut lanes = Vec::new();
        for number in 0..CONNECTIONS {
            let own = payers.split_off(payers.len() - (PAYERS / CONNECTIONS) as usize);
            lanes.push(Lane::new(address, form, number as usize, own));
        }
        let tools = (&owners, &domain);
        lanes.par_iter_mut().try_for_each(|lane| lane.load(Workload::Uniform, REQUESTS, tools))?;
        let run = run(&mut lanes, Pace::ClosedLoop { ends: TIME })?;
        let (rate, p99) = (run.per_second(), run.within_ms(0.99));
        println!("{form:?}: {rate:.0} transfers/s parsed and answered, p99 {p99:.1} ms");
    }
    Ok(())
}
