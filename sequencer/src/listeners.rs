//! The sockets of the process, which outlive the servers on them: a follower that takes the turn to
//! lead goes on with the same ones.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// The sockets on which the process listens, with their addresses.
pub(crate) struct Listeners {
    pub api: (TcpListener, SocketAddr),
    /// Present when the operator asks for metrics.
    pub metrics: Option<(TcpListener, SocketAddr)>,
}

impl Listeners {
    /// The sockets twice: a server may use one pair while the other waits for the next server.
    ///
    /// # Errors
    /// When the process may open no further files.
    pub(crate) fn shared(self) -> io::Result<(Self, Self)> {
        let twice = |(listener, address): (TcpListener, SocketAddr)| {
            let one = listener.into_std()?;
            let other = TcpListener::from_std(one.try_clone()?)?;
            io::Result::Ok(((TcpListener::from_std(one)?, address), (other, address)))
        };
        let (api, other_api) = twice(self.api)?;
        let (metrics, other_metrics) = self.metrics.map(twice).transpose()?.unzip();
        let other = Self { api: other_api, metrics: other_metrics };
        Ok((Self { api, metrics }, other))
    }
}
