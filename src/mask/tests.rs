//! Behaviour of the room as a whole: what goes, what stays, and that both hold for any input.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::mask::{MaskCounts, MaskKey, Masked, Masker, Row, Settings};
use crate::model::exchange::{Exchange, Outcome};
use crate::model::time::Timestamp;

fn masker() -> Masker {
    Masker::new(MaskKey::from_bytes([9; 32]), Settings::default()).expect("valid settings")
}

fn mask(text: &str) -> String {
    masker()
        .text(text, &mut MaskCounts::default())
        .as_str()
        .to_owned()
}

/// The stand-ins in a text, in order.
fn stand_ins(text: &str) -> Vec<String> {
    text.split('‹')
        .skip(1)
        .filter_map(|part| part.split_once('›'))
        .map(|(inside, _)| inside.to_owned())
        .collect()
}

fn row(exchange: &Exchange<'_>) -> Masked {
    let masker = masker();
    let mut batch = masker.batch();
    let row = Row {
        source: "a.log",
        source_id: "s1",
        ingested_at: Timestamp::from_secs(5),
        keep_content: true,
    };
    batch.push(exchange, &row);
    batch.finish()
}

#[test]
fn secrets_go_wherever_they_stand() {
    for (text, secret) in [
        (r#"{"password":"hunter2"}"#, "hunter2"),
        (r#"{"user":{"clientSecret":"s3cr3t"},"a":1}"#, "s3cr3t"),
        (r#"{"pass\u0077ord":"hunter2"}"#, "hunter2"),
        (r#"{"headers":{"Authorization":["Bearer abc"]}}"#, "abc\""),
        (
            r#"{"headers":[{"name":"X-Api-Key","value":"k1234"}]}"#,
            "k1234",
        ),
        (
            r#"{"headers":[{"value":"k1234","name":"X-Api-Key"}]}"#,
            "k1234",
        ),
        (
            r#"{"rawHeaders":["Host","x","Authorization","Bearer abc1"]}"#,
            "abc1",
        ),
        (
            r#"{"attributes":[{"key":"http.request.header.authorization","value":{"stringValue":"Bearer abc1"}}]}"#,
            "abc1",
        ),
        (
            r#"{"cookies":[{"name":"sid","value":"abcd1234","path":"/"}]}"#,
            "abcd1234",
        ),
        (
            r#"{"body":"{\"access_token\":\"abc1\",\"x\":\"{\\\"pin\\\":\\\"1234\\\"}\"}"}"#,
            "abc1",
        ),
        (
            r#"{"body":"{\"x\":\"{\\\"pin\\\":\\\"1234\\\"}\"}"}"#,
            "1234",
        ),
        (r#"{"mail":"jane\u0040example.com"}"#, "jane"),
        (r#"{"token":123456789}"#, "123456789"),
        (r#"{"password":"cut of"#, "cut of"),
        (
            r#"2026-11-22T03:51:46Z INFO out {"password":"hunter2","a":1} done"#,
            "hunter2",
        ),
        (r#"{"broken" "password":"hunter2"}"#, "hunter2"),
        (
            r#""acme/2.1" ck="locale=en; sid=9b71fa" body="-""#,
            "9b71fa",
        ),
        (r#""acme/2.1" "locale=en; sid=9b71fa" 200"#, "9b71fa"),
        (
            r#"{"a":"Basic c3ZjLW9yZGVyczpodW50ZXIyMg==","m":"user svc-orders may not"}"#,
            "svc-orders",
        ),
        (
            "GET /login?user_id=5&password=Y3SVqnzsIe'D08JZkk&x=1 HTTP/1.1",
            "D08JZkk",
        ),
        ("see 'https://x.example/?pw=ab;cd,ef9&x=1'", "cd,ef9"),
        ("> X-Hub-Signature-256: sha256=be7f5c11aa0d94e2", "be7f5c11"),
        ("< Stripe-Signature: t=1690000000,v1=fcebaa41d2", "fcebaa41"),
        (
            "/token?code=abc&code_verifier=dBjftJeZ4CVPmB92",
            "dBjftJeZ4C",
        ),
        (
            r#"{"iban":"GB33 BUKB 2020 1555 5555 55","m":"no GB33BUKB20201555555555"}"#,
            "BUKB",
        ),
        (
            r#"{"phone":"0170 1234567","m":"no 0170 1234567"}"#,
            "1234567",
        ),
        (
            "POST /v2/token grant_type=password&username=bob@x.de&password=hun%74er2&x=1",
            "hun%74er2",
        ),
        ("/x?data=%7B%22password%22%3A%22hunter2%22%7D", "hunter2"),
        (
            "/x?redirect=https%3A%2F%2Fh%2Fcb%3Ftoken%3Dabc123",
            "abc123",
        ),
        ("/x?user%5Bpassword%5D=hunter2", "hunter2"),
        (
            "/x?X-Amz-Credential=AKIDX%2F20261122%2Feu&X-Amz-Signature=abcdef0123&b=1",
            "abcdef0123",
        ),
        ("/account;jsessionid=ABCDEF012345?x=1", "ABCDEF012345"),
        ("> Authorization: Bearer FAKE", "FAKE"),
        (
            r"send: b'POST / HTTP/1.1\r\nAuthorization: Bearer FAKETOKEN\r\nContent-Length: 7\r\n'",
            "FAKETOKEN",
        ),
        (
            "curl -H 'Authorization: Basic Ym9iOmh1bnRlcjI=' https://x",
            "Ym9iOmh1bnRlcjI",
        ),
        ("Cookie: sid=abcdef; theme=dark-blue", "abcdef"),
        ("set-cookie: sid=abcdef; Path=/; HttpOnly", "abcdef"),
        (
            "<wsse:Password Type=\"x\">hunter2</wsse:Password>",
            "hunter2",
        ),
        (
            "<s:Envelope><fueloauth xmlns=\"http://e\">tok1</fueloauth></s:Envelope>",
            "tok1",
        ),
        ("<password><![CDATA[hunter2]]></password>", "hunter2"),
        (
            "<x>{&quot;password&quot;:&quot;hunter2&quot;}</x>",
            "hunter2",
        ),
        ("<param name=\"password\">hunter2</param>", "hunter2"),
        ("<login password=\"hunter2\"/>", "hunter2"),
        (r#"body="{\x22password\x22:\x22hunter 2\x22}" x"#, "hunter"),
        (
            r#"level=info msg="{\"password\":\"hunter2\"}" x=1"#,
            "hunter2",
        ),
        ("Server=db;User Id=sa;Password=hunter2;", "hunter2"),
        ("{'password': 'hunter2'}", "hunter2"),
        (
            "mutation { login(password: \"hunter2\") { id } }",
            "hunter2",
        ),
        (
            "203.0.113.9 - bob [22/Nov/2026:03:51:45 +0000] \"GET / HTTP/1.1\" 200 1",
            "203.0.113.9",
        ),
        (
            "203.0.113.9 - bob [22/Nov/2026:03:51:45 +0000] \"GET / HTTP/1.1\" 200 1",
            "bob",
        ),
        ("X-Forwarded-For: 203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (r#"{"client_ip":"203.0.113.9"}"#, "203.0.113.9"),
        (
            "2026/11/22 [error] 1#1: timed out, client: 203.0.113.9, server: x",
            "203.0.113.9",
        ),
        (
            "Authorization: Digest username=\"bob\", realm=\"r\", response=\"6629fae4\"",
            "6629fae4",
        ),
        (
            "Authorization: AWS4-HMAC-SHA256 Credential=AKID/2026/eu/s3/aws4_request, SignedHeaders=host, Signature=fe5f80",
            "fe5f80",
        ),
    ] {
        let out = mask(text);
        assert!(!out.contains(secret), "{text}\nbecame {out}");
        assert!(
            out.contains('‹') || out.contains("***"),
            "{text}\nbecame {out}"
        );
    }
}

#[test]
fn what_support_needs_stays() {
    for text in [
        r#"{"token_type":"Bearer","expires_in":1079,"scope":"a b"}"#,
        r#"{"messageKey":"ABC-123-def-456","Idempotency-Key":"a1b2c3d4e5f60718a1b2c3d4"}"#,
        r#"{"eventDefinitionKey":"APIEvent-6d2a95db-7eef-46c4-84d0-3d704d8721cd"}"#,
        r#"{"X-Request-Id":"58e03b8e04e284370dd5b9c5d2641380","Retry-After":"5","ETag":"W/\"abc\""}"#,
        r#"{"message":"Rate limit exceeded","errorcode":50100,"retryAfter":5}"#,
        r#"{"code":"RATE_LIMIT_EXCEEDED_FOR_2024_PLAN","id":"4111111111111111"}"#,
        r#"{"resp_headers":{"X-Hubspot-Ratelimit-Remaining":["0"],"Www-Authenticate":["Basic realm=\"r\""]}}"#,
        r#"{"usage":{"prompt_tokens":1234567,"total_tokens":7654321},"nextPageToken":"CAUQAA"}"#,
        r#"{"request":{"remote_ip":"127.0.0.1"},"Authorization":[],"tries":[{"ip":"34.237.204.224"}]}"#,
        r#"{"upstream_addr":"104.16.1.2:443","server_ip":"104.16.1.2","started_at":1726783839538}"#,
        "127.0.0.1 - - [22/Nov/2026:03:51:45 +0000] \"GET /v1/charges/ch_3527be170698f1389e41aeaa HTTP/1.1\" 499 0 \"-\" \"Stripe/v1 PythonBindings/11.0.0\"",
        "host=api.hubapi.com rt=0.012 us=\"429, 201\" ua=\"198.51.100.1:18080, 198.51.100.2:18081\" rid=\"58e03b8e04e284370dd5b9c5d2641380\"",
        "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0.6099.130 Edg/1.2.3.4",
        "POST /hub/v1/dataevents/key:Orders_2/rowset 429 page=2&per_page=100&cursor=abc",
        "Bearer authentication required; token is expired; invalid password: must be longer",
        "[2016-04-15T20:17:00.310Z] \"POST /api/v1/locations HTTP/2\" 204 - 154 0 226 100 \"-\" \"nsq2http\" \"cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2\" \"locations\" \"tcp://198.51.100.1:80\"",
        "Stripe/1.0 (+https://stripe.com/docs/webhooks) logo@2x.png",
        "{\"operation\":\"GET /users/{id}?token={token}\",\"latency\":\"0.123456s\"}",
        "<Error><Code>SlowDown</Code><RequestId>4442587FB7D0A2F9</RequestId></Error>",
        "* Connected to api.example.com (203.0.113.9) port 443 (#0)",
    ] {
        assert_eq!(mask(text), text);
    }
}

#[test]
fn only_the_secret_changes() {
    let text = r#"{ "a" : "\/é\u00e9", "password" : "hunter2" , "n":1.50e3 }"#;
    let out = mask(text);
    let (before, after) = text.split_once("hunter2").expect("there");
    assert!(out.starts_with(before) && out.ends_with(after), "{out}");
    assert_eq!(stand_ins(&out).len(), 1);
    let bare = mask(r#"{"card":4111111111111111,"pin":1234}"#);
    let value: serde_json::Value = serde_json::from_str(&bare).expect("still JSON");
    assert_eq!(value["pin"], "***");
}

#[test]
fn one_value_has_one_stand_in_in_every_position_and_encoding() {
    let forms = [
        "Authorization: Bearer tok+en/1234567890",
        r#"{"access_token":"tok+en/1234567890"}"#,
        r#"{"access_token":"tok+en\/1234567890"}"#,
        "/x?access_token=tok%2Ben%2F1234567890&a=1",
        "Cookie: t=tok%2Ben%2F1234567890",
        "<token>tok+en/1234567890</token>",
        r#"{"x-api-key":"tok\u002ben/1234567890"}"#,
    ];
    let first = stand_ins(&mask(forms[0]));
    assert_eq!(first.len(), 1);
    for form in forms {
        assert_eq!(stand_ins(&mask(form)), first, "{form}");
    }
    let mails = [
        "Jane@Example.com",
        "x=jane%40example.com",
        r#"{"a":"jane\u0040example.com"}"#,
        "<a>jane&#64;example.com</a>",
    ];
    let first = stand_ins(&mask(mails[0]));
    for mail in mails {
        assert_eq!(stand_ins(&mask(mail)), first, "{mail}");
    }
    let cards = [
        "4111111111111111",
        "4111-1111-1111-1111",
        r#"{"n":4111111111111111}"#,
        "pan=4111%201111%201111%201111",
    ];
    let first = stand_ins(&mask(cards[0]));
    for card in cards {
        assert_eq!(stand_ins(&mask(card)), first, "{card}");
    }
    assert_ne!(
        stand_ins(&mask("token=a1234567")),
        stand_ins(&mask("token=a1234568"))
    );
}

#[test]
fn basic_keeps_the_scheme_and_both_parts_correlate() {
    let out = mask("Authorization: Basic Ym9iOmh1bnRlcjIyMg==");
    let [user, password] = &stand_ins(&out)[..] else {
        panic!("{out}")
    };
    assert!(out.starts_with("Authorization: Basic ‹user:"), "{out}");
    assert_eq!(
        stand_ins(&mask("password=hunter222")),
        *std::slice::from_ref(password)
    );
    assert_eq!(
        stand_ins(&mask("username=bob")),
        *std::slice::from_ref(user)
    );
    assert_eq!(
        stand_ins(&mask("https://bob:hunter222@h/x")),
        [user.clone(), password.clone()]
    );
}

#[test]
fn a_key_sent_as_the_user_is_the_same_token_as_a_bearer() {
    let basic = mask("Authorization: Basic c2tfdGVzdF9GQUtFMDAwMDAwMDAwMDAwMDAwMDo=");
    let bearer = mask("Authorization: Bearer sk_test_FAKE0000000000000000");
    assert_eq!(stand_ins(&basic), stand_ins(&bearer));
    assert!(basic.ends_with("›:"), "{basic}");
}

#[test]
fn one_masker_serves_all_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&masker());
}

#[test]
fn a_wrongly_named_neighbour_does_not_uncover_a_token() {
    let out = mask(r#"{"name":"page","token":"abcd1234"}"#);
    assert!(!out.contains("abcd1234"), "{out}");
}

#[test]
fn lists_of_header_names_are_no_headers() {
    let text =
        r#"{"Vary":["Accept, Authorization, Cookie","Accept-Encoding","Authorization","Cookie"]}"#;
    assert_eq!(mask(text), text);
}

#[test]
fn own_networks_stay_readable() {
    let out = mask("10.8.3.4 - - [22/Nov/2026:03:51:45 +0000] \"GET / HTTP/1.1\" 200 1");
    assert!(out.starts_with("10.8.‹ip:"), "{out}");
    assert_eq!(mask(&out), out);
}

#[test]
fn a_secret_of_one_field_goes_in_all_fields_of_the_record() {
    let exchange = Exchange {
        path: "/v1/hunter2-hunter2/x".into(),
        request_body: Some("password=hunter2-hunter2&a=1".into()),
        request_headers: vec![("Authorization".into(), "Bearer tok/en12345678".into())],
        response_body: Some(r#"{"error":"key tok\/en12345678 refused"}"#.into()),
        error_message: Some("login with hunter2-hunter2 failed".into()),
        client_address: Some("203.0.113.9".into()),
        user: Some("bob".into()),
        raw: "x bob said hunter2-hunter2 to tok%2Fen12345678 from 203.0.113.9:77 /bob/",
        outcome: Outcome::ClientError,
        status: Some(401),
        ..Exchange::default()
    };
    let masked = row(&exchange);
    let columns = masked.columns();
    let stored = [
        masked.text(&columns.url, 0),
        masked.text(&columns.error_message, 0),
        columns.response_body.get(0).map(str::to_owned),
        columns.raw.get(0).map(str::to_owned),
        columns.request_headers.get(0).map(str::to_owned),
    ];
    for text in stored {
        let text = text.expect("kept");
        for secret in ["hunter2", "en12345678", "203.0.113.9", " bob "] {
            assert!(!text.contains(secret), "{text}");
        }
        assert!(text.contains('‹'), "{text}");
    }
    assert!(columns.raw.get(0).expect("kept").ends_with("/bob/"));
    let principal = masked
        .text(&columns.principal, 0)
        .expect("a token was used");
    assert!(
        columns
            .request_headers
            .get(0)
            .expect("kept")
            .contains(&principal)
    );
    assert!(columns.fingerprint.get(0).is_some());
    assert!(masked.counts().get("password") >= 4);
}

#[test]
fn all_columns_have_a_value_for_each_row_also_when_joined() {
    let masker = masker();
    let make = |keep_content: bool| {
        let mut batch = masker.batch();
        let exchange = Exchange {
            raw: "GET /",
            response_headers: vec![("ETag".into(), "x".into())],
            ..Exchange::default()
        };
        let row = Row {
            source: "a",
            source_id: "b",
            ingested_at: Timestamp::from_secs(1),
            keep_content,
        };
        batch.push(&exchange, &row);
        batch.finish()
    };
    let mut all = make(true);
    all.append(make(false));
    all.append(make(true));
    assert_eq!(all.rows(), 3);
    assert!(
        all.columns().lengths().iter().all(|length| *length == 3),
        "{:?}",
        all.columns().lengths()
    );
    let raw: Vec<_> = all.columns().raw.iter().collect();
    assert_eq!(raw, [Some("GET /"), None, Some("GET /")]);
    let (ids, _) = all.columns().ids();
    assert_eq!(ids.get(0), Some("b-0-0"));
}

#[test]
fn attempts_of_one_call_share_its_id() {
    let call = |correlation: &'static str, offset: u64| {
        let exchange = Exchange {
            correlation_id: Some(correlation.into()),
            integration: Some("stripe".into()),
            offset,
            ..Exchange::default()
        };
        let (_, calls) = row(&exchange).columns().ids();
        calls.get(0).expect("always there").to_owned()
    };
    assert_eq!(call("a", 1), call("a", 2));
    assert_ne!(call("a", 1), call("b", 1));
    assert_eq!(call("a", 1).len(), 16);
}

#[test]
fn ids_are_kept_unless_they_are_surely_a_secret() {
    let exchange = Exchange {
        request_id: Some("req_4111111111111111".into()),
        trace_id: Some("58e03b8e04e284370dd5b9c5d2641380".into()),
        vendor_request_id: Some("token=e42b#14272d07d78".into()),
        idempotency_key: Some("Bearer abcdef123456".into()),
        ..Exchange::default()
    };
    let masked = row(&exchange);
    let columns = masked.columns();
    assert_eq!(columns.request_id.get(0), Some("req_4111111111111111"));
    assert_eq!(
        columns.trace_id.get(0),
        Some("58e03b8e04e284370dd5b9c5d2641380")
    );
    assert_eq!(
        columns.vendor_request_id.get(0),
        Some("token=e42b#14272d07d78")
    );
    assert!(
        columns
            .idempotency_key
            .get(0)
            .expect("kept")
            .starts_with("Bearer ‹token:")
    );
}

#[test]
fn one_credential_is_one_principal_however_it_is_sent() {
    let principal = |exchange: Exchange<'_>| {
        let masked = row(&exchange);
        masked.text(&masked.columns().principal, 0)
    };
    let header = |name: &'static str, value: &'static str| Exchange {
        request_headers: vec![(name.into(), value.into())],
        ..Exchange::default()
    };
    let bearer = principal(header("authorization", "Bearer abc/123"));
    assert!(
        bearer
            .as_deref()
            .is_some_and(|p| p.starts_with('‹') && p.ends_with('›'))
    );
    assert_eq!(principal(header("X-Api-Key", "abc/123")), bearer);
    let query = Exchange {
        query: Some("a=1&access_token=abc%2F123".into()),
        ..Exchange::default()
    };
    assert_eq!(principal(query), bearer);
    let given = Exchange {
        principal: Some("Bearer abc/123".into()),
        ..Exchange::default()
    };
    assert_eq!(principal(given), bearer);
    assert_eq!(principal(Exchange::default()), None);
}

#[test]
fn a_long_body_is_masked_first_and_cut_after() {
    let settings = Settings {
        body_bytes_max: 40,
        ..Settings::default()
    };
    let masker = Masker::new(MaskKey::from_bytes([1; 32]), settings).expect("valid");
    let mut batch = masker.batch();
    let exchange = Exchange {
        request_body: Some(format!("{{\"password\":\"{}\"}}", "hunter2 ".repeat(30)).into()),
        ..Exchange::default()
    };
    let row = Row {
        source: "a",
        source_id: "b",
        ingested_at: Timestamp::from_secs(1),
        keep_content: true,
    };
    batch.push(&exchange, &row);
    let masked = batch.finish();
    let body = masked.columns().request_body.get(0).expect("kept");
    assert_eq!(body, "{\"password\":\"…[cut, 41 bytes more]");
}

/// A small generator with a fixed seed (splitmix64), so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn pick<'p>(&mut self, parts: &[&'p str]) -> &'p str {
        parts[(self.next() % parts.len() as u64) as usize]
    }
}

const PARTS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\\"",
    "\\",
    ":",
    "=",
    "&",
    "?",
    ",",
    ";",
    " ",
    "\n",
    "%",
    "%40",
    "%2540",
    "%22",
    "+",
    "<",
    ">",
    "</",
    "<password>",
    "<![CDATA[",
    "]]>",
    "&#64;",
    "&quot;",
    "\\u0040",
    "\\x22",
    "'",
    "@",
    "://",
    "/",
    "password",
    "token",
    "name",
    "value",
    "Authorization",
    "Bearer ",
    "Basic ",
    "Ym9iOmh1bnRlcjIyMg==",
    "Cookie",
    "Set-Cookie",
    "client_ip",
    "203.0.113.9",
    "10.1.2.3",
    "jane@example.com",
    "4111111111111111",
    "4111 1111",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln",
    "sk_live_",
    "4eC39HqLyjWDarjtT1zdp7dc",
    "-----BEGIN PRIVATE KEY-----",
    "hunter2hunter2",
    "é",
    "‹",
    "›",
    "‹token:abcd:aaaaaaaaaaaaaaaaaaaa›",
    "***",
    "1234",
    "null",
    "Digest ",
    "username",
    "[client ",
    " - - [",
    "cookies",
    "- bob [",
    "\r\n",
    "a.b",
    "code",
    "pin",
    "-",
    "\u{1}",
    "--x\r\nform-data; name=\"password\"\r\n\r\n",
    "AWS4-HMAC-SHA256 Credential=AK/2/3",
    "xoxb-1234567890-abc",
    "x",
    "\"\"",
];

#[test]
fn a_text_in_base64_stays_base64() {
    let inner = r#"{"contact":{"email":"jane@example.com","plan":"basic"}}"#;
    let text = format!(
        r#"{{"text":"{}","encoding":"base64"}}"#,
        STANDARD.encode(inner)
    );
    let mut counts = MaskCounts::default();
    let out = masker().text(&text, &mut counts);
    let value: serde_json::Value = serde_json::from_str(out.as_str()).expect("JSON");
    let decoded = STANDARD
        .decode(value["text"].as_str().expect("text"))
        .expect("base64");
    let decoded = String::from_utf8(decoded).expect("UTF-8");
    assert!(
        decoded.starts_with(r#"{"contact":{"email":"‹email:"#),
        "{decoded}"
    );
    assert!(decoded.ends_with(r#"›","plan":"basic"}}"#), "{decoded}");
    assert_eq!(counts.get("email"), 1);
    for text in [
        r#"{"body":"eyJwYXNzd29yZCI6ICIxWk5wSlJQeFY5R202TDMifQ=="}"#,
        "GET /x?data=eyJwYXNzd29yZCI6ICIxWk5wSlJQeFY5R202TDMifQ&y=1 HTTP/1.1",
    ] {
        let out = mask(text);
        assert!(
            !out.contains("wSlJQeFY5R202TDM") && out.contains("eyJwYXNzd29yZCI6"),
            "{out}"
        );
    }
    let kept = format!(
        r#"{{"text":"{}"}}"#,
        STANDARD.encode("nothing to hide in here")
    );
    assert_eq!(masker().text(&kept, &mut counts).as_str(), kept);
}

#[test]
fn masking_again_changes_nothing_whatever_the_text() {
    let masker = masker();
    let mut random = Random(42);
    let mut counts = MaskCounts::default();
    for round in 0..10_000 {
        let length = 1 + random.next() % 24;
        let text: String = (0..length).map(|_| random.pick(PARTS)).collect();
        let once = masker.text(&text, &mut counts);
        let twice = masker.text(once.as_str(), &mut counts);
        assert_eq!(once.as_str(), twice.as_str(), "round {round}: {text:?}");
    }
    assert!(counts.total() > 5_000);
}

#[test]
fn the_same_text_gives_the_same_result_whatever_came_before() {
    let used = masker();
    let mut random = Random(7);
    for _ in 0..500 {
        let text: String = (0..12).map(|_| random.pick(PARTS)).collect();
        let text = used.text(&text, &mut MaskCounts::default());
        drop(text);
    }
    let probe = "password=hunter2 jane@example.com";
    assert_eq!(
        used.text(probe, &mut MaskCounts::default()).as_str(),
        mask(probe)
    );
}

/// Texts that make a careless search look at the same bytes again and again.
#[test]
fn hostile_texts_take_linear_time() {
    let masker = masker();
    for part in PARTS.iter().copied().chain([
        "a=",
        "a:",
        "key=",
        "x=\"\\",
        "{\"a\":",
        "[[",
        "%4",
        "%41",
        "eyJ",
        "eyJhbGciOiJIUzI1NiJ9.",
        "a@",
        "a@b.",
        "<a",
        "<a>",
        "a>",
        "://a",
        "://a:",
        "&#",
        "&lt;",
        "Bearer a",
        "1 ",
        "12",
        "token=\"",
        "token:",
        "auth=a1",
        "name=\"",
        "\\u00",
        "\\\\\"",
        "Cookie: a;",
        "=\"",
        "\"password\":",
        "00D!AQ",
        "client: 1.1.1.1, ",
        "\n1.1.1.1 ",
        "Digest a=b ",
        "password=[",
        "‹token:",
    ]) {
        let text = part.repeat((1 << 18) / part.len());
        let started = std::time::Instant::now();
        let out = masker.text(&text, &mut MaskCounts::default());
        let took = started.elapsed();
        assert!(took.as_secs() < 20, "{part:?} took {took:?}");
        assert!(!out.as_str().is_empty());
    }
}

#[test]
fn rules_of_ones_own_hold_where_they_say() {
    let settings: Settings = toml_like();
    let masker = Masker::new(MaskKey::from_bytes([9; 32]), settings).expect("valid settings");
    let mask = |text: &str| {
        let mut counts = MaskCounts::default();
        masker.text(text, &mut counts).as_str().to_owned()
    };
    for (text, gone) in [
        (r#"{"customer":{"ref":"R-100"},"ref":"R-200"}"#, "R-100"),
        (r#"{"customer":{"ref":100}}"#, "100"),
        ("GET /a?tenant=acme-7&x=1 HTTP/1.1", "acme-7"),
        ("X-Tenant: acme-7", "acme-7"),
        ("see ticket CASE-00123 for more", "CASE-00123"),
        (r#"{"token":"live_1234567890"}"#, "live_"),
    ] {
        assert!(!mask(text).contains(gone), "{}", mask(text));
    }
    for kept in [
        r#"{"ref":"R-200","tenant":"acme-7"}"#,
        r#"{"token":"test_1234567890"}"#,
        r#"{"customer":{"ref":"none"}}"#,
        "X-Api-Key-Hint: abcd1234",
    ] {
        assert_eq!(mask(kept), kept);
    }
    assert!(mask(r#"{"token":"xtest_1234567890"}"#).contains('‹'));
}

fn toml_like() -> Settings {
    let settings = serde_json::json!({
        "rules": [
            {"name": "references", "at": ["body:customer.ref"], "matches": "[0-9-]+", "kind": "identity"},
            {"name": "tenants", "at": ["query:tenant", "header:X-Tenant"]},
            {"name": "tickets", "matches": "CASE-(?<secret>[0-9]+)"},
        ],
        "allow": [
            {"name": "test tokens", "at": ["any:token"], "matches": "test_[0-9]+"},
            {"name": "hints", "at": ["header:X-Api-Key-Hint"]},
        ],
    });
    serde_json::from_value(settings).expect("settings")
}

#[test]
fn rules_that_cannot_be_are_refused_with_what_is_wrong() {
    for (rules, told) in [
        (
            r#"{"rules":[{"name":"a"}]}"#,
            "a place (at) or an expression",
        ),
        (
            r#"{"rules":[{"name":"a","at":["head:x"]}]}"#,
            "\"head:x\" is none",
        ),
        (r#"{"rules":[{"name":"a","at":["x"]}]}"#, "\"x\" is none"),
        (
            r#"{"rules":[{"name":"a","matches":"("}]}"#,
            "of rule \"a\" does not compile",
        ),
        (
            r#"{"rules":[{"name":"a","at":["any:x"],"kind":"y"}]}"#,
            "no kind \"y\"",
        ),
        (
            r#"{"rules":[{"name":"a","at":["any:x"]}],"allow":[{"name":"b","at":["any:x"]}]}"#,
            "both",
        ),
    ] {
        let settings: Settings = serde_json::from_str(rules).expect("settings");
        let error = Masker::new(MaskKey::from_bytes([9; 32]), settings)
            .err()
            .expect("refused");
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[test]
fn numbers_in_documents_in_documents_leave_them_valid() {
    for text in [
        r#"{"body":"{\"cardNumber\":4111111111111111,\"a\":1}"}"#,
        r#"{"body":"[4111111111111111]"}"#,
        r#"{"c":"{\"d\":\"{\\\"cvv\\\":123}\"}"}"#,
        r#"{"u":"/a?x=%7B%22card%22%3A4111111111111111%7D"}"#,
    ] {
        let once = mask(text);
        assert!(
            !once.contains("4111111") && !once.contains("123}"),
            "{once}"
        );
        let outer: serde_json::Value = serde_json::from_str(&once).expect("valid JSON");
        let inner = outer["body"].as_str().or(outer["c"].as_str());
        let valid = |text| serde_json::from_str::<serde_json::Value>(text).is_ok();
        assert!(inner.is_none_or(valid), "{once}");
        assert_eq!(mask(&once), once);
    }
}

#[test]
fn numbers_in_a_row_take_linear_time() {
    // Seconds even for an optimised program when each number looked for the next sign anew.
    for row in [
        "4111111111111111,",
        "1000 8919 7838 ",
        "DE89370400440532013000,",
    ] {
        let text = row.repeat(1 << 17);
        let searched = masker().text(&text, &mut MaskCounts::default());
        assert!(searched.as_str().len() > 1 << 17);
    }
}

#[test]
fn what_a_text_came_to_before_is_an_original_of_every_batch() {
    let masker = masker();
    let token = "8f14e45fceea167a5a36dedd4bea2543";
    let exchange = Exchange {
        path: "/v1".into(),
        query: Some(format!("api_key={token}").into()),
        error_message: Some("mail to ana.lee@example.org failed".into()),
        ..Exchange::default()
    };
    let row = Row {
        source: "a",
        source_id: "b",
        ingested_at: Timestamp::from_secs(1),
        keep_content: false,
    };
    for _ in 0..3 {
        let mut batch = masker.batch();
        batch.push(&exchange, &row);
        let masked = batch.finish();
        let proof = crate::mask::Proof::new(masked.originals());
        assert!(proof.holds(token.as_bytes()));
        assert!(proof.holds(b"ana.lee@example.org"));
    }
    // What is only shown belongs to no batch.
    masker.text("api_key=1f14e45fceea167a5a36", &mut MaskCounts::default());
    let none = masker.batch().finish();
    assert!(none.originals().is_empty());
}
