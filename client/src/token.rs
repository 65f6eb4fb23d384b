//! Tokens as people know them: the symbol and the decimals of a token in the contract's list.

use alloy::primitives::{Address, U256};
use alloy::providers::Provider;
use sheaf_contracts::Sheaf::SheafInstance;
use sheaf_contracts::token::{ETHER, ETHER_DECIMALS, ETHER_SCALE, Erc20, shown_symbol};

use crate::amount;
use crate::error::{ClientError, Result};

/// A token of the contract's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The token's number in the contract's list.
    pub number: u16,
    symbol: String,
    /// Decimals of an L2 amount.
    decimals: u32,
    /// L1 units in one L2 unit.
    scale: u128,
    /// The token's contract; `None` for ether.
    pub erc20: Option<Address>,
}

impl Token {
    /// Ether, which every rollup has.
    pub fn ether() -> Self {
        let (symbol, scale) = ("ether".to_owned(), ETHER_SCALE);
        let decimals = u32::from(ETHER_DECIMALS) - scale.ilog10();
        Self { number: ETHER, symbol, decimals, scale, erc20: None }
    }

    /// Reads a token of the contract's list from L1.
    ///
    /// # Errors
    /// `NoToken` when the list cannot be read or has no such number; otherwise as [`Self::at`].
    pub async fn listed(number: u16, sheaf: &SheafInstance<impl Provider>) -> Result<Self> {
        if number == ETHER {
            return Ok(Self::ether());
        }
        let listed = sheaf.token(number).call().await;
        let listed = listed.map_err(|error| {
            let source = Box::new(error.into());
            ClientError::NoToken { number, source }
        })?;
        Self::at(listed.erc20, listed.scale, number, sheaf.provider()).await
    }

    /// Reads the token of the contract at `erc20`, which is or will be listed under this number
    /// with `scale` L1 units in one L2 unit.
    ///
    /// # Errors
    /// `NoDecimals` when the token's contract returns no decimals; `NoDecimalScale` when the
    /// token's L2 unit is no decimal fraction of a whole.
    pub async fn at(
        erc20: Address,
        scale: u128,
        number: u16,
        provider: &impl Provider,
    ) -> Result<Self> {
        let contract = Erc20::new(erc20, provider);
        let decimals = contract.decimals().call().await;
        let decimals = decimals.map_err(|error| {
            let source = Box::new(error);
            ClientError::NoDecimals { number, source }
        })?;
        // A symbol is only shown, and some tokens have none that can be read.
        let symbol = contract.symbol().call().await.unwrap_or_default();
        let decimals = l2_decimals(decimals.into(), scale);
        let decimals = decimals.ok_or(ClientError::NoDecimalScale { number })?;
        let symbol = shown_symbol(&symbol).unwrap_or_else(|| format!("of token {number}"));
        Ok(Self { number, symbol, decimals, scale, erc20: Some(erc20) })
    }

    /// Reads an amount to pay, such as "1.25", and returns it in L2 units.
    ///
    /// # Errors
    /// `NoAmount` when the text is no decimal number; `TooManyDecimals` when the amount is no whole
    /// number of L2 units; `AmountTooLarge` for 2^62 units or more; `AmountZero`.
    pub fn parse(&self, text: &str) -> Result<u64> {
        match amount::parse(text, self.decimals)? {
            0 => Err(ClientError::AmountZero),
            units => Ok(units),
        }
    }

    /// An amount of `units` L2 units as decimal text with the token's symbol.
    pub fn show(&self, units: u64) -> String {
        format!("{} {}", amount::format(units, self.decimals), self.symbol)
    }

    /// An amount of `units` L1 units as decimal text with the token's symbol.
    pub fn show_l1(&self, units: U256) -> String {
        let decimals = self.decimals + self.scale.ilog10();
        format!("{} {}", amount::format(units, decimals), self.symbol)
    }

    /// Converts L2 units into L1 units.
    pub fn on_l1(&self, units: u64) -> U256 {
        U256::from(units) * U256::from(self.scale)
    }
}

/// The decimals of an L2 amount; `None` when the L2 unit is no decimal fraction of a whole.
fn l2_decimals(l1_decimals: u32, scale: u128) -> Option<u32> {
    let power = scale.checked_ilog10()?;
    if 10_u128.pow(power) == scale { l1_decimals.checked_sub(power) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_takes_decimals_away() {
        assert_eq!(l2_decimals(18, 1_000_000_000), Some(9));
        assert_eq!(l2_decimals(6, 1), Some(6));
        assert_eq!(l2_decimals(6, 1_000_000), Some(0));
        for (decimals, scale) in [(6, 10_000_000), (18, 3), (18, 0)] {
            assert_eq!(l2_decimals(decimals, scale), None, "{decimals} {scale}");
        }
    }

    #[test]
    fn ether_is_shown_alike_on_both_sides() {
        let ether = Token::ether();
        let units = ether.parse("1.25").expect("an amount");
        assert_eq!(ether.show(units), "1.25 ether");
        assert_eq!(ether.show_l1(ether.on_l1(units)), "1.25 ether");
        assert!(ether.parse("0.0").is_err());
    }
}
