//! What a worker shows of its proofs: a bar on a terminal, lines of the log everywhere else. Also
//! the bar of the batches that are read from L1.
//!
//! A prover does not report how much of a proof is done. So a bar compares the time so far with the
//! time that the last proof of the same sort took. The first proof of a sort shows its seconds
//! only.

use std::collections::HashMap;
use std::io::{IsTerminal, stderr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use sheaf_prover::Progress;
use sheaf_wire::Lease;
use tracing::{info, warn};

/// How often a bar is drawn.
const DRAW_INTERVAL: Duration = Duration::from_millis(200);
/// Characters of a full bar.
const BAR_CHARACTERS: usize = 24;
/// The largest share that a bar shows before its proof is complete.
const SHARE_MAX: f32 = 0.99;

/// The form that suits standard error: bars on a terminal, else lines of the log.
pub(crate) fn for_this_output() -> Arc<dyn Progress> {
    if stderr().is_terminal() { Arc::new(Bars::default()) } else { Arc::new(Lines) }
}

/// A bar of the batches that were read from L1; nothing where there is no terminal.
#[derive(Debug)]
pub(crate) struct BatchBar(ProgressBar);

impl BatchBar {
    pub(crate) fn new() -> Self {
        let style = ProgressStyle::with_template("{bar:24} batch {pos} of {len}  {elapsed}");
        let is_shown = stderr().is_terminal();
        let bar = if is_shown { ProgressBar::no_length() } else { ProgressBar::hidden() };
        Self(bar.with_style(style.expect("the template names known keys")))
    }

    pub(crate) fn show(&self, progress: sheaf_client::Progress) {
        self.0.set_length(progress.batches);
        self.0.set_position(progress.batch);
    }

    /// Removes the bar.
    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}

/// Writes a line of the log for each event of a job.
#[derive(Debug)]
struct Lines;

impl Progress for Lines {
    fn started(&self, lease: &Lease) {
        let Lease { batch, step, attempt, .. } = lease;
        info!(batch, %step, attempt, "proving");
    }

    fn proven(&self, lease: &Lease, time: Duration, bytes: usize) {
        let (Lease { batch, step, .. }, seconds) = (lease, time.as_secs_f32());
        info!(batch, %step, seconds, bytes, "proven");
    }

    fn lost(&self, lease: &Lease) {
        let Lease { batch, step, .. } = lease;
        warn!(batch, %step, "the lease was lost; waiting for the proof's end");
    }

    fn dropped(&self, lease: &Lease, reason: &str) {
        let Lease { batch, step, .. } = lease;
        warn!(batch, %step, reason, "dropped");
    }
}

/// Draws a bar for the proof under way, and prints a line for each finished proof.
#[derive(Debug, Default)]
struct Bars {
    shown: Mutex<Shown>,
}

#[derive(Debug, Default)]
struct Shown {
    /// The bar of the proof under way; `None` between proofs.
    bar: Option<ProgressBar>,
    /// How long the last proof of each sort took, by the name of the sort.
    times: HashMap<&'static str, Duration>,
}

impl Bars {
    /// Replaces the bar with a line.
    fn end(&self, line: &str) {
        let mut shown = self.shown.lock().expect("no holder of the lock panics");
        if let Some(bar) = shown.bar.take() {
            bar.println(line);
            bar.finish_and_clear();
        }
    }
}

impl Progress for Bars {
    fn started(&self, lease: &Lease) {
        let mut shown = self.shown.lock().expect("no holder of the lock panics");
        let expected = shown.times.get(lease.step.sort()).copied();
        let bar = ProgressBar::new_spinner().with_style(style(expected)).with_message(name(lease));
        bar.enable_steady_tick(DRAW_INTERVAL);
        shown.bar = Some(bar);
    }

    fn proven(&self, lease: &Lease, time: Duration, bytes: usize) {
        let (name, seconds) = (name(lease), time.as_secs_f32());
        self.end(&format!("{name}: proven in {seconds:.1} s, {bytes} bytes"));
        let mut shown = self.shown.lock().expect("no holder of the lock panics");
        shown.times.insert(lease.step.sort(), time);
    }

    fn lost(&self, lease: &Lease) {
        let shown = self.shown.lock().expect("no holder of the lock panics");
        if let Some(bar) = &shown.bar {
            let name = name(lease);
            bar.set_message(format!("{name}: the lease was lost; waiting for the proof's end"));
        }
    }

    fn dropped(&self, lease: &Lease, reason: &str) {
        self.end(&format!("{}: dropped, {reason}", name(lease)));
    }
}

/// A bar that fills in the expected time; without an expected time, the seconds so far alone.
fn style(expected: Option<Duration>) -> ProgressStyle {
    let Some(expected) = expected else {
        return ProgressStyle::with_template("{spinner} {msg}  {elapsed}")
            .expect("the template names known keys");
    };
    let draw = move |state: &ProgressState, line: &mut dyn std::fmt::Write| {
        // An error is ignored, because the next tick draws the line again.
        let _ = line.write_str(&bar_text(state.elapsed(), expected));
    };
    ProgressStyle::with_template("{spinner} {msg}  {share}  {elapsed}")
        .expect("the template names known keys")
        .with_key("share", draw)
}

fn bar_text(elapsed: Duration, expected: Duration) -> String {
    let share =
        (elapsed.as_secs_f32() / expected.as_secs_f32().max(f32::MIN_POSITIVE)).min(SHARE_MAX);
    let full = (share * BAR_CHARACTERS as f32) as usize;
    let empty = BAR_CHARACTERS - full;
    format!("{}{} of about {:.0} s", "█".repeat(full), "░".repeat(empty), expected.as_secs_f32())
}

fn name(lease: &Lease) -> String {
    format!("batch {} {}", lease.batch, lease.step)
}

#[cfg(test)]
mod tests {
    use sheaf_wire::DataReference;

    use super::*;

    #[test]
    fn a_proof_is_two_lines_of_the_log_and_a_dropped_one_says_why() {
        let step = "entry-3".parse().expect("a step");
        let lease = Lease {
            job: 1,
            batch: 7,
            step,
            data_reference: DataReference([7; 32]),
            attempt: 2,
            lease_ms: 1,
        };
        let proven = lines_of(|| {
            Lines.started(&lease);
            Lines.proven(&lease, Duration::from_millis(1_500), 9);
        });
        let [started, proven] = proven.as_slice() else { panic!("{proven:?}") };
        assert!(started.contains("INFO") && started.contains("proving batch=7 step=entry-3"));
        assert!(proven.contains("proven batch=7 step=entry-3 seconds=1.5 bytes=9"), "{proven}");
        let dropped = lines_of(|| Lines.dropped(&lease, "the proof was refused: bit 3"));
        let [dropped] = dropped.as_slice() else { panic!("{dropped:?}") };
        assert!(dropped.contains("WARN") && dropped.contains("the proof was refused: bit 3"));
    }

    /// The lines that `work` logs on this thread.
    fn lines_of(work: impl FnOnce()) -> Vec<String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let writer = Mutex::new(file.reopen().expect("the file"));
        let log = tracing_subscriber::fmt().with_ansi(false).with_writer(writer).finish();
        tracing::subscriber::with_default(log, work);
        let text = std::fs::read_to_string(file.path()).expect("text");
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_bar_fills_with_time_and_is_never_full_before_the_end() {
        let expected = Duration::from_secs(40);
        let filled =
            |seconds| bar_text(Duration::from_secs(seconds), expected).matches('█').count();
        assert_eq!((filled(0), filled(20)), (0, BAR_CHARACTERS / 2));
        assert_eq!((filled(40), filled(4_000)), (BAR_CHARACTERS - 1, BAR_CHARACTERS - 1));
    }
}
