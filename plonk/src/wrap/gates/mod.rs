//! The gates of the outer circuit as constraints: each module states, over the opened wires and
//! constants at ζ, the same polynomials in the same order as plonky2's `eval_unfiltered` of that
//! gate. `vanishing` multiplies the polynomials of each gate by the gate's [`Filter`], which limits
//! them to the rows that use the gate.

mod arithmetic;
mod interpolation;
mod poseidon;
mod random_access;
mod reducing;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::ops::Range;

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::PrimeField64;
use plonky2::gates::arithmetic_base::ArithmeticGate;
use plonky2::gates::arithmetic_extension::ArithmeticExtensionGate;
use plonky2::gates::base_sum::BaseSumGate;
use plonky2::gates::constant::ConstantGate;
use plonky2::gates::coset_interpolation::CosetInterpolationGate;
use plonky2::gates::exponentiation::ExponentiationGate;
use plonky2::gates::gate::GateRef;
use plonky2::gates::multiplication_extension::MulExtensionGate;
use plonky2::gates::noop::NoopGate;
use plonky2::gates::poseidon::PoseidonGate;
use plonky2::gates::poseidon_mds::PoseidonMdsGate;
use plonky2::gates::public_input::PublicInputGate;
use plonky2::gates::random_access::RandomAccessGate;
use plonky2::gates::reducing::ReducingGate;
use plonky2::gates::reducing_extension::ReducingExtensionGate;

use super::builder::Builder;
use super::extension::{Algebra, Ext};
use super::goldilocks::Element;
use crate::error::Error;
use crate::outer::D;

type F = GoldilocksField;

/// A gate that the wrap can evaluate, with the parameters that shape its constraints.
#[derive(Clone, Debug)]
pub(super) enum Gate {
    Arithmetic { operations: usize },
    ArithmeticExtension { operations: usize },
    MulExtension { operations: usize },
    BaseSum { limbs: usize },
    Constant { constants: usize },
    Noop,
    PublicInput,
    Reducing { coefficients: usize },
    ReducingExtension { coefficients: usize },
    Exponentiation { bits: usize },
    RandomAccess { bits: usize, copies: usize, extra_constants: usize },
    CosetInterpolation { subgroup_bits: usize, degree: usize, weights: Vec<u64> },
    Poseidon,
    PoseidonMds,
}

/// What a gate's constraints read: the proof's openings at ζ and the public inputs' hash.
pub(super) struct GateInputs<'a> {
    /// The constants after the selectors.
    pub(super) constants: &'a [Ext],
    pub(super) wires: &'a [Ext],
    pub(super) public_inputs_hash: &'a [Element],
}

impl GateInputs<'_> {
    /// The pair of wires `start, start + 1` as an algebra element.
    fn algebra(&self, start: usize) -> Algebra {
        [self.wires[start].clone(), self.wires[start + 1].clone()]
    }
}

fn downcast<T: 'static>(gate: &dyn Any) -> Option<&T> {
    gate.downcast_ref::<T>()
}

impl Gate {
    /// Recognises a gate of the outer circuit.
    ///
    /// # Errors
    /// [`Error::UnsupportedGate`] for a gate that no variant of [`Gate`] describes.
    pub(super) fn recognise(gate: &GateRef<F, D>) -> Result<Self, Error> {
        let any = gate.0.as_any();
        Self::recognise_arithmetic(any)
            .or_else(|| Self::recognise_structure(any))
            .or_else(|| {
                // A `ConstantGate` has one constraint for each constant; its count is private.
                downcast::<ConstantGate>(any)
                    .map(|_| Self::Constant { constants: gate.0.num_constraints() })
            })
            .ok_or_else(|| Error::UnsupportedGate { id: gate.0.id() })
    }

    fn recognise_arithmetic(any: &dyn Any) -> Option<Self> {
        if let Some(gate) = downcast::<ArithmeticGate>(any) {
            return Some(Self::Arithmetic { operations: gate.num_ops });
        }
        if let Some(gate) = downcast::<ArithmeticExtensionGate<D>>(any) {
            return Some(Self::ArithmeticExtension { operations: gate.num_ops });
        }
        if let Some(gate) = downcast::<MulExtensionGate<D>>(any) {
            return Some(Self::MulExtension { operations: gate.num_ops });
        }
        if let Some(gate) = downcast::<ReducingGate<D>>(any) {
            return Some(Self::Reducing { coefficients: gate.num_coeffs });
        }
        if let Some(gate) = downcast::<ReducingExtensionGate<D>>(any) {
            return Some(Self::ReducingExtension { coefficients: gate.num_coeffs });
        }
        let gate = downcast::<ExponentiationGate<F, D>>(any)?;
        Some(Self::Exponentiation { bits: gate.num_power_bits })
    }

    fn recognise_structure(any: &dyn Any) -> Option<Self> {
        if let Some(gate) = downcast::<BaseSumGate<2>>(any) {
            return Some(Self::BaseSum { limbs: gate.num_limbs });
        }
        if let Some(gate) = downcast::<RandomAccessGate<F, D>>(any) {
            return Some(Self::RandomAccess {
                bits: gate.bits,
                copies: gate.num_copies,
                extra_constants: gate.num_extra_constants,
            });
        }
        if let Some(gate) = downcast::<CosetInterpolationGate<F, D>>(any) {
            return Some(Self::CosetInterpolation {
                subgroup_bits: gate.subgroup_bits,
                degree: gate.degree,
                weights: gate.barycentric_weights.iter().map(|w| w.to_canonical_u64()).collect(),
            });
        }
        let plain = [
            (downcast::<NoopGate>(any).is_some(), Self::Noop),
            (downcast::<PublicInputGate>(any).is_some(), Self::PublicInput),
            (downcast::<PoseidonGate<F, D>>(any).is_some(), Self::Poseidon),
            (downcast::<PoseidonMdsGate<F, D>>(any).is_some(), Self::PoseidonMds),
        ];
        plain.into_iter().find_map(|(found, gate)| found.then_some(gate))
    }

    /// The name of the part of the wrap to which the gate's constraints belong.
    pub(super) fn part(&self) -> &'static str {
        match self {
            Self::Arithmetic { .. } => "gate Arithmetic",
            Self::ArithmeticExtension { .. } => "gate ArithmeticExtension",
            Self::MulExtension { .. } => "gate MulExtension",
            Self::BaseSum { .. } => "gate BaseSum",
            Self::Constant { .. } => "gate Constant",
            Self::Noop => "gate Noop",
            Self::PublicInput => "gate PublicInput",
            Self::Reducing { .. } => "gate Reducing",
            Self::ReducingExtension { .. } => "gate ReducingExtension",
            Self::Exponentiation { .. } => "gate Exponentiation",
            Self::RandomAccess { .. } => "gate RandomAccess",
            Self::CosetInterpolation { .. } => "gate CosetInterpolation",
            Self::Poseidon => "gate Poseidon",
            Self::PoseidonMds => "gate PoseidonMds",
        }
    }

    /// The values of the gate's constraint polynomials at ζ, without the gate's filter.
    pub(super) fn constraints(&self, builder: &mut Builder, inputs: &GateInputs) -> Vec<Ext> {
        match self {
            Self::Arithmetic { operations } => arithmetic::base(builder, inputs, *operations),
            Self::ArithmeticExtension { operations } => {
                arithmetic::extension(builder, inputs, *operations)
            }
            Self::MulExtension { operations } => {
                arithmetic::extension_product(builder, inputs, *operations)
            }
            Self::BaseSum { limbs } => arithmetic::binary_sum(builder, inputs, *limbs),
            Self::Constant { constants } => arithmetic::constants(inputs, *constants),
            Self::Noop => Vec::new(),
            Self::PublicInput => arithmetic::public_input(inputs),
            Self::Reducing { coefficients } => reducing::base(builder, inputs, *coefficients),
            Self::ReducingExtension { coefficients } => {
                reducing::extension(builder, inputs, *coefficients)
            }
            Self::Exponentiation { bits } => reducing::exponentiation(builder, inputs, *bits),
            Self::RandomAccess { bits, copies, extra_constants } => {
                let shape = random_access::Shape {
                    bits: *bits,
                    copies: *copies,
                    extra_constants: *extra_constants,
                };
                random_access::constraints(builder, inputs, &shape)
            }
            Self::CosetInterpolation { subgroup_bits, degree, weights } => {
                let layout = interpolation::Layout::new(*subgroup_bits, *degree);
                interpolation::constraints(builder, inputs, &layout, weights)
            }
            Self::Poseidon => poseidon::permutation(builder, inputs),
            Self::PoseidonMds => poseidon::mds(inputs),
        }
    }
}

/// The value of a selector on rows whose gate is in another group, as plonky2 fixes it.
const UNUSED_SELECTOR: u64 = u32::MAX as u64;

/// What distinguishes the rows of one gate from the rows of the other gates.
pub(super) struct Filter {
    /// The gate's index, which is the value of the gate's selector on the gate's rows.
    pub row: usize,
    /// The indices of the gates that share the selector.
    pub group: Range<usize>,
    /// Whether the circuit has selectors of other groups.
    pub many_selectors: bool,
}

impl Filter {
    /// The factor that is nonzero on the gate's rows and zero on all other rows.
    pub(super) fn factor(&self, builder: &mut Builder, selector: &Ext) -> Ext {
        let others = self.group.clone().filter(|gate| *gate != self.row).map(|gate| gate as u64);
        let mut product = Ext::constant(1);
        for gate in others.chain(self.many_selectors.then_some(UNUSED_SELECTOR)) {
            let factor = Ext::constant(gate).minus(selector);
            product = builder.ext_mul(&product, &factor);
        }
        product
    }
}
