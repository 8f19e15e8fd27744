//! The counts of one series so far, as running sums, so that any stretch costs one subtraction.

use std::ops::Sub;

use crate::verdict::thresholds as limits;

/// Sums over a stretch of cells. `n`, `k`, `e` and `base` leave out the pattern minutes, which are not tested.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Requests.
    pub n: f64,
    /// Failures.
    pub k: f64,
    /// Failures expected at the rate that tests allow.
    pub e: f64,
    /// Failures expected at the normal rate, which rise factors refer to.
    pub base: f64,
    /// Requests, failures and normally expected failures including pattern minutes.
    pub all_n: f64,
    pub all_k: f64,
    pub all_base: f64,
    /// Failures and expected ones where nothing is allowed for: what teaches how noisy the series is.
    pub plain_k: f64,
    pub plain_e: f64,
}

impl Sub for Tally {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            n: self.n - other.n,
            k: self.k - other.k,
            e: (self.e - other.e).max(0.0),
            base: (self.base - other.base).max(0.0),
            all_n: self.all_n - other.all_n,
            all_k: self.all_k - other.all_k,
            all_base: (self.all_base - other.all_base).max(0.0),
            plain_k: self.plain_k - other.plain_k,
            plain_e: (self.plain_e - other.plain_e).max(0.0),
        }
    }
}

impl Tally {
    pub fn share(&self) -> f64 {
        if self.n > 0.0 { self.k / self.n } else { 0.0 }
    }

    pub fn expected_share(&self) -> f64 {
        if self.n > 0.0 { self.e / self.n } else { 0.0 }
    }
}

/// What a request is expected to fail with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    /// Normal at this time of day.
    pub centre: f64,
    /// The most that is still normal: bursts that come back are allowed for.
    pub allowed: f64,
    /// What rise factors are measured against.
    pub base: f64,
}

impl Price {
    /// Is more allowed for than what is normal at this time of day?
    fn is_plain(&self) -> bool {
        self.allowed <= limits::ALLOW_PARTLY * self.centre
    }

    /// An allowance explains failures and expects none: a burst that does not come leaves no room for others.
    fn explained(&self, most: f64, n: f64, k: f64) -> f64 {
        let normal = n * self.centre;
        k.clamp(normal, normal.max(n * most))
    }
}

/// What is known of a cell before its counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expected {
    Tested(Price),
    /// A pattern minute, which is not tested, and the share that usually fails in it.
    Pattern(f64),
}

/// Append-only; one entry a cell, empty cells included.
#[derive(Clone, Debug)]
pub struct History {
    sums: Vec<Tally>,
}

impl History {
    pub fn new() -> Self {
        Self {
            sums: vec![Tally::default()],
        }
    }

    pub fn len(&self) -> usize {
        self.sums.len() - 1
    }

    pub fn push(&mut self, n: f64, k: f64, expected: Expected) {
        let mut sum = self.sums[self.sums.len() - 1];
        sum.all_n += n;
        sum.all_k += k;
        match expected {
            Expected::Pattern(share) => sum.all_base += n * share,
            Expected::Tested(price) => {
                sum.n += n;
                sum.k += k;
                let base = price.explained(price.base, n, k);
                sum.e += price.explained(price.allowed, n, k);
                sum.base += base;
                sum.all_base += base;
                if price.is_plain() {
                    sum.plain_k += k;
                    sum.plain_e += n * price.centre;
                }
            }
        }
        self.sums.push(sum);
    }

    /// The sums over cells `from..to`; what lies outside the history counts as empty.
    pub fn between(&self, from: usize, to: usize) -> Tally {
        let to = to.min(self.len());
        self.sums[to] - self.sums[from.min(to)]
    }

    pub fn cell(&self, cell: usize) -> Tally {
        self.between(cell, cell + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_a_difference_and_never_leaves_the_history() {
        let mut history = History::new();
        let price = Price {
            centre: 0.1,
            allowed: 0.2,
            base: 0.1,
        };
        history.push(10.0, 1.0, Expected::Tested(price));
        history.push(10.0, 9.0, Expected::Pattern(0.8));
        let all = history.between(0, 99);
        assert_eq!(
            (all.n, all.k, all.all_n, all.all_k),
            (10.0, 1.0, 20.0, 10.0)
        );
        assert_eq!((all.base, all.all_base), (1.0, 9.0));
        assert_eq!(history.between(5, 3), Tally::default());
    }
}
