//! Connections: how many may be open, and how long a client may take to send a request's head.
//!
//! If a listener takes every connection and waits for ever, clients that send one byte a minute can
//! use up its connections. So each request's head must arrive within `HEAD_TIMEOUT`, each address
//! has a limit of connections, and all addresses together have one. The server speaks only HTTP/1:
//! a proxy in front of it may offer HTTP/2.

use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::rate::Source;
use crate::error::StageError;
use crate::intake::Lane;
use crate::limits::{ACCEPT_FAILURES_MAX, ACCEPT_PAUSE, HEAD_TIMEOUT, SHUTDOWN_TIMEOUT};
use crate::metrics;

/// How many connections a listener takes at one time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectionLimits {
    /// Of all addresses.
    pub all: usize,
    /// Of one address.
    pub per_address: usize,
}

/// Serves until `stopped` is true, then waits for open connections, for `SHUTDOWN_TIMEOUT` at most.
/// Requests carry their `Source` and their connection's `Lane` as extensions.
///
/// # Errors
/// As `accept`.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    mut stopped: watch::Receiver<bool>,
) -> Result<(), StageError> {
    let places = Arc::new(Semaphore::new(limits.all));
    let callers = Arc::new(Callers { each_max: limits.per_address, held: Mutex::default() });
    let (mut connections, mut next_lane) = (JoinSet::new(), 0);
    loop {
        while connections.try_join_next().is_some() {}
        let place = tokio::select! {
            biased;
            () = told(&mut stopped) => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let place = place.expect("the semaphore is never closed");
        let (stream, address) = tokio::select! {
            biased;
            () = told(&mut stopped) => break,
            accepted = accept(&listener) => accepted?,
        };
        let Some(caller) = Callers::admit(&callers, address.into()) else {
            metrics::refused("connections");
            continue;
        };
        let (router, stopped) = (router.clone(), stopped.clone());
        let lane = Lane(next_lane);
        next_lane += 1;
        connections.spawn(async move {
            let _held = place;
            converse(stream, router, (caller, lane), stopped).await;
        });
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

async fn converse(
    stream: TcpStream,
    router: Router,
    (caller, lane): (Caller, Lane),
    mut stopped: watch::Receiver<bool>,
) {
    let source = caller.source;
    // Answers are small and clients wait for them, so an answer must not be delayed until there is
    // more to send. A connection on which this option cannot be set is about to end anyway.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(source);
        request.extensions_mut().insert(lane);
        router.clone().oneshot(request)
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .serve_connection(TokioIo::new(stream), service)
    );
    // Whether a connection ended with an error makes no difference here.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = told(&mut stopped) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// Returns once `stopped` is true, or its sender is gone.
pub(super) async fn told(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// The number of open connections of each address.
#[derive(Debug)]
struct Callers {
    each_max: usize,
    /// Has no more addresses than there are open connections.
    held: Mutex<HashMap<Source, usize>>,
}

/// One open connection, counted for its address until this value is dropped.
#[derive(Debug)]
struct Caller {
    callers: Arc<Callers>,
    source: Source,
}

impl Callers {
    /// Counts a connection of `source`; nothing when the address has `each_max` open connections.
    fn admit(callers: &Arc<Self>, source: Source) -> Option<Caller> {
        let mut held = callers.held.lock().expect("no holder of the lock panics");
        let count = held.entry(source).or_default();
        if *count >= callers.each_max {
            return None;
        }
        *count += 1;
        Some(Caller { callers: Arc::clone(callers), source })
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        let mut held = self.callers.held.lock().expect("no holder of the lock panics");
        if let Some(count) = held.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.source);
            }
        }
    }
}
