//! Words of a sentence, which stand where a value might: `invalid token: must be …`, `Authorization: header missing`.

/// Words that follow a name in a sentence.
const PROSE: &[&str] = &[
    "a",
    "already",
    "an",
    "and",
    "are",
    "be",
    "can",
    "can't",
    "cannot",
    "could",
    "did",
    "does",
    "doesn't",
    "expected",
    "expired",
    "failed",
    "for",
    "has",
    "have",
    "if",
    "in",
    "incorrect",
    "invalid",
    "is",
    "isn't",
    "it",
    "length",
    "malformed",
    "mismatch",
    "missing",
    "must",
    "no",
    "not",
    "of",
    "or",
    "please",
    "required",
    "should",
    "the",
    "this",
    "to",
    "too",
    "unable",
    "unauthorized",
    "unexpected",
    "unknown",
    "value",
    "was",
    "will",
    "with",
    "wrong",
    "you",
    "your",
];

/// First words of the names of errors: `INVALID_SESSION_ID: Session expired or invalid`.
const OF_ERRORS: &[&str] = &[
    "invalid",
    "missing",
    "expired",
    "unknown",
    "bad",
    "wrong",
    "malformed",
    "unsupported",
    "unauthorized",
    "incorrect",
    "no",
];

/// What a scope allows: `secrets:write tokens:read`.
const OF_SCOPES: &[&str] = &[
    "read",
    "write",
    "admin",
    "manage",
    "create",
    "update",
    "delete",
    "list",
    "view",
    "edit",
    "all",
    "full",
    "readonly",
    "readwrite",
    "read_write",
    "*",
];

/// Words of a sentence are no longer than this, and a sentence has more than one.
const WORD_BYTES_MAX: usize = 14;
/// So much of a line tells whether it is a sentence.
const SENTENCE_BYTES_MAX: usize = 64;

pub(crate) fn is_prose(word: &[u8]) -> bool {
    is_one_of(word, PROSE)
}

pub(crate) fn is_scope(word: &[u8]) -> bool {
    is_one_of(word, OF_SCOPES)
}

fn is_one_of(word: &[u8], list: &[&str]) -> bool {
    list.iter()
        .any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

/// Whether a name is that of an error, so that what follows it tells what is wrong.
pub(crate) fn names_error(name: &[u8]) -> bool {
    let first = name.split(|b| b"_-.".contains(b)).next();
    first.is_some_and(|first| first.len() < name.len() && is_one_of(first, OF_ERRORS))
}

/// Whether a line is a sentence: more than one word, all of letters.
pub(crate) fn is_sentence(line: &[u8]) -> bool {
    let head = &line[..line.len().min(SENTENCE_BYTES_MAX)];
    let words = || head.trim_ascii().split(|b| *b == b' ');
    let plain = |word: &[u8]| {
        let word = word.strip_suffix(b",").unwrap_or(word);
        let word = word.strip_suffix(b".").unwrap_or(word);
        word.len() <= WORD_BYTES_MAX && word.iter().all(|b| b.is_ascii_alphabetic() || *b == b'\'')
    };
    words().count() > 1 && words().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_told_from_a_value() {
        assert!(is_sentence(b"header missing"));
        assert!(is_sentence(b"Session expired or invalid."));
        assert!(!is_sentence(b"hunter"));
        assert!(!is_sentence(b"Token 0001"));
        assert!(!is_sentence(b"Bearer abcdefghijklmnopqrs"));
        assert!(!is_sentence(&[b"Custom ", &[b'7'; 90][..]].concat()));
        assert!(is_sentence(&b"and so on ".repeat(9)));
        assert!(names_error(b"INVALID_SESSION_ID"));
        assert!(!names_error(b"session_id"));
        assert!(!names_error(b"invalid"));
    }
}
