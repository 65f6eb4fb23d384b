//! The tokens that a deployment lists: read from a file, and checked before anything is spent.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use alloy::network::Ethereum;
use alloy::primitives::Address;
use alloy::providers::{DynProvider, Provider};
use anyhow::{Context, Result, bail, ensure};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use sheaf_client::Token;
use sheaf_contracts::Sheaf;
use sheaf_contracts::deployment::Listing;
use sheaf_ledger::L1Address;
use sheaf_ledger::limits::AMOUNT_MAX;

/// The most tokens of one file. Each costs a transaction; a rollup has room for 65,535.
const TOKENS_MAX: usize = 256;
/// The longest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// A token of the file, as the contract will list it.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    /// Number, symbol and decimals.
    pub token: Token,
    pub listing: Listing,
    /// Whether an earlier run has listed it.
    pub is_done: bool,
}

/// An entry of the file. An amount is a number or, beyond what other programs read exactly, a text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    address: L1Address,
    #[serde(deserialize_with = "amount")]
    scale: u128,
    #[serde(deserialize_with = "amount")]
    cap: u64,
    #[serde(default, deserialize_with = "amount")]
    outflow_limit: u64,
}

fn amount<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Amount {
        Number(u64),
        Text(String),
    }
    let text = match Amount::deserialize(deserializer)? {
        Amount::Number(number) => number.to_string(),
        Amount::Text(text) => text,
    };
    text.parse().map_err(|error| D::Error::custom(format!("'{text}' is no amount: {error}")))
}

/// Reads the listings of a file, and checks what can be checked without L1.
///
/// # Errors
/// When the file cannot be read, or an entry is one that the contract refuses.
pub(super) fn read(path: &Path) -> Result<Vec<Listing>> {
    let name = path.display();
    let length = fs::metadata(path).with_context(|| format!("cannot read {name}"))?.len();
    ensure!(length <= FILE_BYTES_MAX, "{name} has {length} bytes, more than a list of tokens");
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    let entries: Vec<Entry> = serde_json::from_str(&text).with_context(|| {
        format!(
            "{name} is no list of tokens such as \
             [{{\"address\": \"0x…\", \"scale\": 1, \"cap\": 1000000}}]"
        )
    })?;
    ensure!(entries.len() <= TOKENS_MAX, "{name} has more than {TOKENS_MAX} tokens");
    let mut seen = BTreeSet::new();
    let mut listings = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let listing = checked(entry).with_context(|| place(path, index, entry.address))?;
        ensure!(
            seen.insert(entry.address),
            "{}: the same contract stands above",
            place(path, index, entry.address)
        );
        listings.push(listing);
    }
    Ok(listings)
}

/// The entry's place, for errors.
fn place(path: &Path, index: usize, address: L1Address) -> String {
    format!("{}, token {} ({address})", path.display(), index + 1)
}

fn checked(entry: &Entry) -> Result<Listing> {
    let Entry { address, scale, cap, outflow_limit } = *entry;
    let is_power = scale.checked_ilog10().is_some_and(|power| 10_u128.pow(power) == scale);
    ensure!(is_power, "the scale {scale} is no power of ten; it is the L1 units in one L2 unit");
    ensure!(cap > 0, "the cap is zero: nothing could be deposited");
    ensure!(cap <= AMOUNT_MAX, "the cap {cap} is beyond {AMOUNT_MAX} L2 units");
    Ok(Listing { erc20: address.0.into(), scale, cap, outflow_limit })
}

/// Checks listings against the chain: code, decimals and scale, cap, and what `contract`, if there
/// is one already, has listed.
///
/// # Errors
/// When an address has no code, a contract returns no decimals, scale or cap do not fit the
/// decimals, the token is listed already in another way, or L1 does not answer.
pub(super) async fn check(
    path: &Path,
    listings: &[Listing],
    provider: &DynProvider<Ethereum>,
    contract: Option<Address>,
) -> Result<Vec<Listed>> {
    let present = match contract {
        Some(contract) => present(provider, contract).await?,
        None => Vec::new(),
    };
    let mut next = present.len() + 1;
    let mut checked = Vec::new();
    for (index, listing) in listings.iter().enumerate() {
        let known = present.iter().position(|one| is_same(one, listing));
        let number = known.map_or(next, |place| place + 1);
        next += usize::from(known.is_none());
        let number = u16::try_from(number).context("the contract's list of tokens is full")?;
        let token = token(provider, listing, number).await;
        let address = L1Address(listing.erc20.0.0);
        let token = token.with_context(|| self::place(path, index, address))?;
        if let Some(place) = known.filter(|place| present[*place] != *listing) {
            let Listing { cap, outflow_limit, .. } = present[place];
            bail!(
                "{}: the contract lists it already, with cap {cap} and outflow limit \
                 {outflow_limit}; write these into the file, or leave the token out",
                self::place(path, index, address)
            );
        }
        checked.push(Listed { token, listing: *listing, is_done: known.is_some() });
    }
    Ok(checked)
}

/// Whether both are the same contract with the same scale, which can be listed once.
fn is_same(one: &Listing, other: &Listing) -> bool {
    one.erc20 == other.erc20 && one.scale == other.scale
}

/// The tokens that a contract lists besides ether, from number 1.
async fn present(provider: &DynProvider<Ethereum>, contract: Address) -> Result<Vec<Listing>> {
    let sheaf = Sheaf::new(contract, provider);
    let count: u16 = sheaf.tokens().call().await?.try_into().context("tokens have u16 numbers")?;
    let mut present = Vec::new();
    for number in 1..count {
        let token = sheaf.token(number).call().await?;
        let (erc20, scale, cap) = (token.erc20, token.scale, token.cap);
        present.push(Listing { erc20, scale, cap, outflow_limit: token.outflowLimit });
    }
    Ok(present)
}

async fn token(provider: &DynProvider<Ethereum>, listing: &Listing, number: u16) -> Result<Token> {
    let code = provider.get_code_at(listing.erc20).await.context("L1 does not answer")?;
    ensure!(!code.is_empty(), "there is no contract at this address on this chain");
    let token = Token::at(listing.erc20, listing.scale, number, provider).await?;
    let whole = token.parse("1").context("one whole token is no amount on L2")?;
    ensure!(
        listing.cap >= whole,
        "the cap {} is less than one whole token, which is {whole} L2 units with this scale",
        listing.cap
    );
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listings(text: &str) -> Result<Vec<Listing>> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("tokens.json");
        fs::write(&path, text).expect("it is written");
        read(&path)
    }

    fn entry(fields: &str) -> String {
        format!(r#"[{{"address": "0x{}", {fields}}}]"#, "11".repeat(20))
    }

    #[test]
    fn amounts_are_numbers_or_texts() {
        let text = entry(r#""scale": "1000000000000000000000000", "cap": 5, "outflow_limit": "7""#);
        let erc20 = Address::repeat_byte(0x11);
        let expected = Listing { erc20, scale: 10_u128.pow(24), cap: 5, outflow_limit: 7 };
        assert_eq!(listings(&text).expect("a list"), [expected]);
        let one = entry(r#""scale": 1, "cap": 5"#);
        let plain = Listing { scale: 1, outflow_limit: 0, ..expected };
        assert_eq!(listings(&one).expect("a list"), [plain]);
    }

    #[test]
    fn an_entry_that_cannot_be_listed_is_named() {
        for (fields, reason) in [
            (r#""scale": 0, "cap": 5"#, "the scale 0 is no power of ten"),
            (r#""scale": 20, "cap": 5"#, "the scale 20 is no power of ten"),
            (r#""scale": 10, "cap": 0"#, "the cap is zero"),
            (r#""scale": 10, "cap": 4611686018427387904"#, "beyond"),
            (r#""scale": 10, "cap": -5"#, "is no list of tokens"),
            (r#""scale": 10, "cap": "5.5""#, "'5.5' is no amount"),
            (r#""scale": 10, "cap": 5, "limit": 3"#, "unknown field `limit`"),
            (r#""scale": 10"#, "missing field `cap`"),
        ] {
            let said = format!("{:#}", listings(&entry(fields)).expect_err(fields));
            assert!(said.contains(reason) && said.contains("tokens.json"), "{fields}: {said}");
        }
        let fields = r#""address": "0x1111111111111111111111111111111111111111", "scale": 1"#;
        let twice = format!(r#"[{{{fields}, "cap": 5}}, {{{fields}, "cap": 6}}]"#);
        let said = format!("{:#}", listings(&twice).expect_err("twice"));
        assert!(said.contains("token 2") && said.contains("stands above"), "{said}");
    }
}
