//! Keys: a ceremony ends with a key under which our prover proves, and each wrong key is refused.

use super::*;
use crate::groth16;
use crate::groth16::tests::{prove_squares, squares as squared};

/// Powers and a key with two persons' contributions and a beacon's.
fn ceremony() -> (Vec<u8>, Vec<u8>) {
    let powers = powers(BITS, true);
    let first = new_key(&squares(), &powers).expect("right powers");
    let (one, _) = contributed(&first, "one").expect("a right key");
    let (two, _) = contributed(&one, "").expect("a right key");
    (powers, beacon(&two).expect("a right key"))
}

#[test]
fn the_key_of_a_ceremony_proves_and_lists_its_contributions() {
    let powers = powers(BITS + 1, true);
    let first = new_key(&squares(), &powers).expect("right powers");
    let unfinished = verified(&first, &squares(), &powers).expect("a right key");
    assert_eq!(unfinished.contributions, []);
    let weak = groth16::check_verifying_key(&unfinished.key.vk);
    assert!(matches!(weak, Err(Error::WeakKey { .. })), "everybody can forge under it");

    let (one, digest_of_one) = contributed(&first, "one").expect("a right key");
    let (two, digest_of_two) = contributed(&one, "two").expect("a right key");
    let Verified { key, contributions, .. } =
        verified(&two, &squares(), &powers).expect("a right key");
    let listed: Vec<_> = contributions.iter().map(|one| (one.name.as_str(), one.digest)).collect();
    assert_eq!(listed, [("one", digest_of_one), ("two", digest_of_two)]);
    assert_eq!(key.vk.gamma_g2, G2Affine::generator());
    let proof = prove_squares(&key);
    groth16::verify(&key.vk, &squared(), &proof).expect("a proof of the squares");
    let mut other = squared();
    other[3] += Fr::ONE;
    assert!(matches!(groth16::verify(&key.vk, &other, &proof), Err(Error::WrapRefused)));
    // Each contribution makes another key.
    let before = verified(&one, &squares(), &powers).expect("a right key");
    assert!(groth16::verify(&before.key.vk, &squared(), &proof).is_err());
}

#[test]
fn a_beacons_contribution_can_be_repeated_and_no_other_passes_for_it() {
    let (powers, file) = ceremony();
    let listed = verified(&file, &squares(), &powers).expect("a right key").contributions;
    let [one, _, last] = &listed[..] else { panic!("three contributions") };
    assert_eq!(one.beacon, None);
    assert_eq!(last.beacon, Some(Beacon { value: vec![1, 2, 3, 4], exponent: 10 }));
    let end = sections_of(&file).pop().expect("the last section").1.len();
    // The value of the beacon is the end of the file, and its exponent stands before the value.
    for (from_end, fault) in [(1, "not the beacon's"), (7, "not the beacon's")] {
        let other = changed(&file, 10, |list| list[end - from_end] ^= 1);
        let refusal = refusal(verified(&other, &squares(), &powers));
        assert!(refusal.contains("contribution 3") && refusal.contains(fault), "{refusal}");
    }
    // 2^42 hashes are refused, not made.
    let longer = changed(&file, 10, |list| list[end - 7] = 42);
    assert!(refusal(verified(&longer, &squares(), &powers)).contains("can be repeated"));
}

#[test]
fn incomplete_and_foreign_keys_are_refused() {
    let (powers, file) = ceremony();
    for length in [0, 11, 40, 300, file.len() / 2, file.len() - 1] {
        let fault = refusal(verified(&file[..length], &squares(), &powers));
        assert!(fault.contains("the ceremony's key is refused: it "), "{length}: {fault}");
        assert!(contributed(&file[..length], "one").is_err(), "{length}");
    }
    let system = changed(&file, 1, |system| system[0] = 2);
    assert!(refusal(verified(&system, &squares(), &powers)).contains("no key for Groth16"));
    let curve = changed(&file, 2, |header| header[4] ^= 1);
    assert!(refusal(verified(&curve, &squares(), &powers)).contains("another curve"));
    for number in [3, 5, 6, 7, 8, 9] {
        let shorter = changed(&file, number, |points| points.truncate(64));
        let fault = refusal(verified(&shorter, &squares(), &powers));
        assert!(fault.contains(&format!("section {number} has 64 bytes")), "{fault}");
    }
    let list = changed(&file, 10, |list| list.truncate(100));
    assert!(refusal(verified(&list, &squares(), &powers)).contains("incomplete"));
    let list = changed(&file, 10, |list| list.push(0));
    assert!(refusal(verified(&list, &squares(), &powers)).contains("other bytes follow"));
}

#[test]
fn a_key_for_another_circuit_or_from_other_powers_is_refused() {
    let (own, file) = ceremony();
    let other = Waste { tau: Fr::from(77u64), ..waste() };
    let other = file_of(*b"ptau", &powers_sections(BITS, other, true));
    let fault = refusal(verified(&file, &squares(), &other));
    assert!(fault.contains("these powers of tau"), "{fault}");

    // Of the same size, with another coefficient.
    let scaled = Constraints::new(Scaled).expect("a small circuit");
    let of_scaled = new_key(&scaled, &own).expect("right powers");
    let (of_scaled, _) = contributed(&of_scaled, "one").expect("a right key");
    assert!(verified(&of_scaled, &scaled, &own).is_ok());
    assert!(refusal(verified(&of_scaled, &squares(), &own)).contains("differs"));
    // Its contributions do not fit the other circuit's key.
    let list = sections_of(&of_scaled).pop().expect("the last section").1;
    let taken = changed(&file, 10, |own| *own = list);
    assert!(refusal(verified(&taken, &squares(), &own)).contains("differs"));
    assert!(refusal(contributed(&taken, "two")).contains("another delta"));
}

/// As [`Squares`], but its first square is scaled.
struct Scaled;

impl ark_relations::gr1cs::ConstraintSynthesizer<Fr> for Scaled {
    fn generate_constraints(
        self,
        system: ark_relations::gr1cs::ConstraintSystemRef<Fr>,
    ) -> Result<(), ark_relations::gr1cs::SynthesisError> {
        use ark_relations::gr1cs::LinearCombination;
        for index in 0..7u64 {
            let square = system.new_input_variable(|| Ok(Fr::ONE))?;
            let root = system.new_witness_variable(|| Ok(Fr::ONE))?;
            let factor = Fr::from(if index == 0 { 2u64 } else { 1 });
            system.enforce_r1cs_constraint(
                || LinearCombination::from(root),
                || LinearCombination::from(root),
                || LinearCombination::from((factor, square)),
            )?;
        }
        Ok(())
    }
}

/// One change of each part that the check looks at.
#[test]
fn a_changed_key_is_refused_and_the_part_is_named() {
    let (powers, file) = ceremony();
    let refused = |number: u32, change: &dyn Fn(&mut Vec<u8>)| {
        refusal(verified(&changed(&file, number, change), &squares(), &powers))
    };
    let points = COUNTS;
    for (number, index, part) in [
        (3, 4, "a point of the inputs"),
        (5, 9, "a point of the first matrix"),
        (6, 9, "a point of the second matrix in G1"),
        (8, 6, "a point of the witnesses"),
        (9, 0, "a point of the quotient"),
        (9, 15, "a point of the quotient"),
    ] {
        let fault = refused(number, &|points| put(points, index, stray()));
        assert!(fault.contains(&format!("{part} differs")), "{fault}");
        let fault = refused(number, &|points| points[index * 64 + 32] ^= 1);
        assert!(fault.contains("not on its curve"), "{fault}");
        let fault = refused(number, &|points| points[index * 64..][..64].fill(0));
        assert!(fault.contains(&format!("{part} differs")), "{fault}");
    }
    let in_g2 = (G2Affine::generator() * Fr::from(99u64)).into_affine();
    let fault = refused(7, &|points| put(points, 9, in_g2));
    assert!(fault.contains("a point of the second matrix in G2 differs"), "{fault}");
    let fault = refused(4, &|list| list[4 + 12] ^= 1);
    assert!(fault.contains("a coefficient differs"), "{fault}");
    // α and β in G1, β and γ in G2, δ in G1 and G2.
    for (from, part) in [(0, "alpha"), (64, "beta"), (384, "delta in G1")] {
        let fault = refused(2, &|header| put(&mut header[points + from..], 0, stray()));
        assert!(fault.contains(&format!("{part} differs")), "{fault}");
    }
    for (from, part) in [(128, "beta"), (256, "gamma"), (448, "delta in G2")] {
        let fault = refused(2, &|header| put(&mut header[points + from..], 0, in_g2));
        assert!(fault.contains(&format!("{part} differs")), "{fault}");
        let outside = outside_the_group();
        let fault = refused(2, &|header| put(&mut header[points + from..], 0, outside));
        assert!(fault.contains("zero or not in its group"), "{fault}");
    }
    let fault = refused(2, &|header| header[points..points + 64].fill(0));
    assert!(fault.contains("zero or not in its group"), "{fault}");
    let fault = refused(10, &|list| list[0] ^= 1);
    assert!(fault.contains("another list of contributions"), "{fault}");
    assert!(verified(&file, &squares(), &powers).is_ok(), "unchanged, it is accepted");
}

/// Bytes of a key's header before its points.
const COUNTS: usize = 2 * 36 + 12;
/// Bytes of a contribution before its kind, and with an empty list of parameters.
const FIXED: usize = 3 * 64 + 128 + 64;

/// Contributions left out, exchanged or changed.
#[test]
fn a_changed_list_of_contributions_is_refused() {
    let (powers, file) = ceremony();
    let refused = |change: &dyn Fn(&mut Vec<u8>)| {
        refusal(verified(&changed(&file, 10, change), &squares(), &powers))
    };
    let head = 64 + 4;
    // The first contribution has the parameters of a name of three letters.
    let second = head + FIXED + 8 + 5;
    let third = second + FIXED + 8;
    let fault = refused(&|list| {
        list[64] = 2;
        list.drain(head..second);
    });
    assert!(fault.contains("contribution 1") && fault.contains("another list"), "{fault}");
    let fault = refused(&|list| {
        list[64] = 2;
        list.truncate(third);
    });
    assert!(fault.contains("delta in G1 differs"), "the last one is missing: {fault}");
    let fault = refused(&|list| {
        let first = list[head..second].to_vec();
        list.splice(third..third, first);
        list.drain(head..second);
    });
    assert!(fault.contains("another list"), "exchanged: {fault}");

    let in_g2 = (G2Affine::generator() * Fr::from(99u64)).into_affine();
    let fault = refused(&|list| put(&mut list[head..], 0, stray()));
    assert!(fault.contains("contribution 1") && fault.contains("another number"), "{fault}");
    for index in [1, 2] {
        let fault = refused(&|list| put(&mut list[head..], index, stray()));
        assert!(fault.contains("another list"), "{fault}");
        let fault = refused(&|list| list[head + index * 64..][..64].fill(0));
        assert!(fault.contains("point at infinity"), "{fault}");
    }
    let fault = refused(&|list| put(&mut list[head + 192..], 0, in_g2));
    assert!(fault.contains("does not prove that its secret was known"), "{fault}");
    let fault = refused(&|list| put(&mut list[head + 192..], 0, outside_the_group()));
    assert!(fault.contains("not in the group"), "{fault}");
    let fault = refused(&|list| list[head + FIXED] = 1);
    assert!(fault.contains("neither a person's nor a beacon's"), "{fault}");
    let fault = refused(&|list| list[head + FIXED + 8] = 9);
    assert!(fault.contains("unknown parameter"), "{fault}");
}

/// What is wrong without a circuit is found without one, and whatever is found is found again.
#[test]
fn contributions_are_checked_without_the_circuit() {
    let (powers_of_key, file) = ceremony();
    let early = |file: &[u8], powers: &[u8]| {
        let powers = Powers::open(Cursor::new(powers.to_vec()))?;
        KeyFile::open(Cursor::new(file.to_vec()))?.check_contributions(&powers)
    };
    let listed = verified(&file, &squares(), &powers_of_key).expect("a right key").contributions;
    assert_eq!(early(&file, &powers_of_key).expect("a right key"), listed);
    assert_eq!(KeyFile::open(Cursor::new(&file)).expect("a right key").contributions(), listed);
    let few = refusal(early(&file, &powers(BITS - 1, true)));
    assert!(few.contains("needs 2^4 powers of tau and the file has 2^3"), "{few}");
    let list = changed(&file, 10, |list| list[0] ^= 1);
    let in_g1 = changed(&file, 2, |header| put(&mut header[COUNTS + 384..], 0, stray()));
    let in_g2 = (G2Affine::generator() * Fr::from(99u64)).into_affine();
    let in_g2 = changed(&file, 2, |header| put(&mut header[COUNTS + 448..], 0, in_g2));
    for (file, fault) in
        [(list, "another list"), (in_g1, "delta in G1 differs"), (in_g2, "delta in G2 differs")]
    {
        let mut powers = Powers::open(Cursor::new(powers_of_key.clone())).expect("right powers");
        let mut key = KeyFile::open(Cursor::new(file)).expect("it can be read");
        let found = refusal(key.check_contributions(&powers));
        assert!(found.contains(fault), "{found}");
        let found = refusal(with_run(|run| verify(&mut key, &squares(), &mut powers, run)));
        assert!(found.contains(fault), "{found}");
    }
}

/// Whoever contributes to a key with a wrong list is told before a file is written.
#[test]
fn nobody_contributes_to_a_wrong_list_or_under_a_long_name() {
    let (_, file) = ceremony();
    let wrong = changed(&file, 10, |list| list[0] ^= 1);
    assert!(refusal(contributed(&wrong, "one")).contains("another list"));
    assert!(refusal(beacon(&wrong)).contains("another list"));
    assert!(refusal(contributed(&file, &"n".repeat(65))).contains("longer than 64"));
    assert!(contributed(&file, &"n".repeat(64)).is_ok());
}

/// The secret depends on what the system draws, and on what a person types.
#[test]
fn secrets_follow_from_both_sources() {
    let secret = |byte: u8, text: &str| {
        let random = Zeroizing::new(vec![byte; 64]);
        *Secret::draw(&random, &Zeroizing::new(text.to_owned())).delta
    };
    assert_eq!(secret(1, "a"), secret(1, "a"));
    assert_ne!(secret(1, "a"), secret(2, "a"));
    assert_ne!(secret(1, "a"), secret(1, "b"));
}
