//! The form in which arrays of transfers and their answers travel.

use anyhow::{Context, Result};
use clap::ValueEnum;
use serde::Deserialize;
use sheaf_ledger::SignedTransaction;
use sheaf_wire::transactions::binary::{MEDIA_TYPE, decode_statuses, encode_transactions};

/// The media type of JSON.
pub(super) const JSON: &str = "application/json";

/// A form of arrays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// Text, which every client can send
    Json,
    /// Bytes, two fifths as many and cheaper to read
    Binary,
}

/// The parts of an answer in JSON that the generator reads: reading the ids costs more.
#[derive(Deserialize)]
struct Results {
    results: Vec<ItemResult>,
}

#[derive(Deserialize)]
struct ItemResult {
    durable: bool,
    error: Option<ItemError>,
}

#[derive(Deserialize)]
struct ItemError {
    code: String,
}

impl Form {
    /// The media type of requests and answers.
    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::Json => JSON,
            Self::Binary => MEDIA_TYPE,
        }
    }

    /// The body of a request.
    ///
    /// # Errors
    /// Never in practice: transfers are plain JSON.
    pub(super) fn encode(self, transfers: &[SignedTransaction]) -> Result<Vec<u8>> {
        match self {
            Self::Json => Ok(serde_json::to_vec(transfers)?),
            Self::Binary => Ok(encode_transactions(transfers)),
        }
    }

    /// For each transfer of an answer the reason why the transfer is not durable; nothing for one
    /// that is.
    ///
    /// # Errors
    /// When the answer cannot be read.
    pub(super) fn refusals(self, answer: &[u8]) -> Result<Vec<Option<String>>> {
        let reason = |is_durable: bool, code: Option<String>| {
            (!is_durable).then(|| code.unwrap_or_else(|| "not durable".to_owned()))
        };
        let context = "the answer to an array";
        match self {
            Self::Json => {
                let Results { results } = serde_json::from_slice(answer).context(context)?;
                let each = results.into_iter();
                Ok(each.map(|one| reason(one.durable, one.error.map(|error| error.code))).collect())
            }
            Self::Binary => {
                let each = decode_statuses(answer).context(context)?.into_iter();
                Ok(each.map(|one| reason(one.durable, one.error.map(|error| error.code))).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sheaf_wire::transactions::binary::encode_statuses;
    use sheaf_wire::transactions::{SubmissionResults, TransactionStatus};

    use super::*;

    #[test]
    fn both_forms_say_which_transfers_are_not_durable() {
        let results = json!({ "results": [
            { "id": null, "stage": "executed", "durable": true },
            { "id": null, "stage": "accepted", "durable": false },
            { "id": null, "stage": "rejected", "durable": false,
              "error": { "code": "owner_limit", "message": "later" } },
        ]});
        let expected = [None, Some("not durable".to_owned()), Some("owner_limit".to_owned())];
        let text = results.to_string();
        assert_eq!(Form::Json.refusals(text.as_bytes()).expect("an answer"), expected);
        let SubmissionResults { results } = serde_json::from_str(&text).expect("an answer");
        let bytes = encode_statuses(&results as &[TransactionStatus]);
        assert_eq!(Form::Binary.refusals(&bytes).expect("an answer"), expected);
        assert!(Form::Binary.refusals(text.as_bytes()).is_err());
        assert!(Form::Json.refusals(&bytes).is_err());
    }
}
