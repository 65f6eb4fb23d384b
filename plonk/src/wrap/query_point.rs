//! The domain points of one FRI query, from the bits of its index.
//!
//! The point of index i in a domain of 2ⁿ points is x = g·w^rev(i). The bits of i form groups of
//! four, and each group contributes one factor out of a table of 16 constants. The factor is linear
//! in the products of the group's bits, so that a group costs eleven multiplications, however many
//! tables are read with the same bits.

use ark_bn254::Fr;
use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::{Field, PrimeField64};

use super::builder::{Builder, Linear};
use super::goldilocks::Element;
use super::verifier::ARITY_BITS;

type F = GoldilocksField;

/// All products of the bits of a group: entry s is Π of the bits in the set s.
struct BitProducts(Vec<Linear>);

impl BitProducts {
    fn new(builder: &mut Builder, bits: &[Linear]) -> Self {
        let mut products = vec![Linear::constant(Fr::from(1u64))];
        for bit in bits {
            for subset in 0..products.len() {
                products.push(builder.multiply(&products[subset].clone(), bit));
            }
        }
        Self(products)
    }

    /// `table[i]`, where i is the integer with these bits. The coefficients of the products follow
    /// from the table by inclusion-exclusion.
    fn choose(&self, table: &[u64]) -> Element {
        let mut coefficients: Vec<Fr> = table.iter().map(|&value| Fr::from(value)).collect();
        let mut step = 1;
        while step < coefficients.len() {
            for set in 0..coefficients.len() {
                if set & step != 0 {
                    let without = coefficients[set ^ step];
                    coefficients[set] -= without;
                }
            }
            step *= 2;
        }
        let mut chosen = Linear::zero();
        for (coefficient, product) in coefficients.into_iter().zip(&self.0) {
            chosen.add_scaled(coefficient, product);
        }
        Element::from_choice(chosen, table)
    }
}

/// The bits of a query index in groups of four, the lowest first, with the products of each group.
pub(crate) struct QueryPoint {
    groups: Vec<(BitProducts, usize)>,
    index_bits: usize,
}

impl QueryPoint {
    pub(crate) fn new(builder: &mut Builder, bits: &[Linear]) -> Self {
        let groups = bits
            .chunks(ARITY_BITS)
            .map(|group| (BitProducts::new(builder, group), group.len()))
            .collect();
        Self { groups, index_bits: bits.len() }
    }

    /// The factor of a group for each value of the group's bits: w^(16^steps · e), where the bit at
    /// position k of the whole index adds 2^(n − 1 − k) to e. `inverse` takes 1/w for w.
    fn table(&self, group: usize, steps: usize, inverse: bool) -> Vec<u64> {
        let mut root = F::primitive_root_of_unity(self.index_bits);
        if inverse {
            root = root.inverse();
        }
        (0..1usize << self.groups[group].1)
            .map(|value| {
                let exponent: u64 = (0..self.groups[group].1)
                    .filter(|bit| value >> bit & 1 == 1)
                    .map(|bit| 1 << (self.index_bits - 1 - (group * ARITY_BITS + bit)))
                    .sum();
                root.exp_u64(exponent).exp_power_of_2(steps * ARITY_BITS).to_canonical_u64()
            })
            .collect()
    }

    /// `shift` times the factors of all groups from `first` on. The table of the group `first`
    /// includes the shift.
    fn product(
        &self,
        builder: &mut Builder,
        (first, steps): (usize, usize),
        shift: F,
        inverse: bool,
    ) -> Element {
        let mut product: Option<Element> = None;
        for group in first..self.groups.len() {
            let mut table = self.table(group, steps, inverse);
            if group == first {
                for value in &mut table {
                    *value = (F::from_canonical_u64(*value) * shift).to_canonical_u64();
                }
            }
            let factor = self.groups[group].0.choose(&table);
            product = Some(match product {
                Some(product) => builder.mul(&product, &factor),
                None => factor,
            });
        }
        let product = product.unwrap_or_else(|| Element::constant(shift.to_canonical_u64()));
        builder.reduce(&product)
    }

    /// The point x of the index in the domain of the first codeword.
    pub(crate) fn coordinate(&self, builder: &mut Builder) -> Element {
        self.product(builder, (0, 0), F::MULTIPLICATIVE_GROUP_GENERATOR, false)
    }

    /// The inverse of the start of the coset that step `step`, counted from 1, interpolates over.
    /// The start is the point, in the domain of that step, of the step's index with its lowest
    /// group of bits cleared.
    pub(crate) fn inverse_of_coset_start(&self, builder: &mut Builder, step: usize) -> Element {
        let shift =
            F::MULTIPLICATIVE_GROUP_GENERATOR.exp_power_of_2((step - 1) * ARITY_BITS).inverse();
        self.product(builder, (step, step - 1), shift, true)
    }

    /// x^(16^steps): the point of the index after so many steps.
    pub(crate) fn after_steps(&self, builder: &mut Builder, steps: usize) -> Element {
        let shift = F::MULTIPLICATIVE_GROUP_GENERATOR.exp_power_of_2(steps * ARITY_BITS);
        self.product(builder, (steps, steps), shift, false)
    }
}
