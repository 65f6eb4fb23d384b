//! The golden vectors in `ledger/vectors/`: examples of every hash, encoding and signature, for
//! clients in other languages.
//!
//! The tests compute each file again and compare it with the stored one. After a change of the
//! protocol, run the tests once with `SHEAF_WRITE_VECTORS=1`, which writes the files, and read the
//! difference before committing it.

use std::path::Path;

use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};
use sheaf_crypto::fixed_base::generator_product;
use sheaf_crypto::goldilocks::{Fe, ORDER};
use sheaf_crypto::hash::{Digest, hash, hash_node};
use sheaf_crypto::key::{DecodedKey, PublicKey, SecretKey};
use sheaf_crypto::poseidon::{WIDTH, permute};
use sheaf_crypto::quintic::Fe5;
use sheaf_crypto::scalar::Scalar;
use sheaf_crypto::signature::{Signature, challenge, verify};
use sheaf_ledger::domain::key_text;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::tag;

fn compare(name: &str, computed: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name);
    let computed = format!("{computed:#}\n");
    if std::env::var_os("SHEAF_WRITE_VECTORS").is_some() {
        std::fs::write(&path, &computed).expect("the vectors' folder can be written");
    }
    let kept = std::fs::read_to_string(&path).expect("the vectors are in the repository");
    assert_eq!(kept, computed, "{} differs from what is computed", path.display());
}

/// The permutation as docs/protocol.md defines it, from the constants that are given to strangers.
fn permuted_by_definition(constants: &Value, input: [Fe; WIDTH]) -> [Fe; WIDTH] {
    let rounds = constants["round constants"].as_array().expect("rows");
    let circulant: Vec<u64> =
        serde_json::from_value(constants["circulant"].clone()).expect("twelve integers");
    let first_lane = constants["first lane"].as_u64().expect("an integer");
    let mut state = input;
    for (round, row) in rounds.iter().enumerate() {
        let row: Vec<Fe> = serde_json::from_value(row.clone()).expect("twelve elements");
        let is_full = !(4..26).contains(&round);
        for (lane, constant) in row.into_iter().enumerate() {
            state[lane] += constant;
            if is_full || lane == 0 {
                state[lane] = state[lane].pow(7);
            }
        }
        let before = state;
        state = core::array::from_fn(|lane| {
            let products =
                (0..WIDTH).map(|i| Fe::from_u64(circulant[i]) * before[(i + lane) % WIDTH]);
            products.fold(Fe::ZERO, |sum, product| sum + product)
        });
        state[0] += Fe::from_u64(first_lane) * before[0];
    }
    state
}

#[test]
fn the_published_constants_define_the_permutation() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/poseidon.json");
    let text = std::fs::read_to_string(path).expect("the vectors are in the repository");
    let constants: Value = serde_json::from_str(&text).expect("JSON");
    for first in [0, 1, ORDER - 12] {
        let input = core::array::from_fn(|lane| Fe::from_u64(first + lane as u64));
        let mut state = input;
        permute(&mut state);
        assert_eq!(permuted_by_definition(&constants, input), state);
    }
}

fn counted(count: usize) -> Vec<Fe> {
    (1..=count as u64).map(Fe::from_u64).collect()
}

fn wide(first: u8) -> [u8; Scalar::WIDE_BYTES] {
    core::array::from_fn(|i| first.wrapping_mul(31).wrapping_add((i as u8).wrapping_mul(7)))
}

fn secret(first: u8) -> SecretKey {
    SecretKey::from_scalar(Scalar::from_wide_bytes(&wide(first))).expect("not zero")
}

fn permutation(input: [u64; WIDTH]) -> Value {
    let mut state = input.map(Fe::from_u64);
    let before = state;
    permute(&mut state);
    json!({ "input": before, "output": state })
}

#[test]
fn hashes() {
    let permutations = [
        permutation([0; WIDTH]),
        permutation([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        permutation([ORDER - 1; WIDTH]),
    ];
    let tags = [
        tag::LEAF,
        tag::NODE,
        tag::OWNER,
        tag::DOMAIN,
        tag::DEBIT,
        tag::WITHDRAW,
        tag::PAYEE,
        tag::CHALLENGE,
        tag::SIGNATURE_LINK,
        tag::DATA_LINK,
        tag::L1_LINK,
        tag::STATE,
        tag::MACHINE,
        tag::CHAINS,
        tag::CURSOR,
    ];
    let of_tags = tags.map(|tag| {
        let elements = counted(8);
        json!({ "tag": tag.number(), "elements": elements, "digest": hash(tag, &elements) })
    });
    let of_lengths = [0, 1, 7, 8, 9, 16, 17, 40].map(|length| {
        let elements = counted(length);
        let digest = hash(tag::MACHINE, &elements);
        json!({ "tag": tag::MACHINE.number(), "elements": elements, "digest": digest })
    });
    let mut empty = Digest::ZERO;
    let roots: Vec<Digest> = (0..32)
        .map(|_| {
            empty = hash_node(&empty, &empty);
            empty
        })
        .collect();
    compare(
        "hash.json",
        &json!({
            "permutations": permutations,
            "tags": of_tags,
            "lengths": of_lengths,
            "empty trees of height 1 to 32": roots,
        }),
    );
}

#[test]
fn points() {
    let scalars =
        [Scalar::ONE, Scalar::from(2u64), -Scalar::ONE, Scalar::from_wide_bytes(&wide(1))];
    let multiples = scalars.map(|scalar| {
        let point = generator_product(&scalar);
        let (x, u) = point.coordinates();
        json!({ "scalar": scalar, "w": PublicKey::from_elements(point.encode().0), "x": x, "u": u })
    });
    let residues = [0u8, 1, 255].map(|first| {
        let bytes = wide(first);
        let scalar = Scalar::from_wide_bytes(&bytes);
        json!({ "bytes": format!("0x{}", hex::encode(bytes)), "scalar": scalar })
    });
    let refused = (0..12).filter_map(|small| {
        let key = PublicKey::from_elements(Fe5::from_base(Fe::from(small)).0);
        DecodedKey::new(key).err().map(|error| json!({ "w": key, "reason": error.to_string() }))
    });
    compare(
        "point.json",
        &json!({
            "multiples of the generator": multiples,
            "residues of 640-bit integers": residues,
            "refused as keys": refused.collect::<Vec<_>>(),
        }),
    );
}

#[test]
fn keys_and_owners() {
    let contract = L1Address(core::array::from_fn(|i| 0xA0 + i as u8));
    let derived = [27u8, 28].map(|parity| {
        let mut signature = [0x5A; 65];
        signature[64] = parity;
        let key = SecretKey::from_l1_signature(&signature).expect("not zero");
        json!({
            "l1 signature": format!("0x{}", hex::encode(signature)),
            "secret": format!("0x{}", hex::encode(*key.to_bytes())),
            "key": key.public_key(),
        })
    });
    let owners = [1u8, 2].map(|first| {
        let key = secret(first).public_key();
        let address = L1Address([first.wrapping_mul(0x77); 20]);
        let owner = Owner::new(&key, &address);
        json!({
            "key": key,
            "address": address,
            "limbs": address.limbs(),
            "elements": owner.0,
            "bytes24": format!("0x{}", hex::encode(owner.to_bytes())),
            "owner": owner,
        })
    });
    let text = key_text("31337", &contract);
    compare("key.json", &json!({ "text": text, "derived": derived, "owners": owners }));
}

#[test]
fn signatures() {
    let mut rng = ChaCha20Rng::seed_from_u64(0);
    let valid = [1u8, 2, 3].map(|first| {
        let secret = secret(first);
        let key = secret.public_key();
        let message = hash(tag::DEBIT, &counted(first.into()));
        let signature = secret.sign(&message, &mut rng);
        let challenge = challenge(&signature.r, &key, &message);
        json!({
            "secret": format!("0x{}", hex::encode(*secret.to_bytes())),
            "key": key,
            "message": message,
            "challenge": challenge.to_string(),
            "signature": signature,
        })
    });
    let message = hash(tag::DEBIT, &counted(1));
    let key = DecodedKey::new(secret(1).public_key()).expect("a point");
    let good = secret(1).sign(&message, &mut rng);
    let invalid = [
        ("s + 1", Signature { s: good.s + Scalar::ONE, ..good }),
        ("R is another point", Signature { r: generator_product(&Scalar::ONE).encode(), ..good }),
        ("R is no point", Signature { r: Fe5::from_base(Fe::ONE), ..good }),
        ("R is the neutral point", Signature { r: Fe5::ZERO, ..good }),
    ]
    .map(|(fault, signature)| {
        assert!(verify(&key, &message, &signature).is_err(), "{fault}");
        json!({ "fault": fault, "key": key.key(), "message": message, "signature": signature })
    });
    compare("signature.json", &json!({ "valid": valid, "invalid": invalid }));
}
