//! `sheaf demo`: runs a whole rollup and its users without a person, and checks that every balance
//! and the state are right at the end.

mod expectation;
mod money;
mod story;

use std::net::TcpListener;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;
use rand::Rng;
use serde_json::{Map, Value, json};
use sheaf_ledger::DataMode;

use crate::devnet::{Settings, Site, run_network};
use crate::keys::KeyStore;
use crate::output;

/// The ports among which the demo chooses. They are below the ports that the system gives to
/// outgoing connections, so a port stays free while its process is being started again.
const PORTS: Range<u16> = 20_000..30_000;
/// How many random ports are tried.
const PORT_ATTEMPTS_MAX: usize = 100;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Folder for everything that the demo writes
    ///
    /// Without this flag the demo uses a temporary folder and removes it at the end.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Print one JSON object for each step of the story instead of text
    #[arg(long)]
    json: bool,
    /// How the data of batches reach L1: blobs, or calldata
    #[arg(long, value_name = "MODE", default_value_t = DataMode::Blobs)]
    data: DataMode,
    /// Use development proofs, which prove nothing
    #[arg(long)]
    development: bool,
    #[command(flatten)]
    keys: KeyStore,
    /// Age in seconds at which an open batch closes
    #[arg(long, value_name = "SECONDS", default_value_t = 8)]
    batch_age: u64,
}

/// Runs a rollup and tells the story with it.
///
/// # Errors
/// When a balance is wrong at the end, or the data on L1 do not lead to the contract's state; when
/// the network does not start or is stopped before the end of the story.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let temporary = tempfile::tempdir().context("cannot make a temporary folder")?;
    let folder = arguments.folder.clone().unwrap_or_else(|| temporary.path().to_owned());
    let settings = Settings {
        folder,
        port: free_port()?,
        l1_port: free_port()?,
        batch_age: arguments.batch_age,
        data_mode: arguments.data,
        development: arguments.development,
        keys: arguments.keys.clone(),
    };
    let mut teller = Teller::new(arguments.json);
    let work = async |site: &Site| {
        let (url, l1) = (site.settings().url(), site.settings().l1_url());
        let contract = site.deployed().contract;
        teller.stage("ready", json!({ "api": url, "l1": l1, "contract": contract }));
        story::tell(site, &mut teller).await
    };
    run_network(settings, work).await?.context("stopped before the story's end")
}

/// Prints the steps of the story, with the seconds that each took.
#[derive(Debug)]
pub(crate) struct Teller {
    json: bool,
    start: Instant,
    last: Instant,
}

impl Teller {
    fn new(json: bool) -> Self {
        Self { json, start: Instant::now(), last: Instant::now() }
    }

    /// Seconds since the demo began, rounded to milliseconds.
    pub(crate) fn seconds(&self) -> f64 {
        (self.start.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0
    }

    /// Prints a step that has just ended, with `facts`, a JSON object about the step.
    pub(crate) fn stage(&mut self, stage: &str, facts: Value) {
        let seconds = self.last.elapsed().as_secs_f64();
        self.last = Instant::now();
        let facts = match facts {
            Value::Object(facts) => facts,
            _ => Map::new(),
        };
        if self.json {
            let mut object = Map::from_iter([("stage".to_owned(), json!(stage))]);
            let total = facts.contains_key("seconds");
            object.extend(facts);
            if !total {
                object.insert("seconds".to_owned(), json!((seconds * 1_000.0).round() / 1_000.0));
            }
            output::answer(Value::Object(object));
        } else {
            let facts: Vec<String> =
                facts.iter().map(|(name, value)| format!("{name} {value}")).collect();
            let facts = facts.join(", ").replace('"', "");
            output::answer(format_args!("{stage:<12} {seconds:>8.1} s   {facts}"));
        }
    }
}

/// A port of 127.0.0.1 on which no process listens.
///
/// # Errors
/// When 100 random ports are all in use.
pub(crate) fn free_port() -> Result<u16> {
    let mut random = rand::rng();
    (0..PORT_ATTEMPTS_MAX)
        .map(|_| random.random_range(PORTS))
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .context("there is no free port")
}
