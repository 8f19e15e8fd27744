//! Whether a rise shows at all: to somebody who knows the normal rate, the noise, and where to look.
//!
//! Ten failures instead of five within a night are by definition a sustained rise, and nobody can tell them from chance.
//! What even an oracle could not tell is not held against a judge.

use crate::episodes::scene::{Lane, Truth};

/// What an oracle's likelihood ratio is expected to be, in nats. A judge that looks at every minute of every series for
/// a month and may be wrong once in a hundred months needs about 13 of them at the moment of looking; a count that
/// happens to be low by one standard deviation takes five away.
const NATS: f64 = 20.0;

pub fn shows(lanes: &[Lane], truth: &Truth) -> bool {
    let own = lanes
        .iter()
        .filter(|lane| truth.operation.is_none() || lane.operation == truth.operation);
    let (mut raised, mut normal, mut wander) = (0.0, 0.0, 0.0);
    for lane in own {
        let (k, e) = expected(lane, truth);
        raised += k;
        normal += e;
        wander += e * e * alpha(lane, truth);
    }
    nats(raised, normal, wander / (normal * normal).max(1e-12)) >= NATS
}

fn expected(lane: &Lane, truth: &Truth) -> (f64, f64) {
    let own = lane
        .streams
        .iter()
        .filter(|stream| stream.class == truth.class);
    let minutes = own.flat_map(|stream| {
        (truth.onset..truth.end).map(|at| (lane.traffic[at], stream.rate[at], stream.normal[at]))
    });
    minutes.fold((0.0, 0.0), |sum, (asked, rate, normal)| {
        (sum.0 + asked * rate, sum.1 + asked * normal)
    })
}

/// What is left of the noise in the mean over the whole episode.
fn alpha(lane: &Lane, truth: &Truth) -> f64 {
    let independent = (truth.end - truth.onset) as f64 / (2.0 * lane.noise.minutes);
    lane.noise.alpha / independent.max(1.0)
}

/// The likelihood ratio of the negative binomial.
fn nats(k: f64, e: f64, alpha: f64) -> f64 {
    if k <= e {
        return 0.0;
    }
    let shape = 1.0 / alpha.max(1e-3);
    k * (k / e.max(1e-9)).ln() - (k + shape) * ((k + shape) / (e + shape)).ln()
}
