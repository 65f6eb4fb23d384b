//! Connections: how many may be open, which of them give way, and how long a client may take.
//!
//! If a listener takes every connection and waits for ever, clients that send one byte a minute can
//! use up its connections. So each request's head must arrive within `HEAD_TIMEOUT`, bodies and
//! answers must not be too slow (`pace`), and addresses share the connections (`places`). A
//! connection for which there is no place is told so at once and does not wait to be accepted. The
//! server speaks only HTTP/1: a proxy in front of it may offer HTTP/2.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::response::{IntoResponse, Response};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::pace::{PacedBody, PacedStream};
use super::places::{Full, Holder, Place, PlaceLimits, Places};
use super::rate::Source;
use super::{ApiError, cors};
use crate::error::StageError;
use crate::intake::Lane;
use crate::limits::{
    ACCEPT_FAILURES_MAX, ACCEPT_PAUSE, CONNECTION_BUFFER_BYTES_MAX, HEAD_TIMEOUT, REFUSAL_TIMEOUT,
    REFUSALS_MAX, SHUTDOWN_TIMEOUT,
};
use crate::metrics;

/// Serves until `stopped` is true, then waits for open connections, for `SHUTDOWN_TIMEOUT` at most.
/// Requests carry their `Source` and their connection's `Lane` as extensions.
///
/// # Errors
/// As `accept`.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: PlaceLimits,
    mut stopped: watch::Receiver<bool>,
) -> Result<(), StageError> {
    let (places, refusals) = (Places::new(limits), Arc::new(Semaphore::new(REFUSALS_MAX)));
    let (mut connections, mut next_lane) = (JoinSet::new(), 0);
    loop {
        while connections.try_join_next().is_some() {}
        let (stream, address) = tokio::select! {
            biased;
            () = told(&mut stopped) => break,
            accepted = accept(&listener) => accepted?,
        };
        let source = Source::from(address);
        let place = match places.take(source, Instant::now()) {
            Ok(place) => place,
            Err(full) => {
                metrics::refused("connections");
                // A flood of connections gets no answers beyond these.
                if let Ok(permit) = Arc::clone(&refusals).try_acquire_owned() {
                    connections.spawn(async move {
                        let _held = permit;
                        refuse(stream, full).await;
                    });
                }
                continue;
            }
        };
        let service = Service { router: router.clone(), source, lane: Lane(next_lane) };
        next_lane += 1;
        connections.spawn(converse(stream, service, place, stopped.clone()));
    }
    drop(listener);
    // A client that does not read its answer would keep its connection open for ever.
    let ended = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, ended).await;
    Ok(())
}

/// Accepts the next connection. A connection that its client gave up before it was accepted is
/// skipped. After another failure, such as a lack of file descriptors, accepting is tried again
/// after `ACCEPT_PAUSE`.
///
/// # Errors
/// `StageError::Http` after more than `ACCEPT_FAILURES_MAX` such failures in a row.
async fn accept(listener: &TcpListener) -> Result<(TcpStream, IpAddr), StageError> {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    let mut failures = 0;
    loop {
        match listener.accept().await {
            Ok((stream, address)) => return Ok((stream, address.ip())),
            Err(error)
                if matches!(
                    error.kind(),
                    ConnectionAborted | ConnectionRefused | ConnectionReset
                ) => {}
            Err(source) if failures >= ACCEPT_FAILURES_MAX => {
                return Err(StageError::Http { source });
            }
            Err(error) => {
                tracing::warn!(%error, "no connection can be taken");
                failures += 1;
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Answers the first request of a connection that has no place, and closes the connection.
async fn refuse(stream: TcpStream, full: Full) {
    let service = service_fn(move |_| async move { Ok::<_, Infallible>(no_place(full)) });
    let connection = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(CONNECTION_BUFFER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    // Whether the client has waited for its answer makes no difference here.
    let _ = tokio::time::timeout(REFUSAL_TIMEOUT, connection).await;
}

fn no_place(full: Full) -> Response {
    let error = match full {
        Full::Address => ApiError::connections_of_address(),
        Full::All => ApiError::connections(),
    };
    cors::open(error.into_response())
}

/// The router, with what a connection adds to its requests.
#[derive(Clone)]
struct Service {
    router: Router,
    source: Source,
    lane: Lane,
}

impl Service {
    /// Answers a request. The place waits for its client while the client sends its body and while
    /// the client takes the answer, but not while a stream goes on, which has no size.
    async fn answer(self, request: Request<Incoming>, holder: Arc<Holder>) -> Response {
        let body = |body| Body::new(PacedBody::new(body, Arc::clone(&holder)));
        let mut request = request.map(body);
        request.extensions_mut().insert(self.source);
        request.extensions_mut().insert(self.lane);
        let response = match self.router.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        if response.body().size_hint().exact().is_some() {
            holder.waits(Instant::now());
        } else {
            holder.works();
        }
        response
    }
}

async fn converse(
    stream: TcpStream,
    service: Service,
    place: Place,
    mut stopped: watch::Receiver<bool>,
) {
    // Answers are small and clients wait for them, so an answer must not be delayed until there is
    // more to send. A connection on which this option cannot be set is about to end anyway.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request: Request<Incoming>| {
        let answer = service.clone().answer(request, Arc::clone(&place.holder));
        async { Ok::<_, Infallible>(answer.await) }
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_buf_size(CONNECTION_BUFFER_BYTES_MAX)
            .serve_connection(TokioIo::new(PacedStream::new(stream)), service)
    );
    // Whether a connection ended with an error makes no difference here.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = place.holder.told_to_leave() => return metrics::refused("slow_connections"),
        () = told(&mut stopped) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// Returns once `stopped` is true, or its sender is gone.
pub(super) async fn told(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}
