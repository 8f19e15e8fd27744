//! Where a user says a record holds a field: `--map FIELD=PATH`, or a section of the configuration.
//!
//! ```text
//! status=http.response.code             a path; the next pair for the same field counts where this one finds null
//! status=["http.code"]                  a name that holds dots
//! retry_after_s=response.headers.retry-after
//! ts=when{%d.%m.%Y %H:%M}               a time in the user's own form
//! status=result{ok:200,busy:429}        values that mean others
//! integration="hubspot"                 the same for every record
//! ```

use std::str::FromStr;

use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::json::Json;
use crate::read::engine::json_path::JsonPath;

/// Explicit places, in the order given; they win over the known shapes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping(Vec<Place>);

/// One place and what its values mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub field: Field,
    source: Source,
    /// Values of the log and what they stand for.
    meanings: Vec<(String, Json<'static>)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Source {
    Path(JsonPath),
    Constant(Json<'static>),
}

impl Place {
    pub fn find<'v, 'a>(&'v self, value: &'v Json<'a>) -> Option<&'v Json<'a>> {
        let found = match &self.source {
            Source::Constant(constant) => return Some(constant),
            Source::Path(path) => path.find(value)?,
        };
        if self.meanings.is_empty() {
            return Some(found);
        }
        let text = found.scalar()?;
        let meant = self.meanings.iter().find(|(seen, _)| *seen == text);
        Some(meant.map_or(found, |(_, meaning)| meaning))
    }
}

/// A mapping has at most one place a field; more is a mistake in a script.
const PLACES_MAX: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    #[error("--map: {0:?} is not FIELD=PATH, such as status=http.response.code")]
    NotAPair(String),
    #[error("--map: there is no field {name:?}{}", hint(.nearest))]
    UnknownField {
        name: String,
        nearest: Option<&'static str>,
    },
    #[error("--map: {0:?} is not a path, such as http.status, items[0].x or [\"name.with.dots\"]")]
    NotAPath(String),
    #[error(
        "--map: {0:?} is neither a time form, such as {{%d.%m.%Y %H:%M}}, nor values, such as {{ok:200,busy:429}}"
    )]
    NotMeanings(String),
    #[error("more than {PLACES_MAX} places")]
    TooMany,
}

fn hint(nearest: &Option<&'static str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}

impl Mapping {
    pub fn parse<S: AsRef<str>>(pairs: &[S]) -> Result<Self, MappingError> {
        if pairs.len() > PLACES_MAX {
            return Err(MappingError::TooMany);
        }
        pairs
            .iter()
            .map(|pair| parse_pair(pair.as_ref()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The field that a column or key of this name is mapped to.
    pub fn field_of(&self, name: &str) -> Option<&Field> {
        let named = |place: &&Place| match &place.source {
            Source::Path(path) => path.is_name(name),
            Source::Constant(_) => false,
        };
        self.0.iter().find(named).map(|place| &place.field)
    }

    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.0.iter()
    }
}

fn parse_pair(pair: &str) -> Result<Place, MappingError> {
    let (name, told) = pair
        .split_once('=')
        .map(|(name, told)| (name.trim(), told.trim()))
        .filter(|(name, told)| !name.is_empty() && !told.is_empty())
        .ok_or_else(|| MappingError::NotAPair(pair.to_owned()))?;
    let NamedField(mut field) = name.parse()?;
    if let Some(constant) = constant(told) {
        return Ok(Place {
            field,
            source: Source::Constant(constant),
            meanings: Vec::new(),
        });
    }
    let (path, braces) = match told.strip_suffix('}').and_then(|t| t.split_once('{')) {
        Some((path, braces)) => (path, Some(braces)),
        None => (told, None),
    };
    let path = JsonPath::parse(path).ok_or_else(|| MappingError::NotAPath(path.to_owned()))?;
    let mut meanings = Vec::new();
    match (braces, &mut field) {
        (None, _) => {}
        (Some(form), Field::Time(kind)) if form.contains('%') => {
            *kind = TimeForm::Strftime(form.into());
        }
        (Some(list), _) => {
            meanings =
                parse_meanings(list).ok_or_else(|| MappingError::NotMeanings(list.to_owned()))?;
        }
    }
    Ok(Place {
        field,
        source: Source::Path(path),
        meanings,
    })
}

/// `"text"` or `'text'`
fn constant(told: &str) -> Option<Json<'static>> {
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| told.strip_prefix(*quote)?.strip_suffix(*quote))?;
    Some(Json::Text(inner.to_owned().into()))
}

/// `ok:200,busy:429`; the last colon parts, because values of logs may hold one.
fn parse_meanings(list: &str) -> Option<Vec<(String, Json<'static>)>> {
    list.split(',')
        .map(|one| {
            let (seen, meant) = one.rsplit_once(':')?;
            let meant = Json::Text(meant.trim().to_owned().into());
            Some((seen.trim().to_owned(), meant))
        })
        .collect()
}

/// Names that a mapping may use: the columns of `exchanges`, and a few that become columns.
const NAMES: &[(&str, Field)] = &[
    ("ts", Field::Time(TimeForm::Any)),
    ("call_id", Field::CorrelationId),
    ("correlation_id", Field::CorrelationId),
    ("attempt", Field::Attempt),
    ("direction", Field::Direction),
    ("integration", Field::Integration),
    ("tenant", Field::Tenant),
    ("client", Field::Client),
    ("principal", Field::Principal),
    ("method", Field::Method),
    ("host", Field::Host),
    ("operation", Field::Operation),
    ("url", Field::Url),
    ("path", Field::Path),
    ("query", Field::Query),
    ("status", Field::Status),
    ("upstream_status", Field::UpstreamStatus),
    ("error_code", Field::ErrorCode),
    ("error_message", Field::ErrorMessage),
    ("duration_ms", Field::Duration(Unit::Millis)),
    ("duration_s", Field::Duration(Unit::Seconds)),
    ("duration_us", Field::Duration(Unit::Micros)),
    ("duration_ns", Field::Duration(Unit::Nanos)),
    ("duration", Field::Duration(Unit::Guess)),
    ("retry_after_s", Field::RetryAfter),
    ("request_id", Field::RequestId),
    ("vendor_request_id", Field::VendorRequestId),
    ("trace_id", Field::TraceId),
    ("idempotency_key", Field::IdempotencyKey),
    ("request_bytes", Field::RequestBytes),
    ("response_bytes", Field::ResponseBytes),
    ("request_headers", Field::RequestHeaders),
    ("request_body", Field::RequestBody),
    ("response_headers", Field::ResponseHeaders),
    ("response_body", Field::ResponseBody),
    ("client_address", Field::ClientAddress),
    ("user", Field::User),
    ("ingested_at", Field::IngestedAt),
];

struct NamedField(Field);

impl FromStr for NamedField {
    type Err = MappingError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if let Some((_, field)) = NAMES.iter().find(|(known, _)| *known == name) {
            return Ok(Self(field.clone()));
        }
        Err(MappingError::UnknownField {
            name: name.to_owned(),
            nearest: nearest(name),
        })
    }
}

/// The known name that shares the most letters in order; none when it is far off.
fn nearest(name: &str) -> Option<&'static str> {
    NAMES
        .iter()
        .map(|(known, _)| (*known, distance(name, known)))
        .filter(|(known, distance)| *distance <= known.len().div_ceil(3))
        .min_by_key(|(_, distance)| *distance)
        .map(|(known, _)| known)
}

/// Levenshtein distance; both names are short.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_and_their_faults() {
        assert!(Mapping::parse(&["status=http.response.code", "ts=$.when"]).is_ok());
        for (pair, part) in [
            ("status", "not FIELD=PATH"),
            ("=x", "not FIELD=PATH"),
            ("statuss=x", "did you mean \"status\""),
            ("zzzzzz=x", "there is no field \"zzzzzz\""),
            ("status=a[", "is not a path"),
            ("status=a{b}", "is neither a time form"),
        ] {
            let error = Mapping::parse(&[pair]).expect_err(pair).to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
