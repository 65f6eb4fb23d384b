//! How a batch's data words travel to L1.
//!
//! The rules and the circuits are the same for every mode. A mode decides which reference of the
//! words z depends on, how many words one L1 transaction carries, and which function of the
//! contract is called.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limits::{CALLDATA_WORDS_MAX, DATA_WORDS_MAX, L1_WORDS_MAX};

/// The way of a batch's data words to L1. Its text is the same in configuration, SQL and JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataMode {
    /// In the input of the transaction that finalises the batch.
    Calldata,
    /// In one to six blobs (EIP-4844) of that transaction.
    Blobs,
}

/// The error for a text that names no data mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("no data mode has this name; there are {} and {}", DataMode::Calldata, DataMode::Blobs)]
pub struct UnknownDataMode;

impl DataMode {
    /// Every mode.
    pub const ALL: [Self; 2] = [Self::Calldata, Self::Blobs];

    /// The mode's text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calldata => "calldata",
            Self::Blobs => "blobs",
        }
    }

    /// The most data words of a batch that one L1 transaction carries.
    pub const fn data_words_max(self) -> u32 {
        match self {
            Self::Calldata => CALLDATA_WORDS_MAX,
            Self::Blobs => DATA_WORDS_MAX,
        }
    }

    /// The most words of a batch, data and L1 together, that one L1 transaction carries.
    pub const fn words_max(self) -> u32 {
        match self {
            Self::Calldata => CALLDATA_WORDS_MAX,
            Self::Blobs => DATA_WORDS_MAX + L1_WORDS_MAX,
        }
    }
}

impl fmt::Display for DataMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for DataMode {
    type Err = UnknownDataMode;

    fn from_str(text: &str) -> Result<Self, UnknownDataMode> {
        Self::ALL.into_iter().find(|mode| mode.name() == text).ok_or(UnknownDataMode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_spelled_alike_everywhere() {
        for mode in DataMode::ALL {
            assert_eq!(mode.to_string().parse(), Ok(mode));
            let json = serde_json::to_string(&mode).expect("a plain enum");
            assert_eq!(json, format!("\"{mode}\""));
        }
    }

    #[test]
    fn a_text_that_names_no_mode_is_refused() {
        for text in ["", "Calldata", "calldata ", "blob"] {
            assert_eq!(text.parse::<DataMode>(), Err(UnknownDataMode));
            assert!(serde_json::from_str::<DataMode>(&format!("\"{text}\"")).is_err());
        }
    }
}
