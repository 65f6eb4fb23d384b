//! The rate limit: how often one address may send a request. The table of addresses is bounded.
//!
//! Each address has an allowance of one second's requests, which refills steadily (the generic cell
//! rate algorithm, which stores one instant for each address). An address whose allowance is full
//! is treated like an unknown address, so the table may forget it. While the table is full of
//! addresses that have used some of their allowance, all unknown addresses share one allowance.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The sender of a request, for limits: an IPv4 address, or the network of an IPv6 address, because
/// one IPv6 host may use every address of its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Source(IpAddr);

/// The part of an IPv6 address that names a network: its first 64 bits.
const IPV6_NETWORK: u128 = !0 << 64;
/// The time of which all requests may arrive at once.
const BURST: Duration = Duration::from_secs(1);

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) & IPV6_NETWORK).into(),
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

/// The allowances of all addresses.
#[derive(Debug)]
pub(super) struct Rates {
    /// The time between two requests at the highest steady rate.
    spacing: Duration,
    addresses_max: usize,
    table: Mutex<Table>,
}

#[derive(Debug)]
struct Table {
    /// When each address will have its full allowance again.
    rested: HashMap<Source, Instant>,
    /// When the addresses for which the table has no room will have their shared allowance again.
    strangers: Instant,
    /// When addresses with a full allowance were last forgotten.
    swept: Instant,
}

impl Rates {
    pub(super) fn new(requests_per_second: NonZeroU32, addresses_max: usize, now: Instant) -> Self {
        let table = Table { rested: HashMap::new(), strangers: now, swept: now };
        let spacing = BURST / requests_per_second.get();
        Self { spacing, addresses_max, table: Mutex::new(table) }
    }

    /// Takes one request from the allowance of `source`. Returns false when the allowance is used
    /// up.
    pub(super) fn take(&self, source: Source, now: Instant) -> bool {
        let mut table = self.table.lock().expect("no holder of the lock panics");
        table.make_room(source, self.addresses_max, now);
        let has_room = table.rested.len() < self.addresses_max;
        let rested = if has_room || table.rested.contains_key(&source) {
            table.rested.entry(source).or_insert(now)
        } else {
            &mut table.strangers
        };
        let next = (*rested).max(now) + self.spacing;
        let is_allowed = next <= now + BURST;
        if is_allowed {
            *rested = next;
        }
        is_allowed
    }
}

impl Table {
    /// Forgets addresses with a full allowance when a new address needs room. The table is walked
    /// once a second at most, so that new addresses cannot make every request walk it.
    fn make_room(&mut self, source: Source, addresses_max: usize, now: Instant) {
        let is_full = self.rested.len() >= addresses_max && !self.rested.contains_key(&source);
        if is_full && now.duration_since(self.swept) >= BURST {
            self.rested.retain(|_, rested| *rested > now);
            self.swept = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(number: u8) -> Source {
        IpAddr::from([10, 0, 0, number]).into()
    }

    fn rates(requests_per_second: u32, addresses_max: usize, now: Instant) -> Rates {
        Rates::new(NonZeroU32::new(requests_per_second).expect("not 0"), addresses_max, now)
    }

    fn taken(rates: &Rates, source: Source, now: Instant) -> usize {
        (0..100).filter(|_| rates.take(source, now)).count()
    }

    #[test]
    fn a_second_gives_a_seconds_requests_whenever_they_come() {
        let start = Instant::now();
        let rates = rates(10, 8, start);
        let after = |milliseconds| start + Duration::from_millis(milliseconds);
        assert_eq!(taken(&rates, source(1), start), 10);
        assert_eq!(taken(&rates, source(1), after(300)), 3);
        // Another address has its own.
        assert_eq!(taken(&rates, source(2), after(300)), 10);
        assert_eq!(taken(&rates, source(1), after(60_000)), 10);
    }

    #[test]
    fn a_full_table_forgets_those_at_rest_and_lets_strangers_share() {
        let start = Instant::now();
        let rates = rates(10, 2, start);
        assert_eq!((taken(&rates, source(1), start), taken(&rates, source(2), start)), (10, 10));
        assert_eq!((taken(&rates, source(3), start), taken(&rates, source(4), start)), (10, 0));
        let later = start + 2 * BURST;
        assert_eq!((taken(&rates, source(3), later), taken(&rates, source(4), later)), (10, 10));
        assert_eq!(rates.table.lock().expect("whole").rested.len(), 2);
    }

    #[test]
    fn a_host_with_many_addresses_is_one_source() {
        let of = |text: &str| Source::from(text.parse::<IpAddr>().expect("an address"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:10.0.0.1"), source(1));
        assert_ne!(source(1), source(2));
    }
}
