//! What must hold of any text, at the places where it did not: the lines stay, a document stays one, and what is masked
//! is left as it is when it is masked again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::mask::counts::MaskCounts;
use crate::mask::key::MaskKey;
use crate::mask::masker::Masker;
use crate::mask::settings::Settings;

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
