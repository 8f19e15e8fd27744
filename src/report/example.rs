//! Assessments for the tests of this room.

use crate::model::assessment::{Assessment, ErrorKind, OperationSummary, Sample};
use crate::model::evidence::RetryCounts;
use crate::model::time::{TimeRange, Timestamp};
use crate::model::verdict::{Category, Class, Reason, SeriesId, State, Verdict};
use crate::model::window::{RateRow, share};
use crate::report::input::ReportInput;

const START_S: i64 = 1_795_312_800;
const ONSET_S: i64 = START_S + 180 * 60;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

pub fn input<'a>(assessment: &'a Assessment, masked_note: &'a [(String, u64)]) -> ReportInput<'a> {
    ReportInput {
        assessment,
        made_at: at(START_S + 21_700),
        tool_version: "0.1.0",
        samples_max: 4,
        masked_note,
    }
}

pub fn category_two() -> Assessment {
    let headline = verdict(Category::Two);
    Assessment {
        integration: "payments".into(),
        range: TimeRange {
            since: at(START_S),
            until: at(START_S + 21_600),
        },
        verdicts: vec![
            headline.clone(),
            Verdict {
                category: Category::Quiet,
                reason: Reason::Quiet,
                ..headline.clone()
            },
        ],
        episodes: vec![headline.clone()],
        headline,
        trend: (0..360).map(row).collect(),
        operations: vec![
            operation("POST /v1/charges", 4_020, 312),
            operation("GET /v1/charges/{id}", 9_800, 3),
        ],
        errors: vec![error()],
        samples: (0..6)
            .map(|i| sample(i, 503))
            .chain([sample(9, 200)])
            .collect(),
        last_event: Some(at(START_S + 21_599)),
    }
}

pub fn with_category(category: Category) -> Assessment {
    let mut assessment = category_two();
    assessment.headline = verdict(category);
    assessment
}

pub fn empty(category: Category) -> Assessment {
    let mut headline = verdict(category);
    headline.rise_factor = Some(f64::INFINITY);
    headline.baseline_rate = Some(f64::NAN);
    headline.current_rate = Some(f64::NAN);
    Assessment {
        integration: String::new(),
        range: TimeRange {
            since: at(0),
            until: at(0),
        },
        headline,
        verdicts: vec![],
        episodes: vec![],
        trend: vec![],
        operations: vec![],
        errors: vec![],
        samples: vec![],
        last_event: None,
    }
}

pub fn hostile() -> Assessment {
    let mut assessment = category_two();
    let nasty = "<script>alert(1)</script>\u{202e}\u{0}\n````\n| x |";
    assessment.integration = nasty.into();
    assessment.headline.why.push(nasty.into());
    assessment.operations[0].operation = nasty.into();
    assessment.errors[0].template = Some(nasty.into());
    let sample = &mut assessment.samples[0];
    sample.response_body = Some(format!("{nasty}{}", "x".repeat(10_000_000)));
    sample.vendor_request_id = Some(nasty.into());
    assessment
}

fn verdict(category: Category) -> Verdict {
    let reason = match category {
        Category::Two => Reason::SustainedRise,
        Category::One => Reason::Sporadic,
        Category::Undecided => Reason::TooLittleData,
        Category::Quiet => Reason::Quiet,
    };
    Verdict {
        schema: Verdict::SCHEMA,
        series: SeriesId {
            integration: "payments".into(),
            operation: Some("POST /v1/charges".into()),
            slice: None,
            class: Class::ServerError,
        },
        category,
        state: State::Ongoing,
        reason,
        onset: Some(at(ONSET_S)),
        onset_low: Some(at(ONSET_S - 240)),
        onset_high: Some(at(ONSET_S + 180)),
        end: None,
        alert_time: Some(at(ONSET_S + 720)),
        baseline_rate: Some(0.006),
        current_rate: Some(0.078),
        rise_factor: Some(13.0),
        rise_low: Some(9.8),
        rise_high: Some(17.2),
        failures: 312,
        requests: 4_020,
        retry_success: Some(RetryCounts {
            healed: 6,
            tried: 280,
        }),
        why: vec![
            "312 of 4,020 calls failed (7.8 %) instead of the usual 0.6 % (24 expected).".into(),
        ],
        action: "open a support case with this report".into(),
        clears_when: Some("the share stays below 1.2 % for 30 minutes".into()),
        watermark: Some(at(START_S + 21_600)),
    }
}

fn row(minute: i64) -> RateRow {
    let failing = minute >= 180;
    let (requests, server_errors) = (
        38,
        if failing {
            2 + u64::from(minute % 3 == 0) * 2
        } else {
            u64::from(minute % 40 == 0)
        },
    );
    let throttled = u64::from(minute % 60 < 2);
    RateRow {
        schema: RateRow::SCHEMA,
        integration: "payments".into(),
        operation: None,
        client: None,
        status: None,
        outcome: None,
        window_start: at(START_S + minute * 60),
        window_s: 60,
        requests,
        throttled,
        server_errors,
        no_response: 0,
        client_errors: 1,
        throttled_local: 0,
        rate_429: share(throttled, requests),
        rate_5xx: share(server_errors, requests),
        duration_p50_ms: Some(120.0),
        duration_p95_ms: Some(900.0),
    }
}

fn operation(name: &str, requests: u64, server_errors: u64) -> OperationSummary {
    OperationSummary {
        operation: name.into(),
        requests,
        throttled: 4,
        server_errors,
        no_response: 0,
        rate_429: share(4, requests),
        rate_5xx: share(server_errors, requests),
        duration_p95_ms: Some(912.4),
    }
}

fn error() -> ErrorKind {
    ErrorKind {
        schema: ErrorKind::SCHEMA,
        fingerprint: "00f1a2b3c4d5e6f7".into(),
        integration: "payments".into(),
        operation: "POST /v1/charges".into(),
        status: Some(503),
        error_code: Some("backend_unavailable".into()),
        template: Some("upstream {n} did not answer".into()),
        first_seen: at(ONSET_S),
        last_seen: at(START_S + 21_500),
        count: 309,
        share: Some(0.99),
        new: true,
    }
}

fn sample(i: i64, status: u16) -> Sample {
    let ok = status < 400;
    Sample {
        id: format!("ex-{i}"),
        ts: Some(Timestamp::from_micros(
            (ONSET_S + i * 41) * 1_000_000 + 69_000,
        )),
        method: "POST".into(),
        host: "api.payments.example".into(),
        tenant: Some("acct-42".into()),
        url: "/v1/charges?expand=customer".into(),
        operation: "POST /v1/charges".into(),
        status: Some(status),
        outcome: if ok { "ok" } else { "server_error" }.into(),
        attempt: 1,
        duration_ms: Some(812.5),
        retry_after_s: (!ok).then_some(5.0),
        error_code: (!ok).then(|| "backend_unavailable".into()),
        error_message: (!ok).then(|| "upstream 7 did not answer".into()),
        request_id: Some(format!("req-{i}")),
        vendor_request_id: Some(format!("v-{i}-7f3a")),
        request_headers: Some(
            r#"[["Authorization","Bearer ‹token:k1:mz3k5q›"],["Content-Type","application/json"]]"#
                .into(),
        ),
        request_body: Some(r#"{"amount":1200,"email":"‹email:k1:aab3›"}"#.into()),
        response_headers: Some("Retry-After: 5\r\nX-Request-Id: v-7f3a".into()),
        response_body: (!ok).then(|| r#"{"error":{"code":"backend_unavailable"}}"#.into()),
        raw: Some("raw line".into()),
        source: "payments.log".into(),
        line: 4_711 + i,
    }
}
