//! Polynomials from their values and values from polynomials, eight columns side by side.
//!
//! The value of a polynomial at a point p is the polynomial's remainder modulo x − p. A block is m
//! points with the polynomial's remainder modulo x^m − r², whose roots are these points. A step
//! splits a block into halves by reducing modulo x^(m/2) − r and modulo x^(m/2) + r, until each
//! block is one point. This has three consequences:
//!
//! - Each block needs one root r.
//! - The points come out with the bits of their index reversed, which is plonky2's order of leaves.
//! - The larger domain consists of blocks with as many points as a polynomial has coefficients.
//!   Evaluation starts with these blocks: the steps before them would only meet the zeros of the
//!   padding and change nothing.
//!
//! The values of eight columns at one place share a line of the cache. So one butterfly serves
//! eight columns, and rows need no transpose.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::polynomial::PolynomialCoeffs;
use plonky2::field::types::Field;
use plonky2::util::{log2_strict, reverse_bits};
use rayon::prelude::*;
use sheaf_crypto::goldilocks::simd::{self, Kernel, LANES, Vector};

use crate::proof::F;

/// The values of eight columns at one place.
type Line = [u64; LANES];

/// Lines of a block that fits into the nearest cache (32 KiB).
const CACHED: usize = 512;
/// The four parts of a block with at least this many lines are separate tasks, of about 0.1 ms
/// each.
const TASK: usize = 4096;
/// Lines that are turned into columns or rows at once.
const TILE: usize = 64;

/// For each column, the polynomial with these values on the powers of a root of unity.
///
/// # Panics
/// When a column's length is not a power of two.
pub(crate) fn interpolate(columns: &[Vec<F>]) -> Vec<PolynomialCoeffs<F>> {
    let points = columns.first().map_or(1, Vec::len);
    let roots = reversed_roots(points);
    let groups = columns.par_chunks(LANES).flat_map_iter(|columns| {
        let mut lines = vec![[0; LANES]; points];
        gather(columns.iter().map(|column| &column[..]), &mut lines);
        evaluate(&mut lines, &roots, 0);
        coefficients(&lines, columns.len())
    });
    groups.map(PolynomialCoeffs::new).collect()
}

/// The values of all polynomials on plonky2's coset, a row for each point. The coset has
/// 2^`rate_bits` points for each coefficient, in the order of their index with its bits reversed.
///
/// # Panics
/// When the number of coefficients is not a power of two, or not the same for all polynomials.
pub(crate) fn extend(polynomials: &[PolynomialCoeffs<F>], rate_bits: usize) -> Vec<Vec<F>> {
    let width = polynomials.len();
    let length = polynomials.first().map_or(1, |polynomial| polynomial.coeffs.len());
    let roots = reversed_roots(length << rate_bits);
    let shifts: Vec<u64> = F::coset_shift().powers().take(length).map(|power| power.0).collect();
    let shifted: Vec<Vec<Line>> = polynomials
        .par_chunks(LANES)
        .map(|polynomials| {
            let mut lines = vec![[0; LANES]; length];
            gather(polynomials.iter().map(|polynomial| &polynomial.coeffs[..]), &mut lines);
            simd::run(Scale { lines: &mut lines, factors: &shifts });
            lines
        })
        .collect();
    let mut values = vec![vec![[0; LANES]; length]; shifted.len()];
    let mut rows = Vec::with_capacity(length << rate_bits);
    for block in 0..1 << rate_bits {
        values.par_iter_mut().zip(&shifted).for_each(|(values, shifted)| {
            values.copy_from_slice(shifted);
            evaluate(values, &roots, block);
        });
        let places = (0..length).into_par_iter().with_min_len(TILE);
        rows.par_extend(places.map(|place| row(&values, place, width)));
    }
    rows
}

/// The row of `width` values that the groups of eight columns have at one place.
fn row(groups: &[Vec<Line>], place: usize, width: usize) -> Vec<F> {
    let mut row = Vec::with_capacity(width);
    for group in groups {
        let lanes = LANES.min(width - row.len());
        row.extend(group[place][..lanes].iter().map(|word| GoldilocksField(*word)));
    }
    row
}

/// Puts up to eight columns side by side. Each column has as many values as there are lines.
fn gather<'a>(columns: impl Iterator<Item = &'a [F]> + Clone, lines: &mut [Line]) {
    for (tile, lines) in lines.chunks_mut(TILE).enumerate() {
        let start = tile * TILE;
        for (lane, column) in columns.clone().enumerate() {
            let values = &column[start..start + lines.len()];
            lines.iter_mut().zip(values).for_each(|(line, value)| line[lane] = value.0);
        }
    }
}

/// The coefficients of up to eight polynomials. The coefficient of x^j is the mean of value·x^−j
/// over all points, which is itself an evaluation: `values` are the results of [`evaluate`] for
/// lines that are the polynomials' values, so their indices have reversed bits.
fn coefficients(values: &[Line], count: usize) -> Vec<Vec<F>> {
    let points = values.len();
    let bits = log2_strict(points);
    let factors = [F::inverse_2exp(bits).0; TILE];
    let mut columns = vec![Vec::with_capacity(points); count];
    for start in (0..points).step_by(TILE) {
        let places = start..points.min(start + TILE);
        let mut tile = [[0; LANES]; TILE];
        for (line, place) in tile.iter_mut().zip(places.clone()) {
            *line = values[reverse_bits((points - place) % points, bits)];
        }
        let tile = &mut tile[..places.len()];
        simd::run(Scale { lines: tile, factors: &factors });
        for (lane, column) in columns.iter_mut().enumerate() {
            column.extend(tile.iter().map(|line| GoldilocksField(line[lane])));
        }
    }
    columns
}

/// The roots of all blocks of a domain: the lower half of the powers of its root of unity, in the
/// order of the exponent with its bits reversed. The list for a smaller domain is the beginning of
/// this list.
fn reversed_roots(points: usize) -> Vec<u64> {
    let mut roots = vec![F::ONE];
    while roots.len() < points / 2 {
        let root = F::primitive_root_of_unity(log2_strict(roots.len()) + 2);
        let further: Vec<F> = roots.iter().map(|other| *other * root).collect();
        roots.extend(further);
    }
    roots.into_iter().map(|root| root.0).collect()
}

/// Replaces the remainders of polynomials modulo the polynomial of a block by their values at the
/// points of the block. `block` is the block's number among all blocks of its length. The order is
/// depth first, so that a part is finished while it is in a cache.
fn evaluate(lines: &mut [Line], roots: &[u64], block: usize) {
    if lines.len() <= CACHED {
        simd::run(AllLayers { lines, roots, block });
        return;
    }
    let quarter = lines.len() / 4;
    let task = lines.len() >= TASK;
    simd::run(TwoLayers { lines, roots, block });
    let part = |(part, lines): (usize, &mut [Line])| evaluate(lines, roots, 4 * block + part);
    if task {
        lines.par_chunks_exact_mut(quarter).enumerate().for_each(part);
    } else {
        lines.chunks_exact_mut(quarter).enumerate().for_each(part);
    }
}

/// Multiplies each line by its factor.
struct Scale<'a> {
    lines: &'a mut [Line],
    factors: &'a [u64],
}

impl Kernel for Scale<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, zero: V) {
        for (line, factor) in self.lines.iter_mut().zip(self.factors) {
            *line = zero.of(*line).times(zero.repeat(*factor)).words();
        }
    }
}

/// Splits a block into four blocks.
struct TwoLayers<'a> {
    lines: &'a mut [Line],
    roots: &'a [u64],
    block: usize,
}

impl Kernel for TwoLayers<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, zero: V) {
        let Self { lines, roots, block } = self;
        let [upper, left, right] =
            [roots[block], roots[2 * block], roots[2 * block + 1]].map(|root| zero.repeat(root));
        let (front, back) = lines.split_at_mut(lines.len() / 2);
        let (first, second) = front.split_at_mut(front.len() / 2);
        let (third, fourth) = back.split_at_mut(back.len() / 2);
        let halves = first.iter_mut().zip(second).zip(third.iter_mut().zip(fourth));
        for ((a, b), (c, d)) in halves {
            let words = [&*a, &*b, &*c, &*d].map(|line| zero.of(*line));
            let [a_even, c_even] = butterfly([words[0], words[2]], upper);
            let [b_even, d_even] = butterfly([words[1], words[3]], upper);
            [*a, *b] = butterfly([a_even, b_even], left).map(V::words);
            [*c, *d] = butterfly([c_even, d_even], right).map(V::words);
        }
    }
}

/// Splits a block into its points.
struct AllLayers<'a> {
    lines: &'a mut [Line],
    roots: &'a [u64],
    block: usize,
}

impl Kernel for AllLayers<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, zero: V) {
        let Self { lines, roots, mut block } = self;
        let mut length = lines.len();
        while length >= 4 {
            for (lines, block) in lines.chunks_exact_mut(length).zip(block..) {
                TwoLayers { lines, roots, block }.run(zero);
            }
            length /= 4;
            block *= 4;
        }
        if length == 2 {
            let (pairs, _) = lines.as_chunks_mut::<2>();
            for (pair, root) in pairs.iter_mut().zip(&roots[block..]) {
                let words = pair.map(|line| zero.of(line));
                *pair = butterfly(words, zero.repeat(*root)).map(V::words);
            }
        }
    }
}

/// The remainders modulo x^(m/2) − `root` and x^(m/2) + `root`, from the low and the high half of a
/// block.
#[inline(always)]
fn butterfly<V: Vector>([low, high]: [V; 2], root: V) -> [V; 2] {
    let product = high.times(root);
    [low.sum(product), low.difference(product)]
}

#[cfg(test)]
mod tests {
    use plonky2::field::polynomial::PolynomialValues;

    use super::*;

    /// Columns that differ everywhere, some elements not canonical.
    fn columns(count: usize, length: usize) -> Vec<Vec<F>> {
        let value = |i: usize| {
            let word = (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            GoldilocksField(word | (u64::from(i.is_multiple_of(5)) * (u64::MAX - 7)))
        };
        (0..count).map(|c| (0..length).map(|i| value(c * length + i)).collect()).collect()
    }

    #[test]
    fn polynomials_are_plonky2s() {
        for (bits, width) in [(0, 1), (1, 3), (2, 8), (5, 9), (6, 1), (9, 2), (10, 17), (13, 1)] {
            let columns = columns(width, 1 << bits);
            let found = interpolate(&columns);
            assert_eq!(found.len(), width);
            for (found, column) in found.iter().zip(columns) {
                assert_eq!(*found, PolynomialValues::new(column).ifft(), "2^{bits} values");
            }
        }
    }

    #[test]
    fn rows_are_plonky2s() {
        for (bits, rate_bits, width) in
            [(0, 3, 1), (1, 0, 7), (2, 3, 8), (4, 2, 9), (7, 1, 16), (9, 3, 2), (12, 3, 135)]
        {
            let polynomials = columns(width, 1 << bits).into_iter().map(PolynomialCoeffs::new);
            let polynomials: Vec<_> = polynomials.collect();
            let rows = extend(&polynomials, rate_bits);
            assert_eq!(rows.len(), 1 << (bits + rate_bits));
            for (column, polynomial) in polynomials.iter().enumerate() {
                let expected = polynomial.lde(rate_bits).coset_fft(F::coset_shift()).values;
                for (place, row) in rows.iter().enumerate() {
                    let point = reverse_bits(place, bits + rate_bits);
                    assert_eq!(row[column], expected[point], "2^{bits} rows, column {column}");
                    assert_eq!(row.len(), width);
                }
            }
        }
    }

    #[test]
    fn without_wide_registers_it_is_the_same() {
        let roots = reversed_roots(4096);
        for bits in [0, 1, 2, 3, 6, 9] {
            let mut wide = vec![[0; LANES]; 1 << bits];
            let columns = columns(LANES, wide.len());
            gather(columns.iter().map(|column| &column[..]), &mut wide);
            let mut narrow = wide.clone();
            let block = 7;
            simd::run(AllLayers { lines: &mut wide, roots: &roots, block });
            AllLayers { lines: &mut narrow, roots: &roots, block }.run([0; LANES]);
            let elements =
                |lines: Vec<Line>| lines.into_iter().map(|line| line.map(GoldilocksField));
            assert!(elements(wide).eq(elements(narrow)), "2^{bits} lines");
        }
    }
}
