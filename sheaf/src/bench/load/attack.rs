//! Clients that send wrong signatures as fast as they are answered.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Scope, ScopedJoinHandle};

use anyhow::{Result, ensure};
use sheaf_ledger::transaction::Payment;
use sheaf_ledger::{Domain, SignedTransaction};

use super::connection::Connection;
use super::form::Form;
use super::lane::SUBMIT;
use super::owners::Payer;

/// Connections that send wrong signatures.
pub(super) const ATTACKERS: usize = 4;

/// An array of transfers that keep every rule but for their signatures: each has the signature of
/// the transfer after it. The payer's slot is charged nothing, so the array stays as good as new.
///
/// # Errors
/// As `Payer::sign`.
pub(super) fn wrong_signatures(
    payer: &mut Payer,
    payments: impl IntoIterator<Item = Vec<Payment>>,
    domain: &Domain,
) -> Result<Vec<SignedTransaction>> {
    let nonce = payer.nonce;
    let signed = payments.into_iter().map(|payments| payer.sign(payments, domain));
    let mut signed = signed.collect::<Result<Vec<_>>>()?;
    payer.nonce = nonce;
    let mut signatures: Vec<_> = signed.iter().map(|one| one.signature).collect();
    signatures.rotate_left(1);
    signed.iter_mut().zip(signatures).for_each(|(one, signature)| one.signature = signature);
    Ok(signed)
}

/// Sends an array of wrong signatures on each of `ATTACKERS` connections until `is_over`. Each
/// thread returns how often it has sent the array.
pub(super) fn start<'scope>(
    scope: &'scope Scope<'scope, '_>,
    address: SocketAddr,
    (form, body): (Form, &'scope [u8]),
    is_over: &'scope AtomicBool,
) -> [ScopedJoinHandle<'scope, Result<u64>>; ATTACKERS] {
    [(); ATTACKERS].map(|()| scope.spawn(move || send(address, (form, body), is_over)))
}

fn send(address: SocketAddr, (form, body): (Form, &[u8]), is_over: &AtomicBool) -> Result<u64> {
    let mut connection = Connection::new(address, form.media_type());
    let mut sent = 0;
    while !is_over.load(Ordering::Relaxed) {
        let answer = connection.request("POST", SUBMIT, body)?;
        if answer.status == 200 {
            let is_taken = form.refusals(&answer.body)?.iter().any(Option::is_none);
            ensure!(!is_taken, "a wrong signature is taken");
        }
        sent += 1;
    }
    Ok(sent)
}
