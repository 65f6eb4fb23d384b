//! Constraints of rows of rules: `statements` says each of them a second time.

use std::sync::OnceLock;

use rayon::prelude::*;

use super::Mutant;
use crate::statements;
use crate::statements::span::Comparison;

fn comparisons() -> &'static [Comparison] {
    static COMPARISONS: OnceLock<Vec<Comparison>> = OnceLock::new();
    COMPARISONS.get_or_init(|| statements::ALL.par_iter().map(|comparison| comparison()).collect())
}

/// Each constraint of each row of rules.
pub(super) fn mutants() -> Vec<Mutant> {
    let of = |comparison: &'static Comparison| {
        let name = move |number: usize| format!("{}, constraint {number}", comparison.gate);
        let caught = move |number: usize| move || !comparison.missing(Some(number)).is_empty();
        let all = 0..comparison.constraints();
        all.map(move |number| Mutant::new(name(number), caught(number)))
    };
    comparisons().iter().flat_map(of).collect()
}
