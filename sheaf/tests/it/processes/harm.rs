//! Counts what random tests have done to demos, and demands enough: kills of idle processes only,
//! or only before anything is acknowledged, would show nothing.

use std::collections::BTreeMap;

use serde_json::Value;

/// Who is killed.
pub(super) const VICTIMS: [&str; 2] = ["sequencer", "prover"];

/// How far a story is, by what there is to lose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Nothing is deposited.
    Starting,
    /// Transactions are being sent and acknowledged.
    Paying,
    /// All are acknowledged, and on their way to L1.
    Settling,
    /// All are final.
    Over,
}

impl Phase {
    /// The phase of a demo that has printed this.
    pub(super) fn of(output: &str) -> Self {
        let last = output.lines().last().and_then(|line| serde_json::from_str(line).ok());
        let last: Value = last.unwrap_or_default();
        match last["stage"].as_str() {
            None | Some("ready") => Self::Starting,
            Some("deposited" | "transferred") => Self::Paying,
            Some("claimed" | "finalised") => Self::Over,
            // The withdrawal, and then each stage of its batch.
            Some(_) => Self::Settling,
        }
    }
}

/// Events that a test makes, by whom they hit and when.
#[derive(Debug, Default)]
pub(super) struct Harm {
    events: BTreeMap<(&'static str, Phase), usize>,
}

/// What a random test must have done: to whom, in which phase (any, if none), how often at least.
const DEMANDS: [(&str, Option<Phase>, usize); 7] = [
    ("sequencer", None, 10),
    ("prover", None, 10),
    ("sequencer", Some(Phase::Paying), 1),
    ("prover", Some(Phase::Paying), 1),
    ("sequencer", Some(Phase::Settling), 4),
    ("prover", Some(Phase::Settling), 4),
    ("anvil", None, 2),
];

impl Harm {
    /// Notes that something was done to `victim`.
    pub(super) fn note(&mut self, victim: &'static str, phase: Phase) {
        *self.events.entry((victim, phase)).or_default() += 1;
    }

    /// How often something was done to `victim`, in one phase or in any.
    pub(super) fn count(&self, victim: &str, phase: Option<Phase>) -> usize {
        let is_it = |(who, when): &(&str, Phase)| {
            *who == victim && phase.is_none_or(|phase| phase == *when)
        };
        self.events.iter().filter(|(key, _)| is_it(key)).map(|(_, count)| count).sum()
    }

    /// What is still to be done.
    pub(super) fn missing(&self) -> Vec<String> {
        let unmet = DEMANDS
            .into_iter()
            .filter(|(victim, phase, least)| self.count(victim, *phase) < *least);
        unmet.map(|(victim, phase, least)| format!("{least} of {victim} in {phase:?}")).collect()
    }
}

#[test]
fn killing_one_victim_or_in_one_phase_is_not_enough() {
    let mut harm = Harm::default();
    for _ in 0..100 {
        harm.note("prover", Phase::Settling);
        harm.note("sequencer", Phase::Starting);
    }
    let missing = harm.missing();
    assert_eq!(missing.len(), 4, "{missing:?}");
    assert!(missing.iter().any(|one| one.contains("sequencer in Some(Settling)")), "{missing:?}");
}
