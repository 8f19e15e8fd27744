//! Whole sources as they come out of containers, syslog and log shippers: what they are taken for and what is read.

use crate::model::exchange::{Exchange, StatusSource};
use crate::read::choose::Chosen;
use crate::read::detect::{Candidate, Detected, detect, given, named};
use crate::read::engine::nginx;
use crate::read::format::{Options, Parsed, Place};
use crate::read::formats;
use crate::read::instant::parse_any;

/// What came of a source.
#[derive(Debug, Default)]
struct Read {
    /// `cri > combined`
    way: String,
    /// Status, time and first byte of each record.
    records: Vec<(Option<u16>, Option<String>, u64)>,
    raws: Vec<String>,
    fates: Vec<Parsed>,
}

fn read_all(detected: Detected, text: &str) -> Read {
    let (mut chosen, candidates) = match detected {
        Detected::Lines { reader, candidates } => (Chosen::Lines(reader), candidates),
        Detected::Sequence {
            sequence,
            candidates,
        } => (Chosen::Sequence(sequence), candidates),
        Detected::Document { .. } | Detected::Unknown { .. } => return Read::default(),
    };
    let name = match &chosen {
        Chosen::Lines(reader) => reader.name(),
        Chosen::Sequence(sequence) => sequence.name(),
    };
    let inside = candidates.first().and_then(Candidate::inside);
    let mut read = Read {
        way: inside.map_or_else(|| name.to_owned(), |inside| format!("{inside} > {name}")),
        ..Read::default()
    };
    let (mut records, mut raws) = (Vec::new(), Vec::new());
    let mut found = |_: &'static str, exchanges: &mut [Exchange<'_>]| {
        for one in exchanges.iter().filter(|one| one.is_final) {
            records.push((one.status, one.ts.map(|ts| ts.to_string()), one.offset));
            raws.push(one.raw.to_owned());
        }
    };
    let mut offset = 0;
    for (line, text) in (1..).zip(text.split_inclusive('\n')) {
        let fate = chosen.line(
            text.trim_end_matches('\n'),
            Place { offset, line },
            &mut found,
        );
        read.fates.push(fate);
        offset += text.len() as u64;
    }
    chosen.finish(&mut found);
    (read.records, read.raws) = (records, raws);
    read
}

fn options() -> Options {
    Options {
        now: parse_any("2026-11-23T00:00:00Z", None),
        ..Options::default()
    }
}

#[track_caller]
fn check(text: &str, way: &str, records: &[(u16, &str)]) -> Read {
    let read = read_all(detect(text.as_bytes(), &options()), text);
    assert_eq!(read.way, way, "{text}");
    let got: Vec<(u16, &str)> = read
        .records
        .iter()
        .map(|(status, ts, _)| (status.unwrap_or(0), ts.as_deref().unwrap_or("no time")))
        .collect();
    assert_eq!(got, records, "{text}");
    read
}

/// A line of an access log.
fn access(minute: u8, status: u16) -> String {
    format!(
        r#"10.0.0.1 - - [22/Nov/2026:03:{minute:02}:00 +0000] "GET /a?q=1 HTTP/1.1" {status} 5 "-" "agent""#
    )
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("writes")
}

#[test]
fn pieces_of_two_streams_are_joined_where_they_began() {
    let (one, two) = (access(1, 200), access(2, 429));
    let (head, tail) = one.split_at(40);
    let text = format!(
        "2026-11-22T03:01:00.5Z stdout P {head}\n2026-11-22T03:02:00.5Z stderr F {two}\n\
         2026-11-22T03:01:00.6Z stdout F {tail}\n2026-11-22T03:02:01Z stderr F 2026/11/22 03:02:01 [error] 7#7: x\n"
    );
    let read = check(
        &text,
        "cri > combined",
        &[(429, "2026-11-22T03:02:00Z"), (200, "2026-11-22T03:01:00Z")],
    );
    assert_eq!(read.records[1].2, 0);
    assert_eq!(read.raws[1], one);
    let docker = |text: &str, end: &str| {
        let log = quoted(&format!("{text}{end}"));
        format!("{{\"log\":{log},\"stream\":\"stdout\",\"time\":\"2026-11-22T03:01:00.5Z\"}}\n")
    };
    let text = [
        docker(&two, "\n"),
        docker(head, ""),
        docker(tail, "\n"),
        docker(head, ""),
    ]
    .concat();
    check(
        &text,
        "docker > combined",
        &[(429, "2026-11-22T03:02:00Z"), (200, "2026-11-22T03:01:00Z")],
    );
}

#[test]
fn a_column_before_a_bar_is_no_container() {
    let bitbucket = |id: &str, user: &str, status| {
        format!(
            "10.0.0.1 | https | {id} | {user} | 2026-11-22 03:52:08,223 | \"GET /a HTTP/1.1\" | \"\" \"curl/8\" | {status} | 0 | 5 | - | 7 | s | \n"
        )
    };
    let text = [
        bitbucket("i@1BX0Px22x1x0", "-", "-"),
        bitbucket("o@1BX0Px22x1x0", "admin", "429"),
        "10.0.0.1 | ssh | o@1BX0Px22x2x0 | admin | 2026-11-22 03:52:09,223 | SSH\n".to_owned(),
    ]
    .concat();
    let known = [
        (0, "2026-11-22T03:52:08.223Z"),
        (429, "2026-11-22T03:52:08.223Z"),
    ];
    check(&text, "bitbucket", &known);
    let inside: String = text.lines().map(|l| format!("git-1  | {l}\n")).collect();
    check(&inside, "compose > bitbucket", &known);
    let table = "vendor | method | path | status | time\n\
                 hubspot | POST | /crm | 429 | 2026-11-22T03:51:46Z\n\
                 stripe | GET | /v1 | 200 | 2026-11-22T03:51:47Z\n";
    let read = check(
        table,
        "csv",
        &[(429, "2026-11-22T03:51:46Z"), (200, "2026-11-22T03:51:47Z")],
    );
    assert!(read.raws[0].starts_with("hubspot"));
    check(
        &format!("web-1  | {}\nweb-1  | starting\n", access(1, 503)),
        "compose > combined",
        &[(503, "2026-11-22T03:01:00Z")],
    );
}

#[test]
fn a_line_of_a_more_specific_format_is_read_by_it_wherever_it_stands() {
    let mixed = |usual: &str| {
        [
            usual,
            usual,
            usual,
            usual,
            r#"172.17.1.1 - - [22/Nov/2026:03:01:00 +0000] "GET /m HTTP/1.1" 429 17 "-" "a" 4 "r@file" "-" 12ms"#,
            r#"10.0.0.1 - - [22/Nov/2026:03:01:00 +0000] "GET /n HTTP/1.1" 429 1 "-" "a" 350 0.1 [] [] - - - - 58e03b8e04e284370dd5b9c5d2641381"#,
            r#"[2026-11-22T03:01:00Z] "GET /e HTTP/1.1" 429 RL 12 18 0 - "-" "a" "5f0e" "api.example.com" "-""#,
            r#"[2026-11-22T03:01:00Z] "GET /i HTTP/1.1" 429 - local_rate_limited - "-" 0 18 0 - "-" "a" "5f0e" "api.example.com" "-" - - 10.0.0.2:80 10.0.0.1:5 - -"#,
            r#"10.0.0.1:5 [22/Nov/2026:03:01:00.000] in be/<NOSRV> 0/-1/-1/-1/0 429 225 - - PR-- 3/3/2/0/0 0/0 "GET /h HTTP/1.1""#,
        ]
        .join("\n")
    };
    let usual = [
        access(1, 200),
        r#"10.0.0.1 - - [22/Nov/2026:03:01:00 +0000] "GET /c HTTP/1.1" 200 5"#.to_owned(),
        r#"INFO: 10.0.0.1:5 - "GET /u HTTP/1.1" 200 OK"#.to_owned(),
    ];
    for usual in usual {
        let text = mixed(&usual);
        let mut told = Vec::new();
        let mut found = |format: &'static str, exchanges: &mut [Exchange<'_>]| {
            let own = exchanges[0].status_source == StatusSource::Edge;
            told.push((format, own));
        };
        let Detected::Lines { reader, .. } = detect(text.as_bytes(), &options()) else {
            panic!("a format of lines");
        };
        for line in text.lines() {
            reader.read(line, Place::default(), &mut found);
        }
        let own = |name| (name, true);
        assert_eq!(
            told.split_off(4),
            ["traefik_clf", "ingress_nginx", "envoy", "istio", "haproxy"].map(own),
            "{usual}"
        );
        assert!(told.iter().all(|(_, own)| !own), "{usual}");
    }
}

#[test]
fn durations_of_one_name_have_one_unit() {
    let durations = |text: &str| {
        let (mut chosen, candidates) = match detect(text.as_bytes(), &options()) {
            Detected::Lines { reader, candidates } => (Chosen::Lines(reader), candidates),
            Detected::Sequence {
                sequence,
                candidates,
            } => (Chosen::Sequence(sequence), candidates),
            _ => panic!("lines"),
        };
        let mut told = Vec::new();
        let mut found = |_: &'static str, exchanges: &mut [Exchange<'_>]| {
            told.extend(exchanges.iter().map(|one| one.duration_ms));
        };
        for line in text.lines() {
            chosen.line(line, Place::default(), &mut found);
        }
        (told, candidates[0].durations().unwrap_or_default())
    };
    let json = |value: &str| {
        format!(
            "{{\"method\":\"GET\",\"url\":\"https://api.example.com/a\",\"status\":200,\"elapsed\":{value}}}\n"
        )
    };
    let text = [json("5"), json("1500"), json("\"2s\""), json("0.4")].concat();
    let (told, why) = durations(&text);
    assert_eq!(told, [5.0, 1500.0, 2000.0, 0.4].map(Some));
    assert_eq!(why, "elapsed in milliseconds");
    let (told, why) = durations(&[json("5"), json("2")].concat());
    assert_eq!(told, [None, None]);
    assert_eq!(
        why,
        "the unit of elapsed is not told, its values are left out: --map duration_ms=elapsed"
    );
    let (told, why) = durations("url,status,took\n/a,200,0.4\n/a,200,7\n/a,200,0.25\n");
    assert_eq!(told, [400.0, 7000.0, 250.0].map(Some));
    assert_eq!(why, "took in seconds");
    let (told, _) = durations(
        "level=info method=GET path=/a status=200 latency=81234567\nlevel=info method=GET path=/a status=200 latency=90000000\nlevel=info method=GET path=/a status=200 latency=5000\n",
    );
    assert_eq!(told, [81.234_567, 90.0, 0.005].map(Some));
}

#[test]
fn a_time_before_a_tab_or_a_level_is_kept() {
    let at = "2026-11-22T03:51:46.069Z";
    let object = r#"{"method":"GET","url":"https://api.example.com/a","status":429}"#;
    for prefix in [
        "2026/11/22 03:51:46.069\tINFO\thttp.log\tcall\t",
        "2026-11-22T03:51:46.069Z\tDEBUG\tcall\t",
        "1.795319506069e+09\tinfo\tcall\t",
        "INFO 2026-11-22T03:51:46.069Z call ",
        "[2026-11-22 03:51:46.069] [INFO] call ",
    ] {
        let text = format!("{prefix}{object}\n");
        let read = read_all(detect(text.as_bytes(), &options()), &text);
        assert_eq!(
            read.records,
            [(Some(429), Some(at.to_owned()), 0)],
            "{prefix}"
        );
    }
    check(
        "2026-11-22T03:51:46.069Z info: System.Net.Http.HttpClient.a.ClientHandler[100]\n      Sending HTTP request GET https://a.example/x\n\
         2026-11-22T03:51:46.169Z info: System.Net.Http.HttpClient.a.ClientHandler[101]\n      Received HTTP response headers after 100.5ms - 503\n",
        "dotnet_httpclient",
        &[(503, at)],
    );
}

#[test]
fn monolog_ends_its_lines_in_context_and_extra() {
    check(
        "[2026-11-22 03:51:46] production.INFO: vendor call {\"method\":\"POST\",\"url\":\"https://api.stripe.com/v1/x\",\"status\":429} []\n\
         [stacktrace]\n#0 /app/a.php(1): b()\n\
         [2026-11-22T04:51:47.069123+01:00] guzzle.ERROR: \"POST /v1/x HTTP/1.1\" 503 12 [] []\n\
         [2026-11-22T03:51:48+00:00] guzzle.INFO: \"POST /v1/x HTTP/1.1\" 200 12 {\"a\":1} {\"uid\":\"7\"}\n",
        "monolog > json",
        &[
            (429, "2026-11-22T03:51:46Z"),
            (503, "2026-11-22T03:51:47.069123Z"),
            (200, "2026-11-22T03:51:48Z"),
        ],
    );
}

#[test]
fn a_date_without_a_zone_has_that_of_the_header_before_it() {
    let text = |header: &str| {
        format!(
            "{header} 10.0.0.1:5 [22/Nov/2026:05:51:46.069] in be/a 0/0/1/30/31 429 225 - - ---- 3/3/2/0/0 0/0 \"GET /h HTTP/1.1\"\n"
        )
    };
    let berlin = Options {
        zone: Some(chrono_tz::Europe::Berlin),
        ..options()
    };
    for (header, options, at) in [
        (
            "<134>1 2026-11-22T05:51:46.100+02:00 gw haproxy 7 - -",
            &berlin,
            "2026-11-22T03:51:46.069Z",
        ),
        (
            "2026-11-22T05:51:46.100+02:00 gw haproxy[7]:",
            &options(),
            "2026-11-22T03:51:46.069Z",
        ),
        // Passed on by a machine in another zone.
        (
            "<134>1 2026-11-22T04:51:46.100Z gw haproxy 7 - -",
            &berlin,
            "2026-11-22T04:51:46.069Z",
        ),
        (
            "<134>Nov 22 05:51:46 gw haproxy[7]:",
            &berlin,
            "2026-11-22T04:51:46.069Z",
        ),
    ] {
        let text = text(header);
        let read = read_all(detect(text.as_bytes(), options), &text);
        assert_eq!(read.records[0].1.as_deref(), Some(at), "{header}");
    }
}

#[test]
fn whoever_strips_line_ends_does_not_make_pieces() {
    let entry = |minute| {
        let log = quoted(&access(minute, 200));
        format!("{{\"log\":{log},\"stream\":\"stdout\",\"time\":\"2026-11-22T03:01:00.5Z\"}}\n")
    };
    let text = [entry(1), entry(2)].concat();
    check(
        &text,
        "docker > combined",
        &[(200, "2026-11-22T03:01:00Z"), (200, "2026-11-22T03:02:00Z")],
    );
}

#[test]
fn wrappers_stand_in_wrappers_and_tell_the_time_when_nothing_else_does() {
    let json = r#"{"method":"POST","url":"https://api.example.com/a","status":503}"#;
    check(
        &format!("<190>Nov 22 03:51:45 gw-1 app[7]: {json}\n"),
        "syslog > json",
        &[(503, "2026-11-22T03:51:45Z")],
    );
    let syslog = format!("<190>1 2026-11-22T03:51:45.5Z gw-1 app 7 - [a b=\"\\]\"] {json}\n");
    let docker = format!(
        "{{\"log\":{},\"stream\":\"stdout\",\"time\":\"2026-11-22T04:00:00Z\"}}\n",
        quoted(&syslog)
    );
    check(
        &docker,
        "docker > syslog > json",
        &[(503, "2026-11-22T03:51:45.500Z")],
    );
    check(
        &format!("\u{1b}[36mweb-1  | \u{1b}[0m2026-11-22T03:51:45.123456789Z {json}\n"),
        "ansi > compose > json",
        &[(503, "2026-11-22T03:51:45.123456Z")],
    );
    check(
        &format!("2026-11-22T03:51:46Z INFO outbound {json}\n"),
        "json",
        &[(503, "2026-11-22T03:51:46Z")],
    );
    let read = check(
        &format!("2026-11-22T03:51:46.123456789Z {}\n", access(1, 200)),
        "timestamps > combined",
        &[(200, "2026-11-22T03:01:00Z")],
    );
    assert!(read.raws[0].starts_with("2026-11-22T03:51:46"));
}

#[test]
fn json_that_carries_a_line_is_looked_into_where_it_is_no_record_itself() {
    let line = access(1, 404);
    let bytes: Vec<String> = line.bytes().map(|b| b.to_string()).collect();
    check(
        &format!(
            "{{\"__REALTIME_TIMESTAMP\":\"1795319505818000\",\"MESSAGE\":[{}]}}\n",
            bytes.join(",")
        ),
        "json message > combined",
        &[(404, "2026-11-22T03:01:00Z")],
    );
    let ecs = |message: &str| {
        let message = quoted(message);
        format!(
            "{{\"@timestamp\":\"2026-11-22T03:00:00Z\",\"message\":{message},\"ecs.version\":\"1.6.0\"}}\n"
        )
    };
    check(
        &[ecs(&line), ecs("worker started")].concat(),
        "json message > combined",
        &[(404, "2026-11-22T03:01:00Z")],
    );
    let own = "{\"ts\":\"2026-11-22T03:00:00Z\",\"method\":\"GET\",\"url\":\"/a\",\"status\":200,\"msg\":\"GET / HTTP/1.1\"}\n";
    check(own, "json", &[(200, "2026-11-22T03:00:00Z")]);
    check(
        &[own, &ecs(&line)].concat().repeat(2),
        "json",
        &[(200, "2026-11-22T03:00:00Z"), (404, "2026-11-22T03:01:00Z")].repeat(2),
    );
}

#[test]
fn lines_of_several_kinds_are_each_read_by_their_own() {
    let text = format!(
        "{}\n{}\n<134>Nov 22 03:52:20 gw-1 nginx[3]: {{\"method\":\"GET\",\"url\":\"/b\",\"status\":500}}\n\
         Traceback (most recent call last):\n  File \"/srv/app.py\", line 3, in <module>\n\
         Caused by: \"GET / HTTP/1.1\" 429 is no line of a log\n<134>Nov 22 03:52:21 gw-1 sshd[9]: session opened\n",
        access(1, 200),
        access(2, 201),
    );
    use crate::read::skip::Ignored::Text;
    let read = check(
        &text,
        "combined",
        &[
            (200, "2026-11-22T03:01:00Z"),
            (201, "2026-11-22T03:02:00Z"),
            (500, "2026-11-22T03:52:20Z"),
        ],
    );
    assert_eq!(read.fates[3..], [Parsed::Ignored(Text); 4]);
}

#[test]
fn json_over_many_lines_and_several_on_one() {
    let pretty = |status: u16| {
        format!(
            "{{\n  \"ts\": \"2026-11-22T03:51:45Z\",\n  \"method\": \"GET\",\n  \"url\": \"/a\",\n  \"status\": {status}\n}}"
        )
    };
    let one = (200, "2026-11-22T03:51:45Z");
    let two = (429, "2026-11-22T03:51:45Z");
    let list = format!("[{},\n{}]\n", pretty(200), pretty(429));
    for text in [list.clone(), format!("{}\n{}\n", pretty(200), pretty(429))] {
        check(&text, "json objects > json", &[one, two]);
    }
    let read = read_all(detect(list.as_bytes(), &options()), &list);
    assert_eq!(read.records[0].2, 1);
    let compact = |status: u16| pretty(status).replace(['\n', ' '], "");
    let both = format!("{}{}\n", compact(200), compact(429));
    check(&both, "json objects > json", &[one, two]);
    check(
        &format!("[{},{}]\n", compact(200), compact(429)),
        "json objects > json",
        &[one, two],
    );
    check(
        &format!("[\n{},\n{}\n]\n", compact(200), compact(429)),
        "json",
        &[one, two],
    );
    let wrapped: String = list
        .lines()
        .map(|line| format!("2026-11-22T03:51:45Z stdout F {line}\n"))
        .collect();
    check(&wrapped, "cri > json objects > json", &[one, two]);
}

#[test]
fn named_formats_are_read_inside_wrappers_too() {
    let text = format!("<190>Nov 22 03:51:45 gw-1 nginx: {}\n", access(1, 200));
    let format = formats::find("combined").expect("known");
    let read = read_all(named(format, text.as_bytes(), &options()), &text);
    assert_eq!(
        (read.way.as_str(), read.records.len()),
        ("syslog > combined", 1)
    );
    let build = |options: &Options| {
        nginx::compile("$request_method $uri $status", options).expect("compiles")
    };
    let text = "<190>Nov 22 03:51:45 gw-1 nginx: GET /a 200\n";
    let read = read_all(
        given(nginx::NAME, &build, text.as_bytes(), &options()),
        text,
    );
    let time = Some("2026-11-22T03:51:45Z".to_owned());
    assert_eq!(read.records, [(Some(200), time, 0)]);
}

#[test]
fn the_second_hour_is_told_by_order_where_lines_tell_no_offset() {
    let line = |time: &str| {
        format!(
            "{{\"ts\":\"2026-10-25 {time}\",\"method\":\"GET\",\"url\":\"/a\",\"status\":200}}\n"
        )
    };
    let text = [
        line("02:10:00"),
        line("02:50:00"),
        line("02:11:00"),
        line("03:00:00"),
    ]
    .concat();
    let options = Options {
        zone: "Europe/Berlin".parse().ok(),
        ..Options::default()
    };
    let read = read_all(detect(text.as_bytes(), &options), &text);
    let times: Vec<_> = read
        .records
        .into_iter()
        .filter_map(|(_, ts, _)| ts)
        .collect();
    assert_eq!(
        times,
        [
            "2026-10-25T00:10:00Z",
            "2026-10-25T00:50:00Z",
            "2026-10-25T01:11:00Z",
            "2026-10-25T02:00:00Z"
        ]
    );
    let exact = format!("{}\n", access(1, 200));
    assert!(matches!(
        detect(exact.as_bytes(), &options),
        Detected::Lines { .. }
    ));
}

#[test]
fn hostile_lines_cost_no_more_than_their_length() {
    let deep = "<1>".repeat(50_000);
    let open = "[".repeat(100_000);
    let colours = "\u{1b}[".repeat(50_000);
    let mut text = format!("{}\n", access(1, 200));
    for line in [
        &deep,
        &open,
        &colours,
        "{\"log\":\"",
        "\u{1b}é",
        "1 <",
        "é".repeat(60).as_str(),
    ] {
        text.push_str(line);
        text.push('\n');
    }
    let read = read_all(detect(text.as_bytes(), &options()), &text);
    assert_eq!(read.records.len(), 1);
}
