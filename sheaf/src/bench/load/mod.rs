//! The sequencer under load: what it acknowledges, seals and roots a second for a minute, how long
//! acknowledgements take, and what a transfer costs.
//!
//! The measured sequencer runs in a process of its own (`server`), without an L1 and with
//! development proofs. The generator, in this process, signs every transfer before it is timed and
//! then sends arrays over keep-alive connections in an open loop: each request has a time at which
//! the request is due, and the latency counts from that time. Both processes share the machine, so
//! the generator's cost is part of every figure.
//!
//! Where to begin reading: `trial` offers loads, `generator` sends them, `preparation` makes the
//! database.

mod attack;
mod chart;
mod connection;
mod form;
mod generator;
mod lane;
mod owners;
mod peer;
mod preparation;
mod scale;
pub(crate) mod server;
mod trial;
mod usage;
mod window;
mod workload;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::scope;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use tokio::task::spawn_blocking;

use super::report::{Bound, Report};
use super::sequencer;
use crate::{output, shutdown};
use attack::ATTACKERS;
use chart::{Point, chart};
use form::Form;
use generator::Run;
use scale::{CONNECTIONS, Scale};
use server::{Place, Server, Target};
use trial::Trial;
use usage::Usage;
use workload::Workload;

pub(crate) use scale::Options;

/// The loads of the table, in percent of the sustained load.
const LOADS_PERCENT: [u32; 5] = [25, 50, 75, 90, 100];
/// Wrong signatures in one request, as many as a request may carry; few in a quick run.
const WRONG_SIGNATURES: usize = 1_024;

/// Measures the sequencer under load, and writes the chart to `load.svg` in `out`. Await this on
/// the program's main thread, to which the kernel ties the sequencer's process.
///
/// # Errors
/// When the sequencer does not start, ends or does not answer, or the program is told to stop.
pub(super) async fn measure(options: &Options, out: &Path) -> Result<Report> {
    let scale = options.scale()?;
    // Not the system's temporary folder, which may be in memory: a disk is measured, too.
    let made = fs::create_dir_all(out).and_then(|()| tempfile::tempdir_in(out));
    let temporary = made.with_context(|| format!("cannot make a folder in {}", out.display()))?;
    let folder = options.prepared.as_deref().unwrap_or(temporary.path());
    let place = Place::new(folder, options.database.as_deref());
    let (report, points) = tokio::select! {
        stop = shutdown::requested() => {
            stop?;
            bail!("stopped before the measurement's end")
        }
        measured = measure_all(place, scale) => measured?,
    };
    let path = out.join("load.svg");
    fs::write(&path, chart(&points)).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(report)
}

/// Measures a sequencer on its place. For PostgreSQL, also measures sustained payments on SQLite in
/// the same run, and compares the two.
async fn measure_all(place: Place, scale: Scale) -> Result<(Report, Vec<Point>)> {
    let on_sqlite = place.on_sqlite()?;
    let (mut report, points) = measure_in(place, scale.clone()).await?;
    if let (Some(place), Some(reached)) = (on_sqlite, report.value(Workload::Multi.key())) {
        output::note("the same payments on SQLite");
        let sustained = payments_on(place, scale).await?;
        report.add("sustained_payments_per_second_sqlite", sustained, Bound::None);
        report.add("postgres_over_sqlite", reached / sustained, Bound::AtLeast(0.6));
    }
    Ok((report, points))
}

/// Starts a sequencer on a place. Returns the place's folder as well if its database is new.
async fn begin(place: &Place, scale: &Scale) -> Result<(Server, Option<PathBuf>)> {
    let is_prepared = preparation::is_done(place, scale)?;
    if !is_prepared {
        preparation::deposit(place).await?;
    }
    let (server, _) = Server::start(place).await?;
    Ok((server, (!is_prepared).then(|| place.folder.clone())))
}

/// A trial of a running sequencer, whose payers know their slots. `unprepared` is the sequencer's
/// folder, if its database is new.
fn ready(scale: Scale, target: Target, unprepared: Option<&Path>) -> Result<Trial> {
    let mut trial = Trial::new(scale, target)?;
    match unprepared {
        Some(folder) => preparation::prepare(&mut trial, folder)?,
        None => trial.learn_payers()?,
    }
    Ok(trial)
}

/// The sustained payments a second of a sequencer on a place, in transfers of many payments.
async fn payments_on(place: Place, scale: Scale) -> Result<f64> {
    let (mut server, unprepared) = begin(&place, &scale).await?;
    let target = server.target();
    let work = spawn_blocking(move || {
        let mut trial = ready(scale, target, unprepared.as_deref())?;
        let sustained = trial.sustained(Workload::Multi)?;
        anyhow::Ok(sustained.offered * Workload::Multi.payments() as f64)
    });
    let sustained = server.during(async { work.await? }).await?;
    server.stop().await?;
    Ok(sustained)
}

async fn measure_in(place: Place, scale: Scale) -> Result<(Report, Vec<Point>)> {
    let (signers, of_peer) = (scale.signers, scale.clone());
    let (mut server, unprepared) = begin(&place, &scale).await?;
    let target = server.target();
    let work = spawn_blocking(move || measure_running(scale, target, unprepared.as_deref()));
    let (mut trial, mut report, points) = server.during(async { work.await? }).await?;
    server.stop().await?;
    output::note("starting the sequencer again");
    let (mut server, start) = Server::start(&place).await?;
    report.add("start_seconds", start.as_secs_f64(), Bound::AtMost(5.0));
    let target = server.target();
    let work = spawn_blocking(move || trial.check_nonces(target));
    server.during(async { work.await? }).await?;
    match place.of_follower()? {
        Some(place) => take_over(server, &place, &mut report).await?,
        None => server.stop().await?,
    }
    output::note("a route that only parses");
    peer::measure(&of_peer, &mut report).await?;
    let measured = spawn_blocking(move || {
        sequencer::signatures(&mut report, signers)?;
        anyhow::Ok(report)
    });
    Ok((measured.await??, points))
}

/// Has a second sequencer follow, kills the first one, and measures how long nobody leads.
async fn take_over(leader: Server, place: &Place, report: &mut Report) -> Result<()> {
    output::note("a second sequencer follows, and takes over from the first one");
    let mut follower = Server::follow(place).await?;
    leader.kill()?;
    let start = Instant::now();
    follower.leads().await?;
    report.add("takeover_seconds", start.elapsed().as_secs_f64(), Bound::AtMost(5.0));
    follower.stop().await
}

/// Measures what a running sequencer shows; `unprepared` as for `ready`.
fn measure_running(
    scale: Scale,
    target: Target,
    unprepared: Option<&Path>,
) -> Result<(Trial, Report, Vec<Point>)> {
    let mut trial = ready(scale, target, unprepared)?;
    let mut report = Report::new("load");
    let sustained = rates(&mut trial, &mut report)?;
    let window = trial.scale().window;
    output::note("latency at half of the sustained load");
    let half = trial.window(Workload::Uniform, sustained / 2.0, window)?.run;
    report.add("ack_p50_ms", half.within_ms(0.5), Bound::None);
    report.add("ack_p99_ms", half.within_ms(0.99), Bound::AtMost(50.0));
    report.add("ack_p999_ms", half.within_ms(0.999), Bound::None);
    attacked(&mut trial, &mut report, sustained / 2.0)?;
    let points = table(&mut trial, &mut report, sustained)?;
    let resident = Usage::of(target.process)?.resident;
    let (key, bound) = memory_bound(trial.scale().slots);
    report.add(key, resident as f64, bound);
    report.add("slots", trial.scale().slots.into(), Bound::None);
    report.add("history_transfers", trial.scale().history.into(), Bound::None);
    report.add("window_seconds", window.as_secs_f64(), Bound::None);
    report.add("connections", CONNECTIONS as f64, Bound::None);
    let transfers = Workload::Uniform.transfers_per_request();
    report.add("transfers_per_request", transfers as f64, Bound::None);
    let is_binary = trial.scale().form == Form::Binary;
    report.add("binary_form", f64::from(u8::from(is_binary)), Bound::None);
    report.add("acknowledged_transactions", trial.acknowledged() as f64, Bound::None);
    Ok((trial, report, points))
}

/// Measures the sustained rates and what a transfer costs at them. Returns the rate of uniform
/// single transfers.
fn rates(trial: &mut Trial, report: &mut Report) -> Result<f64> {
    let singles = trial.sustained(Workload::Uniform)?;
    report.add(Workload::Uniform.key(), singles.offered, Bound::AtLeast(20e3));
    let written = singles.per_transfer(singles.written as f64);
    report.add("written_bytes_per_transfer", written, Bound::AtMost(1e3));
    let cpu = singles.per_transfer(singles.cpu.as_secs_f64() * 1e6);
    report.add("cpu_us_per_transfer", cpu, Bound::None);
    for workload in trial.scale().workloads.clone() {
        let window = trial.sustained(workload)?;
        let payments = workload.payments() as f64;
        let is_multi = workload == Workload::Multi;
        let bound = if is_multi { Bound::AtLeast(100e3) } else { Bound::None };
        report.add(workload.key(), window.offered * payments, bound);
        if is_multi {
            let each = |figure| window.per_transfer(figure) / payments;
            report.add("written_bytes_per_payment", each(window.written as f64), Bound::None);
            report.add("cpu_us_per_payment", each(window.cpu.as_secs_f64() * 1e6), Bound::None);
        }
    }
    Ok(singles.offered)
}

/// Measures the latency of an honest load while others send wrong signatures.
fn attacked(trial: &mut Trial, report: &mut Report, offered: f64) -> Result<()> {
    output::note(format_args!("the same while {ATTACKERS} connections send wrong signatures"));
    let (scale, target) = (trial.scale(), trial.target());
    let (window, count) = (scale.window, WRONG_SIGNATURES.min(scale.probe_payments / 8));
    let mut attackers = owners::rich()?;
    trial::learn(&mut target.control(), &mut attackers[..1])?;
    let draw = |_| Workload::Uniform.draw(trial.owners(), &mut rand::rng());
    let payments = (0..count).map(draw);
    let wrong = attack::wrong_signatures(&mut attackers[0], payments, trial.domain())?;
    let (form, body) = (scale.form, scale.form.encode(&wrong)?);
    let is_over = AtomicBool::new(false);
    let (honest, sent): (Run, u64) = scope(|scope| {
        let threads = attack::start(scope, target.address, (form, &body), &is_over);
        let honest = trial.window(Workload::Uniform, offered, window);
        is_over.store(true, Ordering::Relaxed);
        let sent = threads.into_iter().map(|one| one.join().expect("no attacker panics"));
        let sent = sent.sum::<Result<u64>>().context("an attacker has failed")?;
        anyhow::Ok((honest?.run, sent))
    })?;
    let key = "ack_p99_ms_under_bad_signatures";
    report.add(key, honest.within_ms(0.99), Bound::AtMost(200.0));
    let wrong = sent as f64 * count as f64 / honest.time.as_secs_f64().max(f64::EPSILON);
    report.add("bad_signatures_per_second", wrong, Bound::None);
    Ok(())
}

/// Measures the latencies at shares of the sustained load.
fn table(trial: &mut Trial, report: &mut Report, sustained: f64) -> Result<Vec<Point>> {
    let mut points = Vec::new();
    for percent in LOADS_PERCENT {
        let offered = sustained * f64::from(percent) / 100.0;
        output::note(format_args!("latency at {offered:.0} transfers/s, {percent} %"));
        let run = trial.window(Workload::Uniform, offered, trial.scale().table_window)?.run;
        let latencies_ms = [0.5, 0.99, 0.999].map(|share| run.within_ms(share));
        for (name, latency) in ["p50", "p99", "p999"].into_iter().zip(latencies_ms) {
            report.add(format!("ack_{name}_ms_at_{percent}_percent"), latency, Bound::None);
        }
        points.push(Point { offered, latencies_ms });
    }
    Ok(points)
}

/// The key of the resident memory, which names the number of slots, and its bound.
fn memory_bound(slots: u32) -> (String, Bound) {
    const MILLION: u32 = 1_000_000;
    if slots.is_multiple_of(MILLION) {
        let bound = match slots / MILLION {
            1 => Bound::AtMost(0.5e9),
            10 => Bound::AtMost(4e9),
            _ => Bound::None,
        };
        (format!("rss_bytes_{}m_slots", slots / MILLION), bound)
    } else {
        (format!("rss_bytes_{slots}_slots"), Bound::None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_for_the_sizes_that_have_a_bound() {
        let bound = |slots| match memory_bound(slots) {
            (key, Bound::AtMost(bytes)) => (key, Some(bytes)),
            (key, Bound::AtLeast(_) | Bound::None) => (key, None),
        };
        assert_eq!(bound(1_000_000), ("rss_bytes_1m_slots".to_owned(), Some(0.5e9)));
        assert_eq!(bound(10_000_000), ("rss_bytes_10m_slots".to_owned(), Some(4e9)));
        assert_eq!(bound(2_000_000), ("rss_bytes_2m_slots".to_owned(), None));
        assert_eq!(bound(2_048), ("rss_bytes_2048_slots".to_owned(), None));
    }
}
