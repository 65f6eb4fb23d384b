//! Constraints that are left out, one at a time. Each loss must make a test fail that is none of
//! the pins.
//!
//! To build every circuit once more without a constraint would take days. So a mutant runs what a
//! test compares, or a lie that a test tells, without the constraint:
//!
//! | group | what is left out | what notices |
//! |---|---|---|
//! | rules | a constraint of a row of rules | `statements`: a statement is demanded no more |
//! | tables | a rule of a table's row | `entry_tables::determined`: a cell moves, or jumps |
//! | buses | a field of a message that a row takes | the same |
//! | messages | a message of a signature's rows | `entry_tables::told`: a lie |
//! | machines | an element of the machines that the tables lead from and to | a forged machine |
//! | copies | what makes a wire the copy of its source | `wiring`: the source is another |
//! | outer | a statement of the recursions behind the batch | a lie passes that the whole refuses |
//! | wrap | a row of the matrices | `wrap`: a variable moves, a bit is two, a proof is wrong |
//!
//! The contract that verifies proofs has mutants of its own: `npm run plants` in `contracts`.

mod buses;
mod copies;
mod outer;
mod rules;

use rayon::prelude::*;

use crate::wrap;

/// A constraint that is left out.
pub(crate) struct Mutant {
    name: String,
    /// Whether a test fails without the constraint.
    is_caught: Box<dyn Fn() -> bool + Send + Sync>,
}

impl Mutant {
    pub(crate) fn new(
        name: impl Into<String>,
        is_caught: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), is_caught: Box::new(is_caught) }
    }
}

/// Mutants of each group in a sample.
const SAMPLE: usize = 6;

/// All mutants by group.
fn groups() -> [(&'static str, Vec<Mutant>); 8] {
    [
        ("rules", rules::mutants()),
        ("tables", buses::rules()),
        ("buses", buses::fields()),
        ("messages", buses::messages()),
        ("machines", buses::machines()),
        ("copies", copies::mutants()),
        ("outer", outer::mutants()),
        ("wrap", wrap::mutants::mutants()),
    ]
}

/// The names of the mutants that no test notices.
fn survivors(group: &str, mutants: &[Mutant]) -> Vec<String> {
    let survivors = mutants.par_iter().filter(|mutant| !(mutant.is_caught)());
    let survivors: Vec<String> =
        survivors.map(|mutant| format!("{group}: {}", mutant.name)).collect();
    println!("{group}: {} mutants, {} survive", mutants.len(), survivors.len());
    survivors
}

/// So many mutants from all over the list.
fn sample(mutants: Vec<Mutant>) -> Vec<Mutant> {
    let count = mutants.len();
    let taken = |number: usize| number * SAMPLE / count != (number + 1) * SAMPLE / count;
    let mutants = mutants.into_iter().enumerate().filter(|(number, _)| taken(*number));
    mutants.map(|(_, mutant)| mutant).collect()
}

/// Demands that a test notices each of at least so many mutants.
fn all_are_caught(groups: &[(&str, Vec<Mutant>)], least: usize) {
    let count: usize = groups.iter().map(|(_, mutants)| mutants.len()).sum();
    assert!(count >= least, "{count} mutants");
    let survivors: Vec<String> =
        groups.iter().flat_map(|(group, mutants)| survivors(group, mutants)).collect();
    println!("{count} mutants");
    assert!(survivors.is_empty(), "no test notices that these are gone: {survivors:#?}");
}

#[test]
fn slow_a_sample_of_mutants_is_caught() {
    all_are_caught(&groups().map(|(group, mutants)| (group, sample(mutants))), 25);
}

#[test]
#[ignore = "a minute of one core; make test-end-to-end runs it"]
fn every_mutant_is_caught() {
    all_are_caught(&groups(), 150);
}
