//! W3C extended logs: IIS, http.sys, Tomcat, WebLogic, Blue Coat and the like.
//!
//! Their status is what the server itself told the caller; what http.sys refused has a reason, and what an application
//! behind request routing failed at has a substatus.

use crate::model::exchange::{Outcome, StatusSource, TsKind};
use crate::read::engine::columns::{MOMENT, Mark, Role, Word, own};
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, Unit};
use crate::read::engine::w3c::{Kind, Layout, Marks, Spelling, W3c};
use crate::read::format::{self, Format};

pub const FORMAT: Format = Format {
    name: KIND.name,
    aliases: &["iis", "httperr"],
    title: "W3C extended logs: IIS, http.sys errors, Tomcat, WebLogic and others",
    specificity: 60,
    layout: format::Layout::Sequence(|options| Box::new(W3c::new(&KIND, options))),
    samples: &[
        (
            "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\n2026-11-22 03:51:46 192.0.2.1 POST /hooks/stripe - 443 - 203.0.113.9 Stripe/1.0+(+https://stripe.com/docs/webhooks) - 503 2 0 65",
            Some(503),
        ),
        (
            "2026-11-22 03:51:46 ::1 GET /api/v1.0/$metadata &request_id=54gh 444 - ::1 Odata_PC_Probe/Local - 401 0 0 0",
            Some(401),
        ),
        (
            "#Software: Microsoft HTTP API 2.0\n#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid s-reason s-queuename\n2026-11-22 03:51:46 203.0.113.9 2094 192.0.2.1 80 HTTP/1.1 GET /qos/1kbfile.txt - 503 1 QueueFull Default+Pool",
            Some(503),
        ),
    ],
};

const KIND: Kind = Kind {
    name: "w3c",
    ts_kind: TsKind::End,
    claims: |names| {
        !names
            .iter()
            .any(|name| name.starts_with("x-edge-") || *name == "id.orig_h")
    },
    own: OWN,
    layouts: LAYOUTS,
    tabs: false,
    spelling: |name| match name.starts_with("cs(") || name == "cs-username" {
        true => Spelling::Plus,
        false => Spelling::Plain,
    },
    settle,
};

const OWN: &[Word] = &[
    ("date", Role::Date),
    ("time", Role::Clock),
    ("date-local", Role::Date),
    ("time-local", Role::Clock),
    ("timestamp", MOMENT),
    ("x-timestamp", MOMENT),
    ("cs-method", own(Field::Method)),
    ("cs-uri", own(Field::Url)),
    ("cs-uri-stem", own(Field::Path)),
    ("cs-uri-path", own(Field::Path)),
    ("cs-uri-query", own(Field::Query)),
    ("cs-host", own(Field::Host)),
    ("cs(Host)", own(Field::Host)),
    ("cs-uri-host", own(Field::Host)),
    ("s-computername", own(Field::ServerName)),
    ("s-dns", own(Field::ServerName)),
    ("sc-status", own(Field::Status)),
    ("rs-status", own(Field::UpstreamStatus)),
    ("sc-substatus", Role::Mark(Mark::Substatus)),
    ("sc-win32-status", Role::Mark(Mark::Win32)),
    ("s-reason", Role::Mark(Mark::Reason)),
    ("time-taken", own(Field::Duration(Unit::Seconds))),
    ("sc-bytes", own(Field::ResponseBytes)),
    ("bytes", own(Field::ResponseBytes)),
    ("cs-bytes", own(Field::RequestBytes)),
    ("c-ip", own(Field::ClientAddress)),
    ("cs-username", own(Field::User)),
    ("c-auth-id", own(Field::User)),
    ("cs(User-Agent)", own(Field::Client)),
    ("c-user-agent", own(Field::Client)),
    ("cs(X-Request-ID)", own(Field::RequestId)),
    ("cs(Idempotency-Key)", own(Field::IdempotencyKey)),
];

/// What IIS writes unless told otherwise, by version.
const LAYOUTS: &[Layout] = &[
    // IIS 7 and later; the referrer came with 7.5.
    whole(&[
        "date",
        "time",
        "s-ip",
        "cs-method",
        "cs-uri-stem",
        "cs-uri-query",
        "s-port",
        "cs-username",
        "c-ip",
        "cs(User-Agent)",
        "cs(Referer)",
        "sc-status",
        "sc-substatus",
        "sc-win32-status",
        "time-taken",
    ]),
    whole(&[
        "date",
        "time",
        "s-ip",
        "cs-method",
        "cs-uri-stem",
        "cs-uri-query",
        "s-port",
        "cs-username",
        "c-ip",
        "cs(User-Agent)",
        "sc-status",
        "sc-substatus",
        "sc-win32-status",
        "time-taken",
    ]),
    // IIS 6.
    whole(&[
        "date",
        "time",
        "s-sitename",
        "s-ip",
        "cs-method",
        "cs-uri-stem",
        "cs-uri-query",
        "s-port",
        "cs-username",
        "c-ip",
        "cs(User-Agent)",
        "sc-status",
        "sc-substatus",
        "sc-win32-status",
    ]),
    whole(&[
        "date",
        "time",
        "s-ip",
        "cs-method",
        "cs-uri-stem",
        "cs-uri-query",
        "s-port",
        "cs-username",
        "c-ip",
        "cs(User-Agent)",
        "sc-status",
        "sc-substatus",
        "sc-win32-status",
    ]),
    // Everything ticked, as web applications in the cloud have it.
    whole(&[
        "date",
        "time",
        "s-sitename",
        "s-computername",
        "s-ip",
        "cs-method",
        "cs-uri-stem",
        "cs-uri-query",
        "s-port",
        "cs-username",
        "c-ip",
        "cs-version",
        "cs(User-Agent)",
        "cs(Cookie)",
        "cs(Referer)",
        "cs-host",
        "sc-status",
        "sc-substatus",
        "sc-win32-status",
        "sc-bytes",
        "cs-bytes",
        "time-taken",
    ]),
    whole(&[
        "date",
        "time",
        "s-sitename",
        "cs-method",
        "cs-uri-stem",
        "cs-uri-query",
        "s-port",
        "cs-username",
        "c-ip",
        "cs(User-Agent)",
        "cs(Cookie)",
        "cs(Referer)",
        "cs-host",
        "sc-status",
        "sc-substatus",
        "sc-win32-status",
        "sc-bytes",
        "cs-bytes",
        "time-taken",
    ]),
];

const fn whole(columns: &'static [&'static str]) -> Layout {
    Layout {
        columns,
        least: columns.len(),
    }
}

fn settle(marks: &Marks<'_>, draft: &mut Draft<'_>) {
    let exchange = &mut draft.exchange;
    if let Some(reason) = marks.reason {
        exchange.status_source = StatusSource::Edge;
        if matches!(reason, "Client_Reset" | "Connection_Dropped") {
            exchange.outcome = Outcome::ClientGone;
            exchange.status_source = StatusSource::Client;
        }
        exchange.error_code = Some(reason.to_owned().into());
        return;
    }
    // The name is gone, the time is up, the connection was aborted: nobody took the answer.
    if matches!(marks.win32, Some("64" | "121" | "1236")) {
        exchange.outcome = Outcome::ClientGone;
        exchange.error_code = marks.win32.map(|code| format!("win32 {code}").into());
    }
    let (Some(substatus), Some(status)) = (marks.substatus.filter(|s| *s != "0"), exchange.status)
    else {
        return;
    };
    // Refused by address, by the number of requests (403.501, 403.502); made by request routing (502.3 and on).
    if matches!((status, substatus), (403, "501" | "502") | (502, _)) {
        exchange.status_source = StatusSource::Edge;
    }
    exchange.error_code = Some(format!("{status}.{substatus}").into());
}
