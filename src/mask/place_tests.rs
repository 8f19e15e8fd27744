//! Values in places of their own: cookies, path segments, maps of headers, schemes.

use base64::Engine as _;

use crate::mask::counts::MaskCounts;
use crate::mask::key::MaskKey;
use crate::mask::masker::Masker;
use crate::mask::settings::Settings;
use crate::mask::stream::Carried;
use crate::mask::together::Units;

fn masked(text: &str) -> String {
    let key = MaskKey::from_bytes([3; 32]);
    let masker = Masker::new(key, Settings::default()).expect("valid");
    let mask = |text: &str| {
        let mut units = Units::default();
        units.push(text.as_bytes());
        units.end();
        let (mut carried, mut counts) = (Carried::default(), MaskCounts::default());
        let masked = masker.units(&units.ready(), &mut carried, &mut counts);
        String::from_utf8_lossy(masked.as_bytes()).into_owned()
    };
    let once = mask(text);
    assert_eq!(mask(&once), once, "{text}");
    once
}

/// A text, what must be gone, what must stay.
fn check(cases: &[(&str, &[&str], &[&str])]) {
    for (text, gone, stays) in cases {
        let out = masked(text);
        for secret in *gone {
            assert!(!out.contains(secret), "{secret} in {text} became {out}");
        }
        for part in *stays {
            assert!(out.contains(part), "{part} of {text} became {out}");
        }
    }
}

#[test]
fn short_codes_in_cookies_are_hidden() {
    check(&[
        (
            "Cookie: cvv2=905; theme=dark; a=1",
            &["905"],
            &["cvv2=***; theme=dark; a=1"],
        ),
        (
            "GET /pay HTTP/1.1 cookie: cvc=1234; sid=abc123def456",
            &["1234", "abc123"],
            &["cvc=***; sid="],
        ),
        ("Cookie: n=905; step=2", &[], &["n=905; step=2"]),
    ]);
}

#[test]
fn escaped_addresses_are_addresses() {
    check(&[
        (
            "Forwarded: for=\"[2001%3Adb8%3A%3A1]:4711\";proto=https;by=203.0.113.43",
            &["2001", "db8"],
            &["for=\"[", "]:4711\";proto=https;by=203.0.113.43"],
        ),
        (
            "Forwarded: for=%22%5B2001%3Adb8%3A%3A1%5D%3A4711%22;proto=https",
            &["2001", "db8"],
            &["for=%22%5B", "%5D%3A4711%22;proto=https"],
        ),
        (
            "X-Forwarded-For: 2001:db8::1%2C203.0.113.9",
            &["db8", "203.0"],
            &["%2C"],
        ),
    ]);
}

#[test]
fn segments_behind_their_words_are_tokens_by_their_look() {
    check(&[
        (
            "GET /reset-password/QwErTyUiOpAsDfGhJkLzXcVbNm HTTP/1.1",
            &["QwErTy"],
            &[" HTTP/1.1"],
        ),
        (
            "GET /reset-password/qwrtypsdfghjklzxcvbnm HTTP/1.1",
            &["qwrty"],
            &[],
        ),
        (
            "GET /invite/kXvBnQwErTyUiOpAsDfG?lang=de HTTP/1.1",
            &["kXvBn"],
            &["?lang=de"],
        ),
        (
            "GET /verify/aGVsbG93b3JsZHRoaXNpc2Ez HTTP/1.1",
            &["aGVsb"],
            &[],
        ),
        (
            "GET /verify-email/8f14e45fceea167a5a36dedd4bea254312345678 HTTP/1.1",
            &["8f14e"],
            &[],
        ),
        (
            "GET /magic-link/KJHgkjhKJHkjhKJHkjhKJHkjh HTTP/1.1",
            &["KJHgk"],
            &[],
        ),
        (
            "GET /users/confirmation/XkJhGfDsAqWeRtYuIoPl HTTP/1.1",
            &["XkJhG"],
            &[],
        ),
        (
            "GET /reset/MTIzNDU2/c5x8y9-9b8a7d6e5f4a3b2c1d0e9b8a7d6e5f4a/ HTTP/1.1",
            &["9b8a7d"],
            &["/reset/MTIzNDU2/", "/ HTTP/1.1"],
        ),
    ]);
    for text in [
        "GET /reset-password/confirm HTTP/1.1",
        "GET /reset-password/sendVerificationInstructions HTTP/1.1",
        "GET /reset-password/request-new-link-for-account HTTP/1.1",
        "GET /unsubscribe/8f14e45fceea167a5a36dedd4bea2543 HTTP/1.1",
        "GET /verify/34c411c3-4d9a-4436-a6d9-8b80e6b6122f HTTP/1.1",
        "GET /confirm/order-2024-12-31/items HTTP/1.1",
        "GET /activate/InternationalizationSettings HTTP/1.1",
        "GET /reset/all/v1-2024 HTTP/1.1",
    ] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn schemes_stay_and_tokens_go() {
    check(&[
        (
            "Authorization: HMAC-SHA256 akakjsdfh:kjahsdf98kjahsdf==",
            &["kjahsdf"],
            &["HMAC-SHA256 "],
        ),
        (
            "Authorization: HMAC-SHA256 Credential=abc123&SignedHeaders=x-ms-date;host&Signature=JfEo3jkfjhsdf8df=",
            &["abc123", "JfEo3"],
            &[
                "HMAC-SHA256 Credential=",
                "&SignedHeaders=x-ms-date;host&Signature=",
            ],
        ),
        (
            "Authorization: GenieKey eb243592-faa2-4ba2-a551-afb5c5fb4a5c",
            &["eb243592"],
            &["GenieKey "],
        ),
        (
            "map[Authorization:[Bearer abc=] Content-Type:[a/b]]",
            &["abc="],
            &["[Bearer ", "] Content-Type:[a/b]]"],
        ),
        (
            "GET /cb?token_type=bearer HTTP/1.1",
            &[],
            &["?token_type=bearer HTTP/1.1"],
        ),
    ]);
}

#[test]
fn a_map_of_headers_ends_each_where_the_next_begins() {
    check(&[
        (
            "Endpoint request headers: {Authorization=*********ABCDEF, X-Amz-Date=20260101T000000Z, X-Amzn-Trace-Id=Root=1-6789}",
            &[],
            &[", X-Amz-Date=20260101T000000Z, X-Amzn-Trace-Id=Root=1-6789}"],
        ),
        (
            "headers: {Date=Thu, 01 Jan 2026 00:00:00 GMT, Set-Cookie=sid=hunter2hunter2; Path=/; HttpOnly, Content-Type=a/json, x-amzn-RequestId=6f1b}",
            &["hunter2"],
            &["; Path=/; HttpOnly, Content-Type=a/json, x-amzn-RequestId=6f1b}"],
        ),
        (
            "headers: {Authorization=AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu/s3/aws4_request, SignedHeaders=host, Signature=0123abcd, Host=a.b, Cookie=a=bcdef; b=cdefg}",
            &["AKIDEX", "0123abcd", "bcdef", "cdefg"],
            &["SignedHeaders=host, Signature=", ", Host=a.b, Cookie=a="],
        ),
    ]);
}

#[test]
fn columns_have_the_names_of_their_head() {
    check(&[
        (
            "id,email,password,api_key,user,created,name\n1,jo@example.com,hunter2,S3cr3tValue99,jdoe,2026-01-01,Order A\n2,\"x\",\"let,me \"\"in\"\"\",T3cr3tValue99,42,2026-01-02,\"Order B\"\n",
            &["jo@", "hunter2", "S3cr3t", "T3cr3t", "jdoe", "let,me"],
            &[
                "id,email,password,api_key,user,created,name\n",
                "2026-01-01,Order A\n",
                ",42,2026-01-02,\"Order B\"\n",
            ],
        ),
        (
            "time\tstatus\taccess_token\tphone\n1\t200\thunter2hunter2\t4915112345678\n2\t401\t-\t5\n",
            &["hunter2", "49151"],
            &["1\t200\t", "2\t401\t-\t5\n"],
        ),
        (
            "#Version: 1.0\n#Fields: date s-ip cs-uri-query cs-username c-ip cs(Cookie) x-api-key sc-status\n2026-01-01 10.0.0.5 id=7 CORP\\jdoe 203.0.113.9 sid=abcdef123456;+theme=dark hunter2x 200\n2026-01-01 10.0.0.5 - - - - - 401\n",
            &["jdoe", "203.0", "abcdef", "hunter2x"],
            &[
                "2026-01-01 10.0.0.5 id=7 ",
                ";+theme=dark ",
                " 200\n",
                "10.0.0.5 - - - - - 401\n",
            ],
        ),
        // Not one cell for each name: some other line.
        (
            "id,password\n1,2,3\na b\n",
            &[],
            &["id,password\n1,2,3\na b\n"],
        ),
    ]);
}

#[test]
fn colours_hide_no_name() {
    check(&[
        (
            "\x1b[32mtoken\x1b[0m=S3cr3tValue99xyz \x1b[1mid\x1b[0m=7",
            &["S3cr3t"],
            &["\x1b[32mtoken\x1b[0m=", " \x1b[1mid\x1b[0m=7"],
        ),
        (
            "\x1b[1mAuthorization\x1b[0m: \x1b[33mBearer\x1b[0m \x1b[31mS3cr3tValue99\x1b[0m\nx\n",
            &["S3cr3t"],
            &["\x1b[33mBearer\x1b[0m \x1b[31m", "\x1b[0m\nx\n"],
        ),
        (
            r#"{"log":"\u001b[32mpassword\u001b[0m=hunter2hunter2 id=7\n","stream":"stdout"}"#,
            &["hunter2"],
            &[
                r#"{"log":"\u001b[32mpassword\u001b[0m="#,
                r#" id=7\n","stream":"stdout"}"#,
            ],
        ),
    ]);
}

#[test]
fn base64_is_read_over_its_lines() {
    let inner = r#"{"user":"x","password":"hunter2hunter2","note":"long enough to need several lines of it"}"#;
    let encoded = base64::engine::general_purpose::STANDARD.encode(inner);
    let lines: Vec<&str> = encoded
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("ASCII"))
        .collect();
    let decoded = |text: &str| {
        let digits: String = text.split_whitespace().collect();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(digits)
            .expect("base64");
        String::from_utf8(bytes).expect("UTF-8")
    };
    let out = masked(&format!("begin\n{}\nend\n", lines.join("\n")));
    let body = out
        .strip_prefix("begin\n")
        .and_then(|out| out.strip_suffix("end\n"))
        .expect("kept");
    assert!(!decoded(body).contains("hunter2"), "{out}");
    assert_eq!(out.lines().count(), lines.len() + 2);
    let out = masked(&format!(r#"{{"body":"{}"}}"#, lines.join(r"\r\n")));
    let body = out
        .strip_prefix(r#"{"body":""#)
        .and_then(|out| out.strip_suffix(r#""}"#))
        .expect("kept");
    assert!(
        !decoded(&body.replace(r"\r\n", "\n")).contains("hunter2"),
        "{out}"
    );
    let out = masked(&format!(
        "GET /x?u=data:application/json;base64,{encoded}&y=1 HTTP/1.1"
    ));
    assert!(
        out.ends_with("&y=1 HTTP/1.1") && !out.contains(&encoded[60..90]),
        "{out}"
    );
}

#[test]
fn a_run_is_measured_once() {
    let long = "axoxb-".repeat(200_000);
    let begun = std::time::Instant::now();
    assert_eq!(masked(&long), long);
    assert!(begun.elapsed().as_secs() < 20);
}

#[test]
fn values_below_their_names_are_theirs() {
    check(&[
        (
            "POST /x HTTP/1.1\r\nAuthorization: Bearer\r\n S3cr3tValue99xyz\r\nX-Id: 7\r\n\r\n",
            &["S3cr3t"],
            &["Authorization: Bearer\r\n ", "\r\nX-Id: 7\r\n\r\n"],
        ),
        (
            "Authorization: Bearer\n\tS3cr3tValue99xyz\nX-Id: 7\n",
            &["S3cr3t"],
            &["\nX-Id: 7\n"],
        ),
        (
            "a:\n  client_secret: |\n    S3cr3tValue99==\n  token: >-\n    T3cr3tValue99\n  note: |\n    S9 stays\n",
            &["S3cr3t", "T3cr3t"],
            &["  client_secret: |\n    ", "  note: |\n    S9 stays\n"],
        ),
        (
            "env:\n  - name: DB_PASSWORD\n    value: \"hunter2\"\n  - name: MODE\n    value: fast1\n",
            &["hunter2"],
            &[
                "- name: DB_PASSWORD\n    value: \"",
                "- name: MODE\n    value: fast1\n",
            ],
        ),
    ]);
}
