//! Whom the measured transfers pay.

use clap::ValueEnum;
use rand::Rng;
use sheaf_ledger::transaction::Payment;

use super::owners::Owners;

/// L2 units of each payment.
const AMOUNT: u64 = 1;
/// Payments of a transfer to many.
const MULTI_PAYMENTS: usize = 64;
/// Single transfers in one request.
const SINGLES_PER_REQUEST: usize = 64;
/// Transfers to many in one request: 1,024 payments, so that a request on every connection fits
/// into the sequencer's intake.
const MULTIS_PER_REQUEST: usize = 16;

/// A pattern of payments. The payers take turns in every pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Workload {
    /// Single transfers, each owner as likely to be paid as any other
    Uniform,
    /// Single transfers, the n-th owner paid 1/n as often as the first
    Zipf,
    /// Single transfers, every other one to the same slot
    Hot,
    /// Transfers of 64 payments, each owner as likely as any other
    Multi,
}

impl Workload {
    /// Payments of a transfer.
    pub(super) const fn payments(self) -> usize {
        match self {
            Self::Uniform | Self::Zipf | Self::Hot => 1,
            Self::Multi => MULTI_PAYMENTS,
        }
    }

    /// Transfers in one request.
    pub(super) const fn transfers_per_request(self) -> usize {
        match self {
            Self::Uniform | Self::Zipf | Self::Hot => SINGLES_PER_REQUEST,
            Self::Multi => MULTIS_PER_REQUEST,
        }
    }

    /// The key of the sustained rate in the report.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Uniform => "sustained_transfers_per_second",
            Self::Zipf => "sustained_transfers_per_second_zipf",
            Self::Hot => "sustained_transfers_per_second_hot",
            Self::Multi => "sustained_payments_per_second",
        }
    }

    /// The payments of one transfer.
    pub(super) fn draw(self, owners: &Owners, rng: &mut impl Rng) -> Vec<Payment> {
        let mut payment = || {
            let number = self.payee(owners.count(), rng);
            Payment { owner: owners.get(number), amount: AMOUNT }
        };
        (0..self.payments()).map(|_| payment()).collect()
    }

    /// The number of an owner to pay, below `count`.
    fn payee(self, count: u32, rng: &mut impl Rng) -> u32 {
        let last = count - 1;
        match self {
            // The last owner is no payer, so the hot slot pays nobody.
            Self::Hot if rng.random() => last,
            Self::Uniform | Self::Hot | Self::Multi => rng.random_range(0..count),
            // The inverse of the distribution function ln n / ln (count + 1).
            Self::Zipf => {
                let rank = (f64::from(count) + 1.0).powf(rng.random());
                (rank as u32 - 1).min(last)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    const COUNT: u32 = 1_000;
    const DRAWS: u32 = 20_000;

    /// The share of draws that pay an owner of these numbers.
    fn share(workload: Workload, numbers: std::ops::Range<u32>) -> f64 {
        let mut rng = StdRng::seed_from_u64(1);
        let draws = (0..DRAWS).map(|_| workload.payee(COUNT, &mut rng));
        let hits = draws.filter(|number| numbers.contains(number)).count();
        hits as f64 / f64::from(DRAWS)
    }

    #[test]
    fn payees_are_as_likely_as_the_pattern_says() {
        let near = |share: f64, expected: f64| (share - expected).abs() < 0.02;
        assert!(near(share(Workload::Uniform, 0..100), 0.1));
        assert!(near(share(Workload::Hot, COUNT - 1..COUNT), 0.5));
        assert!(near(share(Workload::Hot, 0..100), 0.05));
        // 1/1 of H(1000) = 7.49, and the first ten of them.
        assert!(near(share(Workload::Zipf, 0..10), 11_f64.ln() / 1_001_f64.ln()));
        assert!(near(share(Workload::Zipf, 0..1), 2_f64.ln() / 1_001_f64.ln()));
        assert!(share(Workload::Zipf, COUNT / 2..COUNT) > 0.05);
    }

    #[test]
    fn a_transfer_has_as_many_payments_as_the_pattern_says() {
        let (owners, _) = Owners::new(COUNT, 2).expect("they have keys");
        let mut rng = StdRng::seed_from_u64(1);
        for (workload, payments) in [(Workload::Uniform, 1), (Workload::Multi, 64)] {
            assert_eq!(workload.draw(&owners, &mut rng).len(), payments);
        }
    }
}
