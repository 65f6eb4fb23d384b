//! Every bound of the worker.

use std::time::Duration;

/// How long one request to the sequencer may take; inputs and proofs are some megabytes.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// How long an unused connection stays open. Servers keep connections open for longer, so no
/// request is sent on a connection that the server is closing.
pub const CONNECTION_IDLE_MAX: Duration = Duration::from_secs(5);
/// How often an idle worker asks for work.
pub const IDLE_PAUSE: Duration = Duration::from_millis(500);
/// The first pause before a request without an answer is repeated; each later pause is twice as
/// long.
pub const RETRY_PAUSE_MIN: Duration = Duration::from_millis(250);
/// The longest pause before a request is repeated.
pub const RETRY_PAUSE_MAX: Duration = Duration::from_secs(10);
/// How long one request may remain without an answer before the worker ends.
pub const OUTAGE_MAX: Duration = Duration::from_secs(60 * 60);
/// Heartbeats in the time of one lease. After a lost heartbeat the next still comes in time.
pub const HEARTBEATS_PER_LEASE: u32 = 3;
/// Bytes of a failure's reason that the worker sends to the sequencer.
pub const REASON_BYTES_MAX: usize = 200;
