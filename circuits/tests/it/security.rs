//! The bits of security that docs/security.md states, computed from the circuits' own parameters.
//!
//! Conjectured figures of FRI take the distance up to the list-decoding capacity: 1 − δ is the rate
//! plus h(rate)/log₂|F|, where h is the binary entropy. Proven figures use the Johnson bound with
//! its parameter m chosen best (BCIKS, eprint 2020/654, theorem 8.3). The permutation argument of
//! PLONK fails with a chance of at most n·k/|F| a repetition, the sums of tables with a chance of
//! at most (messages)·(fields + 1)/|F²|: each message's fingerprint has the degree of its fields,
//! and the sum is a fraction whose numerator has the degree of all messages.

use std::path::Path;

use plonky2::fri::FriConfig;
use plonky2::plonk::circuit_data::CircuitConfig;
use sheaf_circuits::entry_tables::circuit::EntryTables;
use sheaf_circuits::sizes::PRODUCTION;
use sheaf_plonk::outer::{OUTER_DEGREE_BITS, OuterConfig};
use sheaf_plonk::proof::config;
use sheaf_wire::{LeafKind, ProofStep};

/// Bits of a challenge in Goldilocks: of plonky2's own transcript, and of the transcript over
/// BN254, which leaves out the highest bit.
const CHALLENGE_BITS: [f64; 2] = [64.0, 63.0];
/// The response to grinding is compared as a word of so many bits.
const RESPONSE_BITS: f64 = 64.0;

/// What a layer argues beside FRI.
enum Argument {
    /// PLONK's: that wires are copies of each other, over so many routed wires a row, so often.
    Copies { routed_wires: usize, repetitions: usize },
    /// That the messages of tables balance.
    Sums { messages: usize, fields: usize },
}

/// What a layer's figures follow from.
struct Layer {
    name: &'static str,
    fri: FriConfig,
    argument: Argument,
    /// Rows of the layer's largest circuit, as a power of two.
    degree_bits: usize,
    /// Whether the circuits may have fewer rows.
    is_bound: bool,
    challenge_bits: f64,
}

impl Layer {
    fn rate_bits(&self) -> f64 {
        self.fri.rate_bits as f64
    }

    /// Grinding: a challenge of 63 bits has one leading zero of the 64-bit word for nothing.
    fn work_bits(&self) -> f64 {
        f64::from(self.fri.proof_of_work_bits) - (RESPONSE_BITS - self.challenge_bits)
    }

    fn extension_bits(&self) -> f64 {
        2.0 * self.challenge_bits
    }

    fn query_bits(&self, agreement: f64) -> f64 {
        self.work_bits() - self.fri.num_query_rounds as f64 * agreement.log2()
    }

    fn conjectured(&self) -> f64 {
        let rate = (-self.rate_bits()).exp2();
        let entropy = -rate * rate.log2() - (1.0 - rate) * (1.0 - rate).log2();
        self.query_bits(rate + entropy / self.extension_bits())
    }

    /// Both phases of FRI under the Johnson bound, at the best m.
    fn proven(&self) -> f64 {
        let domain_bits = self.degree_bits as f64 + self.rate_bits();
        let total = |m: u32| {
            let m = f64::from(m);
            let query = self.query_bits((-self.rate_bits() / 2.0).exp2() * (1.0 + 0.5 / m));
            let lists = 7.0 * (m + 0.5).log2() - 3_f64.log2() + 1.5 * self.rate_bits();
            let commit = self.extension_bits() - lists - 2.0 * domain_bits;
            -((-query).exp2() + (-commit).exp2()).log2()
        };
        (3..200).map(total).fold(0.0, f64::max)
    }

    /// The bits of the argument beside FRI, and what they follow from.
    fn argument(&self) -> (f64, String) {
        match self.argument {
            Argument::Copies { routed_wires, repetitions } => {
                let factors = self.degree_bits as f64 + (routed_wires as f64).log2();
                let bound = if self.is_bound { "≤ " } else { "" };
                let text = format!("{bound}2^{} · {routed_wires}", self.degree_bits);
                (repetitions as f64 * (self.challenge_bits - factors), text)
            }
            Argument::Sums { messages, fields } => {
                let degree = (messages * (fields + 1)) as f64;
                let text = format!("{messages} messages of {fields} fields");
                (self.extension_bits() - degree.log2(), text)
            }
        }
    }

    /// The layer's row in docs/security.md. Bits are cut to one decimal, never rounded up.
    fn row(&self) -> String {
        let cut = |bits: f64| format!("{:.1}", (bits * 10.0).floor() / 10.0);
        let (argument, text) = self.argument();
        let [conjectured, proven, of_argument] =
            [self.conjectured(), self.proven(), argument].map(cut);
        let fri = format!(
            "2^-{} | {} | {} | {conjectured} | {proven}",
            self.rate_bits(),
            self.fri.num_query_rounds,
            self.work_bits()
        );
        let smaller = cut(self.conjectured().min(argument));
        format!("| {} | {fri} | {text} | {of_argument} | {smaller} |", self.name)
    }
}

fn layers() -> [Layer; 6] {
    let leaf_bits = PRODUCTION.entry.degree_bits;
    let copies = |config: &CircuitConfig| Argument::Copies {
        routed_wires: config.num_routed_wires,
        repetitions: config.num_challenges,
    };
    let circuits = |name, config: CircuitConfig, degree_bits| Layer {
        name,
        argument: copies(&config),
        fri: config.fri_config,
        degree_bits,
        is_bound: false,
        challenge_bits: CHALLENGE_BITS[0],
    };
    let heights = PRODUCTION.tables().expect("production proves entries over tables").full;
    let entries = EntryTables::new(heights);
    let tables = entries.tables();
    let OuterConfig { shrink, outer } = OuterConfig::default();
    [
        Layer {
            argument: Argument::Sums { messages: tables.messages(), fields: tables.fields() },
            fri: tables.fri().clone(),
            ..circuits("tables of entries and signatures", config(), heights.permutations)
        },
        circuits("entry leaf", config(), leaf_bits),
        circuits("data leaf", config(), PRODUCTION.data.degree_bits),
        Layer { is_bound: true, ..circuits("joins, batch", config(), leaf_bits) },
        Layer {
            is_bound: true,
            ..circuits("recursions before the outer proof", shrink, leaf_bits)
        },
        Layer { challenge_bits: CHALLENGE_BITS[1], ..circuits("outer", outer, OUTER_DEGREE_BITS) },
    ]
}

#[test]
fn the_page_states_the_bits_that_follow_from_the_parameters() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/security.md");
    let page = std::fs::read_to_string(page).expect("the page is in the repository");
    for layer in layers() {
        let row = layer.row();
        assert!(page.lines().any(|line| line == row), "docs/security.md lacks\n{row}");
    }
}

/// Joins and the batch circuit have at most the rows that their line of the table states.
#[test]
fn joins_and_the_batch_circuit_have_at_most_a_leafs_rows() {
    let circuits = crate::circuits::circuits();
    let join = ProofStep::Join { kind: LeafKind::Entry, level: 0, index: 0 };
    for step in [join, ProofStep::Batch] {
        let shape = circuits.shape(step).expect("the tree has the step");
        assert!(shape.degree_bits() <= PRODUCTION.entry.degree_bits, "{step}");
    }
}

/// The bits are those of the parameters: one query less, and the page would be wrong.
#[test]
fn a_weaker_parameter_makes_another_row() {
    for layer in layers() {
        let row = layer.row();
        let mut weaker = layer;
        weaker.fri.num_query_rounds -= 1;
        assert_ne!(weaker.row(), row);
        let (before, _) = weaker.argument();
        weaker.degree_bits += 1;
        let repetitions = match &mut weaker.argument {
            Argument::Copies { repetitions, .. } => *repetitions,
            Argument::Sums { messages, .. } => {
                *messages *= 2;
                1
            }
        };
        let lost = before - weaker.argument().0;
        assert!((lost - repetitions as f64).abs() < 1e-9, "a bit a repetition for each doubling");
    }
}
