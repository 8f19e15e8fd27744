//! Numbers and times in words. Shares never stand without their counts, times never without their zone.

use crate::model::digits::thousands;
use crate::model::time::Timestamp;
use crate::model::verdict::{Class, Reason, Verdict};
use crate::model::window::share;

/// `7.8 %`; what is not a number is unknown.
pub fn percent(value: f64) -> String {
    if !value.is_finite() {
        return UNKNOWN.to_owned();
    }
    let hundred = value * 100.0;
    match hundred {
        0.0 => "0 %".to_owned(),
        v if v.abs() < 0.01 => "< 0.01 %".to_owned(),
        v if v.abs() < 1.0 => format!("{v:.2} %"),
        v if v.abs() < 99.95 => format!("{v:.1} %"),
        v => format!("{v:.0} %"),
    }
}

pub const UNKNOWN: &str = "unknown";

/// `312 of 4,020 (7.8 %)`; nothing of nothing has no share.
pub fn part_of(part: u64, whole: u64) -> String {
    match share(part, whole) {
        Some(value) => format!(
            "{} of {} ({})",
            thousands(part),
            thousands(whole),
            percent(value)
        ),
        None => format!("{} of 0", thousands(part)),
    }
}

/// `312 (7.8 %)`, for a table that has the denominator in a column of its own.
pub fn part(part: u64, whole: u64) -> String {
    match share(part, whole) {
        Some(value) if part > 0 => format!("{} ({})", thousands(part), percent(value)),
        Some(_) => "0".to_owned(),
        None => "–".to_owned(),
    }
}

/// `13×`, `1.4×`.
pub fn factor(value: f64) -> String {
    match value {
        v if !v.is_finite() => UNKNOWN.to_owned(),
        v if v.abs() >= 10.0 => format!("{}×", thousands(v.abs().round() as u64)),
        v => format!("{v:.1}×"),
    }
}

/// `2026-11-22 04:51:46 UTC`.
pub fn time(at: Timestamp) -> String {
    at.to_utc().map_or_else(
        || at.to_string(),
        |t| t.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
    )
}

/// As `time`, with the milliseconds that a vendor searches its own log by.
pub fn time_exact(at: Timestamp) -> String {
    at.to_utc().map_or_else(
        || at.to_string(),
        |t| t.format("%Y-%m-%d %H:%M:%S%.3f UTC").to_string(),
    )
}

/// `6 h 5 min`: the two largest units that are not zero.
pub fn duration(secs: i64) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut rest = secs.max(0);
    let mut parts = Vec::new();
    for (size, unit) in UNITS {
        if rest >= size && parts.len() < 2 {
            parts.push(format!("{} {unit}", rest / size));
            rest %= size;
        }
    }
    if parts.is_empty() {
        "0 s".to_owned()
    } else {
        parts.join(" ")
    }
}

/// `8,412 ms`; a time that is not a number is unknown.
pub fn millis(value: f64) -> String {
    if !value.is_finite() || value < 0.0 {
        return UNKNOWN.to_owned();
    }
    format!("{} ms", thousands(value.round() as u64))
}

pub fn class(class: Class) -> &'static str {
    match class {
        Class::ServerError => "5xx answers",
        Class::Throttled => "429 (throttled) answers",
        Class::NoResponse => "calls without an answer",
        Class::ErrorCode => "answers with this error",
        Class::Silence => "no calls arriving",
    }
}

pub fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::SustainedRise => "sustained rise",
        Reason::Reproducible => "reproducible",
        Reason::Novel => "never seen before",
        Reason::Sporadic => "sporadic",
        Reason::TooLittleData => "too little data",
        Reason::Quiet => "quiet",
        Reason::Silent => "no data since",
    }
}

/// What a verdict is about: the operation and slice, or the whole integration.
pub fn series(verdict: &Verdict) -> String {
    let operation = verdict.series.operation.as_deref();
    let mut text = operation.unwrap_or("all operations").to_owned();
    if let Some(slice) = &verdict.series.slice {
        text.push_str(", ");
        text.push_str(slice);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_shares_stand_together() {
        assert_eq!(part_of(312, 4_020), "312 of 4,020 (7.8 %)");
        assert_eq!(part_of(0, 0), "0 of 0");
        assert_eq!(part(0, 10), "0");
        assert_eq!(percent(0.00001), "< 0.01 %");
        assert_eq!(percent(f64::NAN), "unknown");
    }

    #[test]
    fn durations_have_two_units() {
        assert_eq!(duration(21_900), "6 h 5 min");
        assert_eq!(duration(-4), "0 s");
        assert_eq!(duration(86_400), "1 d");
    }
}
