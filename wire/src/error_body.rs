//! How the sequencer says no: `{"error": {"code": …, "message": …}}`.
//!
//! The code is for programs and never changes; the message is for people.

use serde::{Deserialize, Serialize};
use sheaf_crypto::hash::Digest;
use utoipa::ToSchema;

/// An error as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    pub error: ErrorDetail,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorDetail {
    /// The rule or condition, in snake_case.
    #[schema(example = "balance_too_low")]
    pub code: String,
    pub message: String,
    /// The transaction that was refused, where it has an id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub transaction: Option<Digest>,
}

/// Whether an HTTP status says that the same request may succeed later: the sequencer, or a proxy
/// before it, is in trouble or busy.
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
