//! JSON as this API reads it: a deserializer around that of `serde_json`, which asks for the kind
//! of every value and notes the place of the first one that is refused.

use std::cell::RefCell;
use std::fmt::{self, Write};

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::refusal::Refusal;

/// Reads a JSON value of the form `T`.
///
/// # Errors
/// A sentence that names the place and the reason, when `bytes` are not of that form.
pub(in crate::api) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let place = Place::default();
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = T::deserialize(Reader { json: &mut json, place: &place });
    let value = value.map_err(|refusal| place.sentence(refusal))?;
    json.end().map_err(|_| "the body goes on after its JSON value".to_owned())?;
    Ok(value)
}

/// The place in the body that is read, and why it was refused.
#[derive(Default)]
struct Place {
    /// `transfer.payments[3].amount`; empty for the whole body.
    path: RefCell<String>,
    refused: RefCell<Option<String>>,
}

impl Place {
    fn length(&self) -> usize {
        self.path.borrow().len()
    }

    fn back_to(&self, length: usize) {
        self.path.borrow_mut().truncate(length);
    }

    fn enter_field(&self, name: &str) {
        let mut path = self.path.borrow_mut();
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(name);
    }

    fn enter_item(&self, index: usize) {
        write!(self.path.borrow_mut(), "[{index}]").expect("a string takes every text");
    }

    /// Notes a reason with the present place, if it is the first one.
    fn note(&self, refusal: Refusal) {
        let mut refused = self.refused.borrow_mut();
        if let (None, Some(reason)) = (refused.as_ref(), refusal.0) {
            let path = self.path.borrow();
            *refused = Some(if path.is_empty() { reason } else { format!("{path}: {reason}") });
        }
    }

    /// Notes a reason, for an error of `serde_json` to travel in its stead.
    fn fail<E: Error>(&self, refusal: Refusal) -> E {
        self.note(refusal);
        E::custom("refused")
    }

    /// What the client is told. Without a noted reason, `serde_json` found no JSON.
    fn sentence(&self, refusal: Refusal) -> String {
        self.note(refusal);
        let path = self.path.borrow();
        self.refused.take().unwrap_or_else(|| match path.as_str() {
            "" => "the body is no JSON value".to_owned(),
            path => format!("{path}: the JSON breaks off or errs here"),
        })
    }
}

/// The kind of value that a type asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    Array,
    Text,
    /// A whole number from 0 to this one.
    Number(u64),
    /// A value that may be left out.
    Optional,
    Any,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object => formatter.write_str("an object"),
            Self::Array => formatter.write_str("an array"),
            Self::Text => formatter.write_str("a string"),
            Self::Number(maximum) => write!(formatter, "a whole number from 0 to {maximum}"),
            Self::Optional | Self::Any => formatter.write_str("a value"),
        }
    }
}

/// A value that is about to be read.
struct Reader<'a, D> {
    json: D,
    place: &'a Place,
}

impl<'a, 'de, D: Deserializer<'de>> Reader<'a, D> {
    fn read<V: Visitor<'de>>(self, kind: Kind, visitor: V) -> Result<V::Value, Refusal> {
        let place = self.place;
        let checked = Checked { visitor, kind, place };
        let read = match kind {
            Kind::Optional => self.json.deserialize_option(checked),
            _ => self.json.deserialize_any(checked),
        };
        // The reason was noted, or the bytes are no JSON.
        read.map_err(|_| Refusal::default())
    }
}

/// Methods of `Deserializer` that ask for one kind of value.
macro_rules! read_as {
    ($($method:ident: $kind:expr;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
            self.read($kind, visitor)
        }
    )+};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Reader<'_, D> {
    type Error = Refusal;

    read_as! {
        deserialize_any: Kind::Any;
        deserialize_u8: Kind::Number(u8::MAX.into());
        deserialize_u16: Kind::Number(u16::MAX.into());
        deserialize_u32: Kind::Number(u32::MAX.into());
        deserialize_u64: Kind::Number(u64::MAX);
        deserialize_str: Kind::Text;
        deserialize_string: Kind::Text;
        deserialize_identifier: Kind::Text;
        deserialize_seq: Kind::Array;
        deserialize_map: Kind::Object;
        deserialize_option: Kind::Optional;
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.read(Kind::Object, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple
        tuple_struct enum ignored_any
    }
}

/// A visitor that sees only values of its kind.
struct Checked<'a, V> {
    visitor: V,
    kind: Kind,
    place: &'a Place,
}

impl<V> Checked<'_, V> {
    /// Demands that a value of another kind was not found.
    fn demand<E: Error>(&self, is_right: bool, found: impl fmt::Display) -> Result<(), E> {
        if is_right || self.kind == Kind::Any {
            return Ok(());
        }
        let kind = self.kind;
        Err(self.place.fail(Refusal::new(format_args!("expected {kind}, found {found}"))))
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Checked<'_, V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.kind)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<V::Value, E> {
        self.demand(false, value)?;
        self.visitor.visit_bool(value).map_err(|refusal: Refusal| self.place.fail(refusal))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<V::Value, E> {
        let fits = matches!(self.kind, Kind::Number(maximum) if value <= maximum);
        self.demand(fits, format_args!("the number {value}"))?;
        self.visitor.visit_u64(value).map_err(|refusal: Refusal| self.place.fail(refusal))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<V::Value, E> {
        self.demand(false, format_args!("the number {value}"))?;
        self.visitor.visit_i64(value).map_err(|refusal: Refusal| self.place.fail(refusal))
    }

    /// A fraction, an exponent, or a number beyond 64 bits.
    fn visit_f64<E: Error>(self, value: f64) -> Result<V::Value, E> {
        self.demand(false, "another number")?;
        self.visitor.visit_f64(value).map_err(|refusal: Refusal| self.place.fail(refusal))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<V::Value, E> {
        self.demand(self.kind == Kind::Text, "a string")?;
        self.visitor.visit_str(value).map_err(|refusal: Refusal| self.place.fail(refusal))
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.demand(false, "null")?;
        self.visitor.visit_unit().map_err(|refusal: Refusal| self.place.fail(refusal))
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        let reason = "null is no value here: leave the field out";
        Err(self.place.fail(Refusal::new(reason)))
    }

    fn visit_some<D: Deserializer<'de>>(self, json: D) -> Result<V::Value, D::Error> {
        let place = self.place;
        let read = self.visitor.visit_some(Reader { json, place });
        read.map_err(|refusal| place.fail(refusal))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.demand(self.kind == Kind::Array, "an array")?;
        let place = self.place;
        let items = Items { items, next: 0, length: place.length(), place };
        self.visitor.visit_seq(items).map_err(|refusal| place.fail(refusal))
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<V::Value, A::Error> {
        self.demand(self.kind == Kind::Object, "an object")?;
        let place = self.place;
        let length = place.length();
        let read = self.visitor.visit_map(Fields { fields, length, place });
        read.map_err(|refusal| {
            // A reason that was not noted yet is about the object, not about its last field.
            if refusal.0.is_some() {
                place.back_to(length);
            }
            place.fail(refusal)
        })
    }
}

/// The items of an array, one of which is the present place.
struct Items<'a, A> {
    items: A,
    next: usize,
    /// The length of the array's own path.
    length: usize,
    place: &'a Place,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Items<'_, A> {
    type Error = Refusal;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Refusal> {
        self.place.back_to(self.length);
        self.place.enter_item(self.next);
        self.next += 1;
        let item = self.items.next_element_seed(Seed { seed, place: self.place, is_key: false });
        let item = item.map_err(|_| Refusal::default())?;
        if item.is_none() {
            self.place.back_to(self.length);
        }
        Ok(item)
    }
}

/// The fields of an object, one of which is the present place.
struct Fields<'a, A> {
    fields: A,
    /// The length of the object's own path.
    length: usize,
    place: &'a Place,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Fields<'_, A> {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Refusal> {
        self.place.back_to(self.length);
        let key = self.fields.next_key_seed(Seed { seed, place: self.place, is_key: true });
        key.map_err(|_| Refusal::default())
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Refusal> {
        let value = self.fields.next_value_seed(Seed { seed, place: self.place, is_key: false });
        value.map_err(|_| Refusal::default())
    }
}

/// A value or a key that is read through a `Reader`.
struct Seed<'a, T> {
    seed: T,
    place: &'a Place,
    is_key: bool,
}

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for Seed<'_, T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<T::Value, D::Error> {
        let place = self.place;
        let read = if self.is_key {
            self.seed.deserialize(Key { json, place })
        } else {
            self.seed.deserialize(Reader { json, place })
        };
        read.map_err(|refusal| place.fail(refusal))
    }
}

/// The name of a field, which becomes part of the place once it is known.
struct Key<'a, D> {
    json: D,
    place: &'a Place,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Key<'_, D> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let name = Name { visitor, place: self.place };
        self.json.deserialize_any(name).map_err(|_| Refusal::default())
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}

/// A visitor of a field's name.
struct Name<'a, V> {
    visitor: V,
    place: &'a Place,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Name<'_, V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<V::Value, E> {
        let value = self.visitor.visit_str(name);
        let value = value.map_err(|refusal: Refusal| self.place.fail(refusal))?;
        self.place.enter_field(name);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use sheaf_ledger::transaction::SignedTransaction;

    use super::*;

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        slot: u16,
        name: Option<String>,
        inner: Vec<Inner>,
    }

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[serde(with = "sheaf_ledger::decimal")]
        amount: u64,
    }

    fn refusal(text: &str) -> String {
        read_json::<Outer>(text.as_bytes()).expect_err(text)
    }

    #[test]
    fn what_has_the_form_is_read() {
        let outer = |name: Option<&str>, amounts: &[u64]| Outer {
            slot: u16::MAX,
            name: name.map(str::to_owned),
            inner: amounts.iter().map(|amount| Inner { amount: *amount }).collect(),
        };
        let text = r#" {"slot": 65535, "name": "a\u0062", "inner": [{"amount": "7"}]} "#;
        assert_eq!(read_json(text.as_bytes()), Ok(outer(Some("ab"), &[7])));
        let text = r#"{"inner":[],"slot":65535}"#;
        assert_eq!(read_json(text.as_bytes()), Ok(outer(None, &[])));
    }

    #[test]
    fn what_has_another_form_is_refused_with_its_place() {
        for (text, reason) in [
            (r#"[1, null, []]"#, "expected an object, found an array"),
            ("7", "expected an object, found the number 7"),
            ("null", "expected an object, found null"),
            (r#"{"slot":1}"#, "`inner` is missing"),
            (r#"{"slot":1,"slot":1,"inner":[]}"#, "`slot` is there twice"),
            (
                r#"{"slot":1,"memo":1,"inner":[]}"#,
                "`memo` is not known here; known are `slot`, `name`, `inner`",
            ),
            (
                r#"{"slot":65536,"inner":[]}"#,
                "slot: expected a whole number from 0 to 65535, found the number 65536",
            ),
            (
                r#"{"slot":-1,"inner":[]}"#,
                "slot: expected a whole number from 0 to 65535, found the number -1",
            ),
            (
                r#"{"slot":1.0,"inner":[]}"#,
                "slot: expected a whole number from 0 to 65535, found another number",
            ),
            (
                r#"{"slot":"1","inner":[]}"#,
                "slot: expected a whole number from 0 to 65535, found a string",
            ),
            (
                r#"{"slot":1,"name":null,"inner":[]}"#,
                "name: null is no value here: leave the field out",
            ),
            (r#"{"slot":1,"inner":{}}"#, "inner: expected an array, found an object"),
            (
                r#"{"slot":1,"inner":[{"amount":"1"},["2"]]}"#,
                "inner[1]: expected an object, found an array",
            ),
            (
                r#"{"slot":1,"inner":[{"amount":"01"}]}"#,
                "inner[0].amount: an amount is a string of decimal digits below 2^64",
            ),
            (r#"{"slot":1,"inner":[{}]}"#, "inner[0]: `amount` is missing"),
        ] {
            assert_eq!(refusal(text), reason, "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_told_by_the_place_where_it_ends() {
        assert_eq!(refusal(""), "the body is no JSON value");
        assert_eq!(refusal("{]"), "the body is no JSON value");
        assert_eq!(refusal(r#"{"slot":+1}"#), "slot: the JSON breaks off or errs here");
        assert_eq!(refusal(r#"{"slot":01}"#), "slot: the JSON breaks off or errs here");
        let cut = r#"{"slot":1,"inner":[{"amount":"1"#;
        assert_eq!(refusal(cut), "inner[0].amount: the JSON breaks off or errs here");
        let two = r#"{"slot":1,"inner":[]}{}"#;
        assert_eq!(refusal(two), "the body goes on after its JSON value");
    }

    /// No word of the program's own types reaches a client.
    #[test]
    fn a_transaction_that_is_none_is_refused_in_words_of_json() {
        let refusal = |text: &str| read_json::<SignedTransaction>(text.as_bytes()).expect_err(text);
        assert_eq!(refusal("7"), "expected an object, found the number 7");
        assert_eq!(refusal("[]"), "expected an object, found an array");
        assert_eq!(refusal("{}"), "`key` is missing");
        let null = "null is no value here: leave the field out";
        assert_eq!(refusal(r#"{"transfer":null}"#), format!("transfer: {null}"));
    }
}
