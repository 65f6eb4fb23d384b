//! Why a value cannot be read, in words of the API.

use std::fmt::{self, Display};

use serde::de::{Error, Expected, Unexpected};

/// Why a value cannot be read. Empty where the reason was noted before, with its place.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Refusal(pub Option<String>);

impl Refusal {
    pub(super) fn new(reason: impl Display) -> Self {
        Self(Some(reason.to_string()))
    }
}

impl std::error::Error for Refusal {}

impl Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.as_deref().unwrap_or("it cannot be read"))
    }
}

/// The reasons that `serde` gives, without its words for the types of Rust.
impl Error for Refusal {
    fn custom<T: Display>(reason: T) -> Self {
        Self::new(reason)
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format_args!("expected {expected}, found {found}"))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        // A client may send a name of any length.
        const SHOWN_MAX: usize = 64;
        let shown: String = name.chars().take(SHOWN_MAX).collect();
        let known = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        Self::new(format_args!("`{shown}` is not known here; known are {known}"))
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new(format_args!("`{name}` is missing"))
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::new(format_args!("`{name}` is there twice"))
    }
}
