//! Every bound of the worker.

use std::time::Duration;

/// How long one request to the sequencer may take; inputs and proofs are some megabytes.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// How long an unused connection is kept: less than any server does, so that no request goes out on
/// one that is being closed.
pub const CONNECTION_IDLE_MAX: Duration = Duration::from_secs(5);
/// How often an idle worker asks for work.
pub const IDLE_PAUSE: Duration = Duration::from_millis(500);
/// The first pause after a request that has no answer; each later one is twice as long.
pub const RETRY_PAUSE_MIN: Duration = Duration::from_millis(250);
/// The longest such pause.
pub const RETRY_PAUSE_MAX: Duration = Duration::from_secs(10);
/// How long one request may go unanswered before the worker ends.
pub const OUTAGE_MAX: Duration = Duration::from_secs(60 * 60);
/// Heartbeats in the life of a lease: two may be lost before it ends.
pub const HEARTBEATS_PER_LEASE: u32 = 3;
/// Bytes of a failure's reason that are told to the sequencer.
pub const REASON_BYTES_MAX: usize = 200;
