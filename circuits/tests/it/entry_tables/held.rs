//! What holds the cells of a table's row: its rules, what it receives, and the digests that it asks
//! for.
//!
//! Each of these is an equation: an expression that is zero in an honest row. What a row sends is
//! no equation, because it is what others take for true.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use sheaf_crypto::poseidon::WIDTH;
use sheaf_plonk::gates::value::Value;
use sheaf_plonk::tables::permutation::{DIGESTS, STATES};
use sheaf_plonk::tables::rules::{Bus, Collect, Direction};

use super::given::Given;
use super::poseidon::permuted;
use crate::first_order::dual::Dual;
use crate::first_order::kernel::{spare_rows, support_of_kernel};

/// An honest row with what it exchanges.
pub(crate) struct Held<R> {
    pub row: Vec<F>,
    /// The columns that are the prover's choice.
    pub free: Vec<usize>,
    /// By message: its fields, and the state after the permutation if it asks for one.
    messages: Vec<(Vec<F>, Option<[F; WIDTH]>)>,
    /// How many rules there are.
    pub rules: usize,
    /// For each equation after the rules, whether it is a field that the row is told.
    is_told: Vec<bool>,
    rules_of: PhantomData<R>,
}

/// The values of a row's equations, rules first.
struct Reading<'a, V, R> {
    honest: &'a Held<R>,
    rules: Vec<V>,
    others: Vec<V>,
    message: usize,
}

/// Takes an honest row's messages down.
struct Recording<'a, R>(&'a mut Held<R>);

/// What a row asks of the table of permutations.
fn is_asked(bus: Bus, direction: Direction) -> bool {
    direction == Direction::Send && [DIGESTS, STATES].contains(&bus)
}

fn state<V: Copy>(fields: &[V]) -> [V; WIDTH] {
    core::array::from_fn(|i| fields[i])
}

impl<R: Given> Collect<F> for Recording<'_, R> {
    fn zero(&mut self, value: F) {
        assert!(value.is_zero(), "{}: an honest row breaks rule {}", R::NAME, self.0.rules);
        self.0.rules += 1;
    }

    fn message(&mut self, bus: Bus, direction: Direction, count: F, fields: &[F]) {
        let after = is_asked(bus, direction).then(|| permuted(state(fields)));
        if let (Some(after), false) = (after, count.is_zero()) {
            assert_eq!(fields[WIDTH..], after[..fields.len() - WIDTH], "{}: a digest", R::NAME);
        }
        let told = if direction == Direction::Receive { R::given(bus) } else { fields.len() };
        let fields = fields[..told.min(fields.len())].to_vec();
        match direction {
            Direction::Receive => self.0.is_told.extend(fields.iter().map(|_| true)),
            Direction::Send if after.is_some() => {
                self.0.is_told.extend(fields[WIDTH..].iter().map(|_| false));
            }
            Direction::Send => {}
        }
        self.0.messages.push((fields, after));
    }
}

impl<V: Value + PartialEq, R: Given> Collect<V> for Reading<'_, V, R> {
    fn zero(&mut self, value: V) {
        self.rules.push(value);
    }

    fn message(&mut self, _: Bus, direction: Direction, count: V, fields: &[V]) {
        let (honest, after) = &self.honest.messages[self.message];
        self.message += 1;
        let lifted = |value: &F| count.constant(*value);
        if let Some(after) = after {
            let state = state(fields);
            let is_honest = state.iter().zip(honest).all(|(now, was)| *now == lifted(was));
            let after = if is_honest { after.map(|value| lifted(&value)) } else { permuted(state) };
            let asked = fields[WIDTH..].iter().zip(after);
            self.others.extend(asked.map(|(digest, after)| count * (*digest - after)));
        } else if direction == Direction::Receive {
            let told = fields.iter().zip(honest);
            self.others.extend(told.map(|(now, was)| count * (*now - lifted(was))));
        }
    }
}

impl<R: Given> Held<R> {
    pub(crate) fn new(row: &[F]) -> Self {
        let mut held = Self {
            row: row.to_vec(),
            free: R::free(row),
            messages: Vec::new(),
            rules: 0,
            is_told: Vec::new(),
            rules_of: PhantomData,
        };
        R::evaluate(row, &mut Recording(&mut held));
        held
    }

    /// The equations of another row in this row's place, the rules first.
    fn equations<V: Value + PartialEq>(&self, row: &[V]) -> Vec<V> {
        let (rules, others) = (Vec::with_capacity(self.rules), Vec::new());
        let mut reading = Reading { honest: self, rules, others, message: 0 };
        R::evaluate(row, &mut reading);
        let Reading { mut rules, others, .. } = reading;
        rules.extend(others);
        rules
    }

    /// The number of the equation that another row breaks alone: an equation of its own, whatever
    /// the row is told, because others may lie with it; or one of what the row is told.
    pub(crate) fn broken_alone(&self, row: &[F]) -> Option<usize> {
        let equations = self.equations(row).into_iter().enumerate();
        let broken = equations.filter(|(_, value)| !value.is_zero()).map(|(number, _)| number);
        let is_told = |number: &usize| *number >= self.rules && self.is_told[number - self.rules];
        let (told, own): (Vec<usize>, Vec<usize>) = broken.partition(is_told);
        match (&own[..], &told[..]) {
            ([alone], _) | ([], [alone]) => Some(*alone),
            _ => None,
        }
    }

    /// The derivatives of all equations by each column, without those of the free columns.
    fn derivatives(&self) -> Vec<Vec<F>> {
        let along = |moved: usize| {
            let lift = |(column, &value): (usize, &F)| Dual {
                value,
                slope: F::from_bool(column == moved),
            };
            let row: Vec<Dual> = self.row.iter().enumerate().map(lift).collect();
            self.equations(&row)
        };
        let mut rows: Vec<Vec<F>> = Vec::new();
        for column in 0..self.row.len() {
            let slopes = along(column);
            rows.resize_with(slopes.len(), Vec::new);
            rows.iter_mut().zip(slopes).for_each(|(row, slope)| row.push(slope.slope));
        }
        rows
    }

    /// The same with an equation for each free column: it stays.
    fn held_derivatives(&self) -> Vec<Vec<F>> {
        let mut rows = self.derivatives();
        rows.extend(
            self.free.iter().map(|&free| {
                (0..self.row.len()).map(|column| F::from_bool(column == free)).collect()
            }),
        );
        rows
    }

    /// The columns that can move a little while nothing is broken.
    pub(crate) fn moving(&self) -> BTreeSet<usize> {
        support_of_kernel(self.derivatives())
    }

    /// The same while the free columns stay, without one of the rules or with all of them.
    pub(crate) fn moving_while_held(&self, without: Option<usize>) -> BTreeSet<usize> {
        let rows = self.held_derivatives().into_iter().enumerate();
        let left = rows.filter(|(number, _)| Some(*number) != without);
        support_of_kernel(left.map(|(_, row)| row).collect())
    }

    /// The equations without which some column that is not free moves a little.
    pub(crate) fn needed(&self) -> BTreeSet<usize> {
        let spare = spare_rows(&self.held_derivatives());
        (0..self.names().len()).filter(|equation| !spare.contains(equation)).collect()
    }

    /// The equations' names, those of rules first.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut naming = Naming { rules: 0, messages: 0, others: Vec::new(), of: self };
        R::evaluate(&self.row, &mut naming);
        let Naming { rules, others, .. } = naming;
        let rules = (0..rules).map(|rule| format!("{}: rule {rule}", R::NAME));
        rules.chain(others).collect()
    }
}

/// Names a row's equations.
struct Naming<'a, R> {
    of: &'a Held<R>,
    rules: usize,
    messages: usize,
    others: Vec<String>,
}

impl<R: Given> Collect<F> for Naming<'_, R> {
    fn zero(&mut self, _: F) {
        self.rules += 1;
    }

    fn message(&mut self, bus: Bus, direction: Direction, _: F, fields: &[F]) {
        let (told, asked) = &self.of.messages[self.messages];
        let named = match (asked, direction) {
            (Some(_), _) => WIDTH..fields.len(),
            (None, Direction::Receive) => 0..told.len(),
            (None, Direction::Send) => 0..0,
        };
        let (table, message) = (R::NAME, self.messages);
        self.messages += 1;
        let name = |field| format!("{table}: field {field} of message {message}, on {bus:?}");
        self.others.extend(named.map(name));
    }
}
