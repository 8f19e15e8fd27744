//! What Elasticsearch answers to `_bulk`, in the types and words that clients look for.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::http::error::ApiError;
use crate::live::{BulkItem, PushError};
use crate::read::push::bulk::Action;
use crate::read::push::{PushError as WireError, Reason};

/// Of one copy of the index, which is all there is.
fn shards() -> Value {
    json!({"total": 1, "successful": 1, "failed": 0})
}

/// The items of a request that was stored.
pub fn accept(items: &[BulkItem], index: Option<&str>, nonce: u64) -> Response {
    let told: Vec<(Value, bool)> = items
        .iter()
        .enumerate()
        .map(|(at, item)| tell(item, at, index, nonce))
        .collect();
    let errors = told.iter().any(|(_, wrong)| *wrong);
    let items: Vec<Value> = told.into_iter().map(|(item, _)| item).collect();
    Json(json!({"took": 1, "errors": errors, "items": items})).into_response()
}

/// The item of an action, and whether it is an error.
fn tell(item: &BulkItem, at: usize, index: Option<&str>, nonce: u64) -> (Value, bool) {
    let index = item.target.as_deref().or(index).unwrap_or("logs");
    let id = item.id.clone();
    let id = id.unwrap_or_else(|| format!("{nonce:016x}{at:04x}"));
    let more = match (&item.fate, item.action) {
        (Err(reason), _) => json!({"status": 400, "error": unparsed(*reason)}),
        (Ok(()), Action::Update) => json!({"status": 404, "error": missing(index, &id)}),
        (Ok(()), Action::Delete) => done("not_found", 404, at),
        (Ok(()), Action::Create | Action::Index) => done("created", 201, at),
    };
    let wrong = more.get("error").is_some();
    let mut told = json!({"_index": index, "_id": id});
    if let (Value::Object(told), Value::Object(more)) = (&mut told, more) {
        told.extend(more);
    }
    (json!({ item.action.name(): told }), wrong)
}

fn done(result: &str, status: u16, at: usize) -> Value {
    json!({
        "_version": 1,
        "result": result,
        "_shards": shards(),
        "_seq_no": at,
        "_primary_term": 1,
        "status": status,
    })
}

/// A document that is no JSON object, or has nothing to store.
fn unparsed(reason: Reason) -> Value {
    json!({
        "type": "document_parsing_exception",
        "reason": "[1:1] failed to parse",
        "caused_by": {
            "type": "x_content_parse_exception",
            "reason": format!("[1:1] the document {reason}"),
        },
    })
}

fn missing(index: &str, id: &str) -> Value {
    json!({
        "type": "document_missing_exception",
        "reason": format!("[{id}]: document missing"),
        "index_uuid": "_na_",
        "shard": "0",
        "index": index,
    })
}

/// The refusal of a whole request.
pub fn refuse_push(error: PushError) -> Response {
    let told = match error {
        PushError::Wire(wire) if !wire.reason.is_size() => Some(malformed(wire)),
        _ => None,
    };
    let error = ApiError::from(error);
    match told {
        Some((kind, reason)) => answer(&error, kind, &reason),
        None => refuse(&error),
    }
}

fn malformed(error: WireError) -> (&'static str, String) {
    const ARGUMENT: &str = "illegal_argument_exception";
    // But for a delete, each action has two lines.
    let line = 2 * error.index + 1;
    match error.reason {
        Reason::NoData => ("parse_exception", "request body is required".to_owned()),
        Reason::Unterminated => (
            ARGUMENT,
            "The bulk request must be terminated by a newline [\\n]".to_owned(),
        ),
        Reason::EventMissing => (
            "action_request_validation_exception",
            "Validation Failed: 1: source is missing;".to_owned(),
        ),
        Reason::InvalidFormat => (
            ARGUMENT,
            format!(
                "Malformed action/metadata line [{line}], expected field [create], [delete], [index] or [update]"
            ),
        ),
        reason => (ARGUMENT, format!("action {} {reason}", error.index)),
    }
}

pub fn refuse(error: &ApiError) -> Response {
    let kind = match error.status() {
        StatusCode::TOO_MANY_REQUESTS => "es_rejected_execution_exception",
        StatusCode::SERVICE_UNAVAILABLE => "unavailable_shards_exception",
        StatusCode::PAYLOAD_TOO_LARGE => "content_too_long_exception",
        StatusCode::INTERNAL_SERVER_ERROR => "exception",
        _ => "illegal_argument_exception",
    };
    answer(error, kind, error.detail())
}

fn answer(error: &ApiError, kind: &str, reason: &str) -> Response {
    let status = error.status();
    let cause = json!({"type": kind, "reason": reason});
    let body = json!({
        "error": {"root_cause": [cause], "type": kind, "reason": reason},
        "status": status.as_u16(),
    });
    error.in_words_of((status, Json(body)))
}
