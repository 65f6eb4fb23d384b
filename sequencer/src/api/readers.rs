//! Readers of history: how many pages are read at one time, and who waits for a turn.
//!
//! A page is read from whole blocks, so pages that are read together take memory, processors and
//! connections to the database that payments need. Only a few are read at one time. Others wait for
//! their turn, for a bounded time and in bounded number, and the places in the queue are shared by
//! addresses, so that one address cannot keep all others from reading.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::ApiError;
use super::places::{Place, PlaceLimits, Places};
use super::rate::Source;
use crate::limits::{HISTORY_PATIENCE, HISTORY_READERS_MAX, HISTORY_READS_MAX};
use crate::metrics;

/// Those who read pages of history, and those who wait for their turn.
#[derive(Debug, Clone)]
pub struct Readers {
    places: Arc<Places>,
    turns: Arc<Semaphore>,
}

/// The turn of a reader, until this value is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _place: Place,
    _turn: OwnedSemaphorePermit,
}

impl Readers {
    pub(crate) fn new() -> Self {
        let limits = PlaceLimits {
            all: HISTORY_READERS_MAX,
            per_address: HISTORY_READERS_MAX,
            patience: None,
        };
        Self { places: Places::new(limits), turns: Arc::new(Semaphore::new(HISTORY_READS_MAX)) }
    }

    /// Waits until the reader may read a page.
    ///
    /// # Errors
    /// 503 `overloaded` at once when too many wait; when the reader must leave its place in the
    /// queue to another address; and when its turn does not come within `HISTORY_PATIENCE`.
    pub(super) async fn turn(&self, source: Source) -> Result<Turn, ApiError> {
        let refused = || {
            metrics::refused("history");
            ApiError::overloaded()
        };
        let place = self.places.take(source, Instant::now()).map_err(|_| refused())?;
        let turn = tokio::select! {
            turn = Arc::clone(&self.turns).acquire_owned() => turn,
            () = place.holder.told_to_leave() => return Err(refused()),
            () = tokio::time::sleep(HISTORY_PATIENCE) => return Err(refused()),
        };
        // Who reads is not sent away.
        place.holder.works();
        let turn = turn.expect("the semaphore is never closed");
        Ok(Turn { _place: place, _turn: turn })
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use futures::FutureExt;
    use futures::future::join_all;

    use super::*;

    fn source(number: u8) -> Source {
        IpAddr::from([10, 0, 0, number]).into()
    }

    #[tokio::test]
    async fn only_so_many_read_at_one_time_and_the_rest_in_turn() {
        let readers = Readers::new();
        let (reading, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let read = async |number: usize| {
            let turn = readers.turn(source(u8::try_from(number % 4).expect("small"))).await;
            if turn.is_ok() {
                let now = reading.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(1)).await;
                reading.fetch_sub(1, Ordering::SeqCst);
            }
            turn.is_ok()
        };
        let done = join_all((0..10 * HISTORY_READERS_MAX).map(read)).await;
        assert_eq!(most.into_inner(), HISTORY_READS_MAX);
        assert_eq!(done.iter().filter(|is_read| **is_read).count(), HISTORY_READERS_MAX);
        assert!(readers.turn(source(0)).await.is_ok());
    }

    #[tokio::test]
    async fn who_waits_in_vain_is_told_in_time_and_an_address_does_not_fill_the_queue() {
        let readers = Readers::new();
        let mut turns = Vec::new();
        for _ in 0..HISTORY_READS_MAX {
            turns.push(readers.turn(source(1)).await.expect("nobody reads"));
        }
        let waiting = HISTORY_READERS_MAX - HISTORY_READS_MAX;
        let mut queue: Vec<_> = (0..waiting).map(|_| Box::pin(readers.turn(source(1)))).collect();
        assert!(queue.iter_mut().all(|one| one.as_mut().now_or_never().is_none()));
        // One more of the same address is told at once; another address takes a place.
        assert!(readers.turn(source(1)).now_or_never().is_some_and(|turn| turn.is_err()));
        let mut other = Box::pin(readers.turn(source(2)));
        assert!(other.as_mut().now_or_never().is_none());
        let told = queue.iter_mut().filter_map(|one| one.as_mut().now_or_never());
        assert_eq!(told.map(|turn| turn.is_err()).collect::<Vec<_>>(), [true]);
        let start = Instant::now();
        assert!(other.await.is_err());
        assert!(start.elapsed() >= HISTORY_PATIENCE);
        drop((queue, turns));
        assert!(readers.turn(source(2)).await.is_ok());
    }
}
