//! The text of an owner in lower case, read quickly: bech32m of 24 bytes with the prefix `sheaf`.
//!
//! Each payment that arrives names an owner, and the library reads texts of every length and
//! prefix. This module reads the one form that clients send, and leaves every other text to the
//! library. BIP 173 and BIP 350 define checksum and characters.

use bech32::{Bech32m, Checksum};

const BYTES: usize = 24;
const PREFIX: &[u8] = b"sheaf";
const SEPARATOR: u8 = b'1';
/// Characters of the bytes, five bits each, and of the checksum.
const DATA: usize = (8 * BYTES).div_ceil(5);
const CHECKSUM: usize = 6;

/// The five bits of each character, and `NO_BITS` for every other byte.
const BITS: [u8; 256] = {
    let characters = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let mut bits = [NO_BITS; 256];
    let mut value = 0;
    while value < characters.len() {
        bits[characters[value] as usize] = value as u8;
        value += 1;
    }
    bits
};
const NO_BITS: u8 = u8::MAX;

/// What the five bits that leave the checksum's register add to the register.
const FEEDBACK: [u32; 32] = {
    let mut feedback = [0; 32];
    let mut bits = 0;
    while bits < feedback.len() {
        let mut place = 0;
        while place < Bech32m::GENERATOR_SH.len() {
            if (bits >> place) & 1 == 1 {
                feedback[bits] ^= Bech32m::GENERATOR_SH[place];
            }
            place += 1;
        }
        bits += 1;
    }
    feedback
};

/// The checksum's register after the prefix: its high bits, a zero, its low bits.
const AFTER_PREFIX: u32 = {
    let (mut register, mut place) = (1, 0);
    while place < PREFIX.len() {
        register = shifted(register, PREFIX[place] >> 5);
        place += 1;
    }
    register = shifted(register, 0);
    place = 0;
    while place < PREFIX.len() {
        register = shifted(register, PREFIX[place] & 31);
        place += 1;
    }
    register
};

/// The checksum's register after five more bits.
const fn shifted(register: u32, bits: u8) -> u32 {
    const KEPT: u32 = (1 << 25) - 1;
    ((register & KEPT) << 5) ^ bits as u32 ^ FEEDBACK[(register >> 25) as usize]
}

/// The bytes of the text; `None` for a text that is not in lower case or not an owner's.
pub(crate) fn read(text: &str) -> Option<[u8; BYTES]> {
    let [separator, characters @ ..] = text.as_bytes().strip_prefix(PREFIX)? else { return None };
    let characters: &[u8; DATA + CHECKSUM] = characters.try_into().ok()?;
    let (mut bytes, mut register, mut is_known) = ([0; BYTES], AFTER_PREFIX, true);
    // The bits that fill no byte yet, and their number.
    let (mut bits, mut count, mut length) = (0_u32, 0_u32, 0);
    for (place, character) in characters.iter().enumerate() {
        let five = BITS[usize::from(*character)];
        is_known &= five != NO_BITS;
        register = shifted(register, five & 31);
        if place >= DATA {
            continue;
        }
        (bits, count) = (bits << 5 | u32::from(five & 31), count + 5);
        if count >= 8 {
            count -= 8;
            bytes[length] = (bits >> count) as u8;
            (bits, length) = (bits & ((1 << count) - 1), length + 1);
        }
    }
    let is_padded = bits == 0;
    let is_text = *separator == SEPARATOR && register == Bech32m::TARGET_RESIDUE;
    (is_text && is_known && is_padded).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use bech32::Hrp;
    use bech32::primitives::decode::CheckedHrpstring;
    use proptest::prelude::*;

    use super::*;

    /// The library's reading of a text in lower case.
    fn library(text: &str) -> Option<Vec<u8>> {
        let checked = CheckedHrpstring::new::<Bech32m>(text).ok()?;
        checked.validate_segwit_padding().ok()?;
        let bytes: Vec<u8> = checked.byte_iter().collect();
        (checked.hrp().as_bytes() == PREFIX && bytes.len() == BYTES).then_some(bytes)
    }

    fn text_of(bytes: &[u8]) -> String {
        bech32::encode::<Bech32m>(Hrp::parse_unchecked("sheaf"), bytes).expect("short enough")
    }

    proptest! {
        #[test]
        fn reads_what_the_library_writes(bytes in prop::array::uniform24(any::<u8>())) {
            prop_assert_eq!(read(&text_of(&bytes)), Some(bytes));
        }

        #[test]
        fn refuses_what_the_library_refuses(
            bytes in prop::array::uniform24(any::<u8>()),
            place in 0..PREFIX.len() + 1 + DATA + CHECKSUM,
            character in "[ -~]",
        ) {
            let mut changed = text_of(&bytes);
            changed.replace_range(place..=place, &character);
            let read = read(&changed).map(Vec::from);
            if !character.bytes().any(|byte| byte.is_ascii_uppercase()) {
                prop_assert_eq!(&read, &library(&changed), "{}", &changed);
            }
            prop_assert!(read.is_none() || changed == text_of(&bytes));
        }

        #[test]
        fn padding_and_length_are_as_the_library_wants(
            mut fives in prop::collection::vec(0_u8..32, DATA - 2..DATA + 2),
            clear in any::<bool>(),
        ) {
            if let Some(last) = fives.last_mut().filter(|_| clear) {
                *last &= 0b11000;
            }
            let characters = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
            let mut register = AFTER_PREFIX;
            for five in fives.iter().copied().chain([0; CHECKSUM]) {
                register = shifted(register, five);
            }
            let checksum = register ^ Bech32m::TARGET_RESIDUE;
            fives.extend((0..CHECKSUM).rev().map(|place| (checksum >> (5 * place)) as u8 & 31));
            let tail = fives.iter().map(|five| char::from(characters[usize::from(*five)]));
            let text: String = "sheaf1".chars().chain(tail).collect();
            prop_assert_eq!(read(&text).map(Vec::from), library(&text), "{}", &text);
        }
    }
}
