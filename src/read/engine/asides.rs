//! What JSON of any program may be that looks like a record: lines that tell of a call a second time, and error objects.

use crate::model::exchange::Text;
use crate::read::engine::draft::Draft;
use crate::read::engine::field::Field;
use crate::read::engine::json::Json;
use crate::read::skip::Ignored;

/// The beginnings of loggers whose lines tell of a request that has its own line elsewhere, and where the name stands.
///
/// Caddy's proxy tells of each try and its error log of each failure, beside the access log. .NET's client tells of a
/// call by its outer handler and of each try by its inner one; the tries are what the far end saw.
const SECOND_TELLERS: &[(&str, &str, &str)] = &[
    ("logger", "http.handlers.", ""),
    ("logger", "http.log.error", ""),
    (
        "SourceContext",
        "System.Net.Http.HttpClient.",
        ".LogicalHandler",
    ),
    (
        "Properties.SourceContext",
        "System.Net.Http.HttpClient.",
        ".LogicalHandler",
    ),
    ("Category", "System.Net.Http.HttpClient.", ".LogicalHandler"),
    ("logger", "System.Net.Http.HttpClient.", ".LogicalHandler"),
];

/// The first names of these paths: nearly all objects have none of them.
const TELLERS: [&str; 5] = [
    "logger",
    "SourceContext",
    "Properties.SourceContext",
    "Properties",
    "Category",
];

/// For every JSON object, whatever wrote it.
pub fn of_any_program(value: &Json<'_>) -> Option<Ignored> {
    if !TELLERS.iter().any(|name| value.get(name).is_some()) {
        return None;
    }
    let second = SECOND_TELLERS.iter().any(|(path, start, end)| {
        let name = value.at_path(path).and_then(Json::scalar);
        name.is_some_and(|name| name.starts_with(start) && name.ends_with(end))
    });
    second.then_some(Ignored::NotHttp)
}

/// Client libraries name the fault in a `code` beside the status (`ECONNRESET`, `rate_limit`), which no usual name is.
/// Others hold the status itself there.
pub fn settle_error_code<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    let code = draft.exchange.error_code.as_deref();
    let status = code.filter(|code| code.len() == 3 && matches!(code.parse(), Ok(100..=599u16)));
    if let (false, Some(status)) = (draft.status_seen(), status) {
        let status = status.to_owned().into();
        draft.set(&Field::Status, status).unwrap_or_default();
    }
    if draft.exchange.error_code.is_none() {
        draft.exchange.error_code = word_of_fault(value);
    }
}

fn word_of_fault<'a>(value: &Json<'a>) -> Option<Text<'a>> {
    let group = ["err", "error", "exception"]
        .iter()
        .find_map(|group| value.get(group))?;
    ["code", "type", "name"]
        .iter()
        .filter_map(|name| group.get(name)?.scalar())
        .find(|text| !text.is_empty() && text.parse::<u64>().is_err())
}
