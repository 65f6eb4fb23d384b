//! Following: what a sequencer does while another one leads the same database.
//!
//! A follower runs the log again as the leader writes it, and serves reads from that. Meanwhile the
//! follower asks for the turn to lead. With the turn, the follower goes on to serve reads until its
//! own pipeline begins on the same socket.

use std::io;
use std::sync::Arc;

use sheaf_ledger::slot::Slot;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::api;
use crate::config::Config;
use crate::derived::{self, Held};
use crate::directory::{Directory, Identity};
use crate::error::StageError;
use crate::exporter;
use crate::index::Index;
use crate::intake::Intake;
use crate::limits::{BLOCKS_PER_READ_MAX, COMMAND_QUEUE, FOLLOW_INTERVAL};
use crate::listeners::Listeners;
use crate::ordering::{Command, Load};
use crate::pipeline::{ApiEnds, Shared};
use crate::replay::{Replay, account_of};
use crate::snapshots::{self, Snapshot, Snapshots};
use crate::store::{BlockLog as _, Database, Store, StoreError};
use crate::view::View;

/// The turn to lead.
pub(crate) struct Turn {
    /// The database, which this process leads.
    pub store: Store,
    /// The folder of derived files, which this process alone uses.
    pub derived: Held,
    /// What this process served while it followed; `None` if it did not.
    pub reads: Option<Reads>,
}

/// Reads and metrics that are served until `end`, or until they are dropped.
pub(crate) struct Reads {
    /// The sockets on which they are served.
    listeners: Listeners,
    stop: watch::Sender<bool>,
    tasks: JoinSet<Result<(), StageError>>,
}

/// Waits for the turn to lead. A SQLite file has one process; on a server, follows the process that
/// leads. `listen` gives the sockets on which a follower serves reads and metrics.
///
/// # Errors
/// `InUse` on a SQLite file; the errors of the store, of `listen`, and of running the log again.
pub(crate) async fn turn<E: From<StoreError> + From<StageError>>(
    config: &Config,
    listen: impl AsyncFnOnce() -> Result<Listeners, E>,
) -> Result<Turn, E> {
    let opened = Store::open(&config.database, config.rollup()).await;
    match (opened, &config.database) {
        (
            Err(error @ (StoreError::InUse { .. } | StoreError::Standby { .. })),
            Database::Postgres(_),
        ) => {
            let derived = derived::hold(&config.derived())?;
            tracing::info!(reason = %error, "following");
            let (taken, turn) = watch::channel(false);
            let (store, reads) =
                tokio::try_join!(next_turn(config, taken), follow(config, turn, listen))?;
            Ok(Turn { store, derived, reads })
        }
        (opened, _) => {
            let store = opened?;
            Ok(Turn { store, derived: derived::hold(&config.derived())?, reads: None })
        }
    }
}

/// Asks for the turn until this process has it. A server that does not answer may be on its way
/// from a primary to its standby, and is asked again.
async fn next_turn<E: From<StoreError>>(
    config: &Config,
    taken: watch::Sender<bool>,
) -> Result<Store, E> {
    let mut answers = true;
    loop {
        sleep(FOLLOW_INTERVAL).await;
        let answered = answers;
        answers = true;
        match Store::open(&config.database, config.rollup()).await {
            Ok(store) => {
                tracing::info!(epoch = store.epoch(), "the turn to lead is taken");
                taken.send_replace(true);
                return Ok(store);
            }
            Err(StoreError::InUse { .. } | StoreError::Standby { .. }) => {}
            Err(StoreError::Unreachable(error)) => {
                if answered {
                    tracing::warn!(%error, "the database server does not answer: asking again");
                }
                answers = false;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Serves reads until the turn is taken. A database that no sequencer of this version has led is
/// not served.
async fn follow<E: From<StoreError> + From<StageError>>(
    config: &Config,
    mut taken: watch::Receiver<bool>,
    listen: impl AsyncFnOnce() -> Result<Listeners, E>,
) -> Result<Option<Reads>, E> {
    let store = loop {
        match Store::follow(&config.database, config.rollup()).await {
            Ok(store) => break store,
            Err(StoreError::NoRollup { .. } | StoreError::Unreachable(_)) => {}
            Err(error) => return Err(error.into()),
        }
        if is_taken(&mut taken).await {
            return Ok(None);
        }
    };
    let store = match &config.service.archive {
        Some(folder) => store.with_archive(folder).await?,
        None => store,
    };
    let mut follower = Follower::begin(config, store).await?;
    follower.advance(&taken).await?;
    let served = follower.serve(listen().await?);
    let mut reads = served.map_err(|source| StageError::Http { source })?;
    while !is_taken(&mut taken).await {
        if let Some(ended) = reads.tasks.try_join_next() {
            ended.map_err(|source| StageError::Panicked { source })??;
        }
        match follower.advance(&taken).await {
            // The log goes on when the server answers again.
            Err(StageError::Store(StoreError::Unreachable(_))) => {}
            advanced => advanced?,
        }
    }
    Ok(Some(reads))
}

/// Waits until it is time for the next look at the log. True at once when the turn is taken.
async fn is_taken(taken: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        () = sleep(FOLLOW_INTERVAL) => false,
        told = taken.wait_for(|taken| *taken) => told.is_ok(),
    }
}

/// The state that follows the log.
struct Follower {
    shared: Shared,
    snapshots: Snapshots,
    /// `None` only while blocks are run.
    replay: Option<Replay>,
    /// Slots to write as a snapshot once their batch is sealed.
    unsealed: Option<(u64, Vec<Slot>)>,
    sealed: watch::Sender<u64>,
}

impl Follower {
    async fn begin(config: &Config, store: Store) -> Result<Self, StageError> {
        let derived = config.derived();
        let snapshots = Snapshots::new(&derived);
        let index = Arc::new(Index::open(&derived, store.base().block)?);
        let last = store.last_batch().await?.map_or(0, |batch| batch.sealed.number);
        let replay = Replay::at_snapshot(&store, &snapshots, config.domain(), last).await?;
        index.catch_up(&store, replay.head.block).await?;
        let accounts = replay.slots.iter().map(account_of).collect();
        let view = Arc::new(View::new(accounts, replay.head));
        let directory = Arc::new(Directory::default());
        for slot in &replay.slots {
            directory.open(Identity { owner: slot.owner, token: slot.token });
        }
        let seen = (index, directory, view);
        let shared = Shared::new(config.clone(), store, &snapshots, seen);
        let (replay, unsealed, sealed) = (Some(replay), None, watch::channel(last).0);
        Ok(Self { shared, snapshots, replay, unsealed, sealed })
    }

    /// Runs the blocks that the log has and the follower has not, unless the turn is taken.
    ///
    /// # Errors
    /// `Replaced` when the leader has adopted a batch of L1, and another log has begun; the errors
    /// of the store, and of running blocks.
    async fn advance(&mut self, taken: &watch::Receiver<bool>) -> Result<(), StageError> {
        while !*taken.borrow() {
            let head = self.shared.view.head().block;
            let blocks = self.shared.store.blocks_after(head, BLOCKS_PER_READ_MAX).await?;
            self.shared.store.check_base().await?;
            if blocks.is_empty() {
                break;
            }
            self.shared.index.follow(&blocks).await?;
            let replay = self.replay.take().expect("an error ends the follower");
            let (replay, blocks) = replay.run(blocks).await?;
            let Shared { directory, view, .. } = &self.shared;
            for slot in &replay.slots[directory.len()..] {
                directory.open(Identity { owner: slot.owner, token: slot.token });
            }
            view.advance(&blocks);
            if replay.open.is_none() && snapshots::is_due(replay.entries, replay.slots.len()) {
                self.unsealed = Some((replay.head.batch, replay.slots.clone()));
            }
            self.replay = Some(replay);
        }
        self.follow_batches().await
    }

    /// Notes the newest sealed batch, and writes the snapshot of a batch that is sealed by now. The
    /// root is the leader's; a start compares it with the tree over the slots.
    async fn follow_batches(&mut self) -> Result<(), StageError> {
        let store = &self.shared.store;
        let last = store.last_batch().await?.map_or(0, |batch| batch.sealed.number);
        self.sealed.send_replace(last);
        if let Some((batch, slots)) = self.unsealed.take_if(|(batch, _)| *batch <= last)
            && let Some(row) = store.batch(batch).await?
        {
            // The row may be that of another log, which has just begun.
            store.check_base().await?;
            let snapshot = Snapshot { batch, root: row.sealed.post_root, slots };
            self.snapshots.keep(store, snapshot).await?;
            if let Some(replay) = &mut self.replay {
                replay.entries = 0;
            }
        }
        Ok(())
    }

    /// Serves reads of what was followed, and metrics if there is a socket for them.
    fn serve(&self, listeners: Listeners) -> io::Result<Reads> {
        let (intake, _) = Intake::new();
        let (commands, asked) = mpsc::channel(COMMAND_QUEUE);
        let (stop, stopped) = watch::channel(false);
        let ends = ApiEnds {
            intake,
            commands,
            sealed: self.sealed.subscribe(),
            stopped,
            operator: watch::channel(None).1,
            compared: watch::channel(true).1,
            tokens: watch::channel(None).1,
            unconfirmed: watch::channel(None).1,
        };
        let state = self.shared.api(ends);
        let (listeners, served) = listeners.shared()?;
        let mut tasks = JoinSet::new();
        if let Some((metrics, _)) = served.metrics {
            tasks.spawn(exporter::run(metrics, state.clone()));
        }
        tasks.spawn(api::serve(served.api.0, state));
        tasks.spawn(answer(asked));
        Ok(Reads { listeners, stop, tasks })
    }
}

/// Answers what the API asks ordering: nothing waits here.
async fn answer(mut asked: mpsc::Receiver<Command>) -> Result<(), StageError> {
    while let Some(command) = asked.recv().await {
        // A caller that is gone needs no answer.
        match command {
            Command::NextNonces { slots, answer } => drop(answer.send(vec![None; slots.len()])),
            Command::CloseBatch { answer } => drop(answer.send(None)),
            Command::Load { answer } => drop(answer.send(Load::default())),
        }
    }
    Ok(())
}

impl Reads {
    /// Takes no further connection and lets the requests under way end. Returns the sockets.
    pub(crate) fn end(mut self) -> Listeners {
        self.stop.send_replace(true);
        self.tasks.detach_all();
        self.listeners
    }
}
