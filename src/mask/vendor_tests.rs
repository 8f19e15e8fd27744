//! Tokens of vendors by their documented forms, wherever they stand, and what only looks like one.

use crate::mask::counts::MaskCounts;
use crate::mask::key::MaskKey;
use crate::mask::masker::Masker;
use crate::mask::settings::Settings;

/// In braces a class and how many bytes of it: `a` letters and digits, `d` also dashes, `h` small hexadecimal digits,
/// `l` small letters and digits, `U` capitals and digits, `n` digits, `u` a UUID. No secret stands in this file.
const FORMS: &[&str] = &[
    "pat{a14}.{h64}",
    "ATATT3xFfGF0{d150}={U8}",
    "1000.{h32}.{h32}",
    "r8_{a37}",
    "gsk_{a52}",
    "pplx-{a48}",
    "bkua_{h40}",
    "squ_{h40}",
    "sqp_{h40}",
    "sqa_{h40}",
    "sgp_{h40}",
    "sgp_local_{h40}",
    "sgp_{h16}_{h40}",
    "ops_eyJ{a250}",
    "dt0c01.{U24}.{U64}",
    "dt0s16.{U8}.{U64}",
    "tskey-auth-{a11}-{a32}",
    "A3-{U6}-{U6}-{U5}-{U5}-{U5}-{U5}",
    "ghp_{a36}",
    "github_pat_{a22}_{a59}",
    "glpat-{d20}",
    "glpat-{d27}.01.{l9}",
    "glft-{d20}",
    "glsoat-{d20}",
    "glcbt-64_{d20}",
    "gloas-{d64}",
    "GR1348941{d20}",
    "xoxb-{n12}-{n12}-{a24}",
    "xoxe-1-{a100}",
    "xoxd-{a60}",
    "xapp-1-A{U10}-{n13}-{h64}",
    "sk_live_{a24}",
    "sk_org_live_{a40}",
    "rk_live_{a24}",
    "whsec_{a32}",
    "SG.{d22}.{d43}",
    "key-{h32}",
    "{h32}-us14",
    "md-{a22}",
    "sq0atp-{d22}",
    "EAAA{d60}",
    "shpat_{h32}",
    "shptka_{h32}",
    "A21AA{d92}",
    "access_token$sandbox${l16}${h32}",
    "AQEphm{l1}{a80}+{a20}=-{a16}",
    "pat-na1-{u}",
    "pat-ap1-{u}",
    "00D5g000004abcD!AQ{d90}",
    "00D5g000004abcD!AR{d90}",
    "AIza{d35}",
    "ya29.a0{d100}",
    "GOCSPX-{d28}",
    "1//0{d60}",
    "AKIA{U16}",
    "IQoJb3JpZ2luX2Vj{a100}/{a100}==",
    "ABSKQmVkcm9ja{a90}",
    "{a3}8Q~{a34}",
    "{a76}+ASt{a6}==",
    "{a76}AZDO{a4}",
    "{a52}JQQJ99{a26}",
    "dop_v1_{h64}",
    "cfut_{a48}",
    "v1.0-{h24}-{h146}",
    "HRKU-AA{d58}",
    "npm_{a36}",
    "pypi-AgEIcHlwaS5vcmc{d90}",
    "dckr_pat_{d27}",
    "dckr_oat_{d32}",
    "dapi{h32}",
    "NRAK-{U27}",
    "NRII-{d32}",
    "{h32}FFFFNRAL",
    "glc_{a60}==",
    "glsa_{a32}_{h8}",
    "eyJrIjoi{a90}",
    "sntrys_eyJ{a120}_{a43}",
    "sntryu_{h64}",
    "lin_api_{a40}",
    "lin_oauth_{h64}",
    "ntn_{n11}{a35}",
    "secret_{a43}",
    "PMAK-{h24}-{h34}",
    "figd_{d40}",
    "dp.pt.{a43}",
    "dp.ct.{a43}",
    "dp.scim.{a43}",
    "hvs.{d90}",
    "hvr.{d90}",
    "{a14}.atlasv1.{d67}",
    "sk-{a20}T3BlbkFJ{a20}",
    "sk-proj-{d150}",
    "sk-svcacct-{d150}",
    "sk-or-v1-{h64}",
    "sk-ant-api03-{d93}AA",
    "hf_{a34}",
    "sl.u.{d134}",
    "sbp_{h40}",
    "sb_secret_{d31}",
    "pscale_tkn_{d43}",
    "pscale_oauth_{d43}",
    "CFPAT-{d43}",
    "pul-{h40}",
    "rubygems_{h48}",
    "CLOJARS_{h60}",
    "fio-u-{d64}",
    "EZAK{a54}",
    "shippo_test_{h40}",
    "duffel_test_{d43}",
    "live_{h35}",
    "tfp_{a40}_{a14}",
    "dG9rOj{a54}=",
    "pk_{h34}",
    "pk_{a6}_{h34}",
    "pk_{n8}_{U32}",
    "re_{a8}_{a24}",
    "live_{a30}",
    "xai-{a80}",
    "pcsk_{a5}_{a60}",
    "nvapi-{d64}",
    "sk_{h48}",
    "CCIPAT_{a22}_{h40}",
    "ATTA{h64}",
    "LTAI{a20}",
    "sha256~{d43}",
    "oy2{l43}",
    "{a6}_{a29}_mmk",
    "sk.eyJ1Ijoi{a60}.{d22}",
    "cio{a32}",
    "pnu_{l36}",
    "p8e-{a32}",
    "sdk-{u}",
    "pat.{d22}.{h24}.{a20}",
    "KEY01{U30}_{a22}",
    "os_v2_app_{l80}",
    "pdl_live_apikey_{l26}_{a22}_{a3}",
];

const PLACES: &[&str] = &[
    "request failed with @ at gateway",
    "invalid key @, retry",
    r#"{"event":"x","detail":"used @ now"}"#,
    "X-Foo: @",
    "GET /v1/x/@/y HTTP/1.1",
    "https://api.example.com/a?q=@&b=2",
    "Authorization: Bearer @",
    r#""GET /x HTTP/1.1" 200 "@""#,
    r#"["@"]"#,
];

const STAY: &[&str] = &[
    "id 34c411c3-4d9a-4436-a6d9-8b80e6b6122f at gateway",
    "digest 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "pk_live_51H8abcdefghijklmnopqrstuvwxyz12",
    "pk_test_51H8abcdefghijklmnopqrstuvwxyz12",
    "sb_publishable_51H8abcdefghijklmnopqrstuvwx",
    "pk.eyJ1IjoiYWNtZSIsImEiOiJjazEyMzQifQ.AbCdEfGhIjKlMnOpQrStUv",
    "sq0idp-AbCdEfGhIjKlMnOpQrStUv",
    "AC0123456789abcdef0123456789abcdef",
    "client 1000.ABCDEFGHIJKLMNOPQRSTUVWXYZ1234",
    "sk_names_are_kept_in_the_table_of_skills_2024",
    "pat-words-like-this-one-are-no-tokens-2024",
    "path.to.the.module.in.the.tree",
    "patterns of 14.5 percent",
    "test_shouldReturnUnauthorizedWhenTokenIsMissing",
    "test_should_return_401_when_token_is_missing_1",
    "live_stream_of_events_2024",
    "re_enabled1_something_else_here_2024",
    "f9cea8aa19cf782323d3b4fd1fba8363-us-east-1",
    "v1.0-rc1 and v1.0-2024",
    "sdk-2.1.0 (sdk-java-2.20.1)",
    "col-md-6 col-us-1",
    "cio-platform AZDO build 12",
    "recAbCdEfGhIjKlMn appAbCdEfGhIjKlMn",
    "req_011CSHoEeqs5C35K2UUqR7Fy",
    "msg_01XFDUDYJgAACzvnptvVoYEL",
    "ch_3MmlLrLkdIwHu7ix0snN0B15",
];

fn token(form: &str, seed: u64) -> String {
    let mut state = seed;
    let mut token = String::new();
    let mut rest = form;
    while let Some((before, after)) = rest.split_once('{') {
        let (code, tail) = after.split_once('}').expect("closed");
        token.push_str(before);
        fill(&mut token, code, &mut state);
        rest = tail;
    }
    token + rest
}

fn fill(token: &mut String, code: &str, state: &mut u64) {
    let (class, count) = code.split_at(1);
    if class == "u" {
        for (order, count) in ["h8", "h4", "h4", "h4", "h12"].into_iter().enumerate() {
            token.push_str(if order > 0 { "-" } else { "" });
            fill(token, count, state);
        }
        return;
    }
    let signs: &[u8] = match class {
        "n" => b"0123456789",
        "h" => b"0123456789abcdef",
        "l" => b"0123456789abcdefghijklmnopqrstuvwxyz",
        "U" => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "a" => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        _ => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_",
    };
    for _ in 0..count.parse().expect("a number") {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let at = (*state >> 33) as usize % signs.len();
        token.push(char::from(signs[at]));
    }
}

fn masked(text: &str) -> String {
    let key = MaskKey::from_bytes([3; 32]);
    let masker = Masker::new(key, Settings::default()).expect("valid");
    let once = masker.text(text, &mut MaskCounts::default());
    let twice = masker.text(once.as_str(), &mut MaskCounts::default());
    assert_eq!(once.as_str(), twice.as_str());
    once.as_str().to_owned()
}

#[test]
fn the_tokens_of_vendors_are_gone_wherever_they_stand() {
    for (seed, form) in FORMS.iter().enumerate() {
        let token = token(form, seed as u64 + 7);
        let tail = &token[token.len() / 2..];
        for place in PLACES {
            let text = place.replace('@', &token);
            let out = masked(&text);
            let mut parts = tail.as_bytes().windows(8.min(tail.len()));
            let left = parts.find(|part| {
                let part = std::str::from_utf8(part).expect("ASCII");
                out.contains(part)
            });
            assert!(left.is_none(), "{text} became {out}");
        }
    }
}

#[test]
fn what_looks_like_a_token_of_a_vendor_stays() {
    for text in STAY {
        assert_eq!(masked(text), *text);
        let told = format!("{{\"event\":\"saw {text} now\"}}");
        assert_eq!(masked(&told), told);
    }
}
