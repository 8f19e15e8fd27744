//! What must hold of any text, at the places where it did not: the lines stay, a document stays one, and what is masked
//! is left as it is when it is masked again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::mask::counts::MaskCounts;
use crate::mask::fields::Fields;
use crate::mask::key::MaskKey;
use crate::mask::masker::Masker;
use crate::mask::memo::How;
use crate::mask::settings::Settings;
use crate::model::exchange::Exchange;

fn mask(text: &str) -> String {
    let key = MaskKey::from_bytes([9; 32]);
    let masker = Masker::new(key, Settings::default()).expect("valid");
    let masked = masker.text(text, &mut MaskCounts::default());
    masked.as_str().to_owned()
}

fn masked(text: &str) -> String {
    let once = mask(text);
    assert_eq!(mask(&once), once, "{text}");
    let lines = |text: &str| text.matches('\n').count();
    assert_eq!(lines(&once), lines(text), "{text} became {once}");
    let is_json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    assert!(!is_json(text) || is_json(&once), "{text} became {once}");
    once
}

/// A text, and what must be gone.
fn check(cases: &[(&str, &str)]) {
    for (text, gone) in cases {
        let out = masked(text);
        assert!(!out.contains(gone), "{gone} in {text} became {out}");
    }
}

#[test]
fn text_in_pieces_keeps_its_lines() {
    check(&[
        ("<Key>><![CDATA[passwd%3A2hunter2\n%\n]]></Key>", "hunter2"),
        ("<password>hunter2&#10;b<![CDATA[c]]></password>", "hunter2"),
        (
            "<key><![CDATA[x password=hunter2]]>&#10;<![CDATA[y]]></key>",
            "hunter2",
        ),
        (
            "<key>a\n<!-- b\n --> password=hunter2 <![CDATA[c\n]]>\n</key>",
            "hunter2",
        ),
    ]);
}

#[test]
fn a_user_that_is_none_ends_no_line_and_no_string() {
    for user in ["\n", "\"\"", "<none>", "\r\n", "null", "-"] {
        let pair = STANDARD.encode(format!("{user}:hunter2hunter"));
        for text in [
            format!(r#"{{"headers":{{"Authorization":"Basic {pair}"}}}}"#),
            format!("> Authorization: Basic {pair}\n> Host: a"),
        ] {
            let out = masked(&text);
            assert!(!out.contains(&pair), "{out}");
        }
    }
}

#[test]
fn a_user_that_is_masked_is_not_masked_again() {
    check(&[
        ("https://bob:[@example.com/", "bob"),
        ("https://bob:-@example.com/", "bob"),
    ]);
}

#[test]
fn a_pair_of_which_one_part_is_none_is_not_masked_again() {
    for pair in [
        "null:hunter2hunter",
        "-:hunter2hunter",
        "bob-the-builder:none",
    ] {
        let pair = STANDARD.encode(pair);
        for text in [
            format!(r#"{{"auths":{{"a.io":{{"auth":"{pair}"}}}}}}"#),
            format!("Authorization: Basic {pair} and more"),
            format!("curl -H 'Authorization: Basic {pair}' https://a.io"),
        ] {
            let out = masked(&text);
            assert!(!out.contains(&pair), "{out}");
        }
    }
}

#[test]
fn what_is_written_into_a_string_is_escaped_as_the_string_is() {
    check(&[
        (
            r#"{"a":"<key>x=\"y\" password=hunter2<![CDATA[z]]></key>"}"#,
            "hunter2",
        ),
        (r#"v="<passwd>hunter2\n3<![CDATA[4""#, "hunter2"),
        (
            r#"{"a":"<passwd>hunter2\n3<![CDATA[4]]></passwd>"}"#,
            "hunter2",
        ),
        (r#"{"x \"password\":\"hunter2\"":1}"#, "hunter2"),
    ]);
}

#[test]
fn a_string_alone_is_a_document() {
    check(&[
        (r#""<password>hunter2""#, "hunter2"),
        (r#""\njane@example.com""#, "jane"),
        (r#" "{\"password\":\"hunter2\"}" "#, "hunter2"),
        (r#""password=hunter2\\""#, "hunter2"),
    ]);
}

#[test]
fn a_number_becomes_a_string_where_a_document_is_read_as_text_too() {
    check(&[
        ("{\"a\":\n{\"b\":\"\"},\"pin\":8173}", "8173"),
        ("{\"a\":\n{\"b\":\"\"},\"phone\": 4917012345678}", "4917012"),
        (r#"x {\"a\":b, \"pin\":8173}"#, "8173"),
    ]);
    let field = masked(r#"1,"{""a"": b, ""pin"": 8173}",2"#);
    assert_eq!(field, r#"1,"{""a"": b, ""pin"": ""***""}",2"#);
}

#[test]
fn a_stand_in_in_graphql_names_nothing() {
    check(&[(
        r#"{"query":"mutation(password: \"hunter2\", token: \"s3cret\")"}"#,
        "hunter2",
    )]);
    let twice = mask("{\"\"%\"mutation(passwd:‹secret:027d:wspmwutznqlxcixbdaug›:\"hunter2\"");
    assert!(
        twice.contains("‹secret:027d:wspmwutznqlxcixbdaug›"),
        "{twice}"
    );
}

#[test]
fn a_piece_of_a_stand_in_is_nobodys_value() {
    let ours = "‹token:027d:abcdefghijklmnopqrst›";
    let out = masked(&format!("{ours} password=abcdefghijklmnopqrst"));
    assert!(out.starts_with(ours), "{out}");
}

#[test]
fn the_value_of_a_member_may_stand_on_the_next_line() {
    let text = "{\"a\":\n{\"b\":\"\"},\"note\":\"<password>hunter2\"}";
    check(&[(text, "hunter2")]);
}

#[test]
fn a_quote_at_the_end_of_a_value_is_none_of_its_echoes() {
    check(&[
        (
            r#"{"password":"hunter2hunter\"","note":"was hunter2hunter"}"#,
            "hunter2hunter",
        ),
        (
            r#"{"password":"hunter2hunter\\","note":"was hunter2hunter\"!"}"#,
            "hunter2hunter",
        ),
    ]);
}

#[test]
fn what_stands_beside_an_address_is_searched() {
    check(&[
        (r#"{"client_ip":"203.0.113.9 password=hunter2"}"#, "hunter2"),
        (r#"{"client_ip":"jane@example.com, 203.0.113.9"}"#, "jane@"),
        (
            "X-Forwarded-For: 203.0.113.9, jane@example.com, 203.0.113.8",
            "jane@",
        ),
    ]);
}

#[test]
fn an_echo_leaves_a_document_whole() {
    check(&[
        (
            r#"{"password":"nina1234","note":"\nina1234, \nnina1234"}"#,
            "nina1234",
        ),
        (
            r#"{"note":["Bearer12345"],"private_key":"[\"Bearer12345"}"#,
            "Bearer12345\"}",
        ),
    ]);
}

#[test]
fn a_value_that_is_masked_in_parts_comes_to_rest() {
    check(&[
        (r#"Cookie:="2"04"4"4"d"u"f"#, "04"),
        (r#"{"token":"d=\"hunter2 hunter3"}"#, "hunter2"),
        (
            r#"Cookie: a="b-value"c-value"d-value; e=f-value"#,
            "b-value",
        ),
    ]);
}

#[test]
fn a_document_over_several_lines_is_one_wherever_they_end() {
    check(&[
        (
            "[6,{\"a\":\n[{\"b\":{\"c\":\"\"},\"d\":\n{\"e\":\"\"}}],\"n\":\"<passwd>hunter2\"}]",
            "hunter2",
        ),
        (
            "{\"cookies\":[{\"name\":\"a;\",\"value\":\"\"},\n{\"name\":\"b;\",\"value\":\"hunter2; c=hunter3\"}]}",
            "hunter",
        ),
    ]);
}

#[test]
fn a_declaration_has_quotes() {
    check(&[("<!ENTITY passwd= =hunter2>", "hunter2")]);
}

#[test]
fn what_stands_where_a_log_has_its_user_may_name_a_value() {
    check(&[
        ("203.0.113.9 cookie:  [hunter2hunter", "hunter2"),
        ("203.0.113.9 <password>  [hunter2hunter", "hunter2"),
        ("203.0.113.9 x: bob [22/Nov/2026:03:51:46 +0000]", "bob"),
    ]);
}

#[test]
fn a_document_that_is_cut_off_is_searched_again() {
    check(&[
        (r#"{"""""PRIVATEKEY":["Cookie"499033"#, "499033"),
        (r#"{"""""a@i.Cookie":{"token":491087"#, "491087"),
        (r#"{"passwords":["Authorization",827164]}"#, "827164"),
    ]);
}

#[test]
fn a_field_is_searched_until_nothing_more_is_found() {
    let key = MaskKey::from_bytes([9; 32]);
    let masker = Masker::new(key, Settings::default()).expect("valid");
    let mut scan = masker.scan();
    for (text, gone) in [
        ("jane@example.com+491701234567", "491701"),
        ("xoxb-567890123-abc+491701234567", "491701"),
    ] {
        let body = scan.search(How::Any, text).into_owned();
        assert!(!body.contains(gone), "{text} became {body}");
        assert_eq!(scan.search(How::Any, &body), body);
        let headers = vec![("X-Note".into(), text.into())];
        let value = &scan.headers(&headers)[0].1;
        assert!(!value.contains(gone), "{text} became {value}");
    }
}

#[test]
fn a_line_is_searched_behind_what_its_values_hid() {
    let key = MaskKey::from_bytes([9; 32]);
    let masker = Masker::new(key, Settings::default()).expect("valid");
    let exchange = Exchange {
        raw: "INFO note jane@example.com+491701234567",
        ..Exchange::default()
    };
    let mut scan = masker.scan();
    let raw = Fields::mask(&mut scan, &exchange, true).raw.expect("kept");
    assert!(!raw.contains("491701"), "{raw}");
}

#[test]
fn what_holds_a_stand_in_is_no_echo() {
    let key = MaskKey::from_bytes([9; 32]);
    let masker = Masker::new(key, Settings::default()).expect("valid");
    let mut scan = masker.scan();
    let ours = "‹secret:027d:s6vmwrwevn2grvtoa52i›";
    let text = format!("{{\"password\":\"{ours} and more\"}}");
    let masked = scan.search(How::Any, &text).into_owned();
    assert!(!masked.contains("and more"), "{masked}");
    assert!(scan.take_secrets().is_empty());
}

#[test]
fn what_an_echo_hid_in_a_body_is_masked() {
    let key = MaskKey::from_bytes([9; 32]);
    let masker = Masker::new(key, Settings::default()).expect("valid");
    let exchange = Exchange {
        error_message: Some("3xoxb-1234567890-abcDE89370400440532013000 failed".into()),
        request_headers: vec![("X-Api-Key".into(), "xoxb-1234567890-abc".into())],
        ..Exchange::default()
    };
    let mut scan = masker.scan();
    let mut fields = Fields::mask(&mut scan, &exchange, true);
    fields.settle(&mut scan, &exchange);
    let message = fields.error_message.expect("given");
    assert!(!message.contains("DE8937"), "{message}");
    assert!(scan.take_secrets().is_empty());
}

#[test]
fn the_number_in_front_of_a_name_is_an_account_only_in_the_name_of_a_resource() {
    check(&[
        ("+4917012345678:password:hunter2", "hunter2"),
        ("123456789012:secret:hunter2", "hunter2"),
    ]);
    let resource = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-Ab12Cd";
    assert_eq!(masked(resource), resource);
}

#[test]
fn the_client_may_stand_behind_the_server() {
    check(&[
        (
            "198.51.100.4 203.0.113.9 - bob [22/Nov/2026:03:51:46 +0000] \"GET / HTTP/1.1\" 200 5",
            "203.0.113.9",
        ),
        (
            "198.51.100.4 203.0.113.9 - bob [22/Nov/2026:03:51:46 +0000] \"GET / HTTP/1.1\" 200 5",
            "bob",
        ),
    ]);
}

#[test]
fn a_list_of_cookies_is_one_whatever_it_names() {
    check(&[(r#"{"cookie":["token","uterus12"]}"#, "uterus12")]);
}

#[test]
fn a_long_token_is_no_word_of_a_sentence() {
    let token = "kD93jLpQz71xWm".repeat(6);
    for text in [
        format!("Authorization: Custom {token}"),
        format!("Cookie: P {}", "A".repeat(63)),
    ] {
        let out = masked(&text);
        assert!(!out.contains("kD93") && !out.contains("AAA"), "{out}");
    }
}
