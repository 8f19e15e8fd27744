//! Durations that are not one number with one unit: exponents, `1m2.5s`, `PT0.4S`, `00:00:00.412`.
//!
//! Apart from the plain reading in `draft`, because those spellings are rare and that one runs for every line.

use crate::read::engine::field::Unit;

/// Longer texts are no durations.
const BYTES_MAX: usize = 40;

/// Milliseconds; `None` for a text in none of these spellings.
pub fn spelled_ms(text: &str, unit: Unit) -> Option<f32> {
    if text.len() > BYTES_MAX {
        return None;
    }
    let ms = with_exponent(text, unit)
        .or_else(|| of_clock(text))
        .or_else(|| of_parts(text))?;
    (ms.is_finite() && ms >= 0.0).then_some(ms as f32)
}

/// `5.61e-07`, also with a unit behind it.
fn with_exponent(text: &str, unit: Unit) -> Option<f64> {
    if !text.contains(['e', 'E']) {
        return None;
    }
    let number = text.trim_end_matches(|c: char| c.is_alphabetic());
    let value: f64 = number.parse().ok()?;
    let suffix = text[number.len()..].trim();
    let factor = match (suffix, unit) {
        ("", Unit::Millis) => 1.0,
        ("", Unit::Micros) => 0.001,
        ("", Unit::Nanos) => 0.000_001,
        ("", Unit::Seconds) => 1_000.0,
        ("", Unit::Guess) => return None,
        (suffix, _) => factor(suffix)?,
    };
    Some(value * factor)
}

/// `hh:mm:ss.fraction`, with `d.` before it for days.
fn of_clock(text: &str) -> Option<f64> {
    let mut parts = text.rsplit(':');
    let (seconds, minutes, hours) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let seconds: f64 = seconds.replace(',', ".").parse().ok()?;
    let minutes: f64 = minutes.parse().ok()?;
    let (days, hours) = hours.split_once('.').unwrap_or(("0", hours));
    let hours: f64 = hours.parse::<f64>().ok()? + 24.0 * days.parse::<f64>().ok()?;
    Some(((hours * 60.0 + minutes) * 60.0 + seconds) * 1_000.0)
}

/// `1h2m3.5s` of Go and `PT1H2M3.5S` of ISO 8601.
fn of_parts(text: &str) -> Option<f64> {
    let mut rest = text.strip_prefix("PT").unwrap_or(text);
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let (number, tail) = rest.split_at(digits);
        let end = tail
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (unit, next) = tail.split_at(end);
        total += number.parse::<f64>().ok()? * factor(unit.trim())?;
        rest = next;
    }
    Some(total)
}

fn factor(unit: &str) -> Option<f64> {
    Some(match unit {
        "h" | "H" => 3_600_000.0,
        "m" | "M" | "min" => 60_000.0,
        "s" | "S" => 1_000.0,
        "ms" => 1.0,
        "us" | "µs" | "μs" => 0.001,
        "ns" => 0.000_001,
        _ => return None,
    })
}
