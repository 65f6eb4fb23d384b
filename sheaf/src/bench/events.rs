//! What the events of a block cost the log, which publishes them before the next block.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Result;
use sheaf_crypto::key::DecodedKey;
use sheaf_ledger::Owner;
use sheaf_sequencer::block::{AppliedTransaction, Block};
use sheaf_sequencer::directory::{Directory, Identity};
use sheaf_sequencer::events::{Events, Read, Reader};
use sheaf_sequencer::lifecycle::AdmittedTransaction;
use tokio::runtime::Handle;

use super::full_batch::Payers;
use super::report::{Bound, Report, median};

/// Transfers of a block, to one payee each.
const TRANSFERS: u32 = 500;
/// Blocks of a run, and the pause between two, in which subscribers read and go to sleep again.
const BLOCKS: u32 = 200;
const PAUSE: Duration = Duration::from_millis(1);
const SUBSCRIBERS: [usize; 3] = [0, 10, 100];
/// One hundredth of the time in which a sequencer under load, at 50,000 transfers a second, fills
/// such a block.
const MICROSECONDS_MAX: f64 = 100.0;

/// Adds what a block's events cost for each number of subscribers, who write each event as JSON.
///
/// # Errors
/// Never in practice: the transfers keep the rules.
pub(super) fn measure(report: &mut Report) -> Result<()> {
    let directory = Directory::default();
    let block = block(&directory)?;
    for subscribers in SUBSCRIBERS {
        let seconds = median(|| Ok(published(&block, &directory, subscribers)))?;
        let key = format!("publish_block_us_{subscribers}_subscribers");
        report.add(key, seconds * 1e6, Bound::AtMost(MICROSECONDS_MAX));
    }
    Ok(())
}

/// A block of transfers between slots that it opens in the directory.
fn block(directory: &Directory) -> Result<Block> {
    let payers = Payers::new(2 * TRANSFERS, 1)?;
    for owner in payers.owners() {
        directory.open(Identity { owner: *owner, token: 0 });
    }
    let (mut entries, mut transactions) = (Vec::new(), Vec::new());
    for checked in payers.transfers()? {
        let key = DecodedKey::new(checked.signed().key)?;
        let accepted = checked.accept(&key)?;
        let find = |owner: &Owner| directory.find(Identity { owner: *owner, token: 0 });
        let admitted = AdmittedTransaction::new(accepted, find);
        transactions.push(AppliedTransaction::new(u32::try_from(entries.len())?, &admitted));
        let open = |owner: &Owner| directory.open(Identity { owner: *owner, token: 0 });
        entries.extend(admitted.entries(0, open));
    }
    Ok(Block {
        number: 1,
        batch: 1,
        timestamp: 0,
        executed_ms: 0,
        closes: None,
        first_request: 0,
        requests: 0,
        entries,
        transactions,
        changes: Vec::new(),
    })
}

/// Seconds that publishing takes a block, while so many subscribers read.
fn published(block: &Block, directory: &Directory, subscribers: usize) -> f64 {
    let events = Events::new(1);
    let readers = (0..subscribers).map(|_| Handle::current().spawn(read(events.read())));
    let readers: Vec<_> = readers.collect();
    let mut spent = Duration::ZERO;
    for _ in 0..BLOCKS {
        sleep(PAUSE);
        let start = Instant::now();
        events.publish_block(block, directory);
        spent += start.elapsed();
    }
    readers.iter().for_each(tokio::task::JoinHandle::abort);
    spent.as_secs_f64() / f64::from(BLOCKS)
}

/// Writes each event as JSON, as a stream of events does.
async fn read(mut reader: Reader) {
    loop {
        if let Read::Happened(happened) = reader.next().await {
            std::hint::black_box(serde_json::to_string(&happened.event).ok());
        }
    }
}
