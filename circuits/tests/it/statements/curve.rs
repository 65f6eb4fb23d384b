//! The curve y² = x(x² + 2x + 263z) in the ledger's arithmetic: the equations of slopes.

use plonky2::field::types::PrimeField64;
use sheaf_circuits::signature::curve::NativePoint;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::quintic::Fe5;
use sheaf_plonk::proof::{F, element};

use crate::statements::span::Statements;

pub(super) fn quintic(coefficients: &[F]) -> Fe5 {
    Fe5(core::array::from_fn(|i| Fe::from_u64(coefficients[i].to_canonical_u64())))
}

pub(super) fn coefficients(value: Fe5) -> [F; 5] {
    value.0.map(element)
}

pub(super) fn b() -> Fe5 {
    Fe5([0, 263, 0, 0, 0].map(Fe::from_u64))
}

fn small(value: u64) -> Fe5 {
    Fe5::from_base(Fe::from_u64(value))
}

/// A point in wires.
pub(super) fn point(x: &[F], y: &[F]) -> NativePoint {
    NativePoint { x: quintic(x), y: quintic(y) }
}

/// Equations over the quintic extension, five statements each.
pub(super) trait CurveStatements {
    fn quintic(&mut self, name: &str, value: Fe5);

    /// 2P, with the tangent's slope.
    fn double(&mut self, name: &str, p: NativePoint, slope: Fe5) -> NativePoint {
        let derivative = p.x.square() * small(3) + p.x * small(4) + b();
        self.quintic(&format!("{name}: the tangent"), slope * p.y.double() - derivative);
        p.add_by(p, slope)
    }

    /// P + Q, with a slope that is the chord's, or the tangent's where the points are one.
    fn add(&mut self, name: &str, [p, q]: [NativePoint; 2], slope: Fe5) -> NativePoint {
        self.quintic(&format!("{name}: the chord"), slope * (q.x - p.x) - (q.y - p.y));
        let squares = p.x.square() + p.x * q.x + q.x.square();
        let quotient = squares + (p.x + q.x).double() + b();
        self.quintic(&format!("{name}: the slope"), slope * (p.y + q.y) - quotient);
        p.add_by(q, slope)
    }

    /// P + Q, whose x is in wires.
    fn add_into(
        &mut self,
        name: &str,
        [p, q]: [NativePoint; 2],
        [slope, x]: [Fe5; 2],
    ) -> NativePoint {
        self.quintic(&format!("{name}: the chord"), slope * (q.x - p.x) - (q.y - p.y));
        let sum = slope.square() - small(2) - p.x - q.x;
        self.quintic(&format!("{name}: x of the sum"), x - sum);
        // The coefficient of x in the cubic whose roots are the line's points. Where it is written
        // with the sum that the slope gives, no product of two selected coordinates occurs.
        let intercept = p.y - slope * p.x;
        let third = slope.square() - small(2) - p.x;
        let pairs = q.x * x + p.x * third;
        self.quintic(&format!("{name}: the line"), pairs + (slope * intercept).double() - b());
        NativePoint { x, y: slope * (p.x - x) - p.y }
    }

    /// 2P + Q as (P + Q) + P.
    fn double_and_add(
        &mut self,
        name: &str,
        [p, q]: [NativePoint; 2],
        [first, second]: [Fe5; 2],
    ) -> NativePoint {
        let between = self.add(name, [p, q], first);
        let vertical = (first + second) * (p.x - between.x) - p.y.double();
        self.quintic(&format!("{name}: the second slope"), vertical);
        p.add_by(between, second)
    }
}

impl CurveStatements for Statements {
    fn quintic(&mut self, name: &str, value: Fe5) {
        self.equal(name, &coefficients(value), &[F::default(); 5]);
    }
}
