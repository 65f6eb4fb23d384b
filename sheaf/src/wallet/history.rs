//! The history of a wallet's balances, as text for people and as CSV for spreadsheets.

use std::collections::BTreeMap;

use anyhow::Result;
use csv::Writer;
use serde_json::Value;
use sheaf_client::{Payer, Token};
use sheaf_wire::history::{HistoryBody, HistoryParameters, MovementBody};

use super::session::Answer;

/// Movements that are asked for at once: the most that the sequencer gives.
const PAGE: u32 = 100;
/// The columns of the CSV. Amounts and fees are L2 units.
const COLUMNS: [&str; 12] = [
    "time",
    "stage",
    "batch",
    "kind",
    "token",
    "units",
    "fee",
    "counterparty",
    "payments",
    "recipient",
    "id",
    "l1_transaction",
];

/// Every movement, page after page, the newest first.
///
/// # Errors
/// When the sequencer refuses or does not answer.
pub(super) async fn csv(payer: &Payer) -> Result<Answer> {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    let (mut list, mut before) = (Vec::new(), None);
    loop {
        let asked = HistoryParameters { before, limit: Some(PAGE) };
        let page = payer.api().history(&payer.owner(), &asked).await?;
        for movement in &page.transactions {
            writer.write_record(cells(movement))?;
            list.push(serde_json::to_value(movement)?);
        }
        // A page that ends where it began would be asked for again and again.
        match page.next {
            Some(next) if asked.before.as_ref() != Some(&next) => before = Some(next),
            Some(_) | None => break,
        }
    }
    let text = String::from_utf8(writer.into_inner()?)?;
    Ok(Answer { text: text.trim_end().to_owned(), json: Value::Array(list) })
}

/// The cells of a movement in the order of `COLUMNS`.
fn cells(movement: &MovementBody) -> [String; 12] {
    let MovementBody { kind, stage, token, batch, payments, .. } = movement;
    let request = movement.request.as_ref().and_then(|request| request.l1_transaction.clone());
    let text = |value: Option<String>| value.unwrap_or_default();
    [
        utc(movement.executed_ms / 1_000),
        stage.to_string(),
        batch.to_string(),
        kind.to_string(),
        token.to_string(),
        text(movement.amount.as_ref().map(|amount| amount.0.to_string())),
        text(movement.fee.as_ref().map(|fee| fee.0.to_string())),
        text(movement.counterparty.as_ref().map(ToString::to_string)),
        text(payments.as_ref().map(ToString::to_string)),
        text(movement.recipient.as_ref().map(ToString::to_string)),
        text(movement.id.as_ref().map(ToString::to_string)),
        text(request),
    ]
}

/// The lines of a page, newest first, and the command that shows the next page.
pub(super) async fn text(payer: &Payer, history: &HistoryBody, limit: u32) -> String {
    let mut names = Names { payer, known: BTreeMap::new() };
    let mut lines = Vec::with_capacity(history.transactions.len() + 1);
    for movement in &history.transactions {
        lines.push(line(movement, &mut names).await);
    }
    if lines.is_empty() {
        lines.push("no transactions yet".to_owned());
    }
    if let Some(next) = &history.next {
        lines.push(format!("older: sheaf wallet history --limit {limit} --before {next}"));
    }
    lines.join("\n")
}

async fn line(movement: &MovementBody, names: &mut Names<'_>) -> String {
    let MovementBody { kind, stage, token, batch, .. } = movement;
    let amount = match &movement.amount {
        Some(amount) => names.show(*token, amount.0).await,
        None => "everything".to_owned(),
    };
    let party = match (&movement.counterparty, movement.payments, &movement.recipient) {
        (Some(owner), None, _) => format!(" from {owner}"),
        (Some(owner), Some(_), _) => format!(" to {owner}"),
        (None, Some(payments), _) => format!(" to {payments} owners"),
        (None, None, Some(address)) => format!(" to {address} on L1"),
        (None, None, None) => String::new(),
    };
    let fee = match &movement.fee {
        Some(fee) => format!(", fee {}", names.show(*token, fee.0).await),
        None => String::new(),
    };
    let request = movement.request.as_ref().and_then(|request| request.l1_transaction.clone());
    let name = match (&movement.id, request) {
        (Some(id), _) => format!("\n  {id}"),
        (None, Some(hash)) => format!("\n  L1 transaction {hash}"),
        (None, None) => String::new(),
    };
    let time = utc(movement.executed_ms / 1_000);
    format!("{time}  {stage:<9} batch {batch}  {kind} {amount}{party}{fee}{name}")
}

/// Names of tokens; L1 is asked once for each.
struct Names<'a> {
    payer: &'a Payer,
    known: BTreeMap<u16, Option<Token>>,
}

impl Names<'_> {
    async fn show(&mut self, number: u16, units: u64) -> String {
        if !self.known.contains_key(&number) {
            // A token that L1 does not describe is shown by its number.
            self.known.insert(number, self.payer.listed(number).await.ok());
        }
        match self.known.get(&number) {
            Some(Some(token)) => token.show(units),
            Some(None) | None => format!("{units} units of token {number}"),
        }
    }
}

/// Unix seconds as a date and a time of day in UTC.
fn utc(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Howard Hinnant's civil_from_days: eras of 400 years that begin on the first of March.
    let day = days + 719_468;
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let (month, day) = ((shifted + 2) % 12 + 1, of_year - (153 * shifted + 2) / 5 + 1);
    let year = era * 400 + year + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_the_calendar_has_them() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (1_709_251_199, "2024-02-29 23:59:59 UTC"),
            (1_798_761_600, "2027-01-01 00:00:00 UTC"),
            (4_107_542_399, "2100-02-28 23:59:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ] {
            assert_eq!(utc(seconds), text);
        }
    }
}
