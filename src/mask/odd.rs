//! Bytes that are no UTF-8, in texts that are.
//!
//! A text in Latin-1, a cut character or a binary part must come out as it went in, but what is searched is UTF-8. So
//! each odd byte becomes a character of a plane that nobody uses, and becomes itself again behind the masking. Where
//! such a character stands in the text already, its own four bytes count as odd, so nothing is taken for another.

use std::borrow::Cow;

use memchr::memchr;

/// The character that stands for the byte 0; those for odd bytes are the last 128 of all.
const BASE: u32 = 0x10_FF00;
/// What those 128 begin with in UTF-8: this byte, and then one of two pairs.
const LEAD: u8 = 0xF4;
const PAIRS: [[u8; 2]; 2] = [[0x8F, 0xBE], [0x8F, 0xBF]];
const CHAR_BYTES: usize = 4;

/// A text that stands for any bytes; borrowed where they are a text.
pub(crate) fn to_text(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match u32::from(c) >= BASE + 0x80 {
                true => c
                    .encode_utf8(&mut [0; CHAR_BYTES])
                    .bytes()
                    .for_each(|b| push(b, &mut text)),
                false => text.push(c),
            }
        }
        chunk.invalid().iter().for_each(|b| push(*b, &mut text));
    }
    Cow::Owned(text)
}

fn push(byte: u8, text: &mut String) {
    text.extend(char::from_u32(BASE + u32::from(byte)));
}

/// The way back.
pub(crate) fn to_bytes(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr(LEAD, text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(found) = memchr(LEAD, rest) {
        bytes.extend_from_slice(&rest[..found]);
        rest = &rest[found..];
        let taken = match rest.first_chunk::<CHAR_BYTES>() {
            Some([_, second, third, last]) if PAIRS.contains(&[*second, *third]) => {
                let high = if *third == PAIRS[0][1] { 0x80 } else { 0xC0 };
                bytes.push(high | last & 0x3F);
                CHAR_BYTES
            }
            _ => {
                bytes.push(LEAD);
                1
            }
        };
        rest = &rest[taken..];
    }
    bytes.extend_from_slice(rest);
    Cow::Owned(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        let own = "\u{10FF80}\u{10FFFF}\u{10FEFF}é".as_bytes();
        for bytes in [
            &all[..],
            b"caf\xE9 ok",
            b"\xF4\x8F",
            b"\xC3",
            b"\xED\xA0\x80",
            &[&all[..], own].concat(),
        ] {
            let text = to_text(bytes);
            assert_eq!(&*to_bytes(text.as_bytes()), bytes, "{text:?}");
        }
        assert!(matches!(
            to_text("é\u{10FF80}".as_bytes()),
            Cow::Borrowed(_)
        ));
    }
}
