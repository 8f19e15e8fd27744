//! How surprising a count is: tails of the negative binomial and of the beta-binomial.
//!
//! Both are over-dispersed relatives of the Poisson and the binomial with the same mean; `alpha` is the variance that
//! the rate itself has, relative to its square. Results are `-ln P(X >= k)`, because the interesting ones underflow.

use std::f64::consts::PI;

use statrs::function::beta::{beta_reg, ln_beta};
use statrs::function::factorial::ln_binomial;

use crate::verdict::thresholds::EXACT_BELOW_REQUESTS;

/// Surprise is cut off here: nothing decides on more, and infinities do not serialise.
const SURPRISE_MAX: f64 = 700.0;

/// `-ln P(X >= k)` for k failures of n requests when `expected` were expected; 0 when k is not above it.
pub fn surprise(k: f64, n: f64, expected: f64, alpha: f64) -> f64 {
    if k <= expected || expected <= 0.0 || n <= 0.0 {
        return if k > 0.0 && expected <= 0.0 {
            SURPRISE_MAX
        } else {
            0.0
        };
    }
    let value = if n < EXACT_BELOW_REQUESTS {
        beta_binomial(k, n, expected, alpha)
    } else {
        saddlepoint(k, expected, alpha)
    };
    if value.is_finite() {
        value.clamp(0.0, SURPRISE_MAX)
    } else {
        SURPRISE_MAX
    }
}

/// `P(X >= k)` of the negative binomial, exact through the incomplete beta function; for moderate counts.
pub fn chance(k: f64, expected: f64, alpha: f64) -> f64 {
    if k <= 0.0 {
        return 1.0;
    }
    if expected <= 0.0 {
        return 0.0;
    }
    if k > 10_000.0 {
        return (-surprise(k, f64::MAX, expected, alpha)).exp();
    }
    let shape = 1.0 / alpha.max(1e-6);
    beta_reg(k, shape, (expected / (expected + shape)).clamp(0.0, 1.0))
}

/// The leading term of the saddlepoint approximation to the negative binomial's tail, on a lattice (Blackwell and Hodges
/// 1959). From five nats on it is at most 0.2 below the exact tail, and never above.
fn saddlepoint(k: f64, expected: f64, alpha: f64) -> f64 {
    let shape = 1.0 / alpha.max(1e-6);
    let tilt = ((k * (expected + shape)) / (expected * (k + shape))).ln();
    let main = k * (k / expected).ln() - (k + shape) * ((k + shape) / (expected + shape)).ln();
    main + 0.5 * (2.0 * PI * k * (k + shape) / shape).ln() + (1.0 - (-tilt).exp()).ln()
}

/// The exact tail; the intra-class correlation is chosen so that the variance is that of the negative binomial.
fn beta_binomial(k: f64, n: f64, expected: f64, alpha: f64) -> f64 {
    let rate = (expected / n).clamp(1e-9, 1.0 - 1e-9);
    let correlation = (alpha * rate * n / ((1.0 - rate) * (n - 1.0).max(1.0))).clamp(1e-6, 0.99);
    let weight = 1.0 / correlation - 1.0;
    let (a, b) = (rate * weight, (1.0 - rate) * weight);
    let sum: f64 = (k.ceil() as u64..=n as u64)
        .map(|x| beta_binomial_density(x, n as u64, a, b))
        .sum();
    -sum.ln()
}

fn beta_binomial_density(x: u64, n: u64, a: f64, b: f64) -> f64 {
    let x_real = x as f64;
    (ln_binomial(n, x) + ln_beta(x_real + a, (n - x) as f64 + b) - ln_beta(a, b)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_saddlepoint_agrees_with_the_exact_tail() {
        for (k, expected, alpha) in [(20.0, 5.0, 0.1), (60.0, 20.0, 0.25), (9.0, 2.0, 0.5)] {
            let exact = -chance(k, expected, alpha).ln();
            let quick = surprise(k, 1e6, expected, alpha);
            assert!((exact - quick).abs() < 0.2, "{exact} {quick}");
        }
    }

    #[test]
    fn the_saddlepoint_errs_on_the_safe_side() {
        let counts = [6.0, 10.0, 20.0, 50.0, 200.0];
        let alphas = [0.01, 0.06, 0.1, 0.2, 0.3];
        for (k, ratio, alpha) in counts
            .into_iter()
            .flat_map(|k| [2.0, 4.0, 10.0, 50.0].map(|ratio| (k, ratio)))
            .flat_map(|(k, ratio)| alphas.map(|alpha| (k, ratio, alpha)))
        {
            let exact = -chance(k, k / ratio, alpha).ln();
            let below = exact - surprise(k, 1e6, k / ratio, alpha);
            let decides = (5.0..600.0).contains(&exact);
            assert!(
                !decides || (-1e-3..0.2).contains(&below),
                "{k} {ratio} {alpha}: {below} below {exact}"
            );
        }
    }

    #[test]
    fn few_requests_are_never_as_surprising_as_many() {
        let few = surprise(2.0, 4.0, 0.02, 0.25);
        let many = surprise(200.0, 400.0, 2.0, 0.25);
        assert!(few < 12.0 && many > 30.0, "{few} {many}");
    }

    #[test]
    fn odd_input_gives_a_number() {
        for k in [0.0, 1.0, 1e18] {
            for e in [0.0, 1e-12, 1e18] {
                assert!(surprise(k, k.max(1.0), e, 0.0).is_finite());
                assert!(chance(k, e, 0.0).is_finite());
            }
        }
    }
}
