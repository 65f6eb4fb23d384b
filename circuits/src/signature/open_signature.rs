//! The row that opens a signature: from encodings to the ends of the ladder.
//!
//! With Q the key's image in `E[n]` (`curve`) and B = −Q, the row proves:
//!
//! 1. The key is the encoding of a group element other than the neutral one.
//! 2. R is the encoding of a group element other than the neutral one.
//! 3. The ladder's base is B, and its triple is 3B.
//! 4. The top window t is in 0 … 3. The ladder starts from 2(T + 2B) + (2t − 3)·B and must end at
//!    2(R + K) + B, with K = 2^126·T.
//! 5. The challenge's halves are the integers below p that bits 0 … 63 and bits 64 … 127 make up:
//!    the digits, then the top window. (The rows of `double_and_add` check that digits and their
//!    windows are in range.)
//!
//! Statements 1 and 2: w = y/x of a group element is −y/x of its image (x, y), and the line
//! y = −wx meets the curve where x² + (2 − w²)x + b = 0. The product of the two solutions is b, a
//! non-square, so at most one of them is a square. The points of `E[n]` are those whose x is a
//! square, because `E[n]` consists of the doubles. So x = t² with a hinted t is the x of the image
//! and of no other point. For w = 0 the equation has no solution in the field (the curve has one
//! point of order two). x = 0 is never a solution.
//!
//! A ladder between these ends proves that s·G = R + e·key for some s. The challenge e is
//! Σ cᵢ4ⁱ + t·4^63 with 63 windows cᵢ in digits. The start is 2T + (2t + 1)·B, so the 21 rows of
//! `double_and_add` compute 2^126·(2T + (2t + 1)·B) + Σ (2cᵢ − 3)·4ⁱ·B + g·G, which is
//! 2^127·T + (2e + 1)·B + g·G, for some integer g. If this equals 2R + 2^127·T + B, then
//! g·G = 2R + 2e·Q. As n is odd, s = g/2 mod n satisfies the signature's equation. Every s has such
//! a g.
//!
//! T is made by hashing, so nobody knows its discrete logarithm. Starting from T keeps honest
//! provers away from sums that are zero, which have no witness. Each sum with T or K is a non-zero
//! multiple of T plus known multiples of G, Q and R. A signer knows Q and R as multiples of G, so a
//! signer who makes a sum zero knows the logarithm of T.

use std::sync::OnceLock;

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::{Field, PrimeField64};
use sha3::Shake256;
use sha3::digest::{ExtendableOutput, Update, XofReader};
use sheaf_crypto::curve::Point;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::quintic::Fe5;
use sheaf_plonk::gates::range_check::check_limb;
use sheaf_plonk::gates::rules::RowRules;
use sheaf_plonk::gates::value::{Known, Value};
use sheaf_plonk::gates::wires::wires;

use crate::signature::curve::{Affine, NativePoint, add, double, double_and_add};
use crate::signature::double_and_add::{CHALLENGE_BITS, multiple_of_window};
use crate::signature::quintic::{Quintic, known, to_known};

/// Digits of the challenge, each of six bits, below its top window. The ladder has one row for each
/// digit.
pub const DIGITS: usize = 21;

/// The text from which T is hashed.
const START_TEXT: &[u8] = b"Sheaf signature circuit: a point without a known logarithm";

/// 2^32 − 1: the upper half of the largest element.
const LARGEST_HIGH: GoldilocksField = GoldilocksField(0xFFFF_FFFF);

/// The row that opens a signature.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenSignatureRow;

wires! {
    /// The key, R and the challenge of a signature: everything but s.
    SignatureParts {
        /// The key's encoding w.
        key: 5,
        /// The encoding w of R.
        r: 5,
        /// Digits 0 … 4 of the challenge, lowest first.
        digits_0_to_4: 5,
        /// The windows of digit 5: bits 30 … 35, across the middle of the lower half.
        windows_of_5: 3,
        /// Digits 6 … 9: bits 36 … 59.
        digits_6_to_9: 4,
        /// The windows of digit 10: bits 60 … 65, across the border of the halves.
        windows_of_10: 3,
        /// Digits 11 … 15: bits 66 … 95.
        digits_11_to_15: 5,
        /// Digits 16 … 20: bits 96 … 125.
        digits_16_to_20: 5,
        /// The top window: bits 126 and 127.
        top_window: 1,
        /// The challenge's halves, lower first.
        challenge: 2,
    }
}

wires! {
    /// The points that the ladder multiplies, starts from and must end at.
    LadderEnds {
        /// The x of B.
        base_x: 5,
        /// The y of B.
        base_y: 5,
        /// The x of 3B.
        triple_x: 5,
        /// The y of 3B.
        triple_y: 5,
        /// The x of the start, 2(T + 2B) + (2t − 3)·B.
        start_x: 5,
        /// The y of the start.
        start_y: 5,
        /// The x of 2(R + K) + B.
        end_x: 5,
        /// The y of 2(R + K) + B.
        end_y: 5,
    }
}

wires! {
    /// The prover's choices, which the rules check.
    OpeningHints {
        /// A square root of the x of the key's image.
        key_root: 5,
        /// A square root of the x of R's image.
        r_root: 5,
        /// The slope of T + 2B.
        offset_slope: 5,
        /// The x of (2t − 3)·B.
        top_x: 5,
        /// The first slope of 2(T + 2B) + (2t − 3)·B.
        start_first_slope: 5,
        /// The second slope of 2(T + 2B) + (2t − 3)·B.
        start_second_slope: 5,
        /// The slope of B + B.
        twice_slope: 5,
        /// The slope of 2B + B.
        triple_slope: 5,
        /// The slope of R + K.
        r_slope: 5,
        /// The first slope of 2(R + K) + B.
        end_first_slope: 5,
        /// The second slope of 2(R + K) + B.
        end_second_slope: 5,
        /// For each half, the inverse of 2^32 − 1 minus its upper 32 bits; any value where that
        /// difference is zero.
        gap_inverses: 2,
    }
}

/// The two points whose discrete logarithm nobody knows.
#[derive(Debug)]
struct Offsets {
    /// T.
    start: NativePoint,
    /// K = 2^126·T.
    end: NativePoint,
}

/// T and K, computed once in a process.
fn offsets() -> &'static Offsets {
    static OFFSETS: OnceLock<Offsets> = OnceLock::new();
    OFFSETS.get_or_init(|| {
        let mut shake = Shake256::default();
        shake.update(START_TEXT);
        let mut reader = shake.finalize_xof();
        // About half of all w encode a group element, so the loop ends.
        let start = loop {
            let w = Fe5(core::array::from_fn(|_| {
                let mut word = [0; 8];
                reader.read(&mut word);
                Fe::from_u64(u64::from_le_bytes(word))
            }));
            if let Some(point) = Point::decode_vartime(w).filter(|point| !point.is_neutral()) {
                break point;
            }
        };
        let doublings = DIGITS * CHALLENGE_BITS;
        let end = (0..doublings).fold(start, |point, _| point.double());
        let [start, end] = [start, end].map(|point| {
            NativePoint::from_group(&point).expect("doubling keeps clear of the neutral element")
        });
        Offsets { start, end }
    })
}

/// The image in `E[n]` of the group element encoded as `w`, from a square root of the image's x.
#[inline(always)]
fn decode<V: Value>(w: [V; 5], root: [V; 5], check: &mut impl FnMut(V)) -> Affine<V> {
    let w = Quintic(w);
    let x = Quintic(root).square();
    // b = 263z
    (x.product(x.plus(2) - w.square())).plus_z(263).check_zero(check);
    Affine { x, y: w.product(x).negated() }
}

/// The number whose lowest `low_bits` bits are `low`, and whose next bits are `digits`, lowest
/// first, each of `bits` bits.
#[inline(always)]
fn above<V: Value>((low, low_bits): (V, usize), digits: &[V], bits: usize) -> V {
    let (mut sum, mut shift) = (low, low_bits);
    for digit in digits {
        sum = digit.times_plus(GoldilocksField::from_canonical_u64(1 << shift), sum);
        shift += bits;
    }
    sum
}

/// The challenge's four parts of 32 bits, lowest first.
#[inline(always)]
fn challenge_parts<V: Value>(parts: &SignatureParts<V>) -> [V; 4] {
    let SignatureParts { key: _, r: _, challenge: _, .. } = parts;
    let SignatureParts { digits_0_to_4, windows_of_5, digits_6_to_9, windows_of_10, .. } = parts;
    let SignatureParts { digits_11_to_15, digits_16_to_20, top_window, .. } = parts;
    let low = above((digits_0_to_4[0], 6), &digits_0_to_4[1..], 6);
    let second = above((windows_of_5[1], 2), &windows_of_5[2..], 2);
    let second = above((second, 4), digits_6_to_9, 6);
    let third = above((windows_of_10[2], 2), digits_11_to_15, 6);
    let fourth = above((digits_16_to_20[0], 6), &digits_16_to_20[1..], 6);
    [
        above((low, 30), &windows_of_5[..1], 2),
        above((second, 28), &windows_of_10[..2], 2),
        third,
        above((fourth, 30), top_window, 2),
    ]
}

impl RowRules for OpenSignatureRow {
    const NAME: &'static str = "OpenSignature";
    const STAGES: &'static [usize] = &[38];
    type Inputs<V: Copy> = SignatureParts<V>;
    type Outputs<V: Copy> = LadderEnds<V>;
    type Hints<V: Copy> = OpeningHints<V>;

    fn hints(inputs: &SignatureParts<Known>) -> OpeningHints<Known> {
        let Offsets { start, end } = offsets();
        let SignatureParts { key, r, top_window, .. } = inputs;
        let [(key, key_root), (r, r_root)] = [*key, *r].map(|w| image_and_root(known(w)));
        let base = key.negated();
        let twice_slope = base.tangent();
        let twice = base.add_by(base, twice_slope);
        let triple_slope = twice.slope(base);
        let triple = twice.add_by(base, triple_slope);
        let offset_slope = twice.slope(*start);
        let offset = twice.add_by(*start, offset_slope);
        let window = top_window[0].0.unwrap_or_default().to_canonical_u64() as usize & 3;
        let top = base.window_multiple(triple, window);
        let (_, [start_first, start_second]) = offset.double_and_add(top);
        let r_slope = r.slope(*end);
        let shifted = r.add_by(*end, r_slope);
        let (_, [end_first, end_second]) = shifted.double_and_add(base);
        let [_, second, _, fourth] = challenge_parts(inputs);
        OpeningHints {
            key_root: to_known(key_root),
            r_root: to_known(r_root),
            offset_slope: to_known(offset_slope),
            top_x: to_known(top.x),
            start_first_slope: to_known(start_first),
            start_second_slope: to_known(start_second),
            twice_slope: to_known(twice_slope),
            triple_slope: to_known(triple_slope),
            r_slope: to_known(r_slope),
            end_first_slope: to_known(end_first),
            end_second_slope: to_known(end_second),
            gap_inverses: [second, fourth].map(|high| high.map(gap_inverse)),
        }
    }

    #[inline(always)]
    fn evaluate<V: Value>(
        inputs: &SignatureParts<V>,
        hints: &OpeningHints<V>,
        check: &mut impl FnMut(V),
    ) -> LadderEnds<V> {
        let OpeningHints { key_root, r_root, gap_inverses, .. } = *hints;
        let OpeningHints { twice_slope, triple_slope, offset_slope, top_x, .. } = *hints;
        let OpeningHints { start_first_slope, start_second_slope, .. } = *hints;
        let OpeningHints { r_slope, end_first_slope, end_second_slope, .. } = *hints;
        let SignatureParts { key, r, challenge, top_window, .. } = *inputs;
        let Offsets { start, end } = offsets();
        let ring = key[0];

        // Statements 1 and 2.
        let key = decode(key, key_root, check);
        let r = decode(r, r_root, check);
        // Statement 3.
        let base = key.negated();
        let twice = double(base, Quintic(twice_slope), check);
        let triple = add(twice, base, Quintic(triple_slope), check);
        // Statement 4.
        let [window] = top_window;
        check_limb(window, check);
        let Affine { x, y } = multiple_of_window(window, [base, triple]);
        let top = Affine { x: Quintic(top_x), y };
        (top.x - x).check_zero(check);
        let offset = add(twice, start.constant(ring), Quintic(offset_slope), check);
        let start_slopes = [start_first_slope, start_second_slope].map(Quintic);
        let start = double_and_add(offset, top, start_slopes, check);
        let shifted = add(r, end.constant(ring), Quintic(r_slope), check);
        let end_slopes = [end_first_slope, end_second_slope].map(Quintic);
        let end = double_and_add(shifted, base, end_slopes, check);
        // Statement 5.
        let [first, second, third, fourth] = challenge_parts(inputs);
        let halves = [(first, second), (third, fourth)];
        for (((low, high), half), inverse) in halves.into_iter().zip(challenge).zip(gap_inverses) {
            check(high.times_plus(GoldilocksField(1 << 32), low) - half);
            // Where the upper 32 bits are 2^32 − 1, the gap is zero and the lower 32 bits must be
            // zero. Any other gap has an inverse.
            let gap = high.taken_from(LARGEST_HIGH);
            check((gap * inverse).taken_from(GoldilocksField::ONE) * low);
        }
        LadderEnds {
            base_x: base.x.0,
            base_y: base.y.0,
            triple_x: triple.x.0,
            triple_y: triple.y.0,
            start_x: start.x.0,
            start_y: start.y.0,
            end_x: end.x.0,
            end_y: end.y.0,
        }
    }
}

/// The inverse of 2^32 − 1 − `high`, or zero if that difference is zero.
fn gap_inverse(high: GoldilocksField) -> GoldilocksField {
    (LARGEST_HIGH - high).try_inverse().unwrap_or_default()
}

/// The image of the group element encoded as `w`, and a square root of the image's x. If `w`
/// encodes no element or the neutral one: zeros, which fail the row's checks.
fn image_and_root(w: Fe5) -> (NativePoint, Fe5) {
    let image = Point::decode_vartime(w).and_then(|point| NativePoint::from_group(&point));
    let none = NativePoint { x: Fe5::ZERO, y: Fe5::ZERO };
    let root = |point: NativePoint| {
        let root = point.x.sqrt_vartime().expect("an x of E[n] is a square");
        (point, root)
    };
    image.map_or((none, Fe5::ZERO), root)
}
