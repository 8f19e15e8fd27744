//! One bucket of a limit, and which of several buckets to show.
//!
//! Vendors count by the second and by the day, by requests and by tokens. The bucket with the least left is the one
//! that throttles next, so that one is kept.

use crate::attribute::duration::parse_duration;
use crate::attribute::http_date::{parse_http_date, plus};
use crate::model::exchange::Limit;
use crate::model::time::Timestamp;

const BUCKETS_MAX: usize = 8;
/// A reset above this is an epoch.
const EPOCH_MIN: f64 = 1e9;
/// A reset below this is a distance in seconds; between the two it is neither.
const DISTANCE_MAX: f64 = 1e6;
/// From these on an epoch is in milliseconds, microseconds, nanoseconds.
const EPOCH_MS_MIN: f64 = 1e11;
const EPOCH_US_MIN: f64 = 1e14;
const EPOCH_NS_MIN: f64 = 1e17;

/// When a bucket is filled again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reset {
    At(Timestamp),
    /// In so many seconds from the answer on.
    In(f64),
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Bucket {
    key: u64,
    pub max: Option<i64>,
    pub remaining: Option<i64>,
    pub used: Option<i64>,
    pub reset: Option<Reset>,
}

#[derive(Default)]
pub struct Buckets {
    all: [Bucket; BUCKETS_MAX],
    count: usize,
}

impl Buckets {
    /// The bucket with this key; the last one when there are too many.
    pub fn entry(&mut self, key: u64) -> &mut Bucket {
        let known = self.all[..self.count]
            .iter()
            .position(|bucket| bucket.key == key);
        let at = known.unwrap_or_else(|| {
            let at = self.count.min(BUCKETS_MAX - 1);
            self.count = at + 1;
            self.all[at].key = key;
            at
        });
        &mut self.all[at]
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn has_distance(&self) -> bool {
        self.all
            .iter()
            .any(|b| matches!(b.reset, Some(Reset::In(_))))
    }

    /// The tightest bucket; distances count from `base`.
    pub fn tightest(mut self, base: Option<Timestamp>) -> Limit {
        let all = &mut self.all[..self.count];
        for bucket in all.iter_mut() {
            if let (None, Some(max), Some(used)) = (bucket.remaining, bucket.max, bucket.used) {
                bucket.remaining = Some(max.saturating_sub(used).max(0));
            }
        }
        let least = all
            .iter()
            .filter(|bucket| bucket.remaining.is_some())
            .min_by_key(|bucket| bucket.remaining);
        let Some(bucket) = least
            .or_else(|| all.iter().find(|b| b.max.is_some()))
            .or(all.first())
        else {
            return Limit::default();
        };
        let reset = bucket
            .reset
            .or_else(|| all.iter().find_map(|other| other.reset));
        Limit {
            max: bucket.max,
            remaining: bucket.remaining,
            reset: reset.and_then(|reset| match reset {
                Reset::At(at) => Some(at),
                Reset::In(seconds) => base.map(|base| plus(base, seconds)),
            }),
        }
    }
}

/// The smallest number of a list such as `100, 100;w=60`. Below zero means unknown (Azure sends -1).
pub fn parse_count(text: &str) -> Option<i64> {
    text.split(',')
        .filter_map(|part| {
            let number: f64 = part.split(';').next()?.trim().parse().ok()?;
            let whole = number.floor();
            ((0.0..1e18).contains(&number) && (number >= 1.0 || number == 0.0))
                .then_some(whole as i64)
        })
        .min()
}

/// An epoch or a distance, told by magnitude; a date, or a duration.
pub fn parse_reset(text: &str, milliseconds: bool) -> Option<Reset> {
    let text = text.trim();
    let number = text.parse::<f64>().ok().or_else(|| {
        let (first, _) = text.split_once([',', ';'])?;
        first.trim().parse::<f64>().ok()
    });
    if let Some(number) = number {
        return if milliseconds && (0.0..EPOCH_MS_MIN).contains(&number) {
            Some(Reset::In(number / 1e3))
        } else {
            by_magnitude(number)
        };
    }
    let date = text.parse().ok().or_else(|| parse_http_date(text));
    date.map(Reset::At)
        .or_else(|| parse_duration(text).map(Reset::In))
}

fn by_magnitude(number: f64) -> Option<Reset> {
    let epoch = |per_micro: f64| {
        Some(Reset::At(Timestamp::from_micros(
            (number * per_micro) as i64,
        )))
    };
    match number {
        n if !n.is_finite() || n < 0.0 => None,
        n if n < DISTANCE_MAX => Some(Reset::In(n)),
        n if n < EPOCH_MIN => None,
        n if n < EPOCH_MS_MIN => epoch(1e6),
        n if n < EPOCH_US_MIN => epoch(1e3),
        n if n < EPOCH_NS_MIN => epoch(1.0),
        n if n < 1e20 => epoch(1e-3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resets_are_told_by_magnitude_and_form() {
        let at = |secs| Some(Reset::At(Timestamp::from_secs(secs)));
        let check = |text: &str, expected: Option<Reset>| {
            assert_eq!(parse_reset(text, false), expected, "{text}");
        };
        check("41", Some(Reset::In(41.0)));
        check("1795319506", at(1_795_319_506));
        check("1795319506000", at(1_795_319_506));
        check("2026-11-22T03:51:46Z", at(1_795_319_506));
        check("Sun, 22 Nov 2026 03:51:46 GMT", at(1_795_319_506));
        check("6m0s", Some(Reset::In(360.0)));
        check("30, 30", Some(Reset::In(30.0)));
        check("50000000", None);
        check("-1", None);
        check("", None);
        assert_eq!(parse_reset("1500", true), Some(Reset::In(1.5)));
    }

    #[test]
    fn counts_take_the_smallest() {
        assert_eq!(parse_count("100, 99;w=60"), Some(99));
        assert_eq!(parse_count("-1"), None);
        assert_eq!(parse_count("0.0167"), None);
        assert_eq!(parse_count("15.0"), Some(15));
        assert_eq!(parse_count("many"), None);
    }
}
