//! The subgroup of order n of the curve of EcGFp5, in x and y. Sums of many points are computed
//! here instead of in the group.
//!
//! Adding N = (0, 0) maps the subgroup to the group one to one. An addition in the subgroup has
//! exceptions and a division, but if many additions share the division, each costs six products
//! instead of eight.

use crate::goldilocks::Fe;
use crate::quintic::Fe5;

/// The curve's constant is b = 263z.
pub(crate) const B: u32 = 263;

/// A point of the subgroup. Zero has no coordinates and is represented by those of N, which is not
/// in the subgroup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Torsion {
    pub(crate) x: Fe5,
    pub(crate) y: Fe5,
}

impl Torsion {
    /// The zero of the subgroup.
    pub(crate) const ZERO: Self = Self { x: Fe5::ZERO, y: Fe5::ZERO };

    #[inline(always)]
    pub(crate) fn is_zero(&self) -> bool {
        // No point of the subgroup has x = 0, but N does.
        self.x.is_zero()
    }

    /// The image of the group element encoded as `w`, or `None` if no element has this encoding.
    ///
    /// The curve's points with y = w·x, except N, have the two solutions of x² − (w² − 2)x + b = 0
    /// as x. The product of the solutions is b, a non-square, so exactly one x is a square. The
    /// points of the subgroup are those whose x is a square. The point (x, −w·x) with this x is
    /// thus in the subgroup, and adding N gives the element of the group that has the other x and
    /// is encoded as w.
    pub(crate) fn decode_vartime(w: Fe5) -> Option<Self> {
        if w.is_zero() {
            return Some(Self::ZERO);
        }
        let mut sum = w.square();
        sum.0[0] -= Fe::from(2);
        let mut discriminant = sum.square();
        discriminant.0[1] -= Fe::from(4 * B);
        let root = discriminant.sqrt_vartime()?;
        let candidate = (sum + root).halve();
        let x = if candidate.is_square() { candidate } else { candidate - root };
        Some(Self { x, y: -(w * x) })
    }

    #[inline(always)]
    pub(crate) fn negated(&self) -> Self {
        Self { x: self.x, y: -self.y }
    }

    /// The denominator of the slope through two points; zero if `add_by_slope` needs no slope.
    #[inline(always)]
    pub(crate) fn slope_denominator(&self, rhs: &Self) -> Fe5 {
        if self.is_zero() || rhs.is_zero() {
            return Fe5::ZERO;
        }
        if self.x != rhs.x {
            return rhs.x - self.x;
        }
        // The subgroup has odd order, so y is never zero.
        if self.y == rhs.y { self.y.double() } else { Fe5::ZERO }
    }

    /// The sum, given the inverse of `slope_denominator`.
    #[inline(always)]
    pub(crate) fn add_by_slope(&self, rhs: &Self, inverse: Fe5) -> Self {
        if inverse.is_zero() {
            return match (self.is_zero(), rhs.is_zero()) {
                (true, _) => *rhs,
                (_, true) => *self,
                _ => Self::ZERO,
            };
        }
        let numerator = if self.x == rhs.x {
            // 3x² + 4x + b, the derivative of x³ + 2x² + bx.
            let square = self.x.square();
            let mut derivative = square.double() + square + self.x.double().double();
            derivative.0[1] += Fe::from(B);
            derivative
        } else {
            rhs.y - self.y
        };
        let slope = numerator * inverse;
        let mut x = slope.square() - self.x - rhs.x;
        x.0[0] -= Fe::from(2);
        Self { x, y: slope * (self.x - x) - self.y }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Point;
    use crate::fixed_base::generator_product;
    use crate::scalar::Scalar;
    use proptest::prelude::*;

    /// What decoding rests on, here and in the signature circuit.
    #[test]
    fn b_is_no_square() {
        assert!(!Fe5::ONE.scale_z(B).is_square());
        assert!(Fe5::ONE.scale_z(B).square().is_square());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn torsion_adds_like_the_group(a in 0u64..20, b in 0u64..20) {
            let [pa, pb] = [a, b].map(|scalar| generator_product(&Scalar::from(scalar)));
            let torsion = |point: Point| Torsion::decode_vartime(point.encode()).expect("a point");
            let (ta, tb) = (torsion(pa), torsion(pb));
            let sum = ta.add_by_slope(&tb, ta.slope_denominator(&tb).inverse());
            prop_assert_eq!(Point::from_torsion(&sum), pa + pb);
            prop_assert_eq!(Point::from_torsion(&ta.negated()), -pa);
        }
    }
}
