//! The values of paths and queries, each a text.

use std::borrow::Cow;

use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::refusal::Refusal;

/// Reads a segment of a path.
///
/// # Errors
/// A sentence that gives the reason, when `text` is not of the form `T`.
pub(in crate::api) fn read_segment<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    T::deserialize(Text { name: None, text: text.into() }).map_err(|refusal| refusal.to_string())
}

/// Reads the parameters of a query, by their names.
///
/// # Errors
/// A sentence that names the parameter and the reason, when `pairs` are not of the form `T`.
pub(in crate::api) fn read_parameters<T: DeserializeOwned>(
    pairs: Vec<(String, String)>,
) -> Result<T, String> {
    let named = pairs.into_iter().map(|(name, text)| {
        let text = Text { name: Some(name.clone()), text: text.into() };
        (name, text)
    });
    T::deserialize(MapDeserializer::new(named)).map_err(|refusal: Refusal| refusal.to_string())
}

/// A text that stands for a value.
struct Text<'a> {
    /// The parameter that has the value.
    name: Option<String>,
    text: Cow<'a, str>,
}

impl Text<'_> {
    fn refused(&self, reason: &str) -> Refusal {
        match &self.name {
            Some(name) => Refusal::new(format_args!("`{name}`: {reason}")),
            None => Refusal::new(reason),
        }
    }

    /// The number of the text, which has one spelling.
    fn number(&self, maximum: u64) -> Result<u64, Refusal> {
        let is_spelt = self.text.bytes().all(|byte| byte.is_ascii_digit())
            && (self.text == "0" || !self.text.starts_with('0'));
        let number = self.text.parse().ok().filter(|number| is_spelt && *number <= maximum);
        number.ok_or_else(|| {
            let reason = format!(
                "expected a whole number from 0 to {maximum}, without sign or leading zero"
            );
            self.refused(&reason)
        })
    }
}

impl<'de> IntoDeserializer<'de, Refusal> for Text<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Methods of `Deserializer` that ask for a number.
macro_rules! read_numbers {
    ($($method:ident: $maximum:expr;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
            visitor.visit_u64(self.number($maximum)?)
        }
    )+};
}

impl<'de> Deserializer<'de> for Text<'_> {
    type Error = Refusal;

    read_numbers! {
        deserialize_u8: u8::MAX.into();
        deserialize_u16: u16::MAX.into();
        deserialize_u32: u32::MAX.into();
        deserialize_u64: u64::MAX;
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.text.as_ref() {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(self.refused("expected true or false")),
        }
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let read = visitor.visit_str(&self.text);
        read.map_err(|refusal: Refusal| self.refused(&refusal.to_string()))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        if self.text.is_empty() {
            return Err(self.refused("it is empty: leave the parameter out"));
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Page {
        token: u16,
        before: Option<String>,
        limit: Option<u32>,
    }

    fn page(pairs: &[(&str, &str)]) -> Result<Page, String> {
        let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        read_parameters(pairs.iter().map(owned).collect())
    }

    #[test]
    fn a_number_has_one_spelling() {
        for (text, number) in [("0", 0), ("7", 7), ("4294967295", u32::MAX)] {
            assert_eq!(read_segment(text), Ok(number), "{text}");
        }
        for text in ["", "+1", "-1", "00", "01", "4294967296", " 1", "1 ", "1e3", "0x1", "१"] {
            let refusal = read_segment::<u32>(text).expect_err(text);
            let expected =
                "expected a whole number from 0 to 4294967295, without sign or leading zero";
            assert_eq!(refusal, expected);
        }
    }

    #[test]
    fn yes_and_no_are_true_and_false() {
        assert_eq!(["true", "false"].map(read_segment), [Ok(true), Ok(false)]);
        for text in ["", "1", "True", "yes", "true "] {
            let refusal = read_segment::<bool>(text).expect_err(text);
            assert_eq!(refusal, "expected true or false");
        }
    }

    #[test]
    fn parameters_are_read_by_their_names() {
        let read = Page { token: 1, before: Some("2-3".into()), limit: Some(4) };
        assert_eq!(page(&[("limit", "4"), ("before", "2-3"), ("token", "1")]), Ok(read));
        assert_eq!(page(&[("token", "1")]), Ok(Page { token: 1, before: None, limit: None }));
    }

    #[test]
    fn what_is_no_parameter_is_refused_by_its_name() {
        for (pairs, reason) in [
            (&[][..], "`token` is missing"),
            (&[("token", "1"), ("token", "1")], "`token` is there twice"),
            (
                &[("token", "1"), ("size", "1")],
                "`size` is not known here; known are `token`, `before`, `limit`",
            ),
            (&[("token", "1"), ("limit", "")], "`limit`: it is empty: leave the parameter out"),
            (&[("token", "1"), ("before", "")], "`before`: it is empty: leave the parameter out"),
            (
                &[("token", "+1")],
                "`token`: expected a whole number from 0 to 65535, without sign or leading zero",
            ),
        ] {
            assert_eq!(page(pairs).expect_err(reason), reason);
        }
    }
}
