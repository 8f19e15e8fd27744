//! Days put together: sums without the highest day, and the highest shares that are clearly above a floor.
//!
//! What was seen on one day only is chance; what is second highest has come back.

use crate::verdict::thresholds as limits;

/// So few failures are clear of nothing: `lower` is not above 0. Most slots have no more, and are done with at a glance.
const SHOWN_MIN: f64 = 3.0;

/// The share, cautiously estimated, if that is above `floor`, which is above 0.
pub fn clear_share(n: f64, k: f64, floor: f64) -> Option<f64> {
    // Both are far from deciding a close case, and spare the root.
    if k <= SHOWN_MIN || k <= floor * n {
        return None;
    }
    Some(lower(n, k)).filter(|share| *share > floor)
}

/// A cautious estimate: `(k - 1.5 sqrt(k + 1)) / n`.
fn lower(n: f64, k: f64) -> f64 {
    if n > 0.0 {
        (k - limits::ALLOW_SIGMAS * (k + 1.0).sqrt()) / n
    } else {
        0.0
    }
}

/// Several days of one slot, and the one of them with the highest share.
#[derive(Default)]
pub struct Pool {
    pub days: usize,
    pub n: f64,
    pub k: f64,
    highest: (f64, f64),
}

impl Pool {
    pub fn add(&mut self, n: f64, k: f64) {
        if n <= 0.0 {
            return;
        }
        let (top_n, top_k) = self.highest;
        if self.days == 0 || k * top_n > top_k * n {
            self.highest = (n, k);
        }
        self.days += 1;
        self.n += n;
        self.k += k;
    }

    /// The sums without the highest day if that is an outlier: clearly above the others. Leaving it out whatever it is
    /// would bias small counts down.
    pub fn without_outlier(&self) -> (f64, f64) {
        let (n, k) = self.without_highest();
        let clear = lower(self.highest.0, self.highest.1);
        if n > 0.0 && clear > limits::ALLOW_PARTLY * k / n {
            return (n, k);
        }
        (self.n, self.k)
    }

    /// The sums without the day that had the highest share.
    pub fn without_highest(&self) -> (f64, f64) {
        (self.n - self.highest.0, self.k - self.highest.1)
    }
}

/// The three highest shares that are clearly above a floor.
pub struct Highest([f64; 3]);

impl Highest {
    pub fn new() -> Self {
        Self([0.0; 3])
    }

    /// Takes a day's counts, if their share is clearly above `floor`.
    pub fn offer(&mut self, n: f64, k: f64, floor: f64) {
        if clear_share(n, k, floor).is_none() {
            return;
        }
        let mut rate = k / n;
        for place in &mut self.0 {
            if rate > *place {
                std::mem::swap(place, &mut rate);
            }
        }
    }

    /// The highest, second or third highest share; 0 where there were not so many.
    pub fn rank(&self, rank: usize) -> f64 {
        self.0[rank - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_with_at_a_glance_is_not_clear() {
        for k in 0..=SHOWN_MIN as u32 {
            assert!(lower(1.0, f64::from(k)) <= 0.0, "{k}");
        }
        assert!(lower(10.0, SHOWN_MIN + 1.0) > 0.0);
    }

    #[test]
    fn one_day_leaves_nothing_and_is_no_second() {
        let mut pool = Pool::default();
        let mut highest = Highest::new();
        for (n, k) in [(100.0, 50.0), (0.0, 0.0)] {
            pool.add(n, k);
            highest.offer(n, k, 0.1);
        }
        assert_eq!(pool.without_highest(), (0.0, 0.0));
        assert_eq!((highest.rank(1), highest.rank(2)), (0.5, 0.0));
        highest.offer(10.0, 2.0, 0.1);
        assert_eq!(
            highest.rank(2),
            0.0,
            "two of ten are not clearly above a tenth"
        );
    }
}
