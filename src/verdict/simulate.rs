//! Small synthetic series for tests: fixed seeds, no dependency.

use crate::model::evidence::{Evidence, SeriesHistory};
use crate::model::time::Timestamp;
use crate::model::window::Counts;

/// 2026-11-01T00:00:00Z, a Sunday.
pub const BEGIN: i64 = 1_793_491_200;
pub const DAY: usize = 1440;
pub const HOUR: usize = 60;

/// SplitMix64 (Steele et al. 2014).
pub struct Rng(u64);

impl Rng {
    /// The seed is mixed first: states that differ by a multiple of the step would give one stream, only shifted.
    pub fn new(seed: u64) -> Self {
        Self(mix(mix(seed.wrapping_add(0xD1B5_4A32_D192_ED03))))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// Uniform in 0..1.
    pub fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Sum of twelve uniforms: normal enough for noise.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    pub fn poisson(&mut self, mean: f64) -> u64 {
        if mean > 60.0 {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0) as u64;
        }
        let (limit, mut product, mut count) = ((-mean).exp(), self.uniform(), 0);
        while product > limit {
            product *= self.uniform();
            count += 1;
        }
        count
    }
}

fn mix(state: u64) -> u64 {
    let mut z = state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[test]
fn neighbouring_seeds_give_unrelated_streams() {
    let draw = |seed| {
        let mut rng = Rng::new(seed);
        (0..200).map(|_| rng.next()).collect::<Vec<_>>()
    };
    for seed in 0..20 {
        let (one, other) = (draw(seed), draw(seed + 1));
        assert!(one.iter().all(|value| !other.contains(value)), "{seed}");
    }
}

impl Rng {
    /// Exact for few requests; a Poisson or normal draw where that is as good.
    fn binomial(&mut self, n: u64, rate: f64) -> u64 {
        let rate = rate.clamp(0.0, 1.0);
        if n <= 30 {
            return (0..n).map(|_| u64::from(self.uniform() < rate)).sum();
        }
        let mean = n as f64 * rate;
        if rate < 0.1 {
            return self.poisson(mean).min(n);
        }
        let draw = mean + (mean * (1.0 - rate)).sqrt() * self.normal();
        (draw.round().max(0.0) as u64).min(n)
    }
}

/// How a series behaves: requests a minute and failure share at each minute, and how noisy the share is.
pub struct Story<'a> {
    pub minutes: usize,
    pub traffic: &'a dyn Fn(usize) -> f64,
    pub rate: &'a dyn Fn(usize) -> f64,
    /// Standard deviation of the logarithm of the rate, wandering over about half an hour.
    pub noise: f64,
    pub seed: u64,
}

impl Story<'_> {
    /// The windows of a minute each, quiet ones left out as the store does.
    pub fn windows(&self) -> Vec<(Timestamp, Counts)> {
        let mut rng = Rng::new(self.seed);
        let mut wander = 0.0;
        let mut windows = Vec::with_capacity(self.minutes);
        for minute in 0..self.minutes {
            wander = 0.967 * wander + 0.255 * rng.normal();
            let requests = rng.poisson((self.traffic)(minute));
            let noise = (self.noise * wander - self.noise * self.noise / 2.0).exp();
            let failures = rng.binomial(requests, (self.rate)(minute) * noise);
            if requests > 0 {
                windows.push((at(minute), counts(requests, failures)));
            }
        }
        windows
    }

    pub fn evidence(&self) -> Evidence {
        evidence(vec![series(None, self.windows())], self.minutes)
    }
}

pub fn at(minute: usize) -> Timestamp {
    Timestamp::from_secs(BEGIN + minute as i64 * 60)
}

/// A window with failures of class 5xx.
pub fn counts(requests: u64, failures: u64) -> Counts {
    Counts {
        requests,
        server_errors: failures,
        ..Counts::default()
    }
}

pub fn series(operation: Option<&str>, windows: Vec<(Timestamp, Counts)>) -> SeriesHistory {
    SeriesHistory {
        integration: "shop".to_owned(),
        operation: operation.map(str::to_owned),
        window_s: 60,
        windows,
    }
}

pub fn evidence(series: Vec<SeriesHistory>, minutes: usize) -> Evidence {
    Evidence {
        series,
        watermark: Some(at(minutes)),
        ..Evidence::default()
    }
}

/// Traffic with a daily cycle between 40 % and 160 % of the mean.
pub fn daily(mean: f64) -> impl Fn(usize) -> f64 {
    move |minute| {
        let phase = (minute % DAY) as f64 / DAY as f64 * std::f64::consts::TAU;
        mean * (1.0 - 0.6 * phase.cos())
    }
}
