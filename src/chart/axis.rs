//! Where the ticks of an axis stand: round numbers, whole minutes, days and months of UTC.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::model::time::{TimeRange, Timestamp};

/// No axis has more ticks than this, whatever it was asked for.
const TICKS_MAX: usize = 64;

/// A share below this does not fill the picture: a quiet hour must not look like an outage.
const SHARE_TOP_MIN: f64 = 0.01;

/// Ticks from an honest zero to a round top that holds `highest`; the last one is the top.
pub fn share_ticks(highest: f64, wanted: usize) -> Vec<f64> {
    let highest = if highest.is_finite() { highest } else { 0.0 };
    let mut ticks = round_ticks(highest.clamp(SHARE_TOP_MIN, 1.0), wanted);
    for tick in &mut ticks {
        *tick = tick.min(1.0);
    }
    ticks.dedup();
    ticks
}

/// As `share_ticks`, for whole numbers.
pub fn count_ticks(highest: u64, wanted: usize) -> Vec<f64> {
    let mut ticks = round_ticks(highest.max(1) as f64, wanted);
    ticks.retain(|t| t.fract().abs() < 1e-9);
    ticks
}

fn round_ticks(highest: f64, wanted: usize) -> Vec<f64> {
    let raw = highest / wanted.max(1) as f64;
    let power = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|m| m * power)
        .find(|s| *s >= raw * 0.999_999)
        .unwrap_or(raw);
    let last = ((highest / step) - 1e-6).ceil().max(1.0) as usize;
    (0..=last.min(TICKS_MAX)).map(|i| i as f64 * step).collect()
}

/// One mark on the time axis. `strong` ones open a day (or a year) and carry its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeTick {
    pub at: Timestamp,
    pub text: String,
    pub strong: bool,
}

/// At most about `wanted` ticks inside the range, on round instants of UTC.
pub fn time_ticks(range: TimeRange, wanted: usize) -> Vec<TimeTick> {
    const STEPS: [i64; 17] = [
        1, 5, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
        172_800,
    ];
    let span = range.secs();
    let wanted = wanted.clamp(2, TICKS_MAX) as i64;
    match STEPS.iter().find(|s| span / **s <= wanted) {
        Some(&step) => clock_ticks(range, step),
        None if span / 604_800 <= wanted => clock_ticks(range, 604_800),
        None => month_ticks(range, wanted),
    }
}

fn clock_ticks(range: TimeRange, step_s: i64) -> Vec<TimeTick> {
    let first = range
        .since
        .secs()
        .saturating_add(step_s - 1)
        .div_euclid(step_s)
        .saturating_mul(step_s);
    (0..TICKS_MAX as i64)
        .map(|i| Timestamp::from_secs(first.saturating_add(i * step_s)))
        .take_while(|at| *at <= range.until)
        .filter_map(|at| at.to_utc().map(|utc| clock_tick(at, &utc, step_s)))
        .collect()
}

fn clock_tick(at: Timestamp, utc: &DateTime<Utc>, step_s: i64) -> TimeTick {
    let midnight = at.secs().rem_euclid(86_400) == 0;
    let form = match (midnight, step_s) {
        (true, _) => "%-d %b",
        (false, s) if s < 60 => "%H:%M:%S",
        _ => "%H:%M",
    };
    TimeTick {
        at,
        text: utc.format(form).to_string(),
        strong: midnight,
    }
}

fn month_ticks(range: TimeRange, wanted: i64) -> Vec<TimeTick> {
    let (Some(first), Some(last)) = (range.since.to_utc(), range.until.to_utc()) else {
        return Vec::new();
    };
    let from = months_of(&first) + 1;
    let to = months_of(&last);
    let step = [1, 2, 3, 6, 12, 24, 60, 120, 600, 1_200, 12_000]
        .into_iter()
        .find(|s| (to - from) / s <= wanted)
        .unwrap_or(120_000);
    let aligned = (from + step - 1).div_euclid(step) * step;
    (0..TICKS_MAX as i64)
        .map(|i| aligned + i * step)
        .take_while(|month| *month <= to)
        .filter_map(month_tick)
        .collect()
}

fn months_of(at: &DateTime<Utc>) -> i64 {
    i64::from(at.year()) * 12 + i64::from(at.month0())
}

fn month_tick(month: i64) -> Option<TimeTick> {
    let year = i32::try_from(month.div_euclid(12)).ok()?;
    let month0 = u32::try_from(month.rem_euclid(12)).ok()?;
    let at = NaiveDate::from_ymd_opt(year, month0 + 1, 1)?
        .and_hms_opt(0, 0, 0)?
        .and_utc();
    let january = month0 == 0;
    Some(TimeTick {
        at: Timestamp::from(at),
        text: at.format(if january { "%Y" } else { "%b %Y" }).to_string(),
        strong: january,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::series::tests::range;

    #[test]
    fn shares_start_at_zero_and_end_at_or_above_the_highest() {
        for highest in [0.0, 0.003, 0.0731, 0.5, 0.999, 1.0, 7.0, f64::NAN] {
            let ticks = share_ticks(highest, 4);
            assert_eq!(ticks[0], 0.0);
            let top = ticks[ticks.len() - 1];
            let shown = if highest.is_nan() { 0.0 } else { highest };
            assert!(
                top >= shown.min(1.0) - 1e-9 && top <= 1.0,
                "{highest}: {ticks:?}"
            );
        }
    }

    #[test]
    fn counts_are_whole() {
        assert_eq!(count_ticks(3, 2), vec![0.0, 2.0, 4.0]);
        assert_eq!(count_ticks(0, 2), vec![0.0, 1.0]);
    }

    #[test]
    fn six_hours_have_whole_hours() {
        let ticks = time_ticks(range(1_763_770_000, 1_763_770_000 + 21_600), 8);
        assert!(ticks.len() >= 5 && ticks.len() <= 8, "{ticks:?}");
        assert!(ticks.iter().all(|t| t.at.secs() % 3_600 == 0));
    }

    #[test]
    fn any_range_has_few_ticks() {
        let ranges = [
            (0, 0),
            (0, 1),
            (5, -5),
            (0, 3_000_000_000),
            (-62_135_596_800, 253_402_300_799),
        ];
        for (since, until) in ranges {
            assert!(time_ticks(range(since, until), 8).len() <= TICKS_MAX);
        }
        assert!(time_ticks(range(i64::MIN / 2, i64::MAX / 2), 8).is_empty());
    }
}
