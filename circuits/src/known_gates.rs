//! The gates that a stored circuit may have: plonky2's gates that the circuits here use, and
//! Sheaf's own.

use plonky2::gates::arithmetic_base::ArithmeticGate;
use plonky2::gates::arithmetic_extension::ArithmeticExtensionGate;
use plonky2::gates::base_sum::BaseSumGate;
use plonky2::gates::constant::ConstantGate;
use plonky2::gates::coset_interpolation::CosetInterpolationGate;
use plonky2::gates::exponentiation::ExponentiationGate;
use plonky2::gates::multiplication_extension::MulExtensionGate;
use plonky2::gates::noop::NoopGate;
use plonky2::gates::poseidon::PoseidonGate;
use plonky2::gates::poseidon_mds::PoseidonMdsGate;
use plonky2::gates::public_input::PublicInputGate;
use plonky2::gates::random_access::RandomAccessGate;
use plonky2::gates::reducing::ReducingGate;
use plonky2::gates::reducing_extension::ReducingExtensionGate;
use plonky2::util::serialization::GateSerializer;
use plonky2::{get_gate_tag_impl, impl_gate_serializer, read_gate_impl};
use sheaf_plonk::gates::range_check::RangeCheckRow;
use sheaf_plonk::gates::rules::RulesGate;
use sheaf_plonk::proof::{D, F};

use crate::data::chain_walk::ChainWalkGate;
use crate::data::limbs::LimbGate;
use crate::data::multiply_add::MultiplyAddGate;
use crate::data::reduce::ReduceGate;
use crate::entry::access::AccessRow;
use crate::entry::publish::PublishRow;
use crate::entry::subject::SubjectRow;
use crate::entry::transaction::TransactionRow;
use crate::signature::double_and_add::DoubleAndAddRow;
use crate::signature::open_signature::OpenSignatureRow;

/// Writes and reads gates by their position in the list below, so that another order would change
/// the format of the keys' folder.
#[derive(Clone, Copy, Debug)]
pub struct KnownGates;

impl GateSerializer<F, D> for KnownGates {
    impl_gate_serializer! {
        KnownGates,
        ArithmeticGate,
        ArithmeticExtensionGate<D>,
        BaseSumGate<2>,
        ConstantGate,
        CosetInterpolationGate<F, D>,
        ExponentiationGate<F, D>,
        MulExtensionGate<D>,
        NoopGate,
        PoseidonGate<F, D>,
        PoseidonMdsGate<F, D>,
        PublicInputGate,
        RandomAccessGate<F, D>,
        ReducingGate<D>,
        ReducingExtensionGate<D>,
        RulesGate<RangeCheckRow>,
        RulesGate<AccessRow>,
        RulesGate<TransactionRow>,
        RulesGate<PublishRow>,
        RulesGate<SubjectRow>,
        RulesGate<OpenSignatureRow>,
        RulesGate<DoubleAndAddRow>,
        ChainWalkGate,
        LimbGate,
        MultiplyAddGate,
        ReduceGate
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use plonky2::gates::gate::Gate;

    use super::*;

    /// plonky2 takes two gates with one name for the same gate.
    #[test]
    fn every_gate_has_a_name_of_its_own() {
        let names = [
            RulesGate::<RangeCheckRow>::new().id(),
            RulesGate::<AccessRow>::new().id(),
            RulesGate::<TransactionRow>::new().id(),
            RulesGate::<PublishRow>::new().id(),
            RulesGate::<SubjectRow>::new().id(),
            RulesGate::<OpenSignatureRow>::new().id(),
            RulesGate::<DoubleAndAddRow>::new().id(),
            ChainWalkGate::new().id(),
            LimbGate::new().id(),
            MultiplyAddGate::new().id(),
            ReduceGate::new().id(),
        ];
        let distinct: BTreeSet<&String> = names.iter().collect();
        assert_eq!(distinct.len(), names.len(), "{names:?}");
    }
}
