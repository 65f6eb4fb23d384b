//! Contradictions in a row of the table of kinds. A table with a contradiction does not compile.

use crate::kind::{Amount, Direction, KindFacts, L1Role, Subject};

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The row is not at the index that is its code.
    OutOfOrder,
    /// The row spends, but does not take a stated amount from an open slot. An owner can only sign
    /// for that.
    SpendsNothing,
    /// The row spends and continues a transaction, but an entry that spends starts a transaction.
    SpendsInside,
    /// The row has an amount without a direction, or the reverse.
    AmountGoesNowhere,
    /// The row has a stated amount or a pot's, but the slot need not be open.
    AmountOfUnopened,
    /// The balance changes or the contract acts, but there is no data word, so nobody could rebuild
    /// the state.
    Unpublished,
    /// The contract pays, but no owner has signed for the payment.
    PaysUnsigned,
    /// The contract acts on the entry, but the entry names no party.
    PaysNobody,
}

/// The first contradiction in a table, with the index of its row.
pub(super) const fn first_fault(table: &[KindFacts]) -> Option<(usize, Fault)> {
    let mut index = 0;
    while index < table.len() {
        if let Some(fault) = fault_of(index, &table[index]) {
            return Some((index, fault));
        }
        index += 1;
    }
    None
}

const fn fault_of(index: usize, facts: &KindFacts) -> Option<Fault> {
    let KindFacts { kind, name: _, needs_open, spends, continues, .. } = *facts;
    let KindFacts { amount, direction, subject, has_data_word, l1, .. } = *facts;
    let stated = matches!(amount, Amount::Stated);
    let is_still = matches!(direction, Direction::None);
    let takes = matches!(direction, Direction::Out);
    let named = matches!(subject, Subject::StatedOwner | Subject::SlotOwner | Subject::L1Address);
    if kind as usize != index {
        Some(Fault::OutOfOrder)
    } else if spends && !(needs_open && stated && takes) {
        Some(Fault::SpendsNothing)
    } else if spends && continues {
        Some(Fault::SpendsInside)
    } else if matches!(amount, Amount::None) != is_still {
        Some(Fault::AmountGoesNowhere)
    } else if facts.needs_amount() && !needs_open {
        Some(Fault::AmountOfUnopened)
    } else if !has_data_word && (!is_still || !matches!(l1, L1Role::None)) {
        Some(Fault::Unpublished)
    } else if matches!(l1, L1Role::Pays) && !spends {
        Some(Fault::PaysUnsigned)
    } else if !matches!(l1, L1Role::None) && !named {
        Some(Fault::PaysNobody)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::kind::{KINDS, Kind};

    /// The faults of the table in which one row was changed.
    fn fault(kind: Kind, change: impl Fn(&mut KindFacts)) -> Option<Fault> {
        let mut table = KINDS;
        change(&mut table[kind as usize]);
        let (index, fault) = first_fault(&table)?;
        assert_eq!(index, kind as usize);
        Some(fault)
    }

    #[test]
    fn codes_are_places_and_names_differ() {
        for (index, facts) in KINDS.iter().enumerate() {
            assert_eq!(usize::from(facts.kind.code()), index);
            assert_eq!(Kind::from_code(facts.kind.code()), Some(facts.kind));
            assert_eq!(facts.kind.facts(), facts);
        }
        assert_eq!(Kind::from_code(KINDS.len() as u8), None);
        let names: BTreeSet<&str> = KINDS.iter().map(|facts| facts.name).collect();
        assert_eq!(names.len(), KINDS.len());
    }

    #[test]
    fn the_table_keeps_its_rules_and_each_broken_rule_is_named() {
        assert_eq!(fault(Kind::Idle, |_| {}), None);
        let out_of_order = fault(Kind::Idle, |facts| facts.kind = Kind::Open);
        assert_eq!(out_of_order, Some(Fault::OutOfOrder));
        let nothing = Some(Fault::SpendsNothing);
        assert_eq!(fault(Kind::Debit, |facts| facts.needs_open = false), nothing);
        assert_eq!(fault(Kind::Withdraw, |facts| facts.amount = Amount::Balance), nothing);
        assert_eq!(fault(Kind::Withdraw, |facts| facts.direction = Direction::In), nothing);
        assert_eq!(fault(Kind::Open, |facts| facts.spends = true), nothing);
        let inside = fault(Kind::Debit, |facts| facts.continues = true);
        assert_eq!(inside, Some(Fault::SpendsInside));
        let nowhere = Some(Fault::AmountGoesNowhere);
        assert_eq!(fault(Kind::Deposit, |facts| facts.direction = Direction::None), nowhere);
        assert_eq!(fault(Kind::Idle, |facts| facts.direction = Direction::In), nowhere);
        let unopened = fault(Kind::Collect, |facts| facts.needs_open = false);
        assert_eq!(unopened, Some(Fault::AmountOfUnopened));
        let silent = fault(Kind::Credit, |facts| facts.has_data_word = false);
        assert_eq!(silent, Some(Fault::Unpublished));
        let unsigned = fault(Kind::Collect, |facts| facts.l1 = L1Role::Pays);
        assert_eq!(unsigned, Some(Fault::PaysUnsigned));
        let nobody = fault(Kind::Withdraw, |facts| facts.subject = Subject::None);
        assert_eq!(nobody, Some(Fault::PaysNobody));
    }
}
