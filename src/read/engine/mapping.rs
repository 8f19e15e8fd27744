//! Where a user says a record holds a field: `--map FIELD=PATH`, or a section of the configuration.

use std::str::FromStr;

use crate::read::engine::field::{Field, TimeForm, Unit};

/// Explicit places, in the order given; they win over the known shapes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping(Vec<(Field, String)>);

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

    pub fn places(&self) -> impl Iterator<Item = (&Field, &str)> {
        self.0.iter().map(|(field, path)| (field, path.as_str()))
    }
}

fn parse_pair(pair: &str) -> Result<(Field, String), MappingError> {
    let (name, path) = pair
        .split_once('=')
        .filter(|(name, path)| !name.trim().is_empty() && !path.trim().is_empty())
        .ok_or_else(|| MappingError::NotAPair(pair.to_owned()))?;
    let named: NamedField = name.trim().parse()?;
    let path = path.trim().strip_prefix("$.").unwrap_or(path.trim());
    Ok((named.0, path.to_owned()))
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
        ] {
            let error = Mapping::parse(&[pair]).expect_err(pair).to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
