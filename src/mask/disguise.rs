//! Ways to write a value of which a search for the value sees nothing: escapes of letters, and base64.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memchr_iter;
use memchr::memmem::Finder;

use crate::mask::decode::{Decoded, Encoding};
use crate::mask::part::may_hold;

/// Escapes that programs write for letters and signs alike.
static SIGNS: LazyLock<[(Finder<'static>, Encoding); 3]> = LazyLock::new(|| {
    [
        (Finder::new(b"\\u00"), Encoding::Backslash),
        (Finder::new(b"\\x"), Encoding::Backslash),
        (Finder::new(b"&#"), Encoding::Xml),
    ]
});

/// Whether a text has escapes that may stand for any sign.
pub(crate) fn is_odd(text: &[u8]) -> bool {
    SIGNS.iter().any(|(sign, _)| sign.find(text).is_some()) || has_odd_percent(text)
}

/// A letter, a digit or a percent sign behind a percent sign: no client must write those so, but some do.
fn has_odd_percent(text: &[u8]) -> bool {
    memchr_iter(b'%', text).any(|at| {
        matches!(
            text.get(at + 1..at + 3),
            Some(
                [b'2', b'5']
                | [b'3', b'0'..=b'9']
                | [b'4' | b'6', b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F']
                | [b'5' | b'7', b'0'..=b'9' | b'a' | b'A'],
            )
        )
    })
}

/// A text with such escapes undone, layer by layer.
pub(crate) struct Undone(Vec<Decoded>);

impl Undone {
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.last().map_or(&[], |decoded| &decoded.bytes)
    }

    /// Where an offset lies in the written text.
    pub(crate) fn written(&self, at: usize) -> usize {
        self.0
            .iter()
            .rev()
            .fold(at, |at, decoded| decoded.written(at))
    }
}

/// The text once for each kind of escape that it has.
pub(crate) fn undone(text: &[u8]) -> impl Iterator<Item = Undone> {
    let kinds = SIGNS.iter().filter(|(sign, _)| sign.find(text).is_some());
    let mut encodings: Vec<Encoding> = kinds.map(|(_, encoding)| *encoding).collect();
    encodings.dedup();
    if has_odd_percent(text) {
        encodings.push(Encoding::Percent);
    }
    encodings.into_iter().filter_map(|encoding| {
        // What was escaped again with the document around it is found in a deeper layer.
        let mut layers = vec![encoding.decode(text)?];
        while layers.len() < LAYERS_MAX
            && let Some(last) = layers.last()
            && (layers.len() == 1 && encoding == Encoding::Percent || is_odd(&last.bytes))
            && let Some(next) = encoding.decode(&last.bytes)
        {
            layers.push(next);
        }
        Some(Undone(layers))
    })
}

/// As deep as documents are followed.
const LAYERS_MAX: usize = 4;

/// Shorter pieces of base64 occur by chance.
const PIECE_CHARS_MIN: usize = 10;

/// The pieces of base64 that every text with the value in it has: it may begin at any of three places of a group, and
/// what neighbours share is left out.
pub(crate) fn base64_pieces(value: &[u8]) -> Vec<String> {
    let mut pieces = Vec::new();
    for before in 0..3 {
        let text = [&b"   "[..before], value].concat();
        let whole = text.len() / 3 * 4;
        for encoded in [STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
            let piece = encoded.get([0, 2, 3][before]..whole).unwrap_or_default();
            if piece.len() >= PIECE_CHARS_MIN && !pieces.iter().any(|known| known == piece) {
                pieces.push(piece.to_owned());
            }
        }
    }
    pieces
}

/// Whether some piece of it may stand in a text, in the usual alphabet.
pub(crate) fn may_hold_base64(text: &str, value: &str) -> bool {
    (0..3).any(|before| {
        let head = value.len().min(HEAD_BYTES - before) / 3 * 3;
        let mut bytes = [b' '; HEAD_BYTES];
        bytes[before..][..head].copy_from_slice(&value.as_bytes()[..head]);
        let mut encoded = [0; HEAD_BYTES / 3 * 4];
        let whole = (before + head) / 3 * 3;
        let written = STANDARD_NO_PAD.encode_slice(&bytes[..whole], &mut encoded);
        let from = [0, 2, 3][before];
        let piece = encoded.get(from..written.unwrap_or(0)).unwrap_or_default();
        std::str::from_utf8(piece).is_ok_and(|piece| may_hold(text, piece))
    })
}

/// So much of a value tells whether to look for it.
const HEAD_BYTES: usize = 12;

/// The run of base64 around a piece of it: cut out of the middle it would no longer be any.
pub(crate) fn base64_run(text: &[u8], start: usize, end: usize) -> (usize, usize) {
    let digit = |b: &&u8| b.is_ascii_alphanumeric() || b"+/-_".contains(b);
    let before = text[..start].iter().rev().take_while(digit).count();
    let after = text[end..].iter().take_while(digit).count();
    let padding = text[end + after..]
        .iter()
        .take(2)
        .take_while(|b| **b == b'=')
        .count();
    (start - before, end + after + padding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_in_base64_is_found_wherever_it_begins() {
        let value = b"aP9xKlm2TgWz";
        let pieces = base64_pieces(value);
        for before in 0..5 {
            let text = [&b"seven"[..before], value, b" end"].concat();
            let encoded = STANDARD_NO_PAD.encode(&text);
            assert!(may_hold_base64(&encoded, "aP9xKlm2TgWz"), "{encoded}");
            let piece = pieces
                .iter()
                .find(|piece| encoded.contains(*piece))
                .expect("found");
            let at = encoded.find(piece).expect("found");
            let run = base64_run(encoded.as_bytes(), at, at + piece.len());
            assert_eq!(run, (0, encoded.len()));
        }
    }

    #[test]
    fn escapes_of_letters_are_undone() {
        for (text, plain) in [
            (r"bad \u0061\u0050 end", "bad aP end"),
            ("bad a&#x40;b end", "bad a@b end"),
            ("bad a%2540b end", "bad a@b end"),
        ] {
            let decoded: Vec<Undone> = undone(text.as_bytes()).collect();
            assert_eq!(decoded.len(), 1);
            assert_eq!(String::from_utf8_lossy(decoded[0].bytes()), plain);
            let at = plain.find(" end").expect("there");
            assert_eq!(&text[decoded[0].written(at)..], " end");
        }
        assert!(!is_odd(br#"{\"a\":1}"#));
    }
}
