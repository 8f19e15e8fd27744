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
    // A server that failed had failed by then.
    if matches!(marks.win32, Some("64" | "121" | "1236")) {
        if exchange.status.is_none_or(|status| status < 500) {
            exchange.outcome = Outcome::ClientGone;
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::Exchange;
    use crate::read::format::{Options, Parsed, Place, SequenceParser};
    use crate::read::skip::{Ignored, Rejected};

    const FIELDS: &str = "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken";

    /// Each record as `ts method host path?query status source ms code`, and the fates of the other lines.
    fn read(options: &Options, text: &str) -> (Vec<String>, Vec<Parsed>) {
        let mut parser = W3c::new(&KIND, options);
        let (mut records, mut fates) = (Vec::new(), Vec::new());
        let mut found = |_: &'static str, exchanges: &mut [Exchange<'_>]| {
            records.extend(exchanges.iter().map(|e| {
                let or = |text: Option<&str>| text.unwrap_or("-").to_owned();
                let words = [
                    e.ts.map_or("-".to_owned(), |at| at.to_string()),
                    e.method.to_string(),
                    or(Some(&e.host)
                        .filter(|host| !host.is_empty())
                        .map(|host| host.as_ref())),
                    format!("{}?{}", e.path, or(e.query.as_deref())),
                    e.status.map_or("-".to_owned(), |status| status.to_string()),
                    e.status_source.name().to_owned(),
                    e.duration_ms.map_or("-".to_owned(), |ms| ms.to_string()),
                    or(e.error_code.as_deref()),
                ];
                words.join(" ")
            }));
        };
        for line in text.lines() {
            let parsed = parser.line(line, Place::default(), &mut found);
            if !matches!(
                parsed,
                Parsed::Record(_) | Parsed::Ignored(Ignored::Comment)
            ) {
                fates.push(parsed);
            }
        }
        (records, fates)
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let (records, fates) = read(&Options::default(), text);
        assert_eq!(records, expected, "{text}");
        assert_eq!(fates, [], "{text}");
    }

    #[test]
    fn columns_change_and_repeat_inside_a_file() {
        check(
            &format!(
                "{FIELDS}\n2026-11-22 03:51:46 192.0.2.1 GET /a b=1 443 - 203.0.113.9 curl/8.1 - 200 0 0 65\n#Software: Microsoft Internet Information Services 10.0\n#Date: 2026-11-22 03:52:00\n#Fields: date time cs-method cs-uri-stem cs-host sc-status time-taken\n2026-11-22 03:52:00 POST /c api.example.com 429 7\n{FIELDS}\n2026-11-22 03:53:00 192.0.2.1 PUT /d - 443 - 203.0.113.9 - - 500 19 0 12\n"
            ),
            &[
                "2026-11-22T03:51:46Z GET - /a?b=1 200 origin 65 -",
                "2026-11-22T03:52:00Z POST api.example.com /c?- 429 origin 7 -",
                "2026-11-22T03:53:00Z PUT - /d?- 500 origin 12 500.19",
            ],
        );
    }

    #[test]
    fn files_that_lost_their_header() {
        for (line, expected) in [
            (
                "2026-11-22 03:51:46 192.0.2.1 GET /a - 443 - 203.0.113.9 curl/8.1 - 200 0 0 65",
                "2026-11-22T03:51:46Z GET - /a?- 200 origin 65 -",
            ),
            (
                "2026-11-22 03:51:46 W3SVC1 192.0.2.1 GET /a - 443 - 203.0.113.9 curl/8.1 404 0 2",
                "2026-11-22T03:51:46Z GET - /a?- 404 origin - -",
            ),
            (
                "2026-11-22 03:51:46 ACME-WEB GET /a X-ARR-LOG-ID=1 443 - 203.0.113.9 curl/8.1 ARRAffinity=x - acme.example.net 503 0 0 500 900 31",
                "2026-11-22T03:51:46Z GET acme.example.net /a?X-ARR-LOG-ID=1 503 origin 31 -",
            ),
        ] {
            check(line, &[expected]);
        }
    }

    #[test]
    fn a_clock_alone_takes_its_day_from_the_directive() {
        check(
            "#Date: 2026-11-22 23:59:50\n#Fields: time c-ip cs-method cs-uri-stem sc-status\n23:59:55 203.0.113.9 GET /a 200\n00:00:05 203.0.113.9 GET /b 200\n23:59:59 203.0.113.9 GET /c 200\n00:00:01 203.0.113.9 GET /d 200\n",
            &[
                "2026-11-22T23:59:55Z GET - /a?- 200 origin - -",
                "2026-11-23T00:00:05Z GET - /b?- 200 origin - -",
                "2026-11-23T23:59:59Z GET - /c?- 200 origin - -",
                "2026-11-24T00:00:01Z GET - /d?- 200 origin - -",
            ],
        );
        check(
            "#Fields: time cs-method cs-uri-stem sc-status\n23:59:55 GET /a 200\n",
            &["- GET - /a?- 200 origin - -"],
        );
    }

    #[test]
    fn local_times_need_an_offset_or_a_zone() {
        let local = "#Fields: date-local time-local cs-method cs-uri sc-status\n2026-07-22 04:51:46 GET /a 200\n";
        let berlin = Options {
            zone: "Europe/Berlin".parse().ok(),
            ..Options::default()
        };
        assert!(read(&berlin, local).0[0].starts_with("2026-07-22T02:51:46Z"));
        assert!(read(&Options::default(), local).0[0].starts_with("2026-07-22T04:51:46Z"));
        // The columns without the word are UTC by rule, whatever zone was named.
        let utc = local.replace("-local", "");
        assert!(read(&berlin, &utc).0[0].starts_with("2026-07-22T04:51:46Z"));
        let offset = format!("#GMT-Offset: +0200\n{utc}");
        assert!(read(&Options::default(), &offset).0[0].starts_with("2026-07-22T02:51:46Z"));
    }

    #[test]
    fn the_maker_tells_the_unit() {
        let row = "#Fields: date time cs-method cs-uri sc-status time-taken\n2026-11-22 03:51:46 GET /a?b=c 200 2\n";
        for (software, ms) in [
            ("Microsoft Internet Information Services 10.0", "2"),
            ("SGOS 6.5.1.5", "2"),
            ("Apache Tomcat/9.0.1", "2000"),
            ("WebLogic", "2000"),
        ] {
            let text = format!("#Software: {software}\n{row}");
            check(
                &text,
                &[&format!(
                    "2026-11-22T03:51:46Z GET - /a?b=c 200 origin {ms} -"
                )],
            );
        }
    }

    #[test]
    fn a_caches_word_before_the_status() {
        check(
            "#Fields: timestamp time-taken c-ip filesize s-ip s-port sc-status sc-bytes cs-method cs-uri-stem - rs-duration rs-bytes c-referrer c-user-agent customer-id\n1795319506 15 203.0.113.9 58 192.0.2.1 443 TCP_MISS/503 58 GET https://cdn.acme.example/a - 12 58 \"-\" \"curl 8\" 7\n",
            &["2026-11-22T03:51:46Z GET cdn.acme.example /a?- 503 origin 15 -"],
        );
    }

    #[test]
    fn quotes_and_empty_values() {
        check(
            "#Fields: c-ip date time cs-method cs-uri cs(User-Agent) sc-status time-taken\n203.0.113.9\t2026-11-22\t03:51:46\tGET\t/a\t\"Mozilla \"\"5\"\" (X11)\"\t200\t0.25\n203.0.113.9 2026-11-22 03:51:46 GET /b?x=\"y \"\" 200 0.25\n",
            &[
                "2026-11-22T03:51:46Z GET - /a?- 200 origin 250 -",
                "2026-11-22T03:51:46Z GET - /b?x=\"y 200 origin 250 -",
            ],
        );
    }

    #[test]
    fn lines_that_do_not_fit_are_not_shifted() {
        let text = format!(
            "{FIELDS}\n2026-11-22 03:51:46 192.0.2.1 GET /a b - 443 - 203.0.113.9 curl/8.1 - 200 0 0 65\n2026-11-22 03:51:46 192.0.2.1 GET /a - 443 - 203.0.113.9 curl\n2026-11-22 25:51:46 192.0.2.1 GET /a - 443 - 203.0.113.9 curl/8.1 - 200 0 0 65\n2026-11-22 03:51:46 192.0.2.1 GET /a - 443 - 203.0.113.9 curl/8.1 - OK 0 0 65\nhello world\n"
        );
        let (records, fates) = read(&Options::default(), &text);
        assert_eq!(records.len(), 0, "{records:?}");
        use Rejected::{BadColumns, BadStatus, BadTime, NoFormatMatched};
        let reasons = [BadColumns, BadColumns, BadTime, BadStatus, NoFormatMatched];
        assert_eq!(fates, reasons.map(Parsed::Rejected));
    }

    #[test]
    fn a_row_that_was_cut_is_no_text() {
        let cut = |row: &str| read(&Options::default(), &format!("{FIELDS}\n{row}\n")).1;
        for row in ["2026-11-22", "2026-11-22 03:51:46 192.0.2.1 GET"] {
            assert_eq!(cut(row), [Parsed::Rejected(Rejected::BadColumns)], "{row}");
        }
        for text in [
            "2026-11-22 03:51:46 service started",
            "hello",
            "2026-11-22T03",
        ] {
            assert_eq!(
                cut(text),
                [Parsed::Rejected(Rejected::NoFormatMatched)],
                "{text}"
            );
        }
    }

    #[test]
    fn a_failure_stays_one_when_nobody_waited_for_it() {
        let outcome = |status: &str| {
            let text = format!(
                "{FIELDS}\n2026-11-22 03:51:46 192.0.2.1 GET /a - 443 - 203.0.113.9 - - {status} 0 64 65"
            );
            let mut outcomes = Vec::new();
            let mut parser = W3c::new(&KIND, &Options::default());
            for line in text.lines() {
                parser.line(line, Place::default(), &mut |_, exchanges| {
                    outcomes.extend(exchanges.iter().map(|e| e.outcome));
                });
            }
            outcomes
        };
        assert_eq!(outcome("200"), [Outcome::ClientGone]);
        assert_eq!(outcome("500"), [Outcome::NoResponse]);
    }

    #[test]
    fn who_gave_up() {
        let row = |status: &str| {
            format!(
                "{FIELDS}\n2026-11-22 03:51:46 192.0.2.1 GET /a - 443 - 203.0.113.9 - - {status} 65"
            )
        };
        for (status, expected) in [
            ("200 0 64", "200 origin 65 win32 64"),
            ("200 0 121", "200 origin 65 win32 121"),
            ("502 3 12030", "502 edge 65 502.3"),
            ("403 502 0", "403 edge 65 403.502"),
            ("429 0 0", "429 origin 65 -"),
            ("401 1 214784354254", "401 origin 65 401.1"),
        ] {
            check(
                &row(status),
                &[&format!("2026-11-22T03:51:46Z GET - /a?- {expected}")],
            );
        }
    }

    #[test]
    fn what_http_sys_refused() {
        let text = "#Software: Microsoft HTTP API 2.0\n#Version: 1.0\n#Date: 2026-11-22 03:51:00\n#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid s-reason s-queuename\n2026-11-22 03:51:46 203.0.113.9 2094 192.0.2.1 80 HTTP/1.1 GET /qos/1kbfile.txt - 503 1 AppOffline DefaultAppPool\n2026-11-22 03:51:46 203.0.113.9 2094 192.0.2.1 80 - - - - 400 - Hostname -\n2026-11-22 03:51:46 203.0.113.9 2094 192.0.2.1 80 HTTP/1.1 POST /hook - - 1 Client_Reset DefaultAppPool\n2026-11-22 03:51:46 203.0.113.9 2094 192.0.2.1 80 - - - - - - Timer_ConnectionIdle -\n";
        let (records, fates) = read(&Options::default(), text);
        assert_eq!(
            records,
            [
                "2026-11-22T03:51:46Z GET - /qos/1kbfile.txt?- 503 edge - AppOffline",
                "2026-11-22T03:51:46Z INVALID - ?- 400 edge - Hostname",
                "2026-11-22T03:51:46Z POST - /hook?- - client - Client_Reset",
            ]
        );
        assert_eq!(fates, [Parsed::Ignored(Ignored::NotHttp)]);
    }

    #[test]
    fn logs_about_other_things_are_known() {
        let text = "#Version: 1.5\n#Software: Microsoft Windows Firewall\n#Time Format: Local\n#Fields: date time action protocol src-ip dst-ip src-port dst-port\n2026-11-22 03:51:46 DROP TCP 192.0.2.1 192.0.2.2 443 5000\n";
        let (records, fates) = read(&Options::default(), text);
        assert_eq!(
            (records.len(), fates),
            (0, vec![Parsed::Ignored(Ignored::NotHttp)])
        );
    }
}
