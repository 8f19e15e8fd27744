//! Delimited files with a header: any, exports of Apigee, and the request logs that teams write in Salesforce Marketing
//! Cloud.

use chrono_tz::Tz;

use crate::model::exchange::{Outcome, StatusSource, TsKind};
use crate::read::engine::columns::{MOMENT, Word, own};
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, Unit};
use crate::read::engine::sheet::{GENERIC, Kind, Sheet};
use crate::read::format::{Format, Layout};

pub const FORMAT: Format = Format {
    name: GENERIC.name,
    aliases: &["tsv", "delimited"],
    title: "CSV, TSV and other delimited files with a header",
    specificity: 15,
    layout: Layout::Sequence(|options| Box::new(Sheet::new(&GENERIC, options))),
    samples: &[
        (
            "timestamp;integration;method;url;status;ms\n22.11.2026 03:51:46;hubspot;POST;https://api.hubapi.com/crm/v3/objects;429;12,5",
            Some(429),
        ),
        (
            "code\tmethod\turl\ttime_total\tnum_connects\tremote_ip\n000\tGET\thttps://api.stripe.com/v1/charges/ch_9\t30.021\t1\t127.0.0.1",
            None,
        ),
    ],
};

pub const MARKETING_CLOUD: Format = Format {
    name: MARKETING_CLOUD_KIND.name,
    aliases: &[],
    title: "Request logs kept in Salesforce Marketing Cloud, exported as CSV",
    specificity: 50,
    layout: Layout::Sequence(|options| Box::new(Sheet::new(&MARKETING_CLOUD_KIND, options))),
    samples: &[(
        "LogDate,Source,Method,Endpoint,StatusCode,Response,Attempt\n11/22/2026 3:51:47 AM,SSJS_OrderSync,POST,https://mcabc.rest.marketingcloudapis.com/hub/v1/dataevents/key:Orders/rowset,429,\"{\"\"message\"\":\"\"Rate limit exceeded\"\",\"\"errorcode\"\":50100}\",2",
        Some(429),
    )],
};

/// The product's clock is Central Standard Time all year, without summer time; a zone that the user names wins.
const MARKETING_CLOUD_KIND: Kind = Kind {
    name: "sfmc_csv",
    ts_kind: TsKind::Start,
    claims: |names| {
        let told = |wanted: &[&str]| names.iter().any(|name| wanted.contains(name));
        told(&["LogDate"]) && told(&["Endpoint", "URL", "Url"])
    },
    own: MARKETING_CLOUD_COLUMNS,
    zone: Some(Tz::Etc__GMTPlus6),
    // What the product's own HTTP functions return instead of a status; no content is a success too.
    words: &[
        ("Status", "0", "200"),
        ("Status", "-3", "204"),
        ("Status", "-1", "-"),
        ("Status", "-2", "-"),
    ],
    settle: |_| {},
};

const MARKETING_CLOUD_COLUMNS: &[Word] = &[
    ("LogDate", MOMENT),
    ("Source", own(Field::Client)),
    ("Activity", own(Field::Client)),
    ("Endpoint", own(Field::Url)),
    ("Response", own(Field::ResponseBody)),
    ("Request", own(Field::RequestBody)),
    ("Payload", own(Field::RequestBody)),
];

pub const APIGEE: Format = Format {
    name: APIGEE_KIND.name,
    aliases: &[],
    title: "Apigee analytics and message logs, exported as CSV",
    specificity: 50,
    layout: Layout::Sequence(|options| Box::new(Sheet::new(&APIGEE_KIND, options))),
    samples: &[(
        "client_received_start_timestamp,apiproxy,request_verb,proxy_pathsuffix,response_status_code,target_response_code,target_host,total_response_time,fault_name,messageid\n2026-11-22 03:51:46.069,sfmc-out,POST,/messaging/v1/email/messages,429,,mcabc.rest.marketingcloudapis.com,8,policies.ratelimit.SpikeArrestViolation,rt-1-2",
        Some(429),
    )],
};

const APIGEE_KIND: Kind = Kind {
    name: "apigee_csv",
    ts_kind: TsKind::Start,
    claims: |names| names.contains(&"apiproxy"),
    own: APIGEE_COLUMNS,
    zone: None,
    words: &[
        ("target_response_code", "null", ""),
        ("target_response_code", "(not set)", ""),
        ("target_response_code", "0", ""),
        ("fault_name", "(not set)", ""),
    ],
    settle: settle_apigee,
};

const APIGEE_COLUMNS: &[Word] = &[
    ("client_received_start_timestamp", MOMENT),
    ("request_verb", own(Field::Method)),
    ("request_uri", own(Field::Url)),
    ("proxy_pathsuffix", own(Field::Path)),
    ("target_host", own(Field::Host)),
    ("target", own(Field::Skip)),
    ("response_status_code", own(Field::Status)),
    ("target_response_code", own(Field::UpstreamStatus)),
    ("total_response_time", own(Field::Duration(Unit::Millis))),
    ("fault_name", own(Field::ErrorCode)),
    ("messageid", own(Field::RequestId)),
    ("gateway_flow_id", own(Field::RequestId)),
    ("developer_app", own(Field::Client)),
    ("client_ip", own(Field::ClientAddress)),
    ("useragent", own(Field::Client)),
];

/// The proxy's own limit answers 429, and 500 in older set-ups.
fn settle_apigee(draft: &mut Draft<'_>) {
    let exchange = &mut draft.exchange;
    let limited = exchange
        .error_code
        .as_deref()
        .is_some_and(|fault| fault.starts_with("policies.ratelimit."));
    if limited {
        exchange.status_source = StatusSource::Edge;
        exchange.outcome = Outcome::Throttled;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::Exchange;
    use crate::read::format::{Options, Place, SequenceParser};

    fn read(kind: &'static Kind, options: &Options, text: &str) -> Vec<String> {
        let mut sheet = Sheet::new(kind, options);
        let mut told = Vec::new();
        let mut found = |_: &'static str, exchanges: &mut [Exchange<'_>]| {
            told.extend(exchanges.iter().map(|e| {
                let ts = e.ts.map(|at| at.to_string()).unwrap_or_default();
                format!(
                    "{:?} {:?} {} {ts} {} {}",
                    e.status,
                    e.status_source,
                    e.attempt,
                    e.client.as_deref().unwrap_or_default(),
                    e.response_body.as_deref().unwrap_or_default(),
                )
            }));
        };
        for line in text.lines() {
            sheet.line(line, Place::default(), &mut found);
        }
        sheet.finish(&mut found);
        told
    }

    #[test]
    fn marketing_cloud_is_six_hours_behind_unless_told_otherwise() {
        let text = "LogDate,Activity,Method,URL,Status,Response,Attempt\n7/22/2026 3:51:46 PM,Sync,POST,https://mcabc.auth.marketingcloudapis.com/v2/token,0,\"{\"\"a\"\":1}\",2\n7/22/2026 3:51:46 PM,Sync,POST,https://mcabc.auth.marketingcloudapis.com/v2/token,-2,,1";
        assert_eq!(
            read(&MARKETING_CLOUD_KIND, &Options::default(), text),
            [
                "Some(200) Origin 2 2026-07-22T21:51:46Z Sync {\"a\":1}",
                "None Origin 1 2026-07-22T21:51:46Z Sync "
            ]
        );
        let utc = Options {
            zone: Some(Tz::UTC),
            ..Options::default()
        };
        assert!(read(&MARKETING_CLOUD_KIND, &utc, text)[0].contains("2026-07-22T15:51:46Z"));
    }

    #[test]
    fn apigee_tells_its_own_answers_from_the_targets() {
        let text = "apiproxy,request_verb,request_uri,response_status_code,target_response_code,fault_name,client_received_start_timestamp\na,GET,/x,429,429,(not set),1795319506069\na,GET,/x,500,(not set),policies.ratelimit.QuotaViolation,1795319506069\na,GET,/x,502,503,messaging.adaptors.http.flow.ErrorResponseCode,1795319506069";
        let told = read(&APIGEE_KIND, &Options::default(), text);
        let start: Vec<&str> = told
            .iter()
            .map(|t| t.split(" 1 ").next().unwrap_or_default())
            .collect();
        assert_eq!(
            start,
            ["Some(429) Origin", "Some(500) Edge", "Some(503) Origin"]
        );
    }
}
