//! Workers for tests, and provers that wait, lie or give up.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, Once};
use std::time::Duration;

use sheaf_prover::client::Client;
use sheaf_prover::{DevelopmentProver, Progress, StepError, StepProver, Worker, WorkerError};
use sheaf_wire::{DataReference, JobInputs, Lease, ProofStep};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::rollup::Rollup;

/// A running worker.
pub(super) struct Hired {
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<(), WorkerError>>,
}

impl Hired {
    /// Tells it to stop and waits for its end.
    pub(super) async fn stop(self) -> Result<(), WorkerError> {
        self.stop.send_replace(true);
        self.ended().await
    }

    /// Waits until it ends, by itself or because it was told to.
    pub(super) async fn ended(self) -> Result<(), WorkerError> {
        self.task.await.expect("a worker does not panic")
    }

    /// Ends it as a killed process would: nothing more is said to anybody.
    pub(super) fn vanish(self) {
        self.task.abort();
    }
}

pub(super) fn hire(rollup: &Rollup, prover: Arc<dyn StepProver>) -> Hired {
    hire_with(rollup, prover, Arc::default())
}

pub(super) fn hire_with(
    rollup: &Rollup,
    prover: Arc<dyn StepProver>,
    progress: Arc<Recorder>,
) -> Hired {
    employ(Client::new(&rollup.url(""), None).expect("an address"), prover, progress)
}

pub(super) fn hire_guarded(rollup: &Rollup, token: Option<&str>) -> Hired {
    let client = Client::new(&rollup.url(""), token.map(str::to_owned)).expect("an address");
    employ(client, Arc::new(DevelopmentProver), Arc::default())
}

fn employ(client: Client, prover: Arc<dyn StepProver>, progress: Arc<Recorder>) -> Hired {
    let worker = Worker { client, prover, name: "test".into(), progress };
    let (stop, stopped) = watch::channel(false);
    Hired { stop, task: tokio::spawn(async move { worker.run(stopped).await }) }
}

/// What a worker said, in order: a word and the attempt.
#[derive(Debug, Default)]
pub(super) struct Recorder(Mutex<Vec<String>>);

impl Recorder {
    fn note(&self, what: &str, lease: &Lease) {
        self.0.lock().expect("whole").push(format!("{what} {}", lease.attempt));
    }

    pub(super) fn all(&self) -> Vec<String> {
        self.0.lock().expect("whole").clone()
    }

    pub(super) fn count(&self, what: &str) -> usize {
        self.all().iter().filter(|one| one.starts_with(what)).count()
    }
}

impl Progress for Recorder {
    fn started(&self, lease: &Lease) {
        self.note("started", lease);
    }

    fn proven(&self, lease: &Lease, _time: Duration, _bytes: usize) {
        self.note("proven", lease);
    }

    fn lost(&self, lease: &Lease) {
        self.note("lost", lease);
    }

    fn dropped(&self, lease: &Lease, _reason: &str) {
        self.note("dropped", lease);
    }
}

/// Where proofs wait until a test lets them through.
#[derive(Debug, Clone, Default)]
pub(super) struct Gate(Arc<(Mutex<Waiting>, Condvar)>);

#[derive(Debug, Default)]
struct Waiting {
    is_open: bool,
    now: usize,
    most: usize,
}

impl Gate {
    pub(super) fn closed() -> Self {
        Self::default()
    }

    pub(super) fn open(&self) {
        self.0.0.lock().expect("whole").is_open = true;
        self.0.1.notify_all();
    }

    /// How many proofs have been under way at the same time.
    pub(super) fn most_at_once(&self) -> usize {
        self.0.0.lock().expect("whole").most
    }

    fn pass(&self) {
        let (waiting, opened) = &*self.0;
        let mut waiting = waiting.lock().expect("whole");
        waiting.now += 1;
        waiting.most = waiting.most.max(waiting.now);
        let mut waiting = opened.wait_while(waiting, |one| !one.is_open).expect("whole");
        waiting.now -= 1;
    }
}

/// Proves once the gate is open.
#[derive(Debug)]
pub(super) struct Gated(pub Gate);

impl StepProver for Gated {
    fn circuits(&self) -> [u8; 32] {
        DevelopmentProver.circuits()
    }

    fn prove(
        &self,
        step: ProofStep,
        inputs: &JobInputs,
        reference: DataReference,
    ) -> Result<Vec<u8>, StepError> {
        self.0.pass();
        DevelopmentProver.prove(step, inputs, reference)
    }
}

/// Fails so many times, then proves.
#[derive(Debug)]
pub(super) struct Failing(AtomicU32);

impl Failing {
    pub(super) fn times(count: u32) -> Self {
        Self(AtomicU32::new(count))
    }
}

impl StepProver for Failing {
    fn circuits(&self) -> [u8; 32] {
        DevelopmentProver.circuits()
    }

    fn prove(
        &self,
        step: ProofStep,
        inputs: &JobInputs,
        reference: DataReference,
    ) -> Result<Vec<u8>, StepError> {
        let one_less = |left: u32| left.checked_sub(1);
        match self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less) {
            Ok(_) => Err(StepError::UnknownStep { step }),
            Err(_) => DevelopmentProver.prove(step, inputs, reference),
        }
    }
}

/// Hands in proofs with a wrong bit.
#[derive(Debug)]
pub(super) struct Corrupting;

impl StepProver for Corrupting {
    fn circuits(&self) -> [u8; 32] {
        DevelopmentProver.circuits()
    }

    fn prove(
        &self,
        step: ProofStep,
        inputs: &JobInputs,
        reference: DataReference,
    ) -> Result<Vec<u8>, StepError> {
        let mut proof = DevelopmentProver.prove(step, inputs, reference)?;
        proof[17] ^= 1;
        Ok(proof)
    }
}

/// Has built something else.
#[derive(Debug)]
pub(super) struct OtherCircuits;

impl OtherCircuits {
    pub(super) const DIGEST: [u8; 32] = [0xab; 32];
}

impl StepProver for OtherCircuits {
    fn circuits(&self) -> [u8; 32] {
        Self::DIGEST
    }

    fn prove(
        &self,
        step: ProofStep,
        _inputs: &JobInputs,
        _reference: DataReference,
    ) -> Result<Vec<u8>, StepError> {
        Err(StepError::UnknownStep { step })
    }
}

/// What this thread logs.
#[derive(Debug, Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Lines that hold all of these.
    pub(super) fn count(&self, texts: &[&str]) -> usize {
        let bytes = self.0.lock().expect("whole");
        let text = std::str::from_utf8(&bytes).expect("text");
        text.lines().filter(|line| texts.iter().all(|text| line.contains(text))).count()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("whole").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

thread_local! {
    /// Where this thread's lines go: a test's own, where its runtime has one thread.
    static LOG: Log = Log::default();
}

/// Collects what is logged on this thread from now on. One subscriber serves the whole process:
/// several would fight over which lines are wanted at all.
pub(super) fn log_lines() -> Log {
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| {
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing::Level::INFO)
            .with_writer(|| LOG.with(Log::clone))
            .init();
    });
    LOG.with(Log::clone)
}
