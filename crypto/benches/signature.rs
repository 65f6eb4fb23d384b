//! What one core does in a second: permutations, decodings, signatures, batches.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ed25519_dalek::{Signer, Verifier};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rayon::ThreadPoolBuilder;
use sheaf_crypto::curve::Point;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::{Digest, Tag, hash, hash_node, hash_nodes};
use sheaf_crypto::key::{DecodedKey, SecretKey};
use sheaf_crypto::poseidon::{WIDTH, permute};
use sheaf_crypto::quintic::Fe5;
use sheaf_crypto::scalar::Scalar;
use sheaf_crypto::signature::verify;
use sheaf_crypto::signature_batch::{BATCH, Claim, verify_all};

fn hashing(criterion: &mut Criterion) {
    let mut state = [Fe::ONE; WIDTH];
    criterion.bench_function("poseidon permutation, chained", |bencher| {
        bencher.iter(|| permute(&mut state));
    });
    let mut node = Digest::ZERO;
    criterion.bench_function("tree node, chained", |bencher| {
        bencher.iter(|| node = hash_node(&node, &Digest::ZERO));
    });
    let children: Vec<Digest> = (0..512).map(|i| hash(Tag::new(1), &[Fe::from_u64(i)])).collect();
    let mut parents = vec![Digest::ZERO; 256];
    let mut group = criterion.benchmark_group("tree");
    group.throughput(Throughput::Elements(256));
    group.bench_function("256 nodes", |bencher| {
        bencher.iter(|| hash_nodes(&children, &mut parents));
    });
}

fn field(criterion: &mut Criterion) {
    let mut element = Fe5([3, 5, 7, 11, 13].map(Fe::from_u64)).inverse();
    criterion.bench_function("GF(p^5) product, chained", |bencher| {
        bencher.iter(|| element *= element);
    });
    criterion.bench_function("GF(p^5) square, chained", |bencher| {
        bencher.iter(|| element = element.square());
    });
    criterion.bench_function("GF(p^5) inverse", |bencher| {
        bencher.iter(|| element = element.inverse());
    });
    let mut point = Point::generator();
    criterion.bench_function("addition", |bencher| bencher.iter(|| point = point + point));
    criterion.bench_function("doubling", |bencher| bencher.iter(|| point = point.double()));
    let encoded = point.encode();
    criterion.bench_function("decoding", |bencher| {
        bencher.iter(|| Point::decode_vartime(encoded));
    });
}

fn claims(count: usize, keys: usize) -> Vec<Claim> {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let secrets: Vec<SecretKey> = (1..=keys as u64)
        .map(|number| SecretKey::from_scalar(Scalar::from(number)).expect("not zero"))
        .collect();
    let keys: Vec<DecodedKey> =
        secrets.iter().map(|key| DecodedKey::new(key.public_key()).expect("a point")).collect();
    (0..count)
        .map(|i| {
            let message = hash(Tag::new(5), &[Fe::from_u64(i as u64)]);
            let signature = secrets[i % keys.len()].sign(&message, &mut rng);
            Claim { key: keys[i % keys.len()], message, signature }
        })
        .collect()
}

fn signing(criterion: &mut Criterion) {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let secret = SecretKey::from_scalar(-Scalar::from(5u64)).expect("not zero");
    let message = hash(Tag::new(5), &[Fe::ONE]);
    criterion.bench_function("sign", |bencher| bencher.iter(|| secret.sign(&message, &mut rng)));
    let claim = claims(1, 1)[0];
    criterion.bench_function("verify", |bencher| {
        bencher.iter(|| verify(&claim.key, &claim.message, &claim.signature));
    });
}

fn batches(criterion: &mut Criterion) {
    // One thread checks a batch by one sum.
    let alone = ThreadPoolBuilder::new().num_threads(1).build().expect("one thread");
    let mut group = criterion.benchmark_group("batch");
    for count in [64, 256, BATCH] {
        let distinct = claims(count, count);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(format!("{count} signatures of {count} keys"), |bencher| {
            bencher.iter(|| alone.install(|| verify_all(&distinct)));
        });
    }
    let repeated = claims(BATCH, 16);
    group.bench_function(format!("{BATCH} signatures of 16 keys"), |bencher| {
        bencher.iter(|| alone.install(|| verify_all(&repeated)));
    });
    let many = claims(8 * BATCH, 8 * BATCH);
    group.throughput(Throughput::Elements(many.len() as u64));
    group.bench_function("eight batches, all threads", |bencher| {
        bencher.iter(|| verify_all(&many));
    });
}

/// Ed25519 by ed25519-dalek, the signatures that a reader knows: the same number of messages and
/// keys, on one thread.
fn peers(criterion: &mut Criterion) {
    let secrets: Vec<ed25519_dalek::SigningKey> = (0..BATCH as u64)
        .map(|number| {
            let mut seed = [7; 32];
            seed[..8].copy_from_slice(&number.to_le_bytes());
            ed25519_dalek::SigningKey::from_bytes(&seed)
        })
        .collect();
    let messages: Vec<[u8; 32]> = (0..BATCH as u64)
        .map(|number| {
            let mut message = [1; 32];
            message[..8].copy_from_slice(&number.to_le_bytes());
            message
        })
        .collect();
    let messages: Vec<&[u8]> = messages.iter().map(|message| &message[..]).collect();
    let signatures: Vec<_> =
        secrets.iter().zip(&messages).map(|(secret, message)| secret.sign(message)).collect();
    let keys: Vec<_> = secrets.iter().map(ed25519_dalek::SigningKey::verifying_key).collect();
    let mut group = criterion.benchmark_group("ed25519-dalek");
    group.bench_function("verify", |bencher| {
        bencher.iter(|| keys[0].verify(messages[0], &signatures[0]).expect("signed"));
    });
    group.throughput(Throughput::Elements(BATCH as u64));
    group.bench_function(format!("{BATCH} signatures of {BATCH} keys"), |bencher| {
        bencher.iter(|| {
            ed25519_dalek::verify_batch(&messages, &signatures, &keys).expect("signed");
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = hashing, field, signing, batches, peers
}
criterion_main!(benches);
