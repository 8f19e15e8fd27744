//! How much noisier than Poisson a series is, learned from the series itself, for each look-back window.
//!
//! The moment estimator of the negative binomial's dispersion, `((K - E)^2 - K) / E^2`, weighted, shrunk to a prior and
//! slowly forgotten. It is fed with the same winsorised counts that detector A tests, so that both mean the same noise.
//! It is the one parameter that separates a calm integration from a noisy one.

use crate::verdict::thresholds as limits;

#[derive(Clone, Debug, Default)]
pub struct Overdispersion {
    windows: [Moments; limits::WINDOW_COUNT],
}

#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    weighted: f64,
    weight: f64,
}

impl Overdispersion {
    /// Learns from one finished block of window `window`: `k` failures where `expected` were.
    pub fn learn(&mut self, window: usize, k: f64, expected: f64) {
        if expected <= 0.0 {
            return;
        }
        let sigma = (expected + self.alpha(window) * expected * expected).sqrt();
        let k = k.min(expected + limits::ALPHA_CAP_SIGMAS * sigma);
        let excess = ((k - expected).powi(2) - k) / expected.powi(2);
        let weight = (expected / (expected + limits::ALPHA_HALF_WEIGHT)).powi(2);
        let minutes = limits::WINDOWS[window].minutes as f64;
        let keep = 0.5_f64.powf(minutes / limits::ALPHA_HALF_LIFE_MINUTES);
        let moments = &mut self.windows[window];
        moments.weighted = moments.weighted * keep + weight * excess;
        moments.weight = moments.weight * keep + weight;
    }

    /// The variance of the rate over a window, relative to its square.
    pub fn alpha(&self, window: usize) -> f64 {
        let nested = limits::ALPHA_NESTED_FROM.min(window)..=window;
        let own = nested.map(|shorter| self.estimate(shorter));
        own.fold(f64::INFINITY, f64::min).max(limits::ALPHA_FLOOR)
    }

    fn estimate(&self, window: usize) -> f64 {
        let moments = self.windows[window];
        let prior = limits::ALPHA_PRIOR_WEIGHT;
        let sum = moments.weighted + prior * limits::ALPHA_PRIOR[window];
        sum / (moments.weight + prior)
    }

    /// Blocks that the estimate rests on, by what each says of noise; the prior's among them.
    pub fn blocks(&self, window: usize) -> f64 {
        self.windows[window].weight + limits::ALPHA_PRIOR_WEIGHT
    }

    /// With a margin for the error of the estimate.
    pub fn alpha_high(&self, window: usize) -> f64 {
        let margin = limits::ALPHA_SIGMAS * (2.0 / self.blocks(window)).sqrt();
        self.alpha(window) * (1.0 + margin)
    }

    /// What a test uses: with a margin, and with the error of a level that rests on `known` failures.
    pub fn alpha_for_test(&self, window: usize, known: f64) -> f64 {
        self.alpha_high(window) + 1.0 / known.max(limits::PRIOR_ERRORS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calm_blocks_lower_alpha_and_noisy_ones_raise_it() {
        let (mut calm, mut noisy) = (Overdispersion::default(), Overdispersion::default());
        for block in 0..200 {
            calm.learn(0, if block % 2 == 0 { 45.0 } else { 55.0 }, 50.0);
            noisy.learn(0, if block % 2 == 0 { 10.0 } else { 90.0 }, 50.0);
        }
        assert!(calm.alpha(0) < 0.03, "{}", calm.alpha(0));
        assert!(noisy.alpha(0) > 0.5, "{}", noisy.alpha(0));
    }

    #[test]
    fn without_data_it_is_the_prior() {
        let none = Overdispersion::default();
        assert_eq!(none.alpha(2), limits::ALPHA_PRIOR[2]);
        assert!(none.alpha_for_test(2, 0.5) > 2.0);
    }
}
