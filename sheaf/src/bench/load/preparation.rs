//! The database before the measurement: as many open slots and as long a history as the measurement
//! asks for. All of it comes about as in a rollup's life, by deposits and transfers.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use sheaf_ledger::limits::PAYMENTS_MAX;
use sheaf_ledger::transaction::Payment;
use sheaf_sequencer::lifecycle::{L1Request, RequestKind};
use sheaf_sequencer::store::{Database, L1Cursor, Store, StoredRequest};

use super::generator::{Pace, run};
use super::lane::Lane;
use super::owners::{RICH, TOKEN, rich};
use super::scale::Scale;
use super::server::{Place, rollup};
use super::trial::{Trial, learn};
use super::workload::Workload;
use crate::output;

/// L2 units of each rich owner's deposit.
const DEPOSIT: u64 = 1 << 56;
/// L2 units in each slot that is opened.
const OPENING_AMOUNT: u64 = 1_000_000_000;
/// Transfers of the history that are signed before they are sent, some 70 MB.
const HISTORY_TURN: u32 = 131_072;
/// How long the deposits may take, and how often their slots are looked for.
const DEPOSITS_MAX: Duration = Duration::from_secs(60);
const DEPOSITS_PAUSE: Duration = Duration::from_millis(100);

/// What a folder was prepared for. The file is written when the preparation is complete.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Prepared {
    slots: u32,
    payers: u32,
    history: u32,
}

impl Prepared {
    const fn of(scale: &Scale) -> Self {
        Self { slots: scale.slots, payers: scale.payers, history: scale.history }
    }
}

fn mark(folder: &Path) -> PathBuf {
    folder.join("prepared.json")
}

/// Whether a folder is prepared already. An empty or missing folder is not.
///
/// # Errors
/// When the folder was prepared for another size, or its preparation was broken off.
pub(super) fn is_done(place: &Place, scale: &Scale) -> Result<bool> {
    let folder = &place.folder;
    let shown = folder.display();
    let Ok(text) = fs::read_to_string(mark(folder)) else {
        let is_new = match place.database()? {
            Database::Sqlite(path) => !path.exists(),
            // A rollup that is there refuses the deposits.
            Database::Postgres(_) => true,
        };
        ensure!(is_new, "the preparation of {shown} was broken off: remove the folder");
        fs::create_dir_all(folder).with_context(|| format!("cannot make {shown}"))?;
        return Ok(false);
    };
    let found: Prepared = serde_json::from_str(&text).with_context(|| format!("in {shown}"))?;
    let wanted = Prepared::of(scale);
    ensure!(found == wanted, "{shown} is prepared for {found:?} and not for {wanted:?}");
    Ok(true)
}

/// Stores the deposits of the rich owners, as the watcher of L1 stores deposits. No sequencer may
/// run on the database.
///
/// # Errors
/// When the database cannot be written.
pub(super) async fn deposit(place: &Place) -> Result<()> {
    let store = Store::open(&place.database()?, rollup()).await?;
    let requests = (0..).zip(rich()?).map(|(number, payer)| StoredRequest {
        request: L1Request {
            number,
            kind: RequestKind::Deposit { owner: payer.owner(), token: TOKEN, amount: DEPOSIT },
        },
        sender: None,
        l1_block: 1,
        l1_transaction: [0; 32],
    });
    let cursor = L1Cursor { block: 1, hash: [1; 32] };
    store.advance_l1(&requests.collect::<Vec<_>>(), &[], cursor).await?;
    store.close().await;
    Ok(())
}

/// Opens the slots and makes the history.
///
/// # Errors
/// When the sequencer does not take the transfers, or the folder cannot be written.
pub(super) fn prepare(trial: &mut Trial, folder: &Path) -> Result<()> {
    open_slots(trial)?;
    trial.learn_payers()?;
    let history = trial.scale().history;
    output::note(format_args!("making a history of {history} transfers"));
    let mut left = history;
    while left > 0 {
        let turn = left.min(HISTORY_TURN);
        trial.load(Workload::Uniform, turn as usize)?;
        trial.run(Pace::ClosedLoop { ends: Duration::MAX })?;
        left -= turn;
        output::note(format_args!("  {} of {history}", history - left));
    }
    trial.settle()?;
    let text = serde_json::to_string(&Prepared::of(trial.scale()))?;
    fs::write(mark(folder), text).context("cannot write that the preparation is complete")
}

/// Has the rich owners pay every other owner, 1,024 at once.
fn open_slots(trial: &mut Trial) -> Result<()> {
    let (owners, address, domain) = (trial.owners(), trial.target().address, *trial.domain());
    let form = trial.scale().form;
    output::note(format_args!("opening {} slots", owners.count() + RICH));
    let lane = |(number, payer)| Lane::new(address, form, number, vec![payer]);
    let mut lanes: Vec<Lane> = rich()?.into_iter().enumerate().map(lane).collect();
    for lane in &mut lanes {
        await_deposit(lane)?;
    }
    let numbers: Vec<u32> = (0..owners.count()).collect();
    for (place, chunk) in numbers.chunks(PAYMENTS_MAX).enumerate() {
        let payment = |number: &u32| Payment { owner: owners.get(*number), amount: OPENING_AMOUNT };
        let payments = chunk.iter().map(payment).collect();
        lanes[place % RICH as usize].push([payments], &domain)?;
    }
    let opened = run(&mut lanes, Pace::ClosedLoop { ends: Duration::MAX })?;
    trial.count(&opened);
    let (slots, wanted) = (trial.status()?.slots, trial.scale().slots);
    ensure!(slots == u64::from(wanted), "{slots} slots are open instead of {wanted}");
    Ok(())
}

/// Waits until the deposit of a lane's owner is credited.
fn await_deposit(lane: &mut Lane) -> Result<()> {
    let start = Instant::now();
    let (connection, payers) = lane.parts();
    loop {
        match learn(connection, payers) {
            Ok(()) => return Ok(()),
            Err(error) if start.elapsed() > DEPOSITS_MAX => {
                return Err(error).context("the deposits are not credited");
            }
            Err(_) => sleep(DEPOSITS_PAUSE),
        }
    }
}
