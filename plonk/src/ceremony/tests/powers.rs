//! Powers of τ: right ones are accepted, and each kind of wrong one is refused.

use super::*;

#[test]
fn powers_are_accepted_for_domains_up_to_their_own() {
    for is_prepared in [false, true] {
        let powers = powers(5, is_prepared);
        for bits in 1..=5 {
            check(&powers, bits).expect("right powers");
        }
        let fewer = refusal(check(&powers, 6));
        assert!(fewer.contains("needs 2^6 powers of tau and the file has 2^5"), "{fewer}");
    }
}

#[test]
fn incomplete_and_foreign_files_are_refused() {
    let whole = powers(3, true);
    for length in [0, 3, 11, 12, 30, 200, whole.len() / 2, whole.len() - 1] {
        let fault = refusal(check(&whole[..length], 2));
        assert!(fault.starts_with("the file of powers of tau is refused: it "), "{fault}");
    }
    let mut other = whole.clone();
    other[0] = b'q';
    assert!(refusal(check(&other, 2)).contains("does not begin with `ptau`"));
    let mut newer = whole.clone();
    newer[4] = 2;
    assert!(refusal(check(&newer, 2)).contains("version 2"));
    let curve = changed(&whole, 1, |header| header[4] ^= 1);
    assert!(refusal(check(&curve, 2)).contains("another curve"));
    let power = changed(&whole, 1, |header| header[36] = 29);
    assert!(refusal(check(&power, 2)).contains("its power is 29"));
    // A power that the sections do not have.
    let larger = changed(&whole, 1, |header| header[36] = 4);
    assert!(refusal(check(&larger, 2)).contains("section 2 has"));
    let shorter = changed(&whole, 14, |points| points.truncate(64));
    assert!(refusal(check(&shorter, 2)).contains("section 14 has"));
    let mut sections = sections_of(&whole);
    sections.retain(|(number, _)| *number != 5);
    assert!(refusal(check(&file_of(*b"ptau", &sections), 2)).contains("no section 5"));
    sections.push(sections[0].clone());
    assert!(refusal(check(&file_of(*b"ptau", &sections), 2)).contains("section 1 twice"));
}

#[test]
fn points_off_the_curve_at_infinity_and_outside_the_group_are_refused() {
    let whole = powers(3, false);
    for (number, size) in [(2, 64), (3, 128), (4, 64), (5, 64), (6, 128)] {
        let last = if number == 6 { 0 } else { 2 };
        let off = changed(&whole, number, |points| points[last * size] ^= 1);
        assert!(refusal(check(&off, 2)).contains("not on its curve"), "{number}");
        let zero = changed(&whole, number, |points| points[last * size..(last + 1) * size].fill(0));
        assert!(refusal(check(&zero, 2)).contains("point at infinity"), "{number}");
    }
    for (number, index) in [(3, 2), (6, 0)] {
        let outside = changed(&whole, number, |points| put(points, index, outside_the_group()));
        assert!(refusal(check(&outside, 2)).contains("outside its group"), "{number}");
    }
    // A coordinate that is not below the field's order.
    let above = changed(&whole, 2, |points| points[128..160].fill(0xff));
    assert!(refusal(check(&above, 2)).contains("not on its curve"));
}

/// Each point but the generators is tied to τ, α or β by a pairing.
#[test]
fn a_point_that_is_no_power_is_refused_wherever_it_is() {
    let whole = powers(3, false);
    // What a domain of 2^2 points needs: 8 powers in G1 and 4 of each other section.
    for (number, count) in [(2, 8), (4, 4), (5, 4)] {
        for index in 0..count {
            let other = changed(&whole, number, |points| put(points, index, stray()));
            let fault = refusal(check(&other, 2));
            assert!(fault.contains("powers of tau") || fault.contains("beta"), "{fault}");
            assert!(fault.contains("is refused"), "{number} {index}: {fault}");
        }
    }
    let stray_in_g2 = (G2Affine::generator() * Fr::from(99u64)).into_affine();
    for index in 0..4 {
        let other = changed(&whole, 3, |points| put(points, index, stray_in_g2));
        assert!(refusal(check(&other, 2)).contains("is refused"), "{index}");
    }
    let beta = changed(&whole, 6, |points| put(points, 0, stray_in_g2));
    assert!(refusal(check(&beta, 2)).contains("beta differs"));
}

/// Sections of powers of another τ each.
#[test]
fn powers_of_different_numbers_are_refused() {
    let own = powers_sections(3, waste(), false);
    let other = Waste { tau: Fr::from(77u64), ..waste() };
    let other = powers_sections(3, other, false);
    for number in [2, 3, 4, 5] {
        let mixed: Vec<(u32, Vec<u8>)> = own
            .iter()
            .zip(&other)
            .map(|(own, other)| if own.0 == number { other.clone() } else { own.clone() })
            .collect();
        assert!(refusal(check(&file_of(*b"ptau", &mixed), 2)).contains("no powers"), "{number}");
    }
}

/// Points in the file are those that an inverse transform of the powers gives.
#[test]
fn lagrange_points_of_the_file_are_those_of_the_powers() {
    let circuit = squares();
    for power in [BITS, BITS + 1] {
        let made = new_key(&circuit, &powers(power, false)).expect("right powers");
        let read = new_key(&circuit, &powers(power, true)).expect("right powers");
        assert_eq!(made, read, "a file of power {power}");
    }
}

#[test]
fn lagrange_points_that_are_not_those_of_the_powers_are_refused() {
    let whole = powers(BITS, true);
    let first = (1 << BITS) - 1;
    for number in [12, 14, 15] {
        let other = changed(&whole, number, |points| put(points, first + 1, stray()));
        assert!(refusal(new_key(&squares(), &other)).contains("Lagrange points"), "{number}");
    }
    let stray_in_g2 = (G2Affine::generator() * Fr::from(99u64)).into_affine();
    let other = changed(&whole, 13, |points| put(points, first + 1, stray_in_g2));
    assert!(refusal(new_key(&squares(), &other)).contains("Lagrange points"));
    // Those between the domain's points.
    let between = (2 << BITS) - 1;
    let other = changed(&whole, 12, |points| put(points, between + 5, stray()));
    assert!(refusal(new_key(&squares(), &other)).contains("Lagrange points"));
}
