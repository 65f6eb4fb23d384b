//! Records: batches and chunks as bytes, for the store and for workers.
//!
//! Integers are little-endian. A list begins with its count in four bytes, an option with a byte
//! that is 0 or 1. The layout is not part of the protocol, because writer and reader are of one
//! version. The exception is the layout of signed transactions (`transaction_bytes`).

use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::Digest;
use sheaf_crypto::key::PublicKey;
use sheaf_crypto::signature::Signature;

use crate::domain::Domain;
use crate::l1_address::L1Address;
use crate::limits::AMOUNT_MAX;
use crate::machine::{FeePot, Machine};
use crate::owner::Owner;
use crate::rule_error::RuleError;
use crate::slot::Slot;
use crate::word::Word;

/// The first byte of every record. Another layout has another version.
const VERSION: u8 = 1;

/// A type whose values can be written as bytes and read back.
pub(crate) trait Record: Sized {
    /// Appends the value's bytes.
    fn write(&self, bytes: &mut Vec<u8>);

    /// Reads a value from the reader's position on.
    ///
    /// # Errors
    /// `MalformedRecord` with the offset, unless the bytes are what `write` writes. A batch also
    /// returns the rule that its content breaks.
    fn read(reader: &mut Reader<'_>) -> Result<Self, RuleError>;
}

/// The record of a value: the version, then the value's bytes.
pub(crate) fn to_record<T: Record>(value: &T) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    value.write(&mut bytes);
    bytes
}

/// Reads what `to_record` writes. Bytes after the value are an error.
pub(crate) fn from_record<T: Record>(bytes: &[u8]) -> Result<T, RuleError> {
    let mut reader = Reader { bytes, offset: 0 };
    if u8::read(&mut reader)? != VERSION {
        return Err(RuleError::MalformedRecord { offset: 0 });
    }
    let value = T::read(&mut reader)?;
    if reader.remaining() == 0 { Ok(value) } else { Err(reader.malformed()) }
}

/// Reads a value from the front of `bytes`. Returns the value and the bytes after it.
pub(crate) fn read_front<T: Record>(bytes: &[u8]) -> Result<(T, &[u8]), RuleError> {
    let (value, end) = read_at(bytes, 0)?;
    Ok((value, &bytes[end..]))
}

/// Reads the value that begins at `offset` of `bytes`. Returns the value and the offset after it.
pub(crate) fn read_at<T: Record>(bytes: &[u8], offset: usize) -> Result<(T, usize), RuleError> {
    let mut reader = Reader { bytes, offset };
    let value = T::read(&mut reader)?;
    Ok((value, reader.offset))
}

/// A position in the bytes of a record.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl Reader<'_> {
    pub(crate) const fn malformed(&self) -> RuleError {
        RuleError::MalformedRecord { offset: self.offset }
    }

    const fn remaining(&self) -> usize {
        self.bytes.len() - self.offset
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], RuleError> {
        let next = self.bytes.get(self.offset..).and_then(|rest| rest.first_chunk());
        let chunk = *next.ok_or(self.malformed())?;
        self.offset += N;
        Ok(chunk)
    }

    /// A value of `N` bytes, which `convert` may refuse.
    fn convert<const N: usize, T>(
        &mut self,
        convert: impl FnOnce([u8; N]) -> Option<T>,
    ) -> Result<T, RuleError> {
        let refused = self.malformed();
        convert(self.take()?).ok_or(refused)
    }

    /// The number of elements that follow. Each element has at least one byte, so a count above the
    /// number of remaining bytes is refused. A count can thus ask for no more memory than a
    /// constant times the record's length.
    fn count(&mut self) -> Result<usize, RuleError> {
        let refused = self.malformed();
        let count = u32::read(self)? as usize;
        if count <= self.remaining() { Ok(count) } else { Err(refused) }
    }
}

macro_rules! record_integers {
    ($($integer:ty),*) => {$(
        impl Record for $integer {
            fn write(&self, bytes: &mut Vec<u8>) {
                bytes.extend(self.to_le_bytes());
            }

            fn read(reader: &mut Reader<'_>) -> Result<Self, RuleError> {
                reader.take().map(Self::from_le_bytes)
            }
        }
    )*};
}
record_integers!(u8, u16, u32, u64);

/// Implements `Record` for types whose own encoding checks the bytes.
macro_rules! record_encodings {
    ($($name:ty: $read:expr;)*) => {$(
        impl Record for $name {
            fn write(&self, bytes: &mut Vec<u8>) {
                bytes.extend(self.to_bytes());
            }

            fn read(reader: &mut Reader<'_>) -> Result<Self, RuleError> {
                reader.convert($read)
            }
        }
    )*};
}
record_encodings! {
    Digest: Digest::from_bytes;
    Owner: Owner::from_bytes;
    PublicKey: |bytes| PublicKey::from_bytes(&bytes).ok();
    Signature: |bytes| Signature::from_bytes(&bytes).ok();
    Word: |bytes| Word::from_bytes(&bytes).ok();
}

impl Record for Fe {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_le_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, RuleError> {
        reader.convert(|bytes| Self::from_canonical(u64::from_le_bytes(bytes)))
    }
}

impl Record for L1Address {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.0);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, RuleError> {
        reader.take().map(Self)
    }
}

/// An integer below 2^62, such as a limb.
pub(crate) struct Below62(pub(crate) u64);

impl Record for Below62 {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.0.write(bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, RuleError> {
        reader.convert(|bytes| {
            Some(u64::from_le_bytes(bytes)).filter(|limb| *limb <= AMOUNT_MAX).map(Self)
        })
    }
}

impl<T: Record> Record for Option<T> {
    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            None => bytes.push(0),
            Some(value) => {
                bytes.push(1);
                value.write(bytes);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, RuleError> {
        let refused = reader.malformed();
        match u8::read(reader)? {
            0 => Ok(None),
            1 => T::read(reader).map(Some),
            _ => Err(refused),
        }
    }
}

impl<T: Record> Record for Vec<T> {
    fn write(&self, bytes: &mut Vec<u8>) {
        let count = u32::try_from(self.len()).expect("a batch's limits keep its lists short");
        count.write(bytes);
        self.iter().for_each(|element| element.write(bytes));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, RuleError> {
        let count = reader.count()?;
        // The first buffer is no larger than the rest of the record, whatever the count says.
        let room = reader.remaining() / size_of::<T>().max(1);
        let mut elements = Self::with_capacity(count.min(room));
        for _ in 0..count {
            elements.push(T::read(reader)?);
        }
        Ok(elements)
    }
}

impl<T: Record, const N: usize> Record for [T; N] {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.iter().for_each(|element| element.write(bytes));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, RuleError> {
        let elements = (0..N).map(|_| T::read(reader)).collect::<Result<Vec<_>, _>>()?;
        Ok(elements.try_into().ok().expect("N were read"))
    }
}

impl<A: Record, B: Record> Record for (A, B) {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.0.write(bytes);
        self.1.write(bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, RuleError> {
        Ok((A::read(reader)?, B::read(reader)?))
    }
}

/// Implements `Record` for structs, field by field, in the order in which the call names the
/// fields.
macro_rules! record_structs {
    ($($name:ident { $($field:ident),* $(,)? })*) => {$(
        impl $crate::record::Record for $name {
            fn write(&self, bytes: &mut Vec<u8>) {
                let Self { $($field),* } = self;
                $($crate::record::Record::write($field, bytes);)*
            }

            fn read(
                reader: &mut $crate::record::Reader<'_>,
            ) -> Result<Self, $crate::rule_error::RuleError> {
                $(let $field = $crate::record::Record::read(reader)?;)*
                Ok(Self { $($field),* })
            }
        }
    )*};
}
pub(crate) use record_structs;

record_structs! {
    Slot { owner, token, balance, nonce }
    FeePot { token, amount }
    Machine {
        root, next_slot, domain, timestamp, signer, token, remaining, message, pots, signatures,
        data, l1, data_words, l1_words,
    }
}

impl Record for Domain {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.0.write(bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, RuleError> {
        Record::read(reader).map(Self)
    }
}

/// Implements `Record` for entries: the kind's code, then the fields in the order of the call.
macro_rules! record_entries {
    ($($kind:ident { $($field:ident),* })*) => {
        impl $crate::record::Record for Entry {
            fn write(&self, bytes: &mut Vec<u8>) {
                bytes.push(self.code());
                match self {
                    $(Self::$kind { $($field),* } => {
                        $($crate::record::Record::write($field, bytes);)*
                    })*
                }
            }

            fn read(
                reader: &mut $crate::record::Reader<'_>,
            ) -> Result<Self, $crate::rule_error::RuleError> {
                let refused = reader.malformed();
                let code = <u8 as $crate::record::Record>::read(reader)?;
                match $crate::kind::Kind::from_code(code).ok_or(refused)? {
                    $($crate::kind::Kind::$kind => {
                        $(let $field = $crate::record::Record::read(reader)?;)*
                        Ok(Self::$kind { $($field),* })
                    })*
                }
            }
        }
    };
}
pub(crate) use record_entries;

/// Gives a type its record as bytes, and serde the hexadecimal digits of these bytes.
macro_rules! serde_as_record {
    ($($name:ident),*) => {$(
        impl $name {
            /// The value's record, for the store and for workers.
            pub fn to_bytes(&self) -> Vec<u8> {
                $crate::record::to_record(self)
            }

            /// Reads what `to_bytes` writes.
            ///
            /// # Errors
            /// `MalformedRecord` if the bytes are not such a record; otherwise the rule that the
            /// content breaks.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, $crate::rule_error::RuleError> {
                $crate::record::from_record(bytes)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&hex::encode(self.to_bytes()))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use serde::de::Error;
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                let bytes = hex::decode(text).map_err(D::Error::custom)?;
                Self::from_bytes(&bytes).map_err(D::Error::custom)
            }
        }
    )*};
}
pub(crate) use serde_as_record;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Entry;

    fn refused<T: Record>(bytes: &[u8]) -> Option<RuleError> {
        from_record::<T>(bytes).err()
    }

    #[test]
    fn lists_and_options_go_round() {
        let value = vec![(3u32, Some(7u64)), (4, None)];
        let bytes = to_record(&value);
        assert_eq!(from_record(&bytes), Ok(value));
        let offset = bytes.len();
        let mut longer = bytes;
        longer.push(0);
        let rest = Some(RuleError::MalformedRecord { offset });
        assert_eq!(refused::<Vec<(u32, Option<u64>)>>(&longer), rest);
    }

    #[test]
    fn a_count_beyond_the_record_is_refused_before_it_is_believed() {
        let bytes = [VERSION, 0xff, 0xff, 0xff, 0xff, 1];
        let at_the_count = Some(RuleError::MalformedRecord { offset: 1 });
        assert_eq!(refused::<Vec<u8>>(&bytes), at_the_count);
        assert_eq!(
            refused::<Vec<u64>>(&[VERSION, 1, 0, 0, 0, 9]).map(|rule| rule.code()),
            Some("malformed_record")
        );
    }

    #[test]
    fn other_versions_options_and_wide_limbs_are_refused() {
        let at = |offset| Some(RuleError::MalformedRecord { offset });
        assert_eq!(refused::<u8>(&[VERSION + 1, 0]), at(0));
        assert_eq!(refused::<u8>(&[]), at(0));
        assert_eq!(refused::<Option<u8>>(&[VERSION, 2, 0]), at(1));
        let limb = |value: u64| [&[VERSION], &value.to_le_bytes()[..]].concat();
        assert!(from_record::<Below62>(&limb(AMOUNT_MAX)).is_ok());
        assert_eq!(refused::<Below62>(&limb(AMOUNT_MAX + 1)), at(1));
        assert_eq!(refused::<Entry>(&[VERSION, 8, 0, 0, 0, 0]), at(1));
    }
}
