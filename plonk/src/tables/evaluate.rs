//! A table's rules in every ring in which they are evaluated, behind one interface.

use core::fmt::Debug;
use core::marker::PhantomData;

use plonky2::field::types::Field;
use sheaf_crypto::goldilocks::simd::{self, Kernel, LANES, Vector};

use super::combination::{Challenges, Combination, Extension, Sums, fingerprint};
use super::lanes::{Lane, Pair};
use super::rules::{Bus, Collect, Direction, TableRules};
use crate::gates::value::{Expression, Value};
use crate::proof::{D, F};

/// The challenges and their powers.
#[derive(Clone, Debug)]
pub(super) struct Powers<E> {
    pub gamma: E,
    /// β, β², …
    pub betas: Vec<E>,
    /// 1, α, α², …
    pub alphas: Vec<E>,
}

impl<E: Copy> Challenges<E> for Powers<E> {
    #[inline(always)]
    fn weight(&self, constraint: usize) -> E {
        self.alphas[constraint]
    }

    #[inline(always)]
    fn gamma(&self) -> E {
        self.gamma
    }

    #[inline(always)]
    fn beta(&self, exponent: usize) -> E {
        self.betas[exponent - 1]
    }
}

/// The same challenges in each lane.
struct Repeated<'a, V> {
    zero: V,
    powers: &'a Powers<Extension>,
}

impl<V: Vector> Challenges<Pair<V>> for Repeated<'_, V> {
    #[inline(always)]
    fn weight(&self, constraint: usize) -> Pair<V> {
        Pair::repeat(self.zero, self.powers.alphas[constraint])
    }

    #[inline(always)]
    fn gamma(&self) -> Pair<V> {
        Pair::repeat(self.zero, self.powers.gamma)
    }

    #[inline(always)]
    fn beta(&self, exponent: usize) -> Pair<V> {
        Pair::repeat(self.zero, self.powers.betas[exponent - 1])
    }
}

/// Eight points of the quotient's domain: the values of all columns, of helpers and sum, and of the
/// sum at the next rows. An element of the extension field takes two entries.
pub(super) struct Points<'a> {
    pub columns: &'a [[u64; LANES]],
    pub sums: &'a [[u64; LANES]],
    pub next_sum: [[u64; LANES]; D],
    pub mean: Extension,
    pub powers: &'a Powers<Extension>,
}

/// What a row sends (positive) or receives (negative), and the message's fingerprint.
pub(super) type Exchanged = (F, Extension);

/// The rules of a table in all rings.
pub(super) trait Evaluate: Send + Sync + Debug {
    /// The name of the table.
    fn name(&self) -> &'static str;

    /// A row that fills the table up.
    fn filler(&self) -> Vec<F>;

    /// The messages of a row.
    fn messages(&self, row: &[F], powers: &Powers<Extension>) -> Vec<Exchanged>;

    /// The sum of all constraints at a point of the extension field.
    fn at(
        &self,
        row: &[Extension],
        powers: &Powers<Extension>,
        sums: Sums<'_, Extension>,
    ) -> Extension;

    /// The sum of all constraints at eight points of the base field.
    fn at_points(&self, points: &Points<'_>) -> [[u64; LANES]; D];

    /// The sum of all constraints as an expression of a circuit.
    fn in_circuit<'a, 'b>(
        &self,
        row: &[Expression<'a, 'b>],
        powers: &Powers<Expression<'a, 'b>>,
        sums: Sums<'_, Expression<'a, 'b>>,
    ) -> Expression<'a, 'b>;
}

/// The rules `R`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Of<R>(PhantomData<R>);

impl<R: TableRules> Evaluate for Of<R> {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn filler(&self) -> Vec<F> {
        R::filler()
    }

    fn messages(&self, row: &[F], powers: &Powers<Extension>) -> Vec<Exchanged> {
        let mut exchange = Exchange { powers, found: Vec::new() };
        R::evaluate(row, &mut exchange);
        exchange.found
    }

    fn at(
        &self,
        row: &[Extension],
        powers: &Powers<Extension>,
        sums: Sums<'_, Extension>,
    ) -> Extension {
        let mut combination = Combination::new(powers, sums, Extension::ZERO);
        R::evaluate(row, &mut combination);
        combination.finish()
    }

    fn at_points(&self, points: &Points<'_>) -> [[u64; LANES]; D] {
        simd::run(AtPoints { points, rules: PhantomData::<R> })
    }

    fn in_circuit<'a, 'b>(
        &self,
        row: &[Expression<'a, 'b>],
        powers: &Powers<Expression<'a, 'b>>,
        sums: Sums<'_, Expression<'a, 'b>>,
    ) -> Expression<'a, 'b> {
        let zero = sums.mean.constant(F::ZERO);
        let mut combination = Combination::new(powers, sums, zero);
        R::evaluate(row, &mut combination);
        combination.finish()
    }
}

/// The constraints `R` at eight points.
struct AtPoints<'a, R> {
    points: &'a Points<'a>,
    rules: PhantomData<R>,
}

impl<R: TableRules> Kernel for AtPoints<'_, R> {
    type Output = [[u64; LANES]; D];

    #[inline(always)]
    fn run<V: Vector>(self, zero: V) -> Self::Output {
        let Points { columns, sums, next_sum, mean, powers } = *self.points;
        let row: Vec<Lane<V>> = columns.iter().map(|words| Lane(zero.of(*words))).collect();
        let (sums, _) = sums.as_chunks::<D>();
        let pair = |words: &[[u64; LANES]; D]| Pair(words.map(|words| zero.of(words)));
        let [helpers @ .., sum] = sums else { unreachable!("a table has a sum") };
        let helpers: Vec<Pair<V>> = helpers.iter().map(pair).collect();
        let challenges = Repeated { zero, powers };
        let sums = Sums {
            helpers: &helpers,
            sum: pair(sum),
            next_sum: pair(&next_sum),
            mean: Pair::repeat(zero, mean),
        };
        let mut combination = Combination::new(&challenges, sums, Pair([zero; D]));
        R::evaluate(&row, &mut combination);
        combination.finish().0.map(V::words)
    }
}

/// Collects the messages of a row.
struct Exchange<'a> {
    powers: &'a Powers<Extension>,
    found: Vec<Exchanged>,
}

impl Collect<F> for Exchange<'_> {
    fn zero(&mut self, _: F) {}

    fn message(&mut self, bus: Bus, direction: Direction, count: F, fields: &[F]) {
        let fingerprint = fingerprint(self.powers, bus.element(), fields);
        let signed = match direction {
            Direction::Send => count,
            Direction::Receive => -count,
        };
        self.found.push((signed, fingerprint));
    }
}
