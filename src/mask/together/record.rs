//! Lines that begin as the records of a log do: whatever is open before them has broken off.

const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];
const LEVELS: [&[u8]; 8] = [
    b"TRACE", b"DEBUG", b"INFO", b"NOTICE", b"WARN", b"WARNING", b"ERROR", b"FATAL",
];
/// First names of lines of names and values.
const FIRST_NAMES: [&[u8]; 7] = [b"ts", b"t", b"time", b"timestamp", b"level", b"lvl", b"at"];
/// Seconds since 1970 have at least as many digits.
const EPOCH_DIGITS_MIN: usize = 10;

pub(super) fn begins_record(line: &[u8]) -> bool {
    match line.first() {
        Some(b'0'..=b'9') => begins_time(line) || begins_address(line),
        Some(b'[') => begins_time(&line[1..]) || begins_day(&line[1..]),
        Some(b'<') => begins_priority(&line[1..]),
        Some(b'{') => is_whole_object(line),
        Some(b'A'..=b'Z') => begins_day(line) || LEVELS.iter().any(|level| is_word(line, level)),
        Some(b'a'..=b'z') => FIRST_NAMES.iter().any(|name| names(line, name)),
        _ => false,
    }
}

/// `{"a":1}`, also with the comma of a list behind it. Whether it is valid does not matter: it opens and closes.
pub(super) fn is_whole_object(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let line = line.strip_suffix(b",").unwrap_or(line);
    line.starts_with(b"{\"") && line.ends_with(b"}")
}

/// `2026-11-22…`, `22/Nov/2026…`, `03:51:45…`, `1795319556.151`.
fn begins_time(line: &[u8]) -> bool {
    let digits = line.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = &line[digits..];
    let digit_at = |at: usize| rest.get(at).is_some_and(u8::is_ascii_digit);
    match (digits, rest.first()) {
        (4, Some(b'-' | b'/')) => digit_at(1) && digit_at(2),
        (1 | 2, Some(b'/')) => begins_month(&rest[1..]),
        (2, Some(b':')) => digit_at(1) && digit_at(2) && rest.get(3) == Some(&b':'),
        (EPOCH_DIGITS_MIN.., Some(b'.' | b' ' | b'\t')) => true,
        _ => false,
    }
}

/// `203.0.113.9 - bob [`.
fn begins_address(line: &[u8]) -> bool {
    let holds = |b: &&u8| b.is_ascii_digit() || **b == b'.';
    let address = line.iter().take_while(holds).count();
    let dots = line[..address].iter().filter(|b| **b == b'.').count();
    dots == 3 && line.get(address) == Some(&b' ')
}

/// `Nov 22 03:52:33`, `Sun Nov 22 03:52:33`.
fn begins_day(line: &[u8]) -> bool {
    let date = |line: &[u8]| {
        begins_month(line)
            && line.get(3) == Some(&b' ')
            && line[4..]
                .trim_ascii_start()
                .first()
                .is_some_and(u8::is_ascii_digit)
    };
    date(line) || line.get(3) == Some(&b' ') && date(&line[4..])
}

fn begins_month(line: &[u8]) -> bool {
    MONTHS.iter().any(|month| line.starts_with(month))
}

/// Syslog's `<134>`.
fn begins_priority(line: &[u8]) -> bool {
    let digits = line.iter().take_while(|b| b.is_ascii_digit()).count();
    (1..=3).contains(&digits) && line.get(digits) == Some(&b'>')
}

fn is_word(line: &[u8], word: &[u8]) -> bool {
    line.strip_prefix(word)
        .is_some_and(|rest| matches!(rest.first(), Some(b' ' | b'\t' | b':' | b']')))
}

fn names(line: &[u8], name: &[u8]) -> bool {
    line.strip_prefix(name)
        .is_some_and(|rest| rest.first() == Some(&b'=') && rest.get(1) != Some(&b'='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_told_by_their_beginning() {
        for record in [
            "2026-11-22 03:51:45 INFO x",
            "2026/11/22 03:51:45 [error] x",
            "03:51:45.123 x",
            "[22/Nov/2026:03:51:45 +0000] x",
            "[2026-11-22T03:51:45Z] x",
            "Nov 22 03:52:33 host x",
            "<134>Nov 22 x",
            "203.0.113.9 - bob [22/Nov",
            "1795319556.151 17 x",
            "{\"a\":1}",
            "INFO x",
            "level=info msg=x",
        ] {
            assert!(begins_record(record.as_bytes()), "{record}");
        }
        for other in [
            "",
            "[1, 2,",
            "12",
            "12,",
            "{",
            "\"a\": 1",
            "<html>",
            "INFORMATION",
            "<a>1</a>",
            "time",
            "Nov",
        ] {
            assert!(!begins_record(other.as_bytes()), "{other}");
        }
    }
}
