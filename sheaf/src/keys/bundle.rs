//! The folder of keys as one file, to be published and checked.
//!
//! The file is the magic bytes `sheafkey`, the manifest, and each file that the manifest names, in
//! the order of their names; manifest and files each behind their length in bytes as a big-endian
//! 64-bit integer. The manifest has a digest of each file, so keccak256 of the manifest is a digest
//! of everything.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Component, Path};

use alloy::primitives::{Keccak256, keccak256};
use anyhow::{Context, Result, bail, ensure};

use super::draft::Draft;
use super::manifest::Manifest;
use super::store::{KeyStore, MANIFEST, PROVING_KEY};
use crate::output;
use crate::whole_file;

const MAGIC: &[u8; 8] = b"sheafkey";
/// The longest manifest that is read: that of a folder has some kilobytes.
const MANIFEST_BYTES_MAX: u64 = 1 << 20;
/// Bytes that are copied at once.
const COPY_BYTES: usize = 1 << 20;

/// Writes the folder into a file and returns the file's digest in hex.
///
/// # Errors
/// When a file of the keys is missing or has another digest than the manifest says, or the file
/// cannot be written.
pub(super) fn export(store: &KeyStore, file: &Path) -> Result<String> {
    ensure!(!file.exists(), "{} exists; nothing was overwritten", file.display());
    let manifest = store.manifest()?;
    let text = store.read(MANIFEST)?;
    let draft = whole_file::begin(file, whole_file::PUBLIC)
        .with_context(|| format!("cannot write beside {}", file.display()))?;
    let write = || -> Result<()> {
        let mut writer = BufWriter::with_capacity(COPY_BYTES, draft.as_file());
        writer.write_all(MAGIC)?;
        writer.write_all(&(text.len() as u64).to_be_bytes())?;
        writer.write_all(&text)?;
        for name in manifest.files.keys() {
            let source = store.open(name)?;
            let length = source.metadata()?.len();
            writer.write_all(&length.to_be_bytes())?;
            let found = copy(source, length, &mut writer)?;
            store.check_file(name, &store.digest_of(&manifest, name)?, &found)?;
        }
        writer.flush()?;
        Ok(draft.as_file().sync_all()?)
    };
    write().with_context(|| format!("cannot write {}", file.display()))?;
    whole_file::put_new(draft, file).with_context(|| format!("cannot write {}", file.display()))?;
    output::note("publish the digest with the file: `sheaf keys import` compares it");
    Ok(hex::encode(keccak256(&text)))
}

/// Makes the folder from a file and returns the file's digest in hex.
///
/// # Errors
/// When there are keys already, the file is incomplete, a digest differs, or the keys are not those
/// of this program's circuits.
pub(super) fn import(store: &KeyStore, file: &Path, expected: Option<&str>) -> Result<String> {
    store.require_none()?;
    let name = file.display().to_string();
    let opened = File::open(file).with_context(|| format!("cannot open {name}"))?;
    let mut reader = BufReader::with_capacity(COPY_BYTES, opened);
    let text = read_manifest(&mut reader)
        .with_context(|| format!("{name} is not a whole file of `sheaf keys export`"))?;
    let found = hex::encode(keccak256(&text));
    if let Some(expected) = expected {
        let digits = expected.strip_prefix("0x").unwrap_or(expected);
        ensure!(
            digits.eq_ignore_ascii_case(&found),
            "{name} has digest {found}, not {expected}; fetch it again, or ask whoever published \
             it for its digest. Nothing was written"
        );
    }
    let draft = Draft::begin(&store.all()?)?;
    let own = store.within(draft.path());
    let place = own.place()?;
    std::fs::create_dir(&place).context("cannot write beside the keys")?;
    std::fs::write(place.join(MANIFEST), &text).context("cannot write the manifest")?;
    extract(&own, &mut reader)
        .with_context(|| format!("{name} cannot be taken; fetch it again"))?;
    own.verifiers().with_context(|| {
        format!(
            "the keys in {name} are not for this program's {} circuits; take the program and the \
             `--circuits` that they were made with",
            store.circuits.name()
        )
    })?;
    draft.take(&place, &store.place()?, || Ok(()))?;
    if expected.is_none() {
        output::note(
            "compare the digest with the one that was published: whoever made other keys can \
             forge proofs under them",
        );
    }
    Ok(found)
}

/// Writes the files that follow the manifest into the folder of `own`.
fn extract(own: &KeyStore, reader: &mut impl Read) -> Result<()> {
    let manifest: Manifest = own.manifest()?;
    ensure!(manifest.files.contains_key(PROVING_KEY), "it has no proving key");
    for name in manifest.files.keys() {
        // A name with a folder in it could lead anywhere.
        let mut parts = Path::new(name).components();
        let is_plain = matches!(parts.next(), Some(Component::Normal(_))) && parts.next().is_none();
        ensure!(is_plain && name != MANIFEST, "it has a file with the name {name}");
        let length = read_length(reader).context("it is incomplete")?;
        let file = File::create(own.place()?.join(name)).context("cannot write beside the keys")?;
        let mut writer = BufWriter::with_capacity(COPY_BYTES, file);
        let found = copy(&mut *reader, length, &mut writer)?;
        writer.flush().context("cannot write beside the keys")?;
        let expected = own.digest_of(&manifest, name)?;
        ensure!(expected == found, "its file {name} has another digest than its manifest says");
    }
    let mut more = [0];
    ensure!(reader.read(&mut more)? == 0, "other bytes follow its last file");
    Ok(())
}

fn read_manifest(reader: &mut impl Read) -> Result<Vec<u8>> {
    let mut magic = [0; MAGIC.len()];
    reader.read_exact(&mut magic)?;
    ensure!(magic == *MAGIC, "it begins with other bytes");
    let length = read_length(reader)?;
    ensure!(length <= MANIFEST_BYTES_MAX, "its manifest has {length} bytes");
    let mut text = vec![0; length as usize];
    reader.read_exact(&mut text)?;
    Ok(text)
}

fn read_length(reader: &mut impl Read) -> Result<u64> {
    let mut length = [0; 8];
    reader.read_exact(&mut length)?;
    Ok(u64::from_be_bytes(length))
}

/// Copies `length` bytes and returns their keccak256.
fn copy(reader: impl Read, length: u64, writer: &mut impl Write) -> Result<[u8; 32]> {
    let mut reader = reader.take(length);
    let mut buffer = vec![0; COPY_BYTES];
    let mut keccak = Keccak256::new();
    let mut copied = 0;
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        keccak.update(&buffer[..read]);
        writer.write_all(&buffer[..read])?;
        copied += read as u64;
    }
    if copied != length {
        bail!("it is incomplete: a file has {copied} of {length} bytes");
    }
    Ok(keccak.finalize().0)
}
