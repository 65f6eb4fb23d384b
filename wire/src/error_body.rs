//! The body of the sequencer's errors: `{"error": {"code": …, "message": …}}`.
//!
//! The code is for programs and never changes; the message is for people.

use serde::{Deserialize, Serialize};
use sheaf_crypto::hash::Digest;
use utoipa::ToSchema;

use crate::schema;

/// The body of an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    pub error: ErrorDetail,
}

/// Why a request or a transaction was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorDetail {
    /// The rule or condition, in snake_case; for programs, and never changed.
    #[schema(example = "balance_too_low")]
    pub code: String,
    /// For people.
    pub message: String,
    /// The id of the refused transaction, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Hash, required = false)]
    pub transaction: Option<Digest>,
    /// Seconds after which the same request or transaction may succeed; absent if waiting does not
    /// help.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub retry_after_s: Option<u64>,
}

/// Whether the same request may succeed later: the HTTP status means that the sequencer, or a proxy
/// before it, is busy or in trouble.
pub const fn is_passing(status: u16) -> bool {
    const REQUEST_TIMEOUT: u16 = 408;
    const TOO_MANY_REQUESTS: u16 = 429;
    matches!(status, REQUEST_TIMEOUT | TOO_MANY_REQUESTS | 500..=599)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_from_what_does_not() {
        assert!([408, 429, 500, 503, 599].into_iter().all(is_passing));
        assert!(![200, 301, 400, 404, 409, 410, 422, 499, 600].into_iter().any(is_passing));
    }
}
