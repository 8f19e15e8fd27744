//! Numbers, shares, times and lengths of time as people write them.

use crate::model::digits::thousands;
use crate::model::time::Timestamp;

/// `0.078` as `7.8 %`, with two digits that say something.
pub fn percent(rate: f64) -> String {
    let value = rate * 100.0;
    match value {
        _ if value >= 99.95 || value == 0.0 => format!("{value:.0} %"),
        _ if value >= 0.95 => format!("{value:.1} %"),
        _ if value >= 0.095 => format!("{value:.2} %"),
        _ if value >= 0.0005 => format!("{value:.3} %"),
        _ => "less than 0.001 %".to_owned(),
    }
}

/// `2026-11-20 02:10 UTC`.
pub fn clock(at: Timestamp) -> String {
    match at.to_utc() {
        Some(at) => at.format("%Y-%m-%d %H:%M UTC").to_string(),
        None => at.to_string(),
    }
}

/// A length of time in the unit that people would use.
pub fn duration(seconds: i64) -> String {
    let (value, unit) = match seconds {
        ..120 => (seconds, "second"),
        120..7200 => (seconds / 60, "minute"),
        7200..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{value} {unit}{}", if value == 1 { "" } else { "s" })
}

pub fn counted(value: u64, noun: &str) -> String {
    let plural = if value == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(value))
}

/// `312 of 4,020 requests (7.8 %)`.
pub fn of_requests(k: f64, n: f64) -> String {
    let share = if n > 0.0 { k / n } else { 0.0 };
    let (k, n) = (k as u64, n as u64);
    format!(
        "{} of {} ({})",
        thousands(k),
        counted(n, "request"),
        percent(share)
    )
}

/// Failures that a rate lets expect, with a decimal only where it matters.
pub fn expected(value: f64) -> String {
    if value >= 10.0 {
        thousands(value.round() as u64)
    } else if value >= 0.1 {
        format!("{value:.1}")
    } else {
        "less than 0.1".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(percent(0.0776), "7.8 %");
        assert_eq!(percent(0.006), "0.60 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(duration(25), "25 seconds");
        assert_eq!(duration(86_400 * 3), "3 days");
    }
}
