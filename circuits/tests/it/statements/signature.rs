//! The rules of the two rows that check a signature.

use std::sync::OnceLock;

use plonky2::field::types::Field;
use sha3::Shake256;
use sha3::digest::{ExtendableOutput, Update, XofReader};
use sheaf_circuits::signature::curve::NativePoint;
use sheaf_circuits::signature::double_and_add::DoubleAndAddRow;
use sheaf_circuits::signature::generator_table::{GeneratorTable, tables};
use sheaf_circuits::signature::open_signature::OpenSignatureRow;
use sheaf_crypto::curve::Point;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::quintic::Fe5;
use sheaf_plonk::proof::{F, fe};

use crate::statements::curve::{CurveStatements, b, coefficients, point, quintic};
use crate::statements::span::{Comparison, number, of_limbs, power};

/// T and K = 2^126·T, from the text that names T.
fn offsets() -> [NativePoint; 2] {
    static OFFSETS: OnceLock<[NativePoint; 2]> = OnceLock::new();
    *OFFSETS.get_or_init(|| {
        let mut shake = Shake256::default();
        shake.update(b"Sheaf signature circuit: a point without a known logarithm");
        let mut reader = shake.finalize_xof();
        let mut element = || {
            let mut word = [0; 8];
            reader.read(&mut word);
            Fe::from_u64(u64::from_le_bytes(word))
        };
        let start = std::iter::repeat_with(|| Fe5(core::array::from_fn(|_| element())));
        let start = start.filter_map(Point::decode_vartime).find(|point| !point.is_neutral());
        let start = start.expect("half of all encodings are points");
        let end = (0..126).fold(start, |point, _| point.double());
        [start, end].map(|point| NativePoint::from_group(&point).expect("not neutral"))
    })
}

pub(super) fn a_signature_is_opened() -> Comparison {
    let [start_offset, end_offset] = offsets();
    Comparison::of::<OpenSignatureRow>(|say, (inputs, outputs, hints)| {
        // 1 and 2: the image lies on y = −wx, and its x is a square.
        let mut decode = |name: &str, w: [F; 5], root: [F; 5]| {
            let (w, x) = (quintic(&w), quintic(&root).square());
            let two = Fe5::from_base(Fe::from_u64(2));
            say.quintic(name, x.square() + (two - w.square()) * x + b());
            NativePoint { x, y: -(w * x) }
        };
        let key = decode("the key encodes a point", inputs.key, hints.key_root);
        let r = decode("R encodes a point", inputs.r, hints.r_root);
        // 3
        let base = key.negated();
        let twice = say.double("2B", base, quintic(&hints.twice_slope));
        let triple = say.add("3B", [twice, base], quintic(&hints.triple_slope));
        // 4
        let [window] = inputs.top_window;
        say.limbs("the top window", &[window]);
        let NativePoint { x, y } = window_multiple(window, base, triple);
        let top = NativePoint { x: quintic(&hints.top_x), y };
        say.quintic("x of the top window's multiple", top.x - x);
        let offset = say.add("T + 2B", [twice, start_offset], quintic(&hints.offset_slope));
        let slopes = [hints.start_first_slope, hints.start_second_slope].map(|s| quintic(&s));
        let start = say.double_and_add("2(T + 2B) + the multiple", [offset, top], slopes);
        let shifted = say.add("R + K", [r, end_offset], quintic(&hints.r_slope));
        let slopes = [hints.end_first_slope, hints.end_second_slope].map(|slope| quintic(&slope));
        let end = say.double_and_add("2(R + K) + B", [shifted, base], slopes);
        for (name, point, x, y) in [
            ("B", base, outputs.base_x, outputs.base_y),
            ("3B", triple, outputs.triple_x, outputs.triple_y),
            ("2(T + 2B) + the multiple", start, outputs.start_x, outputs.start_y),
            ("2(R + K) + B", end, outputs.end_x, outputs.end_y),
        ] {
            say.equal(&format!("x of {name}"), &x, &coefficients(point.x));
            say.equal(&format!("y of {name}"), &y, &coefficients(point.y));
        }
        // 5: the bits in order, each digit or window with its place.
        let mut places: Vec<(usize, F)> = Vec::new();
        let digits = |first: usize, digits: &[F], places: &mut Vec<(usize, F)>| {
            places.extend(digits.iter().enumerate().map(|(i, digit)| (6 * (first + i), *digit)));
        };
        digits(0, &inputs.digits_0_to_4, &mut places);
        digits(6, &inputs.digits_6_to_9, &mut places);
        digits(11, &inputs.digits_11_to_15, &mut places);
        digits(16, &inputs.digits_16_to_20, &mut places);
        let windows = |digit: usize, windows: &[F], places: &mut Vec<(usize, F)>| {
            let placed = windows.iter().enumerate();
            places.extend(placed.map(|(i, window)| (6 * digit + 2 * i, *window)));
        };
        windows(5, &inputs.windows_of_5, &mut places);
        windows(10, &inputs.windows_of_10, &mut places);
        windows(21, &inputs.top_window, &mut places);
        let part = |index: usize| -> F {
            let bits = 32 * index..32 * (index + 1);
            let here = places.iter().filter(|(bit, _)| bits.contains(bit));
            here.map(|(bit, value)| *value * power(bit - bits.start)).sum()
        };
        for half in 0..2 {
            let (low, high) = (part(2 * half), part(2 * half + 1));
            let integer = low + high * power(32);
            say.zero(&format!("half {half}"), inputs.challenge[half] - integer);
            let gap = number(u64::from(u32::MAX)) - high;
            let canonical = low * (gap * hints.gap_inverses[half] - F::ONE);
            say.zero(&format!("half {half} is below p"), canonical);
        }
    })
}

/// The point of a digit's bits: five of an index, lowest first, and the sign. Linear in each.
fn selected(table: &GeneratorTable, bits: &[F]) -> NativePoint {
    let (mut x, mut y) = (Fe5::ZERO, Fe5::ZERO);
    for index in 0..32 {
        let factors = (0..5).map(|i| if index >> i & 1 == 1 { bits[i] } else { F::ONE - bits[i] });
        let weight = fe(factors.product());
        // With its sign bit set a digit is positive.
        let positive = table.point(index + 32);
        x += positive.x.scale(weight);
        y += positive.y.scale(weight);
    }
    NativePoint { x, y: y.scale(fe(bits[5].double() - F::ONE)) }
}

/// −3B, −B, B or 3B for a window of 0, 1, 2 or 3, as the cubic through these.
fn window_multiple(window: F, base: NativePoint, triple: NativePoint) -> NativePoint {
    let (mut x, mut y) = (Fe5::ZERO, Fe5::ZERO);
    for (i, multiple) in [triple.negated(), base.negated(), base, triple].into_iter().enumerate() {
        let others = (0..4).filter(|j| *j != i).map(|j| number(j as u64));
        let factors = others.map(|other| (window - other) / (number(i as u64) - other));
        let weight = fe(factors.product());
        x += multiple.x.scale(weight);
        y += multiple.y.scale(weight);
    }
    NativePoint { x, y }
}

pub(super) fn a_row_of_the_ladder() -> Comparison {
    Comparison::of::<DoubleAndAddRow>(|say, (inputs, outputs, hints)| {
        // 1
        say.limbs("windows", &hints.windows);
        say.zero("the challenge's digit", inputs.challenge_digit[0] - of_limbs(&hints.windows));
        // 2
        let bits = hints.generator_bits.iter().enumerate();
        let packed: F = bits.clone().map(|(i, bit)| *bit * power(i)).sum();
        bits.for_each(|(i, bit)| say.bit(&format!("generator bit {i}"), *bit));
        say.zero("the generator's digits", inputs.generator_digits[0] - packed);
        // 3
        let base = point(&inputs.base_x, &inputs.base_y);
        let triple = point(&inputs.triple_x, &inputs.triple_y);
        let slopes = |run: &[F], i: usize| quintic(&run[5 * i..5 * i + 5]);
        let sums = [slopes(&hints.sums, 0), slopes(&hints.sums, 1), quintic(&hints.x)];
        let mut sum = point(&inputs.x, &inputs.y);
        for (i, x) in sums.into_iter().enumerate() {
            // Two of the generator's digits are added before all doublings, and before the last
            // four; the third after all.
            if i < 2 {
                let multiple = selected(&tables()[i], &hints.generator_bits[6 * i..6 * i + 6]);
                let wires = [slopes(&hints.generator_slopes, i), x];
                sum = say.add_into(&format!("generator digit {i}"), [sum, multiple], wires);
            }
            let window = window_multiple(hints.windows[2 - i], base, triple);
            let slopes: [Fe5; 3] =
                core::array::from_fn(|j| slopes(&hints.window_slopes, 3 * i + j));
            let name = format!("window {}", 2 - i);
            sum = say.double(&name, sum, slopes[0]);
            sum = say.double_and_add(&name, [sum, window], [slopes[1], slopes[2]]);
        }
        let multiple = selected(&tables()[2], &hints.generator_bits[12..]);
        let wires = [slopes(&hints.generator_slopes, 2), sums[2]];
        sum = say.add_into("generator digit 2", [sum, multiple], wires);
        say.equal("y of the sum", &outputs.y, &coefficients(sum.y));
    })
}
