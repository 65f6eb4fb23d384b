//! The folder of keys. `sheaf keys build` makes it once, or devnet, demo or bench if there is none;
//! every later start reads it.
//!
//! A build writes a draft beside the final folder and renames it at the end (`draft`), so an
//! interrupted build is never taken for keys. The manifest names every file and all circuits by
//! digest. A file or circuit with another digest is refused with a sentence that names it.
//!
//! Reading the keys builds no circuit: it reads the verifier data, some kilobytes for each circuit.
//! Only a prover builds circuits, and compares each with the stored verifier data.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use alloy::primitives::{B256, Keccak256, keccak256};
use anyhow::{Context, Error, Result, bail, ensure};
use clap::Args;
use sheaf_circuits::circuit_name::CircuitName;
use sheaf_circuits::circuits::Circuits;
use sheaf_circuits::keys::VerifyingKeyWords;
use sheaf_circuits::keys::{
    Provers, StoredProvingKey, Verifiers, build_circuits, read_verifying_key,
};
use zeroize::Zeroizing;

use super::draft::Draft;
use super::manifest::{self, FORMAT, Manifest, Setup};
use super::progress::Progress;
use super::{Sizes, WARNING};
use crate::circuits::contract_key;
use crate::output;
use crate::shell::quoted;

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const PROVING_KEY: &str = "proving.key";
const VERIFYING_KEY: &str = "verifying.key";
/// The extension of a file with a circuit's verifier data; its stem is the circuit's name.
const CIRCUIT: &str = "circuit";

/// Parts of a build besides the circuits below the outer one: outer circuit, Groth16 key, files.
const KEY_PARTS: usize = 3;
/// Parts of `verify` besides those circuits: the outer circuit and the proving key.
const READ_PARTS: usize = 2;

/// The sentence about keys in a format that this program does not know.
const OTHER_VERSION: &str = "the keys are of another version of Sheaf";
/// Bytes read at once when a file is digested.
const READ_BYTES: usize = 1 << 20;

/// The folder of the keys and the sizes of their circuits.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeyStore {
    /// Folder of all keys [default: ~/.cache/sheaf/keys]
    ///
    /// The keys of each size of circuits are in a folder of their own there.
    #[arg(long, env = "SHEAF_KEYS", value_name = "FOLDER", global = true)]
    keys: Option<PathBuf>,
    /// Sizes of the circuits, which decide how much one batch may contain
    #[arg(long, value_enum, default_value_t = Sizes::Production, global = true)]
    pub circuits: Sizes,
    #[arg(skip)]
    origin: Origin,
}

/// Where keys come from that are missing or of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Origin {
    /// This machine can build them.
    #[default]
    Here,
    /// The machine of the sequencer has them: no other keys prove for that sequencer.
    Sequencer,
    /// They are being imported, so that nobody can remove or build them.
    Draft,
}

impl KeyStore {
    /// Whether the folder of these keys has a manifest.
    ///
    /// # Errors
    /// When neither `--keys` nor HOME says where the folder is.
    pub(crate) fn exists(&self) -> Result<bool> {
        Ok(self.place()?.join(MANIFEST).exists())
    }

    /// Makes the keys, unless they exist. Shows its progress on standard error.
    ///
    /// # Errors
    /// When a circuit cannot be built or the folder cannot be written.
    pub(crate) fn build(&self) -> Result<()> {
        if self.exists()? {
            return Ok(());
        }
        let draft = Draft::begin(&self.all()?)?;
        if self.exists()? {
            return Ok(());
        }
        output::note(format_args!("note: {WARNING}"));
        let progress = Progress::new(self.circuit_count() + KEY_PARTS);
        let circuits = build_circuits(self.circuits.sizes(), |name| progress.begin(name))?;
        let seed = Zeroizing::new(rand::random::<[u8; 32]>());
        let provers = Provers::set_up(Arc::clone(&circuits), &seed, |name| progress.begin(name))?;
        drop(seed);
        progress.begin("writing");
        self.put(draft, (&circuits, &provers), Setup::Local, || Ok(()))?;
        progress.end();
        Ok(())
    }

    /// Writes keys of a ceremony into the folder, which appears when it is whole and `before` is
    /// done.
    ///
    /// # Errors
    /// When there are keys already, the folder cannot be written, or `before` fails.
    pub(crate) fn put_ceremonys(
        &self,
        keys: (&Circuits, &Provers),
        setup: Setup,
        before: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        self.put(Draft::begin(&self.all()?)?, keys, setup, before)
    }

    fn put(
        &self,
        draft: Draft,
        keys: (&Circuits, &Provers),
        setup: Setup,
        before: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        self.require_none()?;
        self.write(draft.path(), keys, setup)?;
        let made = draft.path().to_owned();
        draft.take(&made, &self.place()?, before)
    }

    /// Refuses to go on where there are keys.
    ///
    /// # Errors
    /// When there are keys in the folder.
    pub(crate) fn require_none(&self) -> Result<()> {
        let place = self.place()?;
        ensure!(
            !place.exists(),
            "there are keys in {}; move them away, or name another folder with --keys",
            place.display()
        );
        Ok(())
    }

    /// The number of circuits below the outer one.
    fn circuit_count(&self) -> usize {
        CircuitName::all(self.circuits.sizes()).len()
    }

    fn write(
        &self,
        folder: &Path,
        (circuits, provers): (&Circuits, &Provers),
        setup: Setup,
    ) -> Result<()> {
        let create = |name: &str| {
            let path = folder.join(name);
            File::create(&path).with_context(|| format!("cannot write {}", path.display()))
        };
        let mut files = BTreeMap::new();
        for (name, bytes) in circuits.verifier_data() {
            let file = format!("{name}.{CIRCUIT}");
            create(&file)?.write_all(&bytes).with_context(|| format!("cannot write {file}"))?;
            files.insert(file, hex::encode(keccak256(&bytes)));
        }
        let proving_key = provers.write_proving_key(create(PROVING_KEY)?)?;
        let verifying_key = provers.write_verifying_key(create(VERIFYING_KEY)?)?;
        files.insert(PROVING_KEY.to_owned(), hex::encode(proving_key));
        files.insert(VERIFYING_KEY.to_owned(), hex::encode(verifying_key));
        let manifest = Manifest {
            format: FORMAT,
            sizes: self.circuits,
            circuits: hex::encode(circuits.digest()),
            outer: hex::encode(provers.outer_digest()?),
            wrap: hex::encode(provers.wrap_digest()?),
            digest: hex::encode(provers.verifiers().digest()),
            setup,
            files,
        };
        let mut writer = BufWriter::new(create(MANIFEST)?);
        serde_json::to_writer_pretty(&mut writer, &manifest)?;
        writer.flush().context("cannot write the manifest")
    }

    /// Everything that a worker needs. A circuit is built, and the proving key is read, when the
    /// first step needs it, or by `Provers::build_all`.
    ///
    /// # Errors
    /// When a file is missing or has another digest than the manifest says, or when the keys are of
    /// other sizes or another version. The proving key's digest is checked when the key is read.
    pub(crate) fn provers(&self) -> Result<Provers> {
        let manifest = self.manifest()?;
        let path = self.place()?.join(PROVING_KEY);
        // Opened once here, so that a missing key is reported at the start.
        self.open(PROVING_KEY)?;
        let key = StoredProvingKey {
            open: Box::new(move || Ok(Box::new(File::open(&path)?))),
            digest: self.digest_of(&manifest, PROVING_KEY)?,
            outer: manifest::digest("the outer circuit", &manifest.outer)?,
            wrap: manifest::digest("the wrap", &manifest.wrap)?,
        };
        Ok(Provers::stored(self.read_verifiers(&manifest)?, key))
    }

    /// Everything that a sequencer needs.
    ///
    /// # Errors
    /// As `provers`, except for the proving key, which is not opened.
    pub(crate) fn verifiers(&self) -> Result<Verifiers> {
        self.read_verifiers(&self.manifest()?)
    }

    /// The Groth16 verifying key as words for the contract.
    ///
    /// # Errors
    /// As `verifiers`.
    pub(crate) fn verifying_key(&self) -> Result<VerifyingKeyWords> {
        Ok(self.verifiers()?.verifying_key()?)
    }

    /// What the verifier contract of these keys answers to `keyHash`.
    ///
    /// # Errors
    /// As `verifiers`.
    pub(super) fn key_hash(&self) -> Result<B256> {
        Ok(contract_key(&self.verifying_key()?).hash())
    }

    /// Builds everything again and compares it with the stored keys. Returns the keys' digest.
    ///
    /// # Errors
    /// As `provers`; when the proving key has another digest than the manifest says; when a circuit
    /// or a key is not what this program builds.
    pub(crate) fn verify(&self) -> Result<[u8; 32]> {
        let manifest = self.manifest()?;
        let provers = self.provers()?;
        // Building takes long, so the digest of the proving key is checked first.
        let expected = self.digest_of(&manifest, PROVING_KEY)?;
        self.check_file(PROVING_KEY, &expected, &keccak_of(self.open(PROVING_KEY)?)?)?;
        let progress = Progress::new(self.circuit_count() + READ_PARTS);
        provers
            .build_all(|name| progress.begin(name))
            .with_context(|| self.advice("the keys are not this program's"))?;
        progress.end();
        Ok(provers.verifiers().digest())
    }

    /// The sentence to print or log where these keys are used; `None` for the keys of a ceremony.
    ///
    /// # Errors
    /// When the manifest is missing, cannot be read, or is of other sizes or another version.
    pub(crate) fn warning(&self) -> Result<Option<&'static str>> {
        Ok(match self.manifest()?.setup {
            Setup::Local => Some(WARNING),
            Setup::Ceremony { .. } => None,
        })
    }

    /// The command-line arguments that name these keys to another `sheaf` process.
    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let mut arguments = vec!["--circuits".into(), self.circuits.name().into()];
        if let Some(folder) = &self.keys {
            arguments.extend(["--keys".into(), folder.into()]);
        }
        arguments
    }

    /// The folder of these keys: a folder named after the sizes, in the folder of all keys.
    ///
    /// # Errors
    /// When neither `--keys` nor HOME is given.
    pub(crate) fn place(&self) -> Result<PathBuf> {
        Ok(self.all()?.join(self.circuits.name()))
    }

    /// The folder of all keys.
    ///
    /// # Errors
    /// When neither `--keys` nor HOME is given.
    pub(super) fn all(&self) -> Result<PathBuf> {
        if let Some(folder) = &self.keys {
            return Ok(folder.clone());
        }
        let home = std::env::var_os("HOME").context("HOME is not set; give --keys")?;
        Ok(Path::new(&home).join(".cache/sheaf/keys"))
    }

    /// The same keys in another folder of all keys, for an import.
    pub(super) fn within(&self, folder: &Path) -> Self {
        Self { keys: Some(folder.to_owned()), origin: Origin::Draft, ..*self }
    }

    /// The same keys, for a worker: only a copy of the sequencer's keys is of use to it.
    pub(crate) fn of_the_sequencer(self) -> Self {
        Self { origin: Origin::Sequencer, ..self }
    }

    /// The sentence `what`, followed by what a user can do: remove the keys, and build or fetch
    /// them again.
    pub(crate) fn advice(&self, what: &str) -> String {
        let place =
            self.place().map_or_else(|_| String::new(), |place| place.display().to_string());
        match self.origin {
            Origin::Draft => format!("{what}; nothing was written"),
            Origin::Here => {
                format!("{what}; remove {place} and run `{}` again", self.command("build"))
            }
            Origin::Sequencer => format!("{what}; remove {place}, and {}", self.fetching()),
        }
    }

    /// How a worker gets the keys of its sequencer.
    fn fetching(&self) -> String {
        format!(
            "copy that folder from the machine of the sequencer, or write it into a file there \
             with `{}` and take the file here with `{}`",
            self.command("export FILE"),
            self.command("import FILE")
        )
    }

    /// A command of `sheaf keys` for these keys.
    fn command(&self, verb: &str) -> String {
        let arguments = self.arguments().into_iter().map(quoted).collect::<Vec<_>>().join(" ");
        format!("sheaf keys {verb} {arguments}")
    }

    /// The manifest.
    ///
    /// # Errors
    /// When it is missing, cannot be read, or is of other sizes or another version.
    pub(super) fn manifest(&self) -> Result<Manifest> {
        if !self.exists()? {
            let (name, place) = (self.circuits.name(), self.place()?);
            let remedy = match self.origin {
                Origin::Sequencer => self.fetching(),
                Origin::Here | Origin::Draft => {
                    format!("make them with `{}`", self.command("build"))
                }
            };
            bail!("there are no {name} keys in {}; {remedy}", place.display());
        }
        let text = self.read(MANIFEST)?;
        if manifest::has_known_form(&text) == Some(false) {
            bail!(self.advice(OTHER_VERSION));
        }
        let manifest: Manifest = serde_json::from_slice(&text)
            .with_context(|| self.advice("the manifest cannot be read"))?;
        if manifest.sizes != self.circuits {
            bail!(self.advice(&format!("the keys are for {} circuits", manifest.sizes.name())));
        }
        Ok(manifest)
    }

    fn read_verifiers(&self, manifest: &Manifest) -> Result<Verifiers> {
        let circuits = Circuits::read(self.circuits.sizes(), |name| {
            self.read_named(manifest, &format!("{name}.{CIRCUIT}"))
        });
        let circuits = circuits.map_err(|error: Error| {
            // The digest of the file was right, so a file that cannot be read as verifier data was
            // written by another version.
            let is_foreign = error.is::<sheaf_circuits::error::Error>();
            if is_foreign { error.context(self.advice(OTHER_VERSION)) } else { error }
        })?;
        let found = hex::encode(circuits.digest());
        ensure!(
            found == manifest.circuits,
            self.advice(&format!(
                "this program's circuits have digest {found}, the keys were made for {}",
                manifest.circuits
            ))
        );
        let digest = self.digest_of(manifest, VERIFYING_KEY)?;
        let bytes = self.read_named(manifest, VERIFYING_KEY)?;
        let key = read_verifying_key(bytes.as_slice(), &digest)
            .with_context(|| self.advice("the verifying key cannot be read"))?;
        let verifiers = Verifiers::new(Arc::new(circuits), key)?;
        let found = hex::encode(verifiers.digest());
        ensure!(
            found == manifest.digest,
            self.advice(&format!("the keys have digest {found}, the manifest {}", manifest.digest))
        );
        Ok(verifiers)
    }

    /// Reads a file and checks its digest against the manifest.
    fn read_named(&self, manifest: &Manifest, name: &str) -> Result<Vec<u8>> {
        let expected = self.digest_of(manifest, name)?;
        let bytes = self.read(name)?;
        self.check_file(name, &expected, &keccak256(&bytes).0)?;
        Ok(bytes)
    }

    /// Compares the digest of a file with the manifest's.
    ///
    /// # Errors
    /// When they differ.
    pub(super) fn check_file(
        &self,
        name: &str,
        expected: &[u8; 32],
        found: &[u8; 32],
    ) -> Result<()> {
        ensure!(
            expected == found,
            self.advice(&format!("the file {name} is not the one that the manifest names"))
        );
        Ok(())
    }

    /// The digest that the manifest has for a file.
    ///
    /// # Errors
    /// When the manifest has none.
    pub(super) fn digest_of(&self, manifest: &Manifest, name: &str) -> Result<[u8; 32]> {
        let text = manifest.files.get(name);
        let text = text.with_context(|| self.advice(&format!("the manifest has no {name}")))?;
        manifest::digest(name, text)
    }

    /// Reads a whole file of the keys.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn read(&self, name: &str) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(name)?
            .read_to_end(&mut bytes)
            .with_context(|| self.advice(&format!("the file {name} cannot be read")))?;
        Ok(bytes)
    }

    /// Opens a file of the keys.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(super) fn open(&self, name: &str) -> Result<File> {
        let path = self.place()?.join(name);
        File::open(&path).with_context(|| self.advice(&format!("cannot open the file {name}")))
    }
}

/// keccak256 of a file that may be large.
fn keccak_of(mut file: File) -> Result<[u8; 32]> {
    let mut buffer = vec![0; READ_BYTES];
    let mut keccak = Keccak256::new();
    loop {
        let read = file.read(&mut buffer).context("a key cannot be read")?;
        if read == 0 {
            return Ok(keccak.finalize().0);
        }
        keccak.update(&buffer[..read]);
    }
}
