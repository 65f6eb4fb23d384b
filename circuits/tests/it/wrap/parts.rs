//! A proof that is wrong in one place is unsatisfied in the parts of the wrap that look at that
//! place, each as often as the part must be. So a later check that fires as well cannot hide a
//! missing one.
//!
//! No challenge depends on the chosen places before the part in question: openings are observed
//! after ζ and all α are drawn, and values of queries are not observed at all.

use std::collections::BTreeMap;

use ark_bn254::Fr;
use ark_ff::Field as _;
use plonky2::field::extension::FieldExtension;
use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::types::Field;
use plonky2::fri::proof::FriQueryRound;
use sheaf_plonk::bn254::Bn254PoseidonHash;
use sheaf_plonk::outer::{D, OuterProof};

use crate::wrap::{F, QUERIES, broken, fixture};

type Ext = QuadraticExtension<F>;
type Round = FriQueryRound<F, Bn254PoseidonHash, D>;

const IDENTITIES: [&str; 3] =
    ["identity of the first alpha", "identity of the second", "identity of the third"];
const FOLDS: &str = "FRI folds";
const FINAL_POLYNOMIAL: &str = "final polynomial";
const CAP_ENTRIES: &str = "cap entries";

/// Evaluations of a FRI step.
const ARITY: usize = 16;
/// Coordinates of an extension element, each of which has an equation of its own.
const COORDINATES: usize = 2;

/// 1 + X: both coordinates change.
fn off() -> Ext {
    Ext::from_basefield_array([F::ONE; 2])
}

/// How many constraints of each part the proof breaks after an edit.
fn counts(edit: impl Fn(&mut OuterProof)) -> BTreeMap<&'static str, usize> {
    let mut proof = fixture().proof.clone();
    edit(&mut proof);
    let mut counts = BTreeMap::new();
    for part in broken(&proof) {
        *counts.entry(part).or_default() += 1;
    }
    counts
}

fn rounds(proof: &mut OuterProof) -> &mut Vec<Round> {
    &mut proof.proof.opening_proof.query_round_proofs
}

fn steps() -> usize {
    fixture().outer.common().fri_params.reduction_arity_bits.len()
}

/// Broken constraints of each identity.
fn identities(counts: &BTreeMap<&str, usize>) -> [usize; IDENTITIES.len()] {
    IDENTITIES.map(|part| counts.get(part).copied().unwrap_or(0))
}

/// An edit of a proof, and how often it must break a part.
pub(super) struct Case {
    pub name: String,
    edit: Box<dyn Fn(&mut OuterProof) + Send + Sync>,
    part: &'static str,
    pub count: usize,
}

impl Case {
    fn new(
        name: impl Into<String>,
        (part, count): (&'static str, usize),
        edit: impl Fn(&mut OuterProof) + Send + Sync + 'static,
    ) -> Self {
        let name = format!("{part}, of which one says that of {}", name.into());
        Self { name, edit: Box::new(edit), part, count }
    }

    /// Whether the edit breaks as many constraints of the part as it must.
    pub(super) fn is_met(&self) -> bool {
        counts(&self.edit).get(self.part) == Some(&self.count)
    }
}

/// The edits that the tests below make, each with a part that it must break.
pub(super) fn cases() -> Vec<Case> {
    let parts = fixture().outer.common().quotient_degree_factor;
    let last = steps() - 1;
    let mut cases: Vec<Case> = (0..IDENTITIES.len())
        .map(|alpha| {
            Case::new("the quotient", (IDENTITIES[alpha], COORDINATES), move |proof| {
                proof.proof.openings.quotient_polys[alpha * parts] += off();
            })
        })
        .collect();
    for query in 0..QUERIES {
        for oracle in 0..4 {
            let sibling = format!("a sibling in query {query}, oracle {oracle}");
            cases.push(Case::new(sibling, (CAP_ENTRIES, 1), move |proof| {
                let leaves = &mut rounds(proof)[query].initial_trees_proof.evals_proofs;
                leaves[oracle].1.siblings[0].0 += Fr::ONE;
            }));
            let leaf = format!("a leaf in query {query}, oracle {oracle}");
            cases.push(Case::new(leaf, (FOLDS, COORDINATES), move |proof| {
                let leaves = &mut rounds(proof)[query].initial_trees_proof.evals_proofs;
                leaves[oracle].0[0] += F::ONE;
            }));
        }
        for step in 0..steps() {
            let sibling = format!("a sibling in query {query}, step {step}");
            cases.push(Case::new(sibling, (CAP_ENTRIES, 1), move |proof| {
                rounds(proof)[query].steps[step].merkle_proof.siblings[0].0 += Fr::ONE;
            }));
        }
        let value = format!("the last value of query {query}");
        cases.push(Case::new(value, (FINAL_POLYNOMIAL, COORDINATES), move |proof| {
            rounds(proof)[query].steps[last].evals[0] += off();
        }));
    }
    cases
}

/// The first and the last part of each t(ζ) are in the identity of its own α, and in both
/// coordinates of it.
#[test]
fn quotient_of_one_alpha_breaks_the_identity_of_that_alpha() {
    let parts = fixture().outer.common().quotient_degree_factor;
    for alpha in 0..IDENTITIES.len() {
        for part in [alpha * parts, (alpha + 1) * parts - 1] {
            let counts = counts(|proof| proof.proof.openings.quotient_polys[part] += off());
            let mut expected = [0; IDENTITIES.len()];
            expected[alpha] = COORDINATES;
            assert_eq!(identities(&counts), expected, "part {part} of the quotients");
        }
    }
}

/// Openings of every kind are in every identity.
#[test]
fn openings_break_every_identity() {
    type Pick = fn(&mut OuterProof) -> &mut Vec<Ext>;
    let kinds: [(&str, Pick); 5] = [
        ("selector", |proof| &mut proof.proof.openings.constants),
        ("sigma", |proof| &mut proof.proof.openings.plonk_sigmas),
        ("wire", |proof| &mut proof.proof.openings.wires),
        ("Z", |proof| &mut proof.proof.openings.plonk_zs),
        ("Z of the next row", |proof| &mut proof.proof.openings.plonk_zs_next),
    ];
    for (name, pick) in kinds {
        let counts = counts(|proof| pick(proof)[0] += off());
        assert_eq!(identities(&counts), [COORDINATES; IDENTITIES.len()], "{name}");
    }
    let counts = counts(|proof| proof.proof.openings.partial_products[0] += off());
    assert_eq!(identities(&counts), [COORDINATES; IDENTITIES.len()], "partial product");
}

/// Of 16 evaluations one is the value that came before; each of them makes the value that comes
/// after. Both coordinates are compared at every step, and with the final polynomial behind the
/// last.
#[test]
fn evaluations_break_the_folds_before_and_after_them() {
    let query = QUERIES - 1;
    for step in 0..steps() {
        let is_last = step + 1 == steps();
        let mut named = 0;
        for position in 0..ARITY {
            let counts = counts(|proof| rounds(proof)[query].steps[step].evals[position] += off());
            let name = format!("query {query}, step {step}, evaluation {position}: {counts:?}");
            let folds = counts.get(FOLDS).copied().unwrap_or(0);
            let after = if is_last { 0 } else { COORDINATES };
            let before = folds.checked_sub(after).unwrap_or_else(|| panic!("{name}"));
            assert!([0, COORDINATES].contains(&before), "{name}");
            named += usize::from(before == COORDINATES);
            let last = if is_last { Some(&COORDINATES) } else { None };
            assert_eq!(counts.get(FINAL_POLYNOMIAL), last, "{name}");
            assert_eq!(counts.get(CAP_ENTRIES), Some(&1), "{name}");
        }
        assert_eq!(named, 1, "query {query}, step {step} names one of its evaluations");
    }
}

/// Each column of a leaf is in the first codeword: the fold at the first step, and nothing but the
/// leaf's own path beside it.
#[test]
fn leaves_break_the_first_fold() {
    for (query, oracle) in (0..QUERIES).flat_map(|query| (0..4).map(move |oracle| (query, oracle)))
    {
        let leaves = &fixture().proof.proof.opening_proof.query_round_proofs[query];
        let columns = leaves.initial_trees_proof.evals_proofs[oracle].0.len();
        for column in [0, columns - 1] {
            let counts = counts(|proof| {
                let leaves = &mut rounds(proof)[query].initial_trees_proof.evals_proofs;
                leaves[oracle].0[column] += F::ONE;
            });
            let expected = BTreeMap::from([(CAP_ENTRIES, 1), (FOLDS, COORDINATES)]);
            assert_eq!(counts, expected, "query {query}, oracle {oracle}, column {column}");
        }
    }
}

/// A sibling is in the path alone.
#[test]
fn siblings_break_the_cap_entry() {
    for query in 0..QUERIES {
        for oracle in 0..4 {
            let counts = counts(|proof| {
                let leaves = &mut rounds(proof)[query].initial_trees_proof.evals_proofs;
                leaves[oracle].1.siblings[0].0 += Fr::ONE;
            });
            assert_eq!(counts, BTreeMap::from([(CAP_ENTRIES, 1)]), "query {query}, {oracle}");
        }
        for step in 0..steps() {
            let counts = counts(|proof| {
                rounds(proof)[query].steps[step].merkle_proof.siblings[0].0 += Fr::ONE;
            });
            assert_eq!(counts, BTreeMap::from([(CAP_ENTRIES, 1)]), "query {query}, {step}");
        }
    }
}

/// The values behind the last step are compared with the final polynomial, whatever its indices.
#[test]
fn coefficients_of_the_final_polynomial_count() {
    let coefficients = fixture().proof.proof.opening_proof.final_poly.coeffs.len();
    for index in [0, coefficients - 1] {
        let counts = counts(|proof| proof.proof.opening_proof.final_poly.coeffs[index] += off());
        let expected = Some(&(QUERIES * COORDINATES));
        assert_eq!(counts.get(FINAL_POLYNOMIAL), expected, "coefficient {index}");
    }
}
