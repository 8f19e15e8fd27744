//! A value of a JSON text by its key, without parsing: for bodies that a log cut off, and where one key is all we want.
//!
//! It may find a key at another depth than meant, so it is used only where a key's name says enough.

use memchr::memmem;

/// The raw text of a string value, if it has no escapes.
pub fn find_string<'b>(body: &'b str, key: &str) -> Option<&'b str> {
    values(body, key).find_map(|rest| {
        let inner = rest.strip_prefix('"')?;
        let end = memchr::memchr2(b'"', b'\\', inner.as_bytes())?;
        (inner.as_bytes()[end] == b'"').then(|| &inner[..end])
    })
}

/// A string without escapes, or a number or literal as it stands.
pub fn find_scalar<'b>(body: &'b str, key: &str) -> Option<&'b str> {
    find_string(body, key).or_else(|| {
        values(body, key).find_map(|rest| {
            let end = rest.find([',', '}', ']', ' ', '\n', '\r', '\t'])?;
            let value = &rest[..end];
            let plain = value
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
            (plain && !value.is_empty()).then_some(value)
        })
    })
}

/// What follows `"key":`, wherever it stands.
fn values<'b>(body: &'b str, key: &str) -> impl Iterator<Item = &'b str> {
    memmem::find_iter(body.as_bytes(), key.as_bytes()).filter_map(move |at| {
        let opened = at > 0 && body.as_bytes()[at - 1] == b'"';
        let rest = body.get(at + key.len()..)?.strip_prefix('"')?;
        let value = rest.trim_start().strip_prefix(':')?.trim_start();
        opened.then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_cut_bodies() {
        let body =
            r#"{"message":"Rate limit exceeded","errorcode" : 50100,"retryAfter":5,"documen"#;
        assert_eq!(find_scalar(body, "message"), Some("Rate limit exceeded"));
        assert_eq!(find_scalar(body, "errorcode"), Some("50100"));
        assert_eq!(find_scalar(body, "retryAfter"), Some("5"));
        assert_eq!(find_scalar(body, "documen"), None);
        assert_eq!(find_scalar(body, "code"), None);
        assert_eq!(find_string(r#"{"a":"x\"y"}"#, "a"), None);
        assert_eq!(find_scalar("\"a\":", "a"), None);
    }
}
