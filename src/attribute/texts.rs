//! Small operations on the texts of an exchange that keep them borrowed from the log where they are.

use std::borrow::Cow;
use std::ops::Range;

use crate::model::exchange::{Headers, Text};

/// A part of a text. Borrowed from the log if the text is; the empty text if the range is not inside.
pub fn slice<'a>(text: &Text<'a>, range: Range<usize>) -> Text<'a> {
    match text {
        Cow::Borrowed(whole) => Cow::Borrowed(whole.get(range).unwrap_or("")),
        Cow::Owned(whole) => Cow::Owned(whole.get(range).unwrap_or("").to_owned()),
    }
}

/// The part of `text` that `part`, which must point into it, covers.
pub fn share<'a>(text: &Text<'a>, part: &str) -> Text<'a> {
    let from = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
    slice(text, from..from.saturating_add(part.len()))
}

/// The first value of a header; case does not matter, and `-` and `_` are alike, because logs write both.
pub fn find_header<'h, 'a>(headers: &'h Headers<'a>, name: &str) -> Option<&'h Text<'a>> {
    headers
        .iter()
        .find(|(other, _)| same_name(other, name))
        .map(|(_, value)| value)
}

pub fn same_name(one: &str, other: &str) -> bool {
    let fold = |byte: u8| match byte {
        b'_' => b'-',
        byte => byte.to_ascii_lowercase(),
    };
    one.len() == other.len() && one.bytes().map(fold).eq(other.bytes().map(fold))
}

/// Whether `needle` stands in the text, in whatever case.
pub fn contains_ignoring_case(text: &str, needle: &str) -> bool {
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    let Some(first) = needle.first() else {
        return true;
    };
    memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text).any(|at| {
        text.get(at..at + needle.len())
            .is_some_and(|here| here.eq_ignore_ascii_case(needle))
    })
}

/// The longest beginning of at most `bytes` bytes that is whole characters.
pub fn head(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_borrowed_texts_are_borrowed() {
        let text: Text<'_> = "abcdef".into();
        assert!(matches!(share(&text, &text[2..4]), Cow::Borrowed("cd")));
        assert_eq!(slice(&text, 4..9), "");
    }

    #[test]
    fn header_names_are_compared_as_logs_write_them() {
        assert!(same_name("Retry-After", "retry_after"));
        assert!(!same_name("Retry-After", "retry.after"));
    }

    #[test]
    fn case_does_not_matter_in_bodies() {
        assert!(contains_ignoring_case("xx Rate Limit", "rate limit"));
        assert!(contains_ignoring_case("x", ""));
        assert!(!contains_ignoring_case("rate limi", "rate limit"));
        assert_eq!(head("äb", 1), "");
    }
}
