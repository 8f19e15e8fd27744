//! Any other JSON lines: found by what their keys usually mean, or by the user's mapping.

use crate::read::engine::record::{GENERIC, JsonLines};
use crate::read::format::{Format, Layout};

pub const FORMAT: Format = Format {
    name: GENERIC.name,
    aliases: &["jsonl", "ndjson"],
    title: "JSON lines with the usual names, or with a mapping",
    specificity: 20,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&GENERIC, options))),
    samples: &[
        (
            r#"{"attempt":1,"durationMs":10,"http":{"method":"GET","status":429,"url":"https://api.hubapi.com/crm/v3/objects/contacts/626097"},"integration":"hubapi","level":"warn","message":"vendor request","requestId":"2036d593","retryAfter":"2","timestamp":"2026-11-22T03:54:18.781Z"}"#,
            Some(429),
        ),
        (
            r#"2026-11-22T03:51:46Z INFO outbound {"url":"https://api.stripe.com/v1/charges","code":200,"elapsed_us":81234}"#,
            Some(200),
        ),
        (
            r#"{"timestamp":"2021-11-12T16:59:45+0000","client_ip":"1.2.3.4","host":"fastly.mydomain.com","url":"/z.exe","request_method":"GET","response_status":404}"#,
            Some(404),
        ),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::engine::mapping::Mapping;
    use crate::read::format::{LineParser, Options};
    use crate::read::formats::told::{check, tell_with};

    #[test]
    fn a_request_whose_status_is_none_is_no_other_line() {
        let with = |status: &str| {
            format!(r#"{{"method":"GET","url":"https://api.example.com/a","status":{status}}}"#)
        };
        check(&FORMAT, &with("\"abc\""), "Rejected(BadStatus)");
        check(&FORMAT, &with("1000"), "Rejected(BadStatus)");
        check(&FORMAT, &with("\"started\""), "Ignored(NotHttp)");
        check(&FORMAT, &with("true"), "Ignored(NotHttp)");
        check(
            &FORMAT,
            r#"{"job":"sync","status":"abc"}"#,
            "Ignored(NotHttp)",
        );
    }

    #[test]
    fn what_programs_write() {
        check(
            &FORMAT,
            r#"{"attempt":2,"durationMs":10,"http":{"method":"GET","status":429,"url":"https://api.hubapi.com/crm/v3/objects/contacts/626097"},"integration":"hubapi","level":"warn","message":"vendor request","requestId":"2036d593","retryAfter":"2","timestamp":"2026-11-22T03:54:18.781Z"}"#,
            "GET api.hubapi.com/crm/v3/objects/contacts/626097 429 10ms try=2",
        );
        check(
            &FORMAT,
            r#"{"ts":"22.11.2026 03:51:46","svc":"responsys","call":"POST /rest/api/v1.3/lists/L/members","rc":"429 Too Many Requests","took":"0,412 s"}"#,
            "POST /rest/api/v1.3/lists/L/members 429 412ms",
        );
        check(
            &FORMAT,
            r#"2026-11-22T03:51:46Z INFO outbound {"url":"https://api.stripe.com/v1/charges","code":200,"elapsed_us":81234}"#,
            " api.stripe.com/v1/charges 200 81.234ms",
        );
        check(
            &FORMAT,
            r#"2026-11-22T03:51:46Z INFO {req-1} outbound {"url":"https://api.stripe.com/v1/charges","code":200,"elapsed_us":81234}"#,
            " api.stripe.com/v1/charges 200 81.234ms",
        );
        check(
            &FORMAT,
            r#"{"level":"info","message":"vendor call","meta":{"req":{"method":"POST","url":"https://api.stripe.com/v1/charges"},"res":{"statusCode":503},"responseTime":42},"timestamp":"2026-11-22T03:51:46.069Z"}"#,
            "POST api.stripe.com/v1/charges 503 42ms",
        );
        check(
            &FORMAT,
            r#"{"name":"api","hostname":"web-1","pid":1,"level":30,"req":{"method":"GET","url":"/x?a=1","headers":{"host":"api.example.com"},"remoteAddress":"::1"},"res":{"statusCode":200,"headers":{"content-type":"text/plain"}},"latency":12,"msg":"handled: 200","time":"2026-11-22T03:51:46.069Z","v":0}"#,
            "GET api.example.com/x 200",
        );
        check(
            &FORMAT,
            r#"{"level":"error","ts":1795319506.069,"caller":"client/http.go:42","msg":"request failed","method":"POST","url":"https://api.hubapi.com/crm","status":502,"duration":0.412}"#,
            "POST api.hubapi.com/crm 502 412ms",
        );
        check(
            &FORMAT,
            r#"{"level":"info","ts":"2026-11-22T03:51:46.069Z","msg":"request","method":"GET","path":"/x","status":200,"latency":"1.5ms"}"#,
            "GET /x 200 1.5ms",
        );
        check(
            &FORMAT,
            r#"{"level":"info","method":"GET","url":"https://api.stripe.com/v1/charges","status":200,"duration":12.5,"time":1795319506,"message":"call"}"#,
            "GET api.stripe.com/v1/charges 200",
        );
        check(
            &FORMAT,
            r#"{"level":"warning","msg":"call","host":"api.stripe.com","uri":"/v1/charges","status_code":429,"elapsed":"12.3ms","time":"2026-11-22T03:51:46Z"}"#,
            " api.stripe.com/v1/charges 429 12.3ms",
        );
        check(
            &FORMAT,
            r#"{"time":"2026-11-22T03:51:46.069123456Z","level":"INFO","msg":"request","method":"GET","path":"/x","status":200,"duration":12345678}"#,
            "GET /x 200 12.346ms",
        );
        check(
            &FORMAT,
            r#"{"time":"2026-11-22T03:51:46.069Z","level":"INFO","msg":"request","request":{"method":"GET","path":"/x","host":"api.example.com"},"response":{"status":200,"latency_ns":12345678}}"#,
            "GET api.example.com/x 200 12.346ms",
        );
        check(
            &FORMAT,
            r#"{"level":"error","message":"Request failed with status code 429","err":{"message":"Request failed with status code 429","name":"AxiosError","code":"ERR_BAD_REQUEST","config":{"method":"post","url":"/crm/v3/objects","baseURL":"https://api.hubapi.com/","headers":{"Authorization":"Bearer x"}},"response":{"status":429,"headers":{"retry-after":"10"}}},"timestamp":"2026-11-22T03:51:46Z"}"#,
            "POST api.hubapi.com/crm/v3/objects 429 code=ERR_BAD_REQUEST",
        );
        check(
            &FORMAT,
            r#"{"level":"error","message":"socket hang up","error":{"code":"ECONNRESET","config":{"method":"get","url":"https://api.hubapi.com/crm"}},"timestamp":"2026-11-22T03:51:46Z"}"#,
            "GET api.hubapi.com/crm none code=ECONNRESET",
        );
        check(
            &FORMAT,
            r#"{"level":"error","msg":"charge failed","err":{"type":"StripeRateLimitError","rawType":"rate_limit_error","code":"rate_limit","statusCode":429,"requestId":"req_1","headers":{"request-id":"req_1"}},"time":1795319506069}"#,
            "  429 code=rate_limit",
        );
        check(
            &FORMAT,
            r#"{"message":"Vendor call","context":{"method":"POST","url":"https://api.stripe.com/v1/charges","status":402,"duration_ms":312},"level":200,"level_name":"INFO","channel":"vendor","datetime":"2026-11-22T03:51:46.069123+00:00","extra":{}}"#,
            "POST api.stripe.com/v1/charges 402 312ms",
        );
        check(
            &FORMAT,
            r#"{"message":"Vendor call","context":{"request":{"method":"POST","uri":"https://api.stripe.com/v1/charges"},"response":{"status_code":402}},"level":200,"channel":"vendor","datetime":{"date":"2026-11-22 03:51:46.069123","timezone_type":3,"timezone":"UTC"}}"#,
            "POST api.stripe.com/v1/charges 402",
        );
        check(
            &FORMAT,
            r#"{"message":"User created","context":{"id":3},"level":200,"level_name":"INFO","channel":"local","datetime":"2026-11-22T03:51:46+00:00"}"#,
            "Ignored(NotHttp)",
        );
        check(
            &FORMAT,
            r#"{"time":"2026-11-22 03:51:46.0690","level":"INFO","logger":"Vendors","message":"call","properties":{"Method":"POST","Url":"https://api.stripe.com/v1/charges","StatusCode":429,"ElapsedMs":80.5}}"#,
            "POST api.stripe.com/v1/charges 429 80.5ms",
        );
        check(
            &FORMAT,
            r#"{"EventId":2,"LogLevel":"Information","Category":"Microsoft.AspNetCore.Hosting.Diagnostics","Message":"Request finished","State":{"ElapsedMilliseconds":12.5,"StatusCode":200,"Protocol":"HTTP/1.1","Method":"GET","Scheme":"https","Host":"hooks.acme.example","Path":"/x","QueryString":"?a=1"},"Timestamp":"2026-11-22T03:51:46.069Z"}"#,
            "GET hooks.acme.example/x 200 12.5ms",
        );
        check(
            &FORMAT,
            r#"{"ts":1795319506069,"method":"POST","url":"https://api.stripe.com/v1/charges","status":"error","http_status":503,"latency":99}"#,
            "POST api.stripe.com/v1/charges 503 99ms",
        );
        check(
            &FORMAT,
            r#"{"ts":1795319506069,"method":"POST","url":"https://api.stripe.com/v1/charges","status":"error","statusCode":null}"#,
            "POST api.stripe.com/v1/charges none",
        );
        check(
            &FORMAT,
            r#"{"ts":1795319506069,"method":"POST","url":"https://api.stripe.com/v1/charges","statusCode":null,"status":200}"#,
            "POST api.stripe.com/v1/charges 200",
        );
        check(
            &FORMAT,
            r#"{"ts":1795319506069,"method":"POST","url":"https://api.stripe.com/v1/charges","status":200,"status":429}"#,
            "POST api.stripe.com/v1/charges 429",
        );
        check(
            &FORMAT,
            r#"{"ts":1795319506069,"method":"POST","url":"https://api.stripe.com/v1/charges","status":429.0,"duration":1.0}"#,
            "POST api.stripe.com/v1/charges 429",
        );
        check(
            &FORMAT,
            r#"{"ts":1795319506069,"method":"POST","url":"https://api.stripe.com/v1/charges","status":200,"duration":NaN}"#,
            "POST api.stripe.com/v1/charges 200",
        );
        check(
            &FORMAT,
            r#"{"ts":1795319506069,"method":"POST","url":"https://api.stripe.com/v1/charges","status":200,"agent":"cut \ud83d","took":3}"#,
            "POST api.stripe.com/v1/charges 200",
        );
        check(
            &FORMAT,
            r#"{"ts":1795319506069069069,"method":"POST","url":"https://api.stripe.com/v1/charges","status":200,"latency_ns":12345678}"#,
            "POST api.stripe.com/v1/charges 200 12.346ms",
        );
        check(
            &FORMAT,
            r#"{"ts":1.795319506069e12,"method":"POST","url":"https://api.stripe.com/v1/charges","status":200,"elapsed_us":81234}"#,
            "POST api.stripe.com/v1/charges 200 81.234ms",
        );
        check(
            &FORMAT,
            r#"{"ts":"2026-11-22T03:51:46Z","method":"POST","url":"https://api.stripe.com/v1/charges","status":200,"DurationSeconds":0.25,"duration":250}"#,
            "POST api.stripe.com/v1/charges 200 250ms",
        );
        check(
            &FORMAT,
            r#"{"ts":"2026-11-22T03:51:46Z","verb":"POST","endpoint":"https://api.stripe.com/v1/charges","responseStatus":"200 OK","time_taken":0.25}"#,
            "POST api.stripe.com/v1/charges 200 250ms",
        );
        check(
            &FORMAT,
            r#"{"ts":"2026-11-22T03:51:46Z","verb":"POST","endpoint":"https://api.stripe.com/v1/charges","rc":503,"took":"PT0.25S"}"#,
            "POST api.stripe.com/v1/charges 503 250ms",
        );
        check(
            &FORMAT,
            r#"{"ts":"2026-11-22T03:51:46Z","verb":"POST","endpoint":"https://api.stripe.com/v1/charges","rc":503,"elapsed":"00:00:00.2500000"}"#,
            "POST api.stripe.com/v1/charges 503 250ms",
        );
        check(
            &FORMAT,
            r#"{"ts":"2026-11-22T03:51:46Z","vendor":"hubspot","status":429}"#,
            "  429",
        );
        check(
            &FORMAT,
            r#"{"level":"info","msg":"hello"}"#,
            "Ignored(NotHttp)",
        );
        check(
            &FORMAT,
            r#"{"level":"info","msg":"job done","status":200}"#,
            "Ignored(NotHttp)",
        );
        check(
            &FORMAT,
            r#"{"level":"info","msg":"job done","duration_ms":200,"host":"web-1"}"#,
            "Ignored(NotHttp)",
        );
        check(
            &FORMAT,
            r#"[{"ts":1795319506,"method":"GET","url":"https://a.example.com/x","status":200},{"ts":1795319507,"method":"GET","url":"https://a.example.com/y","status":503},{"level":"info"}]"#,
            "GET a.example.com/x 200 | GET a.example.com/y 503",
        );
        check(
            &FORMAT,
            r#"{"ts":1795319506,"method":"GET","url":"https://a.example.com/x","status":200}{"ts":1795319507,"method":"GET","url":"https://a.example.com/y","status":503}"#,
            "GET a.example.com/x 200 | GET a.example.com/y 503",
        );
        check(
            &FORMAT,
            r#"{"ts":1795319506,"method":"GET","url":"https://a.example.com/x","status":200},"#,
            "GET a.example.com/x 200",
        );
        check(
            &FORMAT,
            r#",{"ts":1795319506,"method":"GET","url":"https://a.example.com/x","status":200}"#,
            "GET a.example.com/x 200",
        );
        check(
            &FORMAT,
            r#"{"records":[{"ts":1795319506,"method":"GET","url":"https://a.example.com/x","status":200}]}"#,
            "GET a.example.com/x 200",
        );
        check(
            &FORMAT,
            r#"{"_index":"logs","_id":"1","_source":{"ts":1795319506,"method":"GET","url":"https://a.example.com/x","status":200}}"#,
            "GET a.example.com/x 200",
        );
        check(
            &FORMAT,
            r#"{"took":1,"hits":{"total":1,"hits":[{"_source":{"ts":1795319506,"method":"GET","url":"https://a.example.com/x","status":200}}]}}"#,
            "GET a.example.com/x 200",
        );
        check(
            &FORMAT,
            r#"{"message":{"data":"eyJ0cyI6MTc5NTMxOTUwNiwibWV0aG9kIjoiR0VUIiwidXJsIjoiaHR0cHM6Ly9hLmV4YW1wbGUuY29tL3giLCJzdGF0dXMiOjUwM30=","messageId":"1"},"subscription":"projects/p/subscriptions/s"}"#,
            "GET a.example.com/x 503",
        );
        check(&FORMAT, r#"{"records":["#, "Ignored(NotHttp)");
        check(&FORMAT, r#"["#, "Rejected(NoFormatMatched)");
        check(
            &FORMAT,
            r#"{"ts":1795319506,"method":"GET","url":"https://a.example.com/x","stat"#,
            "Rejected(BadJson)",
        );
        check(
            &FORMAT,
            r#"{"ts":1795319506,"method":"GET","url":"https://a.example.com/x","status":200,"request":"GET /x","response":"OK"}"#,
            "GET a.example.com/x 200",
        );
        check(
            &FORMAT,
            r#"{"logger":"http.handlers.reverse_proxy","msg":"upstream roundtrip","upstream":"app:2283","duration":0.1,"request":{"method":"GET","uri":"/x","host":"a.example.com"},"status":200,"ts":1795319506.1}"#,
            "Ignored(NotHttp)",
        );
        check(
            &FORMAT,
            r#"{"ts":1795319506,"request":"GET /x?a=1 HTTP/1.1","status":499,"host":"a.example.com","rt":0.5}"#,
            "GET a.example.com/x 499 by client 500ms",
        );
        check(
            &FORMAT,
            r#"{"ts":1795319506,"method":"GET","url":"https://a.example.com/x","err":{"code":429,"message":"slow down"}}"#,
            "GET a.example.com/x 429 code=429",
        );
        check(
            &FORMAT,
            r#"{"ts":1795319506,"method":"GET","url":"https://a.example.com/x","status":200,"retry_count":2}"#,
            "GET a.example.com/x 200 try=3",
        );
        check(
            &FORMAT,
            r#"{"ts":1795319506,"method":"GET","url":"https://a.example.com/x","status":429,"retry_after_ms":1500,"rate_limit_remaining":0}"#,
            "GET a.example.com/x 429",
        );
        check(
            &FORMAT,
            r#"{"timestamp":"2026-11-22T03:51:46Z","request":{"method":"GET","url":"https://a.example.com/x","headers":{"x":"y"}},"response":{"status":200,"headers":["Retry-After","5"]}}"#,
            "GET a.example.com/x 200",
        );
        check(
            &FORMAT,
            r#"{"timestamp":"2026-11-22T03:51:46Z","level":"DEBUG","http":{"request":{"method":"GET"},"response":{"status_code":404}},"url":{"full":"https://a.example.com/x"}}"#,
            "GET a.example.com/x 404",
        );
    }

    #[track_caller]
    fn check_mapped(pairs: &[&str], line: &str, expected: &str) {
        let options = Options {
            mapping: Mapping::parse(pairs).expect("a mapping"),
            zone: None,
            ..Options::default()
        };
        assert_eq!(tell_with(&FORMAT, &options, line), expected, "{line}");
    }

    #[test]
    fn a_mapping_says_where_things_are() {
        let line = r#"{"a.b":{"c":"busy"},"x":[{"y":"POST"}],"z":"https://a.example.com/q","w":"7","when":"22.11.26 03:51","h":[["Took","12"]],"n":null}"#;
        let common = ["method=x[0].y", "url=z", "ts=when{%d.%m.%y %H:%M}"];
        let with = |more: &[&'static str]| [&common[..], more].concat();
        check_mapped(
            &with(&["status=[\"a.b\"].c{ok:200,busy:429}"]),
            line,
            "POST a.example.com/q 429",
        );
        check_mapped(
            &with(&["status='503'", "duration_us=h.took"]),
            line,
            "POST a.example.com/q 503 0.012ms",
        );
        check_mapped(
            &with(&["status=n", "status=none", "status=a.b.c{busy:529}"]),
            line,
            "POST a.example.com/q 529",
        );
        check_mapped(&with(&["status=n"]), line, "POST a.example.com/q none");
        check_mapped(&with(&["status=w"]), line, "Rejected(BadStatus)");
    }

    #[test]
    fn the_time_before_an_object_counts_where_it_has_none() {
        let time = |line: &str| {
            let mut out = Vec::new();
            JsonLines::new(&GENERIC, &Options::default()).parse(line, &mut out);
            out[0].ts.map(|at| at.to_string())
        };
        let object = r#"{"url":"https://api.stripe.com/v1","code":200}"#;
        for (prefix, expected) in [
            (
                "2026-11-22T03:51:46Z INFO outbound ",
                Some("2026-11-22T03:51:46Z"),
            ),
            (
                "2026-11-22 03:51:46,069 INFO ",
                Some("2026-11-22T03:51:46.069Z"),
            ),
            (
                "[22/Nov/2026:03:51:46 +0000] ",
                Some("2026-11-22T03:51:46Z"),
            ),
            ("12345 INFO ", None),
            ("INFO é ", None),
        ] {
            assert_eq!(
                time(&format!("{prefix}{object}")).as_deref(),
                expected,
                "{prefix}"
            );
        }
        let own = format!(
            "2026-11-22T03:51:46Z {}",
            object.replace("200", "200,\"ts\":1795319507")
        );
        assert_eq!(time(&own).as_deref(), Some("2026-11-22T03:51:47Z"));
    }

    #[test]
    fn hostile_lines_end_soon() {
        let wide = format!("{{{}\"status\":200}}", "\"k\":1,".repeat(100_000));
        let deep = "{\"a\":".repeat(100_000);
        let braces = format!("x {}", "{".repeat(500_000));
        let lists = format!("[{}]", "{\"records\":[{}]},".repeat(10_000));
        for line in [wide, deep, braces, lists] {
            let mut out = Vec::new();
            JsonLines::new(&GENERIC, &Options::default()).parse(&line, &mut out);
            assert!(out.is_empty());
        }
    }
}
