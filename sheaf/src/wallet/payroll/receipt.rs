//! The receipt of a payroll: each line with its transaction and how far that has come.

use std::path::Path;

use anyhow::{Context, Result};
use csv::Writer;
use sheaf_client::Api;

use super::journal::{Journal, Standing};
use super::lines::{Line, Payroll};
use super::paying::parts;
use crate::whole_file;

/// What a receipt says of the lines of one transfer.
struct Entry {
    id: String,
    stage: String,
    batch: String,
}

/// Writes a CSV file with a line for each line of the payroll. A line that was not sent has neither
/// id nor stage. Amounts are L2 units.
///
/// # Errors
/// When the file cannot be written.
pub(super) async fn write(
    path: &Path,
    (payroll, journal): (&Payroll, &Journal),
    api: &Api,
) -> Result<()> {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(["line", "owner", "named", "units", "memo", "id", "stage", "batch"])?;
    for (part, lines) in parts(payroll).enumerate() {
        let entry = entry(journal.part(part), api).await;
        for Line { number, named, payment, memo } in lines {
            let (number, owner) = (number.to_string(), payment.owner.to_string());
            let (units, Entry { id, stage, batch }) = (payment.amount.to_string(), &entry);
            writer.write_record([&number, &owner, named, &units, memo, id, stage, batch])?;
        }
    }
    let written = whole_file::write(path, &writer.into_inner()?, whole_file::PRIVATE);
    written.with_context(|| format!("cannot write the receipt {}", path.display()))
}

/// What is known of a transfer. A sequencer that does not answer leaves what the journal knows.
async fn entry(standing: Option<&Standing>, api: &Api) -> Entry {
    let (sent, known) = match standing {
        None => return Entry { id: String::new(), stage: String::new(), batch: String::new() },
        Some(Standing::Open(sent)) => (sent, "unknown"),
        Some(Standing::Executed(sent)) => (sent, "executed"),
    };
    let id = sent.id.to_string();
    match api.transaction(&sent.id).await {
        Ok(status) => Entry {
            id,
            stage: status.stage.to_string(),
            batch: status.batch.map_or(String::new(), |batch| batch.to_string()),
        },
        Err(_) => Entry { id, stage: known.to_owned(), batch: String::new() },
    }
}
