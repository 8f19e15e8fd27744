//! Saved `_bulk` bodies: an action line, then its source line.

use crate::read::format::{Options, Parsed, Place, SequenceParser, Sink};
use crate::read::push::bulk::{Action, read_action, read_source};
use crate::read::push::inner::EntryReader;
use crate::read::skip::{Ignored, Rejected};

pub const NAME: &str = "elasticsearch_bulk";

/// Remembers the action until its source comes.
pub struct BulkLines {
    inner: EntryReader,
    open: Option<Action>,
}

impl BulkLines {
    pub fn new(options: &Options) -> Self {
        Self {
            inner: EntryReader::new(options),
            open: None,
        }
    }

    fn source(&mut self, action: Action, line: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        match read_source(0, action, line) {
            Ok(Some(entry)) => match self.inner.read(&entry, at, found) {
                Parsed::Record(_) => Parsed::Record(NAME),
                other => other,
            },
            Ok(None) => Parsed::Ignored(Ignored::NotHttp),
            Err(_) => Parsed::Rejected(Rejected::BadJson),
        }
    }
}

impl SequenceParser for BulkLines {
    fn line(&mut self, line: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        if let Some(action) = self.open.take() {
            return self.source(action, line, at, found);
        }
        // Most lines of other logs end here: an action's name is the first thing in its line.
        let Some(item) = is_action(line).then(|| read_action(0, line)).flatten() else {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        };
        self.open = (item.action != Action::Delete).then_some(item.action);
        Parsed::Ignored(Ignored::Part)
    }

    fn finish(&mut self, found: &mut Sink<'_>) {
        self.inner.finish(found);
    }
}

fn is_action(line: &str) -> bool {
    let Some(members) = line.trim_start().strip_prefix('{') else {
        return false;
    };
    let name = members.trim_start().strip_prefix('"');
    let name = name.and_then(|rest| rest.split('"').next());
    matches!(name, Some("create" | "index" | "update" | "delete"))
}
