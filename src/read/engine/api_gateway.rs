//! AWS API Gateway: an access log format of `$context` variables that is no JSON (common log, CSV, XML).

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::template::{Dialect, Piece, Template, TemplateError};
use crate::read::format::Options;

pub const NAME: &str = "api_gateway_text";

/// Compiles the string that the stage is set to.
pub fn compile(text: &str, options: &Options) -> Result<Template, TemplateError> {
    // When the request came; the answer is `responseLatency` later.
    let dialect = Dialect {
        escaped: false,
        ..Dialect::new(NAME, TsKind::Start)
    };
    Template::new(&dialect, pieces(text.trim())?, options)
}

/// Whether a text is such a format.
pub fn is_format(text: &str) -> bool {
    text.contains("$context.") || text.contains("${context.")
}

fn pieces(text: &str) -> Result<Vec<(Piece, String)>, TemplateError> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("$context.") {
        if at > 0 {
            pieces.push((Piece::Literal(rest[..at].to_owned()), String::new()));
        }
        let name = &rest[at + "$context.".len()..];
        let end = name
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')))
            .unwrap_or(name.len());
        // A full stop behind a variable is the sentence's.
        let name = name[..end].trim_end_matches('.');
        let field = lookup(name);
        pieces.push((Piece::Value(field), format!("$context.{name}")));
        rest = &rest[at + "$context.".len() + name.len()..];
    }
    if !rest.is_empty() {
        pieces.push((Piece::Literal(rest.to_owned()), String::new()));
    }
    Ok(pieces)
}

/// What a variable means; the others, an authorizer's own among them, are read over.
fn lookup(name: &str) -> Field {
    match name {
        "requestTime" => Field::Time(TimeForm::Clf),
        "requestTimeEpoch" => Field::Time(TimeForm::Epoch),
        "httpMethod" => Field::Method,
        "path" | "resourcePath" => Field::Path,
        "routeKey" => Field::RequestLine,
        "domainName" => Field::Host,
        "status" => Field::Status,
        "integration.status" => Field::UpstreamStatus,
        "responseLatency" => Field::Duration(Unit::Millis),
        "responseLength" => Field::ResponseBytes,
        "error.responseType" => Field::LocalLimit,
        "error.message" | "integrationErrorMessage" | "integration.error" => Field::ErrorMessage,
        "requestId" => Field::RequestId,
        "awsEndpointRequestId" | "integration.requestId" => Field::VendorRequestId,
        "xrayTraceId" => Field::TraceId,
        "identity.sourceIp" => Field::ClientAddress,
        "identity.user" => Field::User,
        "identity.userAgent" => Field::Client,
        "identity.apiKeyId" => Field::Principal,
        _ => Field::Skip,
    }
}
