//! A lane: one connection, the payers that only this connection serves, and the requests that are
//! signed for it in advance.
//!
//! A payer's transfers must arrive in the order of their nonces. A lane sends one request after
//! another, and no other lane sends for the same payers, so the transfers keep their order.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rand::SeedableRng;
use rand::rngs::StdRng;
use sheaf_ledger::Domain;
use sheaf_ledger::transaction::Payment;
use sheaf_wire::{ErrorBody, is_passing};

use super::connection::{Answer, Connection};
use super::form::Form;
use super::owners::{Owners, Payer};
use super::workload::Workload;

pub(super) const SUBMIT: &str = "/v1/transactions";
/// How long a request is sent again and again before its refusal is an error.
const PATIENCE: Duration = Duration::from_secs(120);
/// The pause before a refused request is sent again.
const RETRY_PAUSE: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(super) struct Lane {
    connection: Connection,
    form: Form,
    payers: Vec<Payer>,
    /// The payer whose turn it is.
    turn: usize,
    requests: VecDeque<Request>,
    /// Chooses the payees; every run of the measurement chooses the same.
    rng: StdRng,
}

/// A signed array of transfers.
#[derive(Debug)]
pub(super) struct Request {
    body: Vec<u8>,
    pub transfers: usize,
}

impl Lane {
    /// The lane number `number`, with its payers.
    pub(super) fn new(address: SocketAddr, form: Form, number: usize, payers: Vec<Payer>) -> Self {
        let (rng, requests) = (StdRng::seed_from_u64(number as u64), VecDeque::new());
        let connection = Connection::new(address, form.media_type());
        Self { connection, form, payers, turn: 0, requests, rng }
    }

    pub(super) const fn parts(&mut self) -> (&mut Connection, &mut Vec<Payer>) {
        (&mut self.connection, &mut self.payers)
    }

    /// Signs an array of transfers, one of each payer in turn, as the lane's last request.
    ///
    /// # Errors
    /// As `Payer::sign`.
    pub(super) fn push(
        &mut self,
        transfers: impl IntoIterator<Item = Vec<Payment>>,
        domain: &Domain,
    ) -> Result<()> {
        let mut signed = Vec::new();
        for payments in transfers {
            signed.push(self.payers[self.turn].sign(payments, domain)?);
            self.turn = (self.turn + 1) % self.payers.len();
        }
        let body = self.form.encode(&signed)?;
        self.requests.push_back(Request { body, transfers: signed.len() });
        Ok(())
    }

    /// Signs `requests` requests of a workload.
    ///
    /// # Errors
    /// As `Payer::sign`.
    pub(super) fn load(
        &mut self,
        workload: Workload,
        requests: usize,
        (owners, domain): (&Owners, &Domain),
    ) -> Result<()> {
        for _ in 0..requests {
            let draw = |_| workload.draw(owners, &mut self.rng);
            let transfers: Vec<_> = (0..workload.transfers_per_request()).map(draw).collect();
            self.push(transfers, domain)?;
        }
        Ok(())
    }

    /// Forgets the requests that were not sent. Their nonces are free again.
    pub(super) fn unload(&mut self) {
        for request in self.requests.drain(..) {
            for _ in 0..request.transfers {
                self.turn = self.turn.checked_sub(1).unwrap_or(self.payers.len() - 1);
                self.payers[self.turn].nonce -= 1;
            }
        }
    }

    /// The next request; nothing when all are sent.
    pub(super) fn next(&mut self) -> Option<Request> {
        self.requests.pop_front()
    }

    /// Sends a request until every transfer of it is durable, and returns how often the request was
    /// refused before. A request that is sent again executes nothing twice.
    ///
    /// # Errors
    /// When the sequencer does not answer, or refuses the request for longer than `PATIENCE` or for
    /// good.
    pub(super) fn deliver(&mut self, request: &Request) -> Result<u64> {
        let start = Instant::now();
        let mut refusals = 0;
        loop {
            let answer = self.connection.request("POST", SUBMIT, &request.body)?;
            let reason = refusal(&answer, self.form, request.transfers)?;
            let Some(reason) = reason else { return Ok(refusals) };
            if start.elapsed() > PATIENCE {
                bail!("a request is refused for {} s: {reason}", PATIENCE.as_secs());
            }
            refusals += 1;
            sleep(RETRY_PAUSE);
        }
    }
}

/// Why not every transfer of an array is durable; nothing if every one is.
///
/// # Errors
/// When the answer says that sending again would not help, or cannot be read.
fn refusal(answer: &Answer, form: Form, transfers: usize) -> Result<Option<String>> {
    if answer.status != 200 {
        let body: ErrorBody = serde_json::from_slice(&answer.body)
            .with_context(|| format!("an answer with status {}", answer.status))?;
        let (code, message) = (body.error.code, body.error.message);
        if !is_passing(answer.status) {
            bail!("a request is refused: {code}: {message}");
        }
        return Ok(Some(code));
    }
    let refusals = form.refusals(&answer.body)?;
    ensure!(refusals.len() == transfers, "{} answers to {transfers} transfers", refusals.len());
    Ok(refusals.into_iter().flatten().next())
}

#[cfg(test)]
mod tests {
    use sheaf_ledger::{L1Address, SignedTransaction};

    use super::*;

    fn nonces(request: &Request) -> Vec<(u32, u32)> {
        let signed: Vec<SignedTransaction> =
            serde_json::from_slice(&request.body).expect("an array of transfers");
        let terms = signed.iter().map(|one| one.transaction.terms().expect("it keeps the rules"));
        terms.map(|terms| (terms.slot, terms.nonce)).collect()
    }

    #[test]
    fn payers_take_turns_and_unsent_nonces_are_signed_again() {
        let domain = Domain::on_chain(31_337, L1Address([7; 20]));
        let (owners, mut payers) = Owners::new(10, 3).expect("they have keys");
        (0..).zip(&mut payers).for_each(|(slot, payer)| payer.slot = slot);
        let mut lane = Lane::new(([127, 0, 0, 1], 9).into(), Form::Json, 0, payers);
        let draw = |count| (0..count).map(|_| Workload::Uniform.draw(&owners, &mut rand::rng()));
        lane.push(draw(2), &domain).expect("signed");
        lane.push(draw(4), &domain).expect("signed");
        let first = lane.next().expect("the first request");
        assert_eq!(nonces(&first), [(0, 0), (1, 0)]);
        lane.unload();
        assert!(lane.next().is_none());
        lane.push(draw(3), &domain).expect("signed");
        assert_eq!(nonces(&lane.next().expect("the next")), [(2, 0), (0, 1), (1, 1)]);
    }

    #[test]
    fn only_an_array_of_durable_transfers_is_acknowledged() {
        let told = |status, body: &str| {
            refusal(&Answer { status, body: body.as_bytes().to_vec() }, Form::Json, 2).ok()
        };
        let durable = r#"{"durable":true}"#;
        let held = r#"{"durable":false}"#;
        let late = r#"{"durable":false,"error":{"code":"owner_limit"}}"#;
        let array = |last: &str| format!(r#"{{"results":[{durable},{last}]}}"#);
        assert_eq!(told(200, &array(durable)), Some(None));
        assert_eq!(told(200, &array(held)), Some(Some("not durable".to_owned())));
        assert_eq!(told(200, &array(late)), Some(Some("owner_limit".to_owned())));
        assert_eq!(told(200, r#"{"results":[]}"#), None);
        let refused = r#"{"error":{"code":"overloaded","message":"come back"}}"#;
        assert_eq!(told(503, refused), Some(Some("overloaded".to_owned())));
        assert_eq!(told(400, refused), None);
    }
}
