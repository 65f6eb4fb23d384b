//! The errors that end a stage, and the process with it. Clients never see these errors.

use thiserror::Error;

use crate::capacity::{BatchLimits, Contents};
use crate::l1::L1Error;
use crate::replay::ReplayError;
use crate::store::StoreError;

/// Why a stage ended.
#[derive(Debug, Error)]
pub enum StageError {
    #[error("the store failed ({})", .0.code())]
    Store(#[from] StoreError),
    #[error("the stage {stage} is gone")]
    Gone { stage: &'static str },
    #[error("a computation panicked")]
    Panicked { source: tokio::task::JoinError },
    #[error("the HTTP server failed")]
    Http { source: std::io::Error },
    #[error("the log cannot be run again ({})", .0.code())]
    Replay(#[source] ReplayError),
    #[error(
        "batch {batch} has {} entries, {} signatures, {} data words and {} L1 words, more than \
         the circuits or a transaction of L1 fit ({limits:?}): start with the keys, the data mode \
         and the prices of L1 with which it was opened",
        .contents.entries,
        .contents.signatures,
        .contents.words.data,
        .contents.words.l1
    )]
    BatchTooLarge { batch: u64, contents: Contents, limits: Box<BatchLimits> },
    #[error("the L1 side cannot go on")]
    L1(#[from] L1Error),
}

impl From<ReplayError> for StageError {
    /// `Store` when the store failed, `Replay` for every other error.
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Store(store) => Self::Store(store),
            other => Self::Replay(other),
        }
    }
}

impl StageError {
    /// Whether L1 has a batch that the database lacks, or has with another state: another account
    /// has made it.
    pub const fn is_anothers_batch(&self) -> bool {
        matches!(self, Self::L1(L1Error::UnknownBatch { .. } | L1Error::Diverged { .. }))
    }

    /// The error's name for logs, which never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(store) => store.code(),
            Self::Gone { .. } => "stage_gone",
            Self::Panicked { .. } => "stage_panicked",
            Self::Http { .. } => "http",
            Self::Replay(replay) => replay.code(),
            Self::BatchTooLarge { .. } => "batch_too_large",
            Self::L1(error) => error.code(),
        }
    }
}
