//! A trial: loads of known rates on the measured sequencer, and the search for the highest that the
//! sequencer keeps up with.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rayon::prelude::*;
use sheaf_ledger::Domain;
use sheaf_wire::accounts::AccountBody;
use sheaf_wire::batches::ClosedBody;
use sheaf_wire::status::StatusBody;

use super::connection::Connection;
use super::generator::{Pace, Run, run};
use super::lane::Lane;
use super::owners::{Owners, Payer, RICH, TOKEN};
use super::scale::{CONNECTIONS, Scale};
use super::server::{Target, domain};
use super::usage::Usage;
use super::window::{STEP, Window};
use super::workload::Workload;
use crate::output;

/// Loads that the search tries.
const STEPS_MAX: usize = 24;
/// How long sealing may take to follow, how often the sequencer is asked, and how long the newest
/// sealed batch must stand still where no number says which batch is the last one.
const SETTLING_MAX: Duration = Duration::from_secs(600);
const SETTLING_PAUSE: Duration = Duration::from_millis(10);
const SETTLED: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Trial {
    scale: Scale,
    target: Target,
    control: Connection,
    owners: Owners,
    domain: Domain,
    lanes: Vec<Lane>,
    /// Transactions that were acknowledged, those of the preparation included.
    acknowledged: u64,
}

impl Trial {
    /// A trial of a running sequencer. The payers do not know their slots yet.
    ///
    /// # Errors
    /// Never in practice: every owner that pays has a key.
    pub(super) fn new(scale: Scale, target: Target) -> Result<Self> {
        output::note(format_args!("deriving {} keys", scale.payers));
        let (owners, payers) = Owners::new(scale.slots - RICH, scale.payers)?;
        let mut shares: Vec<Vec<Payer>> = (0..CONNECTIONS).map(|_| Vec::new()).collect();
        for (number, payer) in payers.into_iter().enumerate() {
            shares[number % CONNECTIONS].push(payer);
        }
        let lanes = shares.into_iter().enumerate();
        let lanes =
            lanes.map(|(number, payers)| Lane::new(target.address, scale.form, number, payers));
        let (lanes, control, domain) = (lanes.collect(), target.control(), domain());
        Ok(Self { scale, target, control, owners, domain, lanes, acknowledged: 0 })
    }

    pub(super) const fn scale(&self) -> &Scale {
        &self.scale
    }

    pub(super) const fn target(&self) -> Target {
        self.target
    }

    pub(super) const fn owners(&self) -> &Owners {
        &self.owners
    }

    pub(super) const fn domain(&self) -> &Domain {
        &self.domain
    }

    pub(super) const fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    pub(super) const fn count(&mut self, run: &Run) {
        self.acknowledged += run.acknowledged;
    }

    /// Asks the sequencer for slot and nonce of every payer.
    ///
    /// # Errors
    /// When a payer has no slot.
    pub(super) fn learn_payers(&mut self) -> Result<()> {
        self.lanes.par_iter_mut().try_for_each(|lane| {
            let (connection, payers) = lane.parts();
            learn(connection, payers)
        })
    }

    /// Checks that a sequencer that was started again knows every acknowledged transfer: each
    /// payer's nonce is the one to sign next.
    ///
    /// # Errors
    /// When a nonce differs.
    pub(super) fn check_nonces(&mut self, target: Target) -> Result<()> {
        self.lanes.par_iter_mut().try_for_each(|lane| {
            let (_, payers) = lane.parts();
            let mut connection = target.control();
            for payer in payers {
                let (slot, nonce) = place_of(&mut connection, payer)?;
                let found = (slot, nonce) == (payer.slot, payer.nonce);
                ensure!(found, "slot {slot} has lost acknowledged transfers: nonce {nonce}");
            }
            Ok(())
        })
    }

    /// Signs so many transfers, or a few more for whole requests, on all lanes alike.
    ///
    /// # Errors
    /// Never in practice: the payments keep the rules.
    pub(super) fn load(&mut self, workload: Workload, transfers: usize) -> Result<()> {
        let requests = transfers.div_ceil(workload.transfers_per_request());
        let tools = (&self.owners, &self.domain);
        self.lanes.par_iter_mut().enumerate().try_for_each(|(number, lane)| {
            let share = requests / CONNECTIONS + usize::from(number < requests % CONNECTIONS);
            lane.load(workload, share, tools)
        })
    }

    /// Sends what is signed.
    ///
    /// # Errors
    /// As `generator::run`.
    pub(super) fn run(&mut self, pace: Pace) -> Result<Run> {
        let run = run(&mut self.lanes, pace)?;
        self.count(&run);
        Ok(run)
    }

    /// Closes the open batch and waits until it is sealed. Returns how many closed batches were
    /// unsealed before.
    ///
    /// # Errors
    /// When sealing does not follow within `SETTLING_MAX`.
    pub(super) fn settle(&mut self) -> Result<u64> {
        let start = Instant::now();
        let sealed = self.sealed()?;
        let answer = self.control.request("POST", "/v1/batches", &[])?;
        let last = match answer.status {
            202 => Some(serde_json::from_slice::<ClosedBody>(&answer.body)?.batch),
            // No batch is open; those before may be unsealed.
            409 => None,
            status => bail!("closing a batch: {status}"),
        };
        let (mut newest, mut moved) = (sealed, Instant::now());
        while last.map_or(moved.elapsed() < SETTLED, |last| newest < last) {
            ensure!(start.elapsed() < SETTLING_MAX, "batches stay unsealed");
            sleep(SETTLING_PAUSE);
            let now = self.sealed()?;
            if now > newest {
                (newest, moved) = (now, Instant::now());
            }
        }
        // The batch that was open is not counted.
        Ok(last.map_or(newest, |last| last - 1).saturating_sub(sealed))
    }

    fn sealed(&mut self) -> Result<u64> {
        Ok(self.status()?.sealed_batch)
    }

    /// What the sequencer says of itself.
    ///
    /// # Errors
    /// When the sequencer does not answer.
    pub(super) fn status(&mut self) -> Result<StatusBody> {
        self.control.json("GET", "/v1/status")
    }

    /// Offers a load of so many transfers a second for some time.
    ///
    /// # Errors
    /// When the sequencer does not answer.
    pub(super) fn window(
        &mut self,
        workload: Workload,
        offered: f64,
        time: Duration,
    ) -> Result<Window> {
        let requests_per_second = offered / workload.transfers_per_request() as f64;
        self.load(workload, (offered * time.as_secs_f64()).ceil() as usize)?;
        let before = Usage::of(self.target.process)?;
        let start = Instant::now();
        let run = self.run(Pace::OpenLoop { requests_per_second })?;
        let unsealed = self.settle()?;
        let rooted = start.elapsed();
        let after = Usage::of(self.target.process)?;
        let (cpu, written) = (after.cpu - before.cpu, after.written - before.written);
        Ok(Window { offered, run, unsealed, rooted, scheduled: time, cpu, written })
    }

    /// The highest load that the sequencer keeps up with for the window: a closed loop finds what
    /// the sequencer acknowledges at most, and loads below that are tried until one is sustained.
    ///
    /// # Errors
    /// When the sequencer does not answer, or keeps up with no load.
    pub(super) fn sustained(&mut self, workload: Workload) -> Result<Window> {
        let payments = workload.payments();
        self.load(workload, self.scale.probe_payments / payments)?;
        let probe = self.run(Pace::ClosedLoop { ends: self.scale.probe })?;
        self.lanes.iter_mut().for_each(Lane::unload);
        self.settle()?;
        output::note(format_args!("{workload:?}: {:.0}/s in a closed loop", probe.per_second()));
        let most = self.scale.payments_per_second_max / payments as f64;
        let mut offered = (probe.per_second() * STEP).min(most);
        for _ in 0..STEPS_MAX {
            let window = self.window(workload, offered, self.scale.window)?;
            let verdict = if window.is_sustained() { "sustained" } else { "too much" };
            output::note(format_args!(
                "{workload:?}: {offered:.0}/s {verdict}: p99 {:.1} ms, {} batches unsealed, \
                 {} refusals",
                window.run.within_ms(0.99),
                window.unsealed,
                window.run.refusals,
            ));
            if window.is_sustained() {
                return Ok(window);
            }
            offered = window.next_load();
        }
        bail!("no load of {STEPS_MAX} is sustained")
    }
}

/// Asks the sequencer for slot and nonce of these payers.
///
/// # Errors
/// When one has no slot.
pub(super) fn learn(connection: &mut Connection, payers: &mut [Payer]) -> Result<()> {
    for payer in payers {
        (payer.slot, payer.nonce) = place_of(connection, payer)?;
    }
    Ok(())
}

/// A payer's slot, and the nonce to sign next.
fn place_of(connection: &mut Connection, payer: &Payer) -> Result<(u32, u32)> {
    let owner = payer.owner();
    let account: AccountBody = connection.json("GET", &format!("/v1/accounts/{owner}"))?;
    let slot = account.slot_of(TOKEN).with_context(|| format!("{owner} has no slot"))?;
    Ok((slot.slot, slot.next_nonce))
}
