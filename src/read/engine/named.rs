//! Values with names (columns, keys, groups of a pattern) to exchanges, by what the names usually mean.
//!
//! Several names may tell the same field; of those that hold something fitting, the best-ranked one counts.

use std::borrow::Cow;

use crate::model::exchange::Text;
use crate::read::engine::draft::{Draft, parse_duration_ms, parse_status};
use crate::read::engine::field::{Field, Unit};
use crate::read::engine::synonyms::{Synonym, Synonyms, is_group, normalise};
use crate::read::skip::Rejected;

/// The values of one record, a field each.
#[derive(Default)]
pub struct Named<'n, 'a> {
    best: Vec<(Cow<'n, Field>, u16, Text<'a>)>,
    /// A status was told and was none.
    odd_status: bool,
}

impl<'n, 'a> Named<'n, 'a> {
    pub fn with_capacity(fields: usize) -> Self {
        Self {
            best: Vec::with_capacity(fields),
            odd_status: false,
        }
    }

    /// Takes a value for a field unless a better place told it already. Lower ranks are better.
    pub fn offer(&mut self, field: Cow<'n, Field>, rank: u16, value: Text<'a>) {
        if !fits(&field, &value) {
            self.odd_status |= *field == Field::Status;
            return;
        }
        match self
            .best
            .iter_mut()
            .find(|(known, _, _)| same(known, &field))
        {
            Some(entry) if entry.1 > rank => *entry = (field, rank, value),
            Some(_) => {}
            None => self.best.push((field, rank, value)),
        }
    }

    pub fn fill(self, draft: &mut Draft<'a>) -> Result<(), Rejected> {
        for (field, _, value) in self.best {
            match as_request_line(&field, &value) {
                true => draft.set(&Field::RequestLine, value)?,
                false => draft.set(&field, value)?,
            }
        }
        if self.odd_status && !draft.status_seen() {
            return Err(Rejected::BadStatus);
        }
        Ok(())
    }
}

/// What a name means: the whole name, else what is left of it when containers that only group are taken off in front.
pub fn find_synonym(synonyms: &Synonyms, name: &str) -> Option<Synonym> {
    let mut key = String::with_capacity(name.len());
    let mut rest = name;
    loop {
        key.clear();
        normalise(rest, &mut key);
        if let Some(found) = synonyms.find(&key) {
            return Some(found);
        }
        let (group, inner) = rest.split_once('.')?;
        key.clear();
        normalise(group, &mut key);
        if !is_group(&key) {
            return None;
        }
        rest = inner;
    }
}

/// An answer (or that there was none) is told, and a request is named.
pub fn is_exchange(draft: &Draft<'_>) -> bool {
    let e = &draft.exchange;
    let named = !e.method.is_empty() || !e.path.is_empty() || !e.host.is_empty();
    let failed = !e.method.is_empty()
        && !e.host.is_empty()
        && (e.error_code.is_some() || e.error_message.is_some());
    named && draft.status_seen() || failed
}

/// Whether a value can be what its name says: `status=Pending` is a word, not a status.
fn fits(field: &Field, value: &str) -> bool {
    match field {
        Field::Status => parse_status(value).is_ok(),
        Field::UpstreamStatus => true,
        _ if value.is_empty() || value == "-" => false,
        Field::Duration(unit) => parse_duration_ms(value, *unit).is_some(),
        Field::RequestBytes | Field::ResponseBytes | Field::Attempt | Field::Resends => {
            value.parse::<i64>().is_ok()
        }
        Field::RequestLine => is_request_line(value),
        _ => true,
    }
}

fn same(known: &Field, field: &Field) -> bool {
    matches!(
        (known, field),
        (Field::Duration(_), Field::Duration(_)) | (Field::Time(_), Field::Time(_))
    ) || known == field
}

/// People write `POST https://…` under the name of an address too.
fn as_request_line(field: &Field, value: &str) -> bool {
    matches!(field, Field::Url | Field::Path) && is_request_line(value)
}

/// `GET /path`, the protocol aside.
fn is_request_line(text: &str) -> bool {
    let (method, target) = text.split_once(' ').unwrap_or_default();
    let named = !method.is_empty() && method.bytes().all(|b| b.is_ascii_uppercase());
    named && (target.starts_with('/') || target.contains("://"))
}

/// The unit that a name ends in: `elapsed (ms)`, `wait_s`.
pub fn unit_of_name(name: &str) -> Option<Unit> {
    let name = name.trim_end_matches([')', ']']);
    let last = name.rsplit(['_', ' ', '(', '[', '.', '-']).next()?;
    Some(match last.to_ascii_lowercase().as_str() {
        "ms" | "msec" | "millis" | "milliseconds" => Unit::Millis,
        "s" | "sec" | "seconds" => Unit::Seconds,
        "us" | "micros" | "microseconds" => Unit::Micros,
        "ns" | "nanos" => Unit::Nanos,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::TsKind;

    #[test]
    fn the_best_name_that_fits_counts() {
        let (status, url) = (Field::Status, Field::Url);
        let mut named = Named::default();
        named.offer(Cow::Borrowed(&status), 1, "failed".into());
        named.offer(Cow::Borrowed(&status), 5, "503".into());
        named.offer(
            Cow::Borrowed(&url),
            3,
            "POST https://api.example.com/a?b=1".into(),
        );
        let mut draft = Draft::new(TsKind::Start, None);
        assert_eq!(named.fill(&mut draft), Ok(()));
        let e = &draft.exchange;
        assert_eq!(
            (
                e.status,
                e.method.as_ref(),
                e.host.as_ref(),
                e.path.as_ref()
            ),
            (Some(503), "POST", "api.example.com", "/a")
        );
    }

    #[test]
    fn names_are_found_behind_groups() {
        let synonyms = Synonyms::default();
        for (name, field) in [
            ("http.response.status", Some(Field::Status)),
            ("http.path", Some(Field::Url)),
            ("HTTP Status", Some(Field::Status)),
            ("pod.status", None),
        ] {
            let found = find_synonym(&synonyms, name).map(|s| s.field.clone());
            assert_eq!(found, field, "{name}");
        }
        assert_eq!(unit_of_name("Elapsed (ms)"), Some(Unit::Millis));
        assert_eq!(unit_of_name("wait_s"), Some(Unit::Seconds));
        assert_eq!(unit_of_name("hits"), None);
    }
}
