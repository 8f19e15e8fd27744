//! The JSON values of a body: one after another with or without white space, or the items of an array. Senders differ
//! in nothing else.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use serde_json::de::StrRead;
use serde_json::value::RawValue;

use crate::read::push::entry::{ENTRIES_MAX, PushError, Reason};

/// Takes the text of each value with its place.
pub type Each<'e, 'a> = dyn FnMut(usize, &'a str) -> Result<(), PushError> + 'e;

/// Hands over each value of a body, and the items of its arrays in their place. Returns how many.
pub fn each_value<'a>(body: &'a str, each: &mut Each<'_, 'a>) -> Result<usize, PushError> {
    let mut items = Items::new(each);
    let mut deserializer = serde_json::Deserializer::from_str(body);
    // Item by item, so that of an array which is cut off the items before the cut are read.
    if body.trim_start().starts_with('[') {
        items.walk(&mut deserializer)?;
    }
    for value in deserializer.into_iter::<&'a RawValue>() {
        let text = value.map_err(|_| items.invalid())?.get();
        match text.starts_with('[') {
            true => items.open(text)?,
            false => items.take(text)?,
        }
    }
    Ok(items.count)
}

/// The same without opening arrays: some protocols have none.
pub fn each_object<'a>(body: &'a str, each: &mut Each<'_, 'a>) -> Result<usize, PushError> {
    let mut items = Items::new(each);
    for value in serde_json::Deserializer::from_str(body).into_iter::<&'a RawValue>() {
        let text = value.map_err(|_| items.invalid())?.get();
        if !text.starts_with('{') {
            return Err(items.invalid());
        }
        items.take(text)?;
    }
    Ok(items.count)
}

struct Items<'e, 'k, 'a> {
    each: &'e mut Each<'k, 'a>,
    count: usize,
    failed: Option<PushError>,
}

impl<'e, 'k, 'a> Items<'e, 'k, 'a> {
    fn new(each: &'e mut Each<'k, 'a>) -> Self {
        Self {
            each,
            count: 0,
            failed: None,
        }
    }

    fn invalid(&self) -> PushError {
        Reason::InvalidFormat.at(self.count)
    }

    fn take(&mut self, text: &'a str) -> Result<(), PushError> {
        if self.count >= ENTRIES_MAX {
            return Err(Reason::TooMany.at(self.count));
        }
        (self.each)(self.count, text)?;
        self.count += 1;
        Ok(())
    }

    fn open(&mut self, array: &'a str) -> Result<(), PushError> {
        self.walk(&mut serde_json::Deserializer::from_str(array))
    }

    fn walk(
        &mut self,
        deserializer: &mut serde_json::Deserializer<StrRead<'a>>,
    ) -> Result<(), PushError> {
        let walked = self.deserialize(deserializer);
        let failed = self.failed.take();
        walked.map_err(|_| failed.unwrap_or(self.invalid()))
    }
}

impl<'a> DeserializeSeed<'a> for &mut Items<'_, '_, 'a> {
    type Value = ();
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'a> Visitor<'a> for &mut Items<'_, '_, 'a> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }
    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(item) = seq.next_element::<&'a RawValue>()? {
            if let Err(error) = self.take(item.get()) {
                self.failed = Some(error);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

/// Text of the body; bytes that are no UTF-8 become replacement characters.
pub fn text_of(body: &[u8]) -> Result<std::borrow::Cow<'_, str>, PushError> {
    let text = String::from_utf8_lossy(body);
    if text.trim_matches([' ', '\t', '\r', '\n', '\0']).is_empty() {
        return Err(Reason::NoData.at(0));
    }
    Ok(text)
}
