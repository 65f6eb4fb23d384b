//! One position of the signature circuit: an owner, a message, and the owner's signature of it.

use plonky2::iop::target::{BoolTarget, Target};
use sheaf_ledger::tag;
use sheaf_plonk::gates::rules::add_row;
use sheaf_plonk::gates::wires::{Wires, wires};
use sheaf_plonk::hash::hash_checked;
use sheaf_plonk::proof::Builder;

use crate::signature::double_and_add::{DoubleAndAddRow, LadderHints, LadderStep};
use crate::signature::open_signature::{DIGITS, LadderEnds, OpenSignatureRow, SignatureParts};

/// The digit of the challenge across the middle of its lower half: bits 30 … 35.
pub const MIDDLE_DIGIT: usize = 5;
/// The digit of the challenge across the border of its halves: bits 60 … 65.
pub const BORDER_DIGIT: usize = 10;

wires! {
    /// What a prover gives for one position.
    LinkWires {
        /// One if the position appends a link, else zero.
        active: 1,
        /// The key's encoding w.
        key: 5,
        /// The L1 address, in limbs.
        address: 3,
        /// The encoding w of R.
        r: 5,
        /// The signed message.
        message: 4,
        /// Bits 0 … 125 of the challenge in digits of six bits, lowest first.
        challenge_digits: 21,
        /// The three windows of `MIDDLE_DIGIT`, the three of `BORDER_DIGIT`, and bits 126 and 127.
        split_windows: 7,
        /// For each row of the ladder its three generator digits, packed; lowest row first.
        generator_digits: 21,
    }
}

impl<V: Copy> LinkWires<V> {
    /// What the row that opens the signature takes, with the challenge's halves, lower first.
    pub(crate) fn parts(&self, challenge: [V; 2]) -> SignatureParts<V> {
        let Self { key, r, challenge_digits: digits, split_windows, .. } = *self;
        let windows = |i: usize| core::array::from_fn(|j| split_windows[3 * i + j]);
        let run = |first: usize| core::array::from_fn(|i| digits[first + i]);
        SignatureParts {
            key,
            r,
            digits_0_to_4: run(0),
            windows_of_5: windows(0),
            digits_6_to_9: core::array::from_fn(|i| digits[6 + i]),
            windows_of_10: windows(1),
            digits_11_to_15: run(11),
            digits_16_to_20: run(16),
            top_window: [split_windows[6]],
            challenge,
        }
    }
}

/// Adds a position that follows the chain `chain`; returns the position's targets and the chain
/// after the position. `previous` is the flag `active` of the position before, if there is one.
pub fn add_link_checked(
    builder: &mut Builder,
    chain: [Target; 4],
    previous: Option<Target>,
) -> (LinkWires<Target>, [Target; 4]) {
    let link = LinkWires::read(&mut || builder.add_virtual_target());
    let LinkWires { active: [active], key, address, r, message, .. } = link;
    builder.assert_bool(BoolTarget::new_unsafe(active));
    if let Some(previous) = previous {
        let both = builder.mul(previous, active);
        builder.connect(both, active);
    }
    let challenge = challenge(builder, &r, &key, &message);
    add_signature_checked(builder, &link, challenge);
    let opening: Vec<Target> = key.into_iter().chain(address).collect();
    let owner = hash_checked(builder, tag::OWNER, &opening).elements;
    let elements: Vec<Target> =
        chain.into_iter().chain(owner[..3].iter().copied()).chain(message).collect();
    let longer = hash_checked(builder, tag::SIGNATURE_LINK, &elements).elements;
    let after = core::array::from_fn(|i| {
        let difference = builder.sub(longer[i], chain[i]);
        builder.mul_add(active, difference, chain[i])
    });
    (link, after)
}

/// The challenge's halves, lower first.
fn challenge(
    builder: &mut Builder,
    r: &[Target; 5],
    key: &[Target; 5],
    message: &[Target; 4],
) -> [Target; 2] {
    let elements: Vec<Target> = r.iter().chain(key).chain(message).copied().collect();
    let digest = hash_checked(builder, tag::CHALLENGE, &elements).elements;
    [digest[0], digest[1]]
}

/// Constrains the link's key, R and digits by the signature's equation for `challenge`.
fn add_signature_checked(builder: &mut Builder, link: &LinkWires<Target>, challenge: [Target; 2]) {
    let LinkWires { challenge_digits: digits, split_windows, generator_digits, .. } = *link;
    let (ends, _) = add_row::<OpenSignatureRow>(builder, &link.parts(challenge));
    let LadderEnds { base_x, base_y, triple_x, triple_y, start_x, start_y, end_x, end_y } = ends;
    let (mut x, mut y) = (start_x, start_y);
    for i in (0..DIGITS).rev() {
        let step = LadderStep {
            x,
            y,
            base_x,
            base_y,
            triple_x,
            triple_y,
            challenge_digit: [digits[i]],
            generator_digits: [generator_digits[i]],
        };
        let (sum, hints) = add_row::<DoubleAndAddRow>(builder, &step);
        let LadderHints { x: sum_x, windows, .. } = hints;
        connect_split_windows(builder, i, &windows, &split_windows);
        (x, y) = (sum_x, sum.y);
    }
    for (sum, end) in x.into_iter().chain(y).zip(end_x.into_iter().chain(end_y)) {
        builder.connect(sum, end);
    }
}

/// Connects the ladder's windows of the digit number `digit` to the windows in `split`, which the
/// opening reads instead of that digit. Does nothing for digits that the opening reads whole.
fn connect_split_windows(
    builder: &mut Builder,
    digit: usize,
    windows: &[Target; 3],
    split: &[Target; 7],
) {
    let named = match digit {
        MIDDLE_DIGIT => [split[0], split[1], split[2]],
        BORDER_DIGIT => [split[3], split[4], split[5]],
        _ => return,
    };
    for (window, name) in windows.iter().zip(named) {
        builder.connect(*window, name);
    }
}
