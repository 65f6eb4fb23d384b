//! L1 addresses as the ledger sees them: 20 bytes that become three field elements.
//!
//! The text of an address is `0x` and forty hexadecimal digits, written in lower case and read in
//! either case. A checksum in the case of the digits (EIP-55) is neither written nor verified.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::bytes_from_hex;
use sheaf_crypto::text;

use crate::error::Error;

/// An L1 account or contract: a 160-bit integer, big-endian as Ethereum writes it.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct L1Address(pub [u8; Self::BYTES]);

impl L1Address {
    /// Bytes of an address.
    pub const BYTES: usize = 20;

    /// The integer in three limbs, lowest first: 62, 62 and 36 bits.
    pub fn limbs(&self) -> [Fe; 3] {
        const LIMB: u128 = (1 << 62) - 1;
        let (high, low) = self.0.split_at(4);
        let low = u128::from_be_bytes(low.try_into().expect("sixteen of twenty bytes remain"));
        let high = u32::from_be_bytes(high.try_into().expect("four bytes were split off"));
        let top = (low >> 124) | (u128::from(high) << 4);
        [low & LIMB, (low >> 62) & LIMB, top].map(|limb| Fe::from_u64(limb as u64))
    }
}

impl fmt::Display for L1Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{}", hex::encode(self.0))
    }
}

impl fmt::Debug for L1Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for L1Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(Self(bytes_from_hex(text)?))
    }
}

impl Serialize for L1Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for L1Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limbs_have_62_62_and_36_bits() {
        let limbs = |bytes| L1Address(bytes).limbs().map(Fe::canonical);
        assert_eq!(limbs([0xff; 20]), [(1 << 62) - 1, (1 << 62) - 1, (1 << 36) - 1]);
        let mut bytes = [0; 20];
        bytes[0] = 0x80;
        assert_eq!(limbs(bytes), [0, 0, 1 << 35]);
        bytes = [0; 20];
        bytes[12] = 0x40;
        assert_eq!(limbs(bytes), [0, 1, 0]);
        bytes[12] = 0x20;
        assert_eq!(limbs(bytes), [1 << 61, 0, 0]);
        bytes = [0; 20];
        bytes[4] = 0x10;
        assert_eq!(limbs(bytes), [0, 0, 1]);
    }

    #[test]
    fn text_goes_round_and_other_text_is_refused() {
        let address = L1Address(core::array::from_fn(|i| i as u8 * 13));
        let text = address.to_string();
        assert_eq!(text.parse(), Ok(address));
        let refused = Error::from(sheaf_crypto::error::Error::HexText { bytes: 20 });
        for text in [&text[2..], &text[..41], "0x", &format!("{text}00"), &text.replace('0', "g")] {
            assert_eq!(text.parse::<L1Address>(), Err(refused));
        }
    }
}
