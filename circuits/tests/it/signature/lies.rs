//! For each statement of `signature/mod.rs`, provers who lie about it.

use plonky2::field::types::Field;
use plonky2::iop::target::Target;
use sheaf_circuits::signature::link::LinkWires;
use sheaf_ledger::chunk::SignatureChunk;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::step::OwedSignature;
use sheaf_plonk::proof::{F, element};

use crate::signature::{CAPACITY, chunk, circuit, message, signed};
use crate::trace::{Layout, Violation};

/// The honest values of two signatures and a padding.
fn honest() -> (SignatureChunk, [LinkWires<F>; CAPACITY]) {
    let chunk = chunk(vec![signed(1), signed(2)]);
    let [first, second] = [0, 1].map(|i| LinkWires::new(&chunk.messages[i]));
    (chunk, [first, second, LinkWires::padding()])
}

/// Everything that breaks when a prover goes on with `links` whatever happens, having decided on
/// the public inputs in `public`; and the public inputs that come out.
fn violations(
    chunk: &SignatureChunk,
    links: &[LinkWires<F>],
    public: &[(usize, F)],
) -> (Vec<Violation>, Vec<F>) {
    let data = &circuit().data;
    let layout = Layout::new(data);
    let name = |(i, value): &(usize, F)| (data.prover_only.public_inputs[*i], *value);
    let forced: Vec<(Target, F)> = public.iter().map(name).collect();
    let inputs = circuit().partial_witness(&chunk.before, links).expect("one for each position");
    let trace = layout.fill(inputs, &forced);
    (trace.violations(), trace.public_inputs())
}

fn breaks(links: &[LinkWires<F>]) -> bool {
    !violations(&honest().0, links, &[]).0.is_empty()
}

#[test]
fn honest_values_break_nothing() {
    let (chunk, links) = honest();
    let (broken, public) = violations(&chunk, &links, &[]);
    assert_eq!(broken, vec![]);
    let expected: Vec<F> = chunk.before.0.into_iter().chain(chunk.after.0).map(element).collect();
    assert_eq!(public, expected);
}

/// Statement 1.
#[test]
fn activity_is_a_bit_and_comes_first() {
    let (_, [first, second, third]) = honest();
    let with = |link: LinkWires<F>, active: F| LinkWires { active: [active], ..link };
    for not_a_bit in [F::TWO, F::NEG_ONE] {
        assert!(breaks(&[first, with(second, not_a_bit), third]));
    }
    assert!(breaks(&[first, with(second, F::ZERO), with(third, F::ONE)]));
    assert!(breaks(&[with(first, F::ZERO), second, third]));
    assert!(!breaks(&[first, second, with(third, F::ONE)]));
    assert!(!breaks(&[first, with(second, F::ZERO), third]));
}

/// Statements 2 and 7: the public chains are those of the active links, neither skipped nor added.
#[test]
fn the_chain_is_the_active_links() {
    let (chunk, links) = honest();
    let one_link_short = {
        let signed = &chunk.messages[0];
        OwedSignature { signer: signed.signer(), message: signed.message }.link(&chunk.before)
    };
    for wrong in [chunk.before, one_link_short, message(77)] {
        let claimed: Vec<_> =
            wrong.0.into_iter().enumerate().map(|(i, e)| (4 + i, element(e))).collect();
        assert_ne!(violations(&chunk, &links, &claimed).0, vec![]);
    }
    // From elsewhere the same links lead elsewhere.
    let elsewhere = SignatureChunk { before: message(78), ..chunk.clone() };
    let (broken, public) = violations(&elsewhere, &links, &[]);
    assert_eq!(broken, vec![]);
    assert_ne!(public[4..], chunk.after.0.map(element));
    // An inactive link leaves the chain where it was.
    let inactive = links.map(|link| LinkWires { active: [F::ZERO], ..link });
    let (broken, public) = violations(&chunk, &inactive, &[]);
    assert_eq!(broken, vec![]);
    assert_eq!(public[..4], public[4..]);
}

/// Statement 3: another address is another owner, so another chain.
#[test]
fn the_owner_is_bound_to_the_address() {
    let (chunk, [first, second, third]) = honest();
    let address = L1Address([0x55; 20]).limbs().map(element);
    let links = [LinkWires { address, ..first }, second, third];
    let (broken, public) = violations(&chunk, &links, &[]);
    assert_eq!(broken, vec![]);
    assert_ne!(public[4..], chunk.after.0.map(element));
    let claimed: Vec<_> =
        chunk.after.0.into_iter().enumerate().map(|(i, e)| (4 + i, element(e))).collect();
    assert_ne!(violations(&chunk, &links, &claimed).0, vec![]);
}

/// Statement 4: neither key nor R may be anything but a group element, nor another one.
#[test]
fn key_and_r_are_the_signatures() {
    let (_, [first, second, third]) = honest();
    let zero = [F::ZERO; 5];
    let no_point = [F::ONE, F::ZERO, F::ZERO, F::ZERO, F::ZERO];
    for wrong in [zero, no_point, third.key, second.r, first.r.map(|e| -e)] {
        assert!(breaks(&[LinkWires { r: wrong, ..first }, second, third]));
    }
    for wrong in [zero, no_point, second.key, first.r, first.key.map(|e| -e)] {
        assert!(breaks(&[LinkWires { key: wrong, ..first }, second, third]));
    }
}

/// Statement 5: every digit of the challenge, and its windows, are those of the hash.
#[test]
fn the_challenge_is_the_hashs() {
    let (_, [first, second, third]) = honest();
    for i in 0..first.challenge_digits.len() {
        for change in [F::ONE, F::NEG_ONE, F::from_canonical_u64(64)] {
            let mut wrong = first;
            wrong.challenge_digits[i] += change;
            assert!(breaks(&[wrong, second, third]), "digit {i}");
        }
    }
    for i in 0..first.split_windows.len() {
        for change in [F::ONE, F::from_canonical_u64(4)] {
            let mut wrong = first;
            wrong.split_windows[i] += change;
            assert!(breaks(&[wrong, second, third]), "window {i}");
        }
    }
}

/// Statement 6: a signature of another message, and every changed digit of s.
#[test]
fn the_equation_holds() {
    let (_, [first, second, third]) = honest();
    assert!(breaks(&[LinkWires { message: second.message, ..first }, second, third]));
    for i in 0..first.generator_digits.len() {
        for bit in [0, 5, 6, 11, 12, 17] {
            let mut wrong = first;
            let digits = wrong.generator_digits[i].0;
            wrong.generator_digits[i] = F::from_canonical_u64(digits ^ 1 << bit);
            assert!(breaks(&[wrong, second, third]), "bit {bit} of row {i}");
        }
        let mut wrong = first;
        wrong.generator_digits[i] += F::from_canonical_u64(1 << 18);
        assert!(breaks(&[wrong, second, third]), "row {i}");
    }
}
