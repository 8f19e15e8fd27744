//! Draws the counts of a scene: what a judge gets to see.

use crate::episodes::random::Random;
use crate::episodes::scene::{Class, Lane, Noise, Scene};

/// What was counted on one operation in a minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub minute: usize,
    pub requests: u64,
    pub throttled: u64,
    pub server_errors: u64,
    pub no_response: u64,
}

impl Counts {
    fn add(&mut self, class: Class, failures: u64) {
        let sum = self.throttled + self.server_errors + self.no_response;
        let failures = failures.min(self.requests - sum);
        match class {
            Class::Server => self.server_errors += failures,
            Class::Throttled => self.throttled += failures,
            Class::None => self.no_response += failures,
        }
    }
}

pub struct Sampled {
    pub operation: Option<&'static str>,
    pub counts: Vec<Counts>,
    /// For each minute the noise that was on the rates.
    pub noise: Vec<f32>,
}

/// Minutes without requests are left out, as a store does.
pub fn sample(scene: &mut Scene) -> Vec<Sampled> {
    let mut random = scene.random.branch();
    let shuffled = scene.shuffled;
    let lanes = scene.lanes.iter();
    let mut all: Vec<Sampled> = lanes.map(|lane| draw(lane, &mut random.branch())).collect();
    if shuffled {
        for sampled in &mut all {
            tear(&mut sampled.counts, &mut random);
        }
    }
    all
}

fn draw(lane: &Lane, random: &mut Random) -> Sampled {
    let mut noise = Wander::new(lane.noise, random);
    let mut sampled = Sampled {
        operation: lane.operation,
        counts: Vec::new(),
        noise: Vec::with_capacity(lane.traffic.len()),
    };
    for (minute, traffic) in lane.traffic.iter().enumerate() {
        let factor = noise.next(random);
        sampled.noise.push(factor as f32);
        let requests = random.poisson(*traffic);
        if requests > 0 {
            let mut counts = Counts {
                minute,
                requests,
                ..Counts::default()
            };
            for stream in &lane.streams {
                let rate = stream.rate[minute];
                let rate = if rate > 0.5 {
                    rate
                } else {
                    (rate * factor).min(1.0)
                };
                counts.add(stream.class, random.binomial(requests, rate));
            }
            sampled.counts.push(counts);
        }
    }
    sampled
}

/// A log-normal factor of mean one whose logarithm is an autoregression.
struct Wander {
    sigma: f64,
    keep: f64,
    state: f64,
}

impl Wander {
    fn new(noise: Noise, random: &mut Random) -> Self {
        Self {
            sigma: (1.0 + noise.alpha).ln().sqrt(),
            keep: (-1.0 / noise.minutes).exp(),
            state: random.normal(),
        }
    }

    fn next(&mut self, random: &mut Random) -> f64 {
        let fresh = (1.0 - self.keep * self.keep).sqrt();
        self.state = self.keep * self.state + fresh * random.normal();
        (self.sigma * self.state - self.sigma * self.sigma / 2.0).exp()
    }
}

/// Splits windows in parts and puts them out of order, as several shippers would send them.
fn tear(counts: &mut Vec<Counts>, random: &mut Random) {
    let mut parts = Vec::with_capacity(2 * counts.len());
    for whole in counts.drain(..) {
        let one = Counts {
            requests: whole.requests / 2,
            server_errors: whole.server_errors.min(whole.requests / 2) / 2,
            ..Counts {
                minute: whole.minute,
                ..Counts::default()
            }
        };
        let rest = Counts {
            requests: whole.requests - one.requests,
            server_errors: whole.server_errors - one.server_errors,
            ..whole
        };
        parts.extend([one, rest].into_iter().filter(|part| part.requests > 0));
    }
    for at in 0..parts.len() {
        let other = random.between(at, (at + 90).min(parts.len() - 1));
        parts.swap(at, other);
    }
    *counts = parts;
}
