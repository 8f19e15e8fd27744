//! One value has one stand-in, however deep it stands and however it is written there.

use crate::mask::{MaskCounts, MaskKey, Masker, Settings};

fn masker() -> Masker {
    let masker = Masker::new(MaskKey::from_bytes([1; 32]), Settings::default());
    masker.expect("a masker")
}

/// The code of the one stand-in in what comes out.
fn code(masker: &Masker, line: &str) -> String {
    let masked = masker.text(line, &mut MaskCounts::default());
    let inner = masked
        .as_str()
        .split_once('‹')
        .and_then(|(_, rest)| rest.split_once('›'));
    let (inner, _) = inner.unwrap_or_else(|| panic!("{line} became {}", masked.as_str()));
    let code = inner.split([':', '~']).nth(2).unwrap_or_default();
    code.to_owned()
}

#[track_caller]
fn same(lines: &[&str]) {
    let masker = masker();
    let codes = lines.iter().map(|line| code(&masker, line));
    for (line, code) in lines.iter().zip(codes) {
        assert_eq!(code, self::code(&masker, lines[0]), "{line}");
    }
}

#[test]
fn percent_signs_are_undone_to_the_last() {
    same(&[
        r#"{"password":"Gx7!kq§pLw2"}"#,
        "GET /x?password=Gx7!kq%C2%A7pLw2 HTTP/1.1",
        "GET /x?password=Gx7%2521kq%25C2%25A7pLw2 HTTP/1.1",
        "GET /x?password=%2547%2578%2537%2521%256B%2571%25C2%25A7%2570%254C%2577%2532 HTTP/1.1",
        r#"{"log":{"entries":[{"request":{"queryString":[{"name":"password","value":"Gx7%2521kq%25C2%25A7pLw2"}]}}]}}"#,
    ]);
    same(&[
        r#"{"mobile_number":"07700 442070"}"#,
        "GET /x?mobile_number=%2530%2537%2537%2530%2530%2520%2534%2534%2532%2530%2537%2530 HTTP/1.1",
    ]);
    same(&[
        r#"{"signature":"/sxFJY00y93MRTZWrYUXGphOWH9q2Fz2yHM7HvqoxdA="}"#,
        r#"{"connectionString":"BlobEndpoint=https://acme.example/;SharedAccessSignature=sv=2022&sig=%2FsxFJY00y93MRTZWrYUXGphOWH9q2Fz2yHM7HvqoxdA%3D"}"#,
    ]);
}

#[test]
fn a_plus_is_a_blank_wherever_it_stands() {
    same(&[
        r#"{"full_name":"Jane van der Berg"}"#,
        "a=1&full_name=Jane+van+der+Berg",
        "GET /x?full_name=Jane+van+der+Berg HTTP/1.1",
        "GET /x?full_name=Jane%20van%20der%20Berg HTTP/1.1",
        "v=1&payload=%3Cx%3E%3CfullName%3E%3C%21%5BCDATA%5BJane+van+der+Berg%5D%5D%3E%3C%2FfullName%3E%3C%2Fx%3E",
    ]);
    same(&[
        r#"{"access_token":"aB3+dE6fG9hJ2kL5mN8pQ"}"#,
        "access_token=aB3+dE6fG9hJ2kL5mN8pQ&x=1",
        "access_token=aB3%2BdE6fG9hJ2kL5mN8pQ&x=1",
    ]);
}

#[test]
fn entities_of_an_attribute_are_undone() {
    same(&[
        r#"{"login_password":"kq§p\"Lw2=7"}"#,
        r#"<login id="1" login_password="kq&#167;p&quot;Lw2&#x3D;7" lang="en"/>"#,
        r#"{"body":"<login id=\"1\" login_password=\"kq&#167;p&quot;Lw2&#x3D;7\"/>"}"#,
    ]);
}

#[test]
fn what_stands_deeper_than_is_searched_is_the_same_value() {
    same(&[
        r#"{"customer_name":"Jane d'Angelo"}"#,
        r#"<Data>{"Message":"{\"Message\":\"{\\\"customer_name\\\":\\\"Jane d\\\\u0027Angelo\\\"}\"}"}</Data>"#,
        r#"{"body":"<Data>{&quot;Message&quot;:&quot;{\\&quot;customer_name\\&quot;:\\&quot;Jane d\\\\u0027Angelo\\&quot;}&quot;}</Data>"}"#,
    ]);
}

#[test]
fn what_a_token_tells_comes_through_a_form() {
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzY29wZSI6InJlYWQgd3JpdGUifQ.ZbcXtUcjScj3cE6ixdskrcXAFRKoUmJZHG48euRQJRu";
    same(&[
        &format!(r#"{{"access_token":"{token}"}}"#),
        &format!(
            "v=1&payload=%3Cx+a%3D%22%22%3E%3CApiKey%3E{token}%3C%2FApiKey%3E%3C%2Fx%3E&end=1"
        ),
        &format!(
            "v=1&payload=%3Cx%3E%3Cjwt%3E%3C%21%5BCDATA%5B{token}%5D%5D%3E%3C%2Fjwt%3E%3C%2Fx%3E&end=1"
        ),
    ]);
}
