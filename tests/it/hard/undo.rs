//! Undoes every encoding that a value may hide in, so that a search for the value sees it.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Three layers of a generator, one of the record, and some to spare.
const ROUNDS_MAX: usize = 8;
/// Base64 within base64 within base64.
const PACKS_MAX: usize = 3;
/// Shorter runs of letters are words.
const PACKED_CHARS_MIN: usize = 12;

/// The text and all that is packed inside it, each with all its escapes undone. Stand-ins are gone.
pub fn all(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    unpack(text, PACKS_MAX, &mut found);
    found
}

fn unpack(text: &str, packs: usize, found: &mut Vec<String>) {
    let plain = escapes(&without_stand_ins(text));
    if packs > 0 {
        for run in plain.split(|c: char| !is_base64(c)) {
            if run.len() >= PACKED_CHARS_MIN {
                starts(run, |inner| unpack(inner, packs - 1, found));
            }
        }
    }
    found.push(plain);
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/-_".contains(c)
}

/// A run may begin amid a group of four.
fn starts(run: &str, mut found: impl FnMut(&str)) {
    for start in 0..4 {
        let decoded = run.get(start..).and_then(decode);
        if let Some(text) = decoded.filter(|bytes| is_text(bytes)) {
            found(&String::from_utf8_lossy(&text));
        }
    }
}

pub fn decode(packed: &str) -> Option<Vec<u8>> {
    let standard: String = packed.trim_end_matches('=').replace('-', "+");
    let standard = standard.replace('_', "/");
    let whole = match standard.len() % 4 {
        1 => standard.get(..standard.len() - 1)?,
        _ => &standard,
    };
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&alphabet::STANDARD, config);
    engine.decode(whole).ok()
}

fn is_text(bytes: &[u8]) -> bool {
    let text = |b: &&u8| b.is_ascii_graphic() || b.is_ascii_whitespace();
    let count = bytes.iter().filter(text).count();
    bytes.len() >= 8 && count * 10 >= bytes.len() * 9
}

/// Puts a sign that belongs to no value where a stand-in is.
pub fn without_stand_ins(text: &str) -> String {
    let mut parts = text.split('‹');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push('\u{1}');
        out.push_str(part.split_once('›').map_or(part, |(_, rest)| rest));
    }
    out.replace("***", "\u{1}")
}

/// All escapes, until none is left.
pub fn escapes(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..ROUNDS_MAX {
        let next = once(&text);
        if next == text {
            break;
        }
        text = next;
    }
    text
}

fn once(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['%', '\\', '&']) {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at..];
        let (sign, length) = escape(rest).unwrap_or((vec![rest.as_bytes()[0]], 1));
        out.extend(sign);
        rest = &rest[length..];
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&out).into_owned()
}

/// What the escape at the beginning stands for, and its length.
fn escape(text: &str) -> Option<(Vec<u8>, usize)> {
    let utf8 = |code: u32| Some(char::from_u32(code)?.to_string().into_bytes());
    let hex = |range: std::ops::Range<usize>| u32::from_str_radix(text.get(range)?, 16).ok();
    match text.as_bytes() {
        [b'%', ..] => Some((vec![u8::try_from(hex(1..3)?).ok()?], 3)),
        [b'\\', b'x', ..] => Some((vec![u8::try_from(hex(2..4)?).ok()?], 4)),
        [b'\\', b'u', ..] => Some((utf8(hex(2..6)?)?, 6)),
        [b'\\', b'n' | b'r' | b't', ..] => Some((vec![b'\n'], 2)),
        [b'\\', b'"' | b'\'' | b'\\' | b'/', ..] => Some((text.as_bytes()[1..2].to_vec(), 2)),
        [b'&', ..] => entity(text),
        _ => None,
    }
}

fn entity(text: &str) -> Option<(Vec<u8>, usize)> {
    let (name, _) = text.get(1..)?.split_once(';')?;
    let code = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => char::from_u32(number(name.strip_prefix('#')?)?)?,
    };
    Some((code.to_string().into_bytes(), name.len() + 2))
}

fn number(digits: &str) -> Option<u32> {
    match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    }
}
