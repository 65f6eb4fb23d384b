//! All constraints of a row as one sum, each weighed by a power of a challenge.
//!
//! Let f(m) = γ + bus + β·m₀ + β²·m₁ + … be the fingerprint of a message m. A row's messages come
//! in pairs. The constraints are, in this order:
//!
//! 1. The expressions that the rules name are zero.
//! 2. For each pair, helper·f(m)·f(m') = count·f(m') + count'·f(m): the helper is the sum of both
//!    quotients count/f. A last message without a partner has helper·f(m) = count.
//! 3. sum' = sum + helpers − total/rows, where sum' is the next row's sum. Over all rows the sums
//!    come back to where they began, so `total` is the sum of all quotients of the table
//!    (LogUp: eprint 2022/1530; the cyclic sum needs no first row).
//!
//! The rules are over a ring, the sum is over an algebra of that ring: the verifier's extension
//! field is both, the prover computes with elements of the base field as long as possible.

use core::ops::{Add, Mul, Sub};

use plonky2::field::extension::FieldExtension;
use plonky2::field::extension::quadratic::QuadraticExtension;

use crate::gates::value::Value;
use crate::proof::{D, F};
use crate::tables::rules::{Bus, Collect, Direction};

/// The field of the challenges, F_p².
pub(super) type Extension = QuadraticExtension<F>;

/// A ring in which challenges are.
pub(super) trait Ring:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self>
{
}
impl<E: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self>> Ring for E {}

/// An algebra over the ring `V` of a row's values.
pub(super) trait Algebra<V>: Ring {
    /// The product with an element of the ring.
    fn scaled(self, by: V) -> Self;

    /// The sum with an element of the ring.
    fn plus(self, value: V) -> Self;
}

impl<V: Value> Algebra<V> for V {
    #[inline(always)]
    fn scaled(self, by: V) -> Self {
        self * by
    }

    #[inline(always)]
    fn plus(self, value: V) -> Self {
        self + value
    }
}

impl Algebra<F> for Extension {
    fn scaled(self, by: F) -> Self {
        FieldExtension::<D>::scalar_mul(&self, by)
    }

    fn plus(self, value: F) -> Self {
        self + Self::from(value)
    }
}

/// The challenges of all tables, and what depends on them.
pub(super) trait Challenges<E> {
    /// The power of α that weighs the constraint with this number.
    fn weight(&self, constraint: usize) -> E;

    /// γ.
    fn gamma(&self) -> E;

    /// β to the power `exponent`, from 1 on.
    fn beta(&self, exponent: usize) -> E;
}

/// What the prover commits to after β and γ, at one point.
#[derive(Clone, Copy)]
pub(super) struct Sums<'a, E> {
    /// The helpers of the row.
    pub helpers: &'a [E],
    /// The sum of all rows above.
    pub sum: E,
    /// The sum at the next row.
    pub next_sum: E,
    /// The total of the table, divided by the number of rows.
    pub mean: E,
}

/// Collects a row's constraints into one sum.
pub(super) struct Combination<'a, E, C> {
    challenges: &'a C,
    sums: Sums<'a, E>,
    /// Constraints so far.
    constraints: usize,
    /// Helpers whose constraint is among them.
    helpers: usize,
    total: E,
    zero: E,
    /// Count and fingerprint of a message that waits for its partner.
    pending: Option<[E; 2]>,
}

impl<'a, E: Ring, C: Challenges<E>> Combination<'a, E, C> {
    /// A sum without constraints. `zero` is the algebra's zero.
    #[inline(always)]
    pub(super) fn new(challenges: &'a C, sums: Sums<'a, E>, zero: E) -> Self {
        Self { challenges, sums, constraints: 0, helpers: 0, total: zero, zero, pending: None }
    }

    /// The sum of all constraints of the row.
    #[inline(always)]
    pub(super) fn finish(mut self) -> E {
        if let Some([count, fingerprint]) = self.pending.take() {
            let helper = self.next_helper();
            self.add(helper * fingerprint - count);
        }
        let Sums { helpers, sum, next_sum, mean } = self.sums;
        let mut expected = sum;
        for helper in helpers {
            expected = expected + *helper;
        }
        self.add(next_sum - expected + mean);
        self.total
    }

    #[inline(always)]
    fn add(&mut self, constraint: E) {
        self.total = self.total + constraint * self.challenges.weight(self.constraints);
        self.constraints += 1;
    }

    #[inline(always)]
    fn next_helper(&mut self) -> E {
        self.helpers += 1;
        self.sums.helpers[self.helpers - 1]
    }
}

/// The fingerprint of a message.
#[inline(always)]
pub(super) fn fingerprint<V: Value, E: Algebra<V>>(
    challenges: &impl Challenges<E>,
    bus: V,
    fields: &[V],
) -> E {
    // A loop, because a closure need not be inlined into the function that enables AVX-512.
    let mut sum = challenges.gamma().plus(bus);
    for (field, exponent) in fields.iter().zip(1..) {
        sum = sum + challenges.beta(exponent).scaled(*field);
    }
    sum
}

impl<V: Value, E: Algebra<V>, C: Challenges<E>> Collect<V> for Combination<'_, E, C> {
    #[inline(always)]
    fn zero(&mut self, value: V) {
        self.total = self.total + self.challenges.weight(self.constraints).scaled(value);
        self.constraints += 1;
    }

    #[inline(always)]
    fn message(&mut self, bus: Bus, direction: Direction, count: V, fields: &[V]) {
        let found = fingerprint(self.challenges, count.constant(bus.element()), fields);
        let sent = self.zero.plus(count);
        let signed = match direction {
            Direction::Send => sent,
            Direction::Receive => self.zero - sent,
        };
        match self.pending.take() {
            Some([other_count, other]) => {
                let helper = self.next_helper();
                self.add(helper * other * found - other_count * found - signed * other);
            }
            None => self.pending = Some([signed, found]),
        }
    }
}
