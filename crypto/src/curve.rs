//! EcGFp5: the group of prime order n in which keys and signatures live (Pornin, eprint 2022/274).
//!
//! The curve is y² = x(x² + 2x + b) over GF(p^5) with b = 263z. It has order 2n; the group is made
//! of the points that are *not* n-torsion, and its neutral element is N = (0, 0), with the law
//! P ∗ Q = P + Q + N. Points are fractions x = X/Z, u = x/y = U/T, with u = 0 for N; formulas are
//! complete. A point is encoded as w = y/x = 1/u, and N as zero.
//!
//! `multi_scalar` computes sums of many points, `fixed_base` products of the generator.

use crate::goldilocks::Fe;
use crate::quintic::Fe5;
use crate::recoding::{ODD_MULTIPLES, signed_odd_digits};
use crate::scalar::Scalar;
use crate::torsion::{B, Torsion};

/// The w of the conventional generator.
const GENERATOR: Fe5 = Fe5::from_base(Fe::from_u64(4));

/// An element of the group.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    x: Fe5,
    z: Fe5,
    u: Fe5,
    t: Fe5,
}

/// A point with denominators one, as in tables.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AffinePoint {
    pub(crate) x: Fe5,
    pub(crate) u: Fe5,
}

impl Point {
    /// The neutral element.
    pub const NEUTRAL: Self = Self { x: Fe5::ZERO, z: Fe5::ONE, u: Fe5::ZERO, t: Fe5::ONE };

    /// The conventional generator, w = 4.
    pub fn generator() -> Self {
        Self::decode_vartime(GENERATOR).expect("the published generator is on the curve")
    }

    /// The element that a point (x′, y′) of the torsion subgroup becomes when N is added: with
    /// u = 1/w = −x′/y′ and x = b/x′.
    pub(crate) fn from_torsion(torsion: &Torsion) -> Self {
        if torsion.is_zero() {
            return Self::NEUTRAL;
        }
        // N + (x, y) = (b/x, −b·y/x²).
        let &Torsion { x, y } = torsion;
        Self { x: Fe5::ONE.scale_z(B), z: x, u: -x, t: y }
    }

    /// The point encoded as `w`, or `None` if no point has this encoding.
    pub fn decode_vartime(w: Fe5) -> Option<Self> {
        Torsion::decode_vartime(w).as_ref().map(Self::from_torsion)
    }

    /// w = y/x, zero for the neutral element: one value for each point.
    pub fn encode(&self) -> Fe5 {
        self.t * self.u.inverse()
    }

    /// The coordinates x and u. u is x/y, and zero for the neutral element.
    pub fn coordinates(&self) -> (Fe5, Fe5) {
        (self.x * self.z.inverse(), self.u * self.t.inverse())
    }

    /// Whether the point is the neutral element.
    pub fn is_neutral(&self) -> bool {
        self.u.is_zero()
    }

    /// The point added to itself: 4 products and 5 squares.
    #[inline]
    pub fn double(&self) -> Self {
        let Self { x, z, u, t } = *self;
        let zt = z * t;
        let ztt = zt * t;
        let ztu = zt * u;
        let w = ztt - (x + z).double() * u.square();
        let ztu_square = ztu.square();
        let new_z = w.square();
        Self {
            x: ztu_square.scale_z(4 * B),
            z: new_z,
            u: (w + ztu).square() - ztu_square - new_z,
            t: ztt.square().double() - ztu_square.double().double() - new_z,
        }
    }

    /// `scalar` times the point. Variable time: for public scalars only.
    pub fn mul_vartime(&self, scalar: &Scalar) -> Self {
        let digits = signed_odd_digits(scalar.limbs());
        let mut odd_multiples = [*self; ODD_MULTIPLES];
        let twice = self.double();
        for i in 1..ODD_MULTIPLES {
            odd_multiples[i] = odd_multiples[i - 1] + twice;
        }
        let mut result = Self::NEUTRAL;
        for digit in digits.into_iter().rev() {
            if !result.is_neutral() {
                result = result.double();
            }
            let multiple = odd_multiples[usize::from(digit.unsigned_abs() / 2)];
            match digit.signum() {
                1 => result = result + multiple,
                -1 => result = result - multiple,
                _ => {}
            }
        }
        result
    }

    /// The sum with a point of a table: 8 products.
    #[inline]
    pub(crate) fn add_affine(&self, rhs: &AffinePoint) -> Self {
        let t5 = self.x + rhs.x * self.z;
        let t6 = self.u + rhs.u * self.t;
        Self::finish_addition(self.x * rhs.x, self.z, self.u * rhs.u, [self.t, t5, t6])
    }

    /// The common end of both additions (Pornin, section 4.2), from x₁x₂, z₁z₂, u₁u₂ and
    /// [t₁t₂, x₁z₂ + x₂z₁, u₁t₂ + u₂t₁].
    #[inline(always)]
    fn finish_addition(t1: Fe5, t2: Fe5, t3: Fe5, [t4, t5, t6]: [Fe5; 3]) -> Self {
        let bz = t2.scale_z(B);
        let t7 = t1 + bz;
        let t8 = t4 * t7;
        let t9 = t3 * (t5.scale_z(2 * B) + t7.double());
        let t10 = (t4 + t3.double()) * (t5 + t7);
        Self { x: (t10 - t8).scale_z(B), z: t8 - t9, u: t6 * (bz - t1), t: t8 + t9 }
    }

    /// Converts all points to denominators one, at the cost of one inversion.
    pub(crate) fn to_affine_all(points: &[Self]) -> Vec<AffinePoint> {
        let mut denominators: Vec<Fe5> =
            points.iter().flat_map(|point| [point.z, point.t]).collect();
        Fe5::invert_all_vartime(&mut denominators, &mut Vec::new());
        let (pairs, _) = denominators.as_chunks::<2>();
        let scale =
            |(point, [z, t]): (&Self, &[Fe5; 2])| AffinePoint { x: point.x * *z, u: point.u * *t };
        points.iter().zip(pairs).map(scale).collect()
    }
}

impl AffinePoint {
    pub(crate) const NEUTRAL: Self = Self { x: Fe5::ZERO, u: Fe5::ZERO };

    #[inline(always)]
    pub(crate) fn negated(&self) -> Self {
        Self { x: self.x, u: -self.u }
    }
}

/// Points are equal as elements of the group, in whatever fractions they are written.
impl PartialEq for Point {
    fn eq(&self, rhs: &Self) -> bool {
        self.u * rhs.t == rhs.u * self.t
    }
}

impl Eq for Point {}

impl core::ops::Add for Point {
    type Output = Self;

    /// 10 products.
    #[inline]
    fn add(self, rhs: Self) -> Self {
        let t1 = self.x * rhs.x;
        let t2 = self.z * rhs.z;
        let t3 = self.u * rhs.u;
        let t4 = self.t * rhs.t;
        let t5 = (self.x + self.z) * (rhs.x + rhs.z) - t1 - t2;
        let t6 = (self.u + self.t) * (rhs.u + rhs.t) - t3 - t4;
        Self::finish_addition(t1, t2, t3, [t4, t5, t6])
    }
}

impl core::ops::Sub for Point {
    type Output = Self;

    #[inline]
    fn sub(self, rhs: Self) -> Self {
        self + -rhs
    }
}

impl core::ops::Neg for Point {
    type Output = Self;

    #[inline]
    fn neg(self) -> Self {
        Self { u: -self.u, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixed_base::{generator_product, generator_product_vartime};
    use proptest::prelude::*;

    /// Encodings of P₁ to P₇ from the reference implementation (github.com/pornin/ecgfp5), where
    /// P₃ = P₁ + P₂, P₄ = 2P₁, P₅ = 2P₂, P₆ = 2P₁ + P₂, P₇ = P₁ + 2P₂.
    const POINTS: [[u64; 5]; 7] = [
        [
            12539254003028696409,
            15524144070600887654,
            15092036948424041984,
            11398871370327264211,
            10958391180505708567,
        ],
        [
            11001943240060308920,
            17075173755187928434,
            3940989555384655766,
            15017795574860011099,
            5548543797011402287,
        ],
        [
            246872606398642312,
            4900963247917836450,
            7327006728177203977,
            13945036888436667069,
            3062018119121328861,
        ],
        [
            8058035104653144162,
            16041715455419993830,
            7448530016070824199,
            11253639182222911208,
            6228757819849640866,
        ],
        [
            10523134687509281194,
            11148711503117769087,
            9056499921957594891,
            13016664454465495026,
            16494247923890248266,
        ],
        [
            12173306542237620,
            6587231965341539782,
            17027985748515888117,
            17194831817613584995,
            10056734072351459010,
        ],
        [
            9420857400785992333,
            4695934009314206363,
            14471922162341187302,
            13395190104221781928,
            16359223219913018041,
        ],
    ];

    /// Encodings of no point, from the same source.
    const NO_POINTS: [[u64; 5]; 6] = [
        [
            13557832913345268708,
            15669280705791538619,
            8534654657267986396,
            12533218303838131749,
            5058070698878426028,
        ],
        [
            135036726621282077,
            17283229938160287622,
            13113167081889323961,
            1653240450380825271,
            520025869628727862,
        ],
        [
            6727960962624180771,
            17240764188796091916,
            3954717247028503753,
            1002781561619501488,
            4295357288570643789,
        ],
        [
            4578929270179684956,
            3866930513245945042,
            7662265318638150701,
            9503686272550423634,
            12241691520798116285,
        ],
        [
            16890297404904119082,
            6169724643582733633,
            9725973298012340311,
            5977049210035183790,
            11379332130141664883,
        ],
        [
            13777379982711219130,
            14715168412651470168,
            17942199593791635585,
            6188824164976547520,
            15461469634034461986,
        ],
    ];

    fn element(words: [u64; 5]) -> Fe5 {
        Fe5(words.map(Fe::from_u64))
    }

    fn decode(words: [u64; 5]) -> Point {
        Point::decode_vartime(element(words)).expect("a published point")
    }

    #[test]
    fn the_published_points_add_up() {
        let [p1, p2, p3, p4, p5, p6, p7] = POINTS.map(decode);
        for (point, words) in [p1, p2, p3, p4, p5, p6, p7].iter().zip(POINTS) {
            assert_eq!(point.encode(), element(words));
        }
        let sums = [p1, p2, p1 + p2, p1 + p1, p2.double(), p1.double() + p2, p1 + p2 + p2];
        for (sum, words) in sums.iter().zip(POINTS) {
            assert_eq!(sum.encode(), element(words));
        }
        assert_eq!(p1 - p1, Point::NEUTRAL);
        assert_ne!(p1, p2);
        assert_eq!([p1 + Point::NEUTRAL, Point::NEUTRAL + p1], [p1, p1]);
        assert_eq!(Point::NEUTRAL.double(), Point::NEUTRAL);
        assert_eq!(Point::NEUTRAL.encode(), Fe5::ZERO);
        assert_eq!(Point::decode_vartime(Fe5::ZERO), Some(Point::NEUTRAL));
    }

    #[test]
    fn what_encodes_no_point_is_refused() {
        for words in NO_POINTS {
            assert_eq!(Point::decode_vartime(element(words)), None);
        }
    }

    #[test]
    fn the_published_product_is_reproduced() {
        let point = decode([
            7534507442095725921,
            16658460051907528927,
            12417574136563175256,
            2750788641759288856,
            620002843272906439,
        ]);
        let scalar =
            "1b1851c81d22d40d6d36ecce5427416608142f8fff64b47628cd3ff8aa2516d4bad0cc021a447c03";
        let bytes: Vec<u8> = hex::decode(scalar).expect("hexadecimal");
        let scalar = Scalar::from_le_bytes(&bytes.try_into().expect("forty")).expect("below n");
        let product = element([
            9486104512504676657,
            14312981644741144668,
            5159846406177847664,
            15978863787033795628,
            3249948839313771192,
        ]);
        assert_eq!(point.mul_vartime(&scalar).encode(), product);
    }

    #[test]
    fn the_generator_has_the_published_coordinates_and_order() {
        let (x, u) = Point::generator().coordinates();
        assert_eq!(
            x,
            element([
                12883135586176881569,
                4356519642755055268,
                5248930565894896907,
                2165973894480315022,
                2448410071095648785,
            ])
        );
        assert_eq!(u, element([13835058052060938241, 0, 0, 0, 0]));
        let minus = generator_product(&-Scalar::ONE);
        assert_eq!(minus + Point::generator(), Point::NEUTRAL);
    }

    fn scalar() -> impl Strategy<Value = Scalar> {
        prop_oneof![
            (0u64..40).prop_map(Scalar::from),
            (0u64..40).prop_map(|value| -Scalar::from(value)),
            prop::collection::vec(any::<u8>(), Scalar::WIDE_BYTES).prop_map(|bytes| {
                Scalar::from_wide_bytes(&bytes.try_into().expect("the length asked for"))
            }),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn the_group_laws_hold(a in scalar(), b in scalar(), c in scalar()) {
            let [pa, pb, pc] = [a, b, c].map(|scalar| generator_product(&scalar));
            prop_assert_eq!(pa + pb, pb + pa);
            prop_assert_eq!((pa + pb) + pc, pa + (pb + pc));
            prop_assert_eq!(pa.double(), pa + pa);
            prop_assert_eq!(pa + pb, generator_product(&(a + b)));
            prop_assert_eq!(pa.mul_vartime(&b), generator_product(&(a * b)));
            prop_assert_eq!(generator_product_vartime(&a), pa);
        }

        #[test]
        fn encodings_go_round(a in scalar()) {
            let point = generator_product(&a);
            let decoded = Point::decode_vartime(point.encode());
            prop_assert_eq!(decoded, Some(point));
            let (x, u) = point.coordinates();
            // x = b/x′ for a torsion x′, and y² = x(x² + 2x + b) with y = x/u.
            let sum = x.square() + x.double() + Fe5::ONE.scale_z(B);
            let expected = if point.is_neutral() { Fe5::ZERO } else { x.square() };
            prop_assert_eq!(x * u.square() * sum, expected);
        }
    }
}
