//! The curve y² = x(x² + 2x + b), b = 263z, over GF(p^5): additions by slopes that the prover
//! gives and the row checks.
//!
//! The group of keys is isomorphic to `E[n]`, the points of odd prime order n, by adding the point
//! (0, 0) of order two (`sheaf_crypto::curve`). Circuits compute in `E[n]`, in x and y. Everything
//! here assumes that its points are elements of `E[n]` other than zero, and proves:
//!
//! 1. [`double`]: the result is 2P. It is never zero, because n is odd and P is not zero.
//! 2. [`double_and_add`]: the result is 2P + Q, and none of P + Q, 2P + Q is zero.
//! 3. [`add`] and [`add_into`]: the result is P + Q, and it is not zero.
//!
//! No case lets a wrong slope through. y is never zero in `E[n]`, so the slope λ of a tangent is
//! the only solution of λ·2y = 3x² + 4x + b. For two points, λ must satisfy two equations: the
//! chord's, λ(x_Q − x_P) = y_Q − y_P, and a second equation that every true slope satisfies, chord
//! or tangent. Where x_P ≠ x_Q, the first equation has one solution. Where P = Q, the first
//! equation reads 0 = 0, and the second becomes the tangent's. Where P = −Q, the first equation
//! reads 0 = 2y_Q and has no solution. The second equation is
//!
//! - λ(y_P + y_Q) = x_P² + x_P·x_Q + x_Q² + 2(x_P + x_Q) + b, the curve's equation at P minus that
//!   at Q, divided by x_P − x_Q; or
//! - x_P·x_Q + x_S(x_P + x_Q) = b − 2λν with ν = y_P − λx_P and the sum's x_S = λ² − 2 − x_P − x_Q:
//!   the coefficient of x in the cubic whose roots are the x of the line's three points. In this
//!   form no product of x_Q with an x of high degree occurs.
//!
//! In [`double_and_add`] the second slope μ belongs to P and P + Q and satisfies
//! (λ + μ)(x_P − x_{P+Q}) = 2y_P. Where x_P ≠ x_{P+Q}, this equation has one solution. Where
//! x_P = x_{P+Q}, it reads 0 = 2y_P and has none. So the case P + Q = −P, where 2P + Q = 0, has no
//! witness.
//!
//! An intermediate sum that is zero has no witness. Honest provers meet no such sum, because they
//! start from a point whose discrete logarithm nobody knows: `open_signature` has the argument.

use sheaf_crypto::curve::Point;
use sheaf_crypto::goldilocks::{Fe, ORDER};
use sheaf_crypto::quintic::{DEGREE, Fe5};
use sheaf_plonk::gates::value::{Apart, Value};

use crate::signature::quintic::{Quintic, elements, flat, quintics};

/// b = 263z.
const B: u64 = 263;
/// The coefficient of x² in the curve's equation.
const A: u64 = 2;

/// A point of `E[n]` other than zero, in x and y, as expressions of a row.
#[derive(Clone, Copy, Debug)]
pub struct Affine<V> {
    pub x: Quintic<V>,
    pub y: Quintic<V>,
}

impl<V: Value> Affine<V> {
    /// −P.
    #[inline(always)]
    pub fn negated(self) -> Self {
        Self { x: self.x, y: self.y.negated() }
    }
}

/// λ² − 2 − x_P − x_Q, the x of the sum.
#[inline(always)]
fn sum_x<V: Value>(slope: Quintic<V>, p: Quintic<V>, q: Quintic<V>) -> Quintic<V> {
    slope.square() - (p + q).plus(A)
}

/// 2P, from the slope of the tangent at P.
pub fn double<V: Value>(p: Affine<V>, slope: Quintic<V>, check: &mut impl FnMut(V)) -> Affine<V> {
    let found: [V; 15] = V::apart(Double, &flat(&[p.x, p.y, slope]));
    checked(&found, check)
}

/// 2P + Q, as (P + Q) + P, from the slopes of these two additions.
pub fn double_and_add<V: Value>(
    p: Affine<V>,
    q: Affine<V>,
    [first, second]: [Quintic<V>; 2],
    check: &mut impl FnMut(V),
) -> Affine<V> {
    let found: [V; 25] = V::apart(DoubleAndAdd, &flat(&[p.x, p.y, q.x, q.y, first, second]));
    checked(&found, check)
}

/// P + Q, from the slope of the line through P and Q.
pub fn add<V: Value>(
    p: Affine<V>,
    q: Affine<V>,
    slope: Quintic<V>,
    check: &mut impl FnMut(V),
) -> Affine<V> {
    let found: [V; 20] = V::apart(Add, &flat(&[p.x, p.y, q.x, q.y, slope]));
    checked(&found, check)
}

/// Passes all values but the last ten to `check`; returns the point whose x and y these ten are.
#[inline(always)]
fn checked<V: Value>(found: &[V], check: &mut impl FnMut(V)) -> Affine<V> {
    let (zeros, point) = found.split_at(found.len() - 2 * DEGREE);
    for zero in zeros {
        check(*zero);
    }
    let [x, y] = quintics(point);
    Affine { x, y }
}

/// 2P from P and the tangent's slope: five values that must be zero, then x and y.
#[derive(Clone, Copy)]
struct Double;

impl Apart<15, 15> for Double {
    #[inline(always)]
    fn run<V: Value>(self, inputs: &[V; 15]) -> [V; 15] {
        let [px, py, slope] = quintics(inputs);
        let derivative = px.square().times_plus(3, px.times(2 * A)).plus_z(B);
        let tangent = slope.product(py).times(2) - derivative;
        let x = sum_x(slope, px, px);
        flat(&[tangent, x, slope.product(px - x) - py])
    }
}

/// 2P + Q from P, Q and two slopes: fifteen values that must be zero, then x and y.
#[derive(Clone, Copy)]
struct DoubleAndAdd;

impl Apart<30, 25> for DoubleAndAdd {
    #[inline(always)]
    fn run<V: Value>(self, inputs: &[V; 30]) -> [V; 25] {
        let [px, py, qx, qy, first, second] = quintics(inputs);
        let [chord, other] = slope_checks(Affine { x: px, y: py }, Affine { x: qx, y: qy }, first);
        let first_square = first.square();
        let between = first_square - (px + qx).plus(A);
        let both = (first + second).product(px - between) - py.times(2);
        // second² − 2 − x_{P+Q} − x_P
        let x = second.square() - first_square + qx;
        flat(&[chord, other, both, x, second.product(px - x) - py])
    }
}

/// P + Q from P, Q and the slope: ten values that must be zero, then x and y.
#[derive(Clone, Copy)]
struct Add;

impl Apart<25, 20> for Add {
    #[inline(always)]
    fn run<V: Value>(self, inputs: &[V; 25]) -> [V; 20] {
        let [px, py, qx, qy, slope] = quintics(inputs);
        let [chord, other] = slope_checks(Affine { x: px, y: py }, Affine { x: qx, y: qy }, slope);
        let x = sum_x(slope, px, qx);
        flat(&[chord, other, x, slope.product(px - x) - py])
    }
}

/// The chord's equation and the first form of the second equation.
#[inline(always)]
fn slope_checks<V: Value>(p: Affine<V>, q: Affine<V>, slope: Quintic<V>) -> [Quintic<V>; 2] {
    let chord = slope.product(q.x - p.x) - (q.y - p.y);
    let sum = p.x + q.x;
    let quotient = sum.times_plus(A, sum.square() - p.x.product(q.x)).plus_z(B);
    [chord, slope.product(p.y + q.y) - quotient]
}

/// P + Q from P, Q, the slope, and the sum's x, which has wires of its own: what must be zero, and
/// the sum. The coordinates of Q may have a high degree: they are multiplied by wires only.
#[inline(always)]
pub fn add_into<V: Value>(
    p: Affine<V>,
    q: Affine<V>,
    [slope, x]: [Quintic<V>; 2],
) -> ([Quintic<V>; 3], Affine<V>) {
    let chord = slope.product(q.x - p.x) - (q.y - p.y);
    let square = slope.square();
    let sum = (x + p.x + q.x - square).plus(A);
    let products = q.x.product(x) + p.x.product(square - p.x.plus(A));
    let twice_intercept = (p.y - slope.product(p.x)).times(2);
    let coefficient = (products + slope.product(twice_intercept)).plus_z(ORDER - B);
    ([chord, sum, coefficient], Affine { x, y: slope.product(p.x - x) - p.y })
}

/// A point of `E[n]` other than zero, as the prover computes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NativePoint {
    pub x: Fe5,
    pub y: Fe5,
}

impl NativePoint {
    /// The image of a group element; `None` for the neutral element.
    pub fn from_group(point: &Point) -> Option<Self> {
        if point.is_neutral() {
            return None;
        }
        // The group element is (x, y) + (0, 0) = (b/x, −b·y/x²), with (x, y) the image; its w is
        // −y/x.
        let (x, _) = point.coordinates();
        let x = Fe5([0, B, 0, 0, 0].map(Fe::from_u64)) * x.inverse();
        Some(Self { x, y: -(point.encode() * x) })
    }

    /// −P.
    pub fn negated(self) -> Self {
        Self { x: self.x, y: -self.y }
    }

    /// The point of a window for the base `self` and its triple: −3B, −B, B or 3B for 0, 1, 2 or 3.
    pub fn window_multiple(self, triple: Self, window: usize) -> Self {
        [triple.negated(), self.negated(), self, triple][window]
    }

    /// The slope of the tangent at the point.
    pub fn tangent(self) -> Fe5 {
        let square = self.x.square();
        let mut derivative = square.double() + square + self.x.double().double();
        derivative.0[1] += Fe::from_u64(B);
        derivative * self.y.double().inverse()
    }

    /// The slope of the line through two points; of the tangent if the points are equal.
    pub fn slope(self, rhs: Self) -> Fe5 {
        if self == rhs {
            return self.tangent();
        }
        (rhs.y - self.y) * (rhs.x - self.x).inverse()
    }

    /// The sum of two points, given the slope of the line through them.
    pub fn add_by(self, rhs: Self, slope: Fe5) -> Self {
        let mut x = slope.square() - self.x - rhs.x;
        x.0[0] -= Fe::from_u64(A);
        Self { x, y: slope * (self.x - x) - self.y }
    }

    /// 2P + Q and its two slopes.
    pub fn double_and_add(self, rhs: Self) -> (Self, [Fe5; 2]) {
        let first = self.slope(rhs);
        let between = self.add_by(rhs, first);
        let second = self.slope(between);
        (self.add_by(between, second), [first, second])
    }

    /// The point as constants of a circuit.
    pub fn constant<V: Value>(self, ring: V) -> Affine<V> {
        let lift = |value: Fe5| Quintic(elements(value).map(|a| ring.constant(a)));
        Affine { x: lift(self.x), y: lift(self.y) }
    }
}
