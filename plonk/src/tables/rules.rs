//! The rules of a table: what holds in each of its rows, and which messages a row sends and
//! receives.
//!
//! A table is a set of rows: no rule speaks of two rows, and no rule knows a row's place. What
//! rows have to do with each other, they say by messages on buses.

use core::fmt::Debug;

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;

use crate::gates::value::{Degree, Value};

/// A bus: a name under which rows exchange messages of one form. Each message on a bus is received
/// as often as the same message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bus(u32);

impl Bus {
    /// The bus with this number. Buses of one set of tables have different numbers.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number, which begins the fingerprint of every message on the bus.
    pub(crate) fn element(self) -> GoldilocksField {
        GoldilocksField::from_canonical_u32(self.0)
    }
}

/// Whether a message leaves a row or arrives at a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The message counts positive.
    Send,
    /// The message counts negative.
    Receive,
}

/// What takes the constraints and the messages of a row.
pub trait Collect<V: Value> {
    /// Takes an expression that must be zero.
    fn zero(&mut self, value: V);

    /// Takes a message that the row exchanges `count` times. The order in which a row's rules name
    /// messages is the same for all rows.
    fn message(&mut self, bus: Bus, direction: Direction, count: V, fields: &[V]);

    /// Sends a message `count` times.
    #[inline(always)]
    fn send(&mut self, bus: Bus, count: V, fields: &[V]) {
        self.message(bus, Direction::Send, count, fields);
    }

    /// Receives a message `count` times.
    #[inline(always)]
    fn receive(&mut self, bus: Bus, count: V, fields: &[V]) {
        self.message(bus, Direction::Receive, count, fields);
    }
}

/// The rules of one kind of table.
pub trait TableRules: 'static + Send + Sync + Debug + Copy + Default {
    /// The name of the table.
    const NAME: &'static str;
    /// The number of columns.
    const WIDTH: usize;

    /// A row that satisfies the rules and exchanges no message: it fills a table up.
    fn filler() -> Vec<GoldilocksField> {
        vec![GoldilocksField::ZERO; Self::WIDTH]
    }

    /// Passes all constraints and messages of a row with [`Self::WIDTH`] columns to `collect`.
    fn evaluate<V: Value>(row: &[V], collect: &mut impl Collect<V>);
}

/// What a table's rules are like, whatever the row contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesShape {
    /// Expressions that must be zero.
    pub constraints: usize,
    /// Messages of a row.
    pub messages: usize,
    /// The most fields of a message.
    pub fields: usize,
    /// The largest degree of a constraint, in the columns of the table and of the helpers.
    pub degree: usize,
}

impl RulesShape {
    /// The shape of the rules `R`.
    ///
    /// # Panics
    /// When a message has a field of degree 2 or more, because two messages share a helper.
    pub fn of<R: TableRules>() -> Self {
        let mut counting = Counting { shape: Self::NONE, pending: None };
        R::evaluate(&vec![Degree(1); R::WIDTH], &mut counting);
        counting.finished()
    }

    const NONE: Self = Self { constraints: 0, messages: 0, fields: 0, degree: 1 };

    /// The helpers of a row: the sums of the quotients of two messages each.
    pub const fn helpers(&self) -> usize {
        self.messages.div_ceil(2)
    }

    /// The parts of the quotient, each with as many coefficients as the table has rows.
    pub const fn quotient_parts(&self) -> usize {
        self.degree - 1
    }
}

/// Counts constraints and messages, and finds the largest degree.
struct Counting {
    shape: RulesShape,
    /// The degrees of count and fields of the message that waits for a second one.
    pending: Option<[usize; 2]>,
}

impl Counting {
    /// The degree of a helper's constraint: helper times both fingerprints, and each count times
    /// the other's fingerprint.
    fn helper(&mut self, [count, fields]: [usize; 2], other: [usize; 2]) {
        let [other_count, other_fields] = other;
        let product = 1 + fields + other_fields;
        let sum = (count + other_fields).max(other_count + fields);
        self.shape.degree = self.shape.degree.max(product).max(sum);
    }

    fn finished(mut self) -> RulesShape {
        if let Some(last) = self.pending.take() {
            self.helper(last, [0, 0]);
        }
        self.shape
    }
}

impl Collect<Degree> for Counting {
    fn zero(&mut self, value: Degree) {
        self.shape.constraints += 1;
        self.shape.degree = self.shape.degree.max(value.0);
    }

    fn message(&mut self, _: Bus, _: Direction, count: Degree, fields: &[Degree]) {
        self.shape.messages += 1;
        self.shape.fields = self.shape.fields.max(fields.len());
        let degree = fields.iter().map(|field| field.0).max().unwrap_or(0);
        let message = [count.0, degree];
        match self.pending.take() {
            Some(first) => self.helper(first, message),
            None => self.pending = Some(message),
        }
    }
}
