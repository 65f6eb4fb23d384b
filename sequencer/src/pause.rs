//! The reasons why no batch is opened although transactions wait: clients read the reason in
//! ordering's refusal, operators in `/healthz`. `ordering::Gate` decides whether there is one.

use thiserror::Error;

/// A condition that must end before the next batch is opened. The message is for people, `code` for
/// programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Pause {
    #[error("{batches} batches are not final yet, as many as may be; come back later")]
    Backlog { batches: u64 },
    #[error("L1 has not yet said what time it is; come back later")]
    L1TimeUnknown,
    #[error(
        "the sequencer's clock is {seconds} s ahead of L1's, and L1 would refuse its batches; \
         come back later"
    )]
    ClockApart { seconds: u64 },
}

impl Pause {
    /// The condition's name: part of the API, never changed.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Backlog { .. } => "backlog",
            Self::L1TimeUnknown => "l1_time_unknown",
            Self::ClockApart { .. } => "clock_apart",
        }
    }
}
