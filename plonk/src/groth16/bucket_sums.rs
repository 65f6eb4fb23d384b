//! Sums of many points by bucket, in affine coordinates, eight additions at once.
//!
//! Points of one bucket are added in pairs, round after round, until one point is left. The pairs
//! of a round do not depend on each other, so they share the instructions and, by Montgomery's
//! trick, an inversion. An affine addition then costs six multiplications and its share of the
//! inversion.

use ark_ec::VariableBaseMSM;
use ark_ec::short_weierstrass::{Affine, Projective};
use ark_ff::{AdditiveGroup, Field};

use super::points::{Coordinates, LaneCurve};
use crate::bn254::{Ifma, LANES};

/// Entries that are added up together, so many that their points fit into a core's cache.
const BLOCK: usize = 1 << 14;
/// The largest number of pairs that share an inversion.
const BATCH: usize = 1 << 11;
/// The smallest number of pairs that is worth an inversion. Fewer are added in projective
/// coordinates.
const FEW_PAIRS: usize = 64;

type Bucket<C> = <Projective<C> as VariableBaseMSM>::Bucket;

/// A point to be added: the point's place in the list and, in the lowest bit, whether the point is
/// negated.
#[derive(Clone, Copy)]
pub(super) struct Entry(u32);

impl Entry {
    pub(super) fn new(place: usize, negated: bool) -> Self {
        Self((place as u32) << 1 | u32::from(negated))
    }

    fn place(self) -> usize {
        (self.0 >> 1) as usize
    }

    fn is_negated(self) -> bool {
        self.0 & 1 == 1
    }
}

/// Adjacent entries of one bucket.
#[derive(Clone, Copy)]
struct Run {
    bucket: usize,
    length: usize,
}

/// For each bucket, the sum of the points that its entries name. Bucket i has the entries from
/// `ends[i - 1]` (0 for the first bucket) up to but not including `ends[i]`. No point is the point
/// at infinity.
pub(super) fn bucket_sums<C: LaneCurve>(
    simd: Ifma,
    points: &[C::Packed],
    entries: &[Entry],
    ends: &[usize],
) -> Vec<Bucket<C>> {
    let mut sums = Sums { simd, buckets: vec![Projective::<C>::ZERO_BUCKET; ends.len()] };
    let (mut start, mut bucket) = (0, 0);
    while start < entries.len() {
        let end = entries.len().min(start + BLOCK);
        let mut runs = Vec::new();
        let mut at = start;
        while at < end {
            while ends[bucket] <= at {
                bucket += 1;
            }
            let next = ends[bucket].min(end);
            runs.push(Run { bucket, length: next - at });
            at = next;
        }
        sums.add_block(points, &entries[start..end], runs);
        start = end;
    }
    sums.buckets
}

/// The sums so far.
struct Sums<C: LaneCurve> {
    simd: Ifma,
    buckets: Vec<Bucket<C>>,
}

impl<C: LaneCurve> Sums<C> {
    /// Adds up one block, round after round.
    fn add_block(&mut self, points: &[C::Packed], entries: &[Entry], mut runs: Vec<Run>) {
        if pairs_of(&runs) < FEW_PAIRS {
            return self.add_singly(points, entries, &runs);
        }
        // The first round reads the points at their places. A later round reads, in order, the
        // points that the round before has written.
        let mut written = self.add_round(points, entries, &mut runs);
        while pairs_of(&runs) >= FEW_PAIRS {
            let entries = in_order(written.len());
            written = self.add_round(&written, &entries, &mut runs);
        }
        self.add_singly(&written, &in_order(written.len()), &runs);
    }

    fn add_singly(&mut self, points: &[C::Packed], entries: &[Entry], runs: &[Run]) {
        let mut rest = entries;
        for run in runs {
            let (own, others) = rest.split_at(run.length);
            rest = others;
            for entry in own {
                self.buckets[run.bucket] += unpacked::<C>(points, *entry);
            }
        }
    }

    /// Halves the runs: a run becomes the sums of its pairs, and its last point if that point has
    /// no partner. Returns the points that remain.
    fn add_round(
        &mut self,
        points: &[C::Packed],
        entries: &[Entry],
        runs: &mut [Run],
    ) -> Vec<C::Packed> {
        let mut pairs = Vec::with_capacity(entries.len() / 2);
        let mut written = vec![points[0]; runs.iter().map(|run| run.length.div_ceil(2)).sum()];
        let (mut rest, mut place) = (entries, 0);
        for run in runs {
            let (own, others) = rest.split_at(run.length);
            rest = others;
            let (whole, odd) = own.as_chunks::<2>();
            for &[first, second] in whole {
                pairs.push(Pair { first, second, place, bucket: run.bucket });
                place += 1;
            }
            if let [single] = odd {
                written[place] = C::pack(&unpacked::<C>(points, *single));
                place += 1;
            }
            run.length = run.length.div_ceil(2);
        }
        for batch in pairs.chunks(BATCH) {
            let unequal = Batch::<C> { simd: self.simd, points, pairs: batch };
            let alike = self.simd.vectorize(AddPairs { batch: unequal, written: &mut written });
            for pair in alike {
                // The formula has no result for equal or opposite points. The first point remains
                // for the next round, and the second is added to the bucket here.
                written[pair.place] = C::pack(&unpacked::<C>(points, pair.first));
                self.buckets[pair.bucket] += unpacked::<C>(points, pair.second);
            }
        }
        written
    }
}

fn pairs_of(runs: &[Run]) -> usize {
    runs.iter().map(|run| run.length / 2).sum()
}

fn in_order(count: usize) -> Vec<Entry> {
    (0..count).map(|place| Entry::new(place, false)).collect()
}

fn unpacked<C: LaneCurve>(points: &[C::Packed], entry: Entry) -> Affine<C> {
    let point = C::unpack(&points[entry.place()]);
    if entry.is_negated() { -point } else { point }
}

/// Two points to be added, the place of their sum, and their bucket.
#[derive(Clone, Copy)]
struct Pair {
    first: Entry,
    second: Entry,
    place: usize,
    bucket: usize,
}

/// Pairs that share an inversion.
#[derive(Clone, Copy)]
struct Batch<'a, C: LaneCurve> {
    simd: Ifma,
    points: &'a [C::Packed],
    pairs: &'a [Pair],
}

impl<C: LaneCurve> Batch<'_, C> {
    /// The pair of a lane. The last pair fills the rest of the last vector.
    #[inline(always)]
    fn pair(&self, vector: usize, lane: usize) -> &Pair {
        &self.pairs[(vector * LANES + lane).min(self.pairs.len() - 1)]
    }

    /// x and y of one entry of each pair.
    #[inline(always)]
    fn load(&self, vector: usize, entry: impl Fn(&Pair) -> Entry) -> [C::Coordinates; 2] {
        let mut points = [&self.points[0]; LANES];
        let mut mask = 0;
        for (lane, point) in points.iter_mut().enumerate() {
            let entry = entry(self.pair(vector, lane));
            mask |= u8::from(entry.is_negated()) << lane;
            *point = &self.points[entry.place()];
        }
        let [x, y] = C::load(self.simd, points);
        let opposite = y.minus(y.plus(y)).reduced();
        [x, y.or_where(mask, opposite)]
    }

    /// Replaces differences that are zero by one, and returns the pairs with these differences.
    #[inline(always)]
    fn without_zeros(&self, differences: &mut [C::Coordinates]) -> Vec<Pair> {
        let mut alike = Vec::new();
        for (vector, difference) in differences.iter_mut().enumerate() {
            let mut elements = difference.elements();
            for (lane, element) in elements.iter_mut().enumerate() {
                if *element == C::BaseField::ZERO {
                    *element = C::BaseField::ONE;
                    if vector * LANES + lane < self.pairs.len() {
                        alike.push(*self.pair(vector, lane));
                    }
                }
            }
            *difference = C::Coordinates::of_elements(self.simd, elements);
        }
        alike
    }
}

/// Adds the pairs of a batch. Returns the pairs whose points are equal or opposite; the caller adds
/// these.
struct AddPairs<'a, C: LaneCurve> {
    batch: Batch<'a, C>,
    written: &'a mut [C::Packed],
}

impl<C: LaneCurve> pulp::NullaryFnOnce for AddPairs<'_, C> {
    type Output = Vec<Pair>;

    #[inline(always)]
    fn call(self) -> Vec<Pair> {
        let Self { batch, written } = self;
        let vectors = batch.pairs.len().div_ceil(LANES);
        let mut differences = Vec::with_capacity(vectors);
        for vector in 0..vectors {
            let [first, _] = batch.load(vector, |pair| pair.first);
            let [second, _] = batch.load(vector, |pair| pair.second);
            differences.push(second.minus(first));
        }
        let mut alike = Vec::new();
        let (mut products, mut all) = running_products(batch.simd, &differences);
        if all.elements().contains(&C::BaseField::ZERO) {
            alike = batch.without_zeros(&mut differences);
            (products, all) = running_products(batch.simd, &differences);
        }
        let mut inverses = all.elements();
        inverses.iter_mut().for_each(|element| {
            element.inverse_in_place();
        });
        let mut inverse = C::Coordinates::of_elements(batch.simd, inverses);
        for vector in (0..vectors).rev() {
            let own = inverse.times(products[vector]);
            inverse = differences[vector].times(inverse);
            let [x1, y1] = batch.load(vector, |pair| pair.first);
            let [x2, y2] = batch.load(vector, |pair| pair.second);
            let slope = y2.minus(y1).times(own);
            let x = slope.times(slope).minus(x1.plus(x2)).reduced();
            let y = x1.minus(x).times(slope).minus(y1).reduced();
            let sums = C::store(batch.simd, [x, y]);
            for (lane, sum) in sums.into_iter().enumerate() {
                written[batch.pair(vector, lane).place] = sum;
            }
        }
        alike
    }
}

/// For each vector the product of all vectors before it, and the product of all vectors.
#[inline(always)]
fn running_products<L: Coordinates>(simd: Ifma, factors: &[L]) -> (Vec<L>, L) {
    let mut all = L::one(simd);
    let mut products = Vec::with_capacity(factors.len());
    for factor in factors {
        products.push(all);
        all = factor.times(all);
    }
    (products, all)
}
