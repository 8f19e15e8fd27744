//! Streams of lines as the command masks them: what goes, what stays, that lines and bytes stay, and that doing it again
//! changes nothing.

use crate::mask::{Carried, MaskCounts, MaskKey, Masker, Settings, Units};

fn masker() -> Masker {
    Masker::new(MaskKey::from_bytes([9; 32]), Settings::default()).expect("valid settings")
}

fn mask_in(masker: &Masker, input: &[u8], chunk: usize) -> Vec<u8> {
    let (mut units, mut carried) = (Units::default(), Carried::default());
    let (mut counts, mut out) = (MaskCounts::default(), Vec::new());
    for part in input.chunks(chunk) {
        units.push(part);
        let masked = masker.units(&units.ready(), &mut carried, &mut counts);
        out.extend_from_slice(masked.as_bytes());
    }
    units.end();
    out.extend_from_slice(
        masker
            .units(&units.ready(), &mut carried, &mut counts)
            .as_bytes(),
    );
    out
}

fn line_ends(text: &[u8]) -> Vec<&[u8]> {
    let end = |line: &'_ [u8]| {
        if line.ends_with(b"\r\n") {
            &b"\r\n"[..]
        } else {
            &b"\n"[..]
        }
    };
    let lines = text
        .split_inclusive(|b| *b == b'\n')
        .filter(|line| line.ends_with(b"\n"));
    lines.map(end).collect()
}

/// What must be gone, and what must stay.
fn check(input: &str, gone: &[&str], kept: &[&str]) {
    let masker = masker();
    for input in [input.to_owned(), input.replace('\n', "\r\n")] {
        let out = mask_in(&masker, input.as_bytes(), usize::MAX);
        let text = String::from_utf8_lossy(&out).into_owned();
        for secret in gone {
            assert!(!text.contains(secret), "{secret} in\n{text}\nof\n{input}");
        }
        for kept in kept {
            assert!(text.contains(kept), "{kept} not in\n{text}\nof\n{input}");
        }
        assert_eq!(line_ends(&out), line_ends(input.as_bytes()), "{text}");
        assert_eq!(mask_in(&masker, &out, usize::MAX), out, "{text}");
        assert_eq!(mask_in(&masker, input.as_bytes(), 5), out, "{text}");
    }
}

const BODY: &str = "MIIEowIBAAKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gun\nVTLw7onLRnrq0/IzW7yWR7QkrmBL7jTKEn5u\n";

#[test]
fn a_key_goes_with_all_its_lines() {
    let begin = "-----BEGIN RSA PRIVATE KEY-----\n";
    let end = "-----END RSA PRIVATE KEY-----\n";
    let gone = ["MIIEowIB", "VTLw7onL"];
    check(
        &format!("{begin}{BODY}{end}next\n"),
        &gone,
        &["-----BEGIN RSA", "-----END RSA", "next"],
    );
    check(
        &format!("12:00:00 loading {begin}{BODY}{end}12:00:01 done\n"),
        &gone,
        &["loading", "12:00:01 done"],
    );
    check(
        &format!("{begin}{BODY}12:00:01 done here\n"),
        &gone,
        &["12:00:01 done here"],
    );
    check(&format!("{begin}{BODY}"), &gone, &[]);
    let indented = BODY.replace('\n', "\n  ");
    check(
        &format!("private_key: |\n  {begin}  {indented}{end}a: b\n"),
        &gone,
        &["private_key: |", "a: b"],
    );
    check(
        &format!("< {begin}< {}{end}", BODY.replace('\n', "\n< ")),
        &gone,
        &["< -----BEGIN", "< -----END"],
    );
    check(
        &format!("-----BEGIN CERTIFICATE-----\n{BODY}-----END CERTIFICATE-----\n"),
        &[],
        &gone,
    );
}

#[test]
fn two_keys_have_two_stand_ins_and_one_key_has_one() {
    let masker = masker();
    let stand_ins = |text: &str| -> Vec<String> {
        let out = String::from_utf8(mask_in(&masker, text.as_bytes(), usize::MAX)).expect("UTF-8");
        let parts = out.split('‹').skip(1);
        parts
            .filter_map(|part| Some(part.split_once('›')?.0.to_owned()))
            .collect()
    };
    let key =
        |body: &str| format!("-----BEGIN PRIVATE KEY-----\n{body}-----END PRIVATE KEY-----\n");
    let other = BODY.replace("MIIEow", "MIIEpA");
    let found = stand_ins(&format!("{}{}{}", key(BODY), key(&other), key(BODY)));
    assert_eq!(found.len(), 3);
    assert!(found[0] == found[2] && found[0] != found[1], "{found:?}");
    let json = serde_json::json!({ "private_key": key(BODY), "note": key(BODY) }).to_string();
    assert_eq!(stand_ins(&json), [&*found[0], &*found[0]]);
}

#[test]
fn a_name_and_its_value_may_stand_on_two_lines() {
    for (input, kept) in [
        (
            "{\"a\":1}\n{\n \"name\": \"X-Api-Key\",\n \"value\": \"kD93jLpQz71xWm07\"\n}\n{\"b\":2}\n",
            "\"b\":2",
        ),
        (
            "12:00:00 INFO sent {\n  \"password\":\n    \"kD93jLpQz71xWm07\"\n}\n12:00:01 INFO x\n",
            "INFO x",
        ),
        (
            "[\n  {\n    \"name\": \"password\",\n    \"value\": \"kD93jLpQz71xWm07\"\n  }\n]\n",
            "name",
        ),
        (
            "<login>\n<password>\nkD93jLpQz71xWm07\n</password>\n<id>\n7\n</id>\n</login>\n",
            "\n7",
        ),
        (
            "12:00:00 got <s:Body>\n<Password>\n  kD93jLpQz71xWm07\n</Password>\n</s:Body>\n",
            "got <s:Body>",
        ),
        (
            "--B\nContent-Disposition: form-data; name=\"password\"\n\nkD93jLpQz71xWm07\n--B--\n",
            "--B--",
        ),
        (
            "--B\nContent-Disposition: form-data; name=note\n\nfine\n--B\nContent-Disposition: form-data; name=pin\nContent-Type: text/plain\n\nkD93jLpQz71xWm07\n--B--\n",
            "fine",
        ),
        (
            "12:00:00 x --B\nContent-Disposition: form-data; name=\"user[password]\"\n\nkD93jLpQz71xWm07\n--B--\n",
            "--B--",
        ),
        (
            "--B\nContent-Disposition: form-data; name=\"meta\"\nContent-Type: application/json\n\n{\n \"name\": \"password\",\n \"value\": \"kD93jLpQz71xWm07\"\n}\n--B--\n",
            "meta",
        ),
        ("tokens:\n  - kD93jLpQz71xWm07\nother:\n  - fine\n", "fine"),
        (
            "> GET / HTTP/1.1\n> x-api-key:\n>  a\n> A: b\n> X-Api-Key: kD93jLpQz71xWm07\n> \n< HTTP/1.1 401 No\n< \n{\"error\":\"bad kD93jLpQz71xWm07 given\"}\n",
            "given",
        ),
        (
            "< {\n<  \"headers\": [\n<   {\n<    \"name\": \"X-Api-Key\",\n<    \"value\": \"kD93jLpQz71xWm07\"\n<   }\n<  ]\n< }\n",
            "<   }",
        ),
        (
            "1 DEBUG wire - http-outgoing-0 >> \"POST / HTTP/1.1[\\r][\\n]\"\n1 DEBUG wire - http-outgoing-0 >> \"{[\\n]\"\n1 DEBUG wire - http-outgoing-0 >> \"\"name\": \"password\",[\\n]\"\n1 DEBUG wire - http-outgoing-0 >> \"\"value\": \"kD93jLpQz71xWm07\"[\\n]\"\n1 DEBUG wire - http-outgoing-0 >> \"}\"\n",
            "\"name\": \"password\",[\\n]\"",
        ),
        (
            "send: b'POST / HTTP/1.1\\r\\nX-Api-Key: kD93jLpQz71xWm07\\r\\n\\r\\n'\nreply: 'HTTP/1.1 401 No\\r\\n'\nbody: no kD93jLpQz71xWm07\n",
            "body: no",
        ),
    ] {
        check(input, &["kD93jLpQz71xWm07"], &[kept]);
    }
}

#[test]
fn a_broken_document_is_followed_behind_the_break() {
    let pair = "  {\n   \"name\": \"X-Api-Key\",\n   \"value\": \"kD93jLpQz71xWm07\"\n  }\n";
    for broken in [
        format!("{{\n \"note\": \"he said \"hi\"\",\n \"headers\": [\n{pair} ]\n}}\n"),
        format!("{{\n \"headers\":: [\n{pair} ]\n}}\n"),
        format!("{{\n \\ \"url\": \"x\",\n \"headers\": [\n{pair} ]\n}}\n"),
        format!("{{\n \"a\": \"lost,\n \"headers\": [\n{pair} ]\n}}\n"),
        format!("{{\n \"a\": 1\n \"headers\": [\n{pair} ]\n"),
        format!("{{\n \"a\": [,\n :  ],\n \"headers\": [\n{pair} ]\n}}\n"),
    ] {
        check(&broken, &["kD93jLpQz71xWm07"], &["X-Api-Key"]);
    }
    check(
        "{\n\"name\":\"ApiKey\",\"value\":\"kD93jLpQz71xWm07\n\"rid\":\"keepme12\"}\n",
        &["kD93jLpQ"],
        &["keepme12"],
    );
}

#[test]
fn echoes_do_not_cross_records() {
    check(
        "{\"user\":\"jane.doe7\"}\n{\"path\":\"/jane.doe7/x\"}\nuser=jane.doe7 x\n12:00:00 path jane.doe7\n",
        &[],
        &["/jane.doe7/x", "path jane.doe7"],
    );
}

#[test]
fn what_an_exchange_told_is_known_behind_a_pause() {
    let masker = masker();
    let (mut units, mut carried) = (Units::default(), Carried::default());
    let mut counts = MaskCounts::default();
    let mut out = Vec::new();
    for part in [
        &b"> GET / HTTP/1.1\n> X-Api-Key: kD93jLpQz71xWm07\n"[..],
        b"< HTTP/1.1 401\n",
        b"bad kD93jLpQz71xWm07\n",
    ] {
        units.push(part);
        units.pause();
        out.extend_from_slice(
            masker
                .units(&units.ready(), &mut carried, &mut counts)
                .as_bytes(),
        );
    }
    units.push(b"> GET / HTTP/1.1\n> \nkD93jLpQz71xWm07 is another's\n");
    units.end();
    out.extend_from_slice(
        masker
            .units(&units.ready(), &mut carried, &mut counts)
            .as_bytes(),
    );
    let text = String::from_utf8(out).expect("UTF-8");
    assert_eq!(text.matches("kD93jLpQz71xWm07").count(), 1, "{text}");
    assert!(text.ends_with("kD93jLpQz71xWm07 is another's\n"), "{text}");
}

#[test]
fn bytes_that_are_no_utf_8_stay() {
    let masker = masker();
    let input = b"caf\xE9 status=\xF0ok password=kD93jL\xFFpQz71xWm07 \xC3\n\xFE\xFF {\"password\":\"hunt\xE9r22\"} \xE2\x80\n";
    let out = mask_in(&masker, input, usize::MAX);
    assert!(
        out.starts_with(b"caf\xE9 status=\xF0ok password=\xE2\x80\xB9secret:"),
        "{out:?}"
    );
    assert!(out.ends_with(b"\"} \xE2\x80\n"), "{out:?}");
    assert!(!out.windows(3).any(|part| part == "\u{fffd}".as_bytes()));
    assert_eq!(mask_in(&masker, &out, 3), out);
    let raw = mask_in(&masker, b"password=hunt\xE9r22\xFF", usize::MAX);
    let escaped = mask_in(&masker, b"password=hunt%E9r22\xFF", usize::MAX);
    assert_eq!(raw, escaped, "{}", String::from_utf8_lossy(&escaped));
}

#[test]
fn parts_of_forms_go_in_every_dress() {
    for text in [
        r#"203.0.113.9 - - [10/Oct/2025:13:55:36 +0000] "POST /a HTTP/1.1" 200 5 "-" "c" "--B1\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter2hunter\r\n--B1--\r\n""#,
        r#"{"body":"--B\r\nContent-Disposition: form-data; name=password\r\n\r\nhunter2hunter\r\n--B--\r\n","keep":1}"#,
        r#"{"body":"--B\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name=\"password\"; filename=\"\"\r\n\r\nhunter2hunter\r\n--B--\r\n"}"#,
        r#"{"payload":"{\"body\":\"--B\\r\\nContent-Disposition: form-data; name=\\\"password\\\"\\r\\n\\r\\nhunter2hunter\\r\\n--B--\\r\\n\"}"}"#,
        r#"send: b'--B\r\nContent-Disposition: form-data; name="password"\r\nContent-Type: text/plain\r\n\r\nhunter2hunter\r\n--B--\r\n'"#,
        r#"{"x":"--B\r\nContent-Disposition: form-data; name=&#34;password&#34;\r\n\r\nhunter2hunter\r\n--B--"}"#,
        "INFO body --B Content-Disposition: form-data; name=\"password\"  hunter2hunter --B--",
        r#""POST /" "--B\x0D\x0Acontent-disposition: FORM-DATA; NAME=\x22password\x22\x0D\x0A\x0D\x0Ahunter2hunter\x0D\x0A--B--""#,
        r#"{"body":"--B\r\nContent-Disposition: form-data; name=\"files\"\r\nContent-Type: multipart/mixed; boundary=C\r\n\r\n--C\r\nContent-Disposition: file; filename=\"a\"\r\n\r\n{\"password\":\"hunter2hunter\"}\r\n--C--\r\n--B--"}"#,
        r#"{"body":"--B\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{\"name\":\"password\",\"value\":\"hunter2hunter\"}\r\n--B--"}"#,
    ] {
        check(text, &["hunter2h"], &["--B"]);
    }
    check(
        r#"x "--B\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nSpring sale\r\n--B--" 200"#,
        &[],
        &["Spring sale", "\" 200"],
    );
}

#[test]
fn a_har_has_one_stand_in_for_a_value_wherever_it_was_sent() {
    let har = r#"{"log":{"entries":[{"request":{"url":"https://a.de/?email=jane%40x.de&pw=a%2Bb9Xk2LmQ",
"queryString":[{"name":"email","value":"jane%40x.de"},{"name":"pw","value":"a%2Bb9Xk2LmQ"}],
"headers":[{"name":"Cookie","value":"email=jane%40x.de; sid=kD93jLpQz71xWm02"}],
"cookies":[{"name":"email","value":"jane%40x.de"},{"name":"sid","value":"kD93jLpQz71xWm02"}],
"headersSize":-1,"bodySize":12},"response":{"headers":[{"name":"Set-Cookie","value":"t=kD93jLpQz71xWm07; Path=/\nrefresh=kD93jLpQz71xWm08; Path=/"}],
"content":{"size":42,"encoding":"base64","text":"eyJpZCI6NywibmFtZSI6InRvbyBtdWNoIn0="}},
"_webSocketMessages":[{"data":"{\"token\":\"kD93jLpQz71xWm07\"}"}]}]}}
"#;
    let gone = ["jane", "b9Xk2LmQ", "kD93jLpQ"];
    check(
        har,
        &gone,
        &[
            "eyJpZCI6NywibmFtZSI6InRvbyBtdWNoIn0=",
            "\"size\":42",
            "\"headersSize\":-1",
            "\"bodySize\":12",
        ],
    );
    let out = mask_in(&masker(), har.as_bytes(), usize::MAX);
    let text = String::from_utf8(out).expect("UTF-8");
    serde_json::from_str::<serde::de::IgnoredAny>(&text).expect("still a HAR");
    let mut codes: Vec<&str> = text
        .split('‹')
        .skip(1)
        .filter_map(|part| part.split_once('›'))
        .map(|(inside, _)| inside)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), 5, "{codes:?}");
}
