//! A worker against a sequencer in trouble: which troubles the worker waits out, and which end it.

mod sequencer;

use std::io::{self, Write};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use sequencer::{Sequencer, answer, cut, error};
use sheaf_prover::{Progress, StepError, StepProver, Worker, WorkerError};
use sheaf_wire::{DataReference, JobInputs, Lease, LeaseRequest, ProofStep};
use tokio::sync::watch;

const INTERNAL: &str = "500 Internal Server Error";
const STORED: &str = r#"{"stored":true}"#;
/// What a proxy says whose sequencer is away.
const PAGE: &str = "<html>one moment please</html>";

fn lease(lease_ms: u64) -> Vec<u8> {
    let lease = Lease {
        job: 5,
        batch: 1,
        step: ProofStep::Wrap,
        data_reference: DataReference([7; 32]),
        attempt: 1,
        lease_ms,
    };
    serde_json::to_vec(&lease).expect("JSON")
}

fn inputs() -> Vec<u8> {
    JobInputs { witness: vec![1, 2, 3], proofs: Vec::new() }.to_bytes()
}

/// What ends a worker after its job, so that a test ends.
fn end() -> Vec<u8> {
    error("401 Unauthorized", "unauthorised")
}

/// Takes its time.
#[derive(Debug)]
struct Slow(Duration);

impl StepProver for Slow {
    fn circuits(&self) -> [u8; 32] {
        [7; 32]
    }

    fn prove(
        &self,
        _step: ProofStep,
        inputs: &JobInputs,
        _reference: DataReference,
    ) -> Result<Vec<u8>, StepError> {
        std::thread::sleep(self.0);
        Ok(inputs.witness.clone())
    }
}

/// What became of the jobs.
#[derive(Debug, Default)]
struct Told(Mutex<Vec<String>>);

impl Told {
    fn note(&self, what: &str) {
        self.0.lock().expect("whole").push(what.to_owned());
    }
}

impl Progress for Told {
    fn started(&self, _lease: &Lease) {
        self.note("started");
    }

    fn proven(&self, _lease: &Lease, _time: Duration, _bytes: usize) {
        self.note("proven");
    }

    fn lost(&self, _lease: &Lease) {
        self.note("lost");
    }

    fn dropped(&self, _lease: &Lease, reason: &str) {
        self.note(reason);
    }
}

/// Works for a sequencer until something ends the worker. Says why, and what became of the jobs.
async fn work(sequencer: &Sequencer, prover: Slow) -> (WorkerError, Vec<String>) {
    let told = Arc::<Told>::default();
    let worker = Worker {
        client: sequencer.client(),
        prover: Arc::new(prover),
        name: "test".into(),
        progress: Arc::clone(&told) as Arc<dyn Progress>,
    };
    let (_stop, stopped) = watch::channel(false);
    let ended = tokio::time::timeout(Duration::from_secs(60), worker.run(stopped)).await;
    let error = ended.expect("it ends").expect_err("nobody told it to stop");
    let told = told.0.lock().expect("whole").clone();
    (error, told)
}

/// What all tests of this process log.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().expect("whole").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps what is logged. One subscriber serves all tests: several would fight over which lines are
/// wanted at all.
fn keep_log() {
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| tracing_subscriber::fmt().with_ansi(false).with_writer(|| Log).init());
}

/// The lines about a sequencer that hold a text.
fn logged(sequencer: &Sequencer, text: &str) -> Vec<String> {
    let bytes = LOG.lock().expect("whole");
    let lines = std::str::from_utf8(&bytes).expect("text").lines();
    let wanted = lines.filter(|line| line.contains(&sequencer.url) && line.contains(text));
    wanted.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_job_comes_through_a_sequencer_that_stumbles_at_every_request() {
    keep_log();
    let internal = || error(INTERNAL, "internal");
    let good = |body: &[u8]| answer("200 OK", body);
    let long = lease(60_000);
    let leases = vec![internal(), cut(&long), good(PAGE.as_bytes()), good(&long), end()];
    let sequencer = Sequencer::saying(vec![
        ("lease", leases),
        ("inputs", vec![answer("502 Bad Gateway", PAGE), cut(&inputs()), good(&inputs())]),
        ("complete", vec![internal(), cut(STORED.as_bytes()), good(STORED.as_bytes())]),
    ])
    .await;
    let (error, told) = work(&sequencer, Slow(Duration::ZERO)).await;
    assert!(matches!(error, WorkerError::Refused { .. }), "{error:?}");
    assert_eq!(told, ["started", "proven"]);
    assert_eq!(["lease", "inputs", "complete"].map(|one| sequencer.count(one)), [5, 3, 3]);
    // Each of the three waits is told once, with what is waited for and why.
    let waits = logged(&sequencer, "does not answer");
    let [lease, inputs, proof] = waits.as_slice() else { panic!("{waits:?}") };
    assert!(lease.contains("answer a lease;") && lease.contains("so it is (internal)"), "{lease}");
    assert!(inputs.contains("answer a job's inputs;") && inputs.contains("502"), "{inputs}");
    assert!(proof.contains("answer a proof;") && proof.contains("up to 60 minutes"), "{proof}");
    assert_eq!(logged(&sequencer, "answers again").len(), 3);
}

#[tokio::test]
async fn a_proof_goes_on_while_its_heartbeats_meet_trouble() {
    let sequencer = Sequencer::saying(vec![
        ("lease", vec![answer("200 OK", lease(300)), end()]),
        ("inputs", vec![answer("200 OK", inputs())]),
        (
            "heartbeat",
            vec![
                error(INTERNAL, "internal"),
                answer("200 OK", PAGE),
                answer("200 OK", r#"{"lease_ms":300}"#),
            ],
        ),
        ("complete", vec![answer("200 OK", STORED)]),
    ])
    .await;
    let (_, told) = work(&sequencer, Slow(Duration::from_secs(2))).await;
    assert_eq!(told, ["started", "proven"]);
    assert!(sequencer.count("heartbeat") > 3, "it beats on");
}

type Check = fn(&WorkerError) -> bool;

fn is_refused(error: &WorkerError) -> bool {
    matches!(error, WorkerError::Refused { .. })
}

#[tokio::test]
async fn what_cannot_heal_ends_the_worker_at_the_first_answer() {
    let is_other: Check = |error| matches!(error, WorkerError::OtherCircuits { .. });
    let is_unreadable: Check = |error| matches!(error, WorkerError::Unreadable { .. });
    let ends: [(Vec<u8>, Check); 7] = [
        (error("401 Unauthorized", "unauthorised"), is_refused),
        (error("403 Forbidden", "forbidden"), is_refused),
        (answer("403 Forbidden", PAGE), is_refused),
        (answer("404 Not Found", "no such route"), is_refused),
        (error("400 Bad Request", "worker_name"), is_refused),
        (error("409 Conflict", "other_circuits"), is_other),
        (answer("200 OK", r#"{"task":7,"until":"tomorrow"}"#), is_unreadable),
    ];
    for (answer, is_expected) in ends {
        let shown = String::from_utf8_lossy(&answer).into_owned();
        let sequencer = Sequencer::saying(vec![("lease", vec![answer])]).await;
        let request = LeaseRequest { worker: "test".into(), circuits: "00".repeat(32) };
        let error = sequencer.client().lease(&request).await.expect_err("it is refused");
        assert!(is_expected(&error), "{error:?} after {shown}");
        assert_eq!(sequencer.count("lease"), 1, "{shown}");
    }
}
