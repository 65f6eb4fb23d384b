//! `sheaf demo`: the whole story without a person, and whether it ended as it must.

mod expectation;
mod rebuilt;
mod story;

use std::net::TcpListener;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;
use rand::Rng;
use serde_json::{Map, Value, json};

use crate::devnet::{Settings, Site, run_network};
use crate::keys::KeyStore;

/// Ports below those that the system gives to connections that go out: one of ours that is free for
/// a moment, because its process is being started again, stays free.
const PORTS: Range<u16> = 20_000..30_000;
/// How many of them are tried.
const PORT_ATTEMPTS_MAX: usize = 100;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Keep everything in this folder; a temporary one, removed at the end, unless given
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Print one JSON object a stage instead of text
    #[arg(long)]
    json: bool,
    /// Use development proofs, which prove nothing
    #[arg(long)]
    development: bool,
    #[command(flatten)]
    keys: KeyStore,
    /// Seconds after which the batch is closed
    #[arg(long, value_name = "SECONDS", default_value_t = 8)]
    batch_age: u64,
}

/// Runs the story; an error, and so a failing exit code, unless every balance is right and L1's
/// data lead to the state.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let temporary = tempfile::tempdir().context("cannot make a temporary folder")?;
    let folder = arguments.folder.clone().unwrap_or_else(|| temporary.path().to_owned());
    let settings = Settings {
        folder,
        port: free_port()?,
        l1_port: free_port()?,
        batch_age: arguments.batch_age,
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

/// Prints stages with the seconds that each took.
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

    /// Seconds since the demo began.
    pub(crate) fn seconds(&self) -> f64 {
        (self.start.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0
    }

    /// Prints a stage that has just ended, with what is to be known of it.
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
            println!("{}", Value::Object(object));
        } else {
            let facts: Vec<String> =
                facts.iter().map(|(name, value)| format!("{name} {value}")).collect();
            println!("{stage:<12} {seconds:>8.1} s   {}", facts.join(", ").replace('"', ""));
        }
    }
}

/// A port on which nobody listens now.
pub(crate) fn free_port() -> Result<u16> {
    let mut random = rand::rng();
    (0..PORT_ATTEMPTS_MAX)
        .map(|_| random.random_range(PORTS))
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .context("there is no free port")
}
