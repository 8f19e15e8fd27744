//! What the answer came to: outcome, error code, message and wait, by status, headers, body and the vendor's rules.
//!
//! An ok body is looked into only when a rule of the vendor can hold for it and the body has one of the rule's words,
//! because nearly all bodies are ok bodies. Statuses that a hop of ours made are not judged by the vendor's rules.

use crate::attribute::body::{Body, clean_code};
use crate::attribute::outcome::settle_status;
use crate::attribute::profile::Profile;
use crate::attribute::retry_after::{settle_wait_from_body, settle_wait_from_headers};
use crate::attribute::texts::{contains_ignoring_case, find_header, head};
use crate::catalog::{HeaderTest, Rule};
use crate::model::exchange::{Exchange, Headers, Outcome, StatusSource, Text};

/// Words of rules are looked for in this much of a body.
const SEARCH_BYTES_MAX: usize = 256 * 1024;
/// Texts of faults stand near the beginning.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Fills outcome, error code, error message and wait. Returns the body if it was worth reading.
pub fn settle_answer<'a>(exchange: &mut Exchange<'a>, profile: &Profile) -> Option<ReadBody<'a>> {
    settle_wait_from_headers(exchange);
    let by_status = settle_status(exchange);
    exchange.outcome = by_status;
    let fine = matches!(by_status, Outcome::Ok | Outcome::Redirect);
    if fine && !may_have_failed(exchange, profile) {
        return None;
    }
    let text = exchange.response_body.clone().filter(|text| !text.is_empty());
    let body = text.as_deref().map(Body::read);
    if let Some(body) = &body {
        settle_wait_from_body(exchange, body);
    }
    let codes = find_codes(exchange, profile, body.as_ref());
    let hit = match exchange.status_source {
        StatusSource::Origin => find_rule(exchange, profile, body.as_ref(), &codes),
        StatusSource::Edge | StatusSource::Client => None,
    };
    if let Some(hit) = &hit
        && by_status != Outcome::ClientGone
    {
        exchange.outcome = hit.rule.outcome.outcome();
    }
    // An ok answer that turned out to be ok has neither code nor message, whatever its body's keys are called.
    if !fine || hit.is_some() {
        let code = hit.as_ref().and_then(|hit| hit.code).or_else(|| codes.first().map(String::as_str));
        if exchange.error_code.is_none() {
            exchange.error_code = code.map(|code| Text::Owned(code.to_owned()));
        }
        if exchange.error_message.is_none() {
            exchange.error_message = body.as_ref().and_then(|b| b.message(&profile.places)).map(Text::Owned);
        }
    }
    drop(hit);
    let values = body.as_ref().map(|body| ids_of(body, profile))?;
    Some(ReadBody {
        ids: values,
        text,
    })
}

/// What later steps need of a body that has been read.
pub struct ReadBody<'a> {
    /// The vendor's request id in the body.
    pub ids: Option<String>,
    #[expect(dead_code, reason = "keeps the text alive beside what was read from it")]
    text: Option<Text<'a>>,
}

fn ids_of(body: &Body<'_>, profile: &Profile) -> Option<String> {
    profile
        .request_ids
        .iter()
        .flat_map(|ids| &ids.body)
        .find_map(|path| body.scalar(path))
}
