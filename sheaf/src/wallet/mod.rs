//! `sheaf wallet`: one key file, an L2 address, and everything its owner may do.

mod advice;
mod commands;
mod encryption;
mod history;
mod key_cost;
mod key_file;
mod passphrase;
mod waiting;

use std::path::{Path, PathBuf};

use alloy::primitives::Address;
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use sheaf_client::ETHER;
use sheaf_ledger::{L1Address, Owner};

pub(crate) use key_file::create;

use self::passphrase::PassphraseSource;
use self::waiting::Waiting;

/// What a newcomer does with a wallet, below its help.
const EXAMPLES: &str = "\
Examples:
  sheaf wallet new
  sheaf wallet deposit 0.5
  sheaf wallet send sheaf1…=0.1 sheaf1…=0.2
  sheaf wallet withdraw 0.3 --wait finalised
  sheaf wallet claim";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The key file [default: ~/.config/sheaf/wallet.json]
    #[arg(long, env = "SHEAF_WALLET", global = true, value_name = "FILE")]
    wallet: Option<PathBuf>,
    /// The sequencer
    #[arg(long, env = "SHEAF_URL", global = true, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// The L1 node
    #[arg(long, env = "SHEAF_L1", hide_env_values = true, global = true)]
    #[arg(value_name = "URL", default_value = "http://127.0.0.1:8545")]
    l1: String,
    /// Refuse a sequencer that runs the rollup of any other contract
    #[arg(long, env = "SHEAF_CONTRACT", global = true, value_name = "ADDRESS")]
    contract: Option<L1Address>,
    /// Refuse a sequencer that runs a rollup on any other chain; with --contract it names the
    /// rollup, so that `new` and `address` need no sequencer
    #[arg(long, env = "SHEAF_CHAIN_ID", global = true, value_name = "NUMBER")]
    chain_id: Option<u64>,
    /// The token, by its number in the contract's list; 0 is ether
    #[arg(long, global = true, default_value_t = ETHER, value_name = "NUMBER")]
    token: u16,
    #[command(flatten)]
    passphrase: PassphraseSource,
    /// Print JSON instead of text
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a new key file, and choose its pass phrase
    New {
        /// File with an L1 key (64 hex digits) to take instead of a random one
        #[arg(long, value_name = "FILE")]
        import: Option<PathBuf>,
    },
    /// Show both addresses: the L2 address to be paid at, and the L1 address that deposits
    Address,
    /// Show what the wallet has on L2, on L1, and ready to claim
    Balance,
    /// Move ether, or the token that --token names, from L1 to L2
    Deposit {
        /// Decimal, like 0.25
        amount: String,
        /// Credit this owner instead of yourself
        #[arg(long, value_name = "OWNER")]
        to: Option<Owner>,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Pay one or several owners
    Send {
        /// An L2 address and a decimal amount, as often as there are recipients
        #[arg(required = true, value_name = "OWNER=AMOUNT")]
        payments: Vec<String>,
        #[command(flatten)]
        sending: Sending,
    },
    /// Move ether, or the token that --token names, from L2 to L1; claim it when its batch is final
    Withdraw {
        /// Decimal, like 0.25
        amount: String,
        /// Pay this L1 address instead of your own
        #[arg(long, value_name = "ADDRESS")]
        to: Option<L1Address>,
        #[command(flatten)]
        sending: Sending,
    },
    /// Take out what finalised batches have paid to you
    Claim {
        /// Send it to this L1 address instead of your own
        #[arg(long, value_name = "ADDRESS")]
        to: Option<Address>,
    },
    /// Show what moved the wallet's balances, or how far some transactions have come
    History {
        /// Ids, as `send` and `withdraw` print them
        ids: Vec<sheaf_crypto::hash::Digest>,
        /// Show at most this many, the newest
        #[arg(long, value_name = "NUMBER", default_value_t = 20)]
        #[arg(value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
        /// Show only what is older than this: what the page before ended with
        #[arg(long, value_name = "PLACE")]
        before: Option<String>,
    },
}

/// What becomes of a transaction that was signed.
#[derive(Debug, Clone, Copy, Args)]
struct Sending {
    #[command(flatten)]
    waiting: Waiting,
    /// Print the signed transaction as JSON and do not send it
    #[arg(long)]
    print: bool,
}

impl Arguments {
    /// The key file, which lies outside every working folder unless it is named: a key in a clone
    /// is a key in a repository soon.
    fn key_file(&self) -> Result<PathBuf> {
        if let Some(path) = &self.wallet {
            return Ok(path.clone());
        }
        let home = std::env::var_os("HOME").context("HOME is not set; give --wallet")?;
        Ok(Path::new(&home).join(".config/sheaf/wallet.json"))
    }
}

pub(crate) use commands::run;
