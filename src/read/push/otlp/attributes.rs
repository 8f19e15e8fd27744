//! Attributes of a span, a log record or a resource, in the order of the message.

use crate::model::exchange::Text;
use crate::read::engine::json::Json;

/// Senders keep 128 by default; the rest of a record with more stays unread.
pub const ATTRIBUTES_MAX: usize = 1_000;

#[derive(Default)]
pub struct Attributes<'a>(pub Vec<(Text<'a>, Json<'a>)>);

impl<'a> Attributes<'a> {
    /// The first of these names that is told: the better name stands first.
    pub fn find(&self, names: &[&str]) -> Option<&Json<'a>> {
        names.iter().find_map(|name| {
            let found = self.0.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value).filter(|v| **v != Json::Null)
        })
    }

    /// Its text, unless that is empty.
    pub fn text(&self, names: &[&str]) -> Option<Text<'a>> {
        names
            .iter()
            .find_map(|name| self.find(&[name])?.text().filter(|text| !text.is_empty()))
    }

    pub fn push(&mut self, name: Text<'a>, value: Json<'a>) {
        if self.0.len() < ATTRIBUTES_MAX {
            self.0.push((name, value));
        }
    }
}
