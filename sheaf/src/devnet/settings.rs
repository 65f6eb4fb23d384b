//! The settings of a network on this machine.

use std::path::PathBuf;

use sheaf_ledger::DataMode;

use crate::deployment_file::proofs;
use crate::keys::KeyStore;

/// The settings with which a network is started.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The folder of all files of the network.
    pub folder: PathBuf,
    /// Port of the sequencer's API, on 127.0.0.1.
    pub port: u16,
    /// Port of anvil, on 127.0.0.1.
    pub l1_port: u16,
    /// Age at which an open batch closes, in seconds.
    pub batch_age: u64,
    /// How the data of batches reach L1.
    pub data_mode: DataMode,
    /// Whether the network uses development proofs.
    pub development: bool,
    /// The keys of the circuits; unused with development proofs.
    pub keys: KeyStore,
}

impl Settings {
    /// URL of the L1 node.
    pub(crate) fn l1_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.l1_port)
    }

    /// URL of the sequencer's API.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// File of the sequencer's database.
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("sheaf.sqlite")
    }

    /// Address and port on which the sequencer listens.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The name of the proofs that the contract accepts: `development`, or the circuits' sizes.
    pub(crate) fn proofs(&self) -> &'static str {
        proofs(self.development, &self.keys)
    }
}
