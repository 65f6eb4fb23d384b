//! Amounts in JSON: decimal strings, because JavaScript's numbers lose integers above 2^53.
//!
//! For `#[serde(with = "sheaf_ledger::decimal")]` on a `u64`. One spelling per number: no sign, no
//! leading zero, no space.

use core::str::FromStr;

use serde::{Deserializer, Serializer};
use sheaf_crypto::text;

/// Writes an amount as a string of decimal digits.
///
/// # Errors
/// The errors of the serializer.
pub fn serialize<S: Serializer>(amount: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}

/// Reads an amount from a string of decimal digits.
///
/// # Errors
/// The errors of the deserializer, and an error for every text that is not the one spelling of a
/// `u64`.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let Amount(amount) = text::deserialize(deserializer)?;
    Ok(amount)
}

struct Amount(u64);

impl FromStr for Amount {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let canonical = text.bytes().all(|byte| byte.is_ascii_digit())
            && (text == "0" || !text.starts_with('0'));
        let amount = if canonical { text.parse().ok() } else { None };
        amount.map(Self).ok_or("an amount is a string of decimal digits below 2^64")
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Amount(#[serde(with = "super")] u64);

    #[test]
    fn goes_round_at_both_ends() {
        for amount in [0, 1, 10, u64::MAX] {
            let json = serde_json::to_string(&Amount(amount)).expect("an amount is plain JSON");
            assert_eq!(json, format!("\"{amount}\""));
            assert_eq!(serde_json::from_str::<Amount>(&json).expect("round"), Amount(amount));
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        let texts =
            ["1", "\"\"", "\"01\"", "\"+1\"", "\"-1\"", "\" 1\"", "\"18446744073709551616\""];
        for text in texts {
            assert!(serde_json::from_str::<Amount>(text).is_err(), "{text}");
        }
    }
}
