//! The events that subscribers get: one for each block that becomes durable, and one for each new
//! state of a batch.
//!
//! The newest events are kept in memory, numbered from 1 since the start. A subscriber reads them
//! in order from its own place, so that one who reads slowly, or comes back after a lost
//! connection, goes on where it was, or is told how many events it has missed. Who publishes waits
//! for nobody.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard};

use sheaf_crypto::hash::Digest;
use sheaf_ledger::entry::Entry;
use sheaf_wire::batches::BatchState;
use tokio::sync::watch;

use crate::block::Block;
use crate::directory::Directory;
use crate::limits::{EVENT_RECORDS_KEPT, EVENTS_KEPT};
use crate::movement::{moves, read_place};

pub use sheaf_wire::events::Event;

/// The newest events, shared between the stages that publish them and subscribers.
#[derive(Debug)]
pub struct Events {
    /// Tells the events of this process from those of another one, also of another database.
    start_ms: u64,
    ring: Mutex<Ring>,
    /// The number of the newest event; 0 before the first.
    newest: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Ring {
    kept: VecDeque<Arc<Happened>>,
    /// The number of the newest event; 0 before the first.
    newest: u64,
    /// Transactions and movements of all events that are kept.
    records: usize,
}

/// An event that has happened.
#[derive(Debug, PartialEq, Eq)]
pub struct Happened {
    /// From 1, without gaps.
    pub number: u64,
    pub event: Event,
    /// What the event's block has; nothing for an event of a batch.
    contents: BlockContents,
}

/// The transactions of a block, and the slots whose balances it moved.
#[derive(Debug, Default, PartialEq, Eq)]
struct BlockContents {
    ids: Vec<Digest>,
    /// In the order of the slots.
    moved: Vec<Moved>,
}

/// A movement of a slot's balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Moved {
    slot: u32,
    /// The index of the transaction that caused the movement; `None` for a request of L1.
    transaction: Option<u32>,
}

/// The name of an event in a stream: when its process began to publish, Unix milliseconds, and the
/// number since then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventId {
    pub start_ms: u64,
    pub number: u64,
}

/// A reader of events, with its place among them.
#[derive(Debug)]
pub struct Reader {
    events: Arc<Events>,
    newest: watch::Receiver<u64>,
    /// The number of the event that was read last.
    place: u64,
}

/// What a reader finds after its place.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    Happened(Arc<Happened>),
    /// So many events are not kept any more.
    Missed(u64),
}

impl Events {
    /// No events yet, of a process that begins to publish now, Unix milliseconds.
    pub fn new(start_ms: u64) -> Arc<Self> {
        let (newest, _) = watch::channel(0);
        Arc::new(Self { start_ms, ring: Mutex::default(), newest })
    }

    /// Publishes a new state of a batch.
    pub fn publish_batch(&self, number: u64, state: BatchState) {
        self.publish(Event::batch(number, state), BlockContents::default());
    }

    /// Publishes a durable block. The directory has every slot of the block.
    pub fn publish_block(&self, block: &Block, directory: &Directory) {
        self.publish(Event::block(block.into(), None), BlockContents::of(block, directory));
    }

    fn publish(&self, event: Event, contents: BlockContents) {
        let mut ring = self.ring();
        ring.newest += 1;
        let number = ring.newest;
        ring.records += contents.records();
        ring.kept.push_back(Arc::new(Happened { number, event, contents }));
        while ring.kept.len() > EVENTS_KEPT
            || ring.records > EVENT_RECORDS_KEPT && ring.kept.len() > 1
        {
            let oldest = ring.kept.pop_front();
            ring.records -= oldest.map_or(0, |oldest| oldest.contents.records());
        }
        drop(ring);
        // Two publishers may come here in the other order.
        self.newest.send_if_modified(|newest| {
            let is_newer = *newest < number;
            *newest = number.max(*newest);
            is_newer
        });
    }

    /// A reader of the events that happen from now on.
    pub fn read(self: &Arc<Self>) -> Reader {
        let place = self.ring().newest;
        self.read_after(place)
    }

    /// A reader of the events after the one with this id; `None` for an id of another process, or
    /// of no event.
    pub fn resume(self: &Arc<Self>, id: EventId) -> Option<Reader> {
        let is_known = id.start_ms == self.start_ms && id.number <= self.ring().newest;
        is_known.then(|| self.read_after(id.number))
    }

    /// A reader of every event that is kept.
    pub fn read_kept(self: &Arc<Self>) -> Reader {
        let oldest = self.ring().oldest();
        self.read_after(oldest - 1)
    }

    fn read_after(self: &Arc<Self>, place: u64) -> Reader {
        Reader { events: Arc::clone(self), newest: self.newest.subscribe(), place }
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().expect("no holder of the lock panics")
    }
}

impl Ring {
    /// The number of the oldest event that is kept; without one, the number of the next event.
    fn oldest(&self) -> u64 {
        self.newest + 1 - self.kept.len() as u64
    }

    /// What is after a place; `None` if nothing is.
    fn after(&self, place: u64) -> Option<Read> {
        let oldest = self.oldest();
        if place + 1 < oldest {
            return Some(Read::Missed(oldest - 1 - place));
        }
        let index = usize::try_from(place + 1 - oldest).expect("few events are kept");
        self.kept.get(index).map(|found| Read::Happened(Arc::clone(found)))
    }
}

impl Reader {
    /// The next event, or how many are missed before it. Waits until something happens.
    pub async fn next(&mut self) -> Read {
        loop {
            let place = self.place;
            let found = self.events.ring().after(place);
            match &found {
                Some(Read::Happened(happened)) => self.place = happened.number,
                Some(Read::Missed(missed)) => self.place += missed,
                None => {}
            }
            if let Some(found) = found {
                return found;
            }
            let waited = self.newest.wait_for(|newest| *newest > place).await;
            waited.expect("the reader keeps the sender");
        }
    }

    /// The id of the event that was read last.
    pub fn place(&self) -> EventId {
        EventId { start_ms: self.events.start_ms, number: self.place }
    }
}

impl Happened {
    /// The ids of the block's transactions, in its order.
    pub fn ids(&self) -> &[Digest] {
        &self.contents.ids
    }

    /// The ids of the transactions that moved the balance of one of `slots`, in the block's order;
    /// `None` if nothing moved one.
    pub fn ids_of(&self, slots: impl IntoIterator<Item = u32>) -> Option<Vec<Digest>> {
        let moved = &self.contents.moved;
        let mut found: Vec<Moved> = Vec::new();
        for slot in slots {
            let first = moved.partition_point(|one| one.slot < slot);
            found.extend(moved[first..].iter().take_while(|one| one.slot == slot));
        }
        let has_moved = !found.is_empty();
        let mut indices: Vec<u32> = found.iter().filter_map(|one| one.transaction).collect();
        indices.sort_unstable();
        indices.dedup();
        let id = |index: u32| self.contents.ids.get(index as usize).copied();
        has_moved.then(|| indices.into_iter().filter_map(id).collect())
    }
}

impl BlockContents {
    fn of(block: &Block, directory: &Directory) -> Self {
        let ids = block.transactions.iter().map(|transaction| *transaction.id()).collect();
        let mut moved = Vec::with_capacity(block.entries.len());
        let (mut transactions, mut running) = (0, None);
        for entry in block.entries.iter().filter(|entry| moves(entry)) {
            let transaction = match *entry {
                Entry::Debit { .. } | Entry::Withdraw { .. } => {
                    running = Some(transactions);
                    transactions += 1;
                    running
                }
                Entry::Credit { .. } => running,
                // An exit takes nothing from a slot of another owner.
                Entry::Exit { slot, owner } => {
                    let identity = directory.identity(slot);
                    if identity.is_none_or(|identity| identity.owner != owner) {
                        continue;
                    }
                    None
                }
                Entry::Deposit { .. }
                | Entry::Idle { .. }
                | Entry::Open { .. }
                | Entry::Collect { .. } => None,
            };
            moved.push(Moved { slot: entry.slot(), transaction });
        }
        moved.sort_unstable();
        Self { ids, moved }
    }

    fn records(&self) -> usize {
        self.ids.len() + self.moved.len()
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.start_ms, self.number)
    }
}

impl FromStr for EventId {
    type Err = ();

    /// Reads what `Display` writes (`START-NUMBER`).
    ///
    /// # Errors
    /// `()` for every other text.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (start_ms, number) = read_place(text).ok_or(())?;
        Ok(Self { start_ms, number })
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn batch(events: &Events, number: u64) {
        events.publish_batch(number, BatchState::Sealed);
    }

    fn now(reader: &mut Reader) -> Option<(u64, u64)> {
        reader.next().now_or_never().map(|read| match read {
            Read::Happened(happened) => (happened.number, 0),
            Read::Missed(missed) => (0, missed),
        })
    }

    #[test]
    fn a_reader_reads_each_event_once_and_is_told_what_it_missed() {
        let events = Events::new(7);
        batch(&events, 1);
        let (mut from_now, mut all) = (events.read(), events.read_kept());
        assert_eq!((now(&mut from_now), now(&mut all)), (None, Some((1, 0))));
        batch(&events, 2);
        assert_eq!((now(&mut from_now), now(&mut all)), (Some((2, 0)), Some((2, 0))));
        assert_eq!((now(&mut from_now), now(&mut all)), (None, None));
        for number in 0..EVENTS_KEPT as u64 + 3 {
            batch(&events, number);
        }
        assert_eq!(now(&mut all), Some((0, 3)));
        assert_eq!((now(&mut all), all.place().number), (Some((6, 0)), 6));
    }

    #[test]
    fn only_an_id_of_this_process_is_resumed() {
        let events = Events::new(7);
        batch(&events, 1);
        batch(&events, 2);
        let resume = |text: &str| {
            let mut reader = events.resume(text.parse().ok()?)?;
            now(&mut reader).or(Some((0, 0)))
        };
        assert_eq!(["7-0", "7-1", "7-2"].map(resume), [(1, 0), (2, 0), (0, 0)].map(Some));
        for other in ["7-3", "6-1", "8-1", "7", "7-", "7-01", "-1", "7-1-1", ""] {
            assert_eq!(resume(other), None, "{other}");
        }
    }

    /// Large blocks take the room of many small ones.
    #[test]
    fn the_records_that_are_kept_are_bounded_too() {
        let events = Events::new(1);
        let large =
            |records: usize| BlockContents { ids: vec![Digest::ZERO; records], moved: Vec::new() };
        let event = || Event::batch(1, BatchState::Sealed);
        let kept = || events.ring().kept.len();
        for expected in [1, 2, 2] {
            events.publish(event(), large(EVENT_RECORDS_KEPT / 2));
            assert_eq!(kept(), expected);
        }
        events.publish(event(), large(EVENT_RECORDS_KEPT + 1));
        assert_eq!(kept(), 1, "the newest is always kept");
        events.publish(event(), large(0));
        assert_eq!((kept(), events.ring().records), (1, 0));
    }
}
