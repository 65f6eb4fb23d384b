//! Our files and snarkjs' are the same files: each program takes what the other made.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ark_ff::BigInteger;

use super::*;
use crate::groth16::tests::{prove_squares, squares as squared, variables};
use crate::groth16::{self, PROOF_WORDS, VerifyingKey, WrapProof};

/// The power of the test's file, one more than the circuit needs.
const POWER: u32 = BITS + 1;

/// A folder for the files of a test, and snarkjs.
struct Snarkjs {
    folder: PathBuf,
}

impl Snarkjs {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("sheaf-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a new folder");
        Self { folder }
    }

    /// Runs a command and returns what it printed, without colours.
    fn run(&self, command: &str) -> (bool, String) {
        let program =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node_modules/snarkjs/build/cli.cjs");
        assert!(program.exists(), "`make snarkjs` installs snarkjs");
        let output = Command::new("node")
            .arg(program)
            .args(command.split(' '))
            .current_dir(&self.folder)
            .output()
            .expect("node is installed");
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).expect("UTF-8").replace("\u{1b}[", "");
        (output.status.success(), text)
    }

    fn done(&self, command: &str) -> String {
        let (is_done, text) = self.run(command);
        assert!(is_done, "{command}: {text}");
        text
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.join(name)).expect("it was written")
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.folder.join(name), bytes).expect("a file");
    }

    /// Powers of τ that snarkjs made: one contribution, prepared.
    fn powers(&self) -> Vec<u8> {
        self.done(&format!("powersoftau new bn128 {POWER} new.ptau"));
        self.done("powersoftau contribute new.ptau one.ptau --name=one -e=text");
        self.done("powersoftau prepare phase2 one.ptau powers.ptau");
        self.read("powers.ptau")
    }
}

impl Drop for Snarkjs {
    fn drop(&mut self) {
        // What is left behind is small.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A digest as snarkjs prints it, without its line breaks.
fn printed(digest: &Digest) -> String {
    digest.chunks(4).map(|word| word.iter().map(|byte| format!("{byte:02x}")).collect()).fold(
        String::new(),
        |text, word: String| if text.is_empty() { word } else { format!("{text} {word}") },
    )
}

/// What snarkjs printed, in one line.
fn in_a_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn slow_each_program_takes_the_files_of_the_other() {
    let snarkjs = Snarkjs::new("ceremony");
    let powers = snarkjs.powers();
    check(&powers, BITS).expect("snarkjs' powers");
    let circuit = squares();
    let mut r1cs = Vec::new();
    circuit.write_r1cs(&mut r1cs).expect("memory");
    snarkjs.write("circuit.r1cs", &r1cs);

    // The first key is snarkjs' own, but for the order of the sections.
    let first = new_key(&circuit, &powers).expect("right powers");
    snarkjs.done("groth16 setup circuit.r1cs powers.ptau theirs.zkey");
    let mut ours = sections_of(&first);
    let mut theirs = sections_of(&snarkjs.read("theirs.zkey"));
    ours.sort();
    theirs.sort();
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs, "section {}", ours.0);
    }
    assert_eq!(ours.len(), theirs.len());

    // Ours, theirs, and a beacon of ours on top of theirs.
    let (one, digest) = contributed(&first, "one").expect("a right key");
    snarkjs.write("1.zkey", &one);
    let text = snarkjs.done("zkey contribute 1.zkey 2.zkey --name=two -e=text");
    let two = snarkjs.read("2.zkey");
    let last = beacon(&two).expect("a right key");
    snarkjs.write("3.zkey", &last);
    let Verified { key, circuit: circuit_digest, contributions } =
        verified(&last, &circuit, &powers).expect("a right key");
    assert_eq!(contributions.len(), 3);
    assert_eq!((contributions[0].digest, contributions[1].name.as_str()), (digest, "two"));
    assert!(in_a_line(&text).contains(&printed(&contributions[1].digest)), "{text}");
    // The same beacon by snarkjs makes the same file.
    snarkjs.done("zkey beacon 2.zkey theirs.zkey 01020304 10");
    let mut theirs = sections_of(&snarkjs.read("theirs.zkey"));
    let mut ours = sections_of(&last);
    ours.sort();
    theirs.sort();
    assert_eq!(ours, theirs);
    let text = snarkjs.done("zkey verify circuit.r1cs powers.ptau 3.zkey");
    assert!(text.contains("ZKey Ok!"), "{text}");
    for digest in contributions.iter().map(|one| &one.digest).chain([&circuit_digest]) {
        assert!(in_a_line(&text).contains(&printed(digest)), "{text}");
    }
    // A key that we refuse, snarkjs refuses.
    let wrong = changed(&last, 9, |points| put(points, 3, stray()));
    assert!(verified(&wrong, &circuit, &powers).is_err());
    snarkjs.write("wrong.zkey", &wrong);
    let (_, text) = snarkjs.run("zkey verify circuit.r1cs powers.ptau wrong.zkey");
    assert!(!text.contains("ZKey Ok!"), "{text}");

    compare_proofs(&snarkjs, &key);
}

/// A proof of each program is verified by the other.
fn compare_proofs(snarkjs: &Snarkjs, key: &groth16::ProvingKey) {
    snarkjs.done("zkey export verificationkey 3.zkey verifying.json");
    let inputs = squared().map(|input| format!("\"{input}\"")).join(",");
    snarkjs.write("inputs.json", format!("[{inputs}]").as_bytes());
    let proof = prove_squares(key);
    snarkjs.write("ours.json", proof_json(&proof).as_bytes());
    let text = snarkjs.done("groth16 verify verifying.json inputs.json ours.json");
    assert!(text.contains("OK!"), "{text}");
    let mut other = proof;
    other.0.swap(0, 6);
    other.0.swap(1, 7);
    snarkjs.write("other.json", proof_json(&other).as_bytes());
    let (_, text) = snarkjs.run("groth16 verify verifying.json inputs.json other.json");
    assert!(!text.contains("OK!"), "{text}");

    snarkjs.write("witness.wtns", &witness());
    snarkjs.done("groth16 prove 3.zkey witness.wtns theirs.json public.json");
    let theirs = parse(&snarkjs.read("theirs.json"));
    groth16::verify(&key.vk, &squared(), &theirs).expect("snarkjs' proof");
    let other = VerifyingKey { delta_g2: G2Affine::generator(), ..key.vk.clone() };
    assert!(groth16::verify(&other, &squared(), &theirs).is_err());
}

fn decimal(word: &[u8; 32]) -> String {
    format!("\"{}\"", Fq::from_be_bytes_mod_order(word))
}

fn proof_json(proof: &WrapProof) -> String {
    let [a0, a1, b0, b1, b2, b3, c0, c1] = proof.0.each_ref().map(decimal);
    // Real parts first, and the third coordinate of each point.
    format!(
        "{{\"protocol\":\"groth16\",\"curve\":\"bn128\",\"pi_a\":[{a0},{a1},\"1\"],\
         \"pi_b\":[[{b1},{b0}],[{b3},{b2}],[\"1\",\"0\"]],\"pi_c\":[{c0},{c1},\"1\"]}}"
    )
}

fn parse(json: &[u8]) -> WrapProof {
    let json: serde_json::Value = serde_json::from_slice(json).expect("JSON");
    let word = |value: &serde_json::Value| -> [u8; 32] {
        let coordinate: Fq = value.as_str().expect("text").parse().expect("decimal");
        coordinate.into_bigint().to_bytes_be().try_into().expect("32 bytes")
    };
    let (a, b, c) = (&json["pi_a"], &json["pi_b"], &json["pi_c"]);
    let words: [[u8; 32]; PROOF_WORDS] =
        [&a[0], &a[1], &b[0][1], &b[0][0], &b[1][1], &b[1][0], &c[0], &c[1]].map(word);
    WrapProof(words)
}

/// The assignment as a .wtns file.
fn witness() -> Vec<u8> {
    let variables = variables();
    let mut header = (FIELD_BYTES as u32).to_le_bytes().to_vec();
    put_integer(&Fr::MODULUS, &mut header);
    header.extend((variables.len() as u32).to_le_bytes());
    let mut values = Vec::new();
    variables.iter().for_each(|value| put_integer(&value.into_bigint(), &mut values));
    file_of(*b"wtns", &[(1, header), (2, values)])
}
