//! Places of the newest blocks, in memory.

use std::collections::HashMap;
use std::slice::from_ref;

use sheaf_crypto::hash::Digest;

use super::TransactionPosition;
use crate::block::Block;
use crate::movement::{LogPosition, moves};

/// The places at which a slot's balance moved, in the log's order. Most slots have one within a
/// run.
#[derive(Debug)]
enum Places {
    One(LogPosition),
    Many(Vec<LogPosition>),
}

impl Places {
    fn push(&mut self, place: LogPosition) {
        match self {
            Self::One(first) => *self = Self::Many(vec![*first, place]),
            Self::Many(places) => places.push(place),
        }
    }

    fn as_slice(&self) -> &[LogPosition] {
        match self {
            Self::One(place) => from_ref(place),
            Self::Many(places) => places,
        }
    }
}

/// The places of consecutive blocks.
#[derive(Debug, Default)]
pub(super) struct Recent {
    blocks: Option<Blocks>,
    transactions: HashMap<Digest, TransactionPosition>,
    movements: HashMap<u32, Places>,
    records: usize,
}

/// The blocks that places are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Blocks {
    pub first: u64,
    pub last: u64,
    /// When the last block was executed, Unix milliseconds: tells logs apart.
    pub executed_ms: u64,
}

impl Recent {
    /// No places yet, and room for as many as `before` has: a map that grows moves all that it has.
    pub(super) fn after(before: &Self) -> Self {
        Self {
            transactions: HashMap::with_capacity(before.transactions.len()),
            movements: HashMap::with_capacity(before.movements.len()),
            ..Self::default()
        }
    }

    /// Adds the places of the block after the last one.
    pub(super) fn insert(&mut self, block: &Block) {
        for (position, transaction) in (0..).zip(&block.transactions) {
            let position = TransactionPosition { block: block.number, position };
            self.transactions.insert(*transaction.id(), position);
        }
        let mut movements = 0;
        for (entry, content) in (0..).zip(&block.entries).filter(|(_, entry)| moves(entry)) {
            let position = LogPosition { block: block.number, entry };
            self.movements
                .entry(content.slot())
                .and_modify(|places| places.push(position))
                .or_insert(Places::One(position));
            movements += 1;
        }
        self.records += block.transactions.len() + movements;
        let first = self.blocks.map_or(block.number, |blocks| blocks.first);
        let (last, executed_ms) = (block.number, block.executed_ms);
        self.blocks = Some(Blocks { first, last, executed_ms });
    }

    /// How many places there are.
    pub(super) const fn records(&self) -> usize {
        self.records
    }

    /// The blocks of the places; `None` before the first.
    pub(super) const fn blocks(&self) -> Option<Blocks> {
        self.blocks
    }

    pub(super) fn transaction(&self, id: &Digest) -> Option<TransactionPosition> {
        self.transactions.get(id).copied()
    }

    /// The places before `before` at which a slot's balance moved, the newest first.
    pub(super) fn movements(
        &self,
        slot: u32,
        before: LogPosition,
    ) -> impl Iterator<Item = LogPosition> {
        let places = self.movements.get(&slot).map_or(&[][..], Places::as_slice);
        let end = places.partition_point(|place| *place < before);
        places[..end].iter().rev().copied()
    }

    /// Every transaction and its place, in no order.
    pub(super) fn transactions(&self) -> impl Iterator<Item = (&Digest, &TransactionPosition)> {
        self.transactions.iter()
    }

    /// Every slot and its places, in no order of the slots.
    pub(super) fn slots(&self) -> impl Iterator<Item = (u32, &[LogPosition])> {
        self.movements.iter().map(|(slot, places)| (*slot, places.as_slice()))
    }
}
