//! The packed public inputs of a batch as elements of BN254's scalar field. The ledger defines the
//! values and where each is packed (`sheaf_ledger::public_values`).

use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};
use sheaf_plonk::packing::{Packing, Place};

pub use sheaf_ledger::public_values::{
    ELEMENT_BITS, LIMB_BITS, PACKED_INPUTS as GROTH16_INPUTS, PUBLIC_VALUES, PublicValues,
    SHORT_BITS, place,
};

/// Where the wrap packs each public value.
pub const PACKING: Packing = Packing::new(&PLACES, GROTH16_INPUTS);

const PLACES: [Place; PUBLIC_VALUES] = {
    let mut places = [Place { input: 0, shift: 0, bits: 0 }; PUBLIC_VALUES];
    let mut index = 0;
    while index < PUBLIC_VALUES {
        let sheaf_ledger::public_values::Place { input, shift, bits } = place(index);
        places[index] = Place { input, shift, bits };
        index += 1;
    }
    places
};

/// The public inputs of the Groth16 proof: the public values, packed.
pub fn groth16_inputs(values: &PublicValues) -> [Fr; GROTH16_INPUTS] {
    values.to_packed().map(|limbs| {
        Fr::from_bigint(BigInt::new(limbs)).expect("at most 248 bits are below the modulus")
    })
}

#[cfg(test)]
mod tests {
    use ark_ff::Field;

    use super::*;

    fn sample() -> PublicValues {
        PublicValues {
            pre: [1, 2, 3, u64::MAX],
            post: [5, 6, 7, 8],
            chains: [9, 10, 11, 12],
            z: [13, (1 << 62) - 1, 15, (1 << 62) - 2],
            y: [17, 18, 19, 20, 21],
            timestamp: u32::MAX,
            l1_words: 23,
        }
    }

    /// The formulas of the protocol, written out once more by hand.
    #[test]
    fn packing_is_the_protocols() {
        let values = sample();
        let e = values.to_elements().map(Fr::from);
        let two = |bits: u64| Fr::from(2u64).pow([bits]);
        let expected = [
            e[0] + e[1] * two(64) + e[2] * two(128),
            e[3] + e[4] * two(64) + e[5] * two(128),
            e[6] + e[7] * two(64) + e[8] * two(128),
            e[9] + e[10] * two(64) + e[11] * two(128),
            e[12] + e[13] * two(62) + e[14] * two(124) + e[15] * two(186),
            e[16] + e[17] * two(62) + e[18] * two(124) + e[19] * two(186),
            e[20] + e[21] * two(32) + e[22] * two(64),
        ];
        assert_eq!(groth16_inputs(&values), expected);
    }

    #[test]
    fn each_value_changes_its_input_alone() {
        let base = sample();
        for index in 0..PUBLIC_VALUES {
            let mut elements = base.to_elements();
            elements[index] ^= 2;
            let changed = PublicValues::from_elements(&elements).expect("within widths");
            for (input, (a, b)) in
                groth16_inputs(&base).iter().zip(groth16_inputs(&changed)).enumerate()
            {
                assert_eq!(*a != b, input == place(index).input, "value {index} input {input}");
            }
        }
    }
}
