//! Multiples of the generator for the ladder: constants of the gate, selected by bits in wires.
//!
//! The table with exponent e contains (2j + 1)·2^e·G for j below 32. A digit is an index and a
//! sign, so it stands for one of ±1, ±3, … ±63. No digit stands for zero, because zero has no
//! coordinates. `select` checks nothing: the row that calls it checks that each bit is 0 or 1.

use std::sync::OnceLock;

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use sheaf_crypto::fixed_base::generator_product_vartime;
use sheaf_crypto::quintic::DEGREE;
use sheaf_crypto::scalar::Scalar;
use sheaf_plonk::gates::value::Value;

use crate::signature::curve::{Affine, NativePoint};
use crate::signature::quintic::{Quintic, elements};

/// Bits of an index into a table.
pub const INDEX_BITS: usize = 5;
/// Bits of a digit: the index and the sign.
pub const DIGIT_BITS: usize = INDEX_BITS + 1;
/// Points of a table.
const POINTS: usize = 1 << INDEX_BITS;

/// The odd multiples 1, 3, … 63 of 2^e·G, for one exponent e.
#[derive(Debug)]
pub struct GeneratorTable {
    points: [NativePoint; POINTS],
    coordinates: [[[GoldilocksField; DEGREE]; 2]; POINTS],
}

impl GeneratorTable {
    /// The table of 2^`exponent`·G.
    fn new(exponent: usize) -> Self {
        let base = (0..exponent).fold(Scalar::ONE, |power, _| power + power);
        let points = core::array::from_fn(|j| {
            let multiple = base * Scalar::from(2 * j as u64 + 1);
            let point = generator_product_vartime(&multiple);
            NativePoint::from_group(&point).expect("no such multiple is a multiple of n")
        });
        let coordinates = points.map(|NativePoint { x, y }| [elements(x), elements(y)]);
        Self { points, coordinates }
    }

    /// The point of a digit, which is six bits: the index, lowest bit first, then the sign (1 for
    /// plus).
    pub fn point(&self, digit: usize) -> NativePoint {
        let point = self.points[digit % POINTS];
        if digit < POINTS { point.negated() } else { point }
    }

    /// The point of a digit that is given as bits: the index, lowest bit first, then the sign. x
    /// has degree 5 in the bits, y degree 6.
    #[inline(always)]
    pub fn select<V: Value>(&self, digit: [V; DIGIT_BITS]) -> Affine<V> {
        let [index @ .., sign] = digit;
        let selectors = selectors(&index);
        let mut coordinates = [[selectors[0]; DEGREE]; 2];
        for (which, coordinate) in coordinates.iter_mut().enumerate() {
            for (i, coefficient) in coordinate.iter_mut().enumerate() {
                let mut sum = selectors[0].times(self.coordinates[0][which][i]);
                for (selector, point) in selectors.iter().zip(&self.coordinates).skip(1) {
                    sum = selector.times_plus(point[which][i], sum);
                }
                *coefficient = sum;
            }
        }
        let [x, y] = coordinates;
        let sign = (sign + sign).plus(GoldilocksField::NEG_ONE);
        Affine { x: Quintic(x), y: Quintic(y).scale(sign) }
    }
}

/// A selector for each index: one at the index whose bits are `bits` (lowest first), else zero.
#[inline(always)]
fn selectors<V: Value>(bits: &[V; INDEX_BITS]) -> [V; POINTS] {
    let mut selectors = [bits[0]; POINTS];
    selectors[0] = bits[0].taken_from(GoldilocksField::ONE);
    for (i, &bit) in bits.iter().enumerate().skip(1) {
        let half = 1 << i;
        for j in 0..half {
            let set = selectors[j] * bit;
            selectors[half + j] = set;
            selectors[j] = selectors[j] - set;
        }
    }
    selectors
}

/// The tables of a row of the ladder, in the order in which their points are added.
pub fn tables() -> &'static [GeneratorTable; 3] {
    static TABLES: OnceLock<[GeneratorTable; 3]> = OnceLock::new();
    TABLES.get_or_init(|| EXPONENTS.map(GeneratorTable::new))
}

/// The exponents of the tables, chosen so that the digits of a row count 2^252, 2^126 and 1. A row
/// doubles six times: all six doublings follow the first addition, and four follow the second, so
/// their exponents are smaller by 6 and by 4.
const EXPONENTS: [usize; 3] = [252 - 6, 126 - 4, 0];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wires_select_the_points_of_their_digits() {
        for table in tables() {
            for digit in 0..1 << DIGIT_BITS {
                let bits =
                    core::array::from_fn(|i| GoldilocksField::from_bool(digit >> i & 1 == 1));
                let Affine { x, y } = table.select(bits);
                let point = table.point(digit);
                assert_eq!([x.0, y.0], [elements(point.x), elements(point.y)]);
            }
        }
    }
}
