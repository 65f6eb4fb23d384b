//! Ordering while no batch may be opened: what clients are told, what keeps waiting, and when
//! ordering continues.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sheaf_contracts::chain_limits::{BatchSize, ChainLimits};
use sheaf_ledger::data_mode::DataMode;
use sheaf_sequencer::block::ExecutedBlock;
use sheaf_sequencer::directory::{Directory, Identity};
use sheaf_sequencer::execution::{Account, Accounts, Execution};
use sheaf_sequencer::intake::Queued;
use sheaf_sequencer::l1_clock::{L1Time, Reading};
use sheaf_sequencer::lifecycle::{
    Admission, AdmittedTransaction, L1Request, Outcome, RequestKind, Waiter,
};
use sheaf_sequencer::limits::{
    CLOCK_LEAD_MAX, CLOSING_DATA_WORDS, NOT_FINAL_BATCHES_DEFAULT, REQUESTS_PER_BLOCK_MAX,
    SUBMISSION_GAS_PERCENT,
};
use sheaf_sequencer::ordering::{BatchPolicy, Command, Engine, Gate, Load, Ordering, Position};
use sheaf_sequencer::pause::Pause;
use sheaf_sequencer::proving::BatchLimits;
use sheaf_sequencer::rejection::Rejection;
use sheaf_sequencer::store::now_ms;
use sheaf_sequencer::tracker::Tracker;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::rollup::{LATER, PATIENCE, Person, Terms, person, terms};

/// The stage alone, with a test for each of its neighbours.
struct Stage {
    admissions: mpsc::Sender<Queued<Admission>>,
    requests: mpsc::Sender<Vec<L1Request>>,
    commands: mpsc::Sender<Command>,
    blocks: mpsc::Receiver<ExecutedBlock>,
    finalised: watch::Sender<u64>,
    l1_time: watch::Sender<Option<Reading>>,
    room: Arc<Semaphore>,
    task: JoinHandle<()>,
}

impl Stage {
    /// With one rich slot, before batch `next_batch`; the batches behind it are sealed.
    fn start(next_batch: u64, finalised: u64, reading: Option<Reading>) -> Self {
        Self::start_after(0, (next_batch, finalised), reading)
    }

    /// The same after a newest batch of this time, Unix seconds.
    fn start_after(
        timestamp: u32,
        (next_batch, finalised): (u64, u64),
        reading: Option<Reading>,
    ) -> Self {
        let directory = Arc::new(Directory::default());
        directory.open(Identity { owner: person(0).owner, token: 0 });
        let accounts: Accounts = [Account { balance: 1_000, nonce: 0 }].into_iter().collect();
        let age_max = Duration::from_secs(3_600);
        let policy = BatchPolicy {
            operator: person(200).owner,
            age_max,
            limits: BatchLimits::protocol(DataMode::Calldata, ChainLimits::OSAKA),
        };
        let position = Position {
            accounts,
            open: None,
            next_block: 1,
            next_batch,
            next_request: 0,
            timestamp,
        };
        let (admissions, admitted) = mpsc::channel(64);
        let (requests, requested) = mpsc::channel(1);
        let (commands, commanded) = mpsc::channel(64);
        let (blocks, executed) = mpsc::channel(64);
        let (finalised, newest_final) = watch::channel(finalised);
        let (l1_time, shown) = watch::channel(reading);
        let (_, sealed) = watch::channel(next_batch);
        let ordering = Ordering {
            engine: Engine::new(directory, policy, position, Execution::Serial),
            gate: Gate {
                finalised: newest_final,
                l1_time: L1Time {
                    shown: Some(shown),
                    newest_batch: Reading { time: timestamp.into(), read: Instant::now() },
                },
                not_final_batches: NOT_FINAL_BATCHES_DEFAULT,
            },
            admissions: admitted,
            requests: requested,
            commands: commanded,
            blocks,
            sealed,
            tracker: Arc::new(Tracker::default()),
        };
        let task = tokio::spawn(async { ordering.run().await.expect("no neighbour ends") });
        let (blocks, room) = (executed, Arc::new(Semaphore::new(64)));
        Self { admissions, requests, commands, blocks, finalised, l1_time, room, task }
    }

    /// Sends a withdrawal of one unit and returns where its outcome will come.
    async fn send(&self, nonce: u32) -> oneshot::Receiver<Outcome> {
        self.send_this(withdrawal(&person(0), nonce, LATER)).await
    }

    async fn send_this(&self, transaction: AdmittedTransaction) -> oneshot::Receiver<Outcome> {
        let (waiter, waiting) = Waiter::new();
        let item = Admission { transaction, waiter };
        let room = Arc::clone(&self.room).try_acquire_owned().expect("there is room");
        self.admissions.send(Queued { item, room }).await.expect("the stage runs");
        waiting
    }

    async fn load(&self) -> Load {
        let (answer, load) = oneshot::channel();
        self.commands.send(Command::Load { answer }).await.expect("the stage runs");
        load.await.expect("the stage answers")
    }

    /// The transactions and requests of the next block.
    async fn block(&mut self) -> (usize, u32) {
        let block = tokio::time::timeout(PATIENCE, self.blocks.recv()).await;
        let ExecutedBlock { block, .. } = block.expect("in time").expect("the stage runs");
        (block.transactions.len(), block.requests)
    }

    async fn end(self) {
        let Self { admissions, task, commands, requests, .. } = self;
        drop((admissions, commands, requests));
        task.await.expect("it ends without an error");
    }
}

fn withdrawal(person: &Person, nonce: u32, valid_until: u32) -> AdmittedTransaction {
    let signed = person.withdraw(Terms { valid_until, ..terms(0, nonce) }, 1);
    AdmittedTransaction::new(person.accepted(signed), |_| None)
}

/// L1's time as it is shown when it is behind ours by so much.
fn reading_behind(behind: Duration) -> Option<Reading> {
    let time = now_ms() / 1_000 - behind.as_secs();
    Some(Reading { time, read: Instant::now() })
}

/// The same when it is ahead of ours.
fn reading(ahead: Duration) -> Option<Reading> {
    let time = now_ms() / 1_000 + ahead.as_secs();
    Some(Reading { time, read: Instant::now() })
}

async fn rejection(waiting: oneshot::Receiver<Outcome>) -> Rejection {
    match waiting.await.expect("an answer") {
        Outcome::Rejected { rejection, .. } => rejection,
        Outcome::Executed { .. } | Outcome::Held { .. } => panic!("it was taken"),
    }
}

#[tokio::test]
async fn too_many_batches_that_are_not_final_stop_new_ones_until_one_is() {
    let batches = NOT_FINAL_BATCHES_DEFAULT;
    let mut stage = Stage::start(batches + 1, 0, reading(Duration::ZERO));
    let pause = Pause::Backlog { batches };
    let refused = rejection(stage.send(0).await).await;
    assert_eq!((refused, refused.code()), (Rejection::Paused(pause), "backlog"));
    assert!(refused.retry_after().is_some());
    assert_eq!(stage.load().await, Load { pause: Some(pause), ..Load::default() });
    // Every permit is back: what was refused takes no room.
    assert_eq!(stage.room.available_permits(), 64);
    stage.finalised.send_replace(1);
    let _executed = stage.send(0).await;
    assert_eq!(stage.block().await, (1, 0));
    assert_eq!(stage.load().await.pause, None);
    stage.end().await;
}

#[tokio::test]
async fn a_clock_far_ahead_of_l1s_opens_no_batch_until_l1_is_near() {
    let far = CLOCK_LEAD_MAX + Duration::from_secs(60);
    let mut stage = Stage::start(1, 0, None);
    assert_eq!(rejection(stage.send(0).await).await, Rejection::Paused(Pause::L1TimeUnknown));
    stage.l1_time.send_replace(reading_behind(far));
    let refused = rejection(stage.send(0).await).await;
    assert!(matches!(refused, Rejection::Paused(Pause::ClockApart { seconds: 355..=365 })));
    assert_eq!(stage.load().await.pause.map(|pause| pause.code()), Some("clock_apart"));
    stage.l1_time.send_replace(reading(Duration::ZERO));
    let _executed = stage.send(0).await;
    assert_eq!(stage.block().await, (1, 0));
    // The batch that is open has its time already: it goes on.
    stage.l1_time.send_replace(reading_behind(far));
    let _executed = stage.send(1).await;
    assert_eq!(stage.block().await, (1, 0));
    assert_eq!(stage.load().await.pause, None);
    // With the next one it would be another matter.
    let (answer, closed) = oneshot::channel();
    stage.commands.send(Command::CloseBatch { answer }).await.expect("the stage runs");
    assert_eq!((closed.await, stage.block().await), (Ok(Some(1)), (0, 0)));
    let refused = rejection(stage.send(2).await).await;
    assert_eq!(refused.code(), "clock_apart");
    stage.end().await;
}

#[tokio::test]
async fn until_l1_tells_its_time_a_batch_gets_a_time_that_l1_takes() {
    let now_s = u32::try_from(now_ms() / 1_000).expect("it fits until 2106");
    let newest = now_s - 86_400;
    let mut stage = Stage::start_after(newest, (2, 1), None);
    // By this machine's clock it has expired, but that clock may be ahead.
    let expired = stage.send_this(withdrawal(&person(0), 0, now_s - 60)).await;
    assert_eq!(rejection(expired).await, Rejection::Paused(Pause::L1TimeUnknown));
    let _executed = stage.send(0).await;
    let block = tokio::time::timeout(PATIENCE, stage.blocks.recv()).await.expect("in time");
    let block = block.expect("the stage runs").block;
    assert!((newest..newest + 60).contains(&block.timestamp), "{}", block.timestamp);
    assert!(block.executed_ms / 1_000 >= u64::from(now_s));
    assert_eq!(stage.load().await.pause, None);
    // With L1's time the next batch has this machine's.
    stage.l1_time.send_replace(reading(Duration::ZERO));
    let (answer, closed) = oneshot::channel();
    stage.commands.send(Command::CloseBatch { answer }).await.expect("the stage runs");
    assert_eq!((closed.await, stage.block().await), (Ok(Some(2)), (0, 0)));
    let _executed = stage.send(1).await;
    let block = tokio::time::timeout(PATIENCE, stage.blocks.recv()).await.expect("in time");
    assert!(block.expect("the stage runs").block.timestamp >= now_s);
    stage.end().await;
}

/// A transaction that waits while no batch may be opened leaves when its own time is over, and no
/// sooner because one of the clocks runs ahead.
#[tokio::test]
async fn what_waits_for_a_batch_expires_by_the_clock_that_is_behind() {
    let mut stage = Stage::start(1, 0, reading(Duration::ZERO));
    let _executed = stage.send(0).await;
    assert_eq!(stage.block().await, (1, 0));
    let now_s = u32::try_from(now_ms() / 1_000).expect("it fits until 2106");
    let until = |nonce, valid_until| withdrawal(&person(0), nonce, valid_until);
    let held = stage.send_this(until(2, now_s + 3_600)).await;
    assert!(matches!(held.await, Ok(Outcome::Held { .. })));
    let brief = stage.send_this(until(3, now_s + 1)).await;
    assert!(matches!(brief.await, Ok(Outcome::Held { .. })));
    let (answer, closed) = oneshot::channel();
    stage.commands.send(Command::CloseBatch { answer }).await.expect("the stage runs");
    assert_eq!((closed.await, stage.block().await), (Ok(Some(1)), (0, 0)));
    let past = now_s - 7_200;
    stage.l1_time.send_replace(Some(Reading { time: past.into(), read: Instant::now() }));
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(stage.load().await.waiting, 2, "L1 has not come so far");
    stage.l1_time.send_replace(reading(Duration::from_secs(7_200)));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let load = stage.load().await;
    assert_eq!((load.waiting, load.pause), (1, None), "a clock behind L1's endangers nothing");
    stage.end().await;
}

/// The most exits of slots that nobody has, each one data word and a pair of L1 words, of a batch:
/// one is taken while the batch has room for a request of two data words, and for its end.
fn requests_max() -> u32 {
    let has_room = |taken: &u32| {
        let taken = u64::from(*taken);
        let data_words = taken + 2 + CLOSING_DATA_WORDS as u64;
        let size = BatchSize::of(DataMode::Calldata, data_words, 2 * taken + 2);
        ChainLimits::OSAKA.fit(size, SUBMISSION_GAS_PERCENT)
    };
    (0..).take_while(has_room).count() as u32
}

#[tokio::test]
async fn requests_of_l1_wait_outside_while_no_batch_may_be_opened() {
    let mut stage = Stage::start(1, 0, None);
    let exit = |number| {
        let kind = RequestKind::Exit { owner: person(1).owner, slot: 77 };
        L1Request { number, kind }
    };
    let most = REQUESTS_PER_BLOCK_MAX as u64;
    let run = |first| (first..first + most).map(exit).collect::<Vec<_>>();
    stage.requests.send(run(0)).await.expect("the stage runs");
    stage.requests.send(run(most)).await.expect("the first run was taken");
    // The second stays in the queue, however often ordering looks at the clock.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(stage.requests.capacity(), 0);
    stage.l1_time.send_replace(reading(Duration::ZERO));
    // A batch has room for fewer L1 words than both runs need, so a block of the second is shorter.
    let rest = requests_max() - REQUESTS_PER_BLOCK_MAX as u32;
    for requests in [REQUESTS_PER_BLOCK_MAX as u32, rest, REQUESTS_PER_BLOCK_MAX as u32 - rest] {
        assert_eq!(stage.block().await, (0, requests));
    }
    assert_eq!(stage.requests.capacity(), 1);
    stage.end().await;
}
