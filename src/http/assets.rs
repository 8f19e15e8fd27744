//! The files of `web/`, compiled in, with an ETag and a strict content security policy.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use twox_hash::XxHash3_64;

use crate::chart;
use crate::http::api::params::Path;
use crate::http::error::ApiError;

/// Nothing comes from elsewhere, nothing inline, no frames.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

macro_rules! web {
    ($($name:literal: $kind:expr),* $(,)?) => {
        &[$(($name, $kind, include_str!(concat!("../../web/", $name)))),*]
    };
}

/// Path below `/assets/`, type, content.
const FILES: &[(&str, &str, &str)] = web![
    "api.js": SCRIPT,
    "app.js": SCRIPT,
    "bar.js": SCRIPT,
    "chart.js": SCRIPT,
    "dom.js": SCRIPT,
    "format.js": SCRIPT,
    "icon.svg": "image/svg+xml",
    "plot.js": SCRIPT,
    "spark.js": SCRIPT,
    "state.js": SCRIPT,
    "style.css": STYLE,
    "theme.js": SCRIPT,
    "verdict.js": SCRIPT,
    "views/integration.js": SCRIPT,
    "views/overview.js": SCRIPT,
    "views/samples.js": SCRIPT,
];

const INDEX: &str = include_str!("../../web/index.html");

/// Every page is the same document; its scripts read the address.
pub async fn page(headers: HeaderMap) -> Response {
    file(&headers, HTML, INDEX.as_bytes())
}

pub async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, ApiError> {
    if name == "sans.ttf" {
        return Ok(file(&headers, "font/ttf", chart::face_regular()));
    }
    FILES
        .iter()
        .find(|(known, _, _)| *known == name)
        .map(|(_, kind, content)| file(&headers, kind, content.as_bytes()))
        .ok_or_else(|| ApiError::not_found(format!("there is no asset {name:?}")))
}

fn file(request: &HeaderMap, kind: &'static str, content: &'static [u8]) -> Response {
    let etag = format!("\"{:016x}\"", XxHash3_64::oneshot(content));
    let unchanged = request
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        content.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_that_is_imported_is_served() {
        for (name, kind, content) in FILES.iter().filter(|(_, kind, _)| *kind == SCRIPT) {
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            for import in content
                .lines()
                .filter(|line| line.starts_with("import "))
                .filter_map(|line| line.split("from '").nth(1))
            {
                let target = import.split('\'').next().unwrap_or_default();
                let target = match target.strip_prefix("../") {
                    Some(above) => above.to_owned(),
                    None => format!(
                        "{folder}{}{}",
                        if folder.is_empty() { "" } else { "/" },
                        target.trim_start_matches("./")
                    ),
                };
                assert!(
                    FILES.iter().any(|(known, _, _)| *known == target),
                    "{name} ({kind}) imports {target}"
                );
            }
        }
    }
}
