//! How long the first submission that is not mined has waited, in L1 blocks.

use std::sync::{Arc, Mutex, PoisonError};

use alloy::primitives::B256;

use crate::limits::SUBMISSION_PATIENCE_BLOCKS;

/// The submission that L1 must mine next, and the block at which it was first asked about. A
/// restart forgets both, so that patience begins anew.
#[derive(Debug, Clone, Default)]
pub struct Waiting(Arc<Mutex<Option<(B256, u64)>>>);

impl Waiting {
    /// Whether L1 has mined `SUBMISSION_PATIENCE_BLOCKS` blocks since the first question about this
    /// submission. `head` is L1's newest block. A question about another submission begins anew.
    pub(super) fn is_over(&self, submission: B256, head: u64) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *waiting {
            Some((asked, since)) if asked == submission => {
                head >= since.saturating_add(SUBMISSION_PATIENCE_BLOCKS)
            }
            Some(_) | None => {
                *waiting = Some((submission, head));
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_counts_blocks_and_begins_anew_with_another_submission() {
        let (waiting, first, second) = (Waiting::default(), [1; 32].into(), [2; 32].into());
        assert!(!waiting.is_over(first, 10));
        assert!(!waiting.is_over(first, 10 + SUBMISSION_PATIENCE_BLOCKS - 1));
        assert!(waiting.is_over(first, 10 + SUBMISSION_PATIENCE_BLOCKS));
        assert!(!waiting.is_over(second, 10 + SUBMISSION_PATIENCE_BLOCKS));
        assert!(!waiting.is_over(first, u64::MAX), "the question about it is forgotten");
    }

    #[test]
    fn a_halted_l1_asks_for_no_fee() {
        let (waiting, submission) = (Waiting::default(), [1; 32].into());
        assert!((0..10_000).all(|_| !waiting.is_over(submission, 7)));
    }
}
