//! Pace: how slowly a client may send a request's body and take an answer.
//!
//! A client that sends or takes a byte now and then holds its connection, and what the sequencer
//! keeps for it, for as long as the client likes. So a body has to arrive, and an answer has to be
//! taken, at `TRANSFER_BYTES_PER_SECOND_MIN`. A client that has fallen behind by
//! `TRANSFER_PATIENCE` is too slow: reading and writing fail with `TimedOut`.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::places::Holder;
use crate::limits::{TRANSFER_BYTES_PER_SECOND_MIN, TRANSFER_PATIENCE};
use crate::metrics;

const NANOSECONDS_PER_SECOND: u64 = 1_000_000_000;

/// The time at which a transfer counts as too slow. Each byte moves the time back, but never to
/// more than `TRANSFER_PATIENCE` from then: a client that was fast has not earned a long rest.
#[derive(Debug)]
struct Deadline {
    at: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Deadline {
    fn new() -> Self {
        let at = Instant::now() + TRANSFER_PATIENCE;
        Self { at, timer: Box::pin(sleep_until(at)) }
    }

    fn add(&mut self, bytes: usize) {
        let earned = NANOSECONDS_PER_SECOND * bytes as u64 / TRANSFER_BYTES_PER_SECOND_MIN;
        let latest = Instant::now() + TRANSFER_PATIENCE;
        self.at = latest.min(self.at + Duration::from_nanos(earned));
        self.timer.as_mut().reset(self.at);
    }

    /// Pending until the time is over, then an error. `limit` names the limit in metrics.
    fn poll_over(&mut self, context: &mut Context<'_>, limit: &'static str) -> Poll<io::Error> {
        ready!(self.timer.as_mut().poll(context));
        metrics::refused(limit);
        Poll::Ready(ErrorKind::TimedOut.into())
    }
}

/// The body of a request, which must not arrive too slowly. While the body arrives, the
/// connection's place counts as waiting for its client.
pub(super) struct PacedBody {
    body: Incoming,
    deadline: Deadline,
    holder: Arc<Holder>,
}

impl PacedBody {
    pub(super) fn new(body: Incoming, holder: Arc<Holder>) -> Self {
        if body.is_end_stream() {
            holder.works();
        } else {
            holder.waits(std::time::Instant::now());
        }
        Self { body, deadline: Deadline::new(), holder }
    }
}

impl Body for PacedBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
            let error = ready!(self.deadline.poll_over(context, "slow_bodies"));
            return Poll::Ready(Some(Err(error.into())));
        };
        if let Some(Ok(frame)) = &frame {
            self.deadline.add(frame.data_ref().map_or(0, Bytes::len));
        }
        if self.body.is_end_stream() {
            self.holder.works();
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection whose client must not take answers too slowly.
pub(super) struct PacedStream {
    stream: TcpStream,
    /// Present while something waits to be taken.
    deadline: Option<Deadline>,
}

impl PacedStream {
    pub(super) const fn new(stream: TcpStream) -> Self {
        Self { stream, deadline: None }
    }

    /// What a write has come to. A write that has to wait fails once the client is too slow.
    fn written(
        &mut self,
        written: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let Poll::Ready(written) = written else {
            let deadline = self.deadline.get_or_insert_with(Deadline::new);
            return deadline.poll_over(context, "slow_readers").map(Err);
        };
        if let (Ok(bytes), Some(deadline)) = (&written, &mut self.deadline) {
            deadline.add(*bytes);
        }
        Poll::Ready(written)
    }
}

impl AsyncRead for PacedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for PacedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.written(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// The server flushes when nothing of its own waits to be written any more.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.deadline = None;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
