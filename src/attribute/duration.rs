//! Durations as texts: `1s`, `6m0s`, `20ms`, `1.5h`.

/// Seconds. `None` without a unit, or when anything is not a duration.
pub fn parse_duration(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let value: f64 = rest[..number].parse().ok()?;
        rest = &rest[number..];
        let unit = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        total += value * unit_seconds(rest[..unit].trim())?;
        rest = &rest[unit..];
    }
    Some(total)
}

fn unit_seconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "us" | "µs" => 1e-6,
        "ms" => 1e-3,
        "s" | "sec" | "second" | "seconds" => 1.0,
        "m" | "min" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3_600.0,
        "d" | "day" | "days" => 86_400.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_seconds() {
        let check = |text: &str, expected: Option<f64>| {
            assert_eq!(parse_duration(text), expected, "{text}");
        };
        check("1s", Some(1.0));
        check("6m0s", Some(360.0));
        check("20ms", Some(0.02));
        check("1h2m3.5s", Some(3_723.5));
        check(" 5 s ", Some(5.0));
        check("5", None);
        check("s", None);
        check("", None);
        check("1.2.3s", None);
        check("5 parsecs", None);
    }
}
