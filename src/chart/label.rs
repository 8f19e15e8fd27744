//! Numbers and times as they stand inside the chart, and text made safe for an XML document.

use chrono::{DateTime, Utc};

use crate::model::time::Timestamp;

/// `7.8 %`, `0.04 %`, `100 %`: three digits at most, none that says nothing.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    let digits = match value {
        v if v == 0.0 || v >= 99.95 => 0,
        v if v < 0.1 => 3,
        v if v < 1.0 => 2,
        _ => 1,
    };
    let text = format!("{value:.digits$}");
    let short = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    format!("{short} %")
}

/// `950`, `1.2k`, `3M`: room for axis labels is small.
pub fn count(value: f64) -> String {
    let (scaled, unit) = match value {
        v if v >= 1e9 => (v / 1e9, "G"),
        v if v >= 1e6 => (v / 1e6, "M"),
        v if v >= 1e3 => (v / 1e3, "k"),
        v => (v, ""),
    };
    let text = format!("{scaled:.1}");
    format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text))
}

/// The width of a step in the largest unit that keeps it whole.
pub fn step(step_s: u32) -> String {
    match step_s {
        s if s % 86_400 == 0 => format!("{} d", s / 86_400),
        s if s % 3_600 == 0 => format!("{} h", s / 3_600),
        s if s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

/// A date and a time to the minute, without the zone: the axis names it once.
pub fn minute(at: Timestamp) -> String {
    at.to_utc()
        .map_or_else(|| at.to_string(), |t| day_and_clock(&t))
}

/// Hours and minutes, for a mark whose day the axis tells.
pub fn clock(at: Timestamp) -> String {
    at.to_utc()
        .map_or_else(|| at.to_string(), |t| t.format("%H:%M").to_string())
}

fn day_and_clock(at: &DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

/// Text that may stand in an XML document and cannot turn the line around: controls and marks of direction become
/// `\u{fffd}`, and what is longer than `chars_max` ends in an ellipsis.
pub fn clean(text: &str, chars_max: usize) -> String {
    let mut out: String = text.chars().take(chars_max).map(visible).collect();
    if text.chars().nth(chars_max).is_some() {
        out.pop();
        out.push('…');
    }
    out
}

fn visible(c: char) -> char {
    let hidden = c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{61c}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}');
    if hidden { '\u{fffd}' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_keeps_what_says_something() {
        let check = |share: f64, expected: &str| assert_eq!(percent(share), expected);
        check(0.0, "0 %");
        check(0.078, "7.8 %");
        check(0.5, "50 %");
        check(0.0004, "0.04 %");
        check(1.0, "100 %");
    }

    #[test]
    fn counts_are_short() {
        assert_eq!(count(950.0), "950");
        assert_eq!(count(1_200.0), "1.2k");
        assert_eq!(count(3e6), "3M");
    }

    #[test]
    fn controls_and_marks_of_direction_become_visible() {
        assert_eq!(clean("a\u{0}b\u{202e}c", 10), "a\u{fffd}b\u{fffd}c");
        assert_eq!(clean("abcdef", 3), "ab…");
    }
}
