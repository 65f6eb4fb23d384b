//! Shows on standard error which circuit or key is being built, for how long, and how many are
//! left: a moving bar on a terminal, plain lines elsewhere.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::output;

/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(120);

/// The progress of a build that makes one thing after another.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// How many things are built in all.
    total: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    done: usize,
    current: Option<(String, Instant)>,
}

impl Progress {
    /// Begins a build of `total` things.
    pub(crate) fn new(total: usize) -> Self {
        let bar = ProgressBar::new(total as u64);
        let style = ProgressStyle::with_template("{spinner} {bar:20} {pos}/{len} {msg} {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style);
        bar.enable_steady_tick(TICK);
        Self { bar, total, state: Mutex::default() }
    }

    /// Ends the thing under way, if any, and begins the next one, called `name`.
    pub(crate) fn begin(&self, name: &str) {
        self.end_current();
        self.bar.set_message(format!("building {name}"));
        let mut state = self.state.lock().expect("no holder of the lock panics");
        state.current = Some((name.to_owned(), Instant::now()));
    }

    /// Ends the thing under way, which is the last one, and removes the bar.
    pub(crate) fn end(&self) {
        self.end_current();
        self.bar.finish_and_clear();
    }

    fn end_current(&self) {
        let mut state = self.state.lock().expect("no holder of the lock panics");
        let Some(line) = state.end(self.total) else { return };
        self.bar.set_position(state.done as u64);
        if self.bar.is_hidden() {
            output::note(line);
        } else {
            self.bar.println(line);
        }
    }
}

impl State {
    /// Ends the thing under way. Returns the line that reports its end; `None` if there was none.
    fn end(&mut self, total: usize) -> Option<String> {
        let (name, start) = self.current.take()?;
        self.done += 1;
        let seconds = start.elapsed().as_secs_f32();
        Some(format!("{:>2} of {total}  {name:<20} {seconds:>6.1} s", self.done))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_says_how_many_there_are_and_how_many_are_done() {
        let mut state = State::default();
        assert_eq!(state.end(12), None, "nothing was under way");
        for (name, start) in [("entry", " 1 of 12  entry "), ("batch", " 2 of 12  batch ")] {
            state.current = Some((name.to_owned(), Instant::now()));
            let line = state.end(12).expect("it was under way");
            assert!(line.starts_with(start), "{line}");
        }
    }
}
