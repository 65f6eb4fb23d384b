//! `sheaf devnet`: a whole rollup on this machine, until Ctrl-C; a second start continues it.

mod accounts;
mod network;
mod process;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::keys::KeyStore;
use crate::shutdown;

pub use accounts::{ALICE, BOB};
pub use network::{Network, Settings};

/// What the two wallets of a devnet are encrypted with: their keys are public anyway.
const WALLET_PASSPHRASE: &str = "sheaf devnet";
/// What each of them has on L2 when a devnet is made, in gwei: 10 ether.
const FUNDS: u64 = 10_000_000_000;

#[derive(Debug, Args)]
pub struct Arguments {
    /// Folder for everything the devnet keeps
    #[arg(long, default_value = "devnet")]
    folder: PathBuf,
    /// Port of the sequencer's API
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Port of L1
    #[arg(long, default_value_t = 8545)]
    l1_port: u16,
    /// Seconds after which an open batch is closed
    #[arg(long, default_value_t = 30)]
    batch_age: u64,
    /// Use development proofs, which prove nothing
    #[arg(long)]
    development: bool,
    #[command(flatten)]
    keys: KeyStore,
}

/// Runs the devnet until it is told to stop or one of its processes ends.
pub async fn run(arguments: Arguments) -> Result<()> {
    let settings = Settings {
        folder: arguments.folder,
        port: arguments.port,
        l1_port: arguments.l1_port,
        batch_age: arguments.batch_age,
        development: arguments.development,
        keys: arguments.keys,
    };
    let mut network = Network::start(settings).await?;
    let outcome = tokio::select! {
        stop = shutdown::requested(false) => stop,
        ended = serve(&mut network) => ended,
    };
    println!("\nstopping…");
    network.stop().await?;
    outcome
}

async fn serve(network: &mut Network) -> Result<()> {
    wallets(network).await?;
    page(network).await?;
    Err(network.ended().await)
}

/// Makes the two wallets and their L2 balances, once.
async fn wallets(network: &Network) -> Result<()> {
    for (name, key) in [("alice", ALICE), ("bob", BOB)] {
        let path = network.folder().join(format!("{name}.json"));
        if path.exists() {
            continue;
        }
        let signer = accounts::signer(key)?;
        crate::wallet::create(&path, WALLET_PASSPHRASE, signer)?;
        let payer = network.payer(key).await?;
        payer.deposit(FUNDS, payer.owner()).await.context("cannot fund the wallets")?;
    }
    std::fs::write(network.folder().join("passphrase"), WALLET_PASSPHRASE)?;
    Ok(())
}

async fn page(network: &Network) -> Result<()> {
    let folder = network.folder().display();
    let (alice, bob) = (network.payer(ALICE).await?, network.payer(BOB).await?);
    let deployed = network.deployed();
    println!(
        "\nSheaf devnet is ready{}\n\n  \
         API        {}\n  API page   {}/v1/openapi.json\n  L1         {}\n  contract   {}\n  \
         alice      {}\n  bob        {}\n\nTry:\n\n  \
         export SHEAF_URL={} SHEAF_L1={}\n  \
         alias alice='sheaf wallet --wallet {folder}/alice.json \
         --passphrase-file {folder}/passphrase'\n  \
         alice balance\n  alice send {}=0.5\n  alice withdraw 1\n  curl {}/v1/status\n\n\
         Logs are in {folder}; Ctrl-C stops everything, and the next start continues.",
        if network.is_development() { ", with DEVELOPMENT PROOFS that prove nothing" } else { "" },
        network.url(),
        network.url(),
        network.l1_url(),
        deployed.contract,
        alice.owner(),
        bob.owner(),
        network.url(),
        network.l1_url(),
        bob.owner(),
        network.url(),
    );
    Ok(())
}
