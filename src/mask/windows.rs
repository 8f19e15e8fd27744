//! The eight bytes by which a value is found: a sliding window needs one look a byte, whatever the number of values.
//!
//! Letters and digits are the same in every spelling of a text, so a run of eight of them finds all spellings at once.
//! A value without such a run gets a window for each usual spelling, and each gets one for every alignment of base64.

use std::fmt::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

pub(crate) const WINDOW: usize = 8;
/// Bytes that give a window of base64.
const BASE64_BYTES: usize = 6;

/// How what is found by a window is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Text,
    Base64,
}

/// Bytes of a text, and which byte of the value is written where they begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) bytes: u64,
    pub(crate) from: usize,
    pub(crate) way: Way,
}

impl Window {
    fn new(written: &[u8], from: usize, way: Way) -> Option<Self> {
        let bytes = written.first_chunk::<WINDOW>()?;
        Some(Self {
            bytes: u64::from_le_bytes(*bytes),
            from,
            way,
        })
    }
}

/// Windows of runs that no spelling changes, the most telling first; any one of them is enough.
pub(crate) fn of_runs(value: &str) -> Vec<Window> {
    // The host of an address of mail is shared by many.
    let own = &value[..value.rfind('@').unwrap_or(value.len())];
    let mut runs: Vec<&str> = own
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|run| run.len() >= WINDOW)
        .collect();
    runs.sort_by_key(|run| usize::MAX - run.len());
    let window = |run: &str, at: usize| {
        let start = run.as_ptr() as usize - value.as_ptr() as usize;
        Window::new(&run.as_bytes()[at..], start + at, Way::Text)
    };
    let last = runs
        .iter()
        .filter_map(|run| window(run, run.len() - WINDOW));
    let middle = runs
        .iter()
        .filter_map(|run| window(run, (run.len() - WINDOW) / 2));
    last.chain(middle).collect()
}

/// Ways in which a sign that is no letter or digit is written.
const WAYS: [fn(char, &mut String); 13] = [
    |c, out| out.push(c),
    |c, out| {
        c.encode_utf8(&mut [0; 4])
            .bytes()
            .for_each(|b| push(out, format_args!("%{b:02X}")))
    },
    |c, out| {
        c.encode_utf8(&mut [0; 4])
            .bytes()
            .for_each(|b| push(out, format_args!("%{b:02x}")))
    },
    |c, out| {
        c.encode_utf8(&mut [0; 4])
            .bytes()
            .for_each(|b| push(out, format_args!("%25{b:02X}")))
    },
    |c, out| {
        c.encode_utf16(&mut [0; 2])
            .iter()
            .for_each(|u| push(out, format_args!("\\u{u:04X}")))
    },
    |c, out| {
        c.encode_utf16(&mut [0; 2])
            .iter()
            .for_each(|u| push(out, format_args!("\\u{u:04x}")))
    },
    |c, out| {
        c.encode_utf8(&mut [0; 4])
            .bytes()
            .for_each(|b| push(out, format_args!("\\x{b:02X}")))
    },
    |c, out| {
        c.encode_utf8(&mut [0; 4])
            .bytes()
            .for_each(|b| push(out, format_args!("\\x{b:02x}")))
    },
    |c, out| push(out, format_args!("&#{};", u32::from(c))),
    |c, out| push(out, format_args!("&#x{:x};", u32::from(c))),
    |c, out| push(out, format_args!("&#x{:X};", u32::from(c))),
    |c, out| match named(c) {
        Some(name) => out.push_str(name),
        None => out.push(c),
    },
    |c, out| match c {
        ' ' => out.push('+'),
        '"' | '\\' | '/' => out.extend(['\\', c]),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        c => out.push(c),
    },
];

fn push(out: &mut String, written: fmt::Arguments<'_>) {
    let _ = out.write_fmt(written);
}

fn named(c: char) -> Option<&'static str> {
    Some(match c {
        '"' => "&quot;",
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        _ => return None,
    })
}

/// Where windows of a value without such a run may begin. Of an address of mail the name tells more than the host, and
/// both a first and a last name are shared by many.
pub(crate) fn anchors(value: &str) -> [usize; 3] {
    let before = |at: usize| {
        let bytes = value[..at].bytes().rev();
        bytes.take_while(u8::is_ascii_alphanumeric).count()
    };
    let at = value.rfind('@').unwrap_or(0);
    [0, value.floor_char_boundary(at / 2), at - before(at)]
}

/// Windows from an anchor on: one for each spelling, all of which are needed.
pub(crate) fn of_spellings(value: &str, near: usize) -> Vec<Window> {
    let mut windows = Vec::new();
    let mut written = String::new();
    for way in WAYS {
        for kept in ["", "-_.~"] {
            let write =
                |c: char, out: &mut String| match c.is_ascii_alphanumeric() || kept.contains(c) {
                    true => out.push(c),
                    false => way(c, out),
                };
            windows.extend(spelt(value, near, &mut written, write));
        }
    }
    windows.sort_unstable_by_key(|window| window.bytes);
    windows.dedup_by_key(|window| window.bytes);
    windows
}

/// The window that begins at `near` or, where too little follows, before it.
fn spelt(
    value: &str,
    near: usize,
    written: &mut String,
    write: impl Fn(char, &mut String),
) -> Option<Window> {
    let starts = (0..=near).rev().filter(|at| value.is_char_boundary(*at));
    for from in starts {
        written.clear();
        for c in value[from..].chars() {
            write(c, written);
            if let Some(window) = Window::new(written.as_bytes(), from, Way::Text) {
                return Some(window);
            }
        }
    }
    None
}

/// The groups of an alignment that may be looked for, the most telling first; any one of them is enough.
pub(crate) fn groups(value: &str, shift: usize) -> [usize; 3] {
    // Not the host of an address of mail, which many share.
    let own = value.rfind('@').map_or(value.len(), |at| at + 2);
    let last = own.saturating_sub(BASE64_BYTES + shift) / 3 * 3 + shift;
    [last, last / 6 * 3 + shift, shift]
}

/// The window of a group, in each alphabet if they differ.
pub(crate) fn of_base64(value: &str, from: usize) -> Vec<Window> {
    let Some(piece) = value.as_bytes().get(from..from + BASE64_BYTES) else {
        return Vec::new();
    };
    let engines = [STANDARD_NO_PAD, URL_SAFE_NO_PAD];
    let window =
        |engine: GeneralPurpose| Window::new(engine.encode(piece).as_bytes(), from, Way::Base64);
    let mut windows: Vec<Window> = engines.into_iter().filter_map(window).collect();
    windows.dedup_by_key(|window| window.bytes);
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(windows: &[Window]) -> Vec<String> {
        let text = |window: &Window| window.bytes.to_le_bytes().map(char::from).iter().collect();
        windows.iter().map(text).collect()
    }

    #[test]
    fn the_end_of_the_longest_run_comes_first() {
        let windows = of_runs("sk_live_abcdefgh12345678-x");
        assert_eq!(texts(&windows), ["12345678", "efgh1234"]);
        assert_eq!(windows[0].from, 16);
        assert_eq!(
            texts(&of_runs("firstname1@example.org")),
            ["rstname1", "irstname"]
        );
        assert!(of_runs("jo@example12345.org").is_empty());
    }

    #[test]
    fn without_a_run_each_spelling_has_its_window() {
        let windows = texts(&of_spellings("jo@example.org", 0));
        for expected in [
            "jo@examp",
            "jo%40exa",
            "jo\\u0040",
            "jo\\x40ex",
            "jo&#64;e",
            "jo&#x40;",
        ] {
            assert!(
                windows.iter().any(|w| w == expected),
                "{expected} in {windows:?}"
            );
        }
        let windows = texts(&of_spellings("a1b2-c3d4", 0));
        assert!(windows.contains(&"a1b2-c3d".to_owned()), "{windows:?}");
        assert!(windows.contains(&"a1b2%2Dc".to_owned()), "{windows:?}");
    }

    #[test]
    fn base64_has_a_window_for_each_alignment() {
        let value = "abcdefghijklmno";
        for shift in 0..3 {
            let from = groups(value, shift);
            assert!(
                from.iter()
                    .all(|from| from % 3 == shift && from + 6 <= value.len())
            );
        }
        let windows = of_base64(value, groups(value, 0)[0]);
        assert_eq!(texts(&windows), [STANDARD_NO_PAD.encode("jklmno")]);
        assert_eq!(of_base64("????????????", 0).len(), 2, "two alphabets");
    }
}
