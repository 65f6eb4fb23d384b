//! The tokens of the contract's list, as L1 and the tokens' own contracts describe them.

use std::convert::Infallible;
use std::sync::Arc;

use alloy::primitives::Address;
use sheaf_contracts::token::{ETHER, ETHER_DECIMALS, ETHER_SCALE, Erc20, shown_symbol};
use sheaf_ledger::l1_address::L1Address;
use sheaf_wire::history::Decimal;
use sheaf_wire::l1::TokenBody;
use tokio::sync::watch;

use crate::l1::{L1, L1Error, Sheaf, transport};
use crate::limits::{TOKENS_INTERVAL, TOKENS_LISTED_MAX};

/// Ether, of which every rollup keeps as much as `cap` says.
pub fn ether(cap: Option<u64>) -> TokenBody {
    TokenBody {
        token: ETHER,
        address: L1Address([0; 20]),
        symbol: "ETH".to_owned(),
        decimals: Some(ETHER_DECIMALS),
        scale: ETHER_SCALE.to_string(),
        cap: cap.map(Decimal),
    }
}

/// The stage, with its end of the channel to those who show the tokens.
#[derive(Debug)]
pub struct TokenWatch {
    pub l1: L1,
    pub shown: watch::Sender<Option<Arc<[TokenBody]>>>,
}

impl TokenWatch {
    /// Reads the list every `TOKENS_INTERVAL`.
    ///
    /// # Errors
    /// As `L1::watch`.
    pub async fn run(self) -> Result<Infallible, L1Error> {
        let what = ("the list of tokens", TOKENS_INTERVAL);
        let show = |tokens| drop(self.shown.send_replace(Some(tokens)));
        self.l1.watch(what, || self.read(), show).await
    }

    async fn read(&self) -> Result<Arc<[TokenBody]>, L1Error> {
        let contract = Sheaf::new(self.l1.contract(), self.l1.provider());
        let count = self
            .l1
            .ask("the number of tokens", || async {
                contract.tokens().call().await.map_err(transport)
            })
            .await?;
        let count = u16::try_from(count).unwrap_or(u16::MAX).min(TOKENS_LISTED_MAX);
        let known = self.shown.borrow().clone().unwrap_or_default();
        let mut tokens = Vec::with_capacity(count.into());
        for number in 0..count {
            tokens.push(self.token(number, &known).await?);
        }
        Ok(tokens.into())
    }

    /// A token of the list. What its own contract says is asked once.
    async fn token(&self, number: u16, known: &[TokenBody]) -> Result<TokenBody, L1Error> {
        let contract = Sheaf::new(self.l1.contract(), self.l1.provider());
        let listed = self
            .l1
            .ask("a token", || async { contract.token(number).call().await.map_err(transport) })
            .await?;
        if number == ETHER {
            return Ok(ether(Some(listed.cap)));
        }
        let (address, cap) = (L1Address(listed.erc20.0.0), Some(Decimal(listed.cap)));
        let known = known.iter().find(|known| known.token == number && known.address == address);
        if let Some(known) = known {
            return Ok(TokenBody { cap, ..known.clone() });
        }
        let (symbol, decimals) = self.described(listed.erc20).await?;
        let scale = listed.scale.to_string();
        Ok(TokenBody { token: number, address, symbol, decimals, scale, cap })
    }

    /// What a token's contract calls the token, and its decimals, as far as it says either.
    async fn described(&self, erc20: Address) -> Result<(String, Option<u8>), L1Error> {
        let contract = Erc20::new(erc20, self.l1.provider());
        let symbol = self
            .l1
            .ask("a token's symbol", || async { contract.symbol().call().await.map_err(transport) })
            .await;
        let decimals = self
            .l1
            .ask("a token's decimals", || async {
                contract.decimals().call().await.map_err(transport)
            })
            .await;
        let symbol = said(symbol)?.and_then(|symbol| shown_symbol(&symbol)).unwrap_or_default();
        Ok((symbol, said(decimals)?))
    }
}

/// What a token's contract has answered; `None` if it answers with nothing that can be read.
///
/// # Errors
/// `Silent` when the node does not answer.
fn said<T>(answer: Result<T, L1Error>) -> Result<Option<T>, L1Error> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error @ L1Error::Silent { .. }) => Err(error),
        Err(_) => Ok(None),
    }
}
