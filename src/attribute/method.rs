//! The method as it stands in front of an operation.

const KNOWN: [&str; 18] = [
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "CONNECT",
    "TRACE",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "REPORT",
    "SEARCH",
];
/// For a method that is a word but not known, or that the log did not tell.
pub const OTHER: &str = "OTHER";
/// For a request line that is no HTTP.
pub const INVALID: &str = "INVALID";
const BYTES_MAX: usize = 32;

/// The known method, [`OTHER`], or [`INVALID`].
pub fn method_name(method: &str) -> &'static str {
    if let Some(known) = KNOWN
        .iter()
        .find(|known| known.eq_ignore_ascii_case(method))
    {
        return known;
    }
    let word = method.len() <= BYTES_MAX
        && method
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'-' || byte == b'_');
    if word { OTHER } else { INVALID }
}

/// Whether a request with this method does something that a second one would do again.
pub fn is_change(method: &str) -> bool {
    ["POST", "PUT", "PATCH", "DELETE"]
        .iter()
        .any(|change| change.eq_ignore_ascii_case(method))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_a_small_set() {
        assert_eq!(method_name("get"), "GET");
        assert_eq!(method_name("BREW"), OTHER);
        assert_eq!(method_name(""), OTHER);
        assert_eq!(method_name("\u{16}\u{3}\u{1}"), INVALID);
        assert_eq!(method_name("lv|'|'|"), INVALID);
    }
}
