//! The ids of the transactions that were executed last.

use std::collections::{HashSet, VecDeque};

use sheaf_crypto::hash::Digest;

use crate::limits::EXECUTED_IDS_MAX;

/// The ids of the last `EXECUTED_IDS_MAX` executed transactions. A transaction that is sent again
/// before its block is durable is found here, so that it is not refused for its used nonce.
#[derive(Debug, Default)]
pub(super) struct ExecutedIds {
    ids: HashSet<Digest>,
    order: VecDeque<Digest>,
}

impl ExecutedIds {
    pub(super) fn insert(&mut self, id: Digest) {
        if self.ids.insert(id) {
            self.order.push_back(id);
        }
        if self.order.len() > EXECUTED_IDS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }

    pub(super) fn contains(&self, id: &Digest) -> bool {
        self.ids.contains(id)
    }
}
