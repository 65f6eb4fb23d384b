//! Compares the polynomials that a gate makes zero with those that a test states.

use plonky2::field::types::{Field, Sample};
use plonky2::gates::gate::Gate;
use plonky2::hash::hash_types::HashOut;
use plonky2::plonk::vars::EvaluationVarsBaseBatch;
use sheaf_plonk::gates::rules::{RowRules, RulesGate};
use sheaf_plonk::gates::wires::Wires;
use sheaf_plonk::proof::F;

/// Points beyond as many as there are polynomials: sums that agree there agree everywhere.
const MORE_POINTS: usize = 8;

/// Named values that must be zero.
#[derive(Default)]
pub(super) struct Statements(Vec<(String, F)>);

impl Statements {
    pub(super) fn zero(&mut self, name: &str, value: F) {
        self.0.push((name.to_owned(), value));
    }

    pub(super) fn equal(&mut self, name: &str, left: &[F], right: &[F]) {
        assert_eq!(left.len(), right.len(), "{name}");
        for (i, (left, right)) in left.iter().zip(right).enumerate() {
            self.zero(&format!("{name}, {i}"), *left - *right);
        }
    }

    pub(super) fn bit(&mut self, name: &str, value: F) {
        self.zero(name, value * (value - F::ONE));
    }

    /// Each limb is 0, 1, 2 or 3.
    pub(super) fn limbs(&mut self, name: &str, limbs: &[F]) {
        for (i, limb) in limbs.iter().enumerate() {
            let factors = [0, 1, 2, 3].map(|value| *limb - number(value));
            self.zero(&format!("{name}, limb {i}"), factors.into_iter().product());
        }
    }
}

pub(super) fn number(value: u64) -> F {
    F::from_canonical_u64(value)
}

/// 2^`exponent`
pub(super) fn power(exponent: usize) -> F {
    F::TWO.exp_u64(exponent as u64)
}

/// The integer of limbs of two bits, lowest first.
pub(super) fn of_limbs(limbs: &[F]) -> F {
    limbs.iter().enumerate().map(|(i, limb)| *limb * power(2 * i)).sum()
}

/// A row of the rules `R` as inputs, outputs and hints.
type Parts<R> =
    (<R as RowRules>::Inputs<F>, <R as RowRules>::Outputs<F>, <R as RowRules>::Hints<F>);

fn parts<R: RowRules>(wires: &[F]) -> Parts<R> {
    let mut wires = wires.iter();
    let mut next = || *wires.next().expect("as many as the row has");
    let inputs = R::Inputs::read(&mut next);
    let outputs = R::Outputs::read(&mut next);
    (inputs, outputs, R::Hints::read(&mut next))
}

/// Values of polynomials at one list of points, in steps: each has its first value other than zero
/// where all later ones have zero.
struct Span(Vec<(usize, Vec<F>)>);

impl Span {
    fn of(polynomials: &[Vec<F>]) -> Self {
        let mut span = Self(Vec::new());
        for polynomial in polynomials {
            span.add(polynomial);
        }
        span
    }

    /// Takes the polynomial in, unless it is a sum of the others already.
    fn add(&mut self, polynomial: &[F]) -> bool {
        let rest = self.rest(polynomial);
        let Some(first) = rest.iter().position(|value| !value.is_zero()) else { return false };
        let scale = rest[first].inverse();
        self.0.push((first, rest.iter().map(|value| *value * scale).collect()));
        true
    }

    /// What is left of a polynomial once its part among the others is taken off.
    fn rest(&self, polynomial: &[F]) -> Vec<F> {
        let mut rest = polynomial.to_vec();
        for (first, other) in &self.0 {
            let factor = rest[*first];
            rest.iter_mut().zip(other).for_each(|(value, other)| *value -= factor * *other);
        }
        rest
    }
}

/// By polynomial, from its values by point.
fn transposed(points: &[Vec<F>]) -> Vec<Vec<F>> {
    (0..points[0].len()).map(|i| points.iter().map(|values| values[i]).collect()).collect()
}

/// What a gate demands beside what is stated, as values at random points.
pub(crate) struct Comparison {
    /// The name of the gate.
    pub gate: &'static str,
    names: Vec<String>,
    stated: Vec<Vec<F>>,
    demanded: Vec<Vec<F>>,
}

impl Comparison {
    /// Compares the rules `R` with statements.
    pub(super) fn of<R: RowRules>(state: impl Fn(&mut Statements, &Parts<R>)) -> Self {
        let gate = RulesGate::<R>::new();
        let count = Gate::<F, 2>::num_constraints(&gate);
        let (mut demanded, mut stated, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..count + MORE_POINTS {
            let wires = F::rand_vec(gate.num_wires());
            let hash = HashOut::ZERO;
            let vars = EvaluationVarsBaseBatch::new(1, &[], &wires, &hash);
            demanded.push(gate.eval_unfiltered_base_batch(vars));
            let mut statements = Statements::default();
            state(&mut statements, &parts::<R>(&wires));
            (names, _) = statements.0.iter().cloned().unzip::<String, F, Vec<_>, Vec<_>>();
            stated.push(statements.0.into_iter().map(|(_, value)| value).collect());
        }
        let (demanded, stated) = (transposed(&demanded), transposed(&stated));
        Self { gate: R::NAME, names, stated, demanded }
    }

    /// How many constraints the gate has.
    pub(crate) const fn constraints(&self) -> usize {
        self.demanded.len()
    }

    /// The statements that the gate does not demand, without one of its constraints or with all.
    pub(crate) fn missing(&self, without: Option<usize>) -> Vec<&str> {
        let demanded = self.demanded.iter().enumerate();
        let left = demanded.filter(|(number, _)| Some(*number) != without);
        let left: Vec<Vec<F>> = left.map(|(_, values)| values.clone()).collect();
        let span = Span::of(&left);
        let is_demanded = |values: &Vec<F>| span.rest(values).iter().all(Field::is_zero);
        let stated = self.names.iter().zip(&self.stated);
        stated.filter(|(_, values)| !is_demanded(values)).map(|(name, _)| name.as_str()).collect()
    }

    /// Asserts that the gate demands what is stated and nothing else, and that nothing is stated
    /// twice.
    pub(super) fn check(&self) {
        let Self { gate, names, stated, demanded } = self;
        let missing = self.missing(None);
        assert!(missing.is_empty(), "{gate} does not demand: {missing:#?}");
        let mut said = Span(Vec::new());
        for (name, values) in names.iter().zip(stated) {
            assert!(said.add(values), "{gate}: {name} follows from what is stated before");
        }
        for (i, values) in demanded.iter().enumerate() {
            let unsaid = said.add(values);
            assert!(!unsaid, "{gate}: nothing states constraint {i} of {}", demanded.len());
        }
        assert_eq!(said.0.len(), demanded.len(), "{gate}: a constraint is demanded twice");
    }
}
