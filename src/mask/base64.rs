//! Values that are base64 of a text: searched decoded, and written back as base64 where something was found.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::mask::scan::Scan;

/// Shorter values hold no text that tells anything.
const WRITTEN_BYTES_MIN: usize = 16;
/// So much is decoded first: that this is text by chance is rare, and most ids end here.
const HEAD_BYTES: usize = 12;

/// Lenient about padding, because clients are.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD_LENIENT: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const URL_SAFE_LENIENT: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// The text inside a value that is base64 as a whole, of either alphabet.
pub(crate) fn text_in(written: &[u8]) -> Option<String> {
    if written.len() < WRITTEN_BYTES_MIN {
        return None;
    }
    let (head, _) = written.split_at(HEAD_BYTES);
    // Most values have a blank or a sign near their start, and this is cheaper than to decode.
    if !head
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || b"+/-_".contains(b))
    {
        return None;
    }
    let is_text = |bytes: &[u8]| {
        bytes
            .iter()
            .all(|b| !b.is_ascii_control() || b"\t\r\n".contains(b))
    };
    // The head may end inside a character, so only its control bytes tell.
    if !is_text(&decode(head)?) {
        return None;
    }
    let text = String::from_utf8(decode(written)?).ok()?;
    is_text(text.as_bytes()).then_some(text)
}

/// The bytes of base64 of either alphabet.
pub(crate) fn decode(written: &[u8]) -> Option<Vec<u8>> {
    STANDARD_LENIENT
        .decode(written)
        .or_else(|_| URL_SAFE_LENIENT.decode(written))
        .ok()
}

impl Scan {
    /// Searches the text that was decoded from `written`.
    pub(crate) fn base64(&mut self, written: &[u8], inner: &str, base: usize) {
        let mark = self.edits.len();
        let searched = self.deeper(|scan| scan.any(inner.as_bytes(), 0));
        if searched.is_none() {
            return self.text(written, base, 0);
        }
        let Some(masked) = self.edits.take_from(mark, inner) else {
            return;
        };
        let url_safe = written.iter().any(|b| b"-_".contains(b));
        let engine = if url_safe {
            URL_SAFE_LENIENT
        } else {
            STANDARD_LENIENT
        };
        self.edits.add(base, base + written.len(), |out| {
            engine.encode_string(masked, out);
            if !written.ends_with(b"=") {
                out.truncate(out.trim_end_matches('=').len());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_are_taken_for_base64() {
        assert_eq!(
            text_in(b"eyJlbWFpbCI6ImFAYi5kZSJ9").as_deref(),
            Some(r#"{"email":"a@b.de"}"#)
        );
        assert_eq!(
            text_in("Z3LDvG5lIFdpZXNlLi4uIQ".as_bytes()).as_deref(),
            Some("grüne Wiese...!")
        );
        for other in [
            "0af7651916cd43dd8448eb211c80319c",
            "6aff0000-0000-4000-8000-0000000000c1",
            "CONTACTS_LIST_OF_2026",
            "application/json",
            "not base64 at all",
            "c2hvcnQ=",
        ] {
            assert_eq!(text_in(other.as_bytes()), None, "{other}");
        }
    }
}
