//! `sheaf`: a ZK-rollup for payments in one program.
#![forbid(unsafe_code)]

mod api;
mod bench;
mod circuits;
mod demo;
mod devnet;
mod keys;
mod prover;
mod sequencer;
mod shutdown;
mod wallet;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// A ZK-rollup for payments: sequencer, prover, wallet, and a whole rollup on this machine.
#[derive(Debug, Parser)]
#[command(name = "sheaf", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A whole rollup on this machine: L1, contract, sequencer, prover, two funded wallets
    Devnet(devnet::Arguments),
    /// The whole story without a person: deposit, transfers, withdrawal, proof, claim
    Demo(demo::Arguments),
    /// Order, execute and log transactions; seal batches; bring them to L1
    Sequencer(sequencer::Arguments),
    /// Prove for a sequencer, on this or any other machine
    Prover(prover::Arguments),
    /// Build circuits and the Groth16 key once, or check them
    Keys(keys::Arguments),
    /// Keys, balances, deposits, payments, withdrawals
    Wallet(wallet::Arguments),
    /// Measure proofs, executor, signatures and L1 on this machine
    Bench(bench::Arguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let result = match Arguments::parse().command {
        Command::Devnet(arguments) => devnet::run(arguments).await,
        Command::Demo(arguments) => demo::run(arguments).await,
        Command::Sequencer(arguments) => sequencer::run(arguments).await,
        Command::Prover(arguments) => prover::run(arguments).await,
        Command::Keys(arguments) => keys::run(&arguments),
        Command::Wallet(arguments) => wallet::run(arguments).await,
        Command::Bench(arguments) => bench::run(arguments).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sheaf: {error:#}");
            ExitCode::FAILURE
        }
    }
}
