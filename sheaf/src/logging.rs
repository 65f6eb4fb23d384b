//! The log on standard error: as text for people, or as JSON for programs that collect logs.

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
        .with_ansi(stderr().is_terminal())
        // A line that cannot be written is dropped: to complain on the same output would panic.
        .log_internal_errors(false);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().with_span_events(FmtSpan::CLOSE).init(),
    }
}
