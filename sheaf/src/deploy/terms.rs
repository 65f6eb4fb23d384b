//! The flags with the terms of a deployment.

use std::str::FromStr;

use alloy::primitives::Address;
use anyhow::{Result, ensure};
use clap::{Args, value_parser};
use sheaf_contracts::deployment::Terms;
use sheaf_ledger::L1Address;

/// The shortest silence delay that the contract takes, in seconds.
const SILENCE_DELAY_MIN: u64 = 3_600;
/// The longest freeze delay that the contract takes, in seconds.
const FREEZE_DELAY_MAX: u64 = u32::MAX as u64;
/// Silence delays in the shortest freeze delay.
const SILENCE_IN_FREEZE: u64 = 4;
/// The highest price of a request, and the highest bond of an exit, in gwei.
const PRICE_MAX: u64 = 1 << 40;
/// The highest bond of a takeover, in gwei.
const TAKEOVER_BOND_MAX: u64 = 1 << 50;
/// What a flag says unless it is given.
const USUAL: Terms = Terms::usual(Address::ZERO, Address::ZERO);

/// What the contract decides once, beside the key.
#[derive(Debug, Clone, Args)]
pub(super) struct TermsArguments {
    /// Account that may list tokens, or `nobody` [default: the operator's account]
    #[arg(long, value_name = "ADDRESS", help_heading = "Terms of the contract, fixed for ever")]
    lister: Option<Lister>,
    /// Seconds that a request may wait before others than the operator may answer it
    ///
    /// After twice as long, an exit request binds the operator's batches, too.
    #[arg(long, value_name = "SECONDS", default_value_t = USUAL.silence_delay)]
    #[arg(help_heading = "Terms of the contract, fixed for ever")]
    #[arg(value_parser = value_parser!(u64).range(SILENCE_DELAY_MIN..))]
    silence_delay: u64,
    /// Seconds that an exit request may wait before anybody may freeze the rollup
    ///
    /// At least four silence delays. Users of a frozen rollup leave by Merkle paths.
    #[arg(long, value_name = "SECONDS", default_value_t = USUAL.freeze_delay)]
    #[arg(help_heading = "Terms of the contract, fixed for ever")]
    #[arg(value_parser = value_parser!(u64).range(..=FREEZE_DELAY_MAX))]
    freeze_delay: u64,
    /// Price of a deposit or an exit request while few wait
    #[arg(long, value_name = "GWEI", default_value_t = USUAL.request_price)]
    #[arg(help_heading = "Terms of the contract, fixed for ever")]
    #[arg(value_parser = value_parser!(u64).range(1..=PRICE_MAX))]
    request_price: u64,
    /// What an exit request leaves until the exit pays
    #[arg(long, value_name = "GWEI", default_value_t = USUAL.exit_bond)]
    #[arg(help_heading = "Terms of the contract, fixed for ever")]
    #[arg(value_parser = value_parser!(u64).range(..=PRICE_MAX))]
    exit_bond: u64,
    /// What an account leaves that takes over the role of a silent operator
    #[arg(long, value_name = "GWEI", default_value_t = USUAL.takeover_bond)]
    #[arg(help_heading = "Terms of the contract, fixed for ever")]
    #[arg(value_parser = value_parser!(u64).range(1..=TAKEOVER_BOND_MAX))]
    takeover_bond: u64,
    /// The most ether that may be claimed in one day; 0 for no limit
    ///
    /// What is above the limit can be claimed on another day.
    #[arg(long, value_name = "GWEI", default_value_t = USUAL.ether_outflow_limit)]
    #[arg(help_heading = "Terms of the contract, fixed for ever")]
    ether_outflow_limit: u64,
}

/// An account, or nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Lister(Address);

impl FromStr for Lister {
    type Err = sheaf_ledger::error::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "nobody" {
            return Ok(Self(Address::ZERO));
        }
        text.parse().map(|L1Address(bytes)| Self(bytes.into()))
    }
}

impl TermsArguments {
    /// The terms of a rollup of this operator.
    ///
    /// # Errors
    /// When the freeze delay is too short for the silence delay.
    pub(super) fn terms(&self, operator: Address) -> Result<Terms> {
        let least = self.silence_delay.saturating_mul(SILENCE_IN_FREEZE);
        ensure!(
            self.freeze_delay >= least,
            "--freeze-delay {} is below four silence delays: give at least {least}, or a shorter \
             --silence-delay",
            self.freeze_delay
        );
        Ok(Terms {
            operator,
            lister: self.lister.map_or(operator, |Lister(account)| account),
            silence_delay: self.silence_delay,
            freeze_delay: self.freeze_delay,
            request_price: self.request_price,
            exit_bond: self.exit_bond,
            takeover_bond: self.takeover_bond,
            ether_outflow_limit: self.ether_outflow_limit,
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        terms: TermsArguments,
    }

    const OPERATOR: Address = Address::repeat_byte(7);

    fn terms(flags: &[&str]) -> Result<Terms> {
        let flags = Flags::try_parse_from([&["sheaf"], flags].concat())?;
        flags.terms.terms(OPERATOR)
    }

    #[test]
    fn without_flags_the_terms_are_the_usual_ones() {
        assert_eq!(terms(&[]).expect("terms"), Terms::usual(OPERATOR, OPERATOR));
        let nobody = terms(&["--lister", "nobody"]).expect("terms").lister;
        assert_eq!(nobody, Address::ZERO);
    }

    #[test]
    fn terms_that_the_contract_refuses_are_refused_here() {
        let shortest = ["--silence-delay", "3600", "--freeze-delay", "14400"];
        terms(&shortest).expect("the shortest delays");
        for (flags, names) in [
            (["--silence-delay", "3599"], "3599"),
            (["--silence-delay", "151201"], "four silence delays"),
            (["--freeze-delay", "4294967296"], "4294967296"),
            (["--request-price", "0"], "1..="),
            (["--exit-bond", "1099511627777"], "1099511627777"),
            (["--takeover-bond", "0"], "1..="),
            (["--lister", "0x12"], "--lister"),
        ] {
            let said = terms(&flags).expect_err(flags[0]).to_string();
            assert!(said.contains(names), "{flags:?}: {said}");
        }
    }
}
