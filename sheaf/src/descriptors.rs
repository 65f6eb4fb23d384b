//! File descriptors: as many as the sequencer's connections, files and requests take.
//!
//! The soft limit of a process is often 1,024, which the sequencer's own connections would use up,
//! and the database would then fail with an error that names something else. So a sequencer looks
//! at the limit before it opens anything.

use anyhow::{Context, Result, bail};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use sheaf_sequencer::limits::{CONNECTIONS_MAX, LEAVING_MAX, REFUSALS_MAX};
use tracing::warn;

/// Descriptors for everything but the API's open connections: database, log, L1, keys, metrics with
/// `EXPORTER_CONNECTIONS_MAX` connections, listeners, threads, and connections that are refused or
/// have to leave.
const OTHERS: u64 = 256 + REFUSALS_MAX as u64 + LEAVING_MAX as u64;
/// Connections without which no sequencer is of use.
const CONNECTIONS_MIN: u64 = 16;

/// Raises the soft limit of open files as far as it is needed and allowed, and returns how many
/// connections fit.
///
/// # Errors
/// When the hard limit leaves fewer than `CONNECTIONS_MIN` connections.
pub(crate) fn connections() -> Result<usize> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).context("cannot read ulimit -n")?;
    let needed = CONNECTIONS_MAX as u64 + OTHERS;
    let limit = soft.max(needed.min(hard));
    if limit > soft {
        setrlimit(Resource::RLIMIT_NOFILE, limit, hard).context("cannot raise ulimit -n")?;
    }
    let connections = connections_within(limit);
    if connections < CONNECTIONS_MIN {
        let least = OTHERS + CONNECTIONS_MIN;
        bail!(
            "this process may open {limit} files, and a sequencer needs at least {least}, better \
             {needed}: raise the hard limit of open files (LimitNOFILE in systemd, --ulimit nofile \
             in Docker, or `ulimit -Hn` as root)"
        );
    }
    if limit < needed {
        warn!(limit, needed, connections, "the hard limit of open files bounds the connections");
    }
    Ok(usize::try_from(connections)?)
}

/// How many connections fit below a limit of open files.
fn connections_within(limit: u64) -> u64 {
    limit.saturating_sub(OTHERS).min(CONNECTIONS_MAX as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_everything_else() {
        let most = CONNECTIONS_MAX as u64;
        assert_eq!(connections_within(most + OTHERS), most);
        assert_eq!(connections_within(1 << 40), most);
        assert_eq!(connections_within(1_024), 1_024 - OTHERS);
        assert_eq!(connections_within(100), 0);
    }

    #[test]
    fn the_soft_limit_is_raised_to_what_is_needed() {
        let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("the system tells");
        let found = connections().expect("tests may open some files");
        let (soft, after) = getrlimit(Resource::RLIMIT_NOFILE).expect("the system tells");
        assert_eq!(after, hard, "the hard limit is nobody's to lower");
        assert!(soft >= found as u64 + OTHERS);
    }
}
