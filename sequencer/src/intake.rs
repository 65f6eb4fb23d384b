//! The intake: the only way of a transaction from the API towards the mempool.
//!
//! A transaction may have a thousand payments, so a queue that counts only transactions does not
//! bound memory. A transaction takes room for its payments when it enters the intake, and gives the
//! room back when the mempool has taken or refused it. The mempool has bounds of its own.
//!
//! Each connection has a lane, and admission takes from all lanes in turn, so that a client waits
//! for a share of every other lane and not for all that a busy one has sent. A wrong signature
//! costs ten times as much as a valid one: a lane that has sent too many is refused for a while
//! before any further signature of it is verified, and a lane that has not yet sent a valid one
//! gets a small share.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use sheaf_ledger::transaction::SignedTransaction;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::lifecycle::{Outcome, Submission, Waiter};
use crate::limits::{
    ADMISSION_BATCH_MAX, ADMISSION_QUEUE, INTAKE_PAYMENTS_MAX, LANE_QUEUE_MAX, LANE_TURN_MAX,
    LANES_REMEMBERED_MAX, WRONG_SIGNATURES_MAX, WRONG_SIGNATURES_PERIOD,
};

/// An item in a queue, with the room that its payments take until `room` is dropped.
#[derive(Debug)]
pub struct Queued<T> {
    pub item: T,
    pub room: OwnedSemaphorePermit,
}

/// Why a transaction was not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// The intake, or the lane, has no room for the transaction.
    Full,
    /// Admission has ended.
    Closed,
}

/// The transactions of one connection, which has this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lane(pub u64);

/// What waits in all lanes.
#[derive(Debug, Default)]
struct Lanes {
    /// The lanes in which something waits.
    queues: HashMap<Lane, VecDeque<Queued<Submission>>>,
    /// The same lanes, the one whose turn is next first.
    turns: VecDeque<Lane>,
    /// Transactions in all lanes.
    waiting: usize,
}

/// The API's end of the intake.
#[derive(Debug, Clone)]
pub struct Intake {
    lanes: Arc<Mutex<Lanes>>,
    room: Arc<Semaphore>,
    wake: mpsc::Sender<()>,
}

/// Admission's end of the intake.
#[derive(Debug)]
pub struct IntakeTurns {
    lanes: Arc<Mutex<Lanes>>,
    woken: mpsc::Receiver<()>,
    conduct: HashMap<Lane, Conduct>,
}

/// What the signatures of a lane were like.
#[derive(Debug, Clone, Copy)]
struct Conduct {
    /// Whether a signature was valid.
    is_proven: bool,
    /// Wrong signatures since `since`.
    wrong: u32,
    since: Instant,
}

/// What admission does next.
#[derive(Debug, Default)]
pub struct Turn {
    /// Transactions to check, with their lanes.
    pub taken: Vec<(Lane, Queued<Submission>)>,
    /// Transactions of lanes that have sent too many wrong signatures.
    pub refused: Vec<Queued<Submission>>,
}

impl Intake {
    /// An empty intake, and the end at which admission takes turns.
    pub fn new() -> (Self, IntakeTurns) {
        let (lanes, room) = (Arc::default(), Arc::new(Semaphore::new(INTAKE_PAYMENTS_MAX)));
        let (wake, woken) = mpsc::channel(1);
        let turns = IntakeTurns { lanes: Arc::clone(&lanes), woken, conduct: HashMap::new() };
        (Self { lanes, room, wake }, turns)
    }

    /// Whether the intake has room for all these transactions of a lane, if no other transaction
    /// enters first.
    pub fn has_room<'a>(
        &self,
        lane: Lane,
        all: impl IntoIterator<Item = &'a SignedTransaction>,
    ) -> bool {
        let (mut transactions, mut payments) = (0, 0);
        for one in all {
            transactions += 1;
            payments += payments_of(one);
        }
        self.lanes().have_room(lane, transactions) && payments <= self.room.available_permits()
    }

    /// How many transactions wait, and how many payments have taken room.
    pub fn lengths(&self) -> (usize, usize) {
        (self.lanes().waiting, INTAKE_PAYMENTS_MAX - self.room.available_permits())
    }

    /// Takes a transaction in and returns the receiver of its outcome.
    ///
    /// # Errors
    /// `Full` when the intake or the lane has no room for the transaction; `Closed` when admission
    /// has ended.
    pub fn send(
        &self,
        lane: Lane,
        transaction: SignedTransaction,
    ) -> Result<oneshot::Receiver<Outcome>, NotTaken> {
        let payments = u32::try_from(payments_of(&transaction)).map_err(|_| NotTaken::Full)?;
        let room = Arc::clone(&self.room).try_acquire_many_owned(payments);
        let room = room.map_err(|_| NotTaken::Full)?;
        let (waiter, waiting) = Waiter::new();
        let item = Submission { transaction, waiter };
        if !self.lanes().push(lane, Queued { item, room }) {
            return Err(NotTaken::Full);
        }
        match self.wake.try_send(()) {
            // Admission is awake already, or will be.
            Ok(()) | Err(TrySendError::Full(())) => Ok(waiting),
            Err(TrySendError::Closed(())) => Err(NotTaken::Closed),
        }
    }

    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().expect("no holder of the lock panics")
    }
}

impl Lanes {
    fn have_room(&self, lane: Lane, more: usize) -> bool {
        let waiting = self.queues.get(&lane).map_or(0, VecDeque::len);
        self.waiting + more <= ADMISSION_QUEUE && waiting + more <= LANE_QUEUE_MAX
    }

    /// Appends to a lane. Returns false when there is no room.
    fn push(&mut self, lane: Lane, queued: Queued<Submission>) -> bool {
        if !self.have_room(lane, 1) {
            return false;
        }
        let queue = self.queues.entry(lane).or_default();
        if queue.is_empty() {
            self.turns.push_back(lane);
        }
        queue.push_back(queued);
        self.waiting += 1;
        true
    }

    /// Takes at most `count` transactions out of a lane, the first ones first.
    fn take(&mut self, lane: Lane, count: usize) -> Vec<Queued<Submission>> {
        let Some(queue) = self.queues.get_mut(&lane) else { return Vec::new() };
        let taken: Vec<_> = queue.drain(..count.min(queue.len())).collect();
        if queue.is_empty() {
            self.queues.remove(&lane);
            self.turns.retain(|waiting| *waiting != lane);
        }
        self.waiting -= taken.len();
        taken
    }
}

impl IntakeTurns {
    /// The next turn; nothing once the API has ended and every lane is empty.
    pub async fn next(&mut self) -> Option<Turn> {
        loop {
            let turn = self.take(Instant::now());
            if !turn.taken.is_empty() || !turn.refused.is_empty() {
                return Some(turn);
            }
            self.woken.recv().await?;
        }
    }

    /// Takes from each lane in turn, again and again until the turn is full or nothing is left.
    fn take(&mut self, now: Instant) -> Turn {
        let mut lanes = self.lanes.lock().expect("no holder of the lock panics");
        let mut turn = Turn::default();
        let mut is_first_round = true;
        while turn.taken.len() < ADMISSION_BATCH_MAX {
            let before = turn.taken.len();
            for lane in lanes.turns.iter().copied().collect::<Vec<_>>() {
                let conduct = self.conduct.get(&lane);
                if conduct.is_some_and(|conduct| conduct.is_refused(now)) {
                    turn.refused.extend(lanes.take(lane, LANE_QUEUE_MAX));
                } else if is_first_round || conduct.is_some_and(|conduct| conduct.is_proven) {
                    let room = ADMISSION_BATCH_MAX - turn.taken.len();
                    let taken = lanes.take(lane, LANE_TURN_MAX.min(room));
                    turn.taken.extend(taken.into_iter().map(|queued| (lane, queued)));
                }
            }
            is_first_round = false;
            if turn.taken.len() == before {
                break;
            }
        }
        // Another lane is the first of the next turn.
        if !lanes.turns.is_empty() {
            lanes.turns.rotate_left(1);
        }
        turn
    }

    /// Learns which signatures of which lanes were valid.
    pub fn judge(&mut self, verdicts: impl IntoIterator<Item = (Lane, bool)>, now: Instant) {
        if self.conduct.len() >= LANES_REMEMBERED_MAX {
            self.conduct.clear();
        }
        for (lane, is_valid) in verdicts {
            let fresh = Conduct { is_proven: false, wrong: 0, since: now };
            let conduct = self.conduct.entry(lane).or_insert(fresh);
            if now.duration_since(conduct.since) > WRONG_SIGNATURES_PERIOD {
                *conduct = fresh;
            }
            conduct.is_proven |= is_valid;
            conduct.wrong += u32::from(!is_valid);
        }
    }
}

impl Conduct {
    fn is_refused(&self, now: Instant) -> bool {
        self.wrong >= WRONG_SIGNATURES_MAX
            && now.duration_since(self.since) <= WRONG_SIGNATURES_PERIOD
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

    const LANE: Lane = Lane(1);

    #[tokio::test]
    async fn payments_fill_the_intake_long_before_transactions_do() {
        let (intake, mut turns) = Intake::new();
        let largest = transfer(PAYMENTS_MAX);
        for _ in 0..INTAKE_PAYMENTS_MAX / PAYMENTS_MAX {
            assert!(
                intake.has_room(LANE, [&largest]) && intake.send(LANE, largest.clone()).is_ok()
            );
        }
        assert_eq!(intake.send(LANE, transfer(1)).err(), Some(NotTaken::Full));
        assert!(!intake.has_room(LANE, [&largest]));
        // On its way through admission a transaction keeps its room; then the next may come.
        let mut turn = turns.next().await.expect("some were sent");
        let (_, Queued { item, room }) = turn.taken.pop().expect("the turn is full");
        drop(item);
        assert_eq!(intake.send(LANE, transfer(1)).err(), Some(NotTaken::Full));
        drop(room);
        assert!(intake.has_room(LANE, [&largest]) && intake.send(LANE, transfer(1)).is_ok());
    }

    #[tokio::test]
    async fn nothing_enters_when_admission_has_ended() {
        let (intake, turns) = Intake::new();
        assert!(intake.send(LANE, transfer(1)).is_ok());
        drop(turns);
        assert_eq!(intake.send(LANE, transfer(1)).err(), Some(NotTaken::Closed));
    }

    #[tokio::test]
    async fn a_turn_follows_what_is_left_when_the_api_has_ended() {
        let (intake, mut turns) = Intake::new();
        assert!(intake.send(LANE, transfer(1)).is_ok());
        drop(intake);
        assert_eq!(turns.next().await.map(|turn| turn.taken.len()), Some(1));
        assert!(turns.next().await.is_none());
    }

    #[test]
    fn one_lane_does_not_fill_the_intake() {
        let (intake, _turns) = Intake::new();
        let one = transfer(1);
        for _ in 0..LANE_QUEUE_MAX {
            assert!(intake.send(LANE, one.clone()).is_ok());
        }
        assert_eq!(intake.send(LANE, one.clone()).err(), Some(NotTaken::Full));
        assert!(intake.send(Lane(2), one).is_ok());
    }

    /// How many of each lane a turn has taken.
    fn counts<const LANES: usize>(turn: &Turn) -> [usize; LANES] {
        std::array::from_fn(|lane| {
            turn.taken.iter().filter(|(of, _)| *of == Lane(lane as u64)).count()
        })
    }

    #[test]
    fn lanes_share_a_turn_and_a_proven_one_takes_what_is_left() {
        let (intake, mut turns) = Intake::new();
        let (now, one) = (Instant::now(), transfer(1));
        let send = |lane, count| {
            (0..count).for_each(|_| assert!(intake.send(Lane(lane), one.clone()).is_ok()));
        };
        send(0, 2_000);
        send(1, 2_000);
        send(2, 3);
        assert_eq!(counts(&turns.take(now)), [LANE_TURN_MAX, LANE_TURN_MAX, 3]);
        turns.judge([(Lane(1), true)], now);
        let rest = ADMISSION_BATCH_MAX - LANE_TURN_MAX;
        assert_eq!(counts(&turns.take(now)), [LANE_TURN_MAX, rest]);
        turns.judge([(Lane(0), true)], now);
        let half = ADMISSION_BATCH_MAX / 2;
        assert_eq!(counts(&turns.take(now)), [half, half]);
    }

    #[test]
    fn a_lane_of_wrong_signatures_is_refused_until_its_period_is_over() {
        let (intake, mut turns) = Intake::new();
        let (now, one) = (Instant::now(), transfer(1));
        let send = || (0..10).for_each(|_| assert!(intake.send(LANE, one.clone()).is_ok()));
        let wrong = |count: u32| (0..count).map(|_| (LANE, false));
        turns.judge([(LANE, true)], now);
        turns.judge(wrong(WRONG_SIGNATURES_MAX - 1), now);
        send();
        assert_eq!(turns.take(now).taken.len(), 10);
        turns.judge(wrong(1), now);
        send();
        let turn = turns.take(now);
        assert_eq!((turn.taken.len(), turn.refused.len()), (0, 10));
        // Another lane is not concerned, and this one is heard again later.
        assert!(intake.send(Lane(2), one.clone()).is_ok());
        send();
        let later = now + WRONG_SIGNATURES_PERIOD + std::time::Duration::from_millis(1);
        let turn = turns.take(later);
        assert_eq!((turn.taken.len(), turn.refused.len()), (11, 0));
    }
}
