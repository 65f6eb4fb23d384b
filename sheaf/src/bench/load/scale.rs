//! How large a measurement is.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Args;

use super::form::Form;
use super::owners::RICH;
use super::workload::Workload;

/// Owners who pay, at most: each signs every second or so at the highest loads.
const PAYERS_MAX: u32 = 32_768;
/// Connections of the generator. At 100 ms a request, 64 transfers on each of them are 20,000
/// transfers a second.
pub(super) const CONNECTIONS: usize = 32;

/// The flags of `sheaf bench load`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// load: open slots [default: 1000000; 2048 with --quick]
    #[arg(long, value_name = "NUMBER")]
    slots: Option<u32>,
    /// load: transfers in the log before the measurement [default: 1000000; 2048 with --quick]
    #[arg(long, value_name = "NUMBER")]
    history: Option<u32>,
    /// load: seconds of each measurement [default: 60; 2 with --quick]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3_600))]
    seconds: Option<u32>,
    /// load: patterns of payments to measure beside uniform single transfers
    #[arg(long, value_enum, value_name = "PATTERN", default_values_t = [Workload::Multi])]
    workload: Vec<Workload>,
    /// load: form in which arrays of transfers travel
    #[arg(long, value_enum, value_name = "FORM", default_value_t = Form::Json)]
    form: Form,
    /// load: folder in which the prepared database is kept, and used again if it is there
    ///
    /// Each measurement adds its transfers to the database.
    #[arg(long, value_name = "FOLDER")]
    pub prepared: Option<PathBuf>,
    /// load: empty PostgreSQL database to measure, instead of a SQLite file in the folder
    ///
    /// At the end sustained payments are measured on SQLite, too, and compared.
    /// The server writes to its own disk, so the bytes written a transfer leave those out.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// load: a small load for seconds, to see that everything works; the figures mean nothing
    #[arg(long)]
    quick: bool,
}

/// The figures of a measurement's size.
#[derive(Debug, Clone)]
pub(super) struct Scale {
    /// Open slots.
    pub slots: u32,
    /// Owners who pay.
    pub payers: u32,
    /// Transfers before the measurement.
    pub history: u32,
    /// How long a load lasts.
    pub window: Duration,
    /// How long each load of the table lasts.
    pub table_window: Duration,
    /// How long the search for the capacity lasts, and the payments signed for it.
    pub probe: Duration,
    pub probe_payments: usize,
    /// Payments a second that are offered at most.
    pub payments_per_second_max: f64,
    /// Signers of the rate of signatures.
    pub signers: u32,
    /// How arrays of transfers travel.
    pub form: Form,
    /// Patterns to measure beside uniform transfers.
    pub workloads: Vec<Workload>,
}

impl Options {
    /// The size that the flags ask for.
    ///
    /// # Errors
    /// When there are too few slots.
    pub(super) fn scale(&self) -> Result<Scale> {
        let full = Scale {
            slots: 1_000_000,
            payers: PAYERS_MAX,
            history: 1_000_000,
            window: Duration::from_secs(60),
            table_window: Duration::from_secs(10),
            probe: Duration::from_secs(5),
            probe_payments: 400_000,
            payments_per_second_max: f64::INFINITY,
            signers: 65_536,
            form: self.form,
            workloads: self.workload.clone(),
        };
        let quick = Scale {
            slots: 2_048,
            payers: 256,
            history: 2_048,
            window: Duration::from_secs(2),
            table_window: Duration::from_secs(1),
            probe_payments: 2_048,
            payments_per_second_max: 1_024.0,
            signers: 2_048,
            ..full.clone()
        };
        let mut scale = if self.quick { quick } else { full };
        scale.slots = self.slots.unwrap_or(scale.slots);
        scale.history = self.history.unwrap_or(scale.history);
        scale.window = self.seconds.map_or(scale.window, |one| Duration::from_secs(one.into()));
        scale.payers = scale.payers.min(scale.slots / 2);
        scale.workloads.retain(|workload| *workload != Workload::Uniform);
        let least = RICH + 2 * CONNECTIONS as u32;
        ensure!(scale.slots >= least, "--slots must be at least {least}");
        Ok(scale)
    }
}
