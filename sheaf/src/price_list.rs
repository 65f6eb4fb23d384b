//! The lists of limits and gas prices of an L1 that a flag can name.

use clap::ValueEnum;
use sheaf_contracts::chain_limits::ChainLimits;

/// The rules of an L1 that decide how large a batch may be, by the fork of Ethereum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PriceList {
    /// Ethereum since the fork Osaka
    Osaka,
    /// Ethereum from the fork Amsterdam on, whose storage and calldata are dearer
    Amsterdam,
}

impl PriceList {
    /// The limits and prices.
    pub(crate) const fn limits(self) -> ChainLimits {
        match self {
            Self::Osaka => ChainLimits::OSAKA,
            Self::Amsterdam => ChainLimits::AMSTERDAM,
        }
    }
}
