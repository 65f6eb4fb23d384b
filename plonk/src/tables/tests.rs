//! A chain of hashes over two tables: each link is a row that asks the table of permutations, and
//! the verifier knows both ends.

use plonky2::field::types::Field;
use plonky2::iop::witness::PartialWitness;
use sheaf_crypto::hash::DIGEST;
use sheaf_crypto::poseidon::WIDTH;

use super::permutation::{DIGESTS, PermutationRules};
use super::rules::{Bus, Collect, Direction, TableRules};
use super::*;
use crate::error::Error;
use crate::gates::value::Value;
use crate::proof::{Builder, C, F, config, element, fe};
use crate::prover::prove_verified;

/// Place and digest of a link.
const LINKS: Bus = Bus::new(16);

/// Columns: `real`, place, digest before, digest after.
///
/// 1. `real` is zero or one.
/// 2. A real row takes the link at its place, hashes it and sends the link at the next place.
#[derive(Clone, Copy, Debug, Default)]
struct LinkRules;

impl TableRules for LinkRules {
    const NAME: &'static str = "links";
    const WIDTH: usize = 2 + 2 * DIGEST;

    fn evaluate<V: Value>(row: &[V], collect: &mut impl Collect<V>) {
        let (real, place) = (row[0], row[1]);
        collect.zero(real * real - real);
        let zero = real.constant(F::ZERO);
        let mut fields = [zero; WIDTH + DIGEST];
        fields[..DIGEST].copy_from_slice(&row[2..2 + DIGEST]);
        fields[WIDTH..].copy_from_slice(&row[2 + DIGEST..]);
        collect.send(DIGESTS, real, &fields);
        let link = |place: V, digest: &[V]| [&[place], digest].concat();
        collect.receive(LINKS, real, &link(place, &row[2..2 + DIGEST]));
        collect.send(LINKS, real, &link(place.plus(F::ONE), &row[2 + DIGEST..]));
    }
}

const LINKS_OF_CHAIN: usize = 11;

struct Chain {
    tables: Tables,
    /// Rows of permutations, rows of links.
    rows: [Vec<Vec<F>>; 2],
    messages: Vec<Message<F>>,
}

fn permute(digest: [F; DIGEST]) -> [F; WIDTH] {
    let mut state = [sheaf_crypto::goldilocks::Fe::ZERO; WIDTH];
    state.iter_mut().zip(digest).for_each(|(to, from)| *to = fe(from));
    sheaf_crypto::poseidon::permute(&mut state);
    state.map(element)
}

impl Chain {
    fn new(heights: [usize; 2]) -> Self {
        let tables = Tables::new(vec![
            Table::new::<PermutationRules>(heights[0]),
            Table::new::<LinkRules>(heights[1]),
        ]);
        let start = [5, 6, 7, 8].map(F::from_canonical_u64);
        let (mut digest, mut rows) = (start, [vec![], vec![]]);
        for place in 0..LINKS_OF_CHAIN {
            let mut state = [F::ZERO; WIDTH];
            state[..DIGEST].copy_from_slice(&digest);
            rows[0].push(PermutationRules::row(state, 1, 0));
            let after: [F; DIGEST] = core::array::from_fn(|i| permute(digest)[i]);
            let place = F::from_canonical_usize(place);
            rows[1].push([&[F::ONE, place], &digest[..], &after].concat());
            digest = after;
        }
        let end = |direction, place, digest: [F; DIGEST]| Message {
            bus: LINKS,
            direction,
            fields: [&[F::from_canonical_usize(place)], &digest[..]].concat(),
        };
        let messages =
            vec![end(Direction::Send, 0, start), end(Direction::Receive, LINKS_OF_CHAIN, digest)];
        Self { tables, rows, messages }
    }

    fn traces(&self) -> Vec<Trace> {
        let by_name = |table: &Table| match table.rules.name() {
            "links" => &self.rows[1],
            _ => &self.rows[0],
        };
        let trace = |table| Trace::new(table, by_name(table).iter().cloned()).expect("few rows");
        self.tables.tables().iter().map(trace).collect()
    }

    fn proven(&self) -> Result<(), Error> {
        let proof = self.tables.prove(&self.messages, self.traces())?;
        self.tables.verify(&self.messages, &proof)
    }
}

#[test]
fn a_chain_of_any_heights_is_proven() {
    for heights in [[4, 4], [5, 4], [4, 6], [9, 4]] {
        Chain::new(heights).proven().unwrap_or_else(|error| panic!("{heights:?}: {error}"));
    }
}

#[test]
fn another_end_is_refused() {
    let mut chain = Chain::new([5, 4]);
    let proof = chain.tables.prove(&chain.messages, chain.traces()).expect("a proof");
    chain.messages[1].fields[3] += F::ONE;
    assert!(chain.tables.verify(&chain.messages, &proof).is_err());
    assert!(matches!(chain.proven(), Err(Error::Unbalanced)));
}

#[test]
fn a_changed_cell_is_refused() {
    let honest = Chain::new([4, 4]);
    for (table, row, column) in [
        (0, 0, 0),
        (0, 3, 11),
        (0, 2, 12),
        (0, 2, 13),
        (0, 5, 150),
        (0, 7, 247),
        (0, 1, 248),
        (0, 1, 249),
        (0, 13, 248),
        (1, 0, 0),
        (1, 4, 1),
        (1, 6, 2),
        (1, 10, 9),
        (1, 12, 0),
    ] {
        let mut chain = Chain::new([4, 4]);
        let filler = [PermutationRules::filler(), LinkRules::filler()];
        let rows = &mut chain.rows[table];
        while rows.len() <= row {
            rows.push(filler[table].clone());
        }
        rows[row][column] += F::ONE;
        let found = chain.proven();
        assert!(
            matches!(found, Err(Error::Unbalanced | Error::Row { .. })),
            "table {table}, row {row}, column {column}: {found:?}"
        );
    }
    honest.proven().expect("nothing was changed");
}

#[test]
fn a_changed_proof_is_refused() {
    let chain = Chain::new([5, 4]);
    let proof = chain.tables.prove(&chain.messages, chain.traces()).expect("a proof");
    let refused = |change: &dyn Fn(&mut TablesProof)| {
        let mut changed = proof.clone();
        change(&mut changed);
        assert!(chain.tables.verify(&chain.messages, &changed).is_err());
    };
    refused(&|proof| {
        let second = proof.totals[1];
        proof.totals[0] += second;
    });
    refused(&|proof| proof.totals.swap(0, 1));
    refused(&|proof| proof.totals.truncate(1));
    refused(&|proof| proof.openings.swap(0, 1));
    refused(&|proof| proof.openings[0].here.truncate(9));
    refused(&|proof| proof.openings[1].next[0] = proof.openings[1].next[1]);
    refused(&|proof| proof.caps.swap(0, 2));
    refused(&|proof| proof.caps[1].0.truncate(8));
    refused(&|proof| proof.fri.pow_witness += F::ONE);
    refused(&|proof| proof.fri.query_round_proofs.truncate(83));
    refused(&|proof| {
        let round = &mut proof.fri.query_round_proofs[3];
        round.initial_trees_proof.evals_proofs[0].0[7] += F::ONE;
    });
    chain.tables.verify(&chain.messages, &proof).expect("the proof was not changed");
}

#[test]
fn a_circuit_verifies_what_the_verifier_verifies() {
    let chain = Chain::new([5, 4]);
    let proof = chain.tables.prove(&chain.messages, chain.traces()).expect("a proof");
    let mut builder = Builder::new(config());
    let messages: Vec<_> = chain
        .messages
        .iter()
        .map(|message| {
            let fields = builder.add_virtual_targets(message.fields.len());
            builder.register_public_inputs(&fields);
            Message { bus: message.bus, direction: message.direction, fields }
        })
        .collect();
    let target = chain.tables.verify_checked(&mut builder, &messages);
    let circuit = builder.build::<C>();
    let witness = |proof: &TablesProof| {
        let mut witness = PartialWitness::new();
        target.assign(&mut witness, proof)?;
        for (targets, message) in messages.iter().zip(&chain.messages) {
            for (target, value) in targets.fields.iter().zip(&message.fields) {
                crate::proof::set(&mut witness, *target, *value)?;
            }
        }
        prove_verified(&circuit, witness)
    };
    let found = witness(&proof).expect("the proof verifies");
    let fields: Vec<F> = chain.messages.iter().flat_map(|of| of.fields.clone()).collect();
    assert_eq!(found.public_inputs, fields);
    let mut changed = proof.clone();
    let other = changed.openings[0].here[21];
    changed.openings[0].here[20] += other;
    assert!(witness(&changed).is_err());
    let mut changed = proof;
    changed.totals.swap(0, 1);
    assert!(witness(&changed).is_err());
}
