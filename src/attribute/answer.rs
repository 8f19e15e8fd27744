//! What the answer came to: outcome, error code, error message and wait, by status, headers, body and the vendor's rules.
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

/// Words of rules are looked for in this much of an ok body.
const OK_BYTES_MAX: usize = 256 * 1024;
/// Texts of faults stand near the beginning.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Fills outcome, error code, error message and wait. Returns the vendor's request id, if the body was read and has it.
pub fn settle_answer(exchange: &mut Exchange<'_>, profile: &Profile) -> Option<String> {
    settle_wait_from_headers(exchange);
    exchange.outcome = settle_status(exchange);
    let fine = matches!(exchange.outcome, Outcome::Ok | Outcome::Redirect);
    if fine && !may_have_failed(exchange, profile) {
        return None;
    }
    // Taken out while it is read, so that what is read from it can be put into the exchange.
    let text = exchange.response_body.take();
    let body = text
        .as_deref()
        .filter(|text| !text.is_empty())
        .map(Body::read);
    if let Some(body) = &body {
        settle_wait_from_body(exchange, body);
    }
    settle_error(exchange, profile, body.as_ref());
    let id = body.as_ref().and_then(|body| find_id(body, profile));
    exchange.response_body = text;
    id
}

fn may_have_failed(exchange: &Exchange<'_>, profile: &Profile) -> bool {
    if exchange.outcome == Outcome::Redirect {
        return false;
    }
    let worded = || {
        let (Some(words), Some(body)) = (&profile.ok_words, &exchange.response_body) else {
            return false;
        };
        words.is_match(head(body, OK_BYTES_MAX))
    };
    profile.ok_by_headers || exchange.error_code.is_some() || worded()
}

fn settle_error(exchange: &mut Exchange<'_>, profile: &Profile, body: Option<&Body<'_>>) {
    let failed = !matches!(exchange.outcome, Outcome::Ok | Outcome::ClientGone);
    let codes = find_codes(exchange, profile, body);
    let hit = match exchange.status_source {
        StatusSource::Origin => find_rule(exchange, profile, body, &codes),
        StatusSource::Edge | StatusSource::Client => None,
    };
    if let Some(hit) = &hit
        && exchange.outcome != Outcome::ClientGone
    {
        exchange.outcome = hit.rule.outcome.outcome();
    }
    // An ok answer that turns out to be ok has neither code nor message, whatever the keys of its body are called.
    if !failed && hit.is_none() {
        return;
    }
    if exchange.error_code.is_none() {
        let code = hit
            .and_then(|hit| hit.code)
            .or_else(|| codes.into_iter().next());
        exchange.error_code = code.map(Text::Owned);
    }
    if exchange.error_message.is_none() {
        let message = body.and_then(|body| body.message(&profile.places));
        exchange.error_message = message.map(Text::Owned);
    }
}

/// The code that the reader found, those of the body, then those of headers.
fn find_codes(exchange: &Exchange<'_>, profile: &Profile, body: Option<&Body<'_>>) -> Vec<String> {
    let mut codes: Vec<String> = exchange
        .error_code
        .iter()
        .map(|code| code.to_string())
        .collect();
    if let Some(body) = body {
        codes.extend(body.codes(&profile.places, exchange.status));
    }
    if !exchange.response_headers.is_empty() {
        let names = profile.places.iter().flat_map(|place| &place.headers);
        let values = names.filter_map(|name| find_header(&exchange.response_headers, name));
        codes.extend(
            values
                .filter_map(|value| clean_code(value))
                .map(str::to_owned),
        );
    }
    codes
}

/// The rule that holds, and the code by which it does.
struct Hit<'r> {
    rule: &'r Rule,
    code: Option<String>,
}

fn find_rule<'r>(
    exchange: &Exchange<'_>,
    profile: &'r Profile,
    body: Option<&Body<'_>>,
    codes: &[String],
) -> Option<Hit<'r>> {
    let status = exchange.status?;
    profile
        .rules
        .iter()
        .filter(|rule| rule.status.matches(status) && holds_outside(rule, exchange))
        .filter(|rule| holds_in_text(rule, exchange, body))
        .find_map(|rule| {
            let code = match rule.codes.is_empty() {
                true => None,
                false => Some(matching_code(rule, exchange, body, codes)?),
            };
            Some(Hit {
                rule,
                // A flag such as `ok: false` is no code.
                code: code.filter(|code| code != "true" && code != "false"),
            })
        })
}

/// The conditions that headers answer.
fn holds_outside(rule: &Rule, exchange: &Exchange<'_>) -> bool {
    (!rule.retry_after || exchange.retry_after_s.is_some())
        && (!rule.limit_reached || exchange.limit.remaining == Some(0))
        && rule
            .headers
            .iter()
            .all(|test| holds_header(test, &exchange.response_headers))
}

fn holds_header(test: &HeaderTest, headers: &Headers<'_>) -> bool {
    find_header(headers, &test.name).is_some_and(|value| {
        test.values.is_empty()
            || test
                .values
                .iter()
                .any(|other| other.eq_ignore_ascii_case(value.trim()))
    })
}

fn holds_in_text(rule: &Rule, exchange: &Exchange<'_>, body: Option<&Body<'_>>) -> bool {
    let body = body.map_or("", |body| head(body.text, TEXT_BYTES_MAX));
    let message = exchange.error_message.as_deref().unwrap_or("");
    rule.texts.is_empty()
        || rule
            .texts
            .iter()
            .any(|text| contains_ignoring_case(body, text) || contains_ignoring_case(message, text))
}

fn matching_code(
    rule: &Rule,
    exchange: &Exchange<'_>,
    body: Option<&Body<'_>>,
    codes: &[String],
) -> Option<String> {
    let told = exchange
        .error_code
        .as_deref()
        .filter(|code| rule.codes.iter().any(|c| c == code));
    if let Some(told) = told {
        return Some(told.to_owned());
    }
    if rule.at.is_empty() {
        return codes.iter().find(|code| rule.codes.contains(code)).cloned();
    }
    rule.at
        .iter()
        .find_map(|path| body?.find(path, &rule.codes))
}

fn find_id(body: &Body<'_>, profile: &Profile) -> Option<String> {
    profile
        .request_ids
        .iter()
        .flat_map(|ids| &ids.body)
        .find_map(|path| body.scalar(path))
}
