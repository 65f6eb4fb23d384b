//! What the rows of each table are given: by messages, and by the prover, who may choose.
//!
//! | table | the prover's choice | what binds it |
//! |---|---|---|
//! | permutations | how often the row is asked | the messages of the rows that ask |
//! | tree | a child that no entry touches | the digest of the node, which the row sends |
//! | slots | the leaf before | its digest, which the row sends |
//! | entries | hints and hashes that the entry's kind does not need | nothing reads them |
//! | signatures | address, key, R | the signer, which is their hash, and the ladder's end |
//! | signatures | digits of the challenge | their ranges, which the ladder checks |
//! | ladder | the digits of s, which are bits and cannot move | the ladder's end |
//!
//! The end of a ladder is no gift for a signature's row. The row computes the end itself, and the
//! ladder must meet it.

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use sheaf_circuits::entry::access::AccessHints;
use sheaf_circuits::entry::row::EntryWires;
use sheaf_circuits::entry_tables::buses::LADDERS;
use sheaf_circuits::entry_tables::entries::{EntryColumns, EntryRules};
use sheaf_circuits::entry_tables::ladder::LadderRules;
use sheaf_circuits::entry_tables::signatures::{SignatureColumns, SignatureRules};
use sheaf_circuits::entry_tables::slots::{SlotColumns, SlotRules};
use sheaf_circuits::entry_tables::tree::{NodeColumns, TreeRules};
use sheaf_circuits::signature::open_signature::SignatureParts;
use sheaf_crypto::poseidon::WIDTH;
use sheaf_plonk::tables::permutation::{DIGESTS, PermutationRules, STATES};
use sheaf_plonk::tables::rules::{Bus, TableRules};

use super::cells::{self, structure};
use super::lies::numbers;

/// What a table's rows are given.
pub(crate) trait Given: TableRules {
    /// How many fields a row takes from a message that it receives: the first ones.
    fn given(_: Bus) -> usize {
        usize::MAX
    }

    /// The columns of an honest row that are the prover's choice.
    fn free(row: &[F]) -> Vec<usize>;
}

impl Given for PermutationRules {
    /// The state. What follows it is the row's answer.
    fn given(bus: Bus) -> usize {
        assert!([DIGESTS, STATES].contains(&bus));
        WIDTH
    }

    fn free(row: &[F]) -> Vec<usize> {
        vec![row.len() - 2, row.len() - 1]
    }
}

impl Given for TreeRules {
    fn free(row: &[F]) -> Vec<usize> {
        let columns: NodeColumns<usize> = numbers();
        let children = [(columns.left, columns.left_before), (columns.right, columns.right_before)];
        let untouched = children.into_iter().filter(|([touched], _)| row[*touched].is_zero());
        untouched.flat_map(|(_, before)| before).collect()
    }
}

impl Given for SlotRules {
    fn free(row: &[F]) -> Vec<usize> {
        let [open, fields @ ..] = numbers::<SlotColumns<usize>>().before;
        if row[open].is_one() { fields.to_vec() } else { Vec::new() }
    }
}

impl Given for EntryRules {
    fn free(row: &[F]) -> Vec<usize> {
        let columns: EntryColumns<usize> = numbers();
        let entry: EntryWires<usize> = structure(&columns.entry);
        let access: AccessHints<usize> = structure(&columns.access_hints);
        // Three factors make one sum, so that two can move together where one alone cannot.
        let differs = |i: &usize| row[entry.owner[*i]] != row[entry.subject[*i]];
        let differing: Vec<usize> = (0..3).filter(differs).collect();
        let factors = (0..3).filter(|i| differing.len() > 1 || !differing.contains(i));
        let factors: Vec<usize> = factors.map(|i| access.difference[i]).collect();
        // The flags of pots are bits: they may jump, and do not move.
        let is_free = |column: &usize| {
            let jumps = entry.pot.contains(column);
            factors.contains(column) || (!jumps && cells::is_free(row, *column))
        };
        (0..row.len()).filter(is_free).collect()
    }
}

impl Given for SignatureRules {
    fn given(bus: Bus) -> usize {
        if bus == LADDERS { 0 } else { usize::MAX }
    }

    fn free(_: &[F]) -> Vec<usize> {
        let columns: SignatureColumns<usize> = numbers();
        let parts: SignatureParts<usize> = structure(&columns.parts);
        let digits = [&parts.digits_0_to_4[..], &parts.digits_6_to_9, &parts.digits_11_to_15];
        let signer = [&columns.address[..], &parts.key, &parts.r];
        [signer.concat(), digits.concat(), parts.digits_16_to_20.to_vec()].concat()
    }
}

impl Given for LadderRules {
    /// The digits of s are made of bits: they may jump, and do not move.
    fn free(_: &[F]) -> Vec<usize> {
        Vec::new()
    }
}
