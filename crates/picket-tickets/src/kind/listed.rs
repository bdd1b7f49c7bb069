//! Settings that are lists, and may be written as one text with commas.

use serde::Deserializer;
use serde::de::{Error, SeqAccess, Visitor};
use std::fmt;

/// Reads one: a list of texts, or a text that is taken apart.
pub(super) fn read<'de, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
    apart: fn(&str) -> Vec<String>,
) -> Result<Vec<String>, D::Error> {
    deserializer.deserialize_any(Listed { expected, apart })
}

/// What stands between commas.
pub(super) fn between_commas(text: &str) -> Vec<String> {
    text.split(',').map(|one| one.trim().to_owned()).collect()
}

struct Listed {
    expected: &'static str,
    apart: fn(&str) -> Vec<String>,
}

impl<'de> Visitor<'de> for Listed {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok((self.apart)(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(one) = items.next_element()? {
            all.push(one);
        }
        Ok(all)
    }
}
