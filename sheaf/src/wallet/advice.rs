//! Advice for a user at a terminal: the command or flag that helps against an error of
//! `sheaf-client`, which knows no commands.

use anyhow::{Error, anyhow};
use sheaf_client::ClientError;

/// Adds the command or flag that helps to an error. Errors without advice stay as they are.
pub(super) fn advised(error: Error) -> Error {
    let advice = match error.downcast_ref::<ClientError>() {
        Some(ClientError::L1Silent { .. } | ClientError::L1Url { .. }) => {
            "--l1 says which node is asked".to_owned()
        }
        Some(ClientError::NoBalance { .. }) => "`sheaf wallet deposit` makes one".to_owned(),
        Some(ClientError::OutcomeUnknown { id, .. }) => {
            format!("ask with `sheaf wallet history {id}` before you send another")
        }
        Some(ClientError::Late { .. }) => {
            "the wallet waits no longer; `sheaf wallet history` shows how far it has come"
                .to_owned()
        }
        _ => return error,
    };
    anyhow!("{error:#}; {advice}")
}

#[cfg(test)]
mod tests {
    use anyhow::Context;
    use sheaf_ledger::Owner;

    use super::*;

    #[test]
    fn advice_follows_the_error_that_it_is_about_and_no_other() {
        let owner = Owner::default();
        let poor = Err::<(), _>(ClientError::NoBalance { owner }).context("cannot pay");
        let said = advised(poor.expect_err("it is one")).to_string();
        assert!(said.starts_with("cannot pay: "), "{said}");
        assert!(said.ends_with("or be paid; `sheaf wallet deposit` makes one"), "{said}");
        let other = advised(ClientError::AmountZero.into()).to_string();
        assert_eq!(other, "the amount must be more than zero");
        assert_eq!(advised(anyhow!("no file")).to_string(), "no file");
    }
}
