//! What a network on this machine is started with.

use std::path::PathBuf;

use crate::keys::KeyStore;

/// What a network is started with.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Where everything is kept.
    pub folder: PathBuf,
    /// Of the sequencer's API, on 127.0.0.1.
    pub port: u16,
    /// Of anvil, on 127.0.0.1.
    pub l1_port: u16,
    /// Seconds.
    pub batch_age: u64,
    pub development: bool,
    /// Unused with development proofs.
    pub keys: KeyStore,
}

impl Settings {
    /// The L1 node.
    pub(crate) fn l1_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.l1_port)
    }

    /// The sequencer's API.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The sequencer's database.
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("sheaf.sqlite")
    }

    /// Where the sequencer listens.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Which proofs the contract takes: development ones, or those of circuits of one size.
    pub(crate) fn proofs(&self) -> &'static str {
        if self.development { "development" } else { self.keys.circuits.name() }
    }
}
