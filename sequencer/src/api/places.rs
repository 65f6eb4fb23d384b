//! Places that addresses share: connections, streams of events, and readers of history.
//!
//! A limit of places alone lets a few addresses take all of them and keep them. So a newcomer who
//! finds every place taken may get the place of another: of the address that has the most places,
//! or of a holder that has waited for its client for long. A holder that works for its client gives
//! its place away only where its address has too many and nobody waits. A newcomer for whom no
//! place is found is refused at once; nobody waits here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::rate::Source;
use crate::limits::LEAVING_MAX;

/// How many places there are, and when a place may be given away.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlaceLimits {
    /// Places of all addresses.
    pub all: usize,
    /// Places of one address.
    pub per_address: usize,
    /// How long a holder that waits for its client keeps its place from a newcomer whose address
    /// has no smaller share. `None` if the holder keeps the place for as long as it likes.
    pub patience: Option<Duration>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// The newcomer's address has as many places as an address may have.
    Address,
    /// All addresses together have as many places as there are.
    All,
}

/// The places, and who has them.
#[derive(Debug)]
pub struct Places {
    limits: PlaceLimits,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// The holders by number, without those that were told to leave.
    holders: HashMap<u64, Arc<Holder>>,
    /// How many holders each address has.
    shares: HashMap<Source, usize>,
    /// Holders that were told to leave and have not left yet.
    leaving: usize,
    next: u64,
}

/// The holder of a place, as the table and the holder's own task see it.
#[derive(Debug)]
pub(super) struct Holder {
    source: Source,
    /// Since when the holder has waited for its client; `None` while it works for its client.
    waits_since: Mutex<Option<Instant>>,
    told_to_leave: Notify,
}

/// A place, taken until this value is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    number: u64,
    pub holder: Arc<Holder>,
}

impl Places {
    pub(crate) fn new(limits: PlaceLimits) -> Arc<Self> {
        Arc::new(Self { limits, table: Mutex::default() })
    }

    /// How many places are taken.
    pub(crate) fn taken(&self) -> usize {
        self.table().holders.len()
    }

    /// Takes a place for a newcomer, which waits for its client at first. Tells another holder to
    /// leave if that is what it takes.
    ///
    /// # Errors
    /// `Full` when no place is free and no holder gives way.
    pub(super) fn take(self: &Arc<Self>, source: Source, now: Instant) -> Result<Place, Full> {
        let mut table = self.table();
        let full = if table.share(source) >= self.limits.per_address {
            Some(Full::Address)
        } else {
            (table.holders.len() >= self.limits.all).then_some(Full::All)
        };
        if let Some(full) = full {
            let giver = self.giver(&table, (source, full), now).ok_or(full)?;
            table.send_away(giver);
        }
        let number = table.next;
        table.next += 1;
        let (waits_since, told_to_leave) = (Mutex::new(Some(now)), Notify::new());
        let holder = Arc::new(Holder { source, waits_since, told_to_leave });
        table.holders.insert(number, Arc::clone(&holder));
        *table.shares.entry(source).or_default() += 1;
        Ok(Place { places: Arc::clone(self), number, holder })
    }

    /// The holder that gives way to a newcomer: a holder of the address with the most places, if
    /// the newcomer's address will have no more of them, otherwise a holder that has waited for its
    /// client for too long. Of these, holders that wait come before those that work, and then the
    /// one that has waited longest comes first. A slow holder gives way to its own address, and to
    /// addresses with fewer places than its own.
    fn giver(&self, table: &Table, (newcomer, full): (Source, Full), now: Instant) -> Option<u64> {
        if table.leaving >= LEAVING_MAX {
            return None;
        }
        let share = table.share(newcomer);
        let givers = table.holders.iter().filter_map(|(number, holder)| {
            let since = holder.waits_since();
            let waited = since.map(|since| now.saturating_duration_since(since));
            let (is_own, theirs) = (holder.source == newcomer, table.share(holder.source));
            let has_too_many = full == Full::All && theirs > share + 1;
            let gives_way = is_own || full == Full::All && theirs > share;
            let is_slow = self.limits.patience.is_some_and(|patience| waited >= Some(patience));
            let excess = if has_too_many { theirs } else { 0 };
            let order = (waited.is_some(), excess, waited);
            (has_too_many || is_slow && gives_way).then_some((order, *number))
        });
        givers.max().map(|(_, number)| number)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().expect("no holder of the lock panics")
    }
}

impl Table {
    fn share(&self, source: Source) -> usize {
        self.shares.get(&source).copied().unwrap_or_default()
    }

    fn send_away(&mut self, number: u64) {
        if let Some(holder) = self.remove(number) {
            self.leaving += 1;
            holder.told_to_leave.notify_one();
        }
    }

    fn remove(&mut self, number: u64) -> Option<Arc<Holder>> {
        let holder = self.holders.remove(&number)?;
        if let Some(share) = self.shares.get_mut(&holder.source) {
            *share -= 1;
            if *share == 0 {
                self.shares.remove(&holder.source);
            }
        }
        Some(holder)
    }
}

impl Holder {
    /// Notes that the holder waits for its client from now on.
    pub(super) fn waits(&self, now: Instant) {
        *self.waits_since.lock().expect("no holder of the lock panics") = Some(now);
    }

    /// Notes that the holder works for its client, and gives its place to others last.
    pub(super) fn works(&self) {
        *self.waits_since.lock().expect("no holder of the lock panics") = None;
    }

    /// Returns once the holder must leave its place.
    pub(super) async fn told_to_leave(&self) {
        self.told_to_leave.notified().await;
    }

    fn waits_since(&self) -> Option<Instant> {
        *self.waits_since.lock().expect("no holder of the lock panics")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.places.table();
        if table.remove(self.number).is_none() {
            table.leaving -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use futures::FutureExt;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(1);

    fn source(number: u8) -> Source {
        IpAddr::from([10, 0, 0, number]).into()
    }

    fn places(all: usize, per_address: usize) -> Arc<Places> {
        Places::new(PlaceLimits { all, per_address, patience: Some(PATIENCE) })
    }

    fn must_leave(place: &Place) -> bool {
        place.holder.told_to_leave().now_or_never().is_some()
    }

    /// Takes `count` places for one address, each a millisecond after the one before.
    fn crowd(places: &Arc<Places>, number: u8, (count, start): (usize, Instant)) -> Vec<Place> {
        let take = |index| {
            let now = start + Duration::from_millis(index as u64);
            places.take(source(number), now).expect("a place is free")
        };
        (0..count).map(take).collect()
    }

    #[test]
    fn the_address_with_the_most_places_gives_way_until_shares_are_equal() {
        let (places, start) = (places(6, 6), Instant::now());
        let (many, few) = (crowd(&places, 1, (4, start)), crowd(&places, 2, (2, start)));
        let now = start + Duration::from_millis(100);
        let _first = places.take(source(3), now).expect("address 1 gives way");
        // The one that has waited longest leaves, and no other.
        assert_eq!(many.iter().map(must_leave).collect::<Vec<_>>(), [true, false, false, false]);
        let _second = places.take(source(3), now).expect("address 1 gives way again");
        assert!(must_leave(&many[1]) && !few.iter().any(must_leave));
        // Two each: nobody has more than a newcomer's address would have.
        assert_eq!(places.take(source(3), now).err(), Some(Full::All));
        assert_eq!(places.take(source(1), now).err(), Some(Full::All));
        assert_eq!(places.taken(), 6);
    }

    #[test]
    fn who_works_for_a_client_gives_way_last_and_to_a_smaller_share_alone() {
        let (places, start) = (places(3, 3), Instant::now());
        let (busy, idle) = (crowd(&places, 1, (2, start)), crowd(&places, 2, (1, start)));
        busy.iter().for_each(|place| place.holder.works());
        let third = places.take(source(3), start + PATIENCE).expect("address 2 is slow");
        assert!(must_leave(&idle[0]) && !busy.iter().any(must_leave));
        // Two, none and one: nobody waits for long any more, and address 1 has too many.
        third.holder.works();
        let late = start + 100 * PATIENCE;
        assert_eq!(places.take(source(3), late).err(), Some(Full::All));
        assert_eq!(places.take(source(1), late).err(), Some(Full::All));
        assert!(places.take(source(2), late).is_ok());
        assert_eq!(busy.iter().filter(|place| must_leave(place)).count(), 1);
        assert!(!must_leave(&third));
    }

    #[test]
    fn who_waits_for_a_slow_client_gives_way_to_equals() {
        let (places, start) = (places(2, 2), Instant::now());
        let held: Vec<_> = [1, 2].map(|number| crowd(&places, number, (1, start))).into();
        let late = start + PATIENCE;
        assert_eq!(places.take(source(3), late - Duration::from_millis(1)).err(), Some(Full::All));
        let one = places.take(source(3), late).expect("one is slow");
        assert_eq!(held.iter().flatten().filter(|place| must_leave(place)).count(), 1);
        // An address that has as many gets no more from the other, however slow that one is.
        assert_eq!(places.take(source(3), late).err(), Some(Full::All));
        drop(one);
        assert!(places.take(source(3), late).is_ok());
    }

    #[test]
    fn within_its_own_limit_an_address_takes_from_itself_alone() {
        let (places, start) = (places(8, 2), Instant::now());
        let (own, other) = (crowd(&places, 1, (2, start)), crowd(&places, 2, (2, start)));
        assert_eq!(places.take(source(1), start).err(), Some(Full::Address));
        let _next = places.take(source(1), start + PATIENCE).expect("one is slow");
        assert!(must_leave(&own[0]) && !must_leave(&own[1]) && !other.iter().any(must_leave));
    }

    #[test]
    fn only_so_many_leave_at_one_time_and_each_place_comes_back() {
        let (places, start) = (places(2 * LEAVING_MAX, 2 * LEAVING_MAX), Instant::now());
        let many = crowd(&places, 1, (2 * LEAVING_MAX, start));
        let late = start + 10 * PATIENCE;
        let mut next: Vec<_> = (0..LEAVING_MAX).map(|_| places.take(source(1), late)).collect();
        assert!(next.iter().all(Result::is_ok));
        assert_eq!(places.take(source(1), late).err(), Some(Full::Address));
        drop(many);
        next.push(places.take(source(1), late));
        assert!(next.iter().all(Result::is_ok));
        assert_eq!(places.taken(), LEAVING_MAX + 1);
        drop(next);
        let table = places.table();
        assert_eq!((table.holders.len(), table.shares.len(), table.leaving), (0, 0, 0));
    }
}
