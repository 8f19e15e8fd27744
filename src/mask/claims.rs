//! What a JSON Web Token says that explains a refusal: how it was signed, by whom, for whom, and until when.
//!
//! Of the claims of RFC 7519 and the header of RFC 7515 those that name no person; the rest of the token, and the
//! signature above all, is gone.

use serde_json::{Map, Value};

use crate::mask::base64;

/// Members of the header, then of the payload, in the order in which they are told.
const HEADER: [&str; 3] = ["alg", "kid", "typ"];
const PAYLOAD: [&str; 7] = ["iss", "aud", "exp", "iat", "nbf", "scope", "scp"];

/// Longer parts are not looked into.
const PART_BYTES_MAX: usize = 16 * 1024;
/// Longer claims are left out.
const CLAIM_BYTES_MAX: usize = 128;
/// All of them together, with their names.
pub(crate) const TOLD_BYTES_MAX: usize = 1024;

/// `~alg.RS256~iss.https://login.example~exp.1795319505`, for the inside of a stand-in: no sign that parts anything in
/// any grammar. Nothing where nothing is told.
pub(crate) fn told(token: &[u8]) -> String {
    let mut parts = token.split(|b| *b == b'.');
    let mut told = String::new();
    for names in [&HEADER[..], &PAYLOAD] {
        let Some(Value::Object(part)) = parts.next().and_then(read) else {
            break;
        };
        names.iter().for_each(|name| tell(name, &part, &mut told));
    }
    if told.len() > TOLD_BYTES_MAX {
        told.clear();
    }
    told
}

fn read(part: &[u8]) -> Option<Value> {
    let part = (part.len() <= PART_BYTES_MAX).then_some(part)?;
    serde_json::from_slice(&base64::decode(part)?).ok()
}

fn tell(name: &str, part: &Map<String, Value>, told: &mut String) {
    let claim = match part.get(name) {
        Some(Value::String(text)) => text.replace(' ', "+"),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Array(items)) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            texts.unwrap_or_default().join("+")
        }
        _ => return,
    };
    if !claim.is_empty() && claim.len() <= CLAIM_BYTES_MAX && claim.bytes().all(is_plain) {
        told.push_str(&format!("~{name}.{claim}"));
    }
}

/// Signs that mean nothing in JSON, XML, a URL, a cookie or a header. Without `@`, so that no address is told.
fn is_plain(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"._-:/+*".contains(&b)
}

/// The length of what was told at the start of a text.
pub(crate) fn length(text: &[u8]) -> usize {
    // A form's plus that was read as a blank.
    let inside = |b: &&u8| is_plain(**b) || matches!(b, b'~' | b' ');
    match text.first() {
        Some(b'~') => text.iter().take(TOLD_BYTES_MAX).take_while(inside).count(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::base64::Engine;
    use ::base64::engine::general_purpose::URL_SAFE_NO_PAD;

    fn token(header: &str, payload: &str) -> String {
        let [header, payload] = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part));
        format!("{header}.{payload}.c2lnbmF0dXJl")
    }

    #[test]
    fn what_explains_a_refusal_is_told_and_nobody_is_named() {
        let token = token(
            r#"{"alg":"RS256","kid":"k 1","x5t":"abc"}"#,
            r#"{"iss":"https://login.example/t","sub":"jane","aud":["a","b"],"exp":1795319505,"email":"j@x.de","scope":"read write","iat":"j@x.de"}"#,
        );
        let told = told(token.as_bytes());
        assert_eq!(
            told,
            "~alg.RS256~kid.k+1~iss.https://login.example/t~aud.a+b~exp.1795319505~scope.read+write"
        );
        assert_eq!(length(format!("{told}›").as_bytes()), told.len());
    }

    #[test]
    fn tokens_that_tell_nothing_say_nothing() {
        for other in [
            "",
            "abc",
            "eyJ.eyJ.x",
            &token("{}", "{}"),
            &token("[]", "1"),
        ] {
            assert_eq!(told(other.as_bytes()), "", "{other}");
        }
    }
}
