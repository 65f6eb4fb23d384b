//! Tokens of a rollup's list: ether, and ERC-20 contracts as far as a rollup asks them.

#![allow(missing_docs, reason = "the standard is the documentation")]

use alloy::sol;

/// Ether's number in the list of every rollup.
pub const ETHER: u16 = 0;
/// Decimals of ether on L1.
pub const ETHER_DECIMALS: u8 = 18;
/// Wei in one L2 unit of ether, which is a gwei.
pub const ETHER_SCALE: u128 = 1_000_000_000;

/// Characters of a token's symbol that are shown; a token's contract may return any text.
const SYMBOL_CHARACTERS_MAX: usize = 12;

sol! {
    /// The functions of an ERC-20 that are called.
    #[sol(rpc)]
    interface Erc20 {
        function symbol() external view returns (string);
        function decimals() external view returns (uint8);
        function balanceOf(address account) external view returns (uint256);
        function allowance(address owner, address spender) external view returns (uint256);
        function approve(address spender, uint256 amount) external returns (bool);
    }
}

/// What is shown of a symbol: its letters and digits, at most 12, and no character that a terminal
/// or a page could interpret. `None` if there are none.
pub fn shown_symbol(symbol: &str) -> Option<String> {
    let plain = symbol.chars().filter(char::is_ascii_alphanumeric);
    let plain: String = plain.take(SYMBOL_CHARACTERS_MAX).collect();
    if plain.is_empty() { None } else { Some(plain) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_cannot_write_to_the_terminal() {
        assert_eq!(shown_symbol("USD\u{1b}[2JC"), Some("USD2JC".to_owned()));
        assert_eq!(shown_symbol("\u{1b}\n "), None);
        let long = shown_symbol(&"A".repeat(90));
        assert_eq!(long.map(|text| text.len()), Some(SYMBOL_CHARACTERS_MAX));
    }
}
