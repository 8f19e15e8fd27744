//! Text from a log made harmless to look at: what a reader could not see, or what would turn a line around, is
//! written out. Escaping for the markup comes after this and is the renderer's.

use std::fmt::Write as _;

/// Text of several lines. Line feeds and tabs stay, a carriage return before a line feed goes, every other control
/// character and mark of direction becomes `⟨U+202E⟩`.
pub fn lines(text: &str) -> String {
    write_out(&text.replace("\r\n", "\n"), |c| c == '\n' || c == '\t')
}

/// Text of one line: a line feed is written out too.
pub fn line(text: &str) -> String {
    write_out(text, |_| false)
}

fn write_out(text: &str, keep: fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) && !keep(c) {
            // Writing to a string cannot fail.
            let _ = write!(out, "⟨U+{:04X}⟩", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// The first `bytes_max` bytes at most, whole characters only, and whether something was cut.
pub fn clip(text: &str, bytes_max: usize) -> (&str, bool) {
    if text.len() <= bytes_max {
        return (text, false);
    }
    let mut end = bytes_max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (&text[..end], true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(line("a\u{0}b\u{202e}c\n"), "a⟨U+0000⟩b⟨U+202E⟩c⟨U+000A⟩");
        assert_eq!(lines("a\r\nb\tc\rd"), "a\nb\tc⟨U+000D⟩d");
        assert_eq!(
            line("größe ‹token:k1:abc› Ошибка"),
            "größe ‹token:k1:abc› Ошибка"
        );
    }

    #[test]
    fn cuts_stand_between_characters() {
        assert_eq!(clip("aß", 2), ("a", true));
        assert_eq!(clip("aß", 3), ("aß", false));
        assert_eq!(clip("ß", 0), ("", true));
    }
}
