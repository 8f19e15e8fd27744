//! What JSON of any program may be that looks like a record: lines that tell of a call a second time, and error objects.

use std::borrow::Cow;

use crate::read::engine::draft::Draft;
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

/// For every JSON object, whatever wrote it.
pub fn of_any_program(value: &Json<'_>) -> Option<Ignored> {
    let second = SECOND_TELLERS.iter().any(|(path, start, end)| {
        let name = value.at_path(path).and_then(Json::scalar);
        name.is_some_and(|name| name.starts_with(start) && name.ends_with(end))
    });
    second.then_some(Ignored::NotHttp)
}

/// Client libraries name the fault in a `code` beside the status (`ECONNRESET`, `rate_limit`), which no usual name is.
pub fn settle_error_code<'a>(value: &Json<'a>, draft: &mut Draft<'a>) {
    if draft.exchange.error_code.is_some() {
        return;
    }
    let word = ["err", "error", "exception"].iter().find_map(|group| {
        let group = value.get(group)?;
        ["code", "type", "name"]
            .iter()
            .filter_map(|name| group.get(name)?.scalar())
            .find(|text| !text.is_empty() && text.parse::<u64>().is_err())
    });
    draft.exchange.error_code = word.map(|text| Cow::Owned(text.into_owned()));
}
