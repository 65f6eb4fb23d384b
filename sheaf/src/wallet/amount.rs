//! Amounts as people write them, exactly: decimal text to and from units, never through a float.

use std::fmt::Display;

use anyhow::{Context, Result, bail, ensure};

/// One more than the largest amount of L2 units (docs/protocol.md, section 1).
const AMOUNT_END: u64 = 1 << 62;

/// Reads `text` ("1.25") as L2 units of a token whose whole is 10^`decimals` units.
///
/// More decimals than the token has are refused, not rounded away.
pub fn parse(text: &str, decimals: u32) -> Result<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    ensure!(
        !(whole.is_empty() && fraction.is_empty()) && digits(whole) && digits(fraction),
        "'{text}' is not an amount; write digits and at most one point, like 0.25"
    );
    let kept = fraction.trim_end_matches('0');
    let Some(missing) = (decimals as usize).checked_sub(kept.len()) else {
        bail!("'{text}' has more than the {decimals} decimals that this token has on L2");
    };
    let units = format!("{whole}{kept}{}", "0".repeat(missing));
    let units: u64 = units
        .trim_start_matches('0')
        .parse()
        .or_else(|_| if units.bytes().all(|byte| byte == b'0') { Ok(0) } else { Err(()) })
        .ok()
        .with_context(|| format!("'{text}' is too large"))?;
    ensure!(units < AMOUNT_END, "'{text}' is too large");
    Ok(units)
}

/// Writes an integer number of units as a decimal number without superfluous zeros.
pub fn format(units: impl Display, decimals: u32) -> String {
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
