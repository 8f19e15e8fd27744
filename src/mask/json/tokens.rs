//! The signs of JSON: where strings and words end.

use memchr::{memchr, memchr2};

/// How far the end of a string is looked for in this way.
const NEAR_BYTES: usize = 48;

/// Where a colon stands, blanks aside.
#[inline]
pub(super) fn colon_after(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    loop {
        match text.get(at)? {
            b':' => return Some(at),
            b if b.is_ascii_whitespace() => at += 1,
            _ => return None,
        }
    }
}

/// Where a string ends, and whether it has escapes. Cut-off text ends it too.
pub(super) fn string_end(text: &[u8], start: usize) -> (usize, bool) {
    let mut at = start;
    let mut escaped = false;
    loop {
        // Most strings are short: eight bytes at a time are there before a search by vectors has begun.
        let near = text.len().min(at + NEAR_BYTES);
        match sign_in(&text[at..near])
            .or_else(|| Some(near - at + memchr2(b'"', b'\\', &text[near..])?))
        {
            None => return (text.len(), escaped),
            Some(found) => at += found,
        }
        if text[at] == b'"' {
            return (at, escaped);
        }
        escaped = true;
        at = (at + 2).min(text.len());
    }
}

/// Where a string ends whose quote was lost: at the end of its line, when the next line goes on with the document.
pub(super) fn lost_end(text: &[u8], start: usize, end: usize) -> usize {
    let Some(line) = memchr(b'\n', &text[start..end]) else {
        return end;
    };
    let next = text[start + line..].trim_ascii_start();
    let goes_on = match next.first() {
        Some(b'"') => {
            let (name, _) = string_end(next, 1);
            let after = next.get(name + 1..).unwrap_or_default().trim_ascii_start();
            matches!(after.first(), Some(b':' | b',' | b']'))
        }
        Some(b'{' | b'}' | b'[' | b']') => true,
        _ => false,
    };
    if goes_on { start + line } else { end }
}

/// Where a quote or backslash stands first.
fn sign_in(text: &[u8]) -> Option<usize> {
    let is_sign = |b: &u8| matches!(b, b'"' | b'\\');
    let mut at = 0;
    while let Some(word) = text[at..].first_chunk::<8>() {
        let word = u64::from_le_bytes(*word);
        let found = zero_bytes(word ^ every(b'"')) | zero_bytes(word ^ every(b'\\'));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    Some(at + text[at..].iter().position(is_sign)?)
}

/// A byte eight times.
const fn every(b: u8) -> u64 {
    u64::from_ne_bytes([b; 8])
}

/// The high bit of each byte that is zero; of those behind the first one it may be wrong.
const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(every(1)) & !word & every(0x80)
}

/// Whether a number begins here, and not a part of one that is written in groups: `4111 1111`, `4111-1111`.
pub(super) fn begins_number(text: &[u8], from: usize, at: usize) -> bool {
    let digits = text[at] != b'-' || text.get(at + 1).is_some_and(u8::is_ascii_digit);
    let before = text[from..at].trim_ascii_end();
    digits && !before.last().is_some_and(u8::is_ascii_digit)
}

/// Of a number, valid or not. Signs stand in front of its digits only.
pub(super) fn number_bytes(text: &[u8]) -> usize {
    let follows = |at: usize| at == 0 || matches!(text[at - 1], b'e' | b'E');
    let inside = |(at, b): &(usize, &u8)| match b {
        b'+' | b'-' => follows(*at),
        b => b.is_ascii_digit() || b".eE".contains(b),
    };
    text.iter().enumerate().take_while(inside).count()
}

pub(super) fn word(text: &[u8]) -> Option<usize> {
    [&b"true"[..], b"false", b"null"]
        .iter()
        .find(|word| text.starts_with(word))
        .map(|word| word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_string_is_found_at_every_place() {
        for length in 0..2 * NEAR_BYTES {
            for sign in [&b"\""[..], b"\\n\"", b"\\\"\"", b""] {
                let text = [&b"!#[]\xC3\xA9x".repeat(20)[..length], sign].concat();
                let expected = (text.len() - usize::from(!sign.is_empty()), sign.len() > 1);
                assert_eq!(string_end(&text, 0), expected, "{length} {sign:?}");
            }
        }
    }
}
