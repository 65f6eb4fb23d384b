//! The generator: sends the signed requests of all lanes, a thread for each lane.
//!
//! In an open loop each request has a time at which the request is due, whatever became of the
//! requests before, and the latency counts from that time. If the sequencer falls behind, the
//! latencies show the delay of every request that had to wait.

use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::lane::Lane;

/// Between the start of a run and its first request, so that every thread is ready.
const LEAD: Duration = Duration::from_millis(50);

/// When a request is sent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pace {
    /// As soon as the request before it on the same connection is answered. After this time no
    /// further request is sent.
    ClosedLoop { ends: Duration },
    /// At its time, at this rate over all lanes, or as soon after it as its connection is free.
    OpenLoop { requests_per_second: f64 },
}

/// The answers to the requests of a run.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// Transfers that are durable: all that were sent.
    pub acknowledged: u64,
    /// Answers that refused a request, which was then sent again.
    pub refusals: u64,
    /// From the first request's time to the last answer.
    pub time: Duration,
    /// One for each request, the shortest first.
    pub latencies: Vec<Duration>,
}

impl Run {
    /// The latency in milliseconds that this share of the requests stays within.
    pub(super) fn within_ms(&self, share: f64) -> f64 {
        let count = self.latencies.len();
        let rank = ((count as f64 * share).ceil() as usize).clamp(1, count.max(1));
        self.latencies.get(rank - 1).map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
    }

    /// Acknowledged transfers a second.
    pub(super) fn per_second(&self) -> f64 {
        self.acknowledged as f64 / self.time.as_secs_f64().max(f64::EPSILON)
    }

    fn join(mut self, other: Self) -> Self {
        self.acknowledged += other.acknowledged;
        self.refusals += other.refusals;
        self.time = self.time.max(other.time);
        self.latencies.extend(other.latencies);
        self
    }
}

/// Sends the requests of all lanes, and waits until every transfer that was sent is durable.
///
/// # Errors
/// The first error of a lane.
pub(super) fn run(lanes: &mut [Lane], pace: Pace) -> Result<Run> {
    let (start, count) = (Instant::now() + LEAD, lanes.len());
    let runs = scope(|scope| {
        let threads: Vec<_> = (0..)
            .zip(lanes)
            .map(|(number, lane)| scope.spawn(move || serve(lane, pace, (start, number, count))))
            .collect();
        threads.into_iter().map(|one| one.join().expect("a lane does not panic")).collect()
    });
    let runs: Vec<Run> = runs_of(runs)?;
    let mut all = runs.into_iter().fold(Run::default(), Run::join);
    all.latencies.sort_unstable();
    Ok(all)
}

fn runs_of(runs: Vec<Result<Run>>) -> Result<Vec<Run>> {
    runs.into_iter().collect::<Result<_>>().context("the generator's load was not taken")
}

/// Sends the requests of one lane, the lane number `number` of `count`.
fn serve(
    lane: &mut Lane,
    pace: Pace,
    (start, number, count): (Instant, u32, usize),
) -> Result<Run> {
    let mut run = Run::default();
    for turn in 0_u32.. {
        let (due, is_over) = match pace {
            Pace::ClosedLoop { ends } => {
                let now = Instant::now().max(start);
                (now, now - start > ends)
            }
            Pace::OpenLoop { requests_per_second } => {
                let place = f64::from(turn) * count as f64 + f64::from(number);
                (start + Duration::from_secs_f64(place / requests_per_second), false)
            }
        };
        if is_over {
            break;
        }
        let Some(request) = lane.next() else { break };
        sleep(due.saturating_duration_since(Instant::now()));
        run.refusals += lane.deliver(&request)?;
        run.latencies.push(due.elapsed());
        run.acknowledged += request.transfers as u64;
    }
    run.time = start.elapsed();
    Ok(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_requests_stays_within_its_latency() {
        let latencies = |count| (1..=count).map(Duration::from_millis).collect();
        let run = |count| Run { latencies: latencies(count), ..Run::default() };
        let shares = |run: Run| [0.5, 0.99, 0.999, 1.0].map(|share| run.within_ms(share));
        assert_eq!(shares(run(1_000)), [500.0, 990.0, 999.0, 1_000.0]);
        assert_eq!(shares(run(10)), [5.0, 10.0, 10.0, 10.0]);
        assert_eq!(shares(run(1)), [1.0; 4]);
        assert_eq!(shares(run(0)), [0.0; 4]);
    }

    #[test]
    fn the_runs_of_lanes_are_one_run() {
        let run = |acknowledged, seconds| Run {
            acknowledged,
            refusals: 1,
            time: Duration::from_secs(seconds),
            latencies: vec![Duration::from_secs(seconds)],
        };
        let all = run(30, 2).join(run(10, 1));
        assert_eq!((all.acknowledged, all.refusals, all.latencies.len()), (40, 2, 2));
        assert!((all.per_second() - 20.0).abs() < 1e-9);
    }
}
