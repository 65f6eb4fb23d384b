//! The pipeline in one place: every stage, and the queues that connect a stage with the next.
//!
//! HTTP → admission → mempool → ordering → execution → log → sealing → jobs ⇄ workers →
//! submission → L1, and from L1 the watcher with requests and finality.
//!
//! A stage owns its ends of the queues. When the stage ends, these ends close, and the neighbouring
//! stages notice.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use rayon::ThreadPool;
use sheaf_ledger::DataMode;
use sheaf_ledger::tree::SlotTree;
use sheaf_wire::l1::TokenBody;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::admission::{self, Admitter, KeyCache};
use crate::agreement::Comparison;
use crate::api::places::{PlaceLimits, Places};
use crate::api::{self, ApiState, Readers};
use crate::block::ExecutedBlock;
use crate::config::{Config, L1Side};
use crate::directory::Directory;
use crate::error::StageError;
use crate::events::Events;
use crate::exporter;
use crate::final_accounts::FinalAccounts;
use crate::inbox::Inbox;
use crate::index::Index;
use crate::intake::Intake;
use crate::l1::L1Error;
use crate::l1_clock::{self, L1Time, Reading};
use crate::lifecycle::L1Request;
use crate::limits::{
    COMMAND_QUEUE, CONNECTION_PATIENCE, EVENT_SUBSCRIBERS_MAX, INBOX_QUEUE, LARGE_BODIES_MAX,
    LOG_QUEUE, ORDERING_QUEUE, SNAPSHOT_QUEUE,
};
use crate::listeners::Listeners;
use crate::log::Log;
use crate::metrics;
use crate::operator_account::{AccountWatch, OperatorAccount};
use crate::ordering::{BatchPolicy, Command, Engine, Gate, Ordering, Position};
use crate::paths::Paths;
use crate::proving::{self, Proving};
use crate::recovery::Recovered;
use crate::sealing::{Keeper, Reader, Runner, SealingStage};
use crate::snapshots::{self, Snapshot, Snapshots};
use crate::store::{Store, now_ms};
use crate::submission::{Submitter, Waiting};
use crate::token_list::TokenWatch;
use crate::tracker::Tracker;
use crate::unconfirmed::{Unconfirmed, UnconfirmedWatch};
use crate::view::{Head, View};
use crate::watcher::Watcher;
use crate::witnesses::Witnesses;

/// Streams of events. One that is open is no sign of a slow client, so only shares count.
const SUBSCRIBERS: PlaceLimits =
    PlaceLimits { all: EVENT_SUBSCRIBERS_MAX, per_address: EVENT_SUBSCRIBERS_MAX, patience: None };

const LARGE_BODIES: PlaceLimits = PlaceLimits {
    all: LARGE_BODIES_MAX,
    per_address: LARGE_BODIES_MAX,
    patience: Some(CONNECTION_PATIENCE),
};

/// A stage that has ended: its name, and its error if it failed.
pub(crate) type Ended = (&'static str, Result<(), StageError>);

/// Running stages.
#[derive(Debug, Default)]
pub(crate) struct Stages(pub JoinSet<Ended>);

/// The values with which the stages begin.
pub(crate) struct Beginning {
    pub config: Config,
    pub store: Store,
    pub index: Arc<Index>,
    pub snapshots: Snapshots,
    /// The threads of sealing.
    pub sealing: ThreadPool,
    pub recovered: Recovered,
    /// The newest final batch; 0 before the first.
    pub finalised: u64,
    pub l1: L1Known,
}

/// What is known of L1 at a start.
pub(crate) struct L1Known {
    /// Whether the database was compared with L1, if the rollup has an L1.
    pub is_compared: bool,
    /// L1's time, if the rollup has an L1, L1 answers and has a block.
    pub time: Option<Reading>,
}

/// A running pipeline.
#[derive(Debug)]
pub(crate) struct Pipeline {
    /// The API. When a stage fails, the API ends last, to answer the clients that wait for an
    /// outcome.
    pub api: Stages,
    /// Every other stage.
    pub stages: Stages,
    pub events: Arc<Events>,
    /// When this becomes true, the API ends, and then each stage ends after the stage before it.
    pub stop: watch::Sender<bool>,
}

impl Pipeline {
    /// Starts every stage, in the order in which a transaction passes them.
    pub(crate) fn start(beginning: Beginning, listeners: Listeners) -> Self {
        let Beginning { config, store, index, snapshots, sealing, recovered, finalised, l1 } =
            beginning;
        let Recovered { tree, sealed_batch, entries_since_snapshot, directory, view, position } =
            recovered;
        let shared = Shared::new(config, store, &snapshots, (index, directory, view));

        // The queues between stages, all of them bounded, and what stages show each other.
        let (intake, submitted) = Intake::new();
        let (admissions, admitted) = mpsc::channel(ORDERING_QUEUE);
        let (requests, requested) = mpsc::channel(INBOX_QUEUE);
        let (commands, commanded) = mpsc::channel(COMMAND_QUEUE);
        let (blocks, executed) = mpsc::channel(LOG_QUEUE);
        let (head, durable) = watch::channel(shared.view.head());
        let (sealed, newest_sealed) = watch::channel(sealed_batch);
        let (snapshot, taken) = mpsc::channel(SNAPSHOT_QUEUE);
        let (finalised, newest_final) = watch::channel(finalised);
        let (l1_time, shown) = watch::channel(l1.time);
        let (operator, account) = watch::channel(None);
        let (compared, agreed) = watch::channel(l1.is_compared);
        let (tokens, listed) = watch::channel(None);
        let (unconfirmed, newest_requests) = watch::channel(None);
        let (stop, stopped) = watch::channel(false);

        // HTTP → admission → mempool → ordering → execution → log → sealing → jobs ⇄ workers → L1
        let (mut api, mut stages) = (Stages::default(), Stages::default());
        let ends = ApiEnds {
            intake,
            commands,
            sealed: newest_sealed.clone(),
            stopped,
            operator: account,
            compared: agreed.clone(),
            tokens: listed,
            unconfirmed: newest_requests,
        };
        let l1_time_here = shared.l1_time(shown, position.timestamp);
        let state = shared.api(ends);
        stages.spawn_metrics(listeners.metrics, &state);
        api.spawn("api", api::serve(listeners.api.0, state));
        let admitter = shared.admitter(l1_time_here.clone());
        stages.spawn("admission", admission::run(admitter, submitted, admissions));
        let inbox = shared.inbox(position.next_request, (requests, finalised), agreed.clone());
        stages.spawn("inbox", inbox.run());
        let ordering = Ordering {
            gate: shared.gate(newest_final, l1_time_here),
            engine: shared.engine(position),
            admissions: admitted,
            requests: requested,
            commands: commanded,
            blocks,
            sealed: newest_sealed,
            tracker: Arc::clone(&shared.tracker),
        };
        stages.spawn("ordering", ordering.run());
        stages.spawn("log", shared.log(executed, head).run());
        stages.spawn("index", Arc::clone(&shared.index).run());
        let ends = SealingEnds { threads: sealing, head: durable, sealed, snapshots: snapshot };
        stages.spawn("sealing", shared.sealing(tree, entries_since_snapshot, ends).run());
        let snapshots = snapshots::run(snapshots, shared.store.clone(), taken);
        stages.spawn("snapshots", async { match snapshots.await? {} });
        stages.spawn("leases", shared.sweep());
        let store = shared.store.clone();
        stages.spawn("leadership", async move { match store.keep_turn().await? {} });
        if let Some(side) = shared.config.l1.clone() {
            let ends = L1Ends { compared, agreed, operator, l1_time, tokens, unconfirmed };
            stages.spawn_l1(&shared, side, ends);
        }
        Self { api, stages, events: shared.events, stop }
    }
}

/// The comparison of a database with a side of L1.
pub(crate) fn comparison(side: &L1Side, data_mode: DataMode, store: &Store) -> Comparison {
    let L1Side { l1, watched: _, signer, key } = side.clone();
    Comparison { l1, store: store.clone(), account: signer.address(), data_mode, key }
}

/// Runs a stage once the database has been compared with L1.
async fn after(
    mut compared: watch::Receiver<bool>,
    stage: impl Future<Output = Result<Infallible, L1Error>>,
) -> Result<Infallible, L1Error> {
    if compared.wait_for(|compared| *compared).await.is_err() {
        // The stage that compares has ended, and the process ends with its error.
        std::future::pending::<()>().await;
    }
    stage.await
}

impl Stages {
    fn spawn(
        &mut self,
        name: &'static str,
        stage: impl Future<Output = Result<(), StageError>> + Send + 'static,
    ) {
        self.0.spawn(async move { (name, stage.await) });
    }

    /// A stage of the L1 side, which only ends with an error.
    fn spawn_endless(
        &mut self,
        name: &'static str,
        stage: impl Future<Output = Result<Infallible, L1Error>> + Send + 'static,
    ) {
        self.spawn(name, async move {
            let never = stage.await?;
            match never {}
        });
    }

    /// Starts the stages of the L1 side. Stages that write to the database or to L1 wait until the
    /// database has been compared.
    fn spawn_l1(&mut self, shared: &Shared, side: L1Side, ends: L1Ends) {
        let L1Ends { compared, agreed, operator, l1_time, tokens, unconfirmed } = ends;
        self.spawn_endless(
            "agreement",
            comparison(&side, shared.config.data_mode, &shared.store).run(compared),
        );
        let (submitter, watcher) = (shared.submitter(&side), shared.watcher(&side));
        self.spawn_endless("submission", after(agreed.clone(), submitter.run()));
        self.spawn_endless("watcher", after(agreed, watcher.run()));
        self.spawn_endless("operator_account", shared.account(&side, operator).run());
        let token_watch = TokenWatch { l1: side.l1.clone(), shown: tokens };
        self.spawn_endless("token_list", token_watch.run());
        let newest = UnconfirmedWatch {
            l1: side.l1.clone(),
            store: shared.store.clone(),
            first_block: side.watched.first_block,
            shown: unconfirmed,
        };
        self.spawn_endless("unconfirmed", newest.run());
        self.spawn_endless("l1_clock", l1_clock::run(side.l1, l1_time));
    }

    /// Serves metrics if the operator asks for them. The recorder is installed before the other
    /// stages start, so that it counts all that they do.
    fn spawn_metrics(&mut self, listener: Option<(TcpListener, SocketAddr)>, state: &ApiState) {
        let Some((listener, _)) = listener else { return };
        metrics::recorder();
        self.spawn("metrics", exporter::run(listener, state.clone()));
    }
}

/// The API's ends of the queues.
pub(crate) struct ApiEnds {
    pub intake: Intake,
    pub commands: mpsc::Sender<Command>,
    pub sealed: watch::Receiver<u64>,
    pub stopped: watch::Receiver<bool>,
    pub operator: watch::Receiver<Option<OperatorAccount>>,
    pub compared: watch::Receiver<bool>,
    pub tokens: watch::Receiver<Option<Arc<[TokenBody]>>>,
    pub unconfirmed: watch::Receiver<Option<Arc<Unconfirmed>>>,
}

/// The L1 side's ends of what stages show each other.
struct L1Ends {
    compared: watch::Sender<bool>,
    agreed: watch::Receiver<bool>,
    operator: watch::Sender<Option<OperatorAccount>>,
    l1_time: watch::Sender<Option<Reading>>,
    tokens: watch::Sender<Option<Arc<[TokenBody]>>>,
    unconfirmed: watch::Sender<Option<Arc<Unconfirmed>>>,
}

/// Sealing's threads and its ends of the queues.
struct SealingEnds {
    threads: ThreadPool,
    head: watch::Receiver<Head>,
    sealed: watch::Sender<u64>,
    snapshots: mpsc::Sender<Snapshot>,
}

/// The values that several stages share.
pub(crate) struct Shared {
    pub config: Arc<Config>,
    pub store: Store,
    pub index: Arc<Index>,
    pub witnesses: Arc<Witnesses>,
    pub paths: Paths,
    pub final_accounts: FinalAccounts,
    pub events: Arc<Events>,
    pub directory: Arc<Directory>,
    pub view: Arc<View>,
    pub tracker: Arc<Tracker>,
}

impl Shared {
    /// What readers see at first, and what is derived from the store when somebody asks.
    pub(crate) fn new(
        config: Config,
        store: Store,
        snapshots: &Snapshots,
        (index, directory, view): (Arc<Index>, Arc<Directory>, Arc<View>),
    ) -> Self {
        let domain = config.domain();
        Self {
            config: Arc::new(config),
            index,
            witnesses: Arc::new(Witnesses::new(store.clone(), snapshots.clone(), domain)),
            paths: Paths::new(store.clone(), snapshots.clone(), domain),
            final_accounts: FinalAccounts::new(store.clone(), snapshots.clone(), domain),
            events: Events::new(now_ms()),
            store,
            directory,
            view,
            tracker: Arc::default(),
        }
    }

    pub(crate) fn api(&self, ends: ApiEnds) -> ApiState {
        let ApiEnds { intake, commands, sealed, stopped, operator, compared, tokens, unconfirmed } =
            ends;
        let (verifier, lifetime) =
            (Arc::clone(&self.config.verifier), self.config.service.lease_lifetime);
        ApiState {
            config: Arc::clone(&self.config),
            store: self.store.clone(),
            index: Arc::clone(&self.index),
            directory: Arc::clone(&self.directory),
            view: Arc::clone(&self.view),
            tracker: Arc::clone(&self.tracker),
            intake,
            operator,
            compared,
            commands,
            paths: self.paths.clone(),
            final_accounts: self.final_accounts.clone(),
            tokens,
            unconfirmed,
            proving: Proving::new(
                Arc::clone(&self.witnesses),
                verifier,
                Arc::clone(&self.events),
                lifetime,
            ),
            events: Arc::clone(&self.events),
            subscribers: Places::new(SUBSCRIBERS),
            bodies: Places::new(LARGE_BODIES),
            readers: Readers::new(),
            sealed,
            stopped,
        }
    }

    fn admitter(&self, l1_time: L1Time) -> Admitter {
        Admitter {
            domain: self.config.domain(),
            contract: self.config.contract,
            fees: self.config.fees.clone(),
            limits: self.config.limits(),
            directory: Arc::clone(&self.directory),
            view: Arc::clone(&self.view),
            tracker: Arc::clone(&self.tracker),
            keys: KeyCache::default(),
            l1_time,
        }
    }

    fn inbox(
        &self,
        next: u64,
        (requests, finalised): (mpsc::Sender<Vec<L1Request>>, watch::Sender<u64>),
        compared: watch::Receiver<bool>,
    ) -> Inbox {
        Inbox { store: self.store.clone(), next, requests, finalised, compared }
    }

    /// L1's time, if there is an L1, after a newest batch of this time, in Unix seconds.
    fn l1_time(&self, shown: watch::Receiver<Option<Reading>>, newest_batch: u32) -> L1Time {
        L1Time {
            shown: self.config.l1.is_some().then_some(shown),
            newest_batch: Reading { time: newest_batch.into(), read: Instant::now() },
        }
    }

    fn gate(&self, finalised: watch::Receiver<u64>, l1_time: L1Time) -> Gate {
        let not_final_batches = self.config.service.not_final_batches.get();
        Gate { finalised, l1_time, not_final_batches }
    }

    /// The mempool, the order of its transactions and their execution.
    fn engine(&self, position: Position) -> Engine {
        let policy = BatchPolicy {
            operator: self.config.operator,
            age_max: self.config.batch_age_max,
            limits: self.config.limits(),
        };
        let execution = self.config.service.execution;
        Engine::new(Arc::clone(&self.directory), policy, position, execution)
    }

    fn log(&self, blocks: mpsc::Receiver<ExecutedBlock>, head: watch::Sender<Head>) -> Log<Store> {
        Log {
            store: self.store.clone(),
            blocks,
            index: Arc::clone(&self.index),
            view: Arc::clone(&self.view),
            tracker: Arc::clone(&self.tracker),
            head,
            directory: Arc::clone(&self.directory),
            events: Arc::clone(&self.events),
        }
    }

    fn sealing(
        &self,
        tree: SlotTree,
        entries_since_snapshot: u64,
        ends: SealingEnds,
    ) -> SealingStage {
        let SealingEnds { threads, head, sealed, snapshots } = ends;
        let next = *sealed.borrow() + 1;
        SealingStage {
            reader: Reader { store: self.store.clone(), next, head },
            runner: Runner {
                threads: Arc::new(threads),
                domain: self.config.domain(),
                tree,
                data_mode: self.config.data_mode,
                limits: self.config.limits(),
                verifier: Arc::clone(&self.config.verifier),
                entries_since_snapshot,
                snapshots,
            },
            keeper: Keeper {
                store: self.store.clone(),
                witnesses: Arc::clone(&self.witnesses),
                sealed,
                events: Arc::clone(&self.events),
            },
        }
    }

    /// Takes jobs back from silent workers. The API does everything else about jobs.
    fn sweep(&self) -> impl Future<Output = Result<(), StageError>> + use<> {
        proving::sweep(self.store.clone(), self.config.service.lease_lifetime)
    }

    fn submitter(&self, side: &L1Side) -> Submitter {
        Submitter {
            l1: side.l1.clone(),
            store: self.store.clone(),
            witnesses: Arc::clone(&self.witnesses),
            events: Arc::clone(&self.events),
            signer: side.signer.clone(),
            chain_id: self.config.chain_id,
            chain: self.config.chain,
            waiting: Waiting::default(),
        }
    }

    fn account(
        &self,
        side: &L1Side,
        shown: watch::Sender<Option<OperatorAccount>>,
    ) -> AccountWatch {
        let address = side.signer.address();
        let (l1, store) = (side.l1.clone(), self.store.clone());
        let Config { chain, data_mode, .. } = *self.config;
        AccountWatch { l1, store, address, chain, data_mode, shown }
    }

    fn watcher(&self, side: &L1Side) -> Watcher {
        Watcher {
            l1: side.l1.clone(),
            store: self.store.clone(),
            events: Arc::clone(&self.events),
            config: side.watched,
        }
    }
}
