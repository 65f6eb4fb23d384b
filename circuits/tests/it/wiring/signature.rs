//! The sources of the inputs of the signature circuit.

use plonky2::field::types::Field;
use sheaf_circuits::signature::circuit::SignatureCircuit;
use sheaf_circuits::signature::double_and_add::DoubleAndAddRow;
use sheaf_circuits::signature::open_signature::{DIGITS, OpenSignatureRow};
use sheaf_ledger::tag;
use sheaf_plonk::proof::F;

use crate::trace::Layout;
use crate::wiring::net::{Hash, Net, Row, Wire};

pub(super) const POSITIONS: usize = 2;

/// Rows of one position.
struct Position {
    challenge: Hash,
    opening: Row<OpenSignatureRow>,
    /// In the order in which they are run: that of the highest digit first.
    ladder: Vec<Row<DoubleAndAddRow>>,
    owner: Hash,
    link: Hash,
}

impl Position {
    fn take(net: &mut Net) -> Self {
        Self {
            challenge: net.hash(14),
            opening: net.row(),
            ladder: (0..DIGITS).map(|_| net.row()).collect(),
            owner: net.hash(8),
            link: net.hash(11),
        }
    }

    /// Compares all inputs with their sources; returns what the link's hash makes of the chain.
    fn compare(&self, net: &mut Net, chain: [Wire; 4]) -> [Wire; 4] {
        let Self { challenge, opening, owner, link, .. } = self;
        let (key, r) = (opening.inputs.key, opening.inputs.r);
        let message: [Wire; 4] = link.run(7);
        // What the prover gives, each where it is read once: all else is compared with it.
        net.given(&[&key[..], &r, &message, &owner.run::<3>(5)].concat());
        let hashed = [&r[..], &key, &message].concat();
        net.hashes_tagged("the challenge", challenge, (tag::CHALLENGE, &hashed));
        let opened = [&key[..], &owner.run::<3>(5)].concat();
        net.hashes_tagged("the owner", owner, (tag::OWNER, &opened));
        let linked = [&chain[..], &owner.digest[..3], &message].concat();
        net.hashes_tagged("the link", link, (tag::SIGNATURE_LINK, &linked));
        let halves = &challenge.digest[..2];
        net.same("the challenge's halves", &opening.inputs.challenge, halves);
        self.compare_digits(net);
        self.compare_points(net);
        link.digest
    }

    /// The row of a digit, the lowest of which is run last.
    fn digit(&self, digit: usize) -> &Row<DoubleAndAddRow> {
        &self.ladder[DIGITS - 1 - digit]
    }

    /// The digits that the opening makes the challenge of are those of the ladder.
    fn compare_digits(&self, net: &mut Net) {
        let inputs = &self.opening.inputs;
        for (first, digits) in [
            (0, &inputs.digits_0_to_4[..]),
            (6, &inputs.digits_6_to_9),
            (11, &inputs.digits_11_to_15),
            (16, &inputs.digits_16_to_20),
        ] {
            for (i, digit) in (first..).zip(digits) {
                let source = self.digit(i).inputs.challenge_digit;
                net.same(&format!("digit {i} of the opening"), &[*digit], &source);
                net.given(&source);
            }
        }
        // Of these the opening reads windows, which their rows make the digit of.
        for (i, windows) in [(5, &inputs.windows_of_5), (10, &inputs.windows_of_10)] {
            let source = self.digit(i).hints.windows;
            net.same(&format!("windows of digit {i}"), windows, &source);
            net.given(&self.digit(i).inputs.challenge_digit);
        }
        net.given(&inputs.top_window);
    }

    /// The ladder runs from the opening's start to its end, over the opening's base.
    fn compare_points(&self, net: &mut Net) {
        let ends = &self.opening.outputs;
        let (mut x, mut y) = (ends.start_x, ends.start_y);
        for (i, Row { inputs, outputs, hints }) in self.ladder.iter().enumerate() {
            for (what, found, source) in [
                ("x", inputs.x, x),
                ("y", inputs.y, y),
                ("x of the base", inputs.base_x, ends.base_x),
                ("y of the base", inputs.base_y, ends.base_y),
                ("x of the triple", inputs.triple_x, ends.triple_x),
                ("y of the triple", inputs.triple_y, ends.triple_y),
            ] {
                net.same(&format!("{what} in row {i} of the ladder"), &found, &source);
            }
            // Free: the digits may make up any s.
            net.given(&inputs.generator_digits);
            (x, y) = (hints.x, outputs.y);
        }
        net.same("x of the ladder's end", &x, &ends.end_x);
        net.same("y of the ladder's end", &y, &ends.end_y);
    }
}

/// Compares the inputs of all rows of the circuit.
pub(super) fn compare(net: &mut Net) {
    let positions: Vec<Position> = (0..POSITIONS).map(|_| Position::take(net)).collect();
    let before: [Wire; 4] = positions[0].link.run(0);
    net.given(&before);
    let mut chain = before;
    let mut active: Option<Wire> = None;
    for position in &positions {
        let longer = position.compare(net, chain);
        let this;
        (chain, this) = compare_activity(net, (chain, active), longer);
        active = Some(this);
    }
    net.states(&[before, chain].concat());
}

#[test]
fn every_input_of_a_signature_has_its_source() {
    let circuit = SignatureCircuit::build(POSITIONS);
    let layout = Layout::new(&circuit.data);
    let mut net = Net::new(&layout);
    compare(&mut net);
    net.finish();
}

/// Compares what a position's activity does; returns the chain after it and the activity.
fn compare_activity(
    net: &mut Net,
    (chain, previous): ([Wire; 4], Option<Wire>),
    longer: [Wire; 4],
) -> ([Wire; 4], Wire) {
    // chain + active·(longer − chain)
    let difference = net.difference("what a link adds", longer[0], chain[0]);
    let active = net.factor_of(difference, chain[0]);
    let mut after = chain;
    for (i, after) in after.iter_mut().enumerate() {
        let difference = net.difference("what a link adds", longer[i], chain[i]);
        *after = net.sum("the chain after", [F::ONE; 2], [active, difference, chain[i]]);
    }
    // active² − active = 0, and previous·active = active.
    let square = net.sum("a position's bit", [F::ONE, F::NEG_ONE], [active; 3]);
    let zero = net.zero();
    net.same("a position's activity is a bit", &[square], &[zero]);
    if let Some(previous) = previous {
        let both = net.sum("both active", [F::ONE, F::ZERO], [previous, active, previous]);
        net.same("no position is active after one that is not", &[both], &[active]);
    }
    (after, active)
}
