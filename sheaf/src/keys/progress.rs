//! Shows what is being built and for how long: a moving line on a terminal, plain lines elsewhere.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How often the moving line moves.
const TICK: Duration = Duration::from_millis(120);

/// What is under way, one thing after another.
pub struct Progress {
    bar: ProgressBar,
    current: Mutex<Option<(String, Instant)>>,
}

impl Progress {
    pub fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        bar.set_style(style);
        bar.enable_steady_tick(TICK);
        Self { bar, current: Mutex::new(None) }
    }

    /// Ends what was under way and begins the next.
    pub fn begin(&self, name: &str) {
        self.end_current();
        self.bar.set_message(format!("building {name}"));
        let mut current = self.current.lock().expect("no holder of the lock panics");
        *current = Some((name.to_owned(), Instant::now()));
    }

    pub fn end(&self) {
        self.end_current();
        self.bar.finish_and_clear();
    }

    fn end_current(&self) {
        let ended = self.current.lock().expect("no holder of the lock panics").take();
        if let Some((name, start)) = ended {
            let line = format!("{name:<20} {:>6.1} s", start.elapsed().as_secs_f32());
            if self.bar.is_hidden() {
                eprintln!("{line}");
            } else {
                self.bar.println(line);
            }
        }
    }
}
