//! The least fee of a transaction: a fixed price for each token, which the operator chooses.
//!
//! A token without a price is not served. If such a token were free, anybody could fill batches,
//! which cost proofs and gas, with transfers of a worthless token.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The price of a transaction in one token, in L2 units of that token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// For the transaction, whatever its recipients.
    pub per_transaction: u64,
    /// For each recipient, in addition.
    pub per_payment: u64,
}

/// The price of one token, as an operator writes it: `TOKEN=PER_TRANSACTION,PER_PAYMENT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenPrice {
    pub token: u16,
    pub price: Price,
}

/// Why the prices that an operator gave are refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PriceError {
    #[error("a price is written TOKEN=PER_TRANSACTION,PER_PAYMENT, three whole numbers")]
    Form,
    #[error("token {token} has two prices")]
    Twice { token: u16 },
}

impl FromStr for TokenPrice {
    type Err = PriceError;

    fn from_str(text: &str) -> Result<Self, PriceError> {
        let parts = text.split_once('=').and_then(|(token, price)| {
            let (per_transaction, per_payment) = price.split_once(',')?;
            let per_transaction = per_transaction.parse().ok()?;
            let price = Price { per_transaction, per_payment: per_payment.parse().ok()? };
            Some(Self { token: token.parse().ok()?, price })
        });
        parts.ok_or(PriceError::Form)
    }
}

/// The prices of all tokens that are served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FeePolicy {
    prices: BTreeMap<u16, Price>,
}

/// Ether costs nothing, and no other token is served.
impl Default for FeePolicy {
    fn default() -> Self {
        Self::new(BTreeMap::from([(0, Price::default())]))
    }
}

impl FeePolicy {
    /// A policy that serves the tokens of `prices`.
    pub fn new(prices: BTreeMap<u16, Price>) -> Self {
        Self { prices }
    }

    /// A policy of prices that an operator gave one by one.
    ///
    /// # Errors
    /// `Twice` when a token has two prices.
    pub fn of(prices: impl IntoIterator<Item = TokenPrice>) -> Result<Self, PriceError> {
        let mut all = BTreeMap::new();
        for TokenPrice { token, price } in prices {
            if all.insert(token, price).is_some() {
                return Err(PriceError::Twice { token });
            }
        }
        Ok(Self::new(all))
    }

    /// The least fee, in L2 units, of a transaction with `payments` recipients; nothing when the
    /// token is not served. A fee that exceeds 64 bits becomes the largest number.
    pub fn minimum(&self, token: u16, payments: usize) -> Option<u64> {
        let Price { per_transaction, per_payment } = *self.prices.get(&token)?;
        let payments = u64::try_from(payments).unwrap_or(u64::MAX);
        Some(per_transaction.saturating_add(per_payment.saturating_mul(payments)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_are_priced_one_by_one() {
        let price = Price { per_transaction: 10, per_payment: 3 };
        let policy = FeePolicy::new(BTreeMap::from([(1, price)]));
        assert_eq!([1, 2, 0].map(|payments| policy.minimum(1, payments)), [13, 16, 10].map(Some));
        assert_eq!(policy.minimum(2, 5), None);
        let absurd = Price { per_transaction: u64::MAX, per_payment: u64::MAX };
        let policy = FeePolicy::new(BTreeMap::from([(1, absurd)]));
        assert_eq!(policy.minimum(1, 2), Some(u64::MAX));
    }

    #[test]
    fn prices_are_read_as_they_are_documented() {
        let price = |per_transaction, per_payment| Price { per_transaction, per_payment };
        let read = |text: &str| text.parse::<TokenPrice>();
        assert_eq!(read("7=100,0"), Ok(TokenPrice { token: 7, price: price(100, 0) }));
        for bad in ["", "7", "7=100", "=1,2", "7=1,", "7=1,2,3", "65536=1,2", "7=-1,2", "7=1.5,2"] {
            assert_eq!(read(bad), Err(PriceError::Form), "{bad}");
        }
        let two = ["1=2,3", "0=4,5"].map(|text| read(text).expect("both are good"));
        let expected = FeePolicy::new(BTreeMap::from([(0, price(4, 5)), (1, price(2, 3))]));
        assert_eq!(FeePolicy::of(two), Ok(expected));
        assert_eq!(FeePolicy::of([two[0], two[0]]), Err(PriceError::Twice { token: 1 }));
    }
}
