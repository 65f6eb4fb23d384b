//! The folder of keys as users see it: whole keys are read at once. A file that `sheaf keys build`
//! did not write is refused with a sentence that names the file and says what to do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use alloy::primitives::{B256, U256, keccak256};
use serde_json::{Value, json};
use tempfile::TempDir;

const MANIFEST: &str = "manifest.json";
const PROVING_KEY: &str = "proving.key";

/// Runs `sheaf` on the small keys in a folder.
fn sheaf(keys: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sheaf"))
        .args(arguments)
        .args(["--circuits", "small", "--keys"])
        .arg(keys)
        .output()
        .expect("the program starts")
}

/// Keys that are built once for all tests, anew in every run, in a folder that the next run takes
/// over: nothing cleans up behind a static, and keys are large.
pub(crate) fn keys() -> &'static Path {
    static KEYS: OnceLock<PathBuf> = OnceLock::new();
    KEYS.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("keys");
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("nobody else uses it");
        }
        let output = sheaf(&folder, &["keys", "build"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        folder
    })
}

/// A second folder with the same files, to be changed: the proving key is too large to copy often.
struct Changed {
    folder: TempDir,
}

impl Changed {
    fn new() -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let (from, to) = (keys().join("small"), folder.path().join("small"));
        fs::create_dir(&to).expect("an empty folder");
        for name in names(&from) {
            fs::hard_link(from.join(&name), to.join(&name)).expect("one file system");
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("small").join(name)
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).expect("it is there");
    }

    /// Puts a file in place of another, which the first folder keeps.
    fn put(&self, name: &str, bytes: &[u8]) {
        self.remove(name);
        fs::write(self.path(name), bytes).expect("writable");
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("readable")
    }

    fn change_manifest(&self, change: impl FnOnce(&mut Value)) {
        let mut manifest = serde_json::from_slice(&self.read(MANIFEST)).expect("JSON");
        change(&mut manifest);
        self.put(MANIFEST, &serde_json::to_vec(&manifest).expect("JSON"));
    }

    /// What a command says that must not take these keys.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = sheaf(self.folder.path(), arguments);
        let words = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(!output.status.success(), "{arguments:?} takes wrong keys: {words}");
        let place = self.path("").display().to_string();
        assert!(words.contains(place.trim_end_matches('/')), "names no folder: {words}");
        let keys = self.folder.path().display();
        let build = format!("`sheaf keys build --circuits small --keys {keys}`");
        assert!(words.contains(&build), "no way out: {words}");
        words
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the keys are there");
    let name = |entry: fs::DirEntry| entry.file_name().into_string().expect("ASCII names");
    let mut names: Vec<String> = entries.map(|entry| name(entry.expect("readable"))).collect();
    names.sort();
    names
}

/// The JSON that a command prints about the keys of all tests.
fn answered(arguments: &[&str]) -> Value {
    let output = sheaf(keys(), &[arguments, &["--json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The key hash as docs/protocol.md has it: keccak256 of the words that the contract takes. The
/// file has the points of the key in the order of those words, little-endian, and of a coordinate
/// in G2 the real part first.
fn key_hash() -> String {
    let bytes = fs::read(keys().join("small/verifying.key")).expect("readable");
    let mut words: Vec<[u8; 32]> = Vec::new();
    let (points, rest) = bytes.split_at(64 + 3 * 128);
    let (g2, inputs) = (&points[64..], &rest[8..]);
    let parts = |bytes: &[u8]| -> Vec<[u8; 32]> {
        bytes.chunks_exact(32).map(|part| part.try_into().expect("32 bytes")).collect()
    };
    let number = |number: u64| B256::from(U256::from(number)).0;
    words.push(number(0x20));
    words.extend(parts(&points[..64]).into_iter().map(reversed));
    for coordinate in g2.chunks_exact(64) {
        words.extend(parts(coordinate).into_iter().rev().map(reversed));
    }
    words.extend([number(0x1e0), number(16)]);
    words.extend(parts(inputs).into_iter().map(reversed));
    assert_eq!(words.len(), 33);
    keccak256(words.concat()).to_string()
}

/// A coordinate big-endian, without the bits beside y that say how a point is compressed.
fn reversed(mut part: [u8; 32]) -> [u8; 32] {
    part[31] &= 0x3f;
    part.reverse();
    part
}

#[test]
fn slow_whole_keys_are_those_of_this_program() {
    let names = names(&keys().join("small"));
    let expected = [
        "batch.circuit",
        "data.circuit",
        "entry.circuit",
        "join-entry-0.circuit",
        "join-signature-0.circuit",
        MANIFEST,
        PROVING_KEY,
        "signature.circuit",
        "verifying.key",
    ];
    assert_eq!(names, expected);
    let output = sheaf(keys(), &["keys", "verify"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let manifest = fs::read(keys().join("small").join(MANIFEST)).expect("readable");
    let manifest: Value = serde_json::from_slice(&manifest).expect("JSON");
    let digest = manifest["digest"].as_str().expect("hex");
    let words = String::from_utf8(output.stdout).expect("UTF-8");
    let key_hash = key_hash();
    assert_eq!(words, format!("keys are whole; digest {digest}\nkey hash {key_hash}\n"));
    let answer = answered(&["keys", "verify"]);
    assert_eq!(answer, json!({ "digest": digest, "key_hash": key_hash }));
    let place = keys().join("small").display().to_string();
    assert_eq!(answered(&["keys", "build"]), json!({ "keys": place, "key_hash": key_hash }));
}

#[test]
fn every_file_that_was_changed_is_named() {
    for name in names(&keys().join("small")) {
        let changed = Changed::new();
        if name == PROVING_KEY {
            changed.put(&name, b"short");
        } else {
            let mut bytes = changed.read(&name);
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            changed.put(&name, &bytes);
        }
        let words = changed.refused(&["keys", "verify"]);
        // A digit of a digest in the manifest may be what was changed: then it is its file's.
        assert!(name == MANIFEST || words.contains(&name), "{name}: {words}");
    }
}

#[test]
fn every_file_that_is_missing_is_named() {
    for name in names(&keys().join("small")) {
        let changed = Changed::new();
        changed.remove(&name);
        let words = changed.refused(&["keys", "verify"]);
        // Without a manifest there are no keys at all.
        let expected = if name == MANIFEST { "there are no small keys" } else { &name };
        assert!(words.contains(expected), "{name}: {words}");
    }
}

/// A worker with keys of its own making has no proof that its sequencer takes.
#[test]
fn slow_a_worker_without_whole_keys_is_told_to_take_its_sequencers() {
    let changed = Changed::new();
    changed.remove(PROVING_KEY);
    let empty = TempDir::new().expect("a folder");
    for (folder, missing) in
        [(changed.folder.path(), PROVING_KEY), (empty.path(), "there are no small keys")]
    {
        let output = sheaf(folder, &["prover", "--url", "http://127.0.0.1:1"]);
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && words.contains(missing), "{words}");
        for way in ["copy that folder", "`sheaf keys export FILE", "`sheaf keys import FILE"] {
            assert!(words.contains(way), "{way} is missing: {words}");
        }
        assert!(!words.contains("keys build"), "{words}");
    }
}

#[test]
fn manifests_of_others_are_refused() {
    let older = Changed::new();
    older.put(MANIFEST, br#"{"format": 1, "sizes": "small"}"#);
    assert!(older.refused(&["keys", "verify"]).contains("another version of Sheaf"));

    // Keys of an older form do not say where they come from.
    let unnamed = Changed::new();
    unnamed.change_manifest(|manifest| {
        manifest["format"] = json!(3);
        manifest.as_object_mut().expect("an object").remove("setup");
    });
    assert!(unnamed.refused(&["keys", "verify"]).contains("another version of Sheaf"));

    // Without that no form is complete.
    unnamed.change_manifest(|manifest| manifest["format"] = json!(5));
    assert!(unnamed.refused(&["keys", "verify"]).contains("the manifest cannot be read"));

    let broken = Changed::new();
    broken.put(MANIFEST, b"{");
    assert!(broken.refused(&["keys", "verify"]).contains("the manifest cannot be read"));

    let larger = Changed::new();
    larger.change_manifest(|manifest| manifest["sizes"] = json!("production"));
    assert!(larger.refused(&["keys", "verify"]).contains("for production circuits"));

    let other = Changed::new();
    other.change_manifest(|manifest| manifest["digest"] = json!("00".repeat(32)));
    assert!(other.refused(&["keys", "verify"]).contains("the keys have digest"));
}

/// Keys whose files are whole, made for other constraints of the wrap above the same circuits.
#[test]
fn slow_keys_of_another_wrap_are_refused() {
    let changed = Changed::new();
    changed.change_manifest(|manifest| manifest["wrap"] = json!("00".repeat(32)));
    let words = changed.refused(&["keys", "verify"]);
    let expected = "the wrap of this program is not the one that the keys were made for";
    assert!(words.contains(expected), "{words}");
}

/// Files that fit a manifest which fits them, and yet are not this program's circuits.
#[test]
fn slow_consistent_keys_of_other_circuits_are_refused() {
    let changed = Changed::new();
    let other = changed.read("signature.circuit");
    changed.put("entry.circuit", &other);
    changed.change_manifest(|manifest| {
        manifest["files"]["entry.circuit"] = json!(hex::encode(keccak256(&other)));
    });
    let words = changed.refused(&["keys", "verify"]);
    assert!(words.contains("this program's circuits have digest"), "{words}");
}

/// The digest that `sheaf keys export` prints.
fn exported(file: &Path) -> String {
    let output = sheaf(keys(), &["keys", "export", &file.display().to_string()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let words = String::from_utf8(output.stdout).expect("UTF-8");
    let (digest, key_hash) = words.trim().split_once("\nkey hash ").expect("two lines");
    assert_eq!(key_hash, self::key_hash());
    digest.strip_prefix("digest ").expect("a digest").to_owned()
}

/// What an import says that must leave nothing behind.
fn not_imported(file: &Path, arguments: &[&str]) -> String {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let file = file.display().to_string();
    let output = sheaf(folder.path(), &[&["keys", "import", &file], arguments].concat());
    let words = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(!output.status.success(), "{words}");
    assert_eq!(names(folder.path()), [""; 0], "{words}");
    words
}

#[test]
fn an_export_becomes_the_same_keys_elsewhere() {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let file = folder.path().join("small.keys");
    let digest = exported(&file);
    let manifest = fs::read(keys().join("small").join(MANIFEST)).expect("readable");
    assert_eq!(digest, hex::encode(keccak256(&manifest)));
    let elsewhere = folder.path().join("elsewhere");
    let name = file.display().to_string();
    let import = ["keys", "import", &name, "--digest", &digest, "--json"];
    let output = sheaf(&elsewhere, &import);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let place = elsewhere.join("small").display().to_string();
    assert_eq!(answer, json!({ "keys": place, "digest": digest, "key_hash": key_hash() }));
    assert_eq!(names(&elsewhere), ["small"]);
    let (own, other) = (keys().join("small"), elsewhere.join("small"));
    assert_eq!(names(&own), names(&other));
    for name in names(&own) {
        let same = fs::read(own.join(&name)).ok() == fs::read(other.join(&name)).ok();
        assert!(same, "{name}");
    }
    // A second import and a second export overwrite nothing.
    let again = sheaf(&elsewhere, &import);
    let words = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(!again.status.success() && words.contains("there are keys in"), "{words}");
    let again = sheaf(keys(), &["keys", "export", &name]);
    let words = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(!again.status.success() && words.contains("nothing was overwritten"), "{words}");
}

#[test]
fn an_import_that_is_not_what_was_published_is_refused() {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let file = folder.path().join("small.keys");
    let digest = exported(&file);
    let words = not_imported(&file, &["--digest", &"00".repeat(32)]);
    assert!(words.contains(&format!("has digest {digest}, not 0000")), "{words}");
    assert!(words.contains("fetch it again"), "no way out: {words}");
    let larger = Command::new(env!("CARGO_BIN_EXE_sheaf"))
        .args(["keys", "import"])
        .arg(&file)
        .arg("--keys")
        .arg(folder.path().join("elsewhere"))
        .output()
        .expect("the program starts");
    let words = String::from_utf8_lossy(&larger.stderr).into_owned();
    assert!(!larger.status.success() && words.contains("for small circuits"), "{words}");

    let mut bytes = fs::read(&file).expect("readable");
    let write = |bytes: &[u8]| fs::write(&file, bytes).expect("writable");
    bytes.push(0);
    write(&bytes);
    assert!(not_imported(&file, &[]).contains("other bytes follow"));
    bytes.pop();
    let last = bytes.len() - 1;
    write(&bytes[..last]);
    assert!(not_imported(&file, &[]).contains("incomplete"));
    bytes[last] ^= 1;
    write(&bytes);
    let words = not_imported(&file, &[]);
    assert!(words.contains("verifying.key has another digest"), "{words}");
    bytes[last] ^= 1;
    // The digest covers the manifest, and through it all files.
    let start = 16 + bytes.windows(9).position(|some| some == b"\"outer\": ").expect("JSON") - 16;
    let digit = &mut bytes[start + 10];
    *digit = if *digit == b'0' { b'1' } else { b'0' };
    write(&bytes);
    assert!(not_imported(&file, &["--digest", &digest]).contains("has digest"));
    write(b"sheafkey");
    assert!(not_imported(&file, &[]).contains("not a whole file"));
    write(b"something else entirely");
    assert!(not_imported(&file, &[]).contains("not a whole file"));
}
