//! `sheaf devnet`: a whole rollup on this machine, which runs until Ctrl-C. A second start with the
//! same folder continues it.

mod accounts;
mod deployment;
mod network;
mod process;
mod programs;
mod settings;
mod supervisor;
pub(crate) mod tether;

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use sheaf_client::Payer;
use sheaf_ledger::DataMode;
use tokio::time::sleep;

use crate::keys::KeyStore;
use crate::output;
use crate::shell::quoted;

use accounts::OPERATOR_TOKEN;
pub(crate) use accounts::{ALICE, BOB, OPERATOR, signer};
pub(crate) use deployment::verifier_key;
pub(crate) use network::{Site, run as run_network};
pub(crate) use process::{Process, Program};
pub(crate) use programs::anvil;
pub(crate) use settings::Settings;

/// The pass phrase of the two wallets of a devnet. It need not be secret: their keys are public.
const WALLET_PASSPHRASE: &str = "sheaf devnet";
/// The L2 balance of each wallet when a devnet is made, in gwei: 10 ether.
const FUNDS: u64 = 10_000_000_000;
/// Seconds within which the deposit must be credited on L2.
const DEPOSIT_SECONDS_MAX: u64 = 60;
/// The pause between two questions for the L2 balance.
const DEPOSIT_PAUSE: Duration = Duration::from_millis(200);

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Folder of database, L1 state, wallets and logs; a second start continues from it
    #[arg(long, default_value = "devnet")]
    folder: PathBuf,
    /// Port of the sequencer's API on 127.0.0.1
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Port of the L1 node on 127.0.0.1
    #[arg(long, default_value_t = 8545)]
    l1_port: u16,
    /// Age in seconds at which an open batch closes
    #[arg(long, default_value_t = 30)]
    batch_age: u64,
    /// How the data of batches reach L1: blobs, or calldata
    #[arg(long, value_name = "MODE", default_value_t = DataMode::Blobs)]
    data: DataMode,
    /// Use development proofs, which prove nothing
    #[arg(long)]
    development: bool,
    #[command(flatten)]
    keys: KeyStore,
}

/// Runs the devnet until it is told to stop or one of its processes ends for good.
///
/// # Errors
/// As `network::run`; when the wallets cannot be made or funded.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let settings = Settings {
        folder: arguments.folder,
        port: arguments.port,
        l1_port: arguments.l1_port,
        batch_age: arguments.batch_age,
        data_mode: arguments.data,
        development: arguments.development,
        keys: arguments.keys,
    };
    let serve = async |site: &Site| {
        wallets(site).await?;
        page(site).await?;
        std::future::pending().await
    };
    network::run(settings, serve).await.map(|_: Option<Infallible>| ())
}

/// Makes the two wallets and their L2 balances, unless an earlier start has made them.
async fn wallets(site: &Site) -> Result<()> {
    let folder = &site.settings().folder;
    std::fs::write(folder.join("passphrase"), WALLET_PASSPHRASE)?;
    for (name, key) in [("alice", ALICE), ("bob", BOB)] {
        let path = folder.join(format!("{name}.json"));
        if path.exists() {
            continue;
        }
        let payer = site.payer(key).await?;
        payer.deposit(FUNDS, payer.owner()).await.context("cannot fund the wallets")?;
        funded(&payer).await?;
        // Written last: after a start that ended before this line, the next start deposits again.
        crate::wallet::create(&path, WALLET_PASSPHRASE, accounts::signer(key)?)?;
    }
    Ok(())
}

/// Waits until L2 has credited a payer's first deposit.
async fn funded(payer: &Payer) -> Result<()> {
    let start = Instant::now();
    while payer.balance().await? == 0 {
        ensure!(
            start.elapsed().as_secs() < DEPOSIT_SECONDS_MAX,
            "the deposit does not show on L2 after {DEPOSIT_SECONDS_MAX} s"
        );
        sleep(DEPOSIT_PAUSE).await;
    }
    Ok(())
}

/// What the devnet's proofs are worth.
///
/// # Errors
/// As `KeyStore::warning`.
fn proofs(settings: &Settings) -> Result<&'static str> {
    if settings.development {
        return Ok("with DEVELOPMENT PROOFS that prove nothing");
    }
    Ok(match settings.keys.warning()? {
        Some(_) => "with a Groth16 key that is for development only",
        None => "with the Groth16 key of a ceremony",
    })
}

async fn page(site: &Site) -> Result<()> {
    let settings = site.settings();
    let folder = settings.folder.canonicalize().context("the folder is there")?;
    let sheaf = std::env::current_exe().context("cannot find this program's file")?;
    let wallet = [sheaf.as_path(), &folder.join("alice.json"), &folder.join("passphrase")];
    let [sheaf, alice_file, passphrase] = wallet.map(quoted);
    let wallet = format!("{sheaf} wallet --wallet {alice_file} --passphrase-file {passphrase}");
    let (alice, bob) = (site.payer(ALICE).await?, site.payer(BOB).await?);
    let proofs = proofs(settings)?;
    let (url, l1, contract) = (settings.url(), settings.l1_url(), site.deployed().contract);
    output::answer(format_args!(
        "
Sheaf devnet is ready, {proofs}

  page       {url}    explorer and wallet: open it in a browser
  API        {url}
  API page   {url}/docs/
  L1         {l1}
  contract   {contract}
  alice      {alice}
  bob        {bob}

Try, in another terminal:

  export SHEAF_URL={url} SHEAF_L1={l1}
  alias alice={wallet}
  alice balance
  alice send {bob}=0.5
  alice withdraw 1
  curl {url}/v1/status
  curl -X POST -H 'authorization: Bearer {OPERATOR_TOKEN}' {url}/v1/batches

Logs are in {folder}; Ctrl-C stops everything, and the next start continues.",
        alice = alice.owner(),
        bob = bob.owner(),
        wallet = quoted(wallet),
        folder = folder.display(),
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::{Value, json};
    use tempfile::TempDir;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        keys: KeyStore,
    }

    /// What a devnet says of its proofs whose keys were made by this setup.
    fn said(setup: &Value, development: bool) -> &'static str {
        let folder = TempDir::new().expect("a folder");
        let manifest = json!({
            "format": 5, "sizes": "small", "circuits": "", "outer": "", "wrap": "", "digest": "",
            "setup": setup, "files": {},
        });
        std::fs::create_dir(folder.path().join("small")).expect("it is ours");
        std::fs::write(folder.path().join("small/manifest.json"), manifest.to_string())
            .expect("it is ours");
        let place = folder.path().to_str().expect("UTF-8");
        let Line { keys } = Line::parse_from(["sheaf", "--circuits", "small", "--keys", place]);
        let settings = Settings {
            folder: PathBuf::new(),
            port: 0,
            l1_port: 0,
            batch_age: 0,
            data_mode: DataMode::Blobs,
            development,
            keys,
        };
        proofs(&settings).expect("the manifest can be read")
    }

    #[test]
    fn a_key_of_a_ceremony_is_not_called_one_for_development() {
        let ceremony = json!({ "ceremony": { "circuit": "", "digests": [] } });
        assert_eq!(said(&ceremony, false), "with the Groth16 key of a ceremony");
        let local = json!("local");
        assert_eq!(said(&local, false), "with a Groth16 key that is for development only");
        assert_eq!(said(&ceremony, true), "with DEVELOPMENT PROOFS that prove nothing");
    }
}
