//! `sheaf wallet`: one key file, an L2 address, and everything its owner may do.

pub mod amount;
mod commands;
mod key_file;
mod passphrase;
mod payer;

use std::path::PathBuf;

use alloy::primitives::Address;
use clap::{Args, Subcommand};
use sheaf_ledger::{L1Address, Owner};

pub use key_file::{create, derive};
pub use payer::Payer;

use self::passphrase::PassphraseSource;

/// Decimals of ether on L2: one unit is a gwei.
const ETHER_DECIMALS: u32 = 9;
/// Ether's number in the contract's list.
const ETHER: u16 = 0;

#[derive(Debug, Args)]
pub struct Arguments {
    /// The key file
    #[arg(long, env = "SHEAF_WALLET", global = true, default_value = "sheaf-wallet.json")]
    wallet: PathBuf,
    /// The sequencer
    #[arg(long, env = "SHEAF_URL", global = true, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// The L1 node
    #[arg(long, env = "SHEAF_L1", global = true, default_value = "http://127.0.0.1:8545")]
    l1: String,
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
    /// Make a new key file
    New {
        /// File with an L1 key (64 hex digits) to take instead of a random one
        #[arg(long)]
        import: Option<PathBuf>,
    },
    /// Show both addresses
    Address,
    /// Show what the wallet has on L2, on L1, and ready to claim
    Balance,
    /// Move ether from L1 to L2
    Deposit {
        /// In ether, like 0.25
        amount: String,
        /// Credit this owner instead of yourself
        #[arg(long)]
        to: Option<Owner>,
    },
    /// Pay one or several owners
    Send {
        /// OWNER=AMOUNT in ether, as often as there are recipients
        #[arg(required = true, value_name = "OWNER=AMOUNT")]
        payments: Vec<String>,
    },
    /// Move ether from L2 to L1; claim it when its batch is final
    Withdraw {
        /// In ether, like 0.25
        amount: String,
        /// Pay this L1 address instead of your own
        #[arg(long)]
        to: Option<L1Address>,
    },
    /// Take out what finalised batches have paid to you
    Claim {
        /// Send it to this L1 address instead of your own
        #[arg(long)]
        to: Option<Address>,
    },
    /// Show how far a transaction has come
    History {
        /// Transactions' ids, as `send` and `withdraw` print them
        #[arg(required = true)]
        ids: Vec<sheaf_ledger::Digest>,
    },
}

pub use commands::run;
