//! How many payments wait, of one owner or of all owners.

use super::queue::Place;

/// Payments of waiting transactions; a withdrawal counts as one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub ready: usize,
    pub held: usize,
}

impl Usage {
    pub(super) const fn waiting(self) -> usize {
        self.ready + self.held
    }

    pub(super) const fn promote(&mut self, payments: usize) {
        self.held -= payments;
        self.ready += payments;
    }

    pub(super) const fn demote(&mut self, payments: usize) {
        self.ready -= payments;
        self.held += payments;
    }

    pub(super) const fn leave(&mut self, place: Place, payments: usize) {
        match place {
            Place::Ready { .. } => self.ready -= payments,
            Place::Held => self.held -= payments,
        }
    }
}
