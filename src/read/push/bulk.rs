//! Elasticsearch `_bulk`: an action line and, but for a delete, a source line. The answer has one item for each action,
//! so every action is handed over, also those without a log line.

use std::borrow::Cow;

use crate::read::engine::json::Json;
use crate::read::push::entry::{ENTRIES_MAX, Entry, PushError, Reason};
use crate::read::push::record::{Names, entry_of, parse};

const NAMES: Names = Names {
    line: &["message", "log", "event.original"],
    time: &["@timestamp", "timestamp"],
    source: &["log.file.path", "host.name", "agent.name", "host"],
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    Index,
    Update,
    Delete,
}

impl Action {
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Index => "index",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        let all = [Self::Create, Self::Index, Self::Update, Self::Delete];
        all.into_iter().find(|action| action.name() == name)
    }
}

/// One action of the body.
pub struct Item<'a> {
    pub index: usize,
    pub action: Action,
    /// `_index` of the action line; none means the one of the request's path.
    pub target: Option<Cow<'a, str>>,
    /// `_id` of the action line.
    pub id: Option<Cow<'a, str>>,
    /// `Ok(None)` for what holds no new line: a delete, an update. An error is this item's alone.
    pub entry: Result<Option<Entry<'a>>, Reason>,
}

/// Returns how many actions the body has. An error is the whole request's: an action line that is none, no source line,
/// no line end at the end.
pub fn decode(body: &[u8], found: &mut dyn FnMut(Item<'_>)) -> Result<usize, PushError> {
    let text = String::from_utf8_lossy(body);
    if text.trim().is_empty() {
        return Err(Reason::NoData.at(0));
    }
    if !text.ends_with('\n') {
        return Err(Reason::Unterminated.at(0));
    }
    let mut lines = text.split('\n').map(str::trim).filter(|l| !l.is_empty());
    let mut index = 0;
    while let Some(line) = lines.next() {
        if index >= ENTRIES_MAX {
            return Err(Reason::TooMany.at(index));
        }
        let mut item = read_action(index, line).ok_or(Reason::InvalidFormat.at(index))?;
        if item.action != Action::Delete {
            let source = lines.next().ok_or(Reason::EventMissing.at(index))?;
            item.entry = read_source(index, item.action, source);
        }
        found(item);
        index += 1;
    }
    Ok(index)
}

/// An action line alone; its entry is to come.
pub fn read_action(index: usize, line: &str) -> Option<Item<'_>> {
    let Json::Object(members) = Json::parse(line).ok()? else {
        return None;
    };
    let [(name, meta @ Json::Object(_))] = members.as_slice() else {
        return None;
    };
    Some(Item {
        index,
        action: Action::of_name(name)?,
        target: meta.get("_index").and_then(Json::scalar),
        id: meta.get("_id").and_then(Json::scalar),
        entry: Ok(None),
    })
}

/// The source line of an action. An update tells of a document that is there already.
pub fn read_source(index: usize, action: Action, line: &str) -> Result<Option<Entry<'_>>, Reason> {
    if !line.starts_with('{') {
        return Err(Reason::InvalidFormat);
    }
    let entry = match action {
        Action::Create | Action::Index => entry_of(index, line, &NAMES).map(Some),
        Action::Update | Action::Delete => parse(index, line).map(|_| None),
    };
    entry.map_err(|error| error.reason)
}
