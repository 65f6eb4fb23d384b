//! The errors that end a stage, and the process with it. Clients never see these errors.

use thiserror::Error;

use crate::capacity::{BatchLimits, Contents};
use crate::l1::L1Error;
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
    #[error("the ledger refuses what was executed in batch {batch} ({})", .source.code())]
    ExecutionDiverged { batch: u64, source: sheaf_ledger::rule_error::RuleError },
    #[error("slot {slot} after batch {batch} differs between executor and ledger")]
    SlotDiverged { batch: u64, slot: u32 },
    #[error("the log continues with block {found} where block {expected} belongs")]
    LogGap { expected: u64, found: u64 },
    #[error(
        "batch {batch} has {} entries, {} signatures, {} data words and {} L1 words, more than \
         the circuits fit ({limits:?}): start with the keys with which it was opened",
        .contents.entries,
        .contents.signatures,
        .contents.words.data,
        .contents.words.l1
    )]
    BatchTooLarge { batch: u64, contents: Contents, limits: BatchLimits },
    #[error("the stored slots do not lead to the root of batch {batch}")]
    RootDiverged { batch: u64 },
    #[error("the L1 side cannot go on")]
    L1(#[from] L1Error),
}

impl StageError {
    /// The error's name for logs, which never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(store) => store.code(),
            Self::Gone { .. } => "stage_gone",
            Self::Panicked { .. } => "stage_panicked",
            Self::Http { .. } => "http",
            Self::ExecutionDiverged { .. } => "execution_diverged",
            Self::SlotDiverged { .. } => "slot_diverged",
            Self::LogGap { .. } => "log_gap",
            Self::BatchTooLarge { .. } => "batch_too_large",
            Self::RootDiverged { .. } => "root_diverged",
            Self::L1(error) => error.code(),
        }
    }
}
