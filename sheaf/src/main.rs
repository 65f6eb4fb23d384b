//! `sheaf`: a ZK-rollup for payments in one program.
//!
//! This file reads the command line and starts one command; each command is a module beside it. The
//! program joins the other crates, and contains neither SQL nor a proof system. Begin reading with
//! `demo/story.rs`, which uses a whole rollup, or with `sequencer.rs`.

mod again;
mod archive;
mod bench;
mod blob_sources;
mod ceremony;
mod circuits;
mod confirmations;
mod demo;
mod deploy;
mod deployment_file;
mod descriptors;
mod devnet;
mod file_lock;
mod keys;
mod logging;
mod output;
mod price_list;
mod progress;
mod prover;
mod question;
mod rebuild;
mod rollup;
mod sequencer;
mod service;
mod shell;
mod shutdown;
mod takeover;
mod wallet;
mod whole_file;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use logging::LogFormat;
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The commands with which a newcomer begins, shown below the help.
const FIRST_STEPS: &str = "\
First steps:
  sheaf demo --development    the whole story in half a minute, with proofs that prove nothing
  sheaf devnet                a rollup to play with, which prints how to pay with its wallets
  sheaf keys build            the proving keys, once; devnet and demo make them where there are none

RUST_LOG says what is logged to standard error: RUST_LOG=debug, or RUST_LOG=info,sqlx=warn.";

/// A ZK-rollup for payments: sequencer, prover, wallet, and a whole rollup on this machine.
#[derive(Debug, Parser)]
#[command(name = "sheaf", version, propagate_version = true, after_help = FIRST_STEPS)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// How the log on standard error is written
    #[arg(long, global = true, env = "SHEAF_LOG", value_enum, default_value = "text")]
    log: LogFormat,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a whole rollup on this machine: L1, contract, sequencer, worker, two funded wallets
    Devnet(devnet::Arguments),
    /// Run and check the whole story by itself: deposits, transfers, withdrawal, proof, claim
    Demo(demo::Arguments),
    /// Put the rollup's contracts on any Ethereum chain, and write deployment.json about them
    Deploy(deploy::Arguments),
    /// Run the sequencer: order, execute and log transactions, seal batches, submit them to L1
    Sequencer(Box<sequencer::Arguments>),
    /// Run a worker, which makes proofs for a sequencer on this or another machine
    Prover(prover::Arguments),
    /// Build the circuits and the Groth16 key once, or check the stored ones
    Keys(keys::Arguments),
    /// Make a Groth16 key whose trapdoor nobody knows, with contributions of many
    Ceremony(ceremony::Arguments),
    /// Move old blocks from a sequencer's database to files, or check such files
    Archive(archive::Arguments),
    /// Make a sequencer's database from L1 alone, each batch checked
    Rebuild(rebuild::Arguments),
    /// Use a wallet: keys, balances, deposits, payments, withdrawals, claims
    Wallet(wallet::Arguments),
    /// Measure signatures, executor, proofs, L1 and a sequencer under load on this machine
    Bench(bench::Arguments),
    /// Turn into another program that ends with its parent
    #[command(hide = true)]
    Tether(devnet::tether::Arguments),
}

fn main() -> ExitCode {
    let Arguments { command, log } = Arguments::parse();
    logging::start(log);
    match start(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(format_args!("sheaf: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn start(command: Command) -> Result<()> {
    let runtime = Runtime::new().context("cannot start the runtime")?;
    let result = runtime.block_on(run(command));
    // A proof or a key under way is not waited for: a process that is told to stop ends at once.
    runtime.shutdown_background();
    result
}

async fn run(command: Command) -> Result<()> {
    match command {
        Command::Devnet(arguments) => devnet::run(arguments).await,
        Command::Demo(arguments) => demo::run(arguments).await,
        Command::Deploy(arguments) => deploy::run(arguments).await,
        Command::Sequencer(arguments) => sequencer::run(*arguments).await,
        Command::Prover(arguments) => prover::run(arguments).await,
        Command::Keys(arguments) => keys::run(&arguments),
        Command::Ceremony(arguments) => ceremony::run(&arguments),
        Command::Archive(arguments) => archive::run(&arguments).await,
        Command::Rebuild(arguments) => rebuild::run(arguments).await,
        Command::Wallet(arguments) => wallet::run(arguments).await,
        Command::Bench(arguments) => bench::run(arguments).await,
        Command::Tether(arguments) => devnet::tether::run(&arguments),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// The commands and arguments without a sentence in the help, each with its parent commands.
    fn unexplained(command: &clap::Command, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        if command.get_about().is_none() {
            found.push(path.to_owned());
        }
        let arguments = command.get_arguments().filter(|one| one.get_help().is_none());
        found.extend(arguments.map(|one| format!("{path} {}", one.get_id())));
        for inner in command.get_subcommands() {
            found.extend(unexplained(inner, &format!("{path} {}", inner.get_name())));
        }
        found
    }

    #[test]
    fn the_help_explains_every_command_and_every_argument() {
        let mut command = Arguments::command();
        command.build();
        command.clone().debug_assert();
        assert_eq!(unexplained(&command, "sheaf"), [""; 0]);
        let silent = clap::Command::new("silent").arg(clap::Arg::new("why"));
        assert_eq!(unexplained(&silent, "sheaf silent"), ["sheaf silent", "sheaf silent why"]);
    }
}
