//! Byte tests for the shapes of ids, dates and the like. Each answers for a whole text, without allocation.

/// From this many digits in a row on, a number is an id and must not stand in an operation.
const DIGITS_RUN: usize = 6;
const UUID_BYTES: usize = 36;

pub fn is_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

pub fn is_hex(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_hexdigit)
}

pub fn count_digits(text: &[u8]) -> usize {
    text.iter().filter(|byte| byte.is_ascii_digit()).count()
}

pub fn has_digits_run(text: &[u8]) -> bool {
    let mut run = 0;
    text.iter().any(|byte| {
        run = if byte.is_ascii_digit() { run + 1 } else { 0 };
        run >= DIGITS_RUN
    })
}

/// With dashes, in any case.
pub fn is_uuid(text: &[u8]) -> bool {
    text.len() == UUID_BYTES
        && text.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

pub fn has_uuid(text: &[u8]) -> bool {
    text.len() >= UUID_BYTES
        && memchr::memchr_iter(b'-', text).any(|dash| {
            dash >= 8
                && text
                    .get(dash - 8..dash - 8 + UUID_BYTES)
                    .is_some_and(is_uuid)
        })
}

/// 26 characters of Crockford's base 32, the first of which cannot be above 7.
pub fn is_ulid(text: &[u8]) -> bool {
    text.len() == 26
        && (b'0'..=b'7').contains(&text[0])
        && text
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() && !b"ilouILOU".contains(byte))
}

/// 27 characters of base 62 with all three kinds among them.
pub fn is_ksuid(text: &[u8]) -> bool {
    text.len() == 27 && text.iter().all(u8::is_ascii_alphanumeric) && is_mixed(text)
}

/// Digits, lower-case and upper-case letters all occur.
pub fn is_mixed(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_digit)
        && text.iter().any(u8::is_ascii_lowercase)
        && text.iter().any(u8::is_ascii_uppercase)
}

/// `2026-11-22`, `20261122`, `2026-11`, and the first of these followed by a time.
pub fn is_date(text: &[u8]) -> bool {
    let (year, rest) = match text.split_at_checked(4) {
        Some((year, rest)) if is_digits(year) && (year[0] == b'1' || year[0] == b'2') => {
            (year, rest)
        }
        _ => return false,
    };
    let century = &year[..2];
    if century != b"19" && century != b"20" {
        return false;
    }
    match rest {
        [b'-', m1, m2] => is_month(&[*m1, *m2]),
        [b'-', m1, m2, b'-', d1, d2, time @ ..] => {
            is_month(&[*m1, *m2]) && is_day(&[*d1, *d2]) && is_time_tail(time)
        }
        [m1, m2, d1, d2] => is_month(&[*m1, *m2]) && is_day(&[*d1, *d2]),
        [m1, m2, d1, d2, b'T', time @ ..] => {
            is_month(&[*m1, *m2]) && is_day(&[*d1, *d2]) && time.iter().all(is_time_byte)
        }
        _ => false,
    }
}

fn is_month(digits: &[u8; 2]) -> bool {
    is_digits(digits) && (b"01"..=b"12").contains(&digits)
}

fn is_day(digits: &[u8; 2]) -> bool {
    is_digits(digits) && (b"01"..=b"31").contains(&digits)
}

fn is_time_tail(time: &[u8]) -> bool {
    match time.split_first() {
        None => true,
        Some((b'T' | b't' | b' ' | b'_', clock)) => {
            !clock.is_empty() && clock.iter().all(is_time_byte)
        }
        _ => false,
    }
}

fn is_time_byte(byte: &u8) -> bool {
    byte.is_ascii_digit() || b":.+-Zz".contains(byte)
}

/// `v1`, `v1.3`, `v1beta1`, `beta`. A date as a version is told by what stands before it.
pub fn is_version(text: &[u8]) -> bool {
    if text == b"beta" {
        return true;
    }
    let Some((b'v' | b'V', rest)) = text.split_first() else {
        return false;
    };
    let mut digits = 0;
    let starts = rest.first().is_some_and(u8::is_ascii_digit);
    let short = rest
        .split(|byte| !byte.is_ascii_digit())
        .all(|run| run.len() <= 4);
    let stage = rest
        .iter()
        .filter(|byte| {
            digits += usize::from(byte.is_ascii_digit());
            byte.is_ascii_alphabetic()
        })
        .copied();
    let stage: [u8; 6] = first_letters(stage);
    let known = [&b""[..], b"alpha", b"beta", b"rc"];
    starts
        && short
        && digits <= 8
        && rest
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'.')
        && known.contains(&stage.split(|byte| *byte == 0).next().unwrap_or(b""))
}

fn first_letters(letters: impl Iterator<Item = u8>) -> [u8; 6] {
    let mut first = [0; 6];
    for (slot, letter) in first.iter_mut().zip(letters) {
        *slot = letter;
    }
    first
}

/// `12`, `-7`, `+5`, `3.14`; a single digit is no id.
pub fn is_number(text: &[u8]) -> bool {
    let (signed, body) = match text.split_first() {
        Some((b'-' | b'+', rest)) => (true, rest),
        _ => (false, text),
    };
    let mut parts = body.split(|byte| *byte == b'.');
    let (whole, fraction) = (parts.next().unwrap_or(b""), parts.next());
    parts.next().is_none()
        && is_digits(whole)
        && fraction.is_none_or(is_digits)
        && (signed || fraction.is_some() || whole.len() >= 2)
}

/// `+49 170 1234567` and the like.
pub fn is_phone(text: &[u8]) -> bool {
    text.first() == Some(&b'+')
        && count_digits(text) >= 7
        && text[1..]
            .iter()
            .all(|byte| byte.is_ascii_digit() || b" -().".contains(byte))
}

pub fn is_ip(text: &str) -> bool {
    let dotted = text.bytes().filter(|byte| *byte == b'.').count() == 3;
    let colons = text.bytes().filter(|byte| *byte == b':').count() >= 2;
    (dotted && text.parse::<std::net::Ipv4Addr>().is_ok())
        || (colons
            && text
                .trim_matches(['[', ']'])
                .parse::<std::net::Ipv6Addr>()
                .is_ok())
}

pub fn is_jwt(text: &[u8]) -> bool {
    text.len() >= 20
        && text.starts_with(b"eyJ")
        && memchr::memchr_iter(b'.', text).take(2).count() == 2
}

/// Bits a character.
pub fn entropy(text: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text {
        counts[usize::from(*byte)] += 1;
    }
    let whole = text.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / whole;
            -share * share.log2()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(test: impl Fn(&[u8]) -> bool, hits: &[&str], misses: &[&str]) {
        for hit in hits {
            assert!(test(hit.as_bytes()), "should match: {hit}");
        }
        for miss in misses {
            assert!(!test(miss.as_bytes()), "should not match: {miss}");
        }
    }

    #[test]
    fn shapes_have_hits_and_misses() {
        check(
            is_uuid,
            &["af11bab1-240f-46a7-a490-fd4ac393fd0e"],
            &["", "af11bab1-240f-46a7-a490-fd4ac393fd0"],
        );
        check(
            has_uuid,
            &["x-AF11BAB1-240F-46A7-A490-FD4AC393FD0E-y"],
            &["-", "a-b-c"],
        );
        check(
            is_ulid,
            &["01GDDKASAP8TKDDA2GRZDSVP4H"],
            &["01GDDKASAP8TKDDA2GRZDSVP4I", ""],
        );
        check(
            is_date,
            &[
                "2026-11-22",
                "20261122",
                "2026-11",
                "2026-11-22T03:51:46Z",
                "20261122T035146Z",
            ],
            &[
                "2026",
                "20261340",
                "1026-11-22",
                "2026-13-01",
                "2026-11-22x",
                "12345678",
                "",
                "2026-",
            ],
        );
        check(
            is_version,
            &["v1", "v1.3", "v1beta1", "beta", "v59.0", "V2", "v2.0rc1"],
            &["v", "vx", "v20241022", "value1", "v1-x", "b"],
        );
        check(
            is_number,
            &["12", "-7", "+5", "3.14", "123456789"],
            &["7", "", "-", "1.2.3", "1a", "."],
        );
        check(
            is_phone,
            &["+49 170 1234567", "+1-202-555-0100"],
            &["+12", "491701234567", "+49170x"],
        );
        check(
            is_jwt,
            &["eyJhbGciOiJIUzI1NiJ9.e30.abc"],
            &["eyJ", "abc.def.ghi"],
        );
        check(has_digits_run, &["a123456"], &["12345", "12-34-56"]);
        check(
            |t| is_ip(std::str::from_utf8(t).expect("text")),
            &["10.0.0.1", "2001:db8::1"],
            &["1.2.3", "10.0.0.999"],
        );
    }
}
