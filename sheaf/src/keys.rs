//! Keys on disk: `sheaf keys build` makes them once, everything else reads them.
//!
//! A folder of keys is written beside its place and renamed into it, so that an interrupted build
//! is never taken for keys. The manifest names every part by its digest; whatever does not fit is
//! refused with a sentence that says which.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use sheaf_circuits::circuits::{CircuitSizes, Circuits, PRODUCTION, SMALL};
use sheaf_circuits::groth16::{VerifyingKey, VerifyingKeyWords};
use sheaf_circuits::keys::{Provers, Verifiers, build_circuits, read_verifying_key};

/// The form of the folder; another form has another number.
const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
const PROVING_KEY: &str = "proving.key";
const VERIFYING_KEY: &str = "verifying.key";

/// What is said whenever keys are made or used.
pub const WARNING: &str = "the Groth16 key comes from a local setup and is for development only: \
                           whoever made it could forge proofs (docs/security.md)";

/// Where keys are and which they are.
#[derive(Debug, Clone, Args)]
pub struct KeyStore {
    /// Folder of all keys [default: ~/.cache/sheaf/keys]
    #[arg(long, env = "SHEAF_KEYS", value_name = "FOLDER", global = true)]
    keys: Option<PathBuf>,
    /// The sizes of the circuits
    #[arg(long, value_enum, default_value_t = Sizes::Production, global = true)]
    pub circuits: Sizes,
}

/// How large the circuits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sizes {
    /// For batches of up to 4,096 entries
    Production,
    /// For a few transactions a batch: tests and small machines
    Small,
}

impl Sizes {
    /// The sizes that the name stands for.
    pub const fn sizes(self) -> &'static CircuitSizes {
        match self {
            Self::Production => &PRODUCTION,
            Self::Small => &SMALL,
        }
    }

    /// As on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Small => "small",
        }
    }
}

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    store: KeyStore,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build all circuits and make the Groth16 key, unless they are there
    Build,
    /// Build all circuits again and compare everything with the manifest
    Verify,
}

/// What a folder of keys says about itself.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    sizes: Sizes,
    /// keccak256 over the circuits below the outer one.
    circuits: String,
    /// What workers, sequencer and contract compare.
    digest: String,
    /// keccak256 of the files.
    proving_key: String,
    verifying_key: String,
}

/// `sheaf keys`.
pub fn run(arguments: &Arguments) -> Result<()> {
    match arguments.command {
        Command::Build => {
            arguments.store.build()?;
            println!("keys are in {}", arguments.store.place()?.display());
        }
        Command::Verify => {
            let provers = arguments.store.provers()?;
            let verifiers = arguments.store.verifiers()?;
            ensure!(
                provers.verifiers().digest() == verifiers.digest(),
                "the proving key and the verifying key do not belong together"
            );
            println!("keys are whole; digest {}", hex::encode(verifiers.digest()));
        }
    }
    Ok(())
}

impl KeyStore {
    /// Whether the keys are there.
    pub fn exists(&self) -> Result<bool> {
        Ok(self.place()?.join(MANIFEST).exists())
    }

    /// Makes the keys, unless they are there.
    pub fn build(&self) -> Result<()> {
        let place = self.place()?;
        if self.exists()? {
            return Ok(());
        }
        eprintln!("note: {WARNING}");
        let progress = Progress::new();
        let circuits = self.circuits(&progress)?;
        let seed: [u8; 32] = rand::random();
        let provers = Provers::set_up(Arc::clone(&circuits), seed, |name| progress.begin(name))?;
        progress.begin("writing");
        let parent = place.parent().context("keys lie in a folder")?;
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        let draft = tempfile::tempdir_in(parent).context("cannot write beside the keys")?;
        let write = |name: &str| {
            let path = draft.path().join(name);
            File::create(&path).with_context(|| format!("cannot write {}", path.display()))
        };
        let manifest = Manifest {
            format: FORMAT,
            sizes: self.circuits,
            circuits: hex::encode(circuits.digest()),
            digest: hex::encode(provers.verifiers().digest()),
            proving_key: hex::encode(provers.write_proving_key(write(PROVING_KEY)?)?),
            verifying_key: hex::encode(provers.write_verifying_key(write(VERIFYING_KEY)?)?),
        };
        serde_json::to_writer_pretty(write(MANIFEST)?, &manifest)?;
        fs::rename(draft.keep(), &place)
            .with_context(|| format!("cannot put the keys into {}", place.display()))?;
        progress.end();
        Ok(())
    }

    /// Everything that a worker needs.
    pub fn provers(&self) -> Result<Provers> {
        let (manifest, progress) = (self.manifest()?, Progress::new());
        let circuits = self.checked_circuits(&manifest, &progress)?;
        let key = BufReader::new(self.open(PROVING_KEY)?);
        let expected = digest("the proving key", &manifest.proving_key)?;
        let provers = Provers::read(circuits, key, &expected, |name| progress.begin(name))
            .with_context(|| self.advice("the proving key is not the manifest's"))?;
        progress.end();
        self.check_digest(&manifest, provers.verifiers())?;
        Ok(provers)
    }

    /// Everything that a sequencer needs.
    pub fn verifiers(&self) -> Result<Verifiers> {
        let (manifest, progress) = (self.manifest()?, Progress::new());
        let circuits = self.checked_circuits(&manifest, &progress)?;
        let key = self.read_verifying_key(&manifest)?;
        progress.end();
        let verifiers = Verifiers::new(circuits, key)?;
        self.check_digest(&manifest, &verifiers)?;
        Ok(verifiers)
    }

    /// The verifying key alone, as the contract takes it; no circuit is built for it.
    pub fn verifying_key(&self) -> Result<VerifyingKeyWords> {
        Ok(VerifyingKeyWords::encode(&self.read_verifying_key(&self.manifest()?)?)?)
    }

    fn read_verifying_key(&self, manifest: &Manifest) -> Result<VerifyingKey> {
        let expected = digest("the verifying key", &manifest.verifying_key)?;
        read_verifying_key(BufReader::new(self.open(VERIFYING_KEY)?), &expected)
            .with_context(|| self.advice("the verifying key is not the manifest's"))
    }

    /// The arguments that name this store to another `sheaf`.
    pub fn arguments(&self) -> Vec<OsString> {
        let mut arguments = vec!["--circuits".into(), self.circuits.name().into()];
        if let Some(folder) = &self.keys {
            arguments.extend(["--keys".into(), folder.into()]);
        }
        arguments
    }

    fn place(&self) -> Result<PathBuf> {
        let folder = match &self.keys {
            Some(folder) => folder.clone(),
            None => {
                let home = std::env::var_os("HOME").context("HOME is not set; give --keys")?;
                Path::new(&home).join(".cache/sheaf/keys")
            }
        };
        Ok(folder.join(self.circuits.name()))
    }

    fn manifest(&self) -> Result<Manifest> {
        if !self.exists()? {
            bail!(
                "there are no {} keys in {}; make them with `sheaf keys build --circuits {}`",
                self.circuits.name(),
                self.place()?.display(),
                self.circuits.name()
            );
        }
        let manifest: Manifest = serde_json::from_reader(BufReader::new(self.open(MANIFEST)?))
            .with_context(|| self.advice("the manifest cannot be read"))?;
        if manifest.format != FORMAT || manifest.sizes != self.circuits {
            bail!(self.advice("the keys are of another version of Sheaf"));
        }
        Ok(manifest)
    }

    fn open(&self, name: &str) -> Result<File> {
        let path = self.place()?.join(name);
        File::open(&path).with_context(|| format!("cannot open {}", path.display()))
    }

    fn circuits(&self, progress: &Progress) -> Result<Arc<Circuits>> {
        Ok(build_circuits(self.circuits.sizes(), |name| progress.begin(name))?)
    }

    fn checked_circuits(&self, manifest: &Manifest, progress: &Progress) -> Result<Arc<Circuits>> {
        let circuits = self.circuits(progress)?;
        let found = hex::encode(circuits.digest());
        ensure!(
            found == manifest.circuits,
            self.advice(&format!(
                "this program's circuits have digest {found}, the keys were made for {}",
                manifest.circuits
            ))
        );
        Ok(circuits)
    }

    fn check_digest(&self, manifest: &Manifest, verifiers: &Verifiers) -> Result<()> {
        let found = hex::encode(verifiers.digest());
        ensure!(
            found == manifest.digest,
            self.advice(&format!("the keys have digest {found}, the manifest {}", manifest.digest))
        );
        Ok(())
    }

    fn advice(&self, what: &str) -> String {
        let place =
            self.place().map_or_else(|_| String::new(), |place| place.display().to_string());
        format!("{what}; remove {place} and run `sheaf keys build` again")
    }
}

fn digest(what: &str, text: &str) -> Result<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest)
        .with_context(|| format!("the manifest's digest of {what} is malformed"))?;
    Ok(digest)
}

/// Shows what is being built and for how long: a moving line on a terminal, plain lines elsewhere.
struct Progress {
    bar: ProgressBar,
    current: Mutex<Option<(String, Instant)>>,
}

/// How often the moving line moves.
const TICK: Duration = Duration::from_millis(120);

impl Progress {
    fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        bar.set_style(style);
        bar.enable_steady_tick(TICK);
        Self { bar, current: Mutex::new(None) }
    }

    fn begin(&self, name: &str) {
        self.end_current();
        self.bar.set_message(format!("building {name}"));
        let mut current = self.current.lock().expect("no holder of the lock panics");
        *current = Some((name.to_owned(), Instant::now()));
    }

    fn end(&self) {
        self.end_current();
        self.bar.finish_and_clear();
    }

    fn end_current(&self) {
        let ended = self.current.lock().expect("no holder of the lock panics").take();
        if let Some((name, start)) = ended {
            let line = format!("{name:<20} {:>6.1} s", start.elapsed().as_secs_f32());
            if self.bar.is_hidden() {
                eprintln!("{line}");
            } else {
                self.bar.println(line);
            }
        }
    }
}
