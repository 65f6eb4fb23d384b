//! Amounts as people write them: exact conversion of decimal text to and from units.

use std::fmt::Display;

use crate::error::{ClientError, Result};

/// The largest amount in L2 units, plus 1 (docs/protocol.md, section 1).
const AMOUNT_END: u64 = 1 << 62;

/// Reads `text` ("1.25") as L2 units of a token whose whole is 10^`decimals` units.
///
/// # Errors
/// `NoAmount` when the text is not digits with at most one point; `TooManyDecimals` when the amount
/// is no whole number of units, because nothing is rounded; `AmountTooLarge` for 2^62 units or
/// more.
pub(crate) fn parse(text: &str, decimals: u32) -> Result<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !is_digits(whole) || !is_digits(fraction) {
        return Err(ClientError::NoAmount { text: text.to_owned() });
    }
    let kept = fraction.trim_end_matches('0');
    let Some(missing) = (decimals as usize).checked_sub(kept.len()) else {
        return Err(ClientError::TooManyDecimals { text: text.to_owned(), decimals });
    };
    let digits = format!("{whole}{kept}{}", "0".repeat(missing));
    let digits = digits.trim_start_matches('0');
    let units = if digits.is_empty() { Some(0) } else { digits.parse().ok() };
    let units = units.filter(|units| *units < AMOUNT_END);
    units.ok_or_else(|| ClientError::AmountTooLarge { text: text.to_owned() })
}

/// Writes a number of units, of which 10^`decimals` are a whole, as a decimal number without
/// superfluous zeros.
pub(crate) fn format(units: impl Display, decimals: u32) -> String {
    let digits = format!("{:0>width$}", units.to_string(), width = decimals as usize + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals as usize);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_both_ways() {
        for (text, units) in [
            ("0", 0),
            ("1", 1_000_000_000),
            ("1.25", 1_250_000_000),
            (".5", 500_000_000),
            ("0.000000001", 1),
            ("4611686018.427387903", AMOUNT_END - 1),
        ] {
            assert_eq!(parse(text, 9).expect(text), units);
            assert_eq!(parse(&format(units, 9), 9).expect(text), units);
        }
        assert_eq!(format(1_250_000_000, 9), "1.25");
        assert_eq!(format(7, 0), "7");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "",
            ".",
            "-1",
            "1e9",
            "1.0000000001",
            "1,5",
            "4611686018.427387904",
            "9".repeat(40).as_str(),
        ] {
            assert!(parse(text, 9).is_err(), "{text} must be refused");
        }
        assert_eq!(parse("1.0000000000", 9).expect("trailing zeros change nothing"), 1_000_000_000);
    }
}
