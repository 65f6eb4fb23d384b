//! The flags of an entry's kind: a column for each kind but Idle. An Idle entry sets no flag.
//!
//! Rules name a flag by its kind, or add up the flags of all kinds with some fact in the ledger's
//! table. Sums add the kinds in the order of their codes: the circuits' digest fixes the order in
//! which rules add. They add in loops, because what a closure does with lanes is not inlined into
//! the function that enables AVX-512.

use sheaf_ledger::kind::{Amount, Direction, KINDS, Kind, KindFacts, Subject};
use sheaf_plonk::gates::value::Value;

/// All kinds but Idle, in the order of their codes.
pub const ALL: [Kind; KINDS.len() - 1] = {
    let mut kinds = [Kind::Idle; KINDS.len() - 1];
    let mut index = 0;
    while index < kinds.len() {
        kinds[index] = KINDS[index + 1].kind;
        index += 1;
    }
    kinds
};

/// The kinds that change the running transaction or a fee pot, in the order of their codes.
pub const TRANSACTION: [Kind; count_of_transaction()] = {
    let mut kinds = [Kind::Idle; count_of_transaction()];
    let (mut index, mut found) = (0, 0);
    while index < KINDS.len() {
        if is_of_transaction(&KINDS[index]) {
            kinds[found] = KINDS[index].kind;
            found += 1;
        }
        index += 1;
    }
    kinds
};

const fn is_of_transaction(facts: &KindFacts) -> bool {
    facts.spends || facts.continues || matches!(facts.amount, Amount::Pot)
}

const fn count_of_transaction() -> usize {
    let (mut index, mut count) = (0, 0);
    while index < KINDS.len() {
        count += is_of_transaction(&KINDS[index]) as usize;
        index += 1;
    }
    count
}

/// The columns of [`TRANSACTION`] among those of [`ALL`].
#[inline(always)]
pub fn of_transaction<V: Copy>(all: &[V; ALL.len()]) -> [V; TRANSACTION.len()] {
    TRANSACTION.map(|kind| Flags::of_all(all).of(kind))
}

/// The flags of a row, with the kind of each flag.
#[derive(Clone, Copy, Debug)]
pub struct Flags<'a, V> {
    kinds: &'static [Kind],
    flags: &'a [V],
}

impl<'a, V: Copy> Flags<'a, V> {
    /// The columns of all kinds but Idle.
    pub const fn of_all(flags: &'a [V; ALL.len()]) -> Self {
        Self { kinds: &ALL, flags }
    }

    /// The columns of the kinds that change the running transaction or a fee pot.
    pub const fn of_transaction(flags: &'a [V; TRANSACTION.len()]) -> Self {
        Self { kinds: &TRANSACTION, flags }
    }

    /// The flag of one kind.
    ///
    /// # Panics
    /// When the row has no column for the kind: a mistake in the rules.
    #[inline(always)]
    pub fn of(self, kind: Kind) -> V {
        let found = self.each(|facts| facts.kind == kind).next();
        found.expect("rules name kinds of which their row has the flag")
    }

    /// The flags of the kinds whose facts satisfy `has`.
    #[inline(always)]
    pub fn each(self, has: impl Fn(&KindFacts) -> bool) -> impl Iterator<Item = V> {
        let flags = self.kinds.iter().zip(self.flags);
        flags.filter(move |(kind, _)| has(kind.facts())).map(|(_, flag)| *flag)
    }
}

impl<V: Value> Flags<'_, V> {
    /// One exactly if the facts of the entry's kind satisfy `has`, else zero.
    ///
    /// # Panics
    /// When the facts of none of the row's kinds satisfy `has`: a mistake in the rules.
    #[inline(always)]
    pub fn sum(self, has: impl Fn(&KindFacts) -> bool) -> V {
        let mut flags = self.each(has);
        let mut sum = flags.next().expect("rules ask for what some kind of their row has");
        for flag in flags {
            sum = sum + flag;
        }
        sum
    }

    /// One if an owner signs for the entry, else zero.
    #[inline(always)]
    pub fn spends(self) -> V {
        self.sum(|facts| facts.spends)
    }

    /// One if the entry names an L1 address, else zero.
    #[inline(always)]
    pub fn names_address(self) -> V {
        self.sum(|facts| facts.subject == Subject::L1Address)
    }

    /// One if the amount is added to the balance, minus one if it is taken, zero if the balance
    /// stays.
    #[inline(always)]
    pub fn direction(self) -> V {
        let mut direction = self.sum(|facts| facts.direction == Direction::In);
        for flag in self.each(|facts| facts.direction == Direction::Out) {
            direction = direction - flag;
        }
        direction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_found_by_its_kind() {
        let codes = ALL.map(|kind| kind.code());
        for kind in ALL {
            assert_eq!(Flags::of_all(&codes).of(kind), kind.code());
        }
        let some = of_transaction(&codes);
        assert_eq!(
            some,
            [Kind::Debit, Kind::Credit, Kind::Withdraw, Kind::Collect].map(Kind::code)
        );
        assert_eq!(Flags::of_transaction(&some).of(Kind::Collect), Kind::Collect.code());
    }

    #[test]
    #[should_panic(expected = "rules name kinds of which their row has the flag")]
    fn idle_has_no_flag() {
        Flags::of_all(&ALL).of(Kind::Idle);
    }
}
