//! Colours and other commands for a terminal, as programs write them between a name and its value.
//!
//! A text is searched without them; what is found is noted where it is written, and each command outside of a value
//! stays.

use memchr::memchr;

use crate::mask::decode::Decoded;

const ESCAPE: u8 = 0x1B;
/// Longer commands are none.
const COMMAND_BYTES_MAX: usize = 32;

/// A text without its commands; `None` when it has none.
#[inline]
pub(crate) fn stripped(text: &[u8]) -> Option<Decoded> {
    memchr(ESCAPE, text)?;
    strip(text)
}

#[inline(never)]
fn strip(text: &[u8]) -> Option<Decoded> {
    let mut plain = Decoded::default();
    let (mut done, mut at) = (0, 0);
    while let Some(found) = memchr(ESCAPE, &text[at..]) {
        at += found;
        match command(&text[at..]) {
            Some(length) => {
                plain.keep(text, done..at);
                at += length;
                done = at;
            }
            None => at += 1,
        }
    }
    plain.keep(text, done..text.len());
    (done > 0).then_some(plain)
}

/// The length of a control sequence (ECMA-48, 5.4).
fn command(text: &[u8]) -> Option<usize> {
    let rest = text.strip_prefix(b"\x1B[")?;
    let rest = &rest[..rest.len().min(COMMAND_BYTES_MAX)];
    let end = rest.iter().position(|b| !(0x20..0x40).contains(b))?;
    (0x40..0x7F).contains(&rest[end]).then_some(end + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_left_out_and_the_way_back_is_known() {
        let text = b"\x1B[1;32mtoken\x1B[0m=\x1B[31mabc\x1B[0m x";
        let plain = stripped(text).expect("has some");
        assert_eq!(plain.bytes, b"token=abc x");
        let at = |word: &[u8]| memchr::memmem::find(text, word).expect("there");
        assert_eq!(plain.written(6), at(b"abc"));
        assert_eq!(plain.written_end(9), at(b"abc") + 3);
        for other in [&b"plain"[..], b"\x1B", b"\x1B[", b"\x1B[12", b"\x1Bx"] {
            assert!(stripped(other).is_none());
        }
    }
}
