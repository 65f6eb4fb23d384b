//! The intake: the only way of a transaction from the API towards the mempool.
//!
//! A transaction may have a thousand payments, so a queue that counts only transactions does not
//! bound memory. A transaction takes room for its payments when it enters the intake, and gives the
//! room back when the mempool has taken or refused it. The mempool has bounds of its own.

use std::sync::Arc;

use sheaf_ledger::transaction::SignedTransaction;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::lifecycle::{Outcome, Submission};
use crate::limits::{ADMISSION_QUEUE, INTAKE_PAYMENTS_MAX};

/// An item in a queue, with the room that its payments take until `room` is dropped.
#[derive(Debug)]
pub struct Queued<T> {
    pub item: T,
    pub room: OwnedSemaphorePermit,
}

/// Why a transaction was not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// The intake has no room for the transaction.
    Full,
    /// Admission has ended.
    Closed,
}

/// The API's end of the intake.
#[derive(Debug, Clone)]
pub struct Intake {
    queue: mpsc::Sender<Queued<Submission>>,
    room: Arc<Semaphore>,
}

impl Intake {
    /// An empty intake, and the queue from which admission receives the transactions.
    pub fn new() -> (Self, mpsc::Receiver<Queued<Submission>>) {
        let (queue, received) = mpsc::channel(ADMISSION_QUEUE);
        (Self { queue, room: Arc::new(Semaphore::new(INTAKE_PAYMENTS_MAX)) }, received)
    }

    /// Whether the intake has room for all these transactions, if no other transaction enters
    /// first.
    pub fn has_room<'a>(&self, all: impl IntoIterator<Item = &'a SignedTransaction>) -> bool {
        let (mut transactions, mut payments) = (0, 0);
        for one in all {
            transactions += 1;
            payments += payments_of(one);
        }
        transactions <= self.queue.capacity() && payments <= self.room.available_permits()
    }

    /// Takes a transaction in and returns the receiver of its outcome.
    ///
    /// # Errors
    /// `Full` when the intake has no room for the transaction; `Closed` when admission has ended.
    pub fn send(
        &self,
        transaction: SignedTransaction,
    ) -> Result<oneshot::Receiver<Outcome>, NotTaken> {
        let payments = u32::try_from(payments_of(&transaction)).map_err(|_| NotTaken::Full)?;
        let room = Arc::clone(&self.room).try_acquire_many_owned(payments);
        let room = room.map_err(|_| NotTaken::Full)?;
        let (waiter, waiting) = oneshot::channel();
        let item = Submission { transaction, waiter };
        match self.queue.try_send(Queued { item, room }) {
            Ok(()) => Ok(waiting),
            Err(TrySendError::Full(_)) => Err(NotTaken::Full),
            Err(TrySendError::Closed(_)) => Err(NotTaken::Closed),
        }
    }
}

/// The number of payments that a transaction takes room for: at least one, even for a transaction
/// without payments, which no rule has refused yet.
fn payments_of(signed: &SignedTransaction) -> usize {
    signed.transaction.recipients().max(1)
}

#[cfg(test)]
mod tests {
    use sheaf_crypto::goldilocks::Fe;
    use sheaf_crypto::key::SecretKey;
    use sheaf_ledger::domain::Domain;
    use sheaf_ledger::l1_address::L1Address;
    use sheaf_ledger::limits::PAYMENTS_MAX;
    use sheaf_ledger::owner::Owner;
    use sheaf_ledger::transaction::{Payment, Transaction, Transfer};

    use super::*;

    /// A transfer to so many recipients.
    fn transfer(payments: usize) -> SignedTransaction {
        let mut secret = [0; 40];
        secret[0] = 1;
        let secret = SecretKey::from_bytes(&secret).expect("one is a scalar");
        let payment = Payment { owner: Owner([Fe::ZERO; 3]), amount: 1 };
        let transaction = Transaction::Transfer(Transfer {
            slot: 0,
            token: 0,
            nonce: 0,
            fee: 0,
            valid_until: 0,
            payments: vec![payment; payments],
        });
        let address = L1Address([0; 20]);
        let domain = Domain::on_chain(1, address);
        SignedTransaction::sign(transaction, &domain, (&secret, address), &mut rand::rng())
            .expect("it keeps the rules of form")
    }

    #[tokio::test]
    async fn payments_fill_the_intake_long_before_transactions_do() {
        let (intake, mut received) = Intake::new();
        let largest = transfer(PAYMENTS_MAX);
        for _ in 0..INTAKE_PAYMENTS_MAX / PAYMENTS_MAX {
            assert!(intake.has_room([&largest]) && intake.send(largest.clone()).is_ok());
        }
        assert_eq!(intake.send(transfer(1)).err(), Some(NotTaken::Full));
        assert!(!intake.has_room([&largest]));
        // On its way through admission a transaction keeps its room; then the next may come.
        let Queued { item, room } = received.recv().await.expect("it was sent");
        drop(item);
        assert_eq!(intake.send(transfer(1)).err(), Some(NotTaken::Full));
        drop(room);
        assert!(intake.has_room([&largest]) && intake.send(transfer(1)).is_ok());
    }

    #[tokio::test]
    async fn nothing_enters_when_admission_has_ended() {
        let (intake, received) = Intake::new();
        assert!(intake.send(transfer(1)).is_ok());
        drop(received);
        assert_eq!(intake.send(transfer(1)).err(), Some(NotTaken::Closed));
    }
}
