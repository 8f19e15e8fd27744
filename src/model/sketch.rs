//! Durations as a mergeable histogram with relative accuracy.
//!
//! Bucket boundaries grow by a constant factor, as in DDSketch (Masson, Rim, Lee, PVLDB 2019): a quantile read from it
//! is off by at most [`ACCURACY`] of its value, and merging two sketches loses nothing.

use std::collections::BTreeMap;

/// Relative error of a quantile.
pub const ACCURACY: f64 = 0.02;
const GAMMA: f64 = (1.0 + ACCURACY) / (1.0 - ACCURACY);

/// Buckets cover one microsecond to about eleven days; what lies outside goes to the end buckets.
const BUCKET_MIN: i32 = -173;
const BUCKET_MAX: i32 = 520;

/// Counts of durations in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch(BTreeMap<i32, u64>);

impl Sketch {
    pub fn add(&mut self, ms: f64) {
        *self.0.entry(bucket(ms)).or_default() += 1;
    }

    pub fn merge(&mut self, other: &Self) {
        for (bucket, n) in &other.0 {
            let count = self.0.entry(*bucket).or_default();
            *count = count.saturating_add(*n);
        }
    }

    /// The value below which the share `q` of the durations lies; `None` when there are none.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let total: u64 = self.0.values().sum();
        if total == 0 {
            return None;
        }
        let rank = (q.clamp(0.0, 1.0) * (total - 1) as f64).round() as u64;
        let mut seen = 0;
        for (bucket, n) in &self.0 {
            seen += n;
            if seen > rank {
                return Some(2.0 * GAMMA.powi(*bucket) / (GAMMA + 1.0));
            }
        }
        None
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Pairs of (distance to the bucket before, count), each as a LEB128 number; the first distance is from
    /// the lowest bucket there is.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.0.len() * 3);
        let mut last = BUCKET_MIN;
        for (bucket, n) in &self.0 {
            push_number(&mut out, (bucket - last) as u64);
            push_number(&mut out, *n);
            last = *bucket;
        }
        out
    }

    /// The reverse of [`Self::to_bytes`]; `None` for bytes that it cannot have written.
    pub fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let mut counts = BTreeMap::new();
        let mut last = BUCKET_MIN;
        while !bytes.is_empty() {
            let distance = i32::try_from(take_number(&mut bytes)?).ok()?;
            last = last.checked_add(distance).filter(|b| *b <= BUCKET_MAX)?;
            counts.insert(last, take_number(&mut bytes)?);
        }
        Some(Self(counts))
    }
}

fn bucket(ms: f64) -> i32 {
    if ms.is_nan() || ms <= 0.0 {
        return BUCKET_MIN;
    }
    ((ms.ln() / GAMMA.ln()).ceil() as i32).clamp(BUCKET_MIN, BUCKET_MAX)
}

fn push_number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_the_accuracy_also_after_merging() {
        let mut a = Sketch::default();
        let mut b = Sketch::default();
        for ms in 1..=1000 {
            if ms % 3 == 0 {
                a.add(ms.into())
            } else {
                b.add(ms.into())
            }
        }
        a.merge(&b);
        for (q, exact) in [(0.5, 500.0), (0.95, 950.0), (0.0, 1.0)] {
            let got = a.quantile(q).expect("not empty");
            assert!(
                (got - exact).abs() <= exact * 1.5 * ACCURACY + 1.0,
                "{q}: {got}"
            );
        }
        assert_eq!(Sketch::default().quantile(0.5), None);
    }

    #[test]
    fn bytes_round_trip_and_damage_is_noticed() {
        let mut sketch = Sketch::default();
        for ms in [0.0, 0.5, 17.0, 17.0, 1e12, f64::NAN] {
            sketch.add(ms);
        }
        let bytes = sketch.to_bytes();
        assert_eq!(Sketch::from_bytes(&bytes), Some(sketch));
        assert_eq!(Sketch::from_bytes(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Sketch::from_bytes(&[0xff; 12]), None);
    }
}
