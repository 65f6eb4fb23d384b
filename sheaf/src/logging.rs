//! The log on standard error: as text for people, or as JSON for programs that collect logs.

use std::env;
use std::ffi::OsStr;
use std::io::{IsTerminal, stderr};

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// A line of text for each event
    Text,
    /// A JSON object for each event, and one for each span when it ends
    Json,
}

/// Starts the log of this process. `RUST_LOG` says what is logged.
pub(crate) fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // The library has a span for each question to L1. Below `info` its spans contain the whole URL
    // of the node, and so any key in the URL.
    let discreet = "alloy_transport_http=warn".parse().expect("a well-formed directive");
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter.add_directive(discreet))
        .with_writer(stderr)
        .with_ansi(is_coloured(stderr().is_terminal(), env::var_os("NO_COLOR").as_deref()))
        // A line that cannot be written is dropped: to complain on the same output would panic.
        .log_internal_errors(false);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().with_span_events(FmtSpan::CLOSE).init(),
    }
}

/// Whether the log has colours: on a terminal whose user has not set `NO_COLOR` to anything
/// (no-color.org).
fn is_coloured(is_terminal: bool, no_color: Option<&OsStr>) -> bool {
    is_terminal && no_color.is_none_or(OsStr::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_has_colours_on_terminals_whose_users_want_them() {
        assert!(is_coloured(true, None) && is_coloured(true, Some(OsStr::new(""))));
        assert!(!is_coloured(false, None));
        assert!(!is_coloured(true, Some(OsStr::new("1"))));
        assert!(!is_coloured(true, Some(OsStr::new("0"))), "any value counts");
    }
}
