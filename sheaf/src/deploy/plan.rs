//! What a deployment will do and cost, shown before anything is spent.

use std::fmt::{self, Display, Formatter};

use alloy::primitives::utils::{format_ether, format_units};
use alloy::primitives::{Address, B256, U256};
use alloy::providers::Provider;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sheaf_client::Token;
use sheaf_contracts::chain_limits::ChainLimits;
use sheaf_contracts::deployment::{Deployment, Terms};

use super::tokens::Listed;

/// What is reckoned for the listing of a token, which a contract that is not there yet cannot be
/// asked about: gas, and new places of storage.
const LISTING_GAS: u64 = 50_000;
const LISTING_SLOTS: u64 = 3;
/// Seconds of an hour and of a day.
const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;

/// What is known before the node is asked for costs.
#[derive(Debug)]
pub(super) struct Intent {
    pub account: Address,
    pub terms: Terms,
    /// The proofs, by name, and where their key comes from.
    pub proofs: String,
    pub key_hash: B256,
    /// A verifier or contract of an earlier run.
    pub verifier: Option<Address>,
    pub contract: Option<Address>,
    pub tokens: Vec<Listed>,
    pub limits: ChainLimits,
}

/// A transaction of the plan.
#[derive(Debug)]
struct Step {
    name: String,
    gas: u64,
}

/// The whole deployment, with its costs.
#[derive(Debug)]
pub(super) struct Plan {
    pub chain_id: u64,
    pub intent: Intent,
    balance: U256,
    steps: Vec<Step>,
    /// The most that a unit of gas costs, in wei: twice the base fee, and a tip.
    gas_price: u128,
}

impl Plan {
    /// Asks the node for gas, prices and the account's balance. Sends no transaction.
    ///
    /// # Errors
    /// When L1 refuses a constructor's run or does not answer.
    pub(super) async fn of(deployment: &Deployment, intent: Intent) -> Result<Self> {
        let provider = deployment.provider();
        let mut steps = Vec::new();
        if intent.contract.is_none() {
            let gas = deployment.estimate(intent.verifier).await.context(
                "the contracts cannot be tried on this node; nothing was sent. If the node takes \
                 no state overrides in eth_estimateGas, name another with --l1",
            )?;
            let verifier = gas.verifier.map(|gas| Step { name: "verifier".to_owned(), gas });
            steps.extend(verifier);
            steps.push(Step { name: "contract".to_owned(), gas: gas.contract });
        }
        for one in intent.tokens.iter().filter(|one| !one.is_done) {
            let name = format!("list token {}", one.token.number);
            let storage = LISTING_SLOTS * intent.limits.prices.new_slot;
            steps.push(Step { name, gas: LISTING_GAS + storage });
        }
        let fees = provider.estimate_eip1559_fees().await.context("L1 tells no prices of gas")?;
        let balance = provider.get_balance(intent.account).await;
        Ok(Self {
            chain_id: deployment.chain_id(),
            intent,
            balance: balance.context("L1 does not tell the account's balance")?,
            steps,
            gas_price: fees.max_fee_per_gas,
        })
    }

    /// Whether no transaction is left to send.
    pub(super) const fn is_done(&self) -> bool {
        self.steps.is_empty()
    }

    /// The most that the transactions cost at today's prices, in wei.
    pub(super) fn cost_max(&self) -> U256 {
        U256::from(self.gas()) * U256::from(self.gas_price)
    }

    /// Refuses an account that cannot pay.
    ///
    /// # Errors
    /// When the balance is below the highest cost.
    pub(super) fn check_balance(&self) -> Result<()> {
        let (cost, account) = (self.cost_max(), self.intent.account);
        ensure!(
            self.balance >= cost,
            "the account {account} has {} ether, and the deployment may cost {}: send it more",
            ether(self.balance),
            ether(cost)
        );
        Ok(())
    }

    /// The plan for programs. Amounts of wei are texts.
    pub(super) fn json(&self) -> Value {
        let Intent { account, terms, proofs, key_hash, verifier, contract, tokens, limits } =
            &self.intent;
        let steps = self.steps.iter().map(|step| json!({ "name": step.name, "gas": step.gas }));
        let tokens = tokens.iter().map(|one| {
            json!({
                "number": one.token.number,
                "address": one.listing.erc20,
                "scale": one.listing.scale.to_string(),
                "cap": one.listing.cap.to_string(),
                "outflow_limit": one.listing.outflow_limit.to_string(),
                "is_listed": one.is_done,
            })
        });
        json!({
            "chain_id": self.chain_id,
            "account": account,
            "balance": self.balance.to_string(),
            "proofs": proofs,
            "key_hash": key_hash,
            "verifier": verifier,
            "contract": contract,
            "terms": {
                "operator": terms.operator,
                "lister": terms.lister,
                "silence_delay": terms.silence_delay,
                "freeze_delay": terms.freeze_delay,
                "request_price": terms.request_price.to_string(),
                "exit_bond": terms.exit_bond.to_string(),
                "takeover_bond": terms.takeover_bond.to_string(),
                "ether_outflow_limit": terms.ether_outflow_limit.to_string(),
            },
            "tokens": tokens.collect::<Vec<_>>(),
            "limits": limits,
            "transactions": steps.collect::<Vec<_>>(),
            "gas": self.gas(),
            "gas_price_max": self.gas_price.to_string(),
            "cost_max": self.cost_max().to_string(),
        })
    }

    fn gas(&self) -> u64 {
        self.steps.iter().map(|step| step.gas).sum()
    }

    fn write_terms(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let ether = Token::ether();
        let terms = &self.intent.terms;
        let lister = if terms.lister.is_zero() {
            "nobody, so that ether is the only token for ever".to_owned()
        } else {
            terms.lister.to_string()
        };
        let limit = match terms.ether_outflow_limit {
            0 => "no limit".to_owned(),
            limit => format!("at most {} a day", ether.show(limit)),
        };
        let twice = duration(2 * terms.silence_delay);
        writeln!(formatter, "Terms, fixed for ever")?;
        writeln!(formatter, "  operator        {}", terms.operator)?;
        writeln!(formatter, "  lister          {lister}")?;
        writeln!(
            formatter,
            "  silence delay   {}; exits bind the operator after {twice}",
            duration(terms.silence_delay)
        )?;
        writeln!(formatter, "  freeze delay    {}", duration(terms.freeze_delay))?;
        writeln!(formatter, "  request         {}", ether.show(terms.request_price))?;
        writeln!(formatter, "  exit bond       {}", ether.show(terms.exit_bond))?;
        writeln!(formatter, "  takeover bond   {}", ether.show(terms.takeover_bond))?;
        writeln!(formatter, "  ether outflow   {limit}")
    }

    fn write_tokens(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        if self.intent.tokens.is_empty() {
            return Ok(());
        }
        writeln!(formatter, "\nTokens")?;
        for Listed { token, listing, is_done } in &self.intent.tokens {
            let limit = match listing.outflow_limit {
                0 => "no limit a day".to_owned(),
                limit => format!("{} a day", token.show(limit)),
            };
            let done = if *is_done { "; listed already" } else { "" };
            let (number, erc20, cap) = (token.number, listing.erc20, token.show(listing.cap));
            writeln!(formatter, "  {number:<4} {erc20}  at most {cap}, {limit}{done}")?;
        }
        Ok(())
    }

    fn write_costs(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        if self.is_done() {
            return write!(formatter, "\nNo transaction is left to send.");
        }
        writeln!(formatter, "\nGas")?;
        for Step { name, gas } in &self.steps {
            writeln!(formatter, "  {name:<15} {gas}")?;
        }
        let price = format_units(U256::from(self.gas_price), "gwei").map_err(|_| fmt::Error)?;
        write!(
            formatter,
            "  together        {}, at most {} ether ({} gwei a unit)",
            self.gas(),
            ether(self.cost_max()),
            shortened(&price)
        )
    }
}

impl Display for Plan {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let Intent { account, proofs, key_hash, verifier, contract, .. } = &self.intent;
        writeln!(formatter, "A rollup on chain {}\n", self.chain_id)?;
        writeln!(
            formatter,
            "  account         {account}, which has {} ether",
            ether(self.balance)
        )?;
        writeln!(formatter, "  proofs          {proofs}")?;
        writeln!(formatter, "  key hash        {key_hash}")?;
        if let Some(verifier) = verifier {
            writeln!(formatter, "  verifier        {verifier}, which is there already")?;
        }
        if let Some(contract) = contract {
            writeln!(formatter, "  contract        {contract}, which is there already")?;
        }
        writeln!(formatter)?;
        self.write_terms(formatter)?;
        self.write_tokens(formatter)?;
        self.write_costs(formatter)
    }
}

/// An amount of wei in ether, without superfluous zeros.
fn ether(wei: U256) -> String {
    shortened(&format_ether(wei)).to_owned()
}

/// A decimal number with a point, without superfluous zeros.
fn shortened(number: &str) -> &str {
    number.trim_end_matches('0').trim_end_matches('.')
}

/// Seconds as people say them: in days or hours where they are whole.
fn duration(seconds: u64) -> String {
    let (count, unit) = match seconds {
        _ if seconds.is_multiple_of(DAY) => (seconds / DAY, "day"),
        _ if seconds.is_multiple_of(HOUR) => (seconds / HOUR, "hour"),
        _ => (seconds, "second"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_times_are_shown_as_people_say_them() {
        assert_eq!(ether(U256::from(1_500_000_000_000_000_000_u64)), "1.5");
        assert_eq!(ether(U256::from(10_000_000_000_000_000_000_u64)), "10");
        assert_eq!(ether(U256::ZERO), "0");
        assert_eq!(ether(U256::from(1)), "0.000000000000000001");
        assert_eq!(
            [86_400, 7 * 86_400, 3_600, 7_200, 3_601].map(duration),
            ["1 day", "7 days", "1 hour", "2 hours", "3601 seconds"]
        );
    }
}
