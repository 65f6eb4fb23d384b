//! Products of the generator, from a table that is computed once.
//!
//! The scalar is cut into 64 signed digits of five bits, and the table has the sixteen positive
//! multiples for each place, so a product is 64 additions and no doubling.

use std::sync::LazyLock;

use crate::curve::{AffinePoint, Point};
use crate::quintic::Fe5;
use crate::recoding::bits_at;
use crate::scalar::{LIMBS, Scalar};

const DIGIT_BITS: u32 = 5;
/// Places: 5 bits each cover the 319 bits of a scalar and leave room for the last carry.
const PLACES: usize = 64;
/// Positive multiples in each place: 1 to 16.
const MULTIPLES: usize = 1 << (DIGIT_BITS - 1);

const _: () = assert!(PLACES * DIGIT_BITS as usize == LIMBS * u64::BITS as usize);

/// Row i has 1 to 16 times 2^(5i)·G.
static TABLE: LazyLock<Vec<[AffinePoint; MULTIPLES]>> = LazyLock::new(|| {
    let mut base = Point::generator();
    let mut points = Vec::with_capacity(PLACES * MULTIPLES);
    for _ in 0..PLACES {
        let mut multiple = Point::NEUTRAL;
        for _ in 0..MULTIPLES {
            multiple = multiple + base;
            points.push(multiple);
        }
        base = multiple.double();
    }
    Point::to_affine_all(&points).as_chunks().0.to_vec()
});

/// `scalar` times the generator, in constant time.
pub fn generator_product(scalar: &Scalar) -> Point {
    let mut sum = Point::NEUTRAL;
    for (digit, row) in signed_digits(scalar).into_iter().zip(TABLE.iter()) {
        sum = sum.add_affine(&select(row, digit));
    }
    sum
}

/// `scalar` times the generator. Variable time: for public scalars only.
pub fn generator_product_vartime(scalar: &Scalar) -> Point {
    let mut sum = Point::NEUTRAL;
    for (digit, row) in signed_digits(scalar).into_iter().zip(TABLE.iter()) {
        if digit != 0 {
            let multiple = &row[digit.unsigned_abs() as usize - 1];
            sum = if digit < 0 {
                sum.add_affine(&multiple.negated())
            } else {
                sum.add_affine(multiple)
            };
        }
    }
    sum
}

/// The multiple of a row that a digit selects. The whole row is read, so that time does not depend
/// on the digit.
fn select(row: &[AffinePoint; MULTIPLES], digit: i32) -> AffinePoint {
    let magnitude = u64::from(digit.unsigned_abs());
    let mut found = AffinePoint::NEUTRAL;
    for (multiple, point) in (1u64..).zip(row) {
        let mask = is_zero_mask(multiple ^ magnitude);
        found.x = Fe5::select(mask, point.x, found.x);
        found.u = Fe5::select(mask, point.u, found.u);
    }
    let negative = i64::from(digit >> (i32::BITS - 1)) as u64;
    AffinePoint { x: found.x, u: Fe5::select(negative, -found.u, found.u) }
}

/// All ones for zero, zero for anything else.
fn is_zero_mask(value: u64) -> u64 {
    ((value | value.wrapping_neg()) >> (u64::BITS - 1)).wrapping_sub(1)
}

/// Digits from −15 to 16, lowest first, in constant time.
fn signed_digits(scalar: &Scalar) -> [i32; PLACES] {
    let mut carry = 0;
    core::array::from_fn(|place| {
        let window = bits_at(scalar.limbs(), place as u32 * DIGIT_BITS, DIGIT_BITS) as i32 + carry;
        // One when the window is above 16. The top window has four bits, so it never is.
        carry = (MULTIPLES as i32 - window) >> (i32::BITS - 1) & 1;
        window - (carry << DIGIT_BITS)
    })
}
