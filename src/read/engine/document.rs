//! JSON documents that hold a list of records somewhere: the list is walked without building the document.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::read::format::DocumentError;

/// Hands over the text of each entry of the array that stands at `path` (none: the document is the array). Several
/// documents may follow each other, as in a file of one document a line.
pub fn walk_entries(
    text: &str,
    path: &[&str],
    each: &mut dyn FnMut(&str),
) -> Result<(), DocumentError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    while deserializer.end().is_err() {
        let walk = Walk { path, each };
        walk.deserialize(&mut deserializer).map_err(broken)?;
    }
    Ok(())
}

fn broken(error: serde_json::Error) -> DocumentError {
    let what = match error.is_eof() {
        true => "it ends too early",
        false => "it is not valid JSON of this kind",
    };
    DocumentError {
        line: error.line(),
        column: error.column(),
        what: what.to_owned(),
    }
}

/// Goes down the path, then through the list.
struct Walk<'w, 'k> {
    path: &'w [&'w str],
    each: &'w mut (dyn FnMut(&str) + 'k),
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.path.is_empty() {
            true => deserializer.deserialize_seq(self),
            false => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.first() {
            Some(name) => write!(f, "an object with {name:?}"),
            None => f.write_str("an array of records"),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((name, path)) = self.path.split_first() else {
            return Ok(());
        };
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if key == *name {
                map.next_value_seed(Walk {
                    path,
                    each: &mut *self.each,
                })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(entry) = seq.next_element::<&'de RawValue>()? {
            (self.each)(entry.get());
        }
        Ok(())
    }
}
