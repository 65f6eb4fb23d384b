//! `sheaf wallet`: one key file, an L2 address, and every operation of its owner.

mod advice;
mod commands;
mod encryption;
mod history;
mod key_file;
mod key_form;
mod leaving;
mod passphrase;
mod payroll;
mod session;
mod waiting;

use std::path::{Path, PathBuf};

use alloy::primitives::Address;
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use sheaf_client::{BlobSource, ETHER};
use sheaf_ledger::{L1Address, Owner};

pub(crate) use key_file::create;

use self::passphrase::PassphraseSource;
use self::payroll::PayFile;
use self::waiting::Waiting;
use crate::deployment_file::DeploymentFile;

/// Examples of the first steps with a wallet, shown below its help.
const EXAMPLES: &str = "\
Examples:
  sheaf wallet new
  sheaf wallet deposit 0.5
  sheaf wallet send sheaf1…=0.1 sheaf1…=0.2
  sheaf wallet pay-file payroll.csv
  sheaf wallet withdraw 0.3 --wait finalised
  sheaf wallet claim

Without the operator:
  sheaf wallet exit --contract 0x…
  sheaf wallet escape --contract 0x…
  sheaf wallet refund --contract 0x…";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Key file of the wallet [default: ~/.config/sheaf/wallet.json]
    #[arg(long, env = "SHEAF_WALLET", global = true, value_name = "FILE")]
    wallet: Option<PathBuf>,
    /// URL of the sequencer
    #[arg(long, env = "SHEAF_URL", global = true, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// URL of the L1 node
    ///
    /// Put a URL that contains a key into the environment instead: lists of processes show flags.
    #[arg(long, env = "SHEAF_L1", hide_env_values = true, global = true)]
    #[arg(value_name = "URL", default_value = "http://127.0.0.1:8545")]
    l1: String,
    /// Contract of the rollup; a sequencer of any other contract is refused
    #[arg(long, env = "SHEAF_CONTRACT", global = true, value_name = "ADDRESS")]
    contract: Option<L1Address>,
    /// Chain id of the rollup; a sequencer of a rollup on any other chain is refused
    ///
    /// Together with --contract this names the rollup, so that `new` and `address` need no
    /// sequencer.
    #[arg(long, env = "SHEAF_CHAIN_ID", global = true, value_name = "NUMBER")]
    chain_id: Option<u64>,
    /// A source of the blobs of batches, for exit and escape; repeat the flag for more sources
    ///
    /// beacon:URL is a beacon node that keeps whole blobs, archive:URL a server with each blob
    /// under its versioned hash, folder:PATH a folder with such files, anvil:URL an anvil. No
    /// source is trusted. Without the flag, the sequencer is asked, and on chain 31337 the L1 node.
    #[arg(long = "blobs", env = "SHEAF_BLOBS", global = true, value_name = "SOURCE")]
    #[arg(value_delimiter = ',')]
    blobs: Vec<BlobSource>,
    /// File that `sheaf deploy` wrote, in place of --contract and --chain-id
    #[arg(long, global = true, value_name = "FILE")]
    #[arg(conflicts_with_all = ["contract", "chain_id"])]
    deployment: Option<PathBuf>,
    /// Number of the token in the contract's list; 0 is ether
    #[arg(long, global = true, default_value_t = ETHER, value_name = "NUMBER")]
    token: u16,
    #[command(flatten)]
    passphrase: PassphraseSource,
    /// Print JSON to standard output instead of text
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a new key file, and choose its pass phrase
    ///
    /// An existing file is never overwritten.
    New {
        /// Take the L1 key in this file (64 hex digits) instead of a random one
        #[arg(long, value_name = "FILE")]
        import: Option<PathBuf>,
    },
    /// Show both addresses: the L2 address that others pay, and the L1 address that deposits
    Address {
        /// Print the L2 address alone, as in BOB=$(sheaf wallet address --l2)
        #[arg(long, conflicts_with = "l1_only")]
        l2: bool,
        /// Print the L1 address alone
        #[arg(id = "l1_only", long = "l1-address")]
        l1: bool,
    },
    /// Show the balances of the wallet: on L2, on L1, and ready to claim
    Balance,
    /// Move ether, or the token that --token names, from L1 to L2
    Deposit {
        /// Amount in decimal digits, like 0.25
        amount: String,
        /// Credit this owner instead of yourself
        #[arg(long, value_name = "OWNER")]
        to: Option<Owner>,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Pay one or several owners
    Send {
        /// L2 address and decimal amount of each recipient
        #[arg(required = true, value_name = "OWNER=AMOUNT")]
        payments: Vec<String>,
        /// Pay the whole balance, less the fee, to one owner: `send OWNER --all`
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        sending: Sending,
    },
    /// Pay every line of a CSV file, each once, however often the command is run
    ///
    /// Checks every line first, shows what the payments cost, and asks. The journal beside the
    /// file, in the file's name with .journal at the end, knows what was paid: a command that was
    /// stopped goes on when it is run again. The receipt has the id and stage of each line.
    PayFile(PayFile),
    /// Move ether, or the token that --token names, from L2 to L1
    ///
    /// When the batch of the withdrawal is final, `sheaf wallet claim` takes the money out of the
    /// contract.
    Withdraw {
        /// Amount in decimal digits, like 0.25
        #[arg(required_unless_present = "all")]
        amount: Option<String>,
        /// Withdraw the whole balance, less the fee
        #[arg(long, conflicts_with = "amount")]
        all: bool,
        /// Pay this L1 address instead of your own
        #[arg(long, value_name = "ADDRESS")]
        to: Option<L1Address>,
        #[command(flatten)]
        sending: Sending,
    },
    /// Take out of the contract what finalised batches have paid to your L1 address
    Claim {
        /// Send the money to this L1 address instead of your own
        #[arg(long, value_name = "ADDRESS")]
        to: Option<Address>,
    },
    /// Ask L1 to pay out a whole slot, whatever the operator does
    ///
    /// The contract takes a price and a bond in ether. The bond comes back with the payout. A batch
    /// must then consume the request in time, and `sheaf wallet claim` takes the money out. Needs
    /// L1 alone, and --contract if no sequencer answers.
    Exit {
        /// Index of the slot; without this, every slot of the wallet with a balance of the token
        #[arg(long, value_name = "INDEX")]
        slot: Option<u32>,
    },
    /// Leave a rollup whose operator left exit requests unanswered, with a proof out of L1's data
    ///
    /// Freezes the rollup first if nobody has. Credits every balance of the wallet, in every token,
    /// to the wallet's L1 address; `sheaf wallet claim` takes the money out. Needs L1 alone, and
    /// --contract if no sequencer answers.
    Escape,
    /// Get back the deposits and exit requests that no batch consumed before the rollup was frozen
    ///
    /// `sheaf wallet claim` takes the money out. Needs L1 alone, and --contract if no sequencer
    /// answers.
    Refund,
    /// Show the movements of the wallet's balances, or the stages of given transactions
    History {
        /// Ids of transactions, as `send` and `withdraw` print them
        ids: Vec<sheaf_crypto::hash::Digest>,
        /// Show at most this many movements, the newest
        #[arg(long, value_name = "NUMBER", default_value_t = 20)]
        #[arg(value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
        /// Show movements older than this place, which the page before ended with
        #[arg(long, value_name = "PLACE")]
        before: Option<String>,
        /// Print every movement as CSV, the newest first
        #[arg(long, conflicts_with_all = ["ids", "limit", "before"])]
        csv: bool,
    },
}

/// Whether a signed transaction is sent, and how long the command waits.
#[derive(Debug, Clone, Copy, Args)]
struct Sending {
    #[command(flatten)]
    waiting: Waiting,
    /// Print the signed transaction as JSON instead of sending it
    #[arg(long)]
    print: bool,
}

impl Arguments {
    /// The same with contract and chain from the file about the deployment, if one is given.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn with_rollup(mut self) -> Result<Self> {
        if let Some(path) = &self.deployment {
            let DeploymentFile { contract, chain_id, .. } = DeploymentFile::read(path)?;
            (self.contract, self.chain_id) = (Some(contract), Some(chain_id));
        }
        Ok(self)
    }

    /// The key file. The default is outside every working folder, because a key in a clone is soon
    /// committed to a repository.
    ///
    /// # Errors
    /// When neither `--wallet` nor HOME is given.
    fn key_file(&self) -> Result<PathBuf> {
        if let Some(path) = &self.wallet {
            return Ok(path.clone());
        }
        let home = std::env::var_os("HOME").context("HOME is not set; give --wallet")?;
        Ok(Path::new(&home).join(".config/sheaf/wallet.json"))
    }
}

pub(crate) use commands::run;
