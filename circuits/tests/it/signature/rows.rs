//! The two rows that check a signature: each computes what its rules state, and every hint is
//! needed.

use plonky2::field::types::{Field, Field64};
use plonky2::gates::gate::GateRef;
use sheaf_circuits::signature::curve::{
    Affine, NativePoint, add, add_into, double, double_and_add,
};
use sheaf_circuits::signature::double_and_add::{DoubleAndAddRow, LadderStep};
use sheaf_circuits::signature::open_signature::{OpenSignatureRow, SignatureParts};
use sheaf_circuits::signature::quintic::{Quintic, elements, known};
use sheaf_crypto::curve::Point;
use sheaf_crypto::fixed_base::generator_product_vartime;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::quintic::Fe5;
use sheaf_crypto::scalar::Scalar;
use sheaf_plonk::gates::rules::RowRules;
use sheaf_plonk::gates::value::Known;
use sheaf_plonk::gates::wires::Wires;
use sheaf_plonk::proof::{D, F};

use crate::gates::check_evaluations;
use crate::signature::circuit;

/// The values of a structure of wires in the order of their columns.
pub(crate) fn columns<V: Copy, W: Wires<V>>(wires: &W) -> Vec<V> {
    let mut columns = Vec::new();
    wires.visit(&mut |value| columns.push(value));
    columns
}

/// The structure of wires with these values.
fn structure<V: Copy, W: Wires<V>>(columns: &[V]) -> W {
    let mut columns = columns.iter();
    W::read(&mut || *columns.next().expect("one for each column"))
}

fn honest_hints<R: RowRules>(inputs: &R::Inputs<F>) -> Vec<F> {
    let known: Vec<Known> = columns(inputs).into_iter().map(|value| Known(Some(value))).collect();
    let hints = R::hints(&structure(&known));
    columns(&hints).into_iter().map(|value| value.0.expect("all inputs are known")).collect()
}

/// The row's outputs and how many of its checks fail.
fn run<R: RowRules>(inputs: &R::Inputs<F>, hints: &[F]) -> (R::Outputs<F>, usize) {
    let mut broken = 0;
    let check = &mut |value: F| broken += usize::from(value.is_nonzero());
    let outputs = R::evaluate(inputs, &structure(hints), check);
    (outputs, broken)
}

fn integer(value: usize) -> F {
    F::from_canonical_usize(value)
}

fn group_point(scalar: &Scalar) -> NativePoint {
    NativePoint::from_group(&generator_product_vartime(scalar)).expect("not neutral")
}

fn ladder_step(start: u64, base: u64, challenge: usize, digits: usize) -> LadderStep<F> {
    let point = |scalar: u64| group_point(&Scalar::from(scalar));
    let (start, triple, base) = (point(start), point(3 * base), point(base));
    LadderStep {
        x: elements(start.x),
        y: elements(start.y),
        base_x: elements(base.x),
        base_y: elements(base.y),
        triple_x: elements(triple.x),
        triple_y: elements(triple.y),
        challenge_digit: [integer(challenge)],
        generator_digits: [integer(digits)],
    }
}

#[test]
fn a_ladder_row_computes_its_sum() {
    for (start, base, challenge, digits) in
        [(1_000_003, 777, 0, 0), (5, 1 << 50, 63, (1 << 18) - 1), (77, 12_345, 27, 0o531_642)]
    {
        let step = ladder_step(start, base, challenge, digits);
        let hints = honest_hints::<DoubleAndAddRow>(&step);
        let (sum, broken) = run::<DoubleAndAddRow>(&step, &hints);
        assert_eq!(broken, 0);
        let power = |exponent: usize| (0..exponent).fold(Scalar::ONE, |power, _| power + power);
        let signed = |magnitude: Scalar, minus: bool| if minus { -magnitude } else { magnitude };
        let mut expected = Scalar::from(64 * start);
        for i in 0..3 {
            let window = (challenge >> (2 * i) & 3) as i64;
            let digit = 2 * window - 3;
            let multiple = Scalar::from(digit.unsigned_abs() << (2 * i)) * Scalar::from(base);
            expected += signed(multiple, digit < 0);
            let digit = digits >> (6 * i) & 63;
            let multiple = Scalar::from(2 * (digit as u64 % 32) + 1) * power(126 * (2 - i));
            expected += signed(multiple, digit < 32);
        }
        let expected = group_point(&expected);
        assert_eq!((&hints[..5], sum.y), (&elements(expected.x)[..], elements(expected.y)));
    }
}

#[test]
fn every_hint_of_a_ladder_row_is_needed() {
    let step = ladder_step(1_000_003, 777, 27, 0o531_642);
    let honest = honest_hints::<DoubleAndAddRow>(&step);
    for i in 0..honest.len() {
        for change in [F::ONE, F::NEG_ONE, F::from_canonical_u64(1 << 40)] {
            let mut hints = honest.clone();
            hints[i] += change;
            let (_, broken) = run::<DoubleAndAddRow>(&step, &hints);
            assert_ne!(broken, 0, "hint {i} is free");
        }
    }
}

/// Digits that no bits hold, and windows that add up to the digit but are out of range.
#[test]
fn digits_out_of_range_are_refused() {
    for (challenge, digits) in [(64, 0), (0, 1 << 18)] {
        let step = ladder_step(99, 98, challenge, digits);
        let hints = honest_hints::<DoubleAndAddRow>(&step);
        assert_ne!(run::<DoubleAndAddRow>(&step, &hints).1, 0);
    }
    // 4 + 4·2 = 0 + 4·3: the lowest window is no window.
    let step = ladder_step(99, 98, 12, 0);
    let mut hints = honest_hints::<DoubleAndAddRow>(&step);
    assert_eq!(run::<DoubleAndAddRow>(&step, &hints).1, 0);
    (hints[5], hints[6]) = (integer(4), integer(2));
    assert_ne!(run::<DoubleAndAddRow>(&step, &hints).1, 0);
}

fn affine(point: NativePoint) -> Affine<F> {
    Affine { x: Quintic(elements(point.x)), y: Quintic(elements(point.y)) }
}

fn slope(value: Fe5) -> Quintic<F> {
    Quintic(elements(value))
}

/// Failing checks of each way to add, with this slope.
fn broken_checks(p: NativePoint, q: NativePoint, first: Fe5) -> [usize; 3] {
    let sum = p.add_by(q, first);
    let second = p.slope(sum);
    let (lp, lq) = (affine(p), affine(q));
    let mut broken = [0; 3];
    let [one, into, twice] = &mut broken;
    let count = |broken: &mut usize, value: F| *broken += usize::from(value.is_nonzero());
    add(lp, lq, slope(first), &mut |value| count(one, value));
    let (zeros, _) = add_into(lp, lq, [slope(first), slope(sum.x)]);
    zeros.iter().for_each(|zero| zero.check_zero(&mut |value| count(into, value)));
    double_and_add(lp, lq, [first, second].map(slope), &mut |value| count(twice, value));
    broken
}

/// The chord's equation says nothing where the points are one; the other one must.
#[test]
fn only_the_tangent_adds_a_point_to_itself() {
    let point = group_point(&Scalar::from(41u64));
    assert_eq!(broken_checks(point, point, point.tangent()), [0; 3]);
    for wrong in [Fe5::ZERO, Fe5::ONE, point.x, point.tangent() + Fe5::ONE] {
        let broken = broken_checks(point, point, wrong);
        assert!(broken.iter().all(|count| *count > 0), "{broken:?}");
    }
}

#[test]
fn only_the_chord_adds_two_points() {
    let [p, q] = [41u64, 1003].map(|scalar| group_point(&Scalar::from(scalar)));
    assert_eq!(broken_checks(p, q, p.slope(q)), [0; 3]);
    for wrong in [Fe5::ZERO, p.tangent(), q.tangent(), p.slope(q.negated())] {
        let broken = broken_checks(p, q, wrong);
        assert!(broken.iter().all(|count| *count > 0), "{broken:?}");
    }
}

/// Two points of one horizontal line, whose y add up to zero once one of them is negated: there
/// the second equation says nothing, and the chord's must.
#[test]
fn only_the_chord_adds_points_of_opposite_y() {
    let (a, b) = (Fe5::from_base(Fe::from_u64(2)), Fe5([0, 263, 0, 0, 0].map(Fe::from_u64)));
    let horizontal = (1u64..).find_map(|scalar| {
        let p = group_point(&Scalar::from(scalar));
        // What x(x² + 2x + b) − y² leaves, divided by x − x_P.
        let [sum, product] = [a + p.x, b + a * p.x + p.x.square()];
        let root = (sum.square() - product.double().double()).sqrt_vartime()?;
        Some((p, NativePoint { x: (root - sum).halve(), y: -p.y }))
    });
    let (p, q) = horizontal.expect("half of all discriminants are squares");
    assert_eq!(broken_checks(p, q, p.slope(q)), [0; 3]);
    for wrong in [Fe5::ZERO, Fe5::ONE, p.tangent(), p.slope(q) + Fe5::ONE] {
        let broken = broken_checks(p, q, wrong);
        assert!(broken.iter().all(|count| *count > 0), "{broken:?}");
    }
}

/// Where the points are one, the line's equation holds for any slope if x of the sum is chosen for
/// it: it must be the slope's.
#[test]
fn no_x_of_a_sum_is_chosen_for_a_slope() {
    let p = group_point(&Scalar::from(41u64));
    let b = Fe5([0, 263, 0, 0, 0].map(Fe::from_u64));
    let broken = |wrong: Fe5| {
        let third = wrong.square() - Fe5::from_base(Fe::from_u64(2)) - p.x;
        let line = p.x * third + (wrong * (p.y - wrong * p.x)).double();
        let x = (b - line) * p.x.inverse();
        let mut broken = 0;
        let check = &mut |value: F| broken += usize::from(value.is_nonzero());
        let (zeros, _) = add_into(affine(p), affine(p), [slope(wrong), slope(x)]);
        zeros.iter().for_each(|zero| zero.check_zero(check));
        broken
    };
    assert_eq!(broken(p.tangent()), 0);
    for wrong in [Fe5::ZERO, Fe5::ONE, p.x, p.tangent() + Fe5::ONE] {
        assert_ne!(broken(wrong), 0);
    }
}

/// A doubling has the tangent's slope and no other.
#[test]
fn only_the_tangent_doubles() {
    let p = group_point(&Scalar::from(41u64));
    let broken = |wrong: Fe5| {
        let mut broken = 0;
        double(affine(p), slope(wrong), &mut |value| broken += usize::from(value.is_nonzero()));
        broken
    };
    assert_eq!(broken(p.tangent()), 0);
    for wrong in [Fe5::ZERO, Fe5::ONE, p.x, p.tangent() + Fe5::ONE] {
        assert_ne!(broken(wrong), 0);
    }
}

/// Opposite points have no sum with coordinates, so no slope serves.
#[test]
fn no_slope_adds_opposite_points() {
    let p = group_point(&Scalar::from(41u64));
    for wrong in [Fe5::ZERO, Fe5::ONE, p.tangent(), p.x] {
        let broken = broken_checks(p, p.negated(), wrong);
        assert!(broken.iter().all(|count| *count > 0), "{broken:?}");
    }
}

/// Parts of a signature with these encodings, and a challenge of two given integers.
fn parts(key: Fe5, r: Fe5, halves: [u64; 2], shown: [F; 2]) -> SignatureParts<F> {
    let challenge = u128::from(halves[0]) | u128::from(halves[1]) << 64;
    let digit = |i: usize| integer((challenge >> (6 * i)) as usize & 63);
    let window = |i: usize, j: usize| integer((challenge >> (6 * i + 2 * j)) as usize & 3);
    SignatureParts {
        key: elements(key),
        r: elements(r),
        digits_0_to_4: core::array::from_fn(digit),
        windows_of_5: core::array::from_fn(|j| window(5, j)),
        digits_6_to_9: core::array::from_fn(|i| digit(6 + i)),
        windows_of_10: core::array::from_fn(|j| window(10, j)),
        digits_11_to_15: core::array::from_fn(|i| digit(11 + i)),
        digits_16_to_20: core::array::from_fn(|i| digit(16 + i)),
        top_window: [window(21, 0)],
        challenge: shown,
    }
}

fn broken_opening(parts: &SignatureParts<F>) -> usize {
    run::<OpenSignatureRow>(parts, &honest_hints::<OpenSignatureRow>(parts)).1
}

fn encoding(scalar: u64) -> Fe5 {
    generator_product_vartime(&Scalar::from(scalar)).encode()
}

#[test]
fn halves_are_the_integers_below_p() {
    let (key, r) = (encoding(7), encoding(8));
    let largest = F::ORDER - 1;
    for halves in [[0, 0], [largest, 5], [5, largest], [u64::from(u32::MAX), largest - 1]] {
        let shown = halves.map(F::from_canonical_u64);
        assert_eq!(broken_opening(&parts(key, r, halves, shown)), 0);
        // The same elements as integers between p and 2^64, where there are such.
        for i in 0..2 {
            let mut beyond = halves;
            if let Some(value) = halves[i].checked_add(F::ORDER) {
                beyond[i] = value;
                assert_ne!(broken_opening(&parts(key, r, beyond, shown)), 0);
            }
            let mut other = halves;
            other[i] ^= 1 << 33;
            assert_ne!(broken_opening(&parts(key, r, other, shown)), 0);
        }
    }
}

/// Neither the neutral element nor what encodes nothing has a root; an element has one but for its
/// sign, because the other solution of its line is no square.
#[test]
fn only_encodings_of_elements_open() {
    let nothing = (1..).map(|i| Fe5::from_base(Fe::from_u64(i)));
    let nothing = nothing.filter(|w| Point::decode_vartime(*w).is_none()).take(3);
    let (key, r) = (encoding(7), encoding(8));
    let roots = [Fe5::ZERO, Fe5::ONE, group_point(&Scalar::from(7u64)).x];
    for wrong in nothing.chain([Fe5::ZERO]) {
        for (parts, column) in [
            (parts(wrong, r, [0; 2], [F::ZERO; 2]), 0),
            (parts(key, wrong, [0; 2], [F::ZERO; 2]), 5),
        ] {
            assert_ne!(broken_opening(&parts), 0);
            for root in roots {
                let mut hints = honest_hints::<OpenSignatureRow>(&parts);
                hints[column..column + 5].copy_from_slice(&elements(root));
                assert_ne!(run::<OpenSignatureRow>(&parts, &hints).1, 0);
            }
        }
    }
    let b = Fe5([0, 263, 0, 0, 0].map(Fe::from_u64));
    for scalar in 1..20u64 {
        let x = group_point(&Scalar::from(scalar)).x;
        assert!(x.is_square() && !(b * x.inverse()).is_square());
    }
}

/// 2^32 − 1 in the lower part of a half, and 2^64 in the top window, are the same element.
#[test]
fn a_top_window_above_three_is_refused() {
    let (key, r) = (encoding(7), encoding(8));
    let low = u64::from(u32::MAX);
    let shown = [F::ONE, F::from_canonical_u64(low)];
    assert_eq!(broken_opening(&parts(key, r, [1, low], shown)), 0);
    let wrong = SignatureParts { top_window: [integer(4)], ..parts(key, r, [1, 0], shown) };
    assert_ne!(broken_opening(&wrong), 0);
}

/// Each window more is two bases more.
#[test]
fn the_top_window_moves_the_ladders_start() {
    let starts = [0u64, 1, 2, 3].map(|window| {
        let halves = [5, window << 62];
        let parts = parts(encoding(7), encoding(8), halves, halves.map(F::from_canonical_u64));
        let (ends, broken) =
            run::<OpenSignatureRow>(&parts, &honest_hints::<OpenSignatureRow>(&parts));
        assert_eq!(broken, 0);
        [ends.start_x, ends.start_y]
    });
    let twice = group_point(&-Scalar::from(14u64));
    for (window, [before, after]) in starts.array_windows().enumerate() {
        let [x, y] = before.map(|element| known(element.map(|value| Known(Some(value)))));
        let before = NativePoint { x, y };
        let sum = before.add_by(twice, before.slope(twice));
        assert_eq!(*after, [elements(sum.x), elements(sum.y)], "window {window}");
    }
}

#[test]
fn an_opening_computes_base_and_triple() {
    let halves = [123_456_789_012_345, 98_765_432_109_876];
    let parts = parts(encoding(7), encoding(8), halves, halves.map(F::from_canonical_u64));
    let hints = honest_hints::<OpenSignatureRow>(&parts);
    let (ends, broken) = run::<OpenSignatureRow>(&parts, &hints);
    assert_eq!(broken, 0);
    let [base, triple] = [7u64, 21].map(|scalar| group_point(&-Scalar::from(scalar)));
    assert_eq!([ends.base_x, ends.base_y], [elements(base.x), elements(base.y)]);
    assert_eq!([ends.triple_x, ends.triple_y], [elements(triple.x), elements(triple.y)]);
    for i in 0..hints.len() {
        let mut wrong = hints.clone();
        wrong[i] += F::ONE;
        assert_ne!(run::<OpenSignatureRow>(&parts, &wrong).1, 0, "hint {i} is free");
    }
    // The sign of a root is free, and nothing depends on it.
    let mut other_root = hints;
    other_root[..5].iter_mut().for_each(|root| *root = -*root);
    let (same, broken) = run::<OpenSignatureRow>(&parts, &other_root);
    assert_eq!((broken, columns(&same)), (0, columns(&ends)));
}

/// The circuit's own two gates.
fn gates() -> Vec<GateRef<F, D>> {
    let gates = circuit().data.common.gates.iter().cloned();
    let names = ["DoubleAndAddGate", "OpenSignatureGate"];
    let gates: Vec<_> = gates.filter(|gate| names.contains(&gate.0.id().as_str())).collect();
    assert_eq!(gates.len(), names.len());
    gates
}

#[test]
fn evaluations_of_the_circuits_gates_agree_in_every_ring() {
    for gate in gates() {
        check_evaluations(&*gate.0);
    }
}
